//! Results that are too long for a model: arrays and strings in them are truncated until they fit, and a note says
//! what was truncated and how to request less.

use crate::json::{Object, Value, beginning, to_text};
use crate::text::end_of;

/// Arguments that decide what a provider or a function returns: if a tool has them, nothing else reduces its result.
const FORWARDED: &[&str] = &["any_path", "query_params", "input"];
/// Arguments that reduce the result of a tool.
const NARROWING: &[&str] = &[
    "search",
    "limit",
    "page",
    "connection_id",
    "provider_config_key",
    "end_user_id",
    "tags",
    "sync_name",
    "query",
    "fields",
];
/// How many times as long as it may be a value is far too long.
const FAR_TOO_LONG: usize = 4;
/// Objects keep at least this many properties: those of an answer itself.
const PROPERTIES: usize = 32;

/// Truncates `data` (or the details of an error) in a result from `was` bytes of JSON to at most `most`, records
/// that in `meta.truncated`, and returns the note. `arguments` are the names of the tool's arguments.
pub(super) fn shrink(result: &mut Object, arguments: &[String], most: usize, was: usize) -> String {
    let (mut items, mut characters) = (1 << 12, 1 << 16);
    let note = note(arguments, most, was);
    let mut kept = most.saturating_sub(note.len() + 200);
    for part in ["data", "error"] {
        let Some(value) = result.get_mut(part) else { continue };
        loop {
            let long = to_text(value).len();
            if long <= kept {
                kept -= long;
                break;
            }
            if items <= 1 {
                *value = Value::Null;
                break;
            }
            // Strings are kept longer than arrays.
            items /= 2;
            characters /= 2;
            truncate(value, items, characters.max(64));
            // What is far too long is not written again and again.
            if long > FAR_TOO_LONG * most {
                *value = beginning(value, &mut (FAR_TOO_LONG * most));
            }
        }
    }
    if let Some(Value::Object(meta)) = result.get_mut("meta") {
        meta.insert("truncated".to_owned(), Value::from(note.as_str()));
    }
    note
}

fn note(arguments: &[String], most: usize, was: usize) -> String {
    let among = |all: &[&'static str]| -> Vec<&'static str> {
        all.iter().filter(|name| arguments.iter().any(|one| one == *name)).copied().collect()
    };
    let mut names = among(FORWARDED);
    if names.is_empty() {
        names = among(NARROWING);
    }
    let way = if names.is_empty() {
        "request a single object by its id, or fewer objects".to_owned()
    } else {
        format!("narrow it with {}", names.join(", "))
    };
    format!(
        "This result was truncated: it had {was} bytes, and {most} are allowed; lists and strings in it are \
         not complete. To see the rest, {way}."
    )
}

/// Truncates arrays to `items` and strings to `characters`, at every depth.
fn truncate(value: &mut Value, items: usize, characters: usize) {
    match value {
        Value::String(text) => {
            let end = end_of(text, characters);
            if end < text.len() {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(all) => {
            all.truncate(items);
            all.iter_mut().for_each(|one| truncate(one, items, characters));
        }
        Value::Object(map) => {
            let most = items.max(PROPERTIES);
            if map.len() > most {
                *map = core::mem::take(map).into_iter().take(most).collect();
            }
            map.values_mut().for_each(|one| truncate(one, items, characters));
        }
        _ => {}
    }
}
