//! The list of all tools: one slice per domain, found by slug or alias. A tool's data is in its
//! domain's file and nowhere else.

use crate::tool::Tool;

mod common;
pub mod connections;

/// The slices of all domains, in the order of listings.
pub(crate) static DOMAINS: &[&[Tool]] = &[connections::TOOLS];

/// Every listed tool.
pub fn all() -> impl Iterator<Item = &'static Tool> {
    DOMAINS.iter().flat_map(|domain| domain.iter())
}

/// The tool with this slug or alias; case matters not.
pub fn find(name: &str) -> Option<&'static Tool> {
    all()
        .find(|t| t.slug.eq_ignore_ascii_case(name) || t.aliases.iter().any(|a| a.eq_ignore_ascii_case(name)))
}
