//! What a body is by its content type: text, JSON, a list of JSON values, or bytes that are not text.

use base64ct::{Base64, Encoding};
use serde_json::json;

use crate::json::Value;

/// Media types that are text, in addition to `text/*` and those whose names contain `json` or `xml`.
const TEXTS: &[&str] = &[
    "application/ecmascript",
    "application/graphql",
    "application/javascript",
    "application/sql",
    "application/toml",
    "application/x-javascript",
    "application/x-sh",
    "application/x-www-form-urlencoded",
    "application/x-yaml",
    "application/yaml",
];

/// The characters that windows-1252 has at 0x80 to 0x9f, where Latin-1 has control characters.
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// The media type without its parameters, in lower case.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The parameter `charset`, in lower case; empty if there is none.
fn charset(content_type: &str) -> String {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let named = parameters.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    named.map(|(_, value)| value.trim().trim_matches('"').to_ascii_lowercase()).unwrap_or_default()
}

/// Whether a body of this type is one JSON value.
pub(crate) fn is_json(content_type: &str) -> bool {
    essence(content_type).contains("json") && !is_json_list(content_type)
}

/// Whether a body of this type is a sequence of JSON values: on separate lines, or as in RFC 7464.
pub(crate) fn is_json_list(content_type: &str) -> bool {
    let essence = essence(content_type);
    ["ndjson", "jsonl", "jsonlines", "x-json-stream", "json-seq"].iter().any(|list| essence.ends_with(list))
}

/// Whether a body of this type is text in UTF-8.
#[cfg(any(test, feature = "fetch"))]
pub(crate) fn is_utf8_text(content_type: &str) -> bool {
    is_text(&essence(content_type)) && is_utf8(&charset(content_type))
}

fn is_text(essence: &str) -> bool {
    essence.starts_with("text/")
        || essence.contains("json")
        || essence.contains("xml")
        || TEXTS.contains(&essence)
}

fn is_utf8(charset: &str) -> bool {
    matches!(charset, "" | "utf-8" | "utf8" | "us-ascii" | "ascii")
}

/// A body as text; `None` if it is not text, or in an unknown charset, whose text would not be exact. Without a
/// content type it is text if it is UTF-8.
pub(crate) fn text_of(bytes: &[u8], content_type: &str) -> Option<String> {
    let essence = essence(content_type);
    if essence.is_empty() {
        let text = String::from_utf8_lossy(bytes);
        return (!text.contains('\u{fffd}')).then(|| text.into_owned());
    }
    if !is_text(&essence) {
        return None;
    }
    match charset(content_type).as_str() {
        charset if is_utf8(charset) => Some(String::from_utf8_lossy(bytes).into_owned()),
        "iso-8859-1" | "latin1" | "windows-1252" | "cp1252" => Some(bytes.iter().map(windows_1252).collect()),
        "utf-16le" => Some(utf_16(bytes, u16::from_le_bytes)),
        "utf-16be" => Some(utf_16(bytes, u16::from_be_bytes)),
        "utf-16" if bytes.starts_with(&[0xfe, 0xff]) => Some(utf_16(bytes, u16::from_be_bytes)),
        "utf-16" => Some(utf_16(bytes, u16::from_le_bytes)),
        _ => None,
    }
}

fn windows_1252(byte: &u8) -> char {
    let place = byte.checked_sub(0x80).map(usize::from).filter(|place| *place < 32);
    place.and_then(|place| WINDOWS_1252.chars().nth(place)).unwrap_or(char::from(*byte))
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let pairs = bytes.chunks_exact(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok());
    let units: Vec<u16> = pairs.map(unit).collect();
    let text = String::from_utf16_lossy(&units);
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}

/// A body that is not text, as a value: `{ mediaType, size, base64 }`.
pub(crate) fn binary(bytes: &[u8], content_type: &str) -> Value {
    let media_type = match content_type.trim() {
        "" => "application/octet-stream",
        given => given,
    };
    json!({ "mediaType": media_type, "size": bytes.len(), "base64": Base64::encode_string(bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_what_its_content_type_says() {
        for (content_type, json, list, utf8) in [
            ("application/json", true, false, true),
            ("application/json; charset=UTF-8", true, false, true),
            ("application/vnd.api+json", true, false, true),
            ("application/json; charset=latin1", true, false, false),
            ("Application/X-NDJSON", false, true, true),
            ("application/jsonl", false, true, true),
            ("application/geo+json-seq; charset=\"utf-8\"", false, true, true),
            ("text/csv", false, false, true),
            ("image/svg+xml", false, false, true),
            ("application/yaml;charset=us-ascii", false, false, true),
            ("image/png", false, false, false),
            ("application/pdf", false, false, false),
            ("application/octet-stream", false, false, false),
            ("", false, false, false),
        ] {
            let found = (is_json(content_type), is_json_list(content_type), is_utf8_text(content_type));
            assert_eq!(found, (json, list, utf8), "{content_type}");
        }
    }

    #[test]
    fn text_is_read_in_its_charset() {
        let utf_16: Vec<u8> = "a€😀".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let with_mark = [&[0xfe, 0xff], utf_16.as_slice()].concat();
        for (bytes, content_type, right) in [
            ("a€😀".as_bytes(), "text/plain", Some("a€😀")),
            (b"a\x80\xe9\xff", "text/csv; charset=ISO-8859-1", Some("a€éÿ")),
            (b"\x81\x9f\xa0", "text/plain;charset=\"windows-1252\"", Some("\u{81}Ÿ\u{a0}")),
            (&utf_16, "application/xml; charset=utf-16be", Some("a€😀")),
            (&with_mark, "text/plain; charset=utf-16", Some("a€😀")),
            (b"a\xff", "text/plain", Some("a\u{fffd}")),
            (b"ab", "", Some("ab")),
            (b"a\xff", "", None),
            (b"ab", "text/plain; charset=shift_jis", None),
            (b"ab", "image/png", None),
        ] {
            assert_eq!(text_of(bytes, content_type).as_deref(), right, "{content_type}");
        }
    }
}
