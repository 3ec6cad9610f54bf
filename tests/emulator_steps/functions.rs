//! Actions, syncs, the list of functions, and the proxy.

use nango_toolkit::tool::Method::{Get, Post, Put};
use serde_json::{Value, json};

use crate::{Steps, each};

const NONE: Value = Value::Null;

/// At once, failing, disabled, queued (recordings/action-trigger.json, action-get.json; section 15).
pub(crate) fn actions(s: &mut Steps) {
    let on = |id, key| [("Connection-Id", id), ("Provider-Config-Key", key)];
    let url = "/action/trigger";
    let ada = on("hubspot-ada", "hubspot");
    let create = json!({"action_name": "create-contact", "input": {"email": "new@example.com"}});
    let made = s.step_with(Post, url, &ada, create.clone(), (200, ""));
    assert_eq!((&made["email"], &made["created"]), (&json!("new@example.com"), &json!(true)));
    let echo = on("unauthenticated-demo", "unauthenticated");
    let said = s.step_with(Post, url, &echo, json!({"action_name": "echo-input", "input": [1]}), (200, ""));
    assert_eq!(
        said,
        json!({"ok": true, "input": [1], "conn": "unauthenticated-demo", "pck": "unauthenticated"})
    );
    let extra = s.step_with(Post, url, &echo, json!({"action_name": "echo-input", "foo": 1}), (200, ""));
    assert_eq!(extra["input"], json!({}));
    // Shape D without a message, shape C with a payload, a disabled one, a sync's name.
    let close = json!({"action_name": "close-ticket", "input": {}});
    let failed = s.step_with(Post, url, &on("zendesk-acme", "zendesk"), close, (424, "script_http_error"));
    assert_eq!((failed["error"].get("message"), &failed["error"]["upstream"]["status"]), (None, &json!(422)));
    let void = json!({"action_name": "void-invoice", "input": {}});
    s.step_with(
        Post,
        url,
        &on("quickbooks-acme", "quickbooks"),
        void.clone(),
        (500, "action_script_runtime_error"),
    );
    let archive = json!({"action_name": "archive-channel"});
    s.step_with(Post, url, &on("slack-acme", "slack"), archive, (404, "disabled_resource"));
    s.step_with(Post, url, &ada, json!({"action_name": "contacts"}), (404, "not_found"));
    s.step_with(Post, url, &on("hubspot-ada", "nope"), create.clone(), (400, "unknown_connection"));
    // Queued: 202 with Location, 404 until done, then the result as often as wanted.
    let queue = [ada[0], ada[1], ("X-Async", "true")];
    let reply = s.send(Post, url, &queue, Some(&create));
    let queued: Value = serde_json::from_str(&reply.response.body).unwrap();
    assert_eq!(reply.response.status, 202);
    let path = queued["statusUrl"].as_str().unwrap().to_owned();
    assert!(reply.response.headers.contains(&("location".into(), path.clone())));
    let second = s.step_with(Post, url, &queue, create, (202, ""));
    let second = second["statusUrl"].as_str().unwrap().to_owned();
    s.step(Get, &path, NONE, (404, "not_found"));
    s.wait(2_000);
    assert_eq!(s.get(&path), made);
    s.step(Get, &second, NONE, (404, "not_found"));
    s.wait(2_000);
    assert_eq!(s.get(&second), made, "one at a time");
    assert_eq!(s.get(&format!("{path}?a=1")), made);
    // A failure is visible after the last retry; a result of null never is.
    let retried = [
        ("Connection-Id", "quickbooks-acme"),
        ("Provider-Config-Key", "quickbooks"),
        ("X-Async", "1"),
        ("X-Max-Retries", "2"),
    ];
    let job = s.step_with(Post, url, &retried, void, (202, ""));
    let job = job["statusUrl"].as_str().unwrap().to_owned();
    s.wait(4_000);
    s.step(Get, &job, NONE, (404, "not_found"));
    s.wait(4_000);
    s.step(Get, &job, NONE, (500, "action_script_runtime_error"));
    let air =
        [("Connection-Id", "airtable-alan"), ("Provider-Config-Key", "airtable-pat"), ("X-Async", "yes")];
    let null = s.step_with(Post, url, &air, json!({"action_name": "touch-record"}), (202, ""));
    s.wait(60_000);
    s.step(Get, null["statusUrl"].as_str().unwrap(), NONE, (404, "not_found"));
    s.step(Get, "/action/nope", NONE, (400, "invalid_uri_params"));
}

/// Runs and status over time (recordings/sync-status.json, sync-trigger.json; section 15).
pub(crate) fn syncs(s: &mut Steps) {
    let status = "/sync/status?provider_config_key=hubspot&connection_id=hubspot-ada&syncs=";
    let one = |body: Value| body["syncs"][0].clone();
    // `deals` starts paused and never ran: no finishedAt, no result.
    let deals = one(s.get(&format!("{status}deals")));
    assert_eq!((&deals["status"], &deals["nextScheduledSyncAt"]), (&json!("PAUSED"), &NONE));
    assert_eq!((deals.get("finishedAt"), &deals["recordCount"]), (None, &json!({"Deal": 0})));
    // Triggered: running, then done; still paused, since the schedule did not start.
    let trigger = |syncs: Value| json!({"provider_config_key": "hubspot", "connection_id": "hubspot-ada", "syncs": syncs});
    assert_eq!(s.step(Post, "/sync/trigger", trigger(json!(["deals"])), (200, "")), json!({"success": true}));
    let running = one(s.get(&format!("{status}deals::base")));
    assert_eq!(
        (&running["status"], &running["latestExecutionStatus"]),
        (&json!("RUNNING"), &json!("RUNNING"))
    );
    s.step(Post, "/sync/trigger", trigger(json!(["deals"])), (200, ""));
    s.wait(3_000);
    let done = one(s.get(&format!("{status}deals")));
    assert_eq!((&done["status"], &done["latestExecutionStatus"]), (&json!("PAUSED"), &json!("SUCCESS")));
    assert_eq!(done["latestResult"], json!({"Deal": {"added": 4, "deleted": 0, "updated": 0}}));
    assert_eq!(done["recordCount"], json!({"Deal": 4}));
    // A second run updates; one that starts over may add again.
    s.step(Post, "/sync/start", trigger(json!([{"name": "deals", "variant": "base"}])), (200, ""));
    s.wait(3_000);
    let next = one(s.get(&format!("{status}deals")));
    assert_eq!(next["status"], "SUCCESS");
    assert!(next["nextScheduledSyncAt"].is_string());
    s.step(Post, "/sync/trigger", trigger(json!(["contacts"])), (200, ""));
    s.wait(3_000);
    assert_eq!(one(s.get(&format!("{status}contacts")))["latestResult"]["Contact"]["updated"], 3);
    let mut afresh = trigger(json!([]));
    for (empty, added) in [(false, 0), (true, 12)] {
        // Collected again, an unchanged record is not counted, unless the cache was emptied before.
        afresh["opts"] = json!({"reset": true, "emptyCache": empty});
        s.step(Post, "/sync/trigger", afresh.clone(), (200, ""));
        s.wait(3_000);
        let again = one(s.get(&format!("{status}contacts")));
        assert_eq!(again["latestResult"]["Contact"], json!({"added": added, "deleted": 0, "updated": 0}));
        assert_eq!((&again["type"], &again["recordCount"]["Contact"]), (&json!("INITIAL"), &json!(12)));
    }
    // Paused, it does not change.
    s.step(Post, "/sync/pause", trigger(json!(["contacts"])), (200, ""));
    let paused = one(s.get(&format!("{status}contacts")));
    assert_eq!((&paused["status"], &paused["nextScheduledSyncAt"]), (&json!("PAUSED"), &NONE));
    s.wait(7_200_000);
    assert_eq!(one(s.get(&format!("{status}contacts")))["finishedAt"], paused["finishedAt"]);
    // Unknown names: an error with a connection, ignored without one as long as one fits.
    s.step(Post, "/sync/trigger", trigger(json!(["deals", "nope"])), (400, "no_syncs_found"));
    let wide = json!({"provider_config_key": "hubspot", "syncs": ["deals", "nope"]});
    s.step(Post, "/sync/trigger", wide, (200, ""));
    afresh["full_resync"] = json!(true);
    s.step(Post, "/sync/trigger", afresh, (400, "invalid_body"));
    // The integration may come from a header.
    let headers = [("Provider-Config-Key", "hubspot"), ("Connection-Id", "nope")];
    s.step_with(Post, "/sync/trigger", &headers, json!({"syncs": []}), (404, "unknown_connection"));
    s.step(Post, "/sync/trigger", json!({"syncs": []}), (400, "missing_provider_config_key"));
    // All connections of an integration; nothing known is an empty list.
    let all = s.get("/sync/status?provider_config_key=salesforce&syncs=accounts,contacts");
    assert_eq!(all["syncs"].as_array().unwrap().len(), 4);
    assert_eq!(s.get("/sync/status?provider_config_key=nope&syncs=*"), json!({"syncs": []}));
    s.step(
        Get,
        "/sync/status?provider_config_key=hubspot&syncs=*&connection_id=nope",
        NONE,
        (400, "invalid_body"),
    );
    // An import makes the syncs of its integration (section 15).
    let import = json!({"provider_config_key": "hubspot", "connection_id": "h-2",
        "credentials": {"type": "OAUTH2", "access_token": "a"}});
    s.step(Post, "/connections", import, (201, ""));
    let new = s.get("/sync/status?provider_config_key=hubspot&syncs=*&connection_id=h-2");
    assert_eq!(each(&new["syncs"], "name"), ["contacts", "deals"]);
    assert_eq!(each(&new["syncs"], "status"), ["RUNNING", "PAUSED"]);
}

/// Both forms of the list of functions (recordings/scripts-config-get.json).
pub(crate) fn scripts(s: &mut Steps) {
    let nango = s.get("/scripts/config");
    let slack = nango.as_array().unwrap().iter().find(|g| g["provider"] == "slack").unwrap();
    assert_eq!(each(&slack["actions"], "name"), ["archive-channel", "send-message"], "by name");
    assert_eq!(slack["actions"][0]["enabled"], false);
    assert_eq!(slack["on-events"], json!([]));
    assert_eq!(s.get("/scripts/config?format=nope&x=1"), nango);
    let openai = s.get("/scripts/config?format=openai");
    let data = openai["data"].as_array().unwrap();
    let contact = data.iter().find(|f| f["name"] == "create-contact").unwrap();
    assert_eq!(contact["parameters"]["properties"]["email"]["description"], "address, unique in the portal");
    assert_eq!(contact["parameters"]["required"], json!(["email", "first_name", "last_name"]));
    let sync = data.iter().find(|f| f["name"] == "tickets").unwrap();
    assert_eq!(sync["parameters"], json!({"type": "object", "properties": {}, "required": []}));
}

/// A provider's API (recordings/proxy-*.json).
pub(crate) fn proxy(s: &mut Steps) {
    let ada = [("Connection-Id", "hubspot-ada"), ("Provider-Config-Key", "hubspot")];
    let listed = s.step_with(Get, "/proxy/crm/v3/objects/contacts", &ada, NONE, (200, ""));
    assert!(!listed["results"].as_array().unwrap().is_empty());
    let missing = s.step_with(Get, "/proxy/no/such/path", &ada, NONE, (404, ""));
    assert!(missing.get("code").is_none());
    // The provider gets the credentials and what the caller prefixed, and nothing else of the caller's.
    let more = [ada[0], ada[1], ("Nango-Proxy-X-Foo", "bar"), ("X-Mine", "no"), ("Cookie", "a=b")];
    let echo = s.step_with(Put, "/proxy/echo/a%20b?q=1&c[]=2", &more, json!({"b": 1}), (200, ""));
    assert_eq!(
        (&echo["method"], &echo["url"], &echo["body"]),
        (&json!("PUT"), &json!("/echo/a%20b?q=1&c[]=2"), &json!("{\"b\":1}"))
    );
    let headers = &echo["headers"];
    assert_eq!(headers["authorization"], "Bearer emulated-access-token-hubspot-ada");
    assert_eq!(
        (&headers["x-foo"], headers.get("x-mine"), headers.get("cookie")),
        (&json!("bar"), None, None)
    );
    assert_eq!(headers["host"], "api.hubapi.com");
    // Success is 200 or 204; errors and their headers are relayed.
    let made = s.step_with(Post, "/proxy/status/201", &ada, json!({}), (200, ""));
    assert_eq!(made["status"], 201);
    s.step_with(Get, "/proxy/nocontent", &ada, NONE, (204, ""));
    s.step_with(Get, "/proxy/status/418", &ada, NONE, (418, ""));
    let reset = s.step_with(Get, "/proxy/destroy", &ada, NONE, (500, "ECONNRESET"));
    assert_eq!(reset, json!({"message": "socket hang up", "code": "ECONNRESET", "method": "get"}));
    // Retries wait 3 and 6 seconds; they succeed if the provider recovers.
    let retrying = [ada[0], ada[1], ("Retries", "2")];
    let reply = s.send(Get, "/proxy/fail/2/503?id=1", &retrying, None);
    assert_eq!((reply.response.status, reply.delay_ms), (200, 9_000));
    // Another host: public ones echo, others are refused by name, by network, or as unreachable.
    let to = |url| [ada[0], ada[1], ("Base-Url-Override", url)];
    let elsewhere = s.step_with(Get, "/proxy/x", &to("https://other.example.com/v1/"), NONE, (200, ""));
    assert_eq!(
        (&elsewhere["url"], &elsewhere["headers"]["host"]),
        (&json!("/v1/x"), &json!("other.example.com"))
    );
    for url in [
        "http://localhost:4011",
        "http://169.254.169.254",
        "http://10.0.0.1",
        "ftp://example.com",
        "http://x.invalid",
    ] {
        s.step_with(Get, "/proxy/echo", &to(url), NONE, (400, "base_url_override_not_allowed"));
    }
    s.step_with(Get, "/proxy/echo", &to("http://192.0.2.2:9"), NONE, (500, "ECONNREFUSED"));
    // In this order: integration, connection, base URL (section 15).
    let wrong = [("Connection-Id", "nope"), ("Provider-Config-Key", "nope")];
    s.step_with(Get, "/proxy/echo", &wrong, NONE, (404, "unknown_provider_config"));
    let wrong = [("Connection-Id", "nope"), ("Provider-Config-Key", "hubspot")];
    s.step_with(Get, "/proxy/echo", &wrong, NONE, (400, "server_error"));
    let none = [("Connection-Id", "unauthenticated-demo"), ("Provider-Config-Key", "unauthenticated")];
    s.step_with(Get, "/proxy/echo", &none, NONE, (400, "unsupported_provider"));
    // Keys go where the integration says; basic authentication is encoded.
    let own = [("Connection-Id", "inventory-quarry"), ("Provider-Config-Key", "inventory")];
    let own = s.step_with(Get, "/proxy/echo", &own, NONE, (200, ""));
    assert_eq!(own["headers"]["x-inventory-key"], "Key emulated-api-key-inventory-quarry");
    let basic = [("Connection-Id", "bamboohr-acme"), ("Provider-Config-Key", "bamboohr")];
    let basic = s.step_with(Get, "/proxy/echo", &basic, NONE, (200, ""));
    assert!(basic["headers"]["authorization"].as_str().unwrap().starts_with("Basic "));
    // Dot segments are collapsed when the provider's URL is built (proxy-get.json 10).
    assert_eq!(s.step_with(Get, "/proxy/echo/a/../b/./c", &ada, NONE, (200, ""))["url"], "/echo/b/c");
}
