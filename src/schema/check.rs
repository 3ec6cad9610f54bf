//! Checks arguments against a tool's table: reports all problems, repairs values with exactly one meaning, and
//! drops `null` for optional arguments. Objects with arbitrary property names are in [`objects`], rules beyond
//! the type of a single value in [`rules`].

mod objects;
mod rules;

use super::Allow;
use super::given::{describe_value, type_name};
use super::words::{Props, expected, join, units};
use crate::error::{Issue, Issues};
use crate::json::{self, Object, Value};
use crate::nearest::nearest;
use crate::text::clip;
use crate::tool::{ParamType, StringFormat, StringSpec, Tool};

/// How much of a name is shown in a message, in characters.
const SHOWN: usize = 64;

const HOLDS_NUL: &str = "it contains a NUL character, which Nango cannot store";

/// One walk over one set of arguments.
pub(super) struct Check<'a> {
    pub(super) allow: &'a Allow,
    pub(super) issues: Issues,
    path: Vec<String>,
    /// The number of enclosing secret properties, whose values must not appear in messages.
    secret: usize,
    /// Whether nothing is repaired, and `null` is a value like any other: options are not a model's guess.
    strict: bool,
    /// Whether strings are stored in Nango's database, which does not accept NUL. A provider may accept it.
    stores: bool,
}

impl<'a> Check<'a> {
    pub(super) fn new(allow: &'a Allow) -> Check<'a> {
        Check { allow, issues: Issues::default(), path: Vec::new(), secret: 0, strict: false, stores: false }
    }

    /// Like the above, but without repairs.
    pub(super) fn strictly(allow: &'a Allow) -> Check<'a> {
        Check { strict: true, stores: true, ..Check::new(allow) }
    }

    /// The arguments of `tool`, checked: a map that [`crate::http::build`] takes as it is.
    pub(super) fn tool(&mut self, tool: &Tool, args: Value) -> Object {
        let args = match super::object_of(args) {
            Ok(args) => args,
            Err(other) => {
                // A value that is not an object may be the broken text of one, which may contain secrets.
                self.secret += 1;
                self.wrong_type(&ParamType::Object(&[]), &other);
                self.secret -= 1;
                return Object::new();
            }
        };
        self.stores = !tool.is_proxy();
        let out = self.props(Props::Arguments(tool.params), args, false);
        for param in tool.params {
            if let Some(value) = out.get(param.prop.name) {
                self.enter(param.prop.name, false);
                self.placed(param, value);
                self.leave(false);
            }
        }
        for rule in tool.rules {
            self.rule(tool, rule, &out);
        }
        out
    }

    /// Adds an issue at the current path.
    fn report(&mut self, code: &'static str, message: impl Into<String>) {
        let path = &self.path;
        self.issues.extend_with([message], |message| Issue::new(path.clone(), code, message));
    }

    /// Adds a hint to the newest issue.
    fn hint(&mut self, hint: impl Into<String>) {
        if let Some(newest) = self.issues.newest() {
            newest.hint = Some(hint.into());
        }
    }

    /// Adds the most similar name as a hint to the newest issue; `otherwise` (may be empty) if none is similar.
    fn hint_near(&mut self, given: &str, names: &[&str], otherwise: &str) {
        match nearest(given, names) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None if otherwise.is_empty() => {}
            None => self.hint(otherwise),
        }
    }

    /// The value as messages may show it.
    fn shown(&self, value: &Value) -> String {
        if self.secret > 0 { type_name(value).to_owned() } else { describe_value(value) }
    }

    /// Goes one step deeper, until [`Check::leave`].
    fn enter(&mut self, name: &str, secret: bool) {
        self.path.push(name.to_owned());
        self.secret += usize::from(secret);
    }

    fn leave(&mut self, secret: bool) {
        self.path.pop();
        self.secret -= usize::from(secret);
    }

    /// The properties of an object; `open` lets undeclared ones pass verbatim.
    fn props(&mut self, props: Props<'_>, mut map: Object, open: bool) -> Object {
        let mut out = Object::new();
        let mut at = 0;
        while let Some(prop) = props.get(at) {
            at += 1;
            let value = map.shift_remove(prop.name);
            // `null` for an optional argument means "not given": models cannot express that otherwise.
            let omitted = match &value {
                Some(Value::Null) => {
                    !self.strict && !matches!(prop.kind, ParamType::Json | ParamType::Nullable(_))
                }
                Some(_) => false,
                None => true,
            };
            if omitted && !prop.required {
                continue;
            }
            self.enter(prop.name, prop.is_secret());
            match value {
                Some(value) => {
                    if let Some(value) = self.value(&prop.kind, value) {
                        out.insert(prop.name.to_owned(), value);
                    }
                }
                None => {
                    self.report("required", format!("expected {}, got nothing", expected(&prop.kind)));
                    self.hint(prop.doc);
                }
            }
            self.leave(prop.is_secret());
        }
        if open {
            for (name, value) in map {
                self.member(&name, &value);
                out.insert(name, value);
            }
            return out;
        }
        let mut unknown = map.into_iter();
        while let Some((name, _)) = unknown.next() {
            if self.issues.is_full() {
                self.issues.skip(1 + unknown.len());
                break;
            }
            // The name is input, too: it is truncated, so that no long string is echoed.
            let shown = clip(&name, SHOWN);
            self.enter(&shown, false);
            self.report("unrecognized_keys", format!("there is no property `{shown}` here"));
            let names = props.names();
            let otherwise = if names.is_empty() {
                "it takes no properties; leave it out".to_owned()
            } else {
                format!("leave it out; the properties are {}", join(&names))
            };
            // What is there already, and right, was not meant by another name.
            let mut free = names;
            free.retain(|name| !out.contains_key(*name));
            self.hint_near(&name, &free, &otherwise);
            self.leave(false);
        }
        out
    }

    /// One value of any kind; `None` when it was reported.
    pub(super) fn value(&mut self, kind: &ParamType, value: Value) -> Option<Value> {
        if self.strict && !is_exactly(kind, &value) {
            return self.wrong_type(kind, &value);
        }
        let value = match kind {
            // A connection id may look like a list: a string that is already valid is not parsed. Where
            // any string is valid, a list in JSON is parsed.
            ParamType::OneOrMany(ParamType::Text(rule))
                if rule.form != StringFormat::Any
                    && value.as_str().is_some_and(|text| rule.form.check(text).is_ok()) =>
            {
                return self.text(kind, *rule, value);
            }
            _ if self.strict => value,
            ParamType::List { .. } | ParamType::OneOrMany(_) => parsed(value, '['),
            ParamType::NameOr { .. } => parsed(value, '{'),
            _ if is_object(kind) || matches!(kind, ParamType::Json | ParamType::Body) => parsed(value, '{'),
            _ => value,
        };
        match (kind, value) {
            (ParamType::Json, value)
            | (ParamType::Body, value @ (Value::Object(_) | Value::Array(_) | Value::String(_)))
            | (ParamType::Boolean, value @ Value::Bool(_))
            | (ParamType::QueryValue, value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => {
                self.verbatim(&value);
                Some(value)
            }
            (ParamType::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => {
                Some(Value::Bool(true))
            }
            (ParamType::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => {
                Some(Value::Bool(false))
            }
            (ParamType::Integer { min, max }, value) => self.integer(kind, *min, *max, &value),
            (ParamType::Text(rule), value) => self.text(kind, *rule, value),
            (ParamType::Choice(options), value) => self.choice(options, &value),
            (ParamType::List { of, min, max, unique }, Value::Array(items)) => {
                self.count(items.len(), 0, self.most(), "entries")?;
                let mut items = self.items(of, items)?;
                self.count(items.len(), *min, *max, "entries")?;
                if *unique {
                    items = once(items);
                }
                Some(Value::Array(items))
            }
            // A single value that is valid as an entry becomes a list of one.
            (ParamType::List { of, .. }, one @ (Value::String(_) | Value::Number(_))) => {
                let mut alone = Check::new(self.allow);
                match alone.value(of, one.clone()) {
                    Some(item) if alone.issues.is_empty() => self.value(kind, Value::Array(vec![item])),
                    _ => self.wrong_type(kind, &one),
                }
            }
            (ParamType::OneOrMany(of), Value::Array(items)) => {
                self.count(items.len(), 1, self.most(), "entries")?;
                let items = self.items(of, items)?;
                Some(Value::Array(if matches!(of, ParamType::Choice(_)) { once(items) } else { items }))
            }
            (ParamType::OneOrMany(of), one) => self.value(of, one),
            (ParamType::Nullable(_), Value::Null) => Some(Value::Null),
            // A schema with one type a node cannot say that there is a null.
            (ParamType::Nullable(_), Value::String(text)) if text == "null" && !self.strict => {
                Some(Value::Null)
            }
            (ParamType::Nullable(of), other) => self.value(of, other),
            (ParamType::NameOr { object, .. } | ParamType::Object(object), Value::Object(map)) => {
                Some(Value::Object(self.props(Props::Of(object), map, false)))
            }
            (ParamType::NameOr { name, .. }, other) => self.value(name, other),
            (ParamType::Open(props), Value::Object(map)) => {
                Some(Value::Object(self.props(Props::Of(props), map, true)))
            }
            (ParamType::Map { keys, of }, Value::Object(map)) => self.map(*keys, of, map).map(Value::Object),
            (ParamType::Tags { min }, Value::Object(map)) => self.tags(*min, map),
            (ParamType::Tagged(variants), Value::Object(map)) => self.tagged(variants, map),
            // A query cannot contain nested lists.
            (ParamType::QueryValue, Value::Array(items)) if !items.iter().any(Value::is_array) => {
                self.count(items.len(), 0, self.most(), "entries")?;
                self.items(kind, items).map(Value::Array)
            }
            (_, other) => self.wrong_type(kind, &other),
        }
    }

    /// A value that is passed on unchanged: only what Nango cannot store is refused.
    fn verbatim(&mut self, value: &Value) {
        if self.strict || !self.stores {
            return;
        }
        match value {
            Value::String(text) if text.contains('\0') => self.report("invalid_format", HOLDS_NUL),
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.member(&at.to_string(), item);
                }
            }
            Value::Object(map) => map.iter().for_each(|(name, value)| self.member(name, value)),
            _ => {}
        }
    }

    /// One entry of such a value.
    fn member(&mut self, name: &str, value: &Value) {
        if !matches!(value, Value::String(_) | Value::Array(_) | Value::Object(_)) && !name.contains('\0') {
            return;
        }
        self.enter(&clip(name, SHOWN), false);
        if self.stores && name.contains('\0') {
            self.report("invalid_key", HOLDS_NUL);
        }
        self.verbatim(value);
        self.leave(false);
    }

    fn wrong_type(&mut self, kind: &ParamType, value: &Value) -> Option<Value> {
        self.report("invalid_type", format!("expected {}, got {}", expected(kind), self.shown(value)));
        if is_object(kind) && !self.strict {
            self.hint("give a JSON object with the properties that the tool's input schema names");
        }
        None
    }

    fn integer(&mut self, kind: &ParamType, min: i64, max: i64, value: &Value) -> Option<Value> {
        let number = match value {
            Value::Number(_) => whole(&json::to_text(value)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let Some(number) = number else { return self.wrong_type(kind, value) };
        if (min..=max).contains(&number) {
            return Some(Value::from(number));
        }
        let code = if number < min { "too_small" } else { "too_big" };
        self.report(code, format!("expected {}, got {number}", expected(kind)));
        None
    }

    fn text(&mut self, kind: &ParamType, rule: StringSpec, value: Value) -> Option<Value> {
        let (text, number) = match value {
            Value::String(text) => (text, None),
            // A whole number has one spelling; a fraction has several and is reported.
            Value::Number(ref n) if n.is_i64() || n.is_u64() => (json::to_text(&value), Some(value)),
            other => return self.wrong_type(kind, &other),
        };
        // A PEM file ends with a line break, Nango's rule does not allow one.
        let text = if rule.form == StringFormat::Pem { text.trim().to_owned() } else { text };
        let length = units(&text);
        if let Some(code) = size(rule, length) {
            let got = match length {
                0 => "an empty string".to_owned(),
                1 => "1 character".to_owned(),
                _ => format!("{length} characters"),
            };
            self.report(code, format!("expected {}, got {got}", expected(kind)));
            return None;
        }
        if self.stores && text.contains('\0') {
            self.report("invalid_format", format!("expected {}: {HOLDS_NUL}", expected(kind)));
            return None;
        }
        if let Err(why) = rule.form.check(&text) {
            let shown = self.shown(&number.unwrap_or(Value::String(text)));
            let mut message = format!("expected {}, got {shown}", expected(kind));
            if !why.as_str().is_empty() {
                message.push_str(&format!(": {why}"));
            }
            self.report("invalid_format", message);
            return None;
        }
        Some(Value::String(text))
    }

    fn choice(&mut self, options: &'static [&'static str], value: &Value) -> Option<Value> {
        let Some(text) = value.as_str() else {
            let message = format!("expected one of {}, got {}", join(options), self.shown(value));
            self.report("invalid_type", message);
            return None;
        };
        let mut same = options.iter().filter(|option| option.eq_ignore_ascii_case(text.trim()));
        let alike = same.next().filter(|_| same.next().is_none());
        if let Some(option) =
            options.iter().find(|option| **option == text).or(alike.filter(|_| !self.strict))
        {
            return Some(Value::from(*option));
        }
        let message = format!("expected one of {}, got {}", join(options), self.shown(value));
        self.report("invalid_value", message);
        self.hint_near(text, options, "");
        None
    }

    fn items(&mut self, of: &ParamType, items: Vec<Value>) -> Option<Vec<Value>> {
        let before = self.issues.count();
        let mut out = Vec::with_capacity(items.len());
        for (i, item) in items.into_iter().enumerate() {
            self.enter(&i.to_string(), false);
            out.extend(self.value(of, item));
            self.leave(false);
        }
        (self.issues.count() == before).then_some(out)
    }

    /// The maximum number of entries of a list, and of properties of an object with any names, unless the table
    /// declares another. It is checked before any of them is.
    fn most(&self) -> u32 {
        if self.strict { 10_000 } else { 1000 }
    }

    fn count(&mut self, n: usize, min: u32, max: u32, of: &str) -> Option<()> {
        if n < min as usize {
            let of = if min == 1 { "entry" } else { of };
            self.report("too_small", format!("expected at least {min} {of}, got {n}"));
        } else if n > max as usize {
            self.report("too_big", format!("expected at most {max} {of}, got {n}"));
        } else {
            return Some(());
        }
        None
    }
}

/// The types that are always objects.
fn is_object(kind: &ParamType) -> bool {
    matches!(
        kind,
        ParamType::Object(_)
            | ParamType::Open(_)
            | ParamType::Map { .. }
            | ParamType::Tags { .. }
            | ParamType::Tagged(_)
    )
}

/// Whether a value has the JSON type of a parameter type. The content of strings does not matter.
fn is_exactly(kind: &ParamType, value: &Value) -> bool {
    match kind {
        ParamType::Boolean => value.is_boolean(),
        ParamType::Integer { .. } => value.is_i64() || value.is_u64(),
        ParamType::Text(_) => value.is_string(),
        ParamType::List { .. } => value.is_array(),
        ParamType::OneOrMany(of) => value.is_array() || is_exactly(of, value),
        kind => !is_object(kind) || value.is_object(),
    }
}

/// The code for a string whose length is out of bounds.
fn size(rule: StringSpec, length: usize) -> Option<&'static str> {
    if length < rule.min as usize {
        return Some("too_small");
    }
    (length > rule.max as usize).then_some("too_big")
}

/// Removes duplicate entries.
fn once(items: Vec<Value>) -> Vec<Value> {
    let mut seen = Object::new();
    let is_new = |item: &Value| seen.insert(json::to_text(item), Value::Null).is_none();
    items.into_iter().filter(is_new).collect()
}

/// A whole number that may be written `5.0`.
fn whole(text: &str) -> Option<i64> {
    let digits = match text.split_once('.') {
        Some((digits, zeros)) if zeros.bytes().all(|b| b == b'0') => digits,
        _ => text,
    };
    digits.parse().ok()
}

/// Parses JSON text that was given instead of an object or list. `first` is the bracket it must begin
/// with.
pub(super) fn parsed(value: Value, first: char) -> Value {
    if let Value::String(text) = &value
        && text.trim_start().starts_with(first)
        && let Ok(inner) = json::parse(text)
    {
        return inner;
    }
    value
}
