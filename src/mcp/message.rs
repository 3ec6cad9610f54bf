//! What goes in and out of the protocol's two steps, and the raw texts inside messages: ids and arguments
//! are passed on as they were written.

use crate::json::Value;
use crate::text::trim_end;

/// The versions of the legacy era, newest first.
pub const LEGACY: &[&str] = &["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"];
/// The version of the modern era.
pub const MODERN: &str = "2026-07-28";

/// Stand in a text for what the server fills in; JSON holds none of these characters.
pub(super) mod hole {
    /// The array of tools.
    pub(crate) const TOOLS: char = '\u{1}';
    /// `serverInfo`, an object.
    pub(crate) const INFO: char = '\u{2}';
    /// The instructions, a JSON string.
    pub(crate) const INSTRUCTIONS: char = '\u{3}';
    /// The result as a JSON string that holds its JSON text.
    pub(crate) const TEXT: char = '\u{4}';
    /// The result.
    pub(crate) const RESULT: char = '\u{5}';
}

/// What the transport knows of a message besides its text; empty where there is nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'f> {
    /// Over stdio there are no headers, and none are asked for.
    pub stdio: bool,
    /// The message is part of a batch.
    pub batched: bool,
    /// The header `Content-Type`.
    pub content_type: &'f str,
    /// The header `Accept`.
    pub accept: &'f str,
    /// The header `MCP-Protocol-Version`.
    pub version: &'f str,
    /// The header `Mcp-Method`.
    pub method: &'f str,
    /// The header `Mcp-Name`.
    pub name: &'f str,
}

impl Facts<'_> {
    /// Those of a message that came over stdio.
    pub fn stdio() -> Facts<'static> {
        Facts { stdio: true, ..Facts::default() }
    }
}

/// An answer. The body of what [`read`](super::read) and [`finish`](super::finish) give has holes that a
/// [`Server`](super::Server) fills.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status; of no interest over stdio.
    pub status: u16,
    /// The media type; empty where there is no body.
    pub media: &'static str,
    /// The body.
    pub body: String,
}

/// What a message asks of the driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Answer this.
    Reply(Reply),
    /// Nothing is answered: status 202. Where the message cancels a request, that one's id as written.
    Note(Option<String>),
    /// Run this tool, then [`finish`](super::finish).
    Call(Call),
    /// Read each of these, as part of a batch, then [`gather`](super::gather) their bodies.
    Batch {
        /// The messages.
        messages: Vec<String>,
        /// The client takes nothing but an event stream.
        stream: bool,
    },
}

/// A tool to run, and what is needed to answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// The request's id as it was written.
    pub id: String,
    /// Of the modern era.
    pub modern: bool,
    /// The client takes nothing but an event stream.
    pub stream: bool,
    /// The client can ask its user.
    pub elicits: bool,
    /// The tool's name.
    pub name: String,
    /// The arguments: the JSON text of an object.
    pub arguments: String,
    /// What the user approved: the token of a call that waited for it.
    pub confirmed: Option<String>,
    /// The request's parameters, JSON text.
    pub params: String,
}

/// A property of `value` that is a text.
#[inline(never)]
pub(super) fn word<'v>(value: Option<&'v Value>, name: &str) -> Option<&'v str> {
    value?.get(name)?.as_str()
}

/// The raw text of the last property `name` of `object`, which is known to be JSON.
pub(super) fn property<'t>(object: &'t str, name: &str) -> Option<&'t str> {
    let mut scan = Scan { text: object, at: 0 };
    let mut found = None;
    scan.mark();
    while scan.peek() == Some(b'"') {
        let key = scan.value();
        scan.mark();
        let value = scan.value();
        let key = key.get(1..key.len().saturating_sub(1)).unwrap_or_default();
        let same =
            key == name || (key.as_bytes().contains(&b'\\') && unescaped(key).as_deref() == Some(name));
        if same {
            found = Some(value);
        }
        scan.peek();
        scan.mark();
    }
    found
}

fn unescaped(key: &str) -> Option<String> {
    let mut text = String::from("\"");
    text.push_str(key);
    text.push('"');
    crate::json::parse(&text).ok()?.as_str().map(str::to_owned)
}

/// The raw texts of the items of `array`, which is known to be JSON.
pub(super) fn items(array: &str) -> Vec<&str> {
    let mut scan = Scan { text: array, at: 0 };
    let mut out = Vec::new();
    scan.mark();
    while !matches!(scan.peek(), None | Some(b']')) {
        out.push(scan.value());
        scan.peek();
        scan.mark();
    }
    out
}

/// Goes through a text that is known to be JSON.
struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scan<'t> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        self.byte()
    }

    /// Takes an opening bracket, a colon or a comma.
    fn mark(&mut self) {
        if matches!(self.peek(), Some(b'{' | b'[' | b':' | b',')) {
            self.at += 1;
        }
        self.peek();
    }

    /// Takes one value.
    fn value(&mut self) -> &'t str {
        self.peek();
        let start = self.at;
        let mut depth = 0usize;
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => self.string(),
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 0 => depth -= 1,
                b'}' | b']' | b',' | b':' if depth == 0 => break,
                _ => {}
            }
            self.at += 1;
            if depth == 0 && matches!(byte, b'"' | b'}' | b']') {
                break;
            }
        }
        trim_end(self.text.get(start..self.at).unwrap_or_default(), b" \n\r\t")
    }

    /// To the closing quote of the string that begins here.
    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => return,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_texts_are_those_of_the_text() {
        let text = " { \"a\" : 1.0 , \"\\u0062\" : [ \"]\" , {\"a\":\"\\\"}\"} ] ,\"a\": 1e2\n, \"c\":{ } , \"d\" : \"x,\\\\\" } ";
        assert_eq!(property(text, "a"), Some("1e2"));
        assert_eq!(property(text, "b"), Some("[ \"]\" , {\"a\":\"\\\"}\"} ]"));
        assert_eq!(property(text, "c"), Some("{ }"));
        assert_eq!(property(text, "d"), Some("\"x,\\\\\""));
        assert_eq!(property(text, "e"), None);
        assert_eq!(property("{}", "e"), None);
        assert_eq!(items(" [ 1 , [2,3] ,\"a]\",{\"b\":[ ]} ] "), ["1", "[2,3]", "\"a]\"", "{\"b\":[ ]}"]);
        assert!(items("[ ]").is_empty());
    }
}
