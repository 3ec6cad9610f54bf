//! End users, organizations and the tags derived from them (contract sections 6 and 15).

use serde_json::Value;

use crate::emulator::http::response::HttpResponse;
use crate::emulator::model::formats::tags_problem;
use crate::emulator::model::snapshot::EndUserView;
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

/// The tags of a connection: those that identify its end user, overridden by the end user's own, overridden by the
/// given ones. All of the end user's own are left out if one is empty, or if all together break a rule.
///
/// # Errors
/// `invalid_body` with a message if the tags together break a rule.
pub(crate) fn tags(given: Option<&Object>, user: Option<&EndUser>) -> Result<Object, HttpResponse> {
    let together = |own: Object| {
        let mut all = user.map(derived).unwrap_or_default();
        all.extend(own);
        all.extend(given.map(lower).unwrap_or_default());
        all
    };
    let own = user.and_then(|user| user.tags.as_ref()).map(lower).unwrap_or_default();
    let empty = own.values().any(|value| value.as_str() == Some(""));
    let mut all = together(own);
    if empty || problem(&all).is_some() {
        all = together(Object::new());
    }
    match problem(&all) {
        Some(problem) => Err(HttpResponse::error(400, "invalid_body", problem)),
        None => Ok(all),
    }
}

/// The tags that identify an end user.
fn derived(user: &EndUser) -> Object {
    let organization = user.organization.as_ref();
    let parts = [
        ("end_user_id", Some(&user.id)),
        ("end_user_email", user.email.as_ref()),
        ("end_user_display_name", user.display_name.as_ref()),
        ("organization_id", organization.map(|o| &o.id)),
        ("organization_display_name", organization.and_then(|o| o.display_name.as_ref())),
    ];
    let named = parts.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let tag =
        |(key, value): (&str, &String)| (key.to_owned(), value.chars().take(255).collect::<String>().into());
    named.filter(|(_, value)| !value.is_empty()).map(tag).collect()
}

fn problem(tags: &Object) -> Option<String> {
    tags_problem(tags.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))))
}

/// Writes an end user, or null.
pub(crate) fn write(user: Option<&EndUser>, w: &mut Writer) {
    w.raw(&to_json(&user.map(EndUserView::of)));
}

/// Writes an object.
pub(crate) fn write_object(object: &Object, w: &mut Writer) {
    w.raw(&to_json(object));
}

/// Writes a string, or null.
pub(crate) fn write_optional(text: Option<&str>, w: &mut Writer) {
    w.raw(&to_json(&text));
}
