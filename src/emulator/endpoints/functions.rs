//! The deployed functions of one integration (actions, syncs and event functions): listed, read, with their code, and
//! deleted.

use serde_json::{Value, json};

use crate::emulator::http::call::Call;
use crate::emulator::http::response::{HandlerResult, HttpResponse};
use crate::emulator::http::rules::{INTEGRATION_KEY, NAME};
use crate::emulator::http::validate::{Check, Key, Rule, number};
use crate::emulator::model::clock;
use crate::emulator::model::state::{Function, FunctionKind, State, str_field};
use crate::json::{Writer, to_json, to_text};

const KIND: Rule = Rule::Choice(&["sync", "action", "on-event"]);
const LIST: Rule = Rule::Object {
    keys: &[
        Key::optional("type", KIND),
        Key::optional("search", Rule::Trimmed(&[Check::Min(1), Check::Max(255)])),
        Key::optional("page", Rule::Number { min: Some(0), max: None, whole: true }),
        Key::optional("limit", Rule::Number { min: Some(1), max: Some(100), whole: true }),
    ],
    strict: true,
};
const ONE: Rule = Rule::Object { keys: &[Key::optional("type", KIND)], strict: true };
const DELETE: Rule =
    Rule::Object { keys: &[Key::required("type", Rule::Choice(&["sync", "action"]))], strict: true };

/// The functions of an integration in the order of the server: by type, name, event.
fn of_integration<'a>(state: &'a State, key: &str, kind: Option<&str>) -> Vec<&'a Function> {
    let listed = |f: &&Function| f.integration == key && f.kind != FunctionKind::Function;
    let mut all: Vec<&Function> = state.functions.iter().filter(listed).collect();
    all.retain(|f| kind.is_none_or(|kind| kind == name_of(f.kind)));
    all.sort_by_key(|f| (name_of(f.kind), f.name.as_str(), str_field(&f.declaration, "event"), f.row));
    all
}

fn name_of(kind: FunctionKind) -> &'static str {
    match kind {
        FunctionKind::Action => "action",
        FunctionKind::Sync => "sync",
        FunctionKind::OnEvent => "on-event",
        FunctionKind::Function => "function",
    }
}

fn not_found(what: &str) -> HttpResponse {
    HttpResponse::error(404, "not_found", format!("{what} does not exist"))
}

/// `GET /integrations/{uniqueKey}/functions`
pub(crate) fn list(state: &mut State, call: &Call) -> HandlerResult {
    call.check_query(&LIST)?;
    let key = call.param("uniqueKey", &INTEGRATION_KEY)?;
    if state.integration(key).is_none() {
        return Err(not_found("Integration"));
    }
    let count = |name: &str, missing: f64| call.query_str(name).and_then(number).unwrap_or(missing);
    let (page, limit) = (count("page", 0.0), count("limit", 20.0));
    // The database counts in 64 bits.
    if page * limit >= 9_223_372_036_854_775_808.0 {
        return Err(HttpResponse::error(500, "server_error", "Failed to list functions"));
    }
    let search = call.query_str("search").unwrap_or_default().trim().to_lowercase();
    let mut found = of_integration(state, key, call.query_str("type"));
    found.retain(|f| f.name.to_lowercase().contains(&search));
    let mut w = Writer::new();
    w.open().key("data").open_array();
    for function in found.iter().skip((page * limit) as usize).take(limit as usize) {
        write(function, &mut w);
    }
    w.close_array().key("pagination").open().key("total").raw(&found.len().to_string());
    w.key("page").raw(&(page as u64).to_string()).key("limit").raw(&(limit as u64).to_string());
    w.close().close();
    Ok(HttpResponse::json(200, w.finish()))
}

/// `GET /integrations/{uniqueKey}/functions/{name}`
pub(crate) fn get(state: &mut State, call: &Call) -> HandlerResult {
    call.check_query(&ONE)?;
    let function = named(state, call)?;
    let mut w = Writer::new();
    w.open().key("data");
    write(function, &mut w);
    w.close();
    Ok(HttpResponse::json(200, w.finish()))
}

/// The first function of the name and, if the query has one, the type.
fn named<'a>(state: &'a State, call: &Call) -> Result<&'a Function, HttpResponse> {
    let key = call.param("uniqueKey", &INTEGRATION_KEY)?;
    let name = call.param("name", &NAME)?;
    if state.integration(key).is_none() {
        return Err(not_found("Integration"));
    }
    let all = of_integration(state, key, call.query_str("type"));
    all.into_iter().find(|f| f.name == name).ok_or_else(|| not_found("Function"))
}

fn write(function: &Function, w: &mut Writer) {
    let declared = |name: &str| function.declaration.get(name).filter(|value| !value.is_null());
    w.open().pair("name", &function.name);
    for name in ["description", "scopes"] {
        if let Some(value) = declared(name) {
            w.key(name).value(value);
        }
    }
    w.pair("type", name_of(function.kind));
    if function.kind == FunctionKind::OnEvent {
        w.key("event").value(declared("event").unwrap_or(&Value::Null));
    } else {
        if let Some(input) = declared("input") {
            w.key("input").value(input);
        }
        w.key("returns").value(declared("returns").unwrap_or(&json!([])));
        w.key("json_schema").value(declared("json_schema").unwrap_or(&Value::Null));
    }
    if function.kind == FunctionKind::Sync {
        w.key("runs").raw(&to_json(&function.runs)).key("auto_start").boolean(function.auto_start);
        w.key("track_deletes").boolean(declared("track_deletes") == Some(&Value::Bool(true)));
    }
    w.key("id").raw(&function.row.to_string()).key("enabled").boolean(function.enabled);
    w.pair("last_deployed", &clock::iso_z(function.deployed)).pair("source", source(function)).close();
}

fn source(function: &Function) -> &str {
    match str_field(&function.declaration, "source") {
        "" => "repo",
        source => source,
    }
}

/// `GET /integrations/{uniqueKey}/functions/{name}/code`
pub(crate) fn code(state: &mut State, call: &Call) -> HandlerResult {
    let key = call.param("uniqueKey", &INTEGRATION_KEY)?;
    let name = call.param("name", &NAME)?;
    call.check_query(&ONE)?;
    let missing = |message: String| Err(HttpResponse::error(404, "not_found", message));
    if state.integration(key).is_none() {
        return missing(format!("Integration '{key}' not found"));
    }
    let mut found = of_integration(state, key, call.query_str("type"));
    found.retain(|f| f.name == name);
    // One file may serve several events.
    found.dedup_by_key(|f| f.kind);
    let function = match found.as_slice() {
        [] => return missing(format!("Function '{name}' not found for integration '{key}'")),
        [one] => one,
        several => {
            let matches: Vec<Value> =
                several.iter().map(|f| json!({"type": name_of(f.kind), "name": f.name})).collect();
            let message = format!(
                "Multiple functions named '{name}' found for integration '{key}'. Specify a type to disambiguate."
            );
            let payload = to_text(&json!({ "matches": matches }));
            return Err(HttpResponse::with_payload(409, "ambiguous_function", &message, &payload));
        }
    };
    let code = match function.declaration.get("code") {
        None => stub(function),
        Some(Value::String(code)) => code.clone(),
        Some(_) => return missing(format!("Source file for '{name}' not found")),
    };
    let mut w = Writer::new();
    w.open().pair("type", name_of(function.kind)).pair("code", &code).close();
    Ok(HttpResponse::json(200, w.finish()))
}

/// A source file for a function whose declaration has no code.
fn stub(function: &Function) -> String {
    let make = match function.kind {
        FunctionKind::Action => "createAction",
        FunctionKind::Sync => "createSync",
        FunctionKind::OnEvent | FunctionKind::Function => "createOnEvent",
    };
    let description = to_json(str_field(&function.declaration, "description"));
    let frequency =
        function.runs.as_ref().map(|runs| format!("  frequency: {},\n", to_json(runs))).unwrap_or_default();
    format!(
        "import {{ {make} }} from \"nango\";\n\nexport default {make}({{\n  description: {description},\n{frequency}  \
         exec: async (nango) => {{}},\n}});\n"
    )
}

/// `DELETE /integrations/{uniqueKey}/functions/{name}`
pub(crate) fn delete(state: &mut State, call: &Call) -> HandlerResult {
    call.check_query(&DELETE)?;
    let function = named(state, call)?;
    if source(function) == "repo" {
        let message = "repo functions are deleted through `nango deploy`, not this endpoint";
        return Err(HttpResponse::error(400, "function_managed_by_deploy", message));
    }
    let row = function.row;
    state.functions.retain(|f| f.row != row);
    state.syncs.retain(|s| s.function != row);
    Ok(HttpResponse::json(200, r#"{"data":{"success":true}}"#))
}
