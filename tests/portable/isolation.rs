//! One user's session can neither read nor change data of other users. Two worlds are compared with each
//! other, one of them without anybody else's connections: every call must have the same outcome in both,
//! byte for byte, and leave the others' part of the first as it was. The seed of a run is printed;
//! NANGO_TOOLKIT_SEED=… repeats it or, with `new`, uses another.

use std::collections::BTreeMap;

use crate::common::args::{broken, good};
use crate::common::host::{Host, session};
use crate::common::random::{Random, cases, seed};
use nango_toolkit::call::Options;
use nango_toolkit::tool::Tool;
use nango_toolkit::tools;
use serde_json::{Value, json};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The same calls in a world with everybody and in one with nobody else.
struct Twin {
    user: &'static str,
    full: Host,
    alone: Host,
    /// Sessions have state: each world has its own.
    options: [Options; 2],
    others: String,
}

/// The connections of a world as (connection, integration, owner).
fn connections(world: &Value) -> Vec<(String, String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let all = world["connections"].as_array().unwrap().iter();
    all.map(|c| (text(&c["connection_id"]), text(&c["provider_config_key"]), text(&c["tags"]["end_user_id"])))
        .collect()
}

/// Everything of a world that is not the user's.
fn others(world: &Value, user: &str) -> String {
    let of = |c: &&Value| c["tags"]["end_user_id"] != user;
    let foreign: Vec<&Value> = world["connections"].as_array().unwrap().iter().filter(of).collect();
    let ids: Vec<&Value> = foreign.iter().map(|c| &c["connection_id"]).collect();
    let syncs: Vec<&Value> =
        world["syncs"].as_array().unwrap().iter().filter(|s| ids.contains(&&s["connection_id"])).collect();
    let users: Vec<&Value> =
        world["endUsers"].as_array().unwrap().iter().filter(|u| u["id"] != user).collect();
    json!([foreign, syncs, users, world["integrations"], world["functions"], world["variables"]]).to_string()
}

impl Twin {
    fn new(user: &'static str) -> Twin {
        let (mut full, mut alone) = (Host::new(), Host::new());
        // A world starts with its first request, both at the same time.
        for host in [&mut full, &mut alone] {
            host.json(&Options::default(), "NANGO_LIST_INTEGRATIONS", json!({}));
        }
        for (id, key, owner) in connections(&full.world()) {
            if owner != user {
                let args = json!({ "connection_id": id, "provider_config_key": key });
                let gone = alone.json(&Options::default(), "NANGO_DELETE_CONNECTION", args);
                assert_eq!(gone["successful"], true, "{gone}");
            }
        }
        full.now = alone.now;
        let mut twin =
            Twin { user, full, alone, options: [session(user), session(user)], others: String::new() };
        twin.others = others(&twin.full.world(), user);
        twin
    }

    /// Makes a call in both worlds and returns the common outcome.
    fn call(&mut self, slug: &str, args: &Value, seed: u64) -> Value {
        let [a, b] = &self.options;
        let one = self.full.call(a, slug, args.clone(), seed).to_json();
        let two = self.alone.call(b, slug, args.clone(), seed).to_json();
        let at = self.full.now.max(self.alone.now);
        (self.full.now, self.alone.now) = (at, at);
        if one != two {
            let same = one.bytes().zip(two.bytes()).take_while(|(a, b)| a == b).count();
            let from = |text: &str| text.chars().skip(same.saturating_sub(60)).take(200).collect::<String>();
            let (user, one, two) = (self.user, from(&one), from(&two));
            panic!("{user}'s call of {slug} with {args} reveals others:\n…{one}\n…{two}");
        }
        serde_json::from_str(&one).unwrap()
    }

    /// Checks that the others' part of the world is unchanged.
    fn assert_untouched(&self, by: &str) {
        let now = others(&self.full.world(), self.user);
        if now != self.others {
            let same = now.bytes().zip(self.others.bytes()).take_while(|(a, b)| a == b).count();
            let from = |text: &str| text.chars().skip(same.saturating_sub(200)).take(400).collect::<String>();
            let (user, is, was) = (self.user, from(&now), from(&self.others));
            panic!("{user} changed what is not theirs:\n…{is}\n…{was}\nby {by}");
        }
    }
}

const PEOPLE: [&str; 3] = ["ada", "grace", "barbara"];

/// Spellings of an id that might be mistaken for the id itself.
fn spellings(id: &str) -> Vec<String> {
    let wide =
        |c: char| if c.is_ascii_alphanumeric() { char::from_u32(c as u32 + 0xfee0).unwrap() } else { c };
    vec![
        id.to_owned(),
        id.to_uppercase(),
        format!("{id} "),
        format!(" {id}"),
        format!("{id}\u{200b}"),
        format!("{id}\0"),
        format!("{id},"),
        format!("{id}%"),
        id.replace('-', "\u{2010}"),
        id.replace('-', "%2D"),
        id.replace('-', "_"),
        id.replace('a', "\u{430}"),
        id.chars().map(wide).collect(),
        format!("../connections/{id}"),
        format!("x/../{id}"),
        format!("[\"{id}\"]"),
    ]
}

/// Arguments with which a tool could name or reach the connection `id` of `owner`.
fn ways(tool: &Tool, own: (&str, &str), id: &str, key: &str, owner: &str) -> Vec<Value> {
    let mut base = serde_json::from_str::<Value>(tool.examples[0].args).unwrap();
    for name in ["provider_config_key", "integration_id", "unique_key"] {
        if tool.param(name).is_some() {
            base[name] = json!(key);
        }
    }
    let mut out = vec![base.clone()];
    let mut add = |name: &str, value: Value| {
        if tool.param(name).is_some() {
            let mut args = base.clone();
            args[name] = value;
            out.push(args);
        }
    };
    for spelling in spellings(id) {
        add("connection_id", json!(spelling));
        add("connection_id", json!([own.0, spelling]));
        add("search", json!(spelling));
        add("any_path", json!(format!("connections/{spelling}")));
    }
    for key in spellings(key) {
        add("provider_config_key", json!(key));
        add("integration_id", json!([key]));
    }
    add("connection_id", Value::Null);
    add("search", json!("%"));
    add("limit", json!(2000));
    for name in ["end_user_id", "END_USER_ID", "end_user_email", "organization_id", "category"] {
        let value = if name.ends_with("email") { format!("{owner}@example.com") } else { owner.to_owned() };
        add("tags", json!({ name: value }));
        add("tags", json!({ name: value }).to_string().into());
    }
    add("tags", json!({}));
    add("end_user", json!({ "id": owner }));
    add("end_user", json!({ "id": owner, "tags": { "end_user_id": owner } }));
    add("end_user_id", json!(owner));
    add("end_user_organization_id", json!("acme"));
    add("organization", json!({ "id": "acme" }));
    for name in ["Connection-Id", "connection-id", "Nango-Proxy-Connection-Id", "X-Connection-Id"] {
        add("proxy_headers", json!({ name: id, "Provider-Config-Key": key }));
        add("proxy_headers", json!({ name: id }));
    }
    add("query_params", json!({ "connection_id": id, "connectionId": id, "provider_config_key": key }));
    add("metadata", json!({ "connection_id": id }));
    out
}

#[test]
fn no_tool_reaches_another_users_connection_by_any_way() {
    let (mut calls, mut named) = (0, 0);
    // In WebAssembly, one user's view is enough: the core is the same.
    let people = if cfg!(target_family = "wasm") { &PEOPLE[..1] } else { &PEOPLE };
    for user in people.iter().copied() {
        let mut twin = Twin::new(user);
        let all = connections(&twin.full.world());
        let mine: Vec<_> = all.iter().filter(|c| c.2 == user).cloned().collect();
        let own = mine[0].clone();
        for (id, key, owner) in all.iter().filter(|c| c.2 != user) {
            for tool in tools::all() {
                for args in ways(tool, (&own.0, &own.1), id, key, owner) {
                    let outcome = twin.call(tool.slug, &args, calls);
                    calls += 1;
                    let names = args["connection_id"] == id.as_str()
                        && (args.get("provider_config_key").or(args.get("integration_id")))
                            == Some(&json!(key));
                    if names && outcome["error"]["kind"] == "not_found" {
                        named += 1;
                        assert_eq!(outcome["error"]["code"], "not_found");
                        assert!(outcome["meta"].get("status").is_none() && outcome["meta"]["attempts"] == 0);
                    }
                }
                twin.assert_untouched(tool.slug);
            }
        }
    }
    println!("{calls} calls, {named} of them named a foreign connection plainly");
    let users = people.len() as u64;
    assert!(calls > 6_600 * users && named > 160 * users, "{calls} {named}");
}

#[test]
fn foreign_and_absent_connections_get_one_answer() {
    for tool in
        tools::all().filter(|t| t.param("connection_id").is_some() && t.slug != "NANGO_CONNECTION_LIST_GET")
    {
        let mut twin = Twin::new("ada");
        let mut args = serde_json::from_str::<Value>(tool.examples[0].args).unwrap();
        let key =
            if tool.param("integration_id").is_some() { "integration_id" } else { "provider_config_key" };
        args["connection_id"] = json!("hubspot-katherine");
        args[key] = json!("hubspot");
        args.as_object_mut().unwrap().remove("tags");
        if tool.slug == "NANGO_EDIT_CONNECTION" {
            args["tags"] = json!({ "plan": "pro" });
        }
        // In the other world it is absent: the twin compares the bytes.
        let error = &twin.call(tool.slug, &args, 5)["error"];
        assert_eq!(error["kind"], "not_found", "{}: {error}", tool.slug);
        assert_eq!(error["message"], "there is no connection `hubspot-katherine` of integration `hubspot`");
        let lookups = [&twin.full, &twin.alone].map(|host| (host.own().len(), host.lookups()));
        assert_eq!(lookups, [(0, 1), (0, 1)], "{}: nothing but the look-up is sent", tool.slug);
        // The user's own one is looked up in the same way, and the call continues.
        args["connection_id"] = json!("hubspot-ada");
        twin.call(tool.slug, &args, 6);
        assert_eq!((twin.full.own().len(), twin.full.lookups()), (1, 1), "{}", tool.slug);
    }
}

#[test]
fn the_table_names_connections_by_one_argument() {
    // What a session looks up is found by these names: a tool that named a connection otherwise, or
    // without its integration, would slip through.
    for tool in tools::all() {
        let about = |name: &str| name.contains("connection") && name != "connection_config";
        let names: Vec<&str> = tool.params.iter().map(|p| p.prop.name).filter(|n| about(n)).collect();
        assert!(names.is_empty() || names == ["connection_id"], "{}: {names:?}", tool.slug);
        if !names.is_empty() && tool.slug != "NANGO_CONNECTION_LIST_GET" {
            let key = tool.param("provider_config_key").or(tool.param("integration_id")).unwrap();
            assert!(key.prop.required, "{}: the integration must be known", tool.slug);
        }
    }
}

/// Puts connections, integrations and people that exist into arguments, mostly other people's.
fn real(random: &mut Random, tool: &Tool, all: &[(String, String, String)], args: &mut Value) {
    let (id, key, owner) = &all[random.below(all.len())];
    let several = json!([all[random.below(all.len())].0, id]);
    for name in ["connection_id", "provider_config_key", "integration_id", "unique_key"] {
        if tool.param(name).is_none() || random.one_in(8) {
            continue;
        }
        args[name] = match name {
            "connection_id" if random.one_in(5) => several.clone(),
            "connection_id" if random.one_in(6) => {
                let all = spellings(id);
                json!(all[random.below(all.len())])
            }
            "connection_id" => json!(id),
            _ => json!(key),
        };
    }
    if random.one_in(4) {
        let tag =
            random.pick(&["end_user_id", "End_User_Id", "end_user_email", "organization_id", "plan", "team"]);
        let value = if tag == "end_user_email" { format!("{owner}@example.com") } else { owner.clone() };
        let map = json!({ tag: value });
        for (name, value) in [
            ("tags", map),
            ("end_user", json!({ "id": owner })),
            ("end_user_id", json!(owner)),
            ("search", json!(owner)),
        ] {
            if tool.param(name).is_some() && random.one_in(2) {
                args[name] = value;
            }
        }
    } else if random.one_in(3) && args.is_object() {
        for name in ["end_user", "organization", "end_user_id", "end_user_organization_id", "tags", "search"]
        {
            args.as_object_mut().unwrap().remove(name);
        }
    }
    if random.one_in(6) && tool.param("proxy_headers").is_some() {
        args["proxy_headers"] = json!({ random.pick(&["Connection-Id", "CONNECTION-ID", "x-a"]): id });
    }
}

#[test]
fn whatever_is_called_nothing_of_others_is_read_or_written() {
    let seed = seed();
    let mut random = Random::new(seed);
    let all: Vec<&Tool> = tools::all().collect();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut twin = Twin::new(PEOPLE[0]);
    let mut known = connections(&twin.full.world());
    let mut recent: Vec<String> = Vec::new();
    for case in 0..cases() {
        if case % 400 == 0 {
            twin = Twin::new(PEOPLE[(case / 400) % PEOPLE.len()]);
            known = connections(&twin.full.world());
        }
        let tool = all[random.below(all.len())];
        let mut args = good(&mut random, tool);
        if !random.one_in(6) {
            real(&mut random, tool, &known, &mut args);
        }
        if random.one_in(12) {
            args = broken(&mut random, args);
        }
        recent.push(format!("{} {args}", tool.slug));
        let outcome = twin.call(tool.slug, &args, random.next());
        let kind = outcome["error"]["kind"].as_str().unwrap_or("success");
        *kinds.entry(kind.to_owned()).or_default() += 1;
        if case % 25 == 24 {
            twin.assert_untouched(&recent.join("\n"));
            recent.clear();
        }
        if random.one_in(200) {
            // Cached facts about connections expire now and then.
            twin.full.now += 61_000;
            twin.alone.now = twin.full.now;
        }
    }
    println!("{} calls: {kinds:?}", cases());
    let count = |kind: &str| kinds.get(kind).copied().unwrap_or_default();
    let enough = cases() / 100;
    for kind in ["success", "not_found", "denied", "invalid_arguments"] {
        assert!(count(kind) > enough, "{kind}: {kinds:?}");
    }
}
