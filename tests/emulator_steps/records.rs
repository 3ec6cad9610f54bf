//! Records of syncs: read page by page, also while syncs run, filtered, deleted and pruned (recordings/records-get.json,
//! records-prune.json; the server's own rules where they hold nothing).

use std::collections::BTreeSet;

use nango_toolkit::emulator::Emulator;
use nango_toolkit::tool::Method::{Get, Patch, Post};
use serde_json::{Value, json};

use crate::{Steps, each, paths};

const NONE: Value = Value::Null;
const ADA: [(&str, &str); 2] = [("Connection-Id", "hubspot-ada"), ("Provider-Config-Key", "hubspot")];
const ACME: [(&str, &str); 2] = [("Connection-Id", "salesforce-acme"), ("Provider-Config-Key", "salesforce")];

fn read(s: &mut Steps, on: &[(&str, &str)], query: &str) -> Value {
    s.step_with(Get, &format!("/records?{query}"), on, NONE, (200, ""))
}

fn actions(page: &Value) -> Vec<String> {
    page["records"].as_array().unwrap().iter().map(|r| text(&r["_nango_metadata"]["last_action"])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn on_hubspot(syncs: Value) -> Value {
    json!({"provider_config_key": "hubspot", "connection_id": "hubspot-ada", "syncs": syncs})
}

/// Runs `contacts` of hubspot-ada once.
fn run_contacts(s: &mut Steps) {
    s.step(Post, "/sync/trigger", on_hubspot(json!(["contacts"])), (200, ""));
    s.wait(3_000);
}

/// Reads all pages; `between` happens after the first.
fn all_pages(s: &mut Steps, query: &str, limit: usize, between: fn(&mut Steps)) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    for page in 0.. {
        let answer = read(s, &ADA, &format!("{query}&limit={limit}{cursor}"));
        let records = answer["records"].as_array().unwrap().clone();
        assert!(records.len() <= limit, "{} of {limit}", records.len());
        all.extend(records);
        let Some(next) = answer["next_cursor"].as_str() else { return all };
        assert_eq!(next, all.last().unwrap()["_nango_metadata"]["cursor"]);
        cursor = format!("&cursor={next}");
        if page == 0 {
            between(s);
        }
    }
    all
}

/// What is in a record, and in which order they come.
#[test]
fn records_have_content_and_metadata_in_the_order_of_their_changes() {
    let mut s = Steps::new();
    let page = read(&mut s, &ADA, "model=Contact");
    assert_eq!(page["next_cursor"], NONE);
    let records = page["records"].as_array().unwrap();
    assert_eq!(records.len(), 12);
    let olive = records.iter().find(|r| r["id"] == "101").unwrap();
    assert_eq!((&olive["email"], &olive["first_name"]), (&json!("olive@example.com"), &json!("Olive")));
    let times = olive["_nango_metadata"].as_object().unwrap();
    let names: Vec<&str> = times.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["first_seen_at", "last_modified_at", "last_action", "deleted_at", "pruned_at", "cursor"]
    );
    // As long ago as the connection was made: 45 days; to the microsecond.
    assert_eq!(times["first_seen_at"].as_str().map(str::len), Some(32));
    assert!(text(&times["first_seen_at"]).starts_with("2026-10-08T14:00:02."));
    assert!(actions(&page).iter().all(|action| action == "UPDATED"), "every run changes three");
    let places: Vec<(String, String)> = records
        .iter()
        .map(|r| {
            let cursor = text(&r["_nango_metadata"]["cursor"]);
            (text(&r["_nango_metadata"]["last_modified_at"]), cursor)
        })
        .collect();
    assert!(places.is_sorted());
    // The last run changed three records, the one before it three others.
    let last = &records[9..];
    assert!(last.iter().all(|r| r["_nango_metadata"]["last_modified_at"] == places[9].0.as_str()));
    assert!(places[8].0 < places[9].0);
    assert_eq!(last[0]["updated_at"].as_str().map(|t| &t[..19]), places[9].0.get(..19));
    // An id is a string, whatever it is in the content.
    let issues = [("Connection-Id", "github-ada"), ("Provider-Config-Key", "github")];
    let ids = each(&read(&mut s, &issues, "model=Issue&ids=70041&ids=70042")["records"], "id");
    assert_eq!(BTreeSet::from_iter(ids), BTreeSet::from(["70041".to_owned(), "70042".to_owned()]));
    // Nothing of another model, variant or connection.
    for query in ["model=Deal", "model=Nope", "model=Contact&variant=eu", "model=Contact::eu"] {
        let (status, code) = if query.contains(':') { (400, "invalid_query_params") } else { (200, "") };
        let page = s.step_with(Get, &format!("/records?{query}"), &ADA, NONE, (status, code));
        assert!(status == 400 || page == json!({"next_cursor": null, "records": []}));
    }
}

/// With any limit every record comes once; what a sync changes between two pages comes again at the end.
#[test]
fn all_pages_together_hold_every_record_once_also_while_a_sync_runs() {
    for limit in (1..=14).chain([100]) {
        let mut s = Steps::new();
        let whole = read(&mut s, &ADA, "model=Contact")["records"].clone();
        assert_eq!(Value::from(all_pages(&mut s, "model=Contact", limit, |_| ())), whole, "{limit}");
        let all = all_pages(&mut s, "model=Contact", limit, run_contacts);
        let ids: Vec<String> = all.iter().map(|r| text(&r["id"])).collect();
        let distinct: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(distinct.len(), 12, "{limit}: none is missed");
        // Three were changed: those that had come on the first page already come again.
        let fresh = if limit < 12 { 3 } else { 0 };
        let again = if limit < 12 { limit.min(3) } else { 0 };
        assert_eq!(ids.len(), 12 + again, "{limit}: {ids:?}");
        let mut twice: Vec<&String> = ids.iter().rev().take(fresh).collect();
        twice.retain(|id| ids.iter().filter(|other| other == id).count() == 2);
        assert_eq!(twice.len(), again, "{limit}: the last ones are the changed ones");
    }
    // A fraction: the database takes the whole part, and the comparison with it fails, so that the rest is lost.
    let mut s = Steps::new();
    let odd = read(&mut s, &ADA, "model=Contact&limit=1.5");
    assert_eq!((odd["records"].as_array().unwrap().len(), &odd["next_cursor"]), (2, &NONE));
}

/// A reader that keeps its cursor gets what has changed since, and nothing else.
#[test]
fn a_cursor_that_is_kept_leads_to_what_has_changed() {
    let mut s = Steps::new();
    let page = read(&mut s, &ADA, "model=Contact");
    let last = text(&page["records"][11]["_nango_metadata"]["cursor"]);
    let query = format!("model=Contact&cursor={last}");
    assert_eq!(read(&mut s, &ADA, &query)["records"], json!([]));
    run_contacts(&mut s);
    let changed = read(&mut s, &ADA, &query);
    assert_eq!(actions(&changed), ["UPDATED"; 3]);
    // Started over without emptying the cache nothing changes; with it everything is new.
    for (empty, count) in [(false, 3), (true, 12)] {
        let mut afresh = on_hubspot(json!(["contacts"]));
        afresh["opts"] = json!({"reset": true, "emptyCache": empty});
        s.step(Post, "/sync/trigger", afresh, (200, ""));
        // Emptied at once, filled at the end of the run.
        let left = read(&mut s, &ADA, "model=Contact")["records"].as_array().unwrap().len();
        assert_eq!(left, if empty { 0 } else { 12 });
        s.wait(3_000);
        let page = read(&mut s, &ADA, &query);
        assert_eq!(page["records"].as_array().unwrap().len(), count);
        assert!(!empty || actions(&page) == ["ADDED"; 12]);
    }
    // The cache alone cannot be emptied.
    let mut alone = on_hubspot(json!(["contacts"]));
    alone["opts"] = json!({"emptyCache": true});
    s.step(Post, "/sync/trigger", alone, (200, ""));
    s.wait(3_000);
    assert_eq!(actions(&read(&mut s, &ADA, "model=Contact&filter=added")).len(), 9);
}

/// Filters, times and ids; the server's own view of several actions.
#[test]
fn filters() {
    let mut s = Steps::new();
    let count = |s: &mut Steps, query: &str| {
        read(s, &ACME, &format!("model=Account&{query}"))["records"].as_array().unwrap().len()
    };
    // Nine were added, one of them deleted, and the others updated since.
    for (filter, found) in [
        ("filter=added", 0),
        ("filter=UPDATED", 8),
        ("filter=deleted", 1),
        ("filter=added,updated", 8),
        ("filter=updated,deleted", 8),
        ("filter=added,deleted", 0),
        ("filter=added,updated,deleted", 8),
        // Neither one action nor two: the server applies no filter at all.
        ("filter=added,added", 9),
        ("modified_after=2026-11-22T13:29:00Z", 2),
        ("modified_after=2099-01-01T00:00:00.000Z", 0),
        ("modified_after=2099-01-01T00:00:00.000Z&delta=2026-10-01T00:00:00Z", 9),
        ("ids[]=001EMUL0000000001&ids[]=nope", 1),
        ("ids=001EMUL0000000001,001EMUL0000000002", 0),
    ] {
        assert_eq!(count(&mut s, filter), found, "{filter}");
    }
    // A function deletes by id, so nothing else is left; a sync that collects everything notices by itself.
    let deleted = read(&mut s, &ACME, "model=Account&filter=deleted")["records"][0].clone();
    assert_eq!(deleted.as_object().unwrap().len(), 2, "{deleted}");
    assert_eq!(deleted["_nango_metadata"]["last_action"], "DELETED");
    assert_eq!(text(&deleted["_nango_metadata"]["deleted_at"]), "2026-10-09T14:30:02.001+00:00");
    let bamboo = [("Connection-Id", "bamboohr-acme"), ("Provider-Config-Key", "bamboohr")];
    let gone = read(&mut s, &bamboo, "model=Employee&filter=deleted")["records"][0].clone();
    assert_eq!((&gone["id"], &gone["department"]), (&json!("14"), &json!("Engineering")));
    let times = &gone["_nango_metadata"];
    assert_eq!(times["deleted_at"], times["last_modified_at"]);
    // The status counts what is left.
    let url = "/sync/status?provider_config_key=salesforce&connection_id=salesforce-acme&syncs=accounts";
    assert_eq!(s.get(url)["syncs"][0]["recordCount"], json!({"Account": 8}));
}

/// The query comes before the headers, and all of its problems at once, in the order of its parameters.
#[test]
fn wrong_requests_for_records() {
    let mut s = Steps::new();
    let refused = |s: &mut Steps, query: &str| {
        let body = s.step_with(Get, &format!("/records?{query}"), &[], NONE, (400, "invalid_query_params"));
        paths(&body).join(" ")
    };
    let all = "zzz=1&ids=&limit=0&modified_after=2020-01-01&delta=x&variant=%20&filter=a,added,b&cursor=";
    assert_eq!(
        refused(&mut s, all),
        "model variant delta delta modified_after modified_after limit filter.0 filter.2 cursor ids "
    );
    for (query, expected) in [
        ("model=Contact&modified_after=2025-11-22T13:59:59.999Z", "modified_after"),
        ("model=Contact&modified_after=2026-11-22T13:59:59%2B00:00", "modified_after"),
        ("model=Contact&limit=10001", "limit"),
        ("model=Contact&filter=added,%20updated", "filter.1"),
        ("model=C", "model"),
    ] {
        assert_eq!(refused(&mut s, query), expected, "{query}");
    }
    let many: String = (0..101).map(|i| format!("&ids={i}")).collect();
    assert_eq!(refused(&mut s, &format!("model=Contact{many}")), "ids");
    read(&mut s, &ADA, "model=Contact&modified_after=2025-11-22T14:01:00Z");
    // Then the headers, the connection, the cursor.
    let url = "/records?model=Contact&cursor=garbage";
    s.step(Get, url, NONE, (400, "invalid_headers"));
    let unknown = [("Connection-Id", "nope"), ADA[1]];
    s.step_with(Get, url, &unknown, NONE, (400, "unknown_connection"));
    s.step_with(Get, url, &ADA, NONE, (500, "server_error"));
    s.key = s.emulator.add_key(&["environment:records:write"]);
    s.step_with(Get, url, &ADA, NONE, (403, "forbidden"));
}

/// Content goes, the rest stays; what is collected again has its content again.
#[test]
fn pruning() {
    let mut s = Steps::new();
    let page = read(&mut s, &ADA, "model=Contact");
    let cursor = |i: usize| page["records"][i]["_nango_metadata"]["cursor"].clone();
    let prune = |s: &mut Steps, body: Value| s.step_with(Patch, "/records/prune", &ADA, body, (200, ""));
    let until = |i: usize| json!({"model": "Contact", "until_cursor": cursor(i)});
    let pruned = |s: &mut Steps| {
        let page = read(s, &ADA, "model=Contact");
        let records = page["records"].as_array().unwrap().clone();
        let is = |r: &&Value| r["_nango_metadata"]["pruned_at"].is_string();
        assert!(records.iter().filter(is).all(|r| r.as_object().unwrap().len() == 2));
        assert!(records.iter().filter(|r| !is(r)).all(|r| r["email"].is_string()));
        records.iter().filter(is).count()
    };
    let mut limited = until(4);
    limited["limit"] = json!("2");
    limited["variant"] = json!("base");
    assert_eq!(prune(&mut s, limited.clone()), json!({"count": 2, "has_more": true}));
    assert_eq!(prune(&mut s, limited.clone()), json!({"count": 2, "has_more": true}));
    assert_eq!(prune(&mut s, limited), json!({"count": 1, "has_more": false}));
    assert_eq!(prune(&mut s, until(4)), json!({"count": 0, "has_more": false}));
    assert_eq!(pruned(&mut s), 5);
    let after = read(&mut s, &ADA, "model=Contact")["records"].clone();
    assert_eq!(after[4]["_nango_metadata"]["cursor"], cursor(4), "the place stays");
    let status = "/sync/status?provider_config_key=hubspot&connection_id=hubspot-ada&syncs=contacts";
    assert_eq!(s.get(status)["syncs"][0]["recordCount"], json!({"Contact": 12}), "the number too");
    // What is not in the model, the variant or the connection stays untouched.
    let mut other = until(11);
    other["variant"] = json!("eu");
    assert_eq!(prune(&mut s, other), json!({"count": 0, "has_more": false}));
    // A run that updates three of them, the first in the order, brings these back.
    run_contacts(&mut s);
    assert_eq!(pruned(&mut s), 2);
    // A cursor whose record has changed since leaves it open whether there are more.
    assert_eq!(prune(&mut s, until(0)), json!({"count": 0, "has_more": false}));
    assert_eq!(prune(&mut s, until(5)), json!({"count": 1, "has_more": false}));
    // Everything is saved.
    let saved = Emulator::from_saved(&s.emulator.save()).unwrap();
    let mut again = Steps { emulator: saved, now: s.now, key: s.key.clone(), taken: 0 };
    assert_eq!(read(&mut again, &ADA, "model=Contact"), read(&mut s, &ADA, "model=Contact"));
    // Query, body, headers, connection, cursor.
    let url = "/records/prune";
    s.step(Patch, &format!("{url}?a=1"), json!({}), (400, "invalid_query_params"));
    let wrong = s.step(Patch, url, json!({"limit": 0, "model": "x", "a": 1}), (400, "invalid_body"));
    assert_eq!(paths(&wrong), ["model", "until_cursor", "limit", ""]);
    let bad = json!({"model": "Contact", "until_cursor": "garbage"});
    s.step(Patch, url, bad.clone(), (400, "invalid_headers"));
    s.step_with(Patch, url, &[("Connection-Id", "nope"), ADA[1]], bad.clone(), (400, "unknown_connection"));
    s.step_with(Patch, url, &ADA, bad, (500, "server_error"));
}

/// Whatever happens in between, what a sync has collected follows from the time: requests do not change it.
#[test]
fn reading_and_pruning_nothing_changes_nothing() {
    let (mut quiet, mut busy) = (Steps::new(), Steps::new());
    let nothing = json!({"model": "Contact",
        "until_cursor": "MjAyMC0wMS0wMVQwMDowMDowMFp8fDVkZGQwNzY1LTAyZTctNTg0MC04ODY3LTk0NDNmNWY4YWQ4Mw=="});
    for s in [&mut quiet, &mut busy] {
        read(s, &ADA, "model=Contact");
    }
    for _ in 0..40 {
        busy.wait(600_000);
        read(&mut busy, &ADA, "model=Contact");
        busy.step_with(Patch, "/records/prune", &ADA, nothing.clone(), (200, ""));
    }
    quiet.now = busy.now;
    assert_eq!(read(&mut quiet, &ADA, "model=Contact"), read(&mut busy, &ADA, "model=Contact"));
}

/// Times that no schedule reaches, and more records than anybody reads: it answers.
#[test]
fn the_ends_of_time_and_of_numbers() {
    let world = json!({
        "integrations": [{"unique_key": "none", "provider": "unauthenticated"}],
        "functions": [{"integration": "none", "type": "sync", "name": "many", "returns": ["Many"], "runs": "every 30 s",
            "behaviour": {"models": {"Many": {"added": 10_000, "updated": 7, "deleted": 3}}}}],
        "connections": [{"connection_id": "c", "provider_config_key": "none", "credentials": {"type": "NONE"}}],
    });
    let mut s = Steps::of(Emulator::with_world(1, &world.to_string()).unwrap());
    let on = [("Connection-Id", "c"), ("Provider-Config-Key", "none")];
    read(&mut s, &on, "model=Many");
    s.wait(40 * 365 * 86_400_000);
    let page = read(&mut s, &on, "model=Many&limit=10000");
    assert_eq!((page["records"].as_array().unwrap().len(), &page["next_cursor"]), (10_000, &NONE));
    s.now = u64::MAX - 10;
    assert_eq!(read(&mut s, &on, "model=Many&limit=1")["records"].as_array().unwrap().len(), 1);
    for (models, place) in [
        (json!({"Many": {"added": 10_001}}), "behaviour.models.Many.added"),
        (json!({"Many": {"deleted": -1}}), "behaviour.models.Many.deleted"),
        (json!({"Many": {"records": {}}}), "behaviour.models.Many.records"),
        (json!({"Many": {"records": [{"id": true}]}}), "behaviour.models.Many.records[0]"),
    ] {
        let mut wrong = world.clone();
        wrong["functions"][0]["behaviour"]["models"] = models;
        let message = Emulator::with_world(1, &wrong.to_string()).unwrap_err().message;
        assert!(message.contains(&format!("`functions[0].{place}`")), "{message}");
    }
}

/// What a caller's own world declares: these records, and made-up ones for the rest.
#[test]
fn records_of_a_world_of_ones_own() {
    let found = json!({"records": [{"id": 1, "name": "Olive", "seen": "{{run.time}}"}, {"name": "Pascal"}], "added": 3});
    let schema = json!({"definitions": {"Person": {"type": "object", "properties": {"id": {"type": "integer"},
        "mail": {"type": "string", "format": "email"}, "active": {"type": "boolean"}, "since": {"type": ["string", "null"]},
        "kind": {"enum": ["a", "b"]}, "tags": {"type": "array"}, "day": {"type": "string", "format": "date"}}}}});
    let world = json!({
        "integrations": [{"unique_key": "crm", "provider": "unauthenticated"}],
        "functions": [{"integration": "crm", "type": "sync", "name": "people", "returns": ["Person"], "runs": "every hour",
            "json_schema": schema, "behaviour": {"models": {"Person": found}}}],
        "connections": [{"connection_id": "c", "provider_config_key": "crm", "credentials": {"type": "NONE"},
            "ageSeconds": 60}],
    });
    let mut s = Steps::of(Emulator::with_world(1, &world.to_string()).unwrap());
    let on = [("Connection-Id", "c"), ("Provider-Config-Key", "crm")];
    let page = read(&mut s, &on, "model=Person");
    let mut records = page["records"].as_array().unwrap().clone();
    records.iter_mut().for_each(|record| drop(record.as_object_mut().unwrap().remove("_nango_metadata")));
    records.sort_by_key(|record| text(&record["id"]));
    assert_eq!(records[0], json!({"id": "1", "name": "Olive", "seen": "2026-11-22T13:59:02.001Z"}));
    assert_eq!(
        records[1],
        json!({"id": "100003", "mail": "quinn.3@example.com", "active": true, "since": null, "kind": "a", "tags": [],
            "day": "2026-11-22"})
    );
    assert_eq!(records[2], json!({"id": "people-2", "name": "Pascal"}));
}
