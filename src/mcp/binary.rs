//! Results that are not text: `{ mediaType, size, base64 }`, the form of [`crate::http`] for binary bodies. Images and
//! audio are returned as such content; if they are too long they are left out, since a part of them is useless.

use serde_json::json;
use serde_json::value::RawValue;

use super::reply::{ResultBody, media_content};
use crate::json::{RawProperties, Value, object_text, parse, to_text};

/// The data of such a result.
pub(super) struct Binary {
    media_type: String,
    size: u64,
    base64: String,
}

impl Binary {
    /// The data, if it is of this form.
    pub(super) fn read(data: &RawValue) -> Option<Binary> {
        // Most results are something else, and long.
        if !data.get().starts_with(r#"{"mediaType":"#) {
            return None;
        }
        let Ok(Value::Object(map)) = parse(data.get()) else { return None };
        let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        let binary = Binary {
            media_type: text("mediaType")?,
            size: map.get("size")?.as_u64()?,
            base64: text("base64")?,
        };
        (map.len() == 3 && binary.is_whole()).then_some(binary)
    }

    /// Whether the string can be base64 of this many bytes.
    fn is_whole(&self) -> bool {
        let digits = self.base64.trim_end_matches('=');
        let are_digits = digits.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
        are_digits && self.base64.len().is_multiple_of(4) && digits.len() as u64 * 3 / 4 == self.size
    }

    /// The type of its MCP content.
    fn kind(&self) -> Option<&'static str> {
        let kinds = [("image/", "image"), ("audio/", "audio")];
        kinds.into_iter().find(|(start, _)| self.media_type.starts_with(start)).map(|(_, kind)| kind)
    }

    /// The result, which contains the bytes once, or not at all if there are too many; `None` if it can be returned like
    /// any other.
    pub(super) fn body(&self, outcome: &RawProperties<'_>, most: usize) -> Option<ResultBody<'static>> {
        let Binary { media_type, size, base64 } = self;
        let (kind, fits) = (self.kind(), base64.len() <= most);
        if fits && kind.is_none() {
            return None;
        }
        let without = to_text(&json!({ "mediaType": media_type, "size": size }));
        let text = object_text(outcome.0.iter().map(|(name, value)| match name.as_str() {
            "data" => ("data", without.clone()),
            name => (name, value.get().to_owned()),
        }));
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let media = kind.filter(|_| fits).map(|kind| media_content(kind, essence, base64));
        let length = base64.len();
        let note = format!(
            "The content was left out: it is {size} bytes of {media_type}, in base64 {length}, and {most} are allowed."
        );
        Some(ResultBody::media(media, &text, (!fits).then_some(note.as_str())))
    }
}
