//! Records of syncs, whatever happens to their syncs: every page comes once, the counts are those of the records, a
//! variant and its base do not touch one another, and what is saved goes on as the emulator itself does. The seed of a
//! run is printed; NANGO_TOOLKIT_SEED=… repeats it or, with `new`, draws another.

use std::collections::BTreeSet;

use crate::common::random::{Random, cases, seed};
use nango_toolkit::emulator::Emulator;
use nango_toolkit::http::Request;
use nango_toolkit::tool::Method::{self, Delete, Get, Patch, Post, Put};
use serde_json::{Value, json};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Connection, integration, sync and model of the default fixture.
const SYNCS: &[[&str; 4]] = &[
    ["hubspot-ada", "hubspot", "contacts", "Contact"],
    ["hubspot-ada", "hubspot", "deals", "Deal"],
    ["salesforce-acme", "salesforce", "accounts", "Account"],
    ["bamboohr-acme", "bamboohr", "employees", "Employee"],
    ["zendesk-acme", "zendesk", "tickets", "Ticket"],
];
const FREQUENCIES: &[&str] = &["every 5 minutes", "30s", "every half day", "1h", "every week"];

struct World {
    emulator: Emulator,
    now: u64,
}

impl World {
    fn request(&self, method: Method, url: &str, on: [&str; 4], body: Option<&Value>) -> Request {
        let mut headers = vec![
            ("authorization".to_owned(), format!("Bearer {}", self.emulator.api_key())),
            ("connection-id".to_owned(), on[0].to_owned()),
            ("provider-config-key".to_owned(), on[1].to_owned()),
        ];
        if body.is_some() {
            headers.push(("content-type".into(), "application/json".into()));
        }
        Request { method, url: url.into(), headers, body: body.map(Value::to_string) }
    }

    fn send(&mut self, request: &Request) -> (u16, Value) {
        let response = self.emulator.handle(request, self.now).response;
        (response.status, serde_json::from_str(&response.body).unwrap_or_default())
    }

    fn get(&mut self, url: &str, on: [&str; 4]) -> Value {
        let request = self.request(Get, url, on, None);
        let (status, body) = self.send(&request);
        assert_eq!(status, 200, "{url}: {body}");
        body
    }

    /// All records of a model and variant, page by page.
    fn all(&mut self, on: [&str; 4], variant: &str, limit: usize) -> Vec<Value> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let url = format!("/records?model={}&variant={variant}&limit={limit}{cursor}", on[3]);
            let page = self.get(&url, on);
            let records = page["records"].as_array().unwrap();
            assert!(records.len() <= limit && (!records.is_empty() || cursor.is_empty()));
            all.extend(records.iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }
}

fn ids(records: &[Value]) -> BTreeSet<&str> {
    records.iter().map(|record| record["id"].as_str().unwrap()).collect()
}

/// Something that changes a sync or its records, and the variant that it is about.
fn some_change(random: &mut Random, world: &World, on: [&str; 4], cursor: &str) -> (Request, &'static str) {
    let [connection, integration, sync, model] = on;
    let mut variant = random.one(&["base", "eu"]);
    let named = json!({"provider_config_key": integration, "connection_id": connection,
        "syncs": [{"name": sync, "variant": variant}]});
    let with = |name: &str, value: Value| {
        let mut body = named.clone();
        body[name] = value;
        body
    };
    let of_variant = json!({"provider_config_key": integration, "connection_id": connection});
    let path = format!("/sync/{sync}/variant/eu");
    let what = random.below(9);
    if what == 6 || what == 7 {
        variant = "eu";
    }
    let (method, url, body) = match what {
        0 => (Post, "/sync/trigger", named),
        1 => (Post, "/sync/trigger", with("opts", json!({"reset": true, "emptyCache": random.one_in(2)}))),
        2 => (Post, "/sync/pause", named),
        3 | 4 => (Post, "/sync/start", named),
        5 => {
            let frequency = if random.one_in(3) { Value::Null } else { json!(random.one(FREQUENCIES)) };
            let body = json!({"provider_config_key": integration, "connection_id": connection, "sync_name": sync,
                "sync_variant": variant, "frequency": frequency});
            (Put, "/sync/update-connection-frequency", body)
        }
        6 => (Post, path.as_str(), of_variant),
        7 => (Delete, path.as_str(), of_variant),
        _ => {
            let limit = 1 + random.below(5);
            let body = json!({"model": model, "variant": variant, "until_cursor": cursor, "limit": limit});
            (Patch, "/records/prune", body)
        }
    };
    (world.request(method, url, on, Some(&body)), variant)
}

#[test]
fn whatever_happens_records_pages_and_counts_agree() {
    let seed = seed();
    let mut random = Random::new(seed);
    let mut emulator = Emulator::new(7);
    emulator.set_rate_limit(u32::MAX);
    let mut world = World { emulator, now: 1_795_356_000_000 };
    let mut cursor =
        "MjA5OS0wMS0wMVQwMDowMDowMFp8fDVkZGQwNzY1LTAyZTctNTg0MC04ODY3LTk0NDNmNWY4YWQ4Mw==".to_owned();
    let (mut changed, mut seen, mut pruned, mut deleted) = (0, 0, 0, 0);
    for case in 0..cases() / 40 {
        let (on, other) = (random.one(SYNCS), random.one(SYNCS));
        world.now += random.one(&[1, 500, 3_000, 60_000, 1_800_000, 7_200_000]);
        let before = world.all(other, "base", 100);
        let (request, variant) = some_change(&mut random, &world, on, &cursor);
        let (status, answer) = world.send(&request);
        assert!(status < 300 || answer["error"]["code"].is_string(), "seed {seed}: {request:?}: {answer}");
        changed += usize::from(status < 300);
        // What is done to a variant, or to another sync, changes nothing here.
        let touched = other == on && variant == "base";
        assert!(touched || world.all(other, "base", 100) == before, "seed {seed}: {request:?}");
        for variant in ["base", "eu"] {
            let whole = world.all(on, variant, 10_000);
            let limit = 1 + random.below(30);
            assert_eq!(world.all(on, variant, limit), whole, "seed {seed}, {limit}");
            assert_eq!(ids(&whole).len(), whole.len(), "seed {seed}: one comes twice");
            let places: Vec<(&str, &str)> = whole
                .iter()
                .map(|r| {
                    let times = &r["_nango_metadata"];
                    (times["last_modified_at"].as_str().unwrap(), times["cursor"].as_str().unwrap())
                })
                .collect();
            assert!(places.is_sorted_by_key(|(modified, _)| *modified), "seed {seed}");
            if let Some((_, place)) = places.get(random.below(places.len().max(1))) {
                cursor = (*place).to_owned();
            }
            let is = |name: &str| whole.iter().filter(|r| r["_nango_metadata"][name].is_string()).count();
            (seen, pruned, deleted) =
                (seen + whole.len(), pruned + is("pruned_at"), deleted + is("deleted_at"));
            if variant == "base" {
                let url = format!(
                    "/sync/status?provider_config_key={}&connection_id={}&syncs={}",
                    on[1], on[0], on[2]
                );
                let status = world.get(&url, on)["syncs"][0].clone();
                assert_eq!(
                    status["recordCount"][on[3]],
                    whole.len() - is("deleted_at"),
                    "seed {seed}: {status}"
                );
            }
        }
        if case % 10 == 0 {
            let saved = world.emulator.save();
            let restored = Emulator::from_saved(&saved).unwrap();
            assert_eq!((restored.save(), restored.world()), (saved, world.emulator.world()), "seed {seed}");
            let reference = world.all(on, "base", 100);
            world.emulator = restored;
            assert_eq!(world.all(on, "base", 100), reference, "seed {seed}");
        }
    }
    println!("{changed} changes, {seen} records, {pruned} pruned, {deleted} deleted");
    assert!(changed > 0 && pruned > 0 && deleted > 0, "too little happened");
}
