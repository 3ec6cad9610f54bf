//! A validator like the server's own (zod): rules as `const` data, all issues at once, with the server's codes, paths
//! and messages. It shares nothing with [`crate::schema`], which checks before
//! sending: this one stands in for another program, and agreement between the two is a finding.

use serde_json::{Map, Value};

use crate::emulator::model::clock;

/// One issue, as the server reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issue {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) path: Vec<String>,
}

/// A check of a string.
pub(crate) enum Check {
    /// At least this many UTF-16 units.
    Min(usize),
    /// At most this many.
    Max(usize),
    /// At most this many, in the server's own words.
    MaxSaying(usize, &'static str),
    /// A regular expression as the server prints it, and a function that does the same.
    Pattern(&'static str, fn(&str) -> bool),
    /// A named format: the message, and the check.
    Format(&'static str, fn(&str) -> bool),
    Starts(&'static str),
    Ends(&'static str),
}

/// A property of an object.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) rule: Rule,
    pub(crate) optional: bool,
}

impl Key {
    pub(crate) const fn required(name: &'static str, rule: Rule) -> Key {
        Key { name, rule, optional: false }
    }
    pub(crate) const fn optional(name: &'static str, rule: Rule) -> Key {
        Key { name, rule, optional: true }
    }
}

/// A rule for a value.
pub(crate) enum Rule {
    Any,
    String(&'static [Check]),
    Boolean,
    /// A string that is one of the server's spellings of a boolean.
    Switch,
    /// A string read as a number.
    Number {
        min: Option<i64>,
        max: Option<i64>,
        whole: bool,
    },
    /// A whole number above zero, or a string that is one.
    Positive,
    /// Anything that makes a date.
    Date,
    Choice(&'static [&'static str]),
    /// An object; `strict` refuses other properties.
    Object {
        keys: &'static [Key],
        strict: bool,
    },
    /// An object with arbitrary property names.
    Record {
        key: &'static [Check],
        value: &'static Rule,
    },
    Array {
        of: &'static Rule,
        max: Option<usize>,
    },
    /// Any of these; the message if none applies.
    Union(&'static [Rule], &'static str),
    /// A strict object whose `type` decides its other properties; the message for a wrong `type` or no
    /// object, where the server words it itself.
    Tagged {
        forms: &'static [(&'static str, &'static [Key])],
        saying: Option<&'static str>,
    },
    /// A rule, and a further check if it holds: messages of code `custom`.
    Refined(&'static Rule, fn(&Value) -> Vec<String>),
    /// Items in one string, separated by commas and trimmed.
    Commas(&'static Rule),
    /// The same, not trimmed.
    Split(&'static Rule),
    /// A string that is trimmed before it is checked.
    Trimmed(&'static [Check]),
    /// Null, or this.
    Nullable(&'static Rule),
}

/// No properties.
pub(crate) const NOTHING: Rule = Rule::Object { keys: &[], strict: true };

const YES: &[&str] = &["true", "1", "yes", "on", "y", "enabled"];
const NO: &[&str] = &["false", "0", "no", "off", "n", "disabled"];

/// Reads one of the server's spellings of a boolean.
pub(crate) fn switch(text: &str) -> Option<bool> {
    let among = |words: &[&str]| words.iter().any(|w| text.eq_ignore_ascii_case(w));
    among(YES).then_some(true).or_else(|| among(NO).then_some(false))
}

/// JavaScript's `Number(text)`.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0.0);
    }
    // Rust reads `inf` and `nan`, which JavaScript spells otherwise or not at all.
    let numeric = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    numeric.then(|| text.parse().ok())?
}

/// The time that `new Date(value)` gives.
pub(crate) fn date(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => clock::parse(text),
        Value::Number(n) => clock::in_range(n.as_f64()?),
        Value::Null => Some(0),
        Value::Bool(yes) => Some(i64::from(*yes)),
        _ => None,
    }
}

/// Checks `value`; `None` is what JavaScript calls undefined.
pub(crate) fn check(rule: &Rule, value: Option<&Value>) -> Vec<Issue> {
    let mut walk = Walk { path: Vec::new(), issues: Vec::new() };
    walk.rule(rule, value);
    walk.issues
}

struct Walk {
    path: Vec<String>,
    issues: Vec<Issue>,
}

impl Walk {
    fn issue(&mut self, code: &'static str, message: impl Into<String>) {
        self.issues.push(Issue { code, message: message.into(), path: self.path.clone() });
    }

    fn issue_at(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        self.path.push(name.into());
        self.issue(code, message);
        self.path.pop();
    }

    fn wrong_type(&mut self, expected: &str, value: Option<&Value>) {
        self.issue(
            "invalid_type",
            format!("Invalid input: expected {expected}, received {}", type_of(value)),
        );
    }

    fn below(&mut self, name: &str, rule: &Rule, value: Option<&Value>) {
        self.path.push(name.into());
        self.rule(rule, value);
        self.path.pop();
    }

    fn rule(&mut self, rule: &Rule, value: Option<&Value>) {
        match rule {
            Rule::Any => {}
            Rule::String(checks) => match value {
                Some(Value::String(text)) => self.text(checks, text),
                _ => self.wrong_type("string", value),
            },
            Rule::Boolean => {
                if !matches!(value, Some(Value::Bool(_))) {
                    self.wrong_type("boolean", value);
                }
            }
            Rule::Switch => match value {
                Some(Value::String(text)) if switch(text).is_some() => {}
                Some(Value::String(_)) => self.option(&[YES, NO]),
                _ => self.wrong_type("string", value),
            },
            Rule::Number { min, max, whole } => self.number(value, *min, *max, *whole),
            Rule::Positive => {
                let before = self.issues.len();
                self.number(value, None, None, true);
                let above = value.and_then(number_of).is_some_and(|n| n > 0.0);
                if !above && self.issues.len() == before {
                    self.issue("too_small", "Too small: expected number to be >0");
                }
            }
            Rule::Date => {
                if value.and_then(date).is_none() {
                    self.issue("invalid_type", "Invalid input: expected date, received Date");
                }
            }
            Rule::Choice(words) => {
                if !value.and_then(Value::as_str).is_some_and(|text| words.contains(&text)) {
                    self.option(&[words]);
                }
            }
            Rule::Object { keys, strict } => match value {
                Some(Value::Object(map)) => self.object(keys, *strict, map, false),
                _ => self.wrong_type("object", value),
            },
            Rule::Record { key, value: of } => match value {
                // A property with this name hides the constructor by which the server recognises a plain object.
                Some(Value::Object(map)) if !map.contains_key("constructor") => self.record(key, of, map),
                _ => self.wrong_type("record", value),
            },
            Rule::Array { of, max } => match value {
                Some(Value::Array(items)) => self.list(of, *max, items),
                _ => self.wrong_type("array", value),
            },
            Rule::Union(rules, message) => {
                if !rules.iter().any(|rule| check(rule, value).is_empty()) {
                    self.issue("invalid_union", *message);
                }
            }
            Rule::Tagged { forms, saying } => self.tagged(forms, *saying, value),
            Rule::Refined(rule, refine) => {
                let before = self.issues.len();
                self.rule(rule, value);
                if let Some(value) = value.filter(|_| self.issues.len() == before) {
                    for message in refine(value) {
                        self.issue("custom", message);
                    }
                }
            }
            Rule::Commas(of) => self.parts(of, value, str::trim),
            Rule::Split(of) => self.parts(of, value, |part| part),
            Rule::Trimmed(checks) => match value {
                Some(Value::String(text)) => self.text(checks, text.trim()),
                _ => self.wrong_type("string", value),
            },
            Rule::Nullable(of) => {
                if value != Some(&Value::Null) {
                    self.rule(of, value);
                }
            }
        }
    }

    fn parts(&mut self, of: &Rule, value: Option<&Value>, trim: fn(&str) -> &str) {
        let Some(Value::String(text)) = value else { return self.wrong_type("string", value) };
        for (i, part) in text.split(',').enumerate() {
            self.below(&i.to_string(), of, Some(&Value::String(trim(part).into())));
        }
    }

    fn text(&mut self, checks: &[Check], text: &str) {
        for check in checks {
            match check {
                Check::Min(n) if units(text) < *n => {
                    self.issue("too_small", format!("Too small: expected string to have >={n} characters"));
                }
                Check::Max(n) if units(text) > *n => {
                    self.issue("too_big", format!("Too big: expected string to have <={n} characters"));
                }
                Check::MaxSaying(n, message) if units(text) > *n => self.issue("too_big", *message),
                Check::Pattern(pattern, holds) if !holds(text) => {
                    self.issue("invalid_format", format!("Invalid string: must match pattern {pattern}"));
                }
                Check::Format(message, holds) if !holds(text) => self.issue("invalid_format", *message),
                Check::Starts(with) if !text.starts_with(with) => {
                    self.issue("invalid_format", format!("Invalid string: must start with \"{with}\""));
                }
                Check::Ends(with) if !text.ends_with(with) => {
                    self.issue("invalid_format", format!("Invalid string: must end with \"{with}\""));
                }
                _ => {}
            }
        }
    }

    fn number(&mut self, value: Option<&Value>, min: Option<i64>, max: Option<i64>, whole: bool) {
        let Some(n) = value.and_then(number_of) else {
            return self.issue("invalid_type", "Invalid input: expected number, received NaN");
        };
        if whole && n.fract() != 0.0 {
            return self.issue("invalid_type", "Invalid input: expected int, received number");
        }
        if let Some(min) = min.filter(|min| n < *min as f64) {
            self.issue("too_small", format!("Too small: expected number to be >={min}"));
        }
        if let Some(max) = max.filter(|max| n > *max as f64) {
            self.issue("too_big", format!("Too big: expected number to be <={max}"));
        }
    }

    fn option(&mut self, words: &[&[&str]]) {
        let words: Vec<String> = words.iter().copied().flatten().map(|w| format!("\"{w}\"")).collect();
        self.issue("invalid_value", format!("Invalid option: expected one of {}", words.join("|")));
    }

    fn object(&mut self, keys: &[Key], strict: bool, map: &Map<String, Value>, tagged: bool) {
        for key in keys {
            let value = map.get(key.name);
            if value.is_some() || !key.optional {
                self.below(key.name, &key.rule, value);
            }
        }
        if strict {
            let known = |name: &str| (tagged && name == "type") || keys.iter().any(|k| k.name == name);
            let others: Vec<String> = map.keys().filter(|k| !known(k)).map(|k| format!("\"{k}\"")).collect();
            if !others.is_empty() {
                let s = if others.len() == 1 { "" } else { "s" };
                self.issue("unrecognized_keys", format!("Unrecognized key{s}: {}", others.join(", ")));
            }
        }
    }

    fn record(&mut self, key: &[Check], of: &Rule, map: &Map<String, Value>) {
        for (name, value) in map {
            let mut names = Walk { path: Vec::new(), issues: Vec::new() };
            names.text(key, name);
            if names.issues.is_empty() {
                self.below(name, of, Some(value));
            } else {
                self.issue_at(name, "invalid_key", "Invalid key in record");
            }
        }
    }

    fn list(&mut self, of: &Rule, max: Option<usize>, items: &[Value]) {
        for (i, item) in items.iter().enumerate() {
            self.below(&i.to_string(), of, Some(item));
        }
        if let Some(max) = max.filter(|max| items.len() > *max) {
            self.issue("too_big", format!("Too big: expected array to have <={max} items"));
        }
    }

    fn tagged(&mut self, forms: &[(&str, &[Key])], saying: Option<&str>, value: Option<&Value>) {
        let Some(Value::Object(map)) = value else {
            return match saying {
                Some(message) => self.issue("invalid_type", message),
                None => self.wrong_type("object", value),
            };
        };
        let tag = map.get("type").and_then(Value::as_str);
        match forms.iter().find(|(name, _)| Some(*name) == tag) {
            Some((_, keys)) => self.object(keys, true, map, true),
            None => self.issue_at("type", "invalid_union", saying.unwrap_or("Invalid input")),
        }
    }
}

/// The number that the server reads from a value.
fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => number(text),
        Value::Number(n) => n.as_f64(),
        _ => None,
    }
}

/// The length of a JavaScript string: UTF-16 units.
pub(crate) fn units(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

fn type_of(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}
