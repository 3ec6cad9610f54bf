//! Reading JSON text into values.

use super::{Object, Value};

/// How deep arrays and objects may nest.
const DEPTH: usize = 128;

/// Why a text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It ends too early.
    End,
    /// It is malformed, or nested deeper than 128 levels.
    Form,
}

/// Reads one JSON value (RFC 8259): no comments, no trailing commas, nothing behind it.
///
/// # Errors
/// [`Fault`]: whether the text is cut off or malformed.
pub fn parse(text: &str) -> Result<Value, Fault> {
    let mut reader = Reader { text, at: 0, depth: DEPTH };
    let value = reader.value()?;
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(Fault::Form),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn value(&mut self) -> Result<Value, Fault> {
        match self.peek().ok_or(Fault::End)? {
            b'{' => self.nested(Reader::object),
            b'[' => self.nested(Reader::array),
            b'"' => self.string().map(Value::String),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Fault>) -> Result<Value, Fault> {
        self.depth = self.depth.checked_sub(1).ok_or(Fault::Form)?;
        self.at += 1;
        let value = read(self)?;
        self.depth += 1;
        Ok(value)
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Fault> {
        if self.rest().starts_with(word) {
            self.at += word.len();
            return Ok(value);
        }
        Err(if word.starts_with(self.rest()) { Fault::End } else { Fault::Form })
    }

    /// Behind an entry: whether another one follows.
    fn more(&mut self, close: u8) -> Result<bool, Fault> {
        let byte = self.peek().ok_or(Fault::End)?;
        self.at += 1;
        match byte {
            b',' => Ok(true),
            _ if byte == close => Ok(false),
            _ => Err(Fault::Form),
        }
    }

    fn array(&mut self) -> Result<Value, Fault> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value()?);
            if !self.more(b']')? {
                return Ok(Value::Array(items));
            }
        }
    }

    fn object(&mut self) -> Result<Value, Fault> {
        let mut entries = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(Object::new()));
        }
        loop {
            if self.peek().ok_or(Fault::End)? != b'"' {
                return Err(Fault::Form);
            }
            let name = self.string()?;
            if self.peek().ok_or(Fault::End)? != b':' {
                return Err(Fault::Form);
            }
            self.at += 1;
            entries.push((name, self.value()?));
            if !self.more(b'}')? {
                return Ok(Value::Object(entries.into_iter().collect()));
            }
        }
    }

    /// A string whose opening quote is next.
    fn string(&mut self) -> Result<String, Fault> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let end = rest.bytes().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f)).ok_or(Fault::End)?;
            out.push_str(rest.get(..end).unwrap_or_default());
            let byte = rest.as_bytes().get(end).copied();
            self.at += end + 1;
            match byte {
                Some(b'"') => return Ok(out),
                Some(b'\\') => out.push(self.escape()?),
                _ => return Err(Fault::Form),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let byte = self.text.as_bytes().get(self.at).ok_or(Fault::End)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => *byte as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.unit()?;
                if !(0xd800..0xdc00).contains(&high) {
                    return char::from_u32(high).ok_or(Fault::Form);
                }
                if !self.rest().starts_with("\\u") {
                    return Err(if matches!(self.rest(), "" | "\\") { Fault::End } else { Fault::Form });
                }
                self.at += 2;
                let low = self.unit()?.wrapping_sub(0xdc00);
                if low >= 0x400 {
                    return Err(Fault::Form);
                }
                return char::from_u32(0x10000 + ((high - 0xd800) << 10) + low).ok_or(Fault::Form);
            }
            _ => return Err(Fault::Form),
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, Fault> {
        let mut unit = 0;
        for _ in 0..4 {
            let byte = self.text.as_bytes().get(self.at).ok_or(Fault::End)?;
            unit = unit << 4 | (*byte as char).to_digit(16).ok_or(Fault::Form)?;
            self.at += 1;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let rest = self.rest();
        let part = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
        let end = rest.bytes().position(|b| !part(b)).unwrap_or(rest.len());
        let text = rest.get(..end).unwrap_or_default();
        if let Some(number) = number(text) {
            self.at += end;
            return Ok(number);
        }
        // `-`, `1.` and `1e` at the end of the text are numbers that were cut off.
        let cut = end == rest.len() && matches!(text.bytes().last(), Some(b'-' | b'+' | b'.' | b'e' | b'E'));
        Err(if cut { Fault::End } else { Fault::Form })
    }
}

/// The number that a text is, as JSON writes numbers.
#[cfg(not(all(feature = "small-json", target_family = "wasm")))]
fn number(text: &str) -> Option<Value> {
    let number: serde_json::Number = text.parse().ok()?;
    if !number.is_f64() {
        return Some(Value::Number(number));
    }
    // `serde_json` reads fractions quickly, the last digit sometimes wrong; what is given is passed on
    // exactly.
    serde_json::Number::from_f64(text.parse().ok()?).map(Value::Number)
}
#[cfg(all(feature = "small-json", target_family = "wasm"))]
use super::small::number;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::to_text;

    /// Well-formed and not, at every edge of the grammar.
    const TEXTS: &[&str] = &[
        "null",
        "true",
        "false",
        " [ ] ",
        "{}",
        "{\"a\":[1,2.5,-3e2,{\"b\":null}]}",
        "\"\\u00e9\\n\\/\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\ud83d\\u0041\"",
        "[1,]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "[1 2]",
        "01",
        "-",
        "-0",
        "1.",
        ".5",
        "1e",
        "1e5",
        "1E+2",
        "1e400",
        "+1",
        "0x1",
        "nul",
        "nulll",
        "tru",
        "\"a",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "[",
        "{",
        "[[",
        "",
        " ",
        "{\"a\":1,\"a\":2}",
        "1 1",
        "[]]",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "1.7976931348623157e308",
        "5e-324",
        "\u{feff}1",
        "'a'",
        "NaN",
        "\"é😀\"",
        "{\"é\":\"\\u0000\"}",
        "[1,2",
        "{\"a\":1",
        "{\"a\":1,",
        "\"\\",
        "\"\\u12",
        "--1",
        "1-1",
        "[1.5e3]",
    ];

    #[test]
    fn reads_as_serde_json_reads() {
        for text in TEXTS {
            let theirs = serde_json::from_str::<Value>(text);
            match (parse(text), theirs) {
                (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs, "{text}"),
                (Err(fault), Err(theirs)) => {
                    assert_eq!(fault == Fault::End, theirs.is_eof(), "{text}: {theirs}")
                }
                (ours, theirs) => panic!("{text}: {ours:?} against {theirs:?}"),
            }
        }
        // Cut off and mutated everywhere.
        let text = "{\"a\":[1,-2.5e3,true,null,\"x\\u00e9\\n\"],\"b\":{\"c\":\"\\ud83d\\ude00\"}}";
        for at in 0..text.len() {
            let cut = text.get(..at).unwrap();
            assert_eq!(parse(cut).ok(), serde_json::from_str(cut).ok(), "{cut}");
            for other in ["\"", "{", "}", "[", "]", ",", ":", "0", "e", "\\", "\u{1}", " ", "-", "u"] {
                let mut changed = text.to_owned();
                changed.replace_range(at..=at, other);
                assert_eq!(parse(&changed).ok(), serde_json::from_str(&changed).ok(), "{changed}");
            }
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(&deep(DEPTH)).is_ok());
        assert_eq!(parse(&deep(DEPTH + 1)), Err(Fault::Form));
        assert_eq!(parse(&"[".repeat(100_000)), Err(Fault::Form));
    }

    #[test]
    fn writes_what_it_reads() {
        for text in TEXTS {
            if let Ok(value) = parse(text) {
                assert_eq!(parse(&to_text(&value)), Ok(value.clone()), "{text}");
                assert_eq!(serde_json::from_str::<Value>(&to_text(&value)).unwrap(), value, "{text}");
            }
        }
    }
}
