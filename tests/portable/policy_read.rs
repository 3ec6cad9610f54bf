//! Reading policies: what is refused, with which message, and that nothing malformed widens access.
//! The decisions of valid ones are in `policy.rs`.

use crate::common::random::{Random, cases, seed};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::policy::{Claims, Fact, Lookups, Policy, Verdict};
use nango_toolkit::schema::{self, Allow, Checked};
use nango_toolkit::tool::Tool;
use nango_toolkit::tools;
use serde_json::{Value, json};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A policy, then every issue: path, code, a part of its message or hint.
type Refused = (&'static str, &'static [(&'static str, &'static str, &'static str)]);

const REFUSED: &[Refused] = &[
    ("{}", &[("default", "required", "expected `allow` or `deny`, got nothing")]),
    ("[]", &[("", "invalid_type", "an object")]),
    ("null", &[("", "invalid_type", "an object")]),
    ("true", &[("", "invalid_type", "an object")]),
    (r#""allow""#, &[("", "invalid_type", "an object")]),
    (r#"{"readOnly":false}"#, &[("default", "required", "got nothing")]),
    (r#"{"readOnly":true,"rules":[]}"#, &[("default", "required", "only `{ \"readOnly\": true }`")]),
    (r#"{"default":null}"#, &[("default", "invalid_type", "got null")]),
    (r#"{"default":"Allow"}"#, &[("default", "invalid_value", "did you mean `allow`?")]),
    (r#"{"default":"a*"}"#, &[("default", "invalid_value", "`allow`, `deny`")]),
    (r#"{"default":["allow"]}"#, &[("default", "invalid_type", "one of `allow`, `deny`")]),
    (r#"{"default":"confirm"}"#, &[("default", "invalid_value", "`allow`, `deny`")]),
    (
        r#"{"default":"allow","readonly":true}"#,
        &[("readonly", "unrecognized_keys", "did you mean `readOnly`?")],
    ),
    (r#"{"default":"allow","readOnly":"true"}"#, &[("readOnly", "invalid_type", "true or false")]),
    (r#"{"default":"allow","rules":{}}"#, &[("rules", "invalid_type", "a list")]),
    (r#"{"default":"allow","rules":["deny"]}"#, &[("rules.0", "invalid_type", "an object")]),
    (r#"{"default":"allow","rules":[{}]}"#, &[("rules.0.then", "required", "`allow`, `confirm`, `deny`")]),
    (
        r#"{"default":"allow","rules":[{"then":"block"}]}"#,
        &[("rules.0.then", "invalid_value", "`allow`, `confirm`, `deny`")],
    ),
    (
        r#"{"default":"allow","rules":[{"effect":"deny"}]}"#,
        &[
            ("rules.0.then", "required", "got nothing"),
            ("rules.0.effect", "invalid_value", "`read`, `write`, `destructive`, `destroy`"),
        ],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny"},{"then":"deny","conection":"x","proxyPath":"/x"}]}"#,
        &[
            ("rules.1.conection", "unrecognized_keys", "did you mean `connection`?"),
            ("rules.1.proxyPath", "unrecognized_keys", "did you mean `proxy_path`?"),
        ],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","user":5}]}"#,
        &[("rules.0.user", "invalid_type", "a list")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","user":null}]}"#,
        &[("rules.0.user", "invalid_type", "a list")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","user":[]}]}"#,
        &[("rules.0.user", "too_small", "at least 1 entry")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","user":""}]}"#,
        &[("rules.0.user", "too_small", "an empty string")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","user":["a",[]]}]}"#,
        &[("rules.0.user.1", "invalid_type", "a string")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","id":""}]}"#,
        &[("rules.0.id", "too_small", "an empty string")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","tool":"NANGO_DELTE_CONNECTION"}]}"#,
        &[("rules.0.tool", "invalid_value", "did you mean `NANGO_DELETE_CONNECTION`?")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","tool":"GMAIL_*"}]}"#,
        &[("rules.0.tool", "invalid_value", "expected one of `NANGO_")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","toolset":"connection"}]}"#,
        &[("rules.0.toolset", "invalid_value", "did you mean `connections`?")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","reach":"everything"}]}"#,
        &[("rules.0.reach", "invalid_value", "catalogue")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","tags":"prod"}]}"#,
        &[("rules.0.tags", "invalid_format", "key=value")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","proxy_path":"/a%20b"}]}"#,
        &[("rules.0.proxy_path", "invalid_format", "decoded")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","proxy_path":"/a?b=*"}]}"#,
        &[("rules.0.proxy_path", "invalid_format", "without query")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","proxy_host":"https://evil.example"}]}"#,
        &[("rules.0.proxy_host", "invalid_format", "a host without scheme")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","integration":["hub*spot","Hub/Spot"]}]}"#,
        &[("rules.0.integration.1", "invalid_format", "the ID of an integration")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","integration":"$usr"}]}"#,
        &[("rules.0.integration", "invalid_format", "the ID of an integration")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","proxy_method":"GET, PUT"}]}"#,
        &[("rules.0.proxy_method", "invalid_format", "an HTTP method")],
    ),
    (
        r#"{"default":"allow","rules":[{"then":"deny","tool":"NANGO_GET_PROXY","toolset":"connections"},{"then":"deny"}]}"#,
        &[("rules.0", "invalid_value", "no call to which the rule could apply")],
    ),
    (
        r#"{"default":"allow","limits":[{"tool":"*"}]}"#,
        &[("limits.0.calls", "required", "a whole number from 1")],
    ),
    (
        r#"{"default":"allow","limits":[{"tool":"*","calls":0}]}"#,
        &[("limits.0.calls", "too_small", "from 1")],
    ),
    (
        r#"{"default":"allow","limits":[{"tool":"*","calls":1.5}]}"#,
        &[("limits.0.calls", "invalid_type", "from 1")],
    ),
    (
        r#"{"default":"allow","limits":[{"tool":"*","calls":-1,"per":"day"}]}"#,
        &[
            ("limits.0.calls", "too_small", "from 1"),
            ("limits.0.per", "unrecognized_keys", "`tool`, `calls`"),
        ],
    ),
    (r#"{"default":"allow","maxResultBytes":"1k"}"#, &[("maxResultBytes", "invalid_type", "from 1")]),
    (r#"{"default":"allow","scopes":[]}"#, &[("scopes", "too_small", "at least 1 entry")]),
    ("{", &[("", "invalid_json", "not JSON")]),
    ("", &[("", "invalid_json", "not JSON")]),
];

#[test]
fn what_is_wrong_with_a_policy_is_told_at_once() {
    for (text, expected) in REFUSED {
        let issues = Policy::parse(text).unwrap_err().issues;
        assert_eq!(issues.len(), expected.len(), "{text}: {issues:?}");
        for (issue, (path, code, words)) in issues.iter().zip(*expected) {
            assert_eq!((issue.path.join(".").as_str(), &*issue.code), (*path, *code), "{text}: {issue:?}");
            let said = format!("{} {}", issue.message, issue.hint.as_deref().unwrap_or_default());
            assert!(said.contains(words), "{text}: {said}");
        }
    }
    let error = Policy::parse(r#"{"default":"deny","rules":[{"then":"no"}]}"#).unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str(), error.issues.len()),
        (ErrorKind::InvalidOption, "invalid_policy", 1)
    );
    assert_eq!(
        error.message,
        "the policy cannot be used: `rules.0.then`: expected one of `allow`, `confirm`, `deny`, got `no`"
    );
    let error = Policy::parse("[]").unwrap_err();
    assert_eq!(error.message, "the policy cannot be used: expected an object, got a list");
}

#[cfg(not(target_family = "wasm"))] // the validator of schemas is a native one
#[test]
fn a_rule_that_can_match_nothing_is_named() {
    let reads = |conditions: &Value| {
        let mut rule = conditions.clone();
        rule["then"] = json!("deny");
        Policy::from_value(json!({ "default": "allow", "rules": [rule] })).is_ok()
    };
    for conditions in [
        json!({ "tool": "NANGO_LIST_INTEGRATIONS", "effect": "destroy" }),
        json!({ "tool": ["NANGO_DELETE_*", "NANGO_CREATE_*"], "effect": "read" }),
        json!({ "toolset": "environment", "reach": "connection" }),
        json!({ "tool": "NANGO_DELETE_CONNECTION", "proxy_path": "/x" }),
        json!({ "toolset": "connections", "proxy_method": "*" }),
        json!({ "toolset": "syncs", "proxy_host": "provider" }),
        json!({ "tool": "NANGO_GET_PROXY", "variable": "TOKEN" }),
        json!({ "tool": "NANGO_PROVIDERS_LIST_GET", "integration": "hubspot" }),
        json!({ "toolset": "providers", "end_user": "ada" }),
        json!({ "toolset": "account", "connection": "*", "effect": "read" }),
    ] {
        assert!(!reads(&conditions), "{conditions}");
        // Each condition alone is fine, and so are several of which each call meets one.
        for (name, pattern) in conditions.as_object().unwrap() {
            assert!(reads(&json!({ name: pattern })), "{name}: {pattern}");
        }
        let caller = json!({ "role": "admin", "user": "$user", "organization": "acme", "agent": "a*" });
        assert!(reads(&caller));
    }
    // No tool is left out by mistake: a rule with all that is known of one applies to it.
    for tool in tools::all() {
        let known = json!({ "tool": tool.slug, "toolset": tool.toolset.as_str(), "effect": tool.effect.as_str(),
            "reach": tool.reach.as_str() });
        assert!(reads(&known), "{known}");
        assert_eq!(
            reads(&json!({ "tool": tool.slug, "proxy_path": "/x" })),
            tool.is_proxy(),
            "{}",
            tool.slug
        );
        let overridden = json!({ "tool": tool.slug, "effect": "destroy", "proxy_method": "delete" });
        assert_eq!(reads(&overridden), tool.is_proxy(), "{}", tool.slug);
    }
}

#[cfg(not(target_family = "wasm"))]
#[test]
fn the_schema_agrees() {
    let schema: Value = serde_json::from_str(&nango_toolkit::policy::json_schema()).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    for (text, expected) in REFUSED {
        let Ok(value) = serde_json::from_str(text) else { continue };
        // What the JSON Schema cannot express briefly: existing names, formats of strings, contradictory rules.
        let subtle =
            expected.iter().all(|(path, _, _)| path.starts_with("rules.0") && !path.ends_with("then"))
                && !matches!(expected[0].2, "a list" | "a string" | "at least one");
        assert!(subtle || !schema.is_valid(&value), "{text}");
    }
    for text in GOOD {
        assert!(schema.is_valid(&serde_json::from_str(text).unwrap()), "{text}");
    }
}

#[test]
fn a_policy_that_cannot_be_read_denies_everything() {
    let policy = Policy::deny_all();
    for tool in tools::all() {
        assert!(!policy.lists(tool, &caller()));
        for example in tool.examples {
            let args = checked(tool, serde_json::from_str(example.args).unwrap()).unwrap();
            assert_eq!(policy.decide(tool, &args, &caller(), &facts(), Lookups::Done).verdict, Verdict::Deny);
        }
    }
}

/// Valid policies.
const GOOD: &[&str] = &[
    r#"{"default":"deny"}"#,
    r#"{"readOnly":true}"#,
    r#"{"default":"allow","readOnly":true,"scopes":["environment:connections:*"]}"#,
    r#"{"default":"deny","rules":[{"id":"own","then":"allow","end_user":"$user"},{"id":"read","then":"allow","effect":"read","toolset":["providers","integrations"]}]}"#,
    r#"{"default":"allow","rules":[{"id":"bob","then":"deny","end_user":["bob","eve"]},{"id":"ask","then":"confirm","effect":["write","destroy"]},{"id":"prod","then":"deny","tags":"env=prod","role":"sales"}],"limits":[{"tool":"NANGO_*","calls":5}],"maxResultBytes":9}"#,
    r#"{"default":"deny","rules":[{"then":"allow","tool":["NANGO_GET_PROXY"],"proxy_path":"/crm/*","proxy_method":"GET","proxy_host":"provider","connection":"hubspot-*","integration":"hubspot","user":"ada","agent":"a*","organization":"acme","owner_organization":"$organization","reach":"connection"}]}"#,
];

fn caller() -> Claims {
    Claims {
        user: Some("ada".into()),
        organization: Some("acme".into()),
        agent: Some("a1".into()),
        roles: vec!["sales".into()],
    }
}

fn facts() -> Vec<Fact> {
    ["hubspot-ada", "hubspot-bob", "salesforce-acme", "zendesk-acme"]
        .iter()
        .map(|id| Fact {
            connection_id: (*id).into(),
            provider_config_key: id.split('-').next().unwrap().into(),
            end_user: Some(id.split('-').nth(1).unwrap().into()),
            organization: Some("acme".into()),
            tags: vec!["env=prod".into()],
        })
        .collect()
}

fn checked(tool: &Tool, args: Value) -> Option<Checked> {
    schema::check(tool, args, &Allow::default()).ok()
}

/// Every tool with arguments of all kinds.
fn calls() -> Vec<(&'static Tool, Checked)> {
    let mut out = Vec::new();
    for tool in tools::all() {
        for example in tool.examples {
            let args: Value = serde_json::from_str(example.args).unwrap();
            out.push((tool, checked(tool, args.clone()).unwrap()));
            let changes = [
                ("connection_id", json!("hubspot-bob")),
                ("connection_id", Value::Null),
                ("integration_id", json!(["slack"])),
                ("tags", json!({ "env": "prod" })),
                ("end_user", json!({ "id": "bob" })),
                ("end_user_id", json!("ada")),
                ("any_path", json!("admin/x")),
                ("proxy_headers", json!({ "X-HTTP-Method-Override": "DELETE" })),
            ];
            for (name, value) in changes {
                let mut args = args.clone();
                args[name] = value;
                out.extend(checked(tool, args).map(|args| (tool, args)));
            }
        }
    }
    out
}

/// Removes, doubles, swaps, mistypes: what happens to files.
fn edited(random: &mut Random, text: &str) -> String {
    const BITS: &[&str] = &[
        "\"", ",", ":", "{", "}", "[", "]", "*", "null", "true", "allow", "deny", " ", "x", "\\", "0",
        "default", "rules", "then",
    ];
    let mut chars: Vec<String> = text.chars().map(String::from).collect();
    for _ in 0..1 + random.below(4) {
        let at = random.below(chars.len());
        match random.below(5) {
            0 => drop(chars.remove(at)),
            1 => chars.insert(at, random.pick(BITS).to_owned()),
            2 => chars[at] = random.pick(BITS).to_owned(),
            3 => drop(chars.drain(at..(at + random.below(12)).min(chars.len()))),
            _ => {
                let other = random.below(chars.len());
                chars.swap(at, other);
            }
        }
        if chars.is_empty() {
            chars.push(" ".into());
        }
    }
    chars.concat()
}

/// An invalid policy is refused, and callers that go on use [`Policy::deny_all`]. A valid one that was
/// edited in nothing that it says, decides the same; where what it says was edited, only what says so
/// (another value of `default` or `then`, another attribute or glob) may let more pass.
#[test]
fn no_malformed_policy_widens_access() {
    let mut random = Random::new(seed());
    let calls = calls();
    assert!(calls.len() > 60, "{}", calls.len());
    let (mut refused, mut read, mut same) = (0, 0, 0);
    let total = cases() * 3 / 10;
    for _ in 0..total {
        let text = random.pick(GOOD);
        let good = Policy::parse(text).unwrap();
        let edit = edited(&mut random, text);
        let policy = Policy::parse(&edit).unwrap_or_else(|error| {
            assert!(!error.issues.is_empty(), "{edit}");
            Policy::deny_all()
        });
        let (tool, args) = &calls[random.below(calls.len())];
        let now = policy.decide(tool, args, &caller(), &facts(), Lookups::Done);
        if policy == Policy::deny_all() {
            refused += 1;
            assert_eq!(now.verdict, Verdict::Deny, "{edit}");
            continue;
        }
        read += 1;
        let (before, after): (Value, Value) =
            (serde_json::from_str(text).unwrap(), serde_json::from_str(&edit).unwrap());
        if before == after {
            same += 1;
            assert_eq!(now, good.decide(tool, args, &caller(), &facts(), Lookups::Done), "{edit}");
        } else if now.verdict < good.decide(tool, args, &caller(), &facts(), Lookups::Done).verdict {
            assert!(says_more(&before, &after), "{text}\n{edit}\n{} {now:?}", tool.slug);
        }
    }
    assert!(
        refused > total / 3 && read > total / 60 && same > total / 300,
        "{refused} refused, {read} read, {same} of them the same"
    );
}

/// A policy of random existing words.
fn random_policy(random: &mut Random) -> Value {
    let mut rules = Vec::new();
    for at in 0..random.below(5) {
        let mut rule =
            json!({ "id": format!("r{at}"), "then": random.pick(&["allow", "allow", "confirm", "deny"]) });
        for _ in 0..random.below(4) {
            let (name, value) = random_attribute(random);
            rule[name] = value;
            // A rule that no call could meet is refused.
            if Policy::from_value(json!({ "default": "deny", "rules": [rule] })).is_err() {
                rule.as_object_mut().unwrap().shift_remove(name);
            }
        }
        rules.push(rule);
    }
    json!({ "default": random.pick(&["allow", "deny"]), "rules": rules })
}

fn random_attribute(random: &mut Random) -> (&'static str, Value) {
    const WORDS: &[(&str, &[&str])] = &[
        ("user", &["ada", "bob", "*", "$user"]),
        ("organization", &["acme", "globex"]),
        ("agent", &["a*", "b*"]),
        ("role", &["sales", "admin", "*"]),
        ("tool", &["NANGO_GET_*", "NANGO_*", "NANGO_DELETE_CONNECTION", "*PROXY", "NANGO_CONNECTION_GET"]),
        ("toolset", &["connections", "proxy", "s*"]),
        ("effect", &["read", "write", "destructive", "destroy"]),
        ("reach", &["connection", "integration", "catalogue"]),
        ("integration", &["hubspot", "s*", "*", "zendesk"]),
        ("connection", &["hubspot-ada", "*-acme", "*"]),
        ("end_user", &["ada", "bob", "$user", "*"]),
        ("owner_organization", &["acme", "$organization"]),
        ("tags", &["env=prod", "env=*", "end_user_id=bob"]),
        ("variable", &["*", "X_*"]),
        ("proxy_method", &["get", "DELETE", "*"]),
        ("proxy_path", &["/crm/*", "admin/*", "*"]),
        ("proxy_host", &["provider", "*.example.com"]),
    ];
    let (name, words) = WORDS[random.below(WORDS.len())];
    let one = random.pick(words);
    (name, if random.one_in(3) { json!([one, random.pick(words)]) } else { json!(one) })
}

/// An edit that can only narrow what a policy allows, and what it is.
fn narrowed(random: &mut Random, policy: &Value) -> (Value, &'static str) {
    let mut out = policy.clone();
    let rules = out["rules"].as_array_mut().unwrap();
    let at = random.below(rules.len());
    let then = rules.get(at).map(|rule| rule["then"].as_str().unwrap().to_owned()).unwrap_or_default();
    let what = match (random.below(6), then.as_str()) {
        (0, _) => {
            out["default"] = json!("deny");
            "the default denies"
        }
        (1, _) => {
            out["readOnly"] = json!(true);
            "read-only"
        }
        (2, _) => {
            let (name, value) = random_attribute(random);
            rules.push(json!({ "then": "deny", name: value }));
            "one more rule denies"
        }
        (_, "allow") if random.one_in(3) => {
            rules.remove(at);
            "one rule less allows"
        }
        (_, "allow") if random.one_in(2) => {
            rules[at]["then"] = json!("confirm");
            "one that allowed asks"
        }
        (_, "allow") => {
            let (name, value) = random_attribute(random);
            let rule = rules[at].as_object_mut().unwrap();
            if rule.contains_key(name) {
                return (policy.clone(), "nothing");
            }
            rule.insert(name.into(), value);
            "one that allows asks for more"
        }
        (_, "deny") => {
            let rule = rules[at].as_object_mut().unwrap();
            let name = rule.keys().rfind(|name| !matches!(name.as_str(), "id" | "then")).cloned();
            rule.remove(&name.unwrap_or_default());
            "one that denies asks for less"
        }
        (_, "confirm") => {
            rules[at]["then"] = json!("deny");
            "one that asked denies"
        }
        _ => "nothing",
    };
    if Policy::from_value(out.clone()).is_err() { (policy.clone(), "nothing") } else { (out, what) }
}

/// Whatever policy there is: an edit that can only narrow it lets nothing more pass, before a look-up and
/// after it.
#[test]
fn what_narrows_a_policy_widens_nothing() {
    let mut random = Random::new(seed());
    let calls = calls();
    let (mut verdicts, mut stricter) = ([0; 4], 0);
    let total = cases() * 3 / 10;
    for _ in 0..total {
        let wide = random_policy(&mut random);
        let (narrow, what) = narrowed(&mut random, &wide);
        let read = |policy: &Value| {
            Policy::from_value(policy.clone()).unwrap_or_else(|issues| panic!("{policy}: {issues:?}"))
        };
        let (before, after) = (read(&wide), read(&narrow));
        let (tool, args) = &calls[random.below(calls.len())];
        let facts = if random.one_in(4) { Vec::new() } else { facts() };
        let decide = |policy: &Policy| policy.decide(tool, args, &caller(), &facts, Lookups::Done).verdict;
        verdicts[decide(&before) as usize] += 1;
        stricter += usize::from(decide(&after) > decide(&before));
        assert!(
            decide(&after) >= decide(&before),
            "{what}: {} {}\n{wide}\n{narrow}",
            tool.slug,
            Value::from(args.clone())
        );
        assert!(
            !after.lists(tool, &caller()) || before.lists(tool, &caller()),
            "{what}: {}\n{wide}",
            tool.slug
        );
        // What depends on a look-up is decided either way; nothing else changes.
        let first = before.decide(tool, args, &caller(), &[], Lookups::Pending).verdict;
        assert!(
            first == Verdict::Undetermined
                || first == before.decide(tool, args, &caller(), &facts, Lookups::Done).verdict,
            "{wide}"
        );
        assert!(decide(&before) == Verdict::Deny || before.lists(tool, &caller()), "{} {wide}", tool.slug);
    }
    let [allowed, asked, open, denied] = verdicts;
    assert!(
        allowed.min(denied) > total / 10 && asked.min(stricter) > total / 30 && open == 0,
        "{verdicts:?} {stricter}"
    );
}

/// Whether a valid policy says something else than another, beside names of rules and limits.
fn says_more(before: &Value, after: &Value) -> bool {
    let said = |policy: &Value| {
        let mut policy = policy.clone();
        let map = policy.as_object_mut().unwrap();
        map.remove("limits");
        map.remove("maxResultBytes");
        for rule in map.get_mut("rules").and_then(Value::as_array_mut).into_iter().flatten() {
            rule.as_object_mut().unwrap().remove("id");
        }
        policy
    };
    said(before) != said(after)
}

/// The same by value: whatever one property is turned into, a policy is refused or its words say so.
#[test]
fn every_single_property_matters() {
    let calls = calls();
    let junk = [
        json!(null),
        json!(true),
        json!(0),
        json!(""),
        json!([]),
        json!({}),
        json!([null]),
        json!([[]]),
        json!("\u{0}"),
    ];
    for text in GOOD {
        let good: Value = serde_json::from_str(text).unwrap();
        let places = pointers(&good, "");
        assert!(!places.is_empty());
        for place in places {
            for junk in &junk {
                let mut bad = good.clone();
                if bad.pointer(&place) == Some(junk) {
                    continue;
                }
                *bad.pointer_mut(&place).unwrap() = junk.clone();
                let Ok(policy) = Policy::from_value(bad.clone()) else { continue };
                // Still valid: an empty list of rules, a string that no value equals, another rule's name.
                assert!(matches!(junk, Value::Array(_) | Value::String(_)), "{bad}");
                let restricts = |name: &str| text.contains(&format!("\"then\":\"{name}\""));
                if restricts("deny") || restricts("confirm") {
                    continue;
                }
                for (tool, args) in &calls {
                    let was = Policy::from_value(good.clone()).unwrap().decide(
                        tool,
                        args,
                        &caller(),
                        &facts(),
                        Lookups::Done,
                    );
                    assert!(
                        policy.decide(tool, args, &caller(), &facts(), Lookups::Done).verdict >= was.verdict,
                        "{bad} {}",
                        tool.slug
                    );
                }
            }
        }
    }
}

fn pointers(value: &Value, at: &str) -> Vec<String> {
    let mut out = Vec::new();
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, value)| (i.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in inner {
        let at = format!("{at}/{name}");
        out.extend(pointers(value, &at));
        out.push(at);
    }
    out
}
