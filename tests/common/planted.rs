//! Full answers of the tools that return secrets, with a planted secret in every place that has one.

use nango_toolkit::tool::{Field, Mask, ResponseType, Tool};
use serde_json::{Value, json};

/// What must never be seen. It has no special form, so that no rule about the form of
/// tokens can find it.
pub const PLANTED: &str = "planted value";

/// Credentials as a server returns them, one of each type (contract section 7), every secret planted.
fn credentials() -> Vec<Value> {
    let raw = json!({ "access_token": PLANTED, "anything": [PLANTED, { "else": PLANTED }] });
    vec![
        json!({ "type": "OAUTH2", "access_token": PLANTED, "refresh_token": PLANTED, "expires_at": "2030-01-01T00:00:00.000Z",
            "config_override": { "client_id": "public", "client_secret": PLANTED }, "raw": raw }),
        json!({ "type": "OAUTH2_CC", "token": PLANTED, "client_id": "public", "client_secret": PLANTED,
            "client_certificate": PLANTED, "client_private_key": PLANTED, "expires_at": "x", "raw": raw }),
        json!({ "type": "OAUTH1", "oauth_token": PLANTED, "oauth_token_secret": PLANTED, "raw": raw }),
        json!({ "type": "API_KEY", "apiKey": PLANTED }),
        json!({ "type": "BASIC", "username": PLANTED, "password": PLANTED }),
        json!({ "type": "APP", "access_token": PLANTED, "expires_at": "x", "jwtToken": PLANTED, "raw": raw }),
        json!({ "type": "CUSTOM", "app": { "type": "APP", "access_token": PLANTED, "raw": raw },
            "user": { "type": "OAUTH2", "access_token": PLANTED, "refresh_token": PLANTED, "raw": raw }, "raw": raw }),
        json!({ "raw": raw }),
        json!({ "type": "TBA", "token_id": PLANTED, "token_secret": PLANTED, "config_override": { "client_secret": PLANTED } }),
        json!({ "type": "JWT", "privateKeyId": PLANTED, "issuerId": PLANTED, "privateKey": PLANTED, "token": PLANTED }),
        json!({ "type": "JWT", "privateKey": { "id": PLANTED, "secret": PLANTED }, "token": PLANTED }),
        json!({ "type": "TWO_STEP", "username": PLANTED, "password": PLANTED, "token": PLANTED, "raw": raw }),
        json!({ "type": "BILL", "username": PLANTED, "password": PLANTED, "organization_id": PLANTED, "dev_key": PLANTED, "session_id": PLANTED }),
        json!({ "type": "SIGNATURE", "username": PLANTED, "password": PLANTED, "token": PLANTED }),
        json!({ "type": "AWS_SIGV4", "role_arn": "arn:aws:iam::1:role/x", "region": "eu-1", "service": "s3",
            "access_key_id": PLANTED, "secret_access_key": PLANTED, "session_token": PLANTED, "external_id": PLANTED }),
        json!({ "type": "NONE" }),
        json!({ "type": "NEW_MODE", "unheard_of": PLANTED, "list": [PLANTED], "deep": { "er": { "still": PLANTED } }, "pin": [[PLANTED]] }),
        json!([PLANTED]),
        json!(PLANTED),
    ]
}

/// Full answers of a tool that returns secrets; empty for other tools.
pub fn answers(tool: &Tool) -> Vec<Value> {
    let config = json!({ "subdomain": "acme", "oauth_client_id": "public", "oauth_client_secret": PLANTED, "apiToken": PLANTED,
        "nested": { "Password": PLANTED }, "list": [{ "client-secret": PLANTED }], "credentials": { "anything": PLANTED } });
    let connection = |c: Value| {
        json!({ "id": 1, "connection_id": "c", "provider_config_key": "k", "provider": "p", "errors": [], "end_user": null,
            "tags": {}, "metadata": {}, "connection_config": config, "webhook_url_override": null, "credentials": c })
    };
    match tool.slug {
        "NANGO_GET_CONNECTION" | "NANGO_ADD_CONNECTION" => {
            credentials().into_iter().map(connection).collect()
        }
        "NANGO_GET_INTEGRATION" => vec![
            json!({ "data": { "unique_key": "k", "credentials": { "type": "OAUTH2", "client_id": "public", "client_secret": PLANTED,
                "scopes": "a,b", "webhook_secret": PLANTED } } }),
            json!({ "data": { "unique_key": "k", "credentials": { "type": "CUSTOM", "client_id": "public", "client_secret": PLANTED,
                "app_id": "1", "app_link": "https://a.b", "private_key": PLANTED } } }),
            json!({ "data": { "unique_key": "k", "credentials": PLANTED } }),
            json!({ "data": PLANTED }),
        ],
        "NANGO_GET_ENVIRONMENT_VARIABLES" => vec![
            json!([{ "name": "A", "value": PLANTED }, { "name": "B", "value": { "deep": [PLANTED] } }]),
            json!({ "data": [{ "name": "A", "value": PLANTED }] }),
            json!([PLANTED]),
            json!(PLANTED),
        ],
        "NANGO_CREATE_CONNECT_SESSION" | "NANGO_RECONNECT_SESSION_POST" => vec![
            json!({ "data": { "token": PLANTED, "connect_link": "https://connect.nango.dev/?session_token=x", "expires_at": "x" } }),
            json!({ "data": [PLANTED] }),
        ],
        _ if tool.secrets().is_empty() => Vec::new(),
        _ => vec![made(&tool.returns)],
    }
}

/// An answer of this structure, with [`PLANTED`] wherever it declares a secret.
fn made(shape: &ResponseType) -> Value {
    match shape {
        ResponseType::Any | ResponseType::Text => json!("public"),
        ResponseType::Nothing => Value::Null,
        ResponseType::Time => json!("2030-01-31T12:00:00Z"),
        ResponseType::Integer => json!(1),
        ResponseType::Boolean => json!(true),
        ResponseType::Choice(options) => json!(options[0]),
        ResponseType::Maybe(of) => made(of),
        ResponseType::List(of) => json!([made(of)]),
        ResponseType::Map(of) => json!({ "name": made(of) }),
        ResponseType::OneOf(forms) => made(&forms[0]),
        ResponseType::Object(fields) | ResponseType::Open(fields) => {
            let field = |field: &Field| {
                let secret = matches!(field.mask(), Some(Mask::Whole(_)));
                (field.name.to_owned(), if secret { json!(PLANTED) } else { made(&field.shape) })
            };
            fields.iter().map(field).collect()
        }
    }
}
