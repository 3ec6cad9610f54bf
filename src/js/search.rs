//! Tool search for JavaScript: hits as JSON. How tools are found is in [`crate::search`].

use std::sync::OnceLock;

use crate::call::Options;
use crate::json::Writer;
use crate::options::Filter;
use crate::search::Index;
use crate::tools;

/// Hits that are returned unless the caller says otherwise.
const LIMIT: u64 = 5;

/// Created at the first search, since creating it takes as long as several searches.
static INDEX: OnceLock<Index> = OnceLock::new();

/// The tools that fit `text`, best first: `[{ slug, title, description, toolset, effect, score, matched }]`.
pub(super) fn search(text: &str, filter: &Filter, options: &Options, w: &mut Writer) {
    let limit = filter.limit.unwrap_or(LIMIT) as usize;
    w.open_array();
    let index = INDEX.get_or_init(|| Index::new(tools::all()));
    for hit in index.find(text, limit, &|tool| filter.selects(tool) && options.lists(tool)) {
        super::name(hit.tool, options, w);
        let matched: Vec<&str> = hit.matched.iter().map(String::as_str).collect();
        w.key("score").integer(i64::from(hit.score)).key("matched").texts(&matched).close();
    }
    w.close_array();
}
