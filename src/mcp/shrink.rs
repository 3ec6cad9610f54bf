//! Results that are too long for a model: lists and texts in them are cut until they fit, and it is said
//! what was cut and how to ask for less.

use crate::json::{Object, Value, to_text};
use crate::text::end_of;

/// Arguments by which a tool gives less, as far as it has them.
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
/// Objects keep at least so many properties: what an answer itself consists of.
const PROPERTIES: usize = 32;

/// Cuts `data` (and what an error holds) of a result until its JSON is at most `most` bytes of `was`, notes
/// that in `meta.truncated`, and returns the note. `takes` are the names of the tool's arguments.
pub(super) fn shrink(result: &mut Object, takes: &[&str], most: usize, was: usize) -> String {
    let (mut items, mut characters) = (1 << 12, 1 << 16);
    let note = note(takes, most, was);
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
            // The shortest lists that can be had keep the longest texts: records are worth more than prose.
            items /= 2;
            characters /= 2;
            cut(value, items, characters.max(64));
        }
    }
    if let Some(Value::Object(meta)) = result.get_mut("meta") {
        meta.insert("truncated".to_owned(), Value::from(note.as_str()));
    }
    note
}

fn note(takes: &[&str], most: usize, was: usize) -> String {
    let names: Vec<&str> = NARROWING.iter().filter(|name| takes.contains(name)).copied().collect();
    let way = if names.is_empty() {
        "ask for one thing by its id, or for less".to_owned()
    } else {
        format!("narrow it with {}", names.join(", "))
    };
    let (was, most) = (was.to_string(), most.to_string());
    format!(
        "This result was cut: it had {was} bytes, and {most} are allowed; lists and texts in it are not complete. To see the rest, {way}."
    )
}

/// Cuts lists to `items`, texts to `characters`, at every depth.
fn cut(value: &mut Value, items: usize, characters: usize) {
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
            all.iter_mut().for_each(|one| cut(one, items, characters));
        }
        Value::Object(map) => {
            let most = items.max(PROPERTIES);
            if map.len() > most {
                *map = core::mem::take(map).into_iter().take(most).collect();
            }
            map.values_mut().for_each(|one| cut(one, items, characters));
        }
        _ => {}
    }
}
