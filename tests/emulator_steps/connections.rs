//! Connections: life cycle, lists, metadata, end users, tokens.

use nango_toolkit::tool::Method::{Delete, Get, Patch, Post};
use serde_json::{Value, json};

use crate::{Steps, each, paths};

const NONE: Value = Value::Null;
const ADA: &str = "/connections/hubspot-ada?provider_config_key=hubspot";

/// Imported, read, overwritten, deleted (recordings/connections-post.json, -get, -delete).
pub(crate) fn life(s: &mut Steps) {
    let key = json!({"type": "API_KEY", "apiKey": "pat-secret"});
    let body = json!({"provider_config_key": "airtable-pat", "connection_id": "air-1", "credentials": key,
        "tags": {"Env": "dev"}, "metadata": {"m": 1}, "webhook_url_override": "https://example.com/hook"});
    // connections-post.json 35: 201, times end in Z, tag keys in lower case.
    let made = s.step(Post, "/connections", body, (201, ""));
    assert!(made["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(made["last_fetched_at"], made["created_at"]);
    assert_eq!((&made["tags"], &made["credentials"]), (&json!({"env": "dev"}), &key));
    // connections-get.json 11: times with an offset.
    let url = "/connections/air-1?provider_config_key=airtable-pat";
    s.wait(60_000);
    let read = s.get(url);
    assert!(read["created_at"].as_str().unwrap().ends_with("+00:00"));
    assert_ne!(read["last_fetched_at"], read["created_at"], "reading credentials counts as fetching");
    assert_eq!(read["webhook_url_override"], "https://example.com/hook");
    // Contract NANGO_ADD_CONNECTION: the upsert resets what this call does not send, and answers 201.
    let again = json!({"provider_config_key": "airtable-pat", "connection_id": "air-1", "credentials": key});
    let again = s.step(Post, "/connections", again, (201, ""));
    assert_eq!(again["id"], made["id"]);
    assert_eq!(
        (&again["tags"], &again["metadata"], &again["webhook_url_override"]),
        (&json!({}), &json!({}), &NONE)
    );
    // 29: without an id one is generated; NONE has no credentials and was never fetched.
    let none = json!({"provider_config_key": "unauthenticated", "credentials": {"type": "NONE"}});
    let none = s.step(Post, "/connections", none, (201, ""));
    assert_eq!(none["connection_id"].as_str().unwrap().len(), 36);
    assert_eq!((&none["credentials"], &none["last_fetched_at"]), (&json!({}), &NONE));
    // 44: dates as numbers; `raw` repeats what was sent.
    let dated = json!({"provider_config_key": "github", "connection_id": "gh-9",
        "credentials": {"type": "OAUTH2", "access_token": "a", "refresh_token": "r", "expires_at": 4_070_908_800_000_i64}});
    let dated = s.step(Post, "/connections", dated, (201, ""));
    assert_eq!(dated["credentials"]["expires_at"], "2099-01-01T00:00:00.000Z");
    assert_eq!(dated["credentials"]["raw"]["refresh_token"], "r");
    // connections-get.json 4 and 12: refresh tokens only on request, also inside `raw`.
    let url_9 = "/connections/gh-9?provider_config_key=github";
    let plain = s.get(url_9).to_string();
    assert!(!plain.contains("refresh_token"));
    assert_eq!(s.get(&format!("{url_9}&refresh_token=yes"))["credentials"]["raw"]["refresh_token"], "r");
    // 50: token-based authentication keeps the developer app in the connection config.
    let tba = json!({"provider_config_key": "netsuite-tba", "connection_id": "ns", "connection_config": {"accountId": "1"},
        "credentials": {"type": "TBA", "token_id": "a", "token_secret": "b"}});
    let tba = s.step(Post, "/connections", tba, (201, ""));
    assert!(tba["connection_config"]["oauth_client_secret"].is_string());
    let missing = json!({"provider_config_key": "netsuite-tba",
        "credentials": {"type": "TBA", "token_id": "a", "token_secret": "b"}});
    s.step(Post, "/connections", missing, (400, "invalid_body"));
    // 10, 8, 33: wrong type, unknown integration, an id that the database refuses.
    let wrong = json!({"provider_config_key": "airtable-pat", "credentials": {"type": "BASIC", "username": "", "password": ""}});
    let wrong = s.step(Post, "/connections", wrong, (400, "invalid_body"));
    assert_eq!(wrong["error"]["message"], "Provider API_KEY does not support BASIC auth");
    // connections-delete.json: 400 without a message; the id can be used again.
    s.step(Delete, url, NONE, (200, ""));
    let twice = s.step(Delete, url, NONE, (400, "unknown_connection"));
    assert_eq!(twice["error"].get("message"), None);
    s.step(Get, url, NONE, (404, "not_found"));
    let reborn = json!({"provider_config_key": "airtable-pat", "connection_id": "air-1", "credentials": key});
    let reborn = s.step(Post, "/connections", reborn, (201, ""));
    assert_ne!(reborn["id"], made["id"]);
}

/// Every filter, limit and page (recordings/connections-list.json; order: newest first).
pub(crate) fn lists(s: &mut Steps) {
    let all = s.get("/connections")["connections"].clone();
    let ids = each(&all, "connection_id");
    assert_eq!(ids.len(), 22);
    let created = each(&all, "created");
    assert!(created.is_sorted_by(|a, b| a >= b));
    assert!(all.as_array().unwrap().iter().all(|c| c.get("credentials").is_none()));
    let mut found =
        |query: &str| each(&s.get(&format!("/connections?{query}"))["connections"], "connection_id");
    assert_eq!(found("connectionId=hubspot-ada"), ["hubspot-ada"]);
    assert!(found("connectionId=hubspot").is_empty());
    assert_eq!(found("search=SPOT-A"), ["hubspot-ada"]);
    assert_eq!(found("search=Ada%20Emulated").len(), found("endUserId=ada").len());
    assert_eq!(found("search=ada@example").len(), found("endUserId=ada").len());
    assert_eq!(found("endUserOrganizationId=bluebird").len(), 4);
    assert_eq!(found("integrationId=hubspot").len(), 2);
    assert_eq!(found("integrationId=hubspot,salesforce").len(), 4);
    assert!(found("integrationId=nope").is_empty());
    let crm = found("tags%5Bcategory%5D=crm");
    assert_eq!(crm.len(), 4);
    assert_eq!(found("tags[Category]=crm"), crm, "keys in any case");
    assert!(found("tags[category]=CRM").is_empty(), "values as they are");
    assert_eq!(found("tags[category]=crm&tags[end_user_id]=ada"), ["hubspot-ada"]);
    assert_eq!(found("tags[category]=crm&integrationId=salesforce&endUserId=grace"), ["salesforce-acme"]);
    assert_eq!(found("limit=2"), ids[..2]);
    assert_eq!(found("limit=2&page=1"), ids[2..4]);
    assert_eq!(found("limit=2&page=10"), ids[20..]);
    assert!(found("limit=2&page=50").is_empty());
    assert!(found("page=1").is_empty(), "without a limit a page is 10000 long");
    s.step(Get, "/connections?limit=0", NONE, (400, "invalid_query_params"));
}

/// Replaced, merged, for several at once or for none (recordings/metadata-post.json, metadata-patch.json).
pub(crate) fn metadata(s: &mut Steps) {
    let body = |ids: Value, metadata: Value| json!({"connection_id": ids, "provider_config_key": "hubspot", "metadata": metadata});
    let url = "/connections/metadata";
    let before = s.get(ADA)["updated_at"].clone();
    s.wait(10_000);
    let one = body(json!("hubspot-ada"), json!({"x": 1, "keep": {"deep": 1}}));
    assert_eq!(s.step(Post, url, one.clone(), (201, "")), one, "the request is echoed");
    s.step(Patch, url, body(json!("hubspot-ada"), json!({"y": null, "keep": {"other": 2}})), (200, ""));
    let read = s.get(ADA);
    assert_eq!(read["metadata"], json!({"x": 1, "y": null, "keep": {"other": 2}}), "merged at the top only");
    assert_eq!(read["updated_at"], before);
    let both = json!(["hubspot-ada", "hubspot-katherine"]);
    s.step(Post, url, body(both.clone(), json!({"arr": true})), (201, ""));
    assert_eq!(
        s.get("/connections/hubspot-katherine?provider_config_key=hubspot")["metadata"],
        json!({"arr": true})
    );
    let unknown = s.step(
        Patch,
        url,
        body(json!(["hubspot-ada", "nope"]), json!({"z": 1})),
        (404, "unknown_connection"),
    );
    assert!(unknown["error"]["message"].as_str().unwrap().contains("connection id nope"));
    assert_eq!(s.get(ADA)["metadata"], json!({"arr": true}), "nothing was changed");
    s.step(Patch, url, body(json!([]), json!({"z": 1})), (200, ""));
    s.step(Post, url, body(json!("hubspot-ada"), json!({})), (201, ""));
    assert_eq!(s.get(ADA)["metadata"], json!({}));
    let wrong = s.step(Post, url, json!({}), (400, "invalid_body"));
    assert_eq!(paths(&wrong), ["connection_id", "provider_config_key", "metadata"]);
}

/// Tags and end users (recordings/connections-patch.json with connections-get.json 28 to 33; section 15).
pub(crate) fn people(s: &mut Steps) {
    s.step(Patch, ADA, json!({"tags": {"A": "1"}}), (200, ""));
    let read = s.get(ADA);
    assert_eq!(read["tags"], json!({"a": "1"}), "replaced, not merged");
    assert_eq!(read["end_user"]["id"], "ada");
    let other = json!({"end_user": {"id": "eu-10"}});
    s.step(Patch, ADA, other, (200, ""));
    let read = s.get(ADA);
    assert_eq!(read["tags"], json!({"end_user_id": "eu-10"}));
    assert_eq!((&read["end_user"]["id"], &read["end_user"]["email"]), (&json!("eu-10"), &NONE));
    // The row is shared: Ada's other connections show the same person.
    assert_eq!(s.get("/connections/github-ada?provider_config_key=github")["end_user"]["id"], "eu-10");
    // Nine tags and three derived ones are too many; the end user has still changed.
    let nine: Value = (0..9).map(|i| (format!("k{i}"), json!("v"))).collect::<serde_json::Map<_, _>>().into();
    let many = json!({"end_user": {"id": "e", "email": "e@example.com", "display_name": "d"}, "tags": nine});
    let refused = s.step(Patch, ADA, many, (400, "invalid_body"));
    assert_eq!(refused["error"]["message"], "Tags cannot contain more than 10 keys");
    let read = s.get(ADA);
    assert_eq!((&read["end_user"]["id"], &read["tags"]), (&json!("e"), &json!({"end_user_id": "eu-10"})));
    // The end user's own tags are dropped if all together are too many (contract section 15).
    let seven: Value =
        (0..7).map(|i| (format!("k{i}"), json!("v"))).collect::<serde_json::Map<_, _>>().into();
    let full = json!({"end_user": {"id": "e", "email": "e@example.com", "display_name": "d", "tags": {"plan": "x"}}, "tags": seven});
    s.step(Patch, ADA, full, (200, ""));
    let tags = s.get(ADA)["tags"].clone();
    assert_eq!((tags.as_object().unwrap().len(), tags.get("plan")), (10, None));
    // connections-post.json 30: derived tags in addition to given ones.
    let new = json!({"provider_config_key": "unauthenticated", "credentials": {"type": "NONE"}, "connection_id": "eu",
        "end_user": {"id": "u1", "email": "u1@example.com", "tags": {"Plan": "pro"}}, "tags": {"end_user_id": "mine"}});
    let new = s.step(Post, "/connections", new, (201, ""));
    assert_eq!(
        new["tags"],
        json!({"end_user_id": "mine", "end_user_email": "u1@example.com", "plan": "pro"})
    );
    // connections-patch.json 7 and 8.
    s.step(Patch, ADA, json!({"webhook_url_override": "https://example.com/h"}), (200, ""));
    assert_eq!(s.get(ADA)["webhook_url_override"], "https://example.com/h");
    s.step(Patch, ADA, json!({"webhook_url_override": ""}), (200, ""));
    assert_eq!(s.get(ADA)["webhook_url_override"], NONE);
    s.step(Patch, "/connections/nope?provider_config_key=hubspot", json!({}), (404, "not_found"));
    s.step(Patch, "/connections/nope?provider_config_key=nope", json!({}), (400, "unknown_provider_config"));
}

/// Token refresh (connections-get.json 20 to 27, proxy-get.json 62; section 15).
pub(crate) fn refresh(s: &mut Steps) {
    // Valid for 25 minutes: not refreshed until a quarter of an hour before it expires.
    let first = s.get(ADA)["credentials"].clone();
    assert_eq!(first["access_token"], "emulated-access-token-hubspot-ada");
    s.wait(5 * 60_000);
    assert_eq!(s.get(ADA)["credentials"], first);
    s.wait(6 * 60_000);
    let second = s.get(ADA)["credentials"].clone();
    assert_ne!(second["access_token"], first["access_token"]);
    let forced = s.get(&format!("{ADA}&force_refresh=true"));
    assert_ne!(forced["credentials"]["access_token"], second["access_token"]);
    assert_eq!(forced["updated_at"], forced["last_fetched_at"]);
    // A key that may only read gets no credentials, and refreshes nothing (recordings/scopes.json 0 and 1).
    let own = std::mem::replace(&mut s.key, s.emulator.add_key(&["environment:connections:read"]));
    s.wait(3_600_000);
    assert_eq!(s.get(ADA)["credentials"], json!({}));
    s.step(Get, &format!("{ADA}&force_refresh=true"), NONE, (403, "forbidden"));
    s.key = own;
    // quickbooks-quarry's refresh fails: 400, then a back-off of 30 seconds.
    let bad = "/connections/quickbooks-quarry?provider_config_key=quickbooks";
    let failed = s.step(Get, bad, NONE, (400, "invalid_credentials"));
    let shown = &failed["error"]["payload"]["connection"];
    assert_eq!((&shown["credentials"], &shown["errors"][0]["type"]), (&json!({}), &json!("auth")));
    let backing_off = s.step(Get, bad, NONE, (424, "invalid_credentials"));
    assert_eq!(
        backing_off["error"]["message"],
        "A recent refresh attempt failed. Backing off before retrying."
    );
    let through = [("Connection-Id", "quickbooks-quarry"), ("Provider-Config-Key", "quickbooks")];
    s.step_with(Get, "/proxy/echo", &through, NONE, (424, "connection_refresh_backoff"));
    s.step(Get, &format!("{bad}&force_refresh=true"), NONE, (400, "invalid_credentials"));
    s.wait(31_000);
    s.step(Get, bad, NONE, (400, "invalid_credentials"));
    // The counter grows once a day; on the fourth day it is over until forced.
    for _ in 0..3 {
        s.wait(86_400_000);
        s.step(Get, bad, NONE, (400, "invalid_credentials"));
    }
    s.wait(86_400_000);
    s.step(Get, bad, NONE, (424, "invalid_credentials"));
    s.step_with(Get, "/proxy/echo", &through, NONE, (424, "server_error"));
    s.step(Get, &format!("{bad}&force_refresh=true"), NONE, (400, "invalid_credentials"));
    // An import brings new credentials, and the counter starts again.
    let import = json!({"provider_config_key": "quickbooks", "connection_id": "quickbooks-quarry",
        "credentials": {"type": "OAUTH2", "access_token": "new", "refresh_token": "r", "expires_at": "2020-01-01"}});
    s.step(Post, "/connections", import, (201, ""));
    let read = s.get(bad);
    assert_ne!(read["credentials"]["access_token"], "new");
    assert_eq!(read["errors"], json!([]));
}
