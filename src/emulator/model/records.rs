//! The records of a connection as they are read: merged from its syncs, in their order, with cursors.

use base64ct::{Base64, Encoding};

use super::collected::Record;
use super::formats::is_uuid;
use super::ids::Ids;
use super::payload;
use super::state::{Function, Object, State};
use super::sync_schedule::{self, is_full};
use super::{clock, iso};

/// One record of a model.
pub(crate) struct Held<'a> {
    function: &'a Function,
    model: &'a str,
    /// The position of its sync.
    pub(crate) sync: usize,
    /// Its position among those of its sync.
    pub(crate) position: usize,
    pub(crate) times: Record,
    pub(crate) external_id: String,
    /// The server's own id.
    uuid: String,
}

impl Held<'_> {
    /// What orders the records: when it was last modified, and its id.
    pub(crate) fn place(&self) -> Place {
        Place { micros: iso::stored(self.times.modified), uuid: self.uuid.clone() }
    }

    /// The place as a cursor.
    pub(crate) fn cursor(&self) -> String {
        let text = format!("{}||{}", iso::print_stored(self.times.modified), self.uuid);
        Base64::encode_string(text.as_bytes())
    }

    pub(crate) fn last_action(&self) -> &'static str {
        match self.times {
            Record { deleted: Some(_), .. } => "DELETED",
            Record { first_seen, modified, .. } if first_seen == modified => "ADDED",
            _ => "UPDATED",
        }
    }

    /// When it was deleted, as the server prints it.
    pub(crate) fn deleted_at(&self) -> Option<String> {
        let at = self.times.deleted?;
        // A function names its time to the millisecond; the server notices by itself to the microsecond.
        Some(if is_full(self.function) { iso::print_stored(at) } else { clock::iso_micros(at, 0) })
    }

    /// Its content. A pruned one has only its id; so has one that a function deleted by its id.
    pub(crate) fn content(&self) -> Object {
        let by_id = self.times.deleted.is_some() && !is_full(self.function);
        let mut content = if by_id || self.times.pruned.is_some() {
            Object::new()
        } else {
            payload::content(self.function, self.model, self.position, self.times.modified)
        };
        content.insert("id".into(), self.external_id.clone().into());
        content
    }
}

/// A place in the order of records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    micros: i64,
    uuid: String,
}

impl Place {
    /// Reads a cursor as the server does.
    pub(crate) fn of_cursor(cursor: &str) -> Option<Place> {
        let text = String::from_utf8(decode(cursor)).ok()?;
        let (time, uuid) = text.split_once("||").filter(|(_, uuid)| !uuid.contains("||"))?;
        let valid = iso::is_datetime(time, true) && is_uuid(uuid);
        let micros = iso::micros(time).filter(|_| valid)?;
        Some(Place { micros, uuid: uuid.to_ascii_lowercase() })
    }
}

/// Decodes base64 as Node does: of either alphabet, up to the padding, without what belongs to neither.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for byte in text.bytes().take_while(|b| *b != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    bytes
}

/// An id that follows from a name: the same name always gives the same one.
pub(crate) fn named_uuid(name: &str) -> String {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut id = Ids::new(hash).uuid();
    // Ids from names have another version than random ones.
    id.replace_range(14..15, "5");
    id
}

/// The records of a model and variant that a connection holds, by its row, in their order. Of two syncs that collect
/// the same record, the one that modified it last counts.
pub(crate) fn held<'a>(
    state: &'a State,
    connection: u64,
    model: &str,
    variant: &str,
    now: i64,
) -> Vec<Held<'a>> {
    let mut all: Vec<Held> = Vec::new();
    for (i, sync) in state.syncs.iter().enumerate() {
        if sync.connection != connection || sync.variant != variant {
            continue;
        }
        let Some(function) = state.function(sync.function) else { continue };
        let Some((model, records)) = collected_of(state, i, model, now) else { continue };
        for (position, times) in records.into_iter().enumerate() {
            // When it was collected first says what its id is: that never changes.
            let external_id =
                payload::external_id(&payload::content(function, model, position, times.first_seen));
            let uuid = named_uuid(&format!("{connection} {model} {variant} {external_id}"));
            all.push(Held { function, model, sync: i, position, times, external_id, uuid });
        }
    }
    all.sort_by_cached_key(|held| (held.external_id.clone(), std::cmp::Reverse(held.times.modified)));
    all.dedup_by(|later, first| later.external_id == first.external_id);
    all.sort_by_cached_key(Held::place);
    all
}

/// What the sync at this position has collected of a model, with the model's name as its function declares it.
fn collected_of<'a>(state: &'a State, i: usize, model: &str, now: i64) -> Option<(&'a str, Vec<Record>)> {
    let function = state.function(state.syncs.get(i)?.function)?;
    let declared = sync_schedule::model_names(function).find(|name| *name == model)?;
    let records = sync_schedule::collected(state, i, now).records.remove(model)?;
    Some((declared, records))
}

/// How many records of a model a connection holds that are not deleted: variants do not count.
pub(crate) fn count(state: &State, connection: u64, model: &str, now: i64) -> usize {
    held(state, connection, model, "base", now).iter().filter(|held| held.times.deleted.is_none()).count()
}

#[cfg(test)]
mod tests {
    use super::{Place, decode, named_uuid};

    #[test]
    fn cursors_are_read_as_the_server_reads_them() {
        // From the recordings.
        let cursor = "MjAyNi0xMS0yMlQxNDoyMTowMi4xMjg0NzgrMDA6MDB8fDVkZGQwNzY1LTAyZTctNTg0MC04ODY3LTk0NDNmNWY4YWQ4Mw==";
        let place = Place::of_cursor(cursor).expect("a cursor");
        assert_eq!(place.uuid, "5ddd0765-02e7-5840-8867-9443f5f8ad83");
        assert_eq!(place.micros, 1_795_357_262_128_478);
        assert_eq!(Place::of_cursor(cursor.trim_end_matches('=')), Some(place.clone()));
        assert_eq!(Place::of_cursor(&format!("\n{cursor}")), Some(place));
        for wrong in ["garbage", "", "fHw=", "MjAyNi0xMS0yMlQxNDoyMTowMi4xMjg0NzgrMDA6MDB8fG5v"] {
            assert_eq!(Place::of_cursor(wrong), None, "{wrong}");
        }
        assert_eq!(decode("_-8"), [0xff, 0xef]);
    }

    #[test]
    fn an_id_follows_from_the_name() {
        assert_eq!(named_uuid("a"), named_uuid("a"));
        assert_ne!(named_uuid("a"), named_uuid("b"));
        assert_eq!(named_uuid("a").get(14..15), Some("5"));
    }
}
