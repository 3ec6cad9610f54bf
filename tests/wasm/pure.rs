//! The functions without a network: texts in, JSON texts out, errors thrown as JSON texts.

use js_sys::JSON;
use nango_toolkit::js::ask;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::host::{KEY, get, text};

fn parsed(json: &str) -> JsValue {
    JSON::parse(json).unwrap()
}

/// The error behind the mark: always the JSON of one.
fn thrown(answer: String) -> JsValue {
    parsed(answer.strip_prefix('!').expect("an error"))
}

#[wasm_bindgen_test]
fn lists_tools_and_narrows_them() {
    let all = js_sys::Array::from(&parsed(&ask("list", "", "{}", "{}")));
    assert!(all.length() >= 23);
    let reads = js_sys::Array::from(&parsed(&ask(
        "list",
        "",
        r#"{"readOnly":true,"toolsets":["connections"]}"#,
        "{}",
    )));
    assert!(reads.length() >= 1);
    for tool in reads.iter() {
        assert_eq!(text(&tool, "effect"), "read");
        assert_eq!(text(&tool, "inputSchema.type"), "object");
    }
    assert_eq!(text(&thrown(ask("list", "", r#"{"toolset":"x"}"#, "{}")), "code"), "invalid_option");
    assert_eq!(
        text(&parsed(&ask("get", "NANGO_CONNECTION_GET", "", "{}")), "slug"),
        "NANGO_CONNECTION_LIST_GET"
    );
    assert_eq!(ask("get", "NANGO_NOTHING", "", "{}"), "null");
}

#[wasm_bindgen_test]
fn validates_every_problem_at_once() {
    let verdict =
        parsed(&ask("validate", "NANGO_GET_CONNECTION", r#"{"connection_id":5,"colour":"red"}"#, "{}"));
    assert_eq!(get(&verdict, "valid").as_bool(), Some(false));
    assert!(get(&verdict, "issues.length").as_f64().unwrap() >= 2.0);
    assert_eq!(text(&thrown(ask("validate", "NANGO_GET_CONECTION", "{}", "{}")), "kind"), "unknown_tool");
}

#[wasm_bindgen_test]
fn builds_requests_without_a_key() {
    let args = r#"{"connection_id":"ada","provider_config_key":"hub spot"}"#;
    let request =
        parsed(&ask("build", "NANGO_DELETE_CONNECTION", args, r#"{"baseUrl":"http://localhost:3003/"}"#));
    assert_eq!(text(&request, "method"), "DELETE");
    assert!(text(&request, "url").starts_with("http://localhost:3003/connections/ada?"));
    assert!(get(&request, "body").is_null());
    let refused = thrown(ask("build", "NANGO_DELETE_CONNECTION", "{}", "{}"));
    assert_eq!(text(&refused, "kind"), "invalid_arguments");
}

#[wasm_bindgen_test]
fn parses_answers() {
    let headers = r#""headers":{"content-type":"application/json"}"#;
    let given = format!(r#"{{"status":200,{headers},"body":"{{\"data\":[]}}"}}"#);
    let good = ask("parse", "NANGO_LIST_INTEGRATIONS", &given, "{}");
    assert_eq!(get(&parsed(&good), "successful").as_bool(), Some(true));
    let body = r#"{\"error\":{\"code\":\"unknown_connection\",\"message\":\"gone\"}}"#;
    let bad = ask("parse", "", &format!(r#"{{"status":404,{headers},"body":"{body}"}}"#), "{}");
    assert_eq!(text(&parsed(&bad), "error.kind"), "not_found");
    assert_eq!(text(&parsed(&bad), "error.code"), "unknown_connection");
}

#[wasm_bindgen_test]
fn says_what_is_wrong_with_a_key_or_a_base_url() {
    assert_eq!(ask("key", KEY, "", "{}"), "");
    let error = thrown(ask("key", "hunter2 hunter2", "", "{}"));
    assert!(!text(&error, "message").contains("hunter2"));
    assert_eq!(ask("options", "", "", r#"{"baseUrl":"https://nango.example.com/"}"#), "");
    assert_eq!(
        text(&thrown(ask("options", "", "", r#"{"baseUrl":"http://nango.example.com"}"#)), "code"),
        "invalid_base_url"
    );
}
