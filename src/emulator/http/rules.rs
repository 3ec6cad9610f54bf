//! Rules that several endpoints share, as data for [`super::validate`] (contract section 6).

use serde_json::Value;

use super::validate::{Check, Key, Rule};
use crate::emulator::model::formats::{
    host_of, is_connection_id, is_denied_host, is_email, is_integration_key, is_model, is_name,
    is_private_host, is_scopes, is_status_list, is_tag_key, is_uuid, is_webhook_url, tags_problem,
};

fn webhook_host(value: &Value) -> Vec<String> {
    let Some(host) = value.as_str().and_then(host_of) else { return Vec::new() };
    if host == "nango.dev" || host.ends_with(".nango.dev") {
        return vec!["Webhook URLs cannot point to Nango's domain (nango.dev).".into()];
    }
    if is_denied_host(&host) || is_private_host(&host) {
        return vec!["Webhook URLs cannot point to a private or local address.".into()];
    }
    Vec::new()
}

fn tag_rules(value: &Value) -> Vec<String> {
    let Value::Object(tags) = value else { return Vec::new() };
    tags_problem(tags.iter().filter_map(|(k, v)| Some((k.as_str(), v.as_str()?)))).into_iter().collect()
}

/// CID.
pub(crate) const CONNECTION_ID: Rule = Rule::String(&[
    Check::Pattern("/^[a-zA-Z0-9,.;:=+~[\\]|@${}\"'\\\\/_ -]+$/", is_connection_id),
    Check::Max(255),
]);
/// What PCK checks.
pub(crate) const KEY_CHECKS: &[Check] =
    &[Check::Pattern("/^[a-zA-Z0-9~:.@ _-]+$/", is_integration_key), Check::Max(255)];
/// PCK.
pub(crate) const INTEGRATION_KEY: Rule = Rule::String(KEY_CHECKS);
/// NAME.
pub(crate) const NAME: Rule = Rule::String(&[Check::Pattern("/^[a-zA-Z0-9_-]+$/", is_name), Check::Max(255)]);
/// MODEL.
pub(crate) const MODEL: Rule =
    Rule::String(&[Check::Pattern("/^[A-Z][a-zA-Z0-9_-]+$/", is_model), Check::Max(255)]);
pub(crate) const UUID: Rule = Rule::String(&[Check::Format("Invalid UUID", is_uuid)]);
pub(crate) const STRING: Rule = Rule::String(&[]);
/// 1 to 255 characters.
pub(crate) const SHORT: Rule = Rule::String(&[Check::Min(1), Check::Max(255)]);
/// Up to 255 characters.
pub(crate) const LABEL: Rule = Rule::String(&[Check::Max(255)]);
const EMAIL: Rule = Rule::String(&[Check::Format("Invalid email address", is_email), Check::Min(5)]);
/// SCOPES, or empty.
pub(crate) const SCOPES: Rule = Rule::Union(
    &[Rule::String(&[Check::Pattern("/^[0-9a-zA-Z:/_.*-]+(,[0-9a-zA-Z:/_.*-]+)*$/", is_scopes)])],
    "Invalid input",
);
/// TypeScript source.
pub(crate) const CODE: Rule = Rule::String(&[Check::Min(1)]);
/// Statuses joined by commas.
pub(crate) const STATUS_LIST: Rule = Rule::String(&[Check::Pattern("/^\\d+(,\\d+)*$/", is_status_list)]);
/// Any object.
pub(crate) const RECORD: Rule = Rule::Record { key: &[], value: &Rule::Any };
/// An object of strings.
pub(crate) const STRINGS: Rule = Rule::Record { key: &[], value: &STRING };

const TAG_KEY: &[Check] = &[Check::Pattern("/^[a-zA-Z][a-zA-Z0-9_\\-./]*$/", is_tag_key), Check::Max(64)];
const LONG_TAG: Check = Check::MaxSaying(255, "Tag values must be at most 255 characters");
/// TAGS.
pub(crate) const TAGS: Rule = Rule::Refined(
    &Rule::Record { key: TAG_KEY, value: &Rule::String(&[Check::Min(1), LONG_TAG]) },
    tag_rules,
);
const END_USER_TAGS: Rule =
    Rule::Refined(&Rule::Record { key: TAG_KEY, value: &Rule::String(&[LONG_TAG]) }, tag_rules);
pub(crate) const END_USER: Rule = Rule::Object {
    keys: &[
        Key::required("id", SHORT),
        Key::optional("email", EMAIL),
        Key::optional("display_name", LABEL),
        Key::optional("tags", END_USER_TAGS),
    ],
    strict: true,
};
pub(crate) const ORGANIZATION: Rule =
    Rule::Object { keys: &[Key::required("id", LABEL), Key::optional("display_name", LABEL)], strict: true };

/// WEBHOOK_URL.
pub(crate) const WEBHOOK_URL: Rule = Rule::Refined(
    &Rule::Union(&[Rule::String(&[Check::Format("Invalid URL", is_webhook_url)])], "Invalid input"),
    webhook_host,
);
/// `integrations_config_defaults` of connect sessions.
pub(crate) const DEFAULTS: Rule = Rule::Record {
    key: KEY_CHECKS,
    value: &Rule::Object {
        keys: &[
            Key::optional("user_scopes", STRING),
            Key::optional("authorization_params", STRINGS),
            Key::optional(
                "connection_config",
                Rule::Object { keys: &[Key::optional("oauth_scopes_override", STRING)], strict: false },
            ),
        ],
        strict: true,
    },
};
/// `overrides` of connect sessions.
pub(crate) const OVERRIDES: Rule = Rule::Record {
    key: KEY_CHECKS,
    value: &Rule::Object { keys: &[Key::optional("docs_connect", STRING)], strict: false },
};
/// The query of endpoints for one connection.
pub(crate) const ONE_CONNECTION: Rule =
    Rule::Object { keys: &[Key::required("provider_config_key", INTEGRATION_KEY)], strict: true };
/// The headers of endpoints for one connection.
pub(crate) const CONNECTION_HEADERS: Rule = Rule::Object {
    keys: &[
        Key::required("connection-id", CONNECTION_ID),
        Key::required("provider-config-key", INTEGRATION_KEY),
    ],
    strict: true,
};
