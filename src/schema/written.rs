//! The schemas of the table's tools as text, each written once: lists of tools are made often.

use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

use super::{output, wire};
use crate::tool::Tool;
use crate::tools;

/// The schemas of one tool, from when they are needed first.
struct Written {
    tool: &'static Tool,
    input: OnceLock<String>,
    output: OnceLock<String>,
}

static ALL: LazyLock<Vec<Written>> = LazyLock::new(|| {
    tools::all().map(|tool| Written { tool, input: OnceLock::new(), output: OnceLock::new() }).collect()
});

fn of(tool: &Tool) -> Option<&'static Written> {
    ALL.iter().find(|written| std::ptr::eq(written.tool, tool))
}

/// As [`wire`].
pub(crate) fn written_wire(tool: &Tool) -> Cow<'static, str> {
    match of(tool) {
        Some(written) => written.input.get_or_init(|| wire(tool)).as_str().into(),
        None => wire(tool).into(),
    }
}

/// As [`output`].
pub(crate) fn written_output(tool: &Tool) -> Cow<'static, str> {
    match of(tool) {
        Some(written) => written.output.get_or_init(|| output(tool)).as_str().into(),
        None => output(tool).into(),
    }
}
