//! Arguments checked against a tool's table: all problems at once, what has exactly one meaning
//! repaired on the way, `null` for an omitted optional argument dropped.

use super::Allow;
use super::given::{given, type_name};
use crate::error::Issue;
use crate::json::{self, Object, Value};
use crate::nearest::nearest;
use crate::text::{self, decimal, fill};
use crate::tool::{Form, Kind, Param, Place, Prop, Rule, Text, Tool, Variant};
use crate::url::{Url, is_within};

/// One walk over one set of arguments.
pub(super) struct Check<'a> {
    pub(super) allow: &'a Allow,
    pub(super) issues: Vec<Issue>,
    path: Vec<String>,
    /// How many enclosing properties are secret: their values stay out of every message.
    secret: usize,
}

impl<'a> Check<'a> {
    pub(super) fn new(allow: &'a Allow) -> Check<'a> {
        Check { allow, issues: Vec::new(), path: Vec::new(), secret: 0 }
    }

    /// The arguments of `tool`, checked: a map that [`crate::http::build`] takes as it is.
    pub(super) fn tool(&mut self, tool: &Tool, args: Value) -> Object {
        let args = match args {
            Value::Null => Object::new(),
            Value::String(text) if text.trim().is_empty() => Object::new(),
            args => {
                // What is no object may be a broken text of one, secrets and all.
                self.secret += 1;
                let map = self.object_of(args);
                self.secret -= 1;
                let Some(map) = map else { return Object::new() };
                map
            }
        };
        let props = tool.params.iter().map(|p| &p.prop);
        let mut out = self.props(props, args, false);
        for param in tool.params {
            if let Some(value) = out.get(param.prop.name) {
                self.path.push(param.prop.name.to_owned());
                self.placed(param, value);
                self.path.pop();
            }
        }
        for rule in tool.rules {
            self.rule(rule, &mut out);
        }
        out
    }

    fn report(&mut self, code: &'static str, message: String) {
        self.issues.push(Issue::new(self.path.clone(), code, message));
    }

    fn report_with(&mut self, code: &'static str, message: String, hint: impl Into<String>) {
        self.issues.push(Issue::new(self.path.clone(), code, message).hint(hint));
    }

    /// The value as messages may show it.
    fn shown(&self, value: &Value) -> String {
        if self.secret > 0 { type_name(value).to_owned() } else { given(value) }
    }

    /// Runs `f` one step deeper.
    fn at<T>(&mut self, name: &str, secret: bool, f: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(name.to_owned());
        self.secret += usize::from(secret);
        let result = f(self);
        self.secret -= usize::from(secret);
        self.path.pop();
        result
    }

    /// An object, or the object that a JSON text holds.
    fn object_of(&mut self, value: Value) -> Option<Object> {
        match parsed(value, '{') {
            Value::Object(map) => Some(map),
            other => {
                let message = fill("expected an object, got {}", &[&self.shown(&other)]);
                let hint = "give a JSON object with the properties that the tool's input schema names";
                self.report_with("invalid_type", message, hint);
                None
            }
        }
    }

    /// The properties of an object; `open` lets undeclared ones pass verbatim.
    fn props<'p>(
        &mut self,
        props: impl Iterator<Item = &'p Prop> + Clone,
        mut map: Object,
        open: bool,
    ) -> Object {
        let mut out = Object::new();
        for prop in props.clone() {
            // `null` for something optional means "not given": models send it for want of a word.
            let absent = match map.shift_remove(prop.name) {
                None => true,
                Some(Value::Null) if !nullable(&prop.kind) && !prop.required => continue,
                Some(value) => {
                    let checked = self.at(prop.name, prop.secret, |c| c.value(&prop.kind, value));
                    if let Some(value) = checked {
                        out.insert(prop.name.to_owned(), value);
                    }
                    false
                }
            };
            if absent && prop.required {
                self.at(prop.name, prop.secret, |c| {
                    let message = fill("expected {}, got nothing", &[&expected(&prop.kind)]);
                    c.report_with("required", message, prop.doc);
                });
            }
        }
        for (name, value) in map {
            if open {
                out.insert(name, value);
                continue;
            }
            let hint = match nearest(&name, props.clone().map(|p| p.name)) {
                Some(near) => fill("did you mean `{}`?", &[near]),
                None if props.clone().next().is_none() => "it takes no properties; leave it out".to_owned(),
                None => fill("leave it out; the properties are {}", &[&join(props.clone().map(|p| p.name))]),
            };
            // The name is data too: cut, so that no text of any length is echoed.
            let shown = clip(&name);
            self.at(&shown, false, |c| {
                c.report_with("unrecognized_keys", fill("there is no property `{}` here", &[&shown]), hint);
            });
        }
        out
    }

    /// One value of any kind; `None` when it was reported.
    fn value(&mut self, kind: &Kind, value: Value) -> Option<Value> {
        match kind {
            Kind::Json => Some(value),
            Kind::Body => match value {
                Value::Object(_) | Value::Array(_) | Value::String(_) => Some(value),
                other => self.wrong_type(kind, &other),
            },
            Kind::Boolean => match &value {
                Value::Bool(_) => Some(value),
                Value::String(s) if s.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
                Value::String(s) if s.eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
                _ => self.wrong_type(kind, &value),
            },
            Kind::Integer { min, max } => self.integer(kind, *min, *max, value),
            Kind::Text(text) => self.text(kind, *text, value),
            Kind::Choice(options) => self.choice(options, value),
            Kind::List { of, min, max, unique } => {
                let items = self.list(kind, of, value)?;
                self.count(items.len(), *min, *max, "entries")?;
                if *unique { self.no_repeats(items) } else { Some(Value::Array(items)) }
            }
            // A connection id may look like a list: a text that is a good value already stays one. Where
            // any text is good a list in JSON is one.
            Kind::OneOrMany(Kind::Text(text))
                if text.form != Form::Any && value.as_str().is_some_and(|v| text.form.check(v).is_ok()) =>
            {
                self.text(kind, *text, value)
            }
            Kind::OneOrMany(of) => match parsed(value, '[') {
                Value::Array(items) => {
                    let items = self.items(of, items)?;
                    self.count(items.len(), 1, u32::MAX, "entries")?;
                    Some(Value::Array(items))
                }
                one => self.value(of, one),
            },
            Kind::NameOr { name, object } => match parsed(value, '{') {
                Value::Object(map) => Some(Value::Object(self.props(object.iter(), map, false))),
                other => self.value(name, other),
            },
            Kind::Object(props) => {
                let map = self.object_of(value)?;
                Some(Value::Object(self.props(props.iter(), map, false)))
            }
            Kind::Open(props) => {
                let map = self.object_of(value)?;
                Some(Value::Object(self.props(props.iter(), map, true)))
            }
            Kind::Map { keys, of } => {
                let map = self.object_of(value)?;
                self.map(*keys, of, map)
            }
            Kind::Tags { min } => {
                let map = self.object_of(value)?;
                self.tags(*min, map)
            }
            Kind::Tagged(variants) => {
                let map = self.object_of(value)?;
                self.tagged(variants, map)
            }
            Kind::QueryValue => match value {
                Value::String(_) | Value::Number(_) | Value::Bool(_) => Some(value),
                // A list within a list has no place in a query.
                Value::Array(items) if !items.iter().any(Value::is_array) => {
                    Some(Value::Array(self.items(&Kind::QueryValue, items)?))
                }
                other => self.wrong_type(kind, &other),
            },
        }
    }

    fn wrong_type(&mut self, kind: &Kind, value: &Value) -> Option<Value> {
        let message = fill("expected {}, got {}", &[&expected(kind), &self.shown(value)]);
        self.report("invalid_type", message);
        None
    }

    fn integer(&mut self, kind: &Kind, min: i64, max: i64, value: Value) -> Option<Value> {
        let number = match &value {
            Value::Number(n) => n.as_i64().or_else(|| whole(&json::to_text(&value))),
            Value::String(s) => s.trim().parse::<i64>().ok(),
            _ => None,
        };
        let Some(number) = number else { return self.wrong_type(kind, &value) };
        if number < min {
            self.report("too_small", fill("expected {}, got {}", &[&expected(kind), &decimal(number)]));
            return None;
        }
        if number > max {
            self.report("too_big", fill("expected {}, got {}", &[&expected(kind), &decimal(number)]));
            return None;
        }
        Some(Value::from(number))
    }

    fn text(&mut self, kind: &Kind, rule: Text, value: Value) -> Option<Value> {
        let (text, number) = match value {
            Value::String(text) => (text, None),
            // A whole number has one spelling; a fraction has several and is reported.
            Value::Number(ref n) if n.is_i64() || n.is_u64() => (json::to_text(&value), Some(value)),
            other => return self.wrong_type(kind, &other),
        };
        // A PEM file ends with a line break, Nango's rule does not allow one.
        let text = if rule.form == Form::Pem { text.trim().to_owned() } else { text };
        let length = units(&text);
        if length < rule.min as usize || length > rule.max as usize {
            let code = if length < rule.min as usize { "too_small" } else { "too_big" };
            let got = if length == 0 { "an empty text".to_owned() } else { characters(length) };
            self.report(code, fill("expected {}, got {}", &[&expected(kind), &got]));
            return None;
        }
        if let Err(why) = rule.form.check(&text) {
            let value = number.unwrap_or(Value::String(text));
            let mut message = fill("expected {}, got {}", &[&expected(kind), &self.shown(&value)]);
            if !why.is_empty() {
                message.push_str(": ");
                message.push_str(why);
            }
            self.report("invalid_format", message);
            return None;
        }
        Some(Value::String(text))
    }

    fn choice(&mut self, options: &[&'static str], value: Value) -> Option<Value> {
        if let Value::String(s) = &value {
            let found = options.iter().find(|o| *o == s).or_else(|| {
                let mut same = options.iter().filter(|o| o.eq_ignore_ascii_case(s.trim()));
                same.next().filter(|_| same.next().is_none())
            });
            if let Some(option) = found {
                return Some(Value::from(*option));
            }
        }
        let code = if value.is_string() { "invalid_value" } else { "invalid_type" };
        let message =
            fill("expected one of {}, got {}", &[&join(options.iter().copied()), &self.shown(&value)]);
        let near = value.as_str().and_then(|s| nearest(s, options.iter().copied()));
        match near {
            Some(near) => self.report_with(code, message, fill("did you mean `{}`?", &[near])),
            None => self.report(code, message),
        }
        None
    }

    /// A list; a single value that would do as its only entry is one.
    fn list(&mut self, kind: &Kind, of: &Kind, value: Value) -> Option<Vec<Value>> {
        match parsed(value, '[') {
            Value::Array(items) => self.items(of, items),
            one @ (Value::String(_) | Value::Number(_)) => {
                let mut alone = Check { allow: self.allow, issues: Vec::new(), path: Vec::new(), secret: 0 };
                let item = alone.value(of, one.clone());
                match item.filter(|_| alone.issues.is_empty()) {
                    Some(item) => Some(vec![item]),
                    None => {
                        self.wrong_type(kind, &one);
                        None
                    }
                }
            }
            other => {
                self.wrong_type(kind, &other);
                None
            }
        }
    }

    fn items(&mut self, of: &Kind, items: Vec<Value>) -> Option<Vec<Value>> {
        let before = self.issues.len();
        let mut out = Vec::with_capacity(items.len());
        for (i, item) in items.into_iter().enumerate() {
            let checked = self.at(&decimal(i as i64), false, |c| c.value(of, item));
            out.extend(checked);
        }
        (self.issues.len() == before).then_some(out)
    }

    fn count(&mut self, n: usize, min: u32, max: u32, of: &str) -> Option<()> {
        if n < min as usize {
            let of = if min == 1 { "entry" } else { of };
            self.report(
                "too_small",
                fill("expected at least {} {}, got {}", &[&decimal(min as i64), of, &decimal(n as i64)]),
            );
            return None;
        }
        if n > max as usize {
            self.report(
                "too_big",
                fill("expected at most {} {}, got {}", &[&decimal(max as i64), of, &decimal(n as i64)]),
            );
            return None;
        }
        Some(())
    }

    /// What stands twice means the same once.
    fn no_repeats(&mut self, items: Vec<Value>) -> Option<Value> {
        let mut out: Vec<Value> = Vec::with_capacity(items.len());
        for item in items {
            if !out.contains(&item) {
                out.push(item);
            }
        }
        Some(Value::Array(out))
    }

    fn map(&mut self, keys: Text, of: &Kind, map: Object) -> Option<Value> {
        let before = self.issues.len();
        let mut out = Object::new();
        for (name, value) in map {
            let shown = clip(&name);
            let checked =
                self.at(&shown, false, |c| if c.name(keys, &name) { c.value(of, value) } else { None });
            if let Some(value) = checked {
                out.insert(name, value);
            }
        }
        (self.issues.len() == before).then_some(Value::Object(out))
    }

    fn name(&mut self, rule: Text, name: &str) -> bool {
        let length = units(name);
        let fits = (rule.min as usize..=rule.max as usize).contains(&length);
        let good = fits && rule.form.check(name).is_ok();
        if !good {
            let message = fill("the property name must be {}", &[&expected(&Kind::Text(rule))]);
            self.report("invalid_key", message);
        }
        good
    }

    fn tags(&mut self, min: u32, map: Object) -> Option<Value> {
        let before = self.issues.len();
        self.count(map.len(), 0, 10, "tags");
        let names: Vec<String> = map.keys().map(|name| name.to_ascii_lowercase()).collect();
        for (i, name) in names.iter().enumerate() {
            if names.iter().take(i).any(|other| other == name) {
                let message = fill("the tag `{}` is given twice: Nango ignores case", &[&clip(name)]);
                self.report_with("custom", message, "keep one of them");
            }
        }
        let keys = Text { min: 1, max: 64, form: Form::TagKey };
        let plain = Kind::Text(Text { min, max: 255, form: Form::Any });
        let checked = self.map(keys, &plain, map)?;
        for (name, value) in checked.as_object().into_iter().flatten() {
            let empty = value.as_str().is_some_and(str::is_empty);
            if name.eq_ignore_ascii_case("end_user_email") && !(empty && min == 0) {
                let email = Kind::Text(Text { min: 5, max: 255, form: Form::Email });
                let value = value.clone();
                self.at(name, false, |c| c.value(&email, value));
            }
        }
        (self.issues.len() == before).then_some(checked)
    }

    fn tagged(&mut self, variants: &[Variant], mut map: Object) -> Option<Value> {
        let names = || variants.iter().flat_map(|v| v.tags.iter().copied());
        let tag = match map.shift_remove("type") {
            Some(Value::String(tag)) => tag,
            Some(other) => {
                let message = fill("expected one of {}, got {}", &[&join(names()), type_name(&other)]);
                self.at("type", false, |c| c.report("invalid_type", message));
                return None;
            }
            None => {
                let message = fill("expected one of {}, got nothing", &[&join(names())]);
                let hint = "the type equals the provider's auth_mode; NANGO_PROVIDERS_GET_GET tells it";
                self.at("type", false, |c| c.report_with("required", message, hint));
                return None;
            }
        };
        let Some((variant, tag)) = variants
            .iter()
            .find_map(|v| v.tags.iter().find(|t| t.eq_ignore_ascii_case(tag.trim())).map(|t| (v, *t)))
        else {
            let message =
                fill("expected one of {}, got {}", &[&join(names()), &given(&Value::from(clip(&tag)))]);
            let hint = match nearest(&tag, names()) {
                Some(near) => fill("did you mean `{}`?", &[near]),
                None => "the type equals the provider's auth_mode; others cannot be given here".to_owned(),
            };
            self.at("type", false, |c| c.report_with("invalid_value", message, hint));
            return None;
        };
        let mut out = Object::new();
        out.insert("type".to_owned(), Value::from(tag));
        for (name, value) in self.props(variant.props.iter(), map, false) {
            out.insert(name, value);
        }
        Some(Value::Object(out))
    }

    /// What a place asks of a value beyond its kind.
    fn placed(&mut self, param: &Param, value: &Value) {
        match (param.place, value) {
            (Place::Path(_), Value::String(text)) if text == "." || text == ".." => {
                let message = fill("`{}` cannot stand in a URL path", &[text]);
                self.report("invalid_format", message);
            }
            (Place::Header(_), Value::String(text)) if text.starts_with(' ') || text.ends_with(' ') => {
                let message = "it begins or ends with a space, which HTTP drops from a header".to_owned();
                self.report("invalid_format", message);
            }
            (Place::Header("Base-Url-Override"), Value::String(text)) => self.override_host(text),
            (Place::HeaderPrefix(_), Value::Object(map)) => self.proxy_headers(map),
            (Place::QuerySpread, Value::Object(map)) => self.query_values(map),
            _ => {}
        }
    }

    fn override_host(&mut self, text: &str) {
        let Ok(url) = Url::parse(text) else { return };
        if url.rest.contains(['?', '#']) {
            self.report("invalid_format", "it must not hold a query or fragment".to_owned());
        } else if !text.is_ascii() {
            let message = "it holds characters that must be percent-encoded in a URL".to_owned();
            self.report("invalid_format", message);
        } else if text.contains("${") {
            let message = "it holds ${, which Nango would replace with connection secrets".to_owned();
            self.report("invalid_format", message);
        } else if !self.allow.override_hosts.iter().any(|h| is_within(url.host, h)) {
            let message = fill(
                "the host `{}` is not allowed here: the request would carry the user's credentials to it",
                &[&clip(url.host)],
            );
            let hint = "leave base_url_override out; whoever runs this toolkit can allow hosts with the option `proxy.allowedHosts`";
            self.report_with("not_allowed", message, hint);
        }
    }

    fn proxy_headers(&mut self, map: &Object) {
        let names: Vec<String> = map.keys().map(|n| n.to_ascii_lowercase()).collect();
        for (i, (name, lower)) in map.keys().zip(&names).enumerate() {
            if names.iter().take(i).any(|other| other == lower) {
                self.at(name, false, |c| {
                    c.report("custom", fill("the header `{}` is given twice: case matters not", &[lower]))
                });
            }
            if matches!(lower.as_str(), "authorization" | "proxy-authorization" | "cookie")
                && !self.allow.proxy_authorization
            {
                let hint = "leave it out, Nango adds the connection's credentials; whoever runs this toolkit can allow it with `proxy.allowAuthorization`";
                self.at(name, false, |c| {
                    c.report_with(
                        "not_allowed",
                        fill("the header `{}` would replace the credentials that Nango adds", &[lower]),
                        hint,
                    );
                });
            }
        }
    }

    fn query_values(&mut self, map: &Object) {
        for (name, value) in map {
            let texts = core::iter::once(value).chain(value.as_array().into_iter().flatten());
            if name.contains("${") || texts.filter_map(Value::as_str).any(|t| t.contains("${")) {
                let shown = clip(name);
                self.at(&shown, false, |c| {
                    let message = "it holds ${, which Nango would replace with connection secrets".to_owned();
                    c.report("invalid_format", message);
                });
            }
        }
    }

    fn rule(&mut self, rule: &Rule, args: &mut Object) {
        // A rule speaks only where its parts were given in good form: no second message for one fault.
        let faulty =
            |c: &Self, name: &str| c.issues.iter().any(|i| i.path.first().is_some_and(|p| p == name));
        match *rule {
            Rule::AtLeastOne(names) => {
                if !names.iter().any(|&n| args.contains_key(n) || faulty(self, n)) {
                    self.report(
                        "custom",
                        fill("expected at least one of {}, got none", &[&join(names.iter().copied())]),
                    );
                }
            }
            Rule::Excludes(one, others) => {
                let given: Vec<&str> = others.iter().copied().filter(|&n| args.contains_key(n)).collect();
                if args.contains_key(one) && !given.is_empty() {
                    let message = fill("`{}` and {} exclude each other", &[one, &join(given.into_iter())]);
                    self.report_with("custom", message, fill("keep `{}`, the others are deprecated", &[one]));
                }
            }
            Rule::Needs(one, other) => {
                if args.contains_key(one) && !args.contains_key(other) && !faulty(self, other) {
                    let message = fill("`{}` has a meaning only together with `{}`", &[one, other]);
                    self.at(one, false, |c| {
                        c.report_with("custom", message, fill("give `{}` too", &[other]))
                    });
                }
            }
            Rule::TbaAccount => {
                let tba = args.get("credentials").and_then(|c| c.get("type")).and_then(Value::as_str)
                    == Some("TBA");
                let account = args.get("connection_config").and_then(|c| c.get("accountId"));
                if tba && account.and_then(Value::as_str).is_none_or(str::is_empty) {
                    self.at("connection_config", false, |c| {
                        c.at("accountId", false, |c| {
                            c.report(
                                "required",
                                "expected the account id as a text: credentials of type TBA need it"
                                    .to_owned(),
                            );
                        });
                    });
                }
            }
        }
    }
}

fn nullable(kind: &Kind) -> bool {
    matches!(kind, Kind::Json)
}

/// A whole number that is written `5.0`.
fn whole(text: &str) -> Option<i64> {
    let digits = match text.split_once('.') {
        Some((digits, zeros)) if zeros.bytes().all(|b| b == b'0') => digits,
        _ => text,
    };
    digits.parse().ok()
}

/// A JSON text where an object or list belongs has one meaning: what it holds. `first` is the
/// bracket it must begin with.
fn parsed(value: Value, first: char) -> Value {
    if let Value::String(text) = &value
        && text.trim_start().starts_with(first)
        && let Ok(inner) = json::parse(text)
    {
        return inner;
    }
    value
}

/// What a kind asks for, in words: "a whole number from 1 to 2000".
pub(super) fn expected(kind: &Kind) -> String {
    match kind {
        Kind::Boolean => "true or false".into(),
        Kind::Integer { min, max: i64::MAX } => fill("a whole number from {}", &[&decimal(*min)]),
        Kind::Integer { min, max } => fill("a whole number from {} to {}", &[&decimal(*min), &decimal(*max)]),
        Kind::Text(text) => {
            let size = match (text.min, text.max) {
                (0, u32::MAX) => String::new(),
                (0, max) => fill(" of at most {} characters", &[&decimal(max as i64)]),
                (1, u32::MAX) => " that is not empty".into(),
                (min, u32::MAX) => fill(" of at least {} characters", &[&decimal(min as i64)]),
                (min, max) => fill(" of {} to {} characters", &[&decimal(min as i64), &decimal(max as i64)]),
            };
            match text.form {
                Form::Any => fill("a text{}", &[&size]),
                Form::ConnectionId | Form::IntegrationKey | Form::Name => {
                    fill("a text{} made of {}", &[&size, text.form.words()])
                }
                form => form.words().into(),
            }
        }
        Kind::Choice(options) => fill("one of {}", &[&join(options.iter().copied())]),
        Kind::List { .. } => "a list".into(),
        Kind::OneOrMany(of) => fill("{}, or a list of them", &[&expected(of)]),
        Kind::NameOr { name, .. } => fill("{}, or an object", &[&expected(name)]),
        Kind::Json => "any JSON value".into(),
        Kind::Body => "an object, a list or a text".into(),
        Kind::QueryValue => "a text, number or boolean, or a list of them".into(),
        Kind::Object(_) | Kind::Open(_) | Kind::Map { .. } | Kind::Tags { .. } | Kind::Tagged(_) => {
            "an object".into()
        }
    }
}

/// `` `a`, `b` or `c` `` without the or: names in backticks.
pub(super) fn join<'s>(names: impl Iterator<Item = &'s str>) -> String {
    let mut out = String::new();
    for name in names {
        if !out.is_empty() {
            out.push_str(", ");
        }
        out.push('`');
        out.push_str(name);
        out.push('`');
    }
    out
}

/// The length of a text as the server counts it: in UTF-16 units, two for an emoji.
fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

fn characters(n: usize) -> String {
    fill("{} character{}", &[&decimal(n as i64), if n == 1 { "" } else { "s" }])
}

fn clip(text: &str) -> String {
    text::clip(text, 64)
}
