//! The check of tags, credentials and of rules on several arguments; all problems are reported together, each
//! with its place, its code and a hint.

use crate::common::checks::{
    ADD, CREATE, Issues, LIST, SESSION, TRIGGER, base, becomes, check, same, short, to,
};
use nango_toolkit::{schema, tools};
use serde_json::{Value, json};

#[test]
fn tags() {
    same(SESSION, "tags", json!({ "Project.x/y-z_1": "p", "end_user_email": "ada@example.com" }));
    becomes(SESSION, "tags", json!({ "env": 5 }), to(json!({ "env": "5" })));
    becomes(SESSION, "tags", json!({ "1a": "x" }), Issues(&["tags.1a invalid_key"]));
    becomes(SESSION, "tags", json!({ "a b": "x" }), Issues(&["tags.a b invalid_key"]));
    becomes(SESSION, "tags", json!({ "a": "" }), Issues(&["tags.a too_small"]));
    becomes(SESSION, "tags", json!({ "a": "x".repeat(256) }), Issues(&["tags.a too_big"]));
    becomes(SESSION, "tags", json!({ "Env": "a", "env": "b" }), Issues(&["tags custom"]));
    becomes(
        SESSION,
        "tags",
        json!({ "End_User_Email": "nobody" }),
        Issues(&["tags.End_User_Email invalid_format"]),
    );
    let many: Value = (0..11).map(|i| (format!("k{i}"), json!("v"))).collect();
    becomes(SESSION, "tags", many, Issues(&["tags too_big"]));
    // An end user's own tags may be empty, but not the one that must be an address.
    same(SESSION, "end_user", json!({ "id": "u", "tags": { "a": "" } }));
    becomes(
        SESSION,
        "end_user",
        json!({ "id": "u", "tags": { "end_user_email": "" } }),
        Issues(&["end_user.tags.end_user_email too_small"]),
    );
}

#[test]
fn credentials_by_type() {
    for good in [
        json!({ "type": "OAUTH2", "access_token": "a", "refresh_token": "r", "expires_at": "2030-01-31T12:00:00Z", "config_override": {} }),
        json!({ "type": "API_KEY", "apiKey": "a" }),
        json!({ "type": "BASIC", "username": "", "password": "" }),
        json!({ "type": "NONE" }),
        json!({ "type": "CUSTOM", "app_id": "1", "installation_id": "2" }),
    ] {
        same(ADD, "credentials", good);
    }
    becomes(
        ADD,
        "credentials",
        json!({ "type": "api_key", "apiKey": "a" }),
        to(json!({ "type": "API_KEY", "apiKey": "a" })),
    );
    becomes(ADD, "credentials", json!({ "apiKey": "a" }), Issues(&["credentials.type required"]));
    becomes(ADD, "credentials", json!({ "type": "JWT" }), Issues(&["credentials.type invalid_value"]));
    becomes(
        ADD,
        "credentials",
        json!({ "type": "API_KEY", "api_key": "a" }),
        Issues(&["credentials.apiKey required", "credentials.api_key unrecognized_keys"]),
    );
    becomes(
        ADD,
        "credentials",
        json!({ "type": "BASIC", "username": "u" }),
        Issues(&["credentials.password required"]),
    );
    becomes(
        ADD,
        "credentials",
        json!({ "type": "NONE", "apiKey": "a" }),
        Issues(&["credentials.apiKey unrecognized_keys"]),
    );
    becomes(
        ADD,
        "credentials",
        json!({ "type": "OAUTH2", "access_token": "a", "expires_at": 1 }),
        Issues(&["credentials.expires_at invalid_format"]),
    );
    becomes(
        ADD,
        "credentials",
        json!({ "type": "TBA", "token_id": "a", "token_secret": "b" }),
        Issues(&["connection_config.accountId required"]),
    );
    let pem = "-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----";
    let app = |key: String| json!({ "type": "APP", "app_id": "1", "app_link": "l", "private_key": key });
    becomes(CREATE, "credentials", app(format!("{pem}\n")), to(app(pem.into())));
    becomes(CREATE, "credentials", app("key".into()), Issues(&["credentials.private_key invalid_format"]));
    becomes(
        CREATE,
        "credentials",
        json!({ "type": "API_KEY", "apiKey": "a" }),
        Issues(&["credentials.type invalid_value"]),
    );
    becomes(
        CREATE,
        "credentials",
        json!({ "type": "OAUTH2", "client_id": "a", "client_secret": "b", "scopes": "a, b" }),
        Issues(&["credentials.scopes invalid_format"]),
    );
}

#[test]
fn rules_over_several_arguments() {
    assert_eq!(short(&check(SESSION, json!({})).unwrap_err()), [" custom"]);
    // One mistake, one issue: an invalid argument is not also missing.
    assert_eq!(short(&check(SESSION, json!({ "tags": 5 })).unwrap_err()), ["tags invalid_type"]);
    assert_eq!(
        short(
            &check("NANGO_EDIT_CONNECTION", json!({ "connection_id": "c", "provider_config_key": "k" }))
                .unwrap_err()
        ),
        [" custom"]
    );
    assert_eq!(short(&check(LIST, json!({ "page": 1 })).unwrap_err()), ["page custom"]);
    assert_eq!(short(&check(LIST, json!({ "page": 1, "limit": 0 })).unwrap_err()), ["limit too_small"]);
    assert!(check(LIST, json!({ "page": 1, "limit": 10 })).is_ok());
    let mut args = base(TRIGGER);
    args["opts"] = json!({ "reset": true });
    args["full_resync"] = json!(true);
    assert_eq!(short(&check(TRIGGER, args).unwrap_err()), [" custom"]);
}

#[test]
fn webhook_addresses_are_public() {
    same(SESSION, "webhook_url_override", json!(""));
    same(SESSION, "webhook_url_override", json!("https://hooks.example.com:8443/x?y=z"));
    for bad in [
        "ftp://a.b",
        "x",
        "https://localhost/x",
        "http://127.0.0.1",
        "http://2130706433/",
        "https://10.0.0.1",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://metadata.google.internal",
        "https://api.nango.dev/x",
        "https://nango.dev",
        "https://user:pw@example.com",
    ] {
        becomes(
            SESSION,
            "webhook_url_override",
            json!(bad),
            Issues(&["webhook_url_override invalid_format"]),
        );
    }
}

#[test]
fn all_problems_come_at_once() {
    let issues = check(
        ADD,
        json!({
            "provider_config_key": "", "credentials": { "type": "BASIC", "password": 1.5, "pass": "x" }, "metadata": [],
            "tags": { "1": "", "a": 1.5 }, "end_user": { "email": "x@ada", "name": "y" }, "connectionId": "c", "zebra": 1,
        }),
    )
    .unwrap_err();
    let expected = [
        "provider_config_key too_small",
        "credentials.username required",
        "credentials.password invalid_type",
        "credentials.pass unrecognized_keys",
        "metadata invalid_type",
        "tags.1 invalid_key",
        "tags.a invalid_type",
        "end_user.id required",
        "end_user.email invalid_format",
        "end_user.name unrecognized_keys",
        "connectionId unrecognized_keys",
        "zebra unrecognized_keys",
    ];
    assert_eq!(short(&issues), expected);
    let hint = |i: usize| issues[i].hint.clone().unwrap_or_default();
    assert_eq!(hint(3), "did you mean `password`?");
    assert_eq!(hint(10), "did you mean `connection_id`?");
    assert!(hint(11).contains("leave it out") && hint(11).contains("`credentials`"));
    assert!(
        !hint(1).is_empty()
            && issues.iter().all(|i| i.message.starts_with(char::is_lowercase) && !i.message.ends_with('.'))
    );
    let error = schema::refused(tools::find(ADD).unwrap(), issues);
    assert_eq!((error.issues.len(), error.retryable, error.status), (12, false, None));
    assert!(error.message.starts_with("12 problems in the arguments of NANGO_ADD_CONNECTION; nothing was sent: provider_config_key: expected"));
}
