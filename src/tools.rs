//! The list of all tools: one slice per domain, found by slug or alias. A tool's data is in its
//! domain's file and nowhere else.

use std::sync::OnceLock;

use crate::error::{Error, Kind};
use crate::nearest::ranked;
use crate::text::{clip, fill, join};
use crate::tool::Tool;

pub mod actions;
mod common;
pub mod connect;
pub mod connections;
pub mod environment;
pub mod integrations;
pub mod metadata;
mod packed;
pub mod providers;
pub mod proxy;
pub mod syncs;

use packed::{Pack, Unpack};

/// The slices of all domains, in the order of listings.
const DOMAINS: &[&[Tool]] = &[
    providers::TOOLS,
    integrations::TOOLS,
    connections::TOOLS,
    metadata::TOOLS,
    connect::TOOLS,
    syncs::TOOLS,
    actions::TOOLS,
    proxy::TOOLS,
    environment::TOOLS,
];

const PACK: Pack = Pack::of(DOMAINS);
const BYTES: &[u8] = &PACK.bytes::<{ PACK.len() }>();
/// Texts and numbers below 128 are UTF-8; anything else stops the build here.
const _: () = assert!(str::from_utf8(BYTES).is_ok(), "the packed table is UTF-8");
static PACKED: &str = match str::from_utf8(BYTES) {
    Ok(text) => text,
    Err(_) => "",
};
static TOOLS: OnceLock<Vec<Tool>> = OnceLock::new();

/// Every listed tool.
pub fn all() -> impl Iterator<Item = &'static Tool> {
    TOOLS.get_or_init(|| Unpack::all(PACKED)).iter()
}

/// The tool with this slug or alias; case matters not.
pub fn find(name: &str) -> Option<&'static Tool> {
    all()
        .find(|t| t.slug.eq_ignore_ascii_case(name) || t.aliases.iter().any(|a| a.eq_ignore_ascii_case(name)))
}

/// The error for a name that no tool has: it names the nearest slugs.
pub fn unknown(name: &str) -> Error {
    let name = clip(name, 64);
    let near = join(&ranked(&name, all().map(|t| t.slug), 3), ", ");
    Error::new(Kind::UnknownTool, fill("there is no tool `{}`", &[&name]))
        .hint(fill("the nearest are {}", &[&near]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_back_as_it_was_written() {
        let written: Vec<&Tool> = DOMAINS.iter().flat_map(|domain| domain.iter()).collect();
        let read: Vec<&Tool> = all().collect();
        assert_eq!(format!("{read:#?}"), format!("{written:#?}"));
    }
}
