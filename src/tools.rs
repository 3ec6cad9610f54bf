//! The list of all tools: one slice per domain, found by slug or alias. A tool's data is in its
//! domain's file and nowhere else.

use crate::error::{Error, ErrorKind};
use crate::nearest::ranked;
use crate::text::clip;
use crate::tool::Tool;

pub mod account;
pub mod actions;
pub mod agents;
mod common;
pub mod connect;
pub mod connections;
pub mod environment;
pub mod function_jobs;
pub mod functions;
pub mod integrations;
pub mod metadata;
pub mod providers;
pub mod proxy;
pub mod records;
pub mod syncs;

/// The slices of all domains, in the order of listings.
static DOMAINS: &[&[Tool]] = &[
    providers::TOOLS,
    integrations::TOOLS,
    connections::TOOLS,
    metadata::TOOLS,
    connect::TOOLS,
    syncs::TOOLS,
    records::TOOLS,
    actions::TOOLS,
    functions::TOOLS,
    function_jobs::TOOLS,
    proxy::TOOLS,
    environment::TOOLS,
    account::TOOLS,
    agents::TOOLS,
];

/// Every tool, also those that are not listed by default ([`Tool::listed`]).
pub fn all() -> impl Iterator<Item = &'static Tool> {
    DOMAINS.iter().flat_map(|domain| domain.iter())
}

/// The tool with this slug or alias; case is ignored.
#[must_use]
pub fn find(name: &str) -> Option<&'static Tool> {
    all()
        .find(|t| t.slug.eq_ignore_ascii_case(name) || t.aliases.iter().any(|a| a.eq_ignore_ascii_case(name)))
}

/// The error for a name that no tool has: it names the nearest slugs.
#[must_use]
pub fn unknown(name: &str) -> Error {
    let name = clip(name, 64);
    // A name that is close to an alias means that tool.
    let names = all().flat_map(|tool| tool.aliases.iter().copied().chain([tool.slug]));
    let mut near: Vec<&str> = Vec::new();
    for slug in ranked(&name, names, 6).into_iter().filter_map(|name| find(name).map(|tool| tool.slug)) {
        if near.len() < 3 && !near.contains(&slug) {
            near.push(slug);
        }
    }
    let near = near.join(", ");
    Error::new(ErrorKind::UnknownTool, format!("there is no tool `{name}`"))
        .hint(format!("the nearest are {near}"))
}
