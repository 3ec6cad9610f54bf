//! Tool search for JavaScript: hits as JSON. How tools are found is in [`crate::search`].

use std::sync::OnceLock;

use super::options::Filter;
use crate::json::Writer;
use crate::search::Index;
use crate::tools;

/// Hits that are returned unless the caller says otherwise.
const LIMIT: u64 = 5;

/// Made at the first search, since it takes as long as several.
static INDEX: OnceLock<Index> = OnceLock::new();

/// The tools that fit `text`, best first: `[{ slug, title, description, toolset, effect, score, matched }]`.
pub(super) fn search(text: &str, filter: &Filter, w: &mut Writer) {
    let limit = filter.limit.unwrap_or(LIMIT) as usize;
    w.open_array();
    let index = INDEX.get_or_init(|| Index::new(tools::all()));
    for hit in index.find(text, limit, &|tool| filter.selects(tool)) {
        let tool = hit.tool;
        w.open().key("slug").text(tool.slug).key("title").text(tool.title).key("description").text(tool.doc);
        w.key("toolset").text(tool.toolset.as_str()).key("effect").text(tool.effect.as_str());
        let matched: Vec<&str> = hit.matched.iter().map(String::as_str).collect();
        w.key("score").integer(i64::from(hit.score)).key("matched").texts(&matched).close();
    }
    w.close_array();
}
