//! The check of single arguments, input by input: values with one meaning are repaired, `null` is left out
//! or kept, free values pass verbatim. Tags, credentials and rules on several are in check_rules.rs.

use crate::common::checks::{
    ACTION, ADD, CREATE, GET, INTEGRATION, Issues, LIST, METADATA, Nothing, PROXY, PUT, SESSION, STATUS,
    TRIGGER, base, becomes, check, same, short, to,
};
use serde_json::json;

#[test]
fn numbers() {
    same(LIST, "limit", json!(1));
    same(LIST, "limit", json!(2000));
    becomes(LIST, "limit", json!("5"), to(json!(5)));
    becomes(LIST, "limit", json!(" 5 "), to(json!(5)));
    becomes(LIST, "limit", json!(5.0), to(json!(5)));
    for bad in [
        json!("5.0"),
        json!("5x"),
        json!(""),
        json!("five"),
        json!(1.5),
        json!(true),
        json!([5]),
        json!({}),
        json!("0x5"),
        json!(1e300),
    ] {
        becomes(LIST, "limit", bad, Issues(&["limit invalid_type"]));
    }
    becomes(LIST, "limit", json!(0), Issues(&["limit too_small"]));
    becomes(LIST, "limit", json!(-7), Issues(&["limit too_small"]));
    becomes(LIST, "limit", json!("2001"), Issues(&["limit too_big"]));
    becomes(LIST, "limit", json!(i64::MAX), Issues(&["limit too_big"]));
    becomes(LIST, "limit", json!(u64::MAX), Issues(&["limit invalid_type"]));
    becomes(PROXY, "retries", json!("6"), Issues(&["retries too_big"]));
}

#[test]
fn booleans() {
    same(GET, "force_refresh", json!(true));
    for (given, meant) in [("true", true), ("TRUE", true), ("False", false)] {
        becomes(GET, "force_refresh", json!(given), to(json!(meant)));
    }
    for bad in
        [json!(1), json!(0), json!("1"), json!("yes"), json!("on"), json!(""), json!([]), json!("truthy")]
    {
        becomes(GET, "force_refresh", bad, Issues(&["force_refresh invalid_type"]));
    }
}

#[test]
fn texts_and_numbers_where_texts_belong() {
    becomes(GET, "connection_id", json!(12345), to(json!("12345")));
    becomes(LIST, "end_user_id", json!(-3), to(json!("-3")));
    for bad in [json!(1.5), json!(true), json!(null), json!({}), json!(["a"])] {
        becomes(GET, "connection_id", bad, Issues(&["connection_id invalid_type"]));
    }
    becomes(GET, "connection_id", json!(""), Issues(&["connection_id too_small"]));
    becomes(GET, "connection_id", json!("x".repeat(256)), Issues(&["connection_id too_big"]));
    same(GET, "connection_id", json!("x".repeat(255)));
    becomes(GET, "connection_id", json!("ünïcode"), Issues(&["connection_id invalid_format"]));
    // Two UTF-16 units each: the server counts 256.
    becomes(LIST, "search", json!("😀".repeat(128)), Issues(&["search too_big"]));
    same(LIST, "search", json!("😀".repeat(127)));
}

#[test]
fn choices() {
    same(INTEGRATION, "include", json!(["webhook"]));
    becomes(INTEGRATION, "include", json!(["Webhook", "CREDENTIALS"]), to(json!(["webhook", "credentials"])));
    becomes(INTEGRATION, "include", json!("webhook"), to(json!(["webhook"])));
    becomes(INTEGRATION, "include", json!("[\"webhook\"]"), to(json!(["webhook"])));
    becomes(INTEGRATION, "include", json!(["webhook", "webhook"]), to(json!(["webhook"])));
    becomes(INTEGRATION, "include", json!(["webhok"]), Issues(&["include.0 invalid_value"]));
    becomes(
        INTEGRATION,
        "include",
        json!([1, "webhook", null]),
        Issues(&["include.0 invalid_type", "include.2 invalid_type"]),
    );
    becomes(INTEGRATION, "include", json!("webhooks,credentials"), Issues(&["include invalid_type"]));
    let mut args = base(INTEGRATION);
    args["include"] = json!(["webhok"]);
    let issues = check(INTEGRATION, args).unwrap_err();
    assert_eq!(issues[0].hint.as_deref(), Some("did you mean `webhook`?"));
    assert!(issues[0].message.contains("`webhook`, `credentials`") && issues[0].message.contains("`webhok`"));
}

#[test]
fn lists_and_single_values() {
    same(STATUS, "syncs", json!(["a", "b"]));
    same(STATUS, "syncs", json!("*"));
    becomes(STATUS, "syncs", json!("[\"a\",\"b\"]"), to(json!(["a", "b"])));
    becomes(STATUS, "syncs", json!([]), Issues(&["syncs too_small"]));
    becomes(STATUS, "syncs", json!(["a", ""]), Issues(&["syncs.1 too_small"]));
    becomes(STATUS, "syncs", json!(["a", null]), Issues(&["syncs.1 invalid_type"]));
    same(TRIGGER, "syncs", json!(["a", { "name": "b", "variant": "v" }]));
    becomes(TRIGGER, "syncs", json!("a"), to(json!(["a"])));
    becomes(TRIGGER, "syncs", json!([{ "name": "b" }]), Issues(&["syncs.0.variant required"]));
    becomes(TRIGGER, "syncs", json!({ "name": "b", "variant": "v" }), Issues(&["syncs invalid_type"]));
    becomes(PROXY, "retry_on", json!(404), to(json!([404])));
    becomes(PROXY, "retry_on", json!("404"), to(json!([404])));
    becomes(PROXY, "retry_on", json!([404, "409", 404]), to(json!([404, 409])));
    becomes(PROXY, "retry_on", json!([99, 600]), Issues(&["retry_on.0 too_small", "retry_on.1 too_big"]));
}

#[test]
fn objects_and_json_texts() {
    same(SESSION, "end_user", json!({ "id": "u" }));
    becomes(SESSION, "end_user", json!("{\"id\":\"u\"}"), to(json!({ "id": "u" })));
    becomes(SESSION, "end_user", json!("u"), Issues(&["end_user invalid_type"]));
    becomes(SESSION, "end_user", json!([]), Issues(&["end_user invalid_type"]));
    becomes(SESSION, "end_user", json!({}), Issues(&["end_user.id required"]));
    becomes(
        SESSION,
        "end_user",
        json!({ "id": "u", "mail": "a@b.co" }),
        Issues(&["end_user.mail unrecognized_keys"]),
    );
    becomes(METADATA, "metadata", json!("{\"a\":[1,null]}"), to(json!({ "a": [1, null] })));
    // All arguments as one string, as some models send them.
    let whole = check(
        GET,
        json!("{\"connection_id\":\"c\",\"provider_config_key\":\"k\",\"force_refresh\":\"true\"}"),
    )
    .unwrap();
    assert_eq!(whole, json!({ "connection_id": "c", "provider_config_key": "k", "force_refresh": true }));
    for nothing in [json!(null), json!(""), json!("  "), json!({}), json!("{}")] {
        assert_eq!(check(LIST, nothing).unwrap(), json!({}));
    }
    for bad in [json!([]), json!(7), json!(true), json!("[{}]"), json!("7")] {
        let issues = check(LIST, bad).unwrap_err();
        assert_eq!(short(&issues), [" invalid_type"]);
    }
    for bad in [json!("x"), json!("{"), json!("{\"limit\":1e400}")] {
        let issues = check(LIST, bad).unwrap_err();
        assert_eq!(short(&issues), [" invalid_json"]);
    }
}

#[test]
fn null_is_nothing_where_something_is_optional() {
    for (slug, name) in [
        (LIST, "limit"),
        (LIST, "tags"),
        (GET, "force_refresh"),
        (INTEGRATION, "include"),
        (SESSION, "end_user"),
        (SESSION, "overrides"),
        (ADD, "connection_id"),
        (ADD, "connection_config"),
        (CREATE, "credentials"),
        (PROXY, "query_params"),
        (PUT, "body"),
    ] {
        becomes(slug, name, json!(null), Nothing);
    }
    // At every declared depth.
    becomes(SESSION, "end_user", json!({ "id": "u", "email": null, "tags": null }), to(json!({ "id": "u" })));
    becomes(TRIGGER, "opts", json!({ "reset": true, "emptyCache": null }), to(json!({ "reset": true })));
    becomes(
        ADD,
        "connection_config",
        json!({ "oauth_scopes_override": null, "subdomain": null }),
        to(json!({ "subdomain": null })),
    );
    becomes(
        SESSION,
        "integrations_config_defaults",
        json!({ "slack": { "user_scopes": null, "connection_config": { "x": null } } }),
        to(json!({ "slack": { "connection_config": { "x": null } } })),
    );
    // Not for required arguments.
    becomes(GET, "connection_id", json!(null), Issues(&["connection_id invalid_type"]));
    becomes(SESSION, "end_user", json!({ "id": null }), Issues(&["end_user.id invalid_type"]));
    becomes(ADD, "credentials", json!({ "type": null }), Issues(&["credentials.type invalid_type"]));
    becomes(METADATA, "metadata", json!(null), Issues(&["metadata invalid_type"]));
    // An undeclared name: its value must be valid.
    becomes(SESSION, "tags", json!({ "a": null }), Issues(&["tags.a invalid_type"]));
    // A null counts as absent: it does not satisfy a rule that requires one of several arguments.
    assert_eq!(short(&check(SESSION, json!({ "tags": null })).unwrap_err()), [" custom"]);
}

#[test]
fn what_is_free_passes_verbatim() {
    for value in [
        json!(null),
        json!(0),
        json!(false),
        json!(""),
        json!("5"),
        json!("true"),
        json!("[1]"),
        json!([null]),
        json!({ "a": null, "b": "7" }),
        json!(1e300),
    ] {
        same(ACTION, "input", value);
    }
    // JSON text of an object counts as an object, as everywhere.
    becomes(ACTION, "input", json!("{\"a\":1}"), to(json!({ "a": 1 })));
    becomes(PUT, "body", json!("{\"a\":1}"), to(json!({ "a": 1 })));
    for value in [
        json!({}),
        json!({ "a": null, "b": { "c": [null, "5", "true"] }, "": "" }),
        json!({ "__proto__": 1 }),
    ] {
        same(METADATA, "metadata", value);
    }
    for value in [json!({ "a": null }), json!([null, 1]), json!(""), json!("raw"), json!("[1]")] {
        same(PUT, "body", value);
    }
    for bad in [json!(5), json!(true)] {
        becomes(PUT, "body", bad, Issues(&["body invalid_type"]));
    }
    same(PROXY, "query_params", json!({ "a": "5", "b": 5, "c": true, "d": ["x", 1, false], "": "" }));
    becomes(
        PROXY,
        "query_params",
        json!({ "a": null, "b": {}, "c": [null] }),
        Issues(&[
            "query_params.a invalid_type",
            "query_params.b invalid_type",
            "query_params.c.0 invalid_type",
        ]),
    );
}
