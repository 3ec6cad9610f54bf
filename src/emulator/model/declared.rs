//! Checks of what a fixture declares about a function: what the runs of a sync find, and what triggers a function of the
//! newer kind.

use serde_json::Value;

use super::collected::MOST;
use super::state::Object;

/// Checks the declaration of a function.
///
/// # Errors
/// The name of the property, and what was expected there.
pub(crate) fn check(declaration: &Object) -> Result<(), (String, String)> {
    let found = declaration.get("behaviour").and_then(|behaviour| behaviour.get("models"));
    for (model, found) in found.and_then(Value::as_object).into_iter().flatten() {
        let place = format!("behaviour.models.{model}");
        check_found(found).map_err(|(name, expected)| (format!("{place}.{name}"), expected))?;
    }
    let kind = match declaration.get("trigger") {
        None | Some(Value::Null) => return Ok(()),
        Some(trigger) => trigger.get("kind").and_then(Value::as_str).unwrap_or_default(),
    };
    if ["none", "schedule", "http", "event"].contains(&kind) {
        return Ok(());
    }
    Err(("trigger.kind".into(), "expected none, schedule, http or event".into()))
}

/// Checks `{ added, updated, deleted, records }`.
fn check_found(found: &Value) -> Result<(), (String, String)> {
    for name in ["added", "updated", "deleted"] {
        let fits = |count: &Value| count.as_u64().is_some_and(|count| count <= MOST as u64);
        if found.get(name).is_some_and(|count| !count.is_null() && !fits(count)) {
            return Err((name.into(), format!("expected a whole number, 0 to {MOST}")));
        }
    }
    let records = match found.get("records") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(records)) if records.len() <= MOST => records,
        Some(_) => return Err(("records".into(), format!("expected an array of at most {MOST} objects"))),
    };
    let is_record = |record: &Value| {
        record.is_object() && record.get("id").is_none_or(|id| id.is_string() || id.is_number())
    };
    match records.iter().position(|record| !is_record(record)) {
        None => Ok(()),
        Some(i) => {
            let expected = "expected an object whose `id`, if it has one, is a string or a number";
            Err((format!("records[{i}]"), expected.into()))
        }
    }
}
