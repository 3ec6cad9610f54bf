//! Which tools somebody wants to see: the operator of a server in its options, a client in the URL or by headers.

use super::definition::ToolDefinition;
use super::problems::Problems;
use crate::error::Error;
use crate::tool::Toolset;
use crate::tools;

/// Which tools somebody wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The only toolsets, by name.
    pub toolsets: Option<Vec<String>>,
    /// The only tools, by name or alias.
    pub tools: Option<Vec<String>>,
    /// Tools that are left out, by name or alias.
    pub exclude: Option<Vec<String>>,
    /// Only tools that change nothing.
    pub read_only: bool,
    /// How the tools are shown.
    pub mode: Option<Mode>,
}

/// How tools are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Each is listed.
    Tools,
    /// Three tools that find, describe and run the others are listed in place of them.
    Search,
}

/// The names of [`Mode`].
pub(super) const MODES: &[(&str, Mode)] = &[("tools", Mode::Tools), ("search", Mode::Search)];

impl Selection {
    /// From words as a URL, headers or an environment give them: `toolsets`, `tools` and `exclude` (names with commas
    /// between them), `readonly` (anything but `false`, `no` and `0`) and `mode` (`tools` or `search`).
    ///
    /// # Errors
    /// `invalid_option`: there is no such mode.
    pub fn from_words(word: impl Fn(&str) -> Option<String>) -> Result<Selection, Error> {
        let names = |name: &str| {
            let names = word(name)?;
            let names = names.split(',').map(|name| name.trim_matches([' ', '\t']));
            Some(names.filter(|name| !name.is_empty()).map(str::to_owned).collect())
        };
        let is_no = |word: &String| ["false", "0", "no"].iter().any(|no| word.eq_ignore_ascii_case(no));
        let mut problems = Problems::default();
        let mode = word("mode").and_then(|word| problems.one_of("mode", &word, MODES));
        problems.done()?;
        Ok(Selection {
            toolsets: names("toolsets"),
            tools: names("tools"),
            exclude: names("exclude"),
            read_only: word("readonly").is_some_and(|word| !is_no(&word)),
            mode,
        })
    }

    /// What of `all` it selects.
    pub(super) fn apply(&self, all: &mut Vec<ToolDefinition>) {
        let named = |list: &[String], tool: &ToolDefinition| {
            tool.names().any(|name| list.iter().any(|wanted| wanted == name))
        };
        let in_toolsets = |list: &[String], tool: &ToolDefinition| {
            tool.toolset().is_some_and(|toolset| list.iter().any(|name| name == toolset))
        };
        all.retain(|tool| {
            self.toolsets.as_ref().is_none_or(|list| in_toolsets(list, tool))
                && self.tools.as_ref().is_none_or(|list| named(list, tool))
                && !self.exclude.as_ref().is_some_and(|list| named(list, tool))
                && (!self.read_only || tool.is_read_only())
        });
    }

    /// Checks the selection of an operator: what it names must be among `all` or in the table, since callers see parts.
    ///
    /// # Errors
    /// `invalid_option`: every name that is unknown.
    pub(super) fn check_own(&self, all: &[ToolDefinition]) -> Result<(), Error> {
        let known =
            || tools::all().flat_map(|tool| std::iter::once(tool.slug).chain(tool.aliases.iter().copied()));
        let mut problems = Problems::default();
        let toolsets = toolsets(all).chain(Toolset::ALL.iter().map(|toolset| toolset.as_str()));
        unknown(&mut problems, "toolset", &self.toolsets, toolsets);
        for list in [&self.tools, &self.exclude] {
            unknown(&mut problems, "tool", list, names(all).chain(known()));
        }
        problems.done()
    }

    /// Checks the selection of a caller: what it asks for must be among `all`, what that caller can see.
    ///
    /// # Errors
    /// `invalid_option`: every name that is unknown.
    pub(super) fn check_asked(&self, all: &[ToolDefinition]) -> Result<(), Error> {
        let mut problems = Problems::default();
        unknown(&mut problems, "toolset", &self.toolsets, toolsets(all));
        unknown(&mut problems, "tool", &self.tools, names(all));
        problems.done()
    }
}

/// The toolsets of `all`, in their order.
pub(super) fn toolsets(all: &[ToolDefinition]) -> impl Iterator<Item = &str> {
    all.iter().filter_map(ToolDefinition::toolset)
}

fn names(all: &[ToolDefinition]) -> impl Iterator<Item = &str> {
    all.iter().flat_map(ToolDefinition::names)
}

/// Notes each of `wanted` that is not `known`.
fn unknown<'a>(
    problems: &mut Problems,
    what: &str,
    wanted: &Option<Vec<String>>,
    known: impl Iterator<Item = &'a str>,
) {
    let Some(wanted) = wanted else { return };
    let mut all: Vec<&str> = Vec::new();
    for name in known {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    for name in wanted.iter().filter(|name| !all.contains(&name.as_str())) {
        problems.unknown(what, name, &all);
    }
}
