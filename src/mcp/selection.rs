//! The selection of tools: by the operator of a server in its options, by a client in the URL or by headers.

use std::fmt;
use std::str::FromStr;

use super::definition::ToolDefinition;
use crate::error::{Error, Issues};
use crate::settings::{self, ALL_TOOLSETS, INVALID_OPTION};
use crate::tool::{self, Toolset};
use crate::tools;

/// A selection of tools.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The only toolsets, by name; `all` stands for every one.
    pub toolsets: Option<Vec<String>>,
    /// The only tools, by name or alias.
    pub tools: Option<Vec<String>>,
    /// Tools that are left out, by name or alias.
    pub exclude: Option<Vec<String>>,
    /// Only tools that change nothing; reads through the proxy only where `tools` names them.
    pub read_only: bool,
    /// How the tools are shown.
    pub mode: Option<Mode>,
}

/// How tools are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// All are listed.
    Tools,
    /// Only three tools are listed, which find, describe and run the others.
    Search,
}

/// The names of [`Mode`].
pub(super) const MODES: &[&str] = &[Mode::Tools.as_str(), Mode::Search.as_str()];

impl Mode {
    /// The name used in options, URLs and headers: `tools`, `search`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Mode::Tools => "tools",
            Mode::Search => "search",
        }
    }

    /// Every mode.
    pub const ALL: &'static [Mode] = &[Mode::Tools, Mode::Search];
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Mode {
    type Err = Error;

    fn from_str(name: &str) -> Result<Mode, Error> {
        tool::named(name, Mode::ALL, Mode::as_str, "mode")
    }
}

impl Selection {
    /// From strings in a URL, in headers or in environment variables: `toolsets`, `tools` and `exclude` (names
    /// separated by commas), `readonly` (anything but `false`, `no` and `0`) and `mode` (`tools` or `search`).
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
        let given_mode = word("mode");
        let mode = given_mode.as_deref().and_then(|name| name.parse().ok());
        if let Some(word) = given_mode.filter(|_| mode.is_none()) {
            checked(settings::unknown(&["mode"], "mode", &word, MODES).into())?;
        }
        Ok(Selection {
            toolsets: names("toolsets"),
            tools: names("tools"),
            exclude: names("exclude"),
            read_only: word("readonly").is_some_and(|word| !is_no(&word)),
            mode,
        })
    }

    /// The tools of `all` that it selects.
    pub(super) fn apply(&self, all: &mut Vec<ToolDefinition>) {
        let named = |list: &[String], tool: &ToolDefinition| {
            tool.names().any(|name| list.iter().any(|wanted| wanted == name))
        };
        let in_toolsets = |list: &[String], tool: &ToolDefinition| {
            tool.toolset()
                .is_some_and(|toolset| list.iter().any(|name| name == toolset || name == ALL_TOOLSETS))
        };
        all.retain(|tool| {
            let listed = self.tools.as_ref().map(|list| named(list, tool));
            let reads = tool.is_read_only() && (listed == Some(true) || !tool.is_proxy());
            self.toolsets.as_ref().is_none_or(|list| in_toolsets(list, tool))
                && listed != Some(false)
                && !self.exclude.as_ref().is_some_and(|list| named(list, tool))
                && (!self.read_only || reads)
        });
    }

    /// Whether it names toolsets or tools.
    pub(super) fn chooses(&self) -> bool {
        self.toolsets.is_some() || self.tools.is_some()
    }

    /// Checks the selection of an operator: each name must be in `all` or in the table, since callers may see a part.
    ///
    /// # Errors
    /// `invalid_option`: every name that is unknown.
    pub(super) fn check_own(&self, all: &[ToolDefinition]) -> Result<(), Error> {
        let (mut known_toolsets, mut known_tools) = known(all);
        for toolset in Toolset::ALL {
            add(&mut known_toolsets, toolset.as_str());
        }
        add(&mut known_toolsets, ALL_TOOLSETS);
        for tool in tools::all() {
            add(&mut known_tools, tool.slug);
            for alias in tool.aliases {
                add(&mut known_tools, alias);
            }
        }
        let mut issues = unknown("toolsets", "toolset", &self.toolsets, &known_toolsets);
        issues.append(unknown("tools", "tool", &self.tools, &known_tools));
        issues.append(unknown("exclude", "tool", &self.exclude, &known_tools));
        checked(issues)
    }

    /// Checks the selection of a caller: each name must be in `all`, the tools that the caller can see.
    ///
    /// # Errors
    /// `invalid_option`: every name that is unknown.
    pub(super) fn check_asked(&self, all: &[ToolDefinition]) -> Result<(), Error> {
        let (mut known_toolsets, known_tools) = known(all);
        add(&mut known_toolsets, ALL_TOOLSETS);
        let mut issues = unknown("toolsets", "toolset", &self.toolsets, &known_toolsets);
        issues.append(unknown("tools", "tool", &self.tools, &known_tools));
        checked(issues)
    }
}

/// The toolsets of `all`, in their order.
pub(super) fn toolsets(all: &[ToolDefinition]) -> impl Iterator<Item = &str> {
    all.iter().filter_map(ToolDefinition::toolset)
}

/// The toolsets of `all`, each once, and the names of its tools.
fn known(all: &[ToolDefinition]) -> (Vec<&str>, Vec<&str>) {
    let (mut known_toolsets, mut known_tools) = (Vec::new(), Vec::new());
    for toolset in toolsets(all) {
        add(&mut known_toolsets, toolset);
    }
    for name in all.iter().flat_map(ToolDefinition::names) {
        add(&mut known_tools, name);
    }
    (known_toolsets, known_tools)
}

fn add<'a>(all: &mut Vec<&'a str>, name: &'a str) {
    if !all.contains(&name) {
        all.push(name);
    }
}

/// An issue for each name that is `wanted` by the option `option` and not `known`.
fn unknown(option: &str, what: &str, wanted: &Option<Vec<String>>, known: &[&str]) -> Issues {
    let wanted = wanted.iter().flatten().enumerate().filter(|(_, name)| !known.contains(&name.as_str()));
    let mut issues = Issues::default();
    issues.extend_with(wanted, |(at, name)| settings::unknown(&[option, &at.to_string()], what, name, known));
    issues
}

/// The error of a selection with these issues, if there are any.
fn checked(issues: Issues) -> Result<(), Error> {
    if issues.is_empty() { Ok(()) } else { Err(settings::error("selection", INVALID_OPTION, issues)) }
}
