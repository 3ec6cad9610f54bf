//! What messages and schemas say of a declaration: what a kind asks for, which properties there are.

use crate::text::{fill, length};
use crate::tool::{Param, ParamType, Property, StringFormat};

/// The properties of an object: a tool's arguments, or those of a part of one.
#[derive(Clone, Copy)]
pub(super) enum Props<'t> {
    Arguments(&'t [Param]),
    Of(&'t [Property]),
}

impl<'t> Props<'t> {
    pub(super) fn get(self, at: usize) -> Option<&'t Property> {
        match self {
            Props::Arguments(params) => params.get(at).map(|param| &param.prop),
            Props::Of(props) => props.get(at),
        }
    }

    pub(super) fn names(self) -> Vec<&'static str> {
        let mut names = Vec::new();
        while let Some(prop) = self.get(names.len()) {
            names.push(prop.name);
        }
        names
    }
}

/// What a kind asks for, in words: "a whole number from 1 to 2000".
pub(super) fn expected(kind: &ParamType) -> String {
    let words = match kind {
        ParamType::Boolean => "true or false",
        ParamType::Integer { min, max } => {
            let form =
                if *max == i64::MAX { "a whole number from {}" } else { "a whole number from {} to {}" };
            return fill(form, &[&*min.to_string(), &*max.to_string()]);
        }
        ParamType::Text(text) => {
            let (form, first) = match (text.min, text.max) {
                (0, u32::MAX) => ("", 0),
                (0, max) => (" of at most {} characters", max),
                (1, u32::MAX) => (" that is not empty", 0),
                (min, u32::MAX) => (" of at least {} characters", min),
                (min, _) => (" of {} to {} characters", min),
            };
            let size = fill(form, &[&first.to_string(), &text.max.to_string()]);
            let form = match text.form {
                StringFormat::Any => "a text{}",
                StringFormat::ConnectionId | StringFormat::IntegrationKey | StringFormat::Name => {
                    "a text{} made of {}"
                }
                form => return form.words().to_owned(),
            };
            return fill(form, &[&size, text.form.words()]);
        }
        ParamType::Choice(options) => return format!("one of {}", join(options)),
        ParamType::List { .. } => "a list",
        ParamType::OneOrMany(of) => return format!("{}, or a list of them", expected(of)),
        ParamType::NameOr { name, .. } => return format!("{}, or an object", expected(name)),
        ParamType::Json => "any JSON value",
        ParamType::Body => "an object, a list or a text",
        ParamType::QueryValue => "a text, number or boolean, or a list of them",
        ParamType::Object(_)
        | ParamType::Open(_)
        | ParamType::Map { .. }
        | ParamType::Tags { .. }
        | ParamType::Tagged(_) => "an object",
    };
    words.to_owned()
}

/// `` `a`, `b` or `c` `` without the or: names in backticks.
pub(super) fn join(names: &[&str]) -> String {
    format!("`{}`", crate::text::join(names, "`, `"))
}

/// The length of a text as the server counts it: in UTF-16 units, two for an emoji.
pub(super) fn units(text: &str) -> usize {
    // Characters of four bytes are those of two units.
    length(text) + text.bytes().filter(|b| *b >= 0xf0).count()
}
