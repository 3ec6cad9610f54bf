//! Generates arguments from a tool's table: valid ones, and valid ones with one thing broken.

use nango_toolkit::schema::{self, Allow};
use nango_toolkit::tool::{
    Param, ParamLocation, ParamRule, ParamType, Property, StringFormat, StringSpec, Tool,
};
use nango_toolkit::tools;
use serde_json::{Map, Value, json};

use super::random::Random;

/// Arguments that follow every rule of the table; hostile wherever the rules allow it.
pub fn good(random: &mut Random, tool: &Tool) -> Value {
    let mut args = object(random, tool.params.iter().map(|p| &p.prop));
    keep_all(random, tool, &mut args);
    storable(tool, Value::Object(args))
}

/// The same without NUL, which only a provider may take.
fn storable(tool: &Tool, value: Value) -> Value {
    let without = |text: &str| text.replace('\0', "0");
    match value {
        value if tool.is_proxy() => value,
        Value::String(text) => Value::from(without(&text)),
        Value::Array(items) => items.into_iter().map(|item| storable(tool, item)).collect(),
        Value::Object(map) => {
            map.into_iter().map(|(name, value)| (without(&name), storable(tool, value))).collect()
        }
        value => value,
    }
}

/// Valid arguments: only the required ones.
pub fn least(random: &mut Random, tool: &Tool) -> Value {
    let required = tool.params.iter().map(|p| &p.prop).filter(|p| p.required);
    let mut args = required.map(|p| (p.name.to_owned(), value(random, &p.kind))).collect();
    keep_all(random, tool, &mut args);
    storable(tool, Value::Object(args))
}

fn keep_all(random: &mut Random, tool: &Tool, args: &mut Map<String, Value>) {
    for rule in tool.rules {
        keep(random, tool, rule, args);
    }
}

fn keep(random: &mut Random, tool: &Tool, rule: &ParamRule, args: &mut Map<String, Value>) {
    match rule {
        ParamRule::AtLeastOne(names) => {
            if !names.iter().any(|n| args.contains_key(*n)) {
                let name = random.pick(names);
                args.insert(name.to_owned(), value(random, &tool.param(name).unwrap().prop.kind));
            }
        }
        ParamRule::Excludes(one, others) => {
            if args.contains_key(*one) {
                others.iter().for_each(|other| drop(args.remove(*other)));
            }
        }
        ParamRule::Needs(one, other) => {
            if args.contains_key(*one) && !args.contains_key(*other) {
                args.insert((*other).to_owned(), value(random, &tool.param(other).unwrap().prop.kind));
            }
        }
        // No generated name is `base`: it has more letters than those of the generator.
        ParamRule::Reserved(..) => {}
        ParamRule::Case { name, value: case, needs, excludes } => {
            if args.get(*name).is_some_and(|given| given == case) {
                excludes.iter().for_each(|other| drop(args.remove(*other)));
                for one in needs.iter().filter(|one| !args.contains_key(**one)).collect::<Vec<_>>() {
                    args.insert((*one).to_owned(), value(random, &tool.param(one).unwrap().prop.kind));
                }
            }
        }
        ParamRule::TbaAccount => {
            if args.get("credentials").is_some_and(|c| c["type"] == "TBA") {
                let config = args.entry("connection_config").or_insert_with(|| Value::Object(Map::new()));
                config["accountId"] = Value::from("1234567");
            }
        }
    }
}

/// The minimal valid arguments of a tool, one of them replaced or added.
pub fn with(tool: &Tool, name: &str, value: Value) -> Value {
    let mut args = least(&mut Random::new(7), tool);
    args[name] = value;
    args
}

/// Whether arguments are refused at `name`.
pub fn refused(tool: &Tool, args: Value, allow: &Allow, name: &str) -> bool {
    match schema::check(tool, args, allow) {
        Err(issues) => issues.iter().any(|i| i.path.first().is_some_and(|p| p == name)),
        Ok(_) => false,
    }
}

/// Every argument of every tool that is sent in such a location.
pub fn arguments_at(place: impl Fn(&ParamLocation) -> bool) -> Vec<(&'static Tool, &'static Param)> {
    let all = tools::all().flat_map(|t| t.params.iter().map(move |p| (t, p)));
    let found: Vec<_> = all.filter(|(_, p)| place(&p.place)).collect();
    assert!(!found.is_empty());
    found
}

/// A value of an argument that is `text`, or, in a map, has it as a name or value.
pub fn holding(param: &Param, text: &str) -> Vec<Value> {
    match param.prop.kind {
        ParamType::Map { .. } => vec![json!({ text: "x" }), json!({ "x-name": text })],
        ParamType::List { .. } | ParamType::OneOrMany(_) => vec![json!([text])],
        _ => vec![json!(text)],
    }
}

fn object<'p>(random: &mut Random, props: impl Iterator<Item = &'p Property>) -> Map<String, Value> {
    let mut out = Map::new();
    for prop in props {
        if prop.required || random.one_in(2) {
            out.insert(prop.name.to_owned(), value(random, &prop.kind));
        }
    }
    out
}

/// A value of a type.
pub fn value(random: &mut Random, kind: &ParamType) -> Value {
    match kind {
        ParamType::Boolean => Value::Bool(random.one_in(2)),
        ParamType::Integer { min, max } => {
            let span = max.saturating_sub(*min).min(5000) as usize;
            Value::from(match random.below(6) {
                0 => *min,
                1 => *max,
                _ => min + random.below(span + 1) as i64,
            })
        }
        ParamType::Text(rule) => Value::from(text(random, *rule)),
        ParamType::Choice(options) => Value::from(random.pick(options)),
        ParamType::List { of, min, max, unique } => {
            let n = *min as usize + random.below((max - min).min(4) as usize + 1);
            let mut items: Vec<Value> = Vec::new();
            // A short list of choices may have fewer different entries.
            for _ in 0..n * 4 {
                let item = value(random, of);
                if items.len() < n && !(*unique && items.contains(&item)) {
                    items.push(item);
                }
            }
            Value::Array(items)
        }
        // A repeated choice is one.
        ParamType::OneOrMany(of @ ParamType::Choice(options)) => match random.below(3) {
            0 => value(random, of),
            n => {
                options.iter().skip(random.below(options.len())).take(n).map(|option| json!(option)).collect()
            }
        },
        ParamType::OneOrMany(of) => match random.below(3) {
            0 => value(random, of),
            n => (0..n).map(|_| value(random, of)).collect(),
        },
        ParamType::Nullable(of) => {
            if random.one_in(3) {
                Value::Null
            } else {
                value(random, of)
            }
        }
        ParamType::NameOr { name, object: props } => {
            if random.one_in(2) {
                value(random, name)
            } else {
                Value::Object(object(random, props.iter()))
            }
        }
        ParamType::Object(props) => Value::Object(object(random, props.iter())),
        ParamType::Open(props) => {
            let mut map = object(random, props.iter());
            for _ in 0..random.below(3) {
                let name = random.text(8);
                if !props.iter().any(|p| p.name == name) {
                    map.insert(name, random.json(3));
                }
            }
            Value::Object(map)
        }
        ParamType::Map { keys, of } => {
            let n = random.below(4);
            // Names that differ only in case are the same header.
            let mut map: Map<String, Value> = Map::new();
            for _ in 0..n {
                // `${` is not allowed in a query.
                let query = matches!(of, ParamType::QueryValue);
                let name = text(random, *keys).replace('$', if query { "S" } else { "$" });
                if !map.keys().any(|k| k.eq_ignore_ascii_case(&name)) {
                    map.insert(name, value(random, of));
                }
            }
            Value::Object(map)
        }
        ParamType::Tags { min } => {
            let mut map: Map<String, Value> = Map::new();
            for _ in 0..random.below(11) {
                let name = text(random, StringSpec { min: 1, max: 64, form: StringFormat::TagKey });
                if !map.keys().any(|k| k.eq_ignore_ascii_case(&name)) {
                    let words = StringSpec { min: *min, max: 255, form: StringFormat::Any };
                    map.insert(name, Value::from(text(random, words)));
                }
            }
            if map.len() < 10 && random.one_in(3) {
                map.insert("end_user_email".into(), Value::from("ada@example.com"));
            }
            Value::Object(map)
        }
        ParamType::Tagged(variants) => {
            let variant = &variants[random.below(variants.len())];
            let mut map = object(random, variant.props.iter());
            map.insert("type".into(), Value::from(random.pick(variant.tags)));
            Value::Object(map)
        }
        ParamType::QueryValue => match random.below(4) {
            0 => Value::Bool(random.one_in(2)),
            1 => Value::Number(random.number()),
            2 => (0..random.below(4)).map(|_| Value::from(plain(random, 12))).collect(),
            _ => Value::from(plain(random, 12)),
        },
        ParamType::Json => random.json(4),
        ParamType::Body => match random.below(3) {
            0 => Value::from(random.text(20)),
            1 => (0..random.below(4)).map(|_| random.json(2)).collect(),
            _ => (0..random.below(4)).map(|_| (random.text(6), random.json(2))).collect(),
        },
    }
}

/// Any string without `${`, which query values must not contain.
fn plain(random: &mut Random, most: usize) -> String {
    random.text(most).replace('$', "S")
}

/// A string of a format: as hostile as its rule allows.
pub fn text(random: &mut Random, rule: StringSpec) -> String {
    let length = length(random, rule);
    let of = |random: &mut Random, set: &str| -> String {
        let set: Vec<char> = set.chars().collect();
        (0..length.max(1)).map(|_| random.one(&set)).collect()
    };
    match rule.form {
        StringFormat::Any => {
            // Lengths count UTF-16 units: a character of two fills two places.
            let mut text = String::new();
            let mut left = length;
            while left > 0 {
                let c = if left == 1 { 'x' } else { random.char() };
                text.push(c);
                left -= c.len_utf16();
            }
            text
        }
        StringFormat::ConnectionId => {
            let mut text = of(random, "aZ0,.;:=+~[]|@${}\"'\\/_ -./.$");
            // Starting with a bracket, it could be a list written as JSON.
            if text.starts_with('[') {
                text.replace_range(..1, "x");
            }
            // A path cannot contain a dot segment, a header value no space at either end.
            if matches!(text.as_str(), "." | "..") || text.trim() != text {
                text.replace(['.', ' '], "x")
            } else {
                text
            }
        }
        StringFormat::IntegrationKey => {
            let text = of(random, "aZ0~:.@ _-.");
            if matches!(text.as_str(), "." | "..") || text.trim() != text {
                text.replace(['.', ' '], "x")
            } else {
                text
            }
        }
        StringFormat::Name => of(random, "aZ0_-"),
        StringFormat::Model => format!("A{}", &of(random, "aZ0_-")[1..]),
        StringFormat::Uuid => {
            let digits: String = (0..36)
                .map(|at| match at {
                    8 | 13 | 18 | 23 => '-',
                    14 => random.one(&['1', '4', '7', '8']),
                    19 => random.one(&['8', '9', 'a', 'B']),
                    _ => random.one(&['0', '9', 'a', 'F']),
                })
                .collect();
            if random.one_in(8) { "00000000-0000-0000-0000-000000000000".into() } else { digits }
        }
        StringFormat::Frequency => random
            .pick(&[
                "every 5 minutes",
                "30s",
                "45 secs",
                "every hour",
                "every half day",
                "1h",
                "every 2 days",
            ])
            .into(),
        StringFormat::UtcTime => random.pick(&["2030-01-31T12:00:00Z", "1999-12-31T23:59:59.123Z"]).into(),
        StringFormat::Lifetime => random.pick(&["60s", "90m", "12h", "15d", "7d", "1296000s"]).into(),
        StringFormat::EnvironmentName => of(random, "az0_-"),
        StringFormat::SessionToken => {
            format!(
                "nango_connect_session_{}",
                (0..64).map(|_| random.one(&['0', '9', 'a', 'f'])).collect::<String>()
            )
        }
        StringFormat::Scopes => {
            let n = random.below(4);
            (0..n)
                .map(|_| random.pick(&["repo", "read:user", "https://a.b/c.d", "*", "A_b-9"]))
                .collect::<Vec<_>>()
                .join(",")
        }
        StringFormat::Pem => {
            format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", random.text(30))
        }
        StringFormat::Email => format!("u{}@example.com", random.below(1000)),
        StringFormat::DateTime => {
            random.pick(&["2030-01-31T12:00:00Z", "1999-12-31T23:59:59.123+05:30"]).to_owned()
        }
        StringFormat::WebhookUrl => {
            random.pick(&["", "https://hooks.example.com/x", "http://example.org:8080/?a=b"]).to_owned()
        }
        StringFormat::HttpUrl => {
            random.pick(&["https://api.example.com", "https://example.com:443/v1"]).to_owned()
        }
        StringFormat::ProxyPath => {
            let n = 1 + random.below(5);
            let segment = |random: &mut Random| {
                random.pick(&[
                    "v1", "users", "%20", "%2F", "é", "a:b", "$count", "items(1)", "...", "a..b", "", "@x",
                    "%", "x%",
                ])
            };
            let path = (0..n).map(|_| segment(random)).collect::<Vec<_>>().join("/");
            let path = path.trim_start_matches('/');
            if path.is_empty() { "x".into() } else { path.to_owned() }
        }
        StringFormat::HeaderName => {
            let name = of(random, "aZ0!#$%&'*+.^_`|~-");
            format!("x{name}")
        }
        StringFormat::HeaderValue => {
            (0..length).map(|_| random.one(&['a', ' ', '\t', ':', '"', 'é', '~', '\u{a0}', 'ÿ'])).collect()
        }
        StringFormat::TagKey => format!("a{}", &of(random, "aZ0_./-")[1..]),
    }
}

fn length(random: &mut Random, rule: StringSpec) -> usize {
    let (min, max) = (rule.min as usize, rule.max.min(300) as usize);
    match random.below(12) {
        0 => min,
        // Whole kilobytes only rarely: they take time and find little.
        1 if rule.max <= 300 => max,
        _ => min + random.below((max - min).min(12) + 1),
    }
}

/// Breaks something in `value`: one place, sometimes several.
pub fn broken(random: &mut Random, mut value: Value) -> Value {
    for _ in 0..1 + random.below(3) {
        break_one(random, &mut value, 0);
    }
    value
}

fn break_one(random: &mut Random, value: &mut Value, depth: usize) {
    let here = depth > 0 && random.one_in(3);
    match value {
        Value::Object(map) if !here => {
            let names: Vec<String> = map.keys().cloned().collect();
            if names.is_empty() || random.one_in(8) {
                let name = if random.one_in(2) { random.nasty().to_owned() } else { random.text(8) };
                map.insert(name, random.json(3));
            } else if random.one_in(8) {
                map.remove(&names[random.below(names.len())]);
            } else if let Some(inner) = map.get_mut(&names[random.below(names.len())]) {
                break_one(random, inner, depth + 1);
            }
        }
        Value::Array(items) if !here && !items.is_empty() => {
            let i = random.below(items.len());
            break_one(random, &mut items[i], depth + 1);
        }
        value => *value = replacement(random, value),
    }
}

fn replacement(random: &mut Random, value: &Value) -> Value {
    match random.below(10) {
        0 => Value::Null,
        1 => Value::from(random.nasty()),
        2 => Value::from(value.to_string()),
        3 => Value::Array(vec![value.clone(), value.clone()]),
        4 => nested(random),
        5 => Value::from(random.text(600)),
        6 => match value {
            Value::String(text) => {
                let mut text = text.clone();
                text.push(random.char());
                text.push_str(random.nasty());
                Value::from(text)
            }
            other => Value::from(format!(" {other} ")),
        },
        _ => random.json(3),
    }
}

/// A value nested about as deep as a parser allows: 128 levels.
pub fn nested(random: &mut Random) -> Value {
    let mut value = random.json(1);
    for _ in 0..random.below(100) {
        value = if random.one_in(2) {
            Value::Array(vec![value])
        } else {
            Value::Object(Map::from_iter([(random.text(3), value)]))
        };
    }
    value
}
