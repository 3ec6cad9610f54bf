//! End users, organizations and the tags derived from them (contract sections 6 and 15).

use serde_json::Value;

use crate::emulator::http::formats::tags_problem;
use crate::emulator::http::response::Answer;
use crate::emulator::model::state::{EndUser, Object, State, text};
use crate::json::Writer;

fn maybe(object: &Object, name: &str) -> Option<String> {
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
        id: text(given, "id").to_owned(),
        email: maybe(given, "email"),
        display_name: maybe(given, "display_name"),
        tags: given.get("tags").and_then(Value::as_object).cloned(),
        organization: organization.map(|o| (text(o, "id").to_owned(), maybe(o, "display_name"))),
    })
}

/// The tags of a connection: those given, and those that its end user brings. What is given wins, and the
/// end user's own tags are left out where all together would be more than ten.
///
/// # Errors
/// `invalid_body` with a message where the tags together break a rule.
pub(crate) fn tags(given: Option<&Object>, user: Option<&EndUser>) -> Result<Object, Answer> {
    let mut all = given.map(lower).unwrap_or_default();
    if let Some(user) = user {
        let (organization, organization_name) = user.organization.clone().unzip();
        let derived = [
            ("end_user_id", Some(user.id.clone())),
            ("end_user_email", user.email.clone()),
            ("end_user_display_name", user.display_name.clone()),
            ("organization_id", organization),
            ("organization_display_name", organization_name.flatten()),
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
        Some(problem) => Err(Answer::error(400, "invalid_body", problem)),
        None => Ok(all),
    }
}

/// Writes an end user, or null.
pub(crate) fn write(user: Option<&EndUser>, w: &mut Writer) {
    let Some(user) = user else {
        w.raw("null");
        return;
    };
    w.open().key("id").text(&user.id);
    w.key("display_name");
    maybe_text(user.display_name.as_deref(), w);
    w.key("email");
    maybe_text(user.email.as_deref(), w);
    w.key("tags");
    match &user.tags {
        Some(tags) => write_object(tags, w),
        None => {
            w.raw("null");
        }
    }
    w.key("organization");
    match &user.organization {
        Some((id, name)) => {
            w.open().key("id").text(id).key("display_name");
            maybe_text(name.as_deref(), w);
            w.close();
        }
        None => {
            w.raw("null");
        }
    }
    w.close();
}

/// Writes an object.
pub(crate) fn write_object(object: &Object, w: &mut Writer) {
    w.open();
    for (name, value) in object {
        w.key(name).value(value);
    }
    w.close();
}

/// Writes a text, or null.
pub(crate) fn maybe_text(text: Option<&str>, w: &mut Writer) {
    match text {
        Some(text) => w.text(text),
        None => w.raw("null"),
    };
}

impl State {
    /// Changes the end user of a connection: the row it is linked to, or another that it then is linked to.
    pub(crate) fn relink(&mut self, linked: Option<u64>, mut user: EndUser) -> u64 {
        let Some(old) = self.end_users.iter_mut().find(|u| Some(u.row) == linked) else {
            return self.upsert_end_user(user);
        };
        user.row = old.row;
        user.organization = user.organization.take().or_else(|| old.organization.take());
        *old = user;
        old.row
    }
}
