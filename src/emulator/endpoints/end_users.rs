//! End users, organizations and the tags derived from them (contract sections 6 and 15).

use serde_json::Value;

use crate::emulator::http::response::HttpResponse;
use crate::emulator::model::formats::tags_problem;
use crate::emulator::model::state::{EndUser, Object, Organization, str_field};
use crate::json::{Writer, to_json};

fn optional(object: &Object, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// Tags with their keys in lower case, as they are stored.
pub(crate) fn lower(tags: &Object) -> Object {
    tags.iter().map(|(key, value)| (key.to_ascii_lowercase(), value.clone())).collect()
}

/// The end user in a body that passed validation.
pub(crate) fn read(body: &Object) -> Option<EndUser> {
    let given = body.get("end_user")?.as_object()?;
    let organization = body.get("organization").and_then(Value::as_object);
    Some(EndUser {
        row: 0,
        id: str_field(given, "id").to_owned(),
        email: optional(given, "email"),
        display_name: optional(given, "display_name"),
        tags: given.get("tags").and_then(Value::as_object).cloned(),
        organization: organization.map(|o| Organization {
            id: str_field(o, "id").to_owned(),
            display_name: optional(o, "display_name"),
        }),
    })
}

/// The tags of a connection: those given, and those that its end user brings. What is given wins, and the
/// end user's own tags are left out if all together would be more than ten.
///
/// # Errors
/// `invalid_body` with a message if the tags together break a rule.
pub(crate) fn tags(given: Option<&Object>, user: Option<&EndUser>) -> Result<Object, HttpResponse> {
    let mut all = given.map(lower).unwrap_or_default();
    if let Some(user) = user {
        let organization = user.organization.clone();
        let derived = [
            ("end_user_id", Some(user.id.clone())),
            ("end_user_email", user.email.clone()),
            ("end_user_display_name", user.display_name.clone()),
            ("organization_id", organization.as_ref().map(|o| o.id.clone())),
            ("organization_display_name", organization.and_then(|o| o.display_name)),
        ];
        for (key, value) in derived {
            let value: String = value.unwrap_or_default().chars().take(255).collect();
            if !value.is_empty() && !all.contains_key(key) {
                all.insert(key.into(), Value::String(value));
            }
        }
        let mut with_own = user.tags.as_ref().map(lower).unwrap_or_default();
        with_own.extend(all.clone());
        if with_own.len() <= 10 {
            all = with_own;
        }
    }
    match tags_problem(all.iter().filter_map(|(k, v)| Some((k.as_str(), v.as_str()?)))) {
        Some(problem) => Err(HttpResponse::error(400, "invalid_body", problem)),
        None => Ok(all),
    }
}

/// Writes an end user, or null.
pub(crate) fn write(user: Option<&EndUser>, w: &mut Writer) {
    w.raw(&to_json(&user));
}

/// Writes an object.
pub(crate) fn write_object(object: &Object, w: &mut Writer) {
    w.raw(&to_json(object));
}

/// Writes a string, or null.
pub(crate) fn write_optional(text: Option<&str>, w: &mut Writer) {
    w.raw(&to_json(&text));
}
