//! The functions without a network: texts in, JSON texts out, errors thrown as JSON texts.

use js_sys::JSON;
use nango_toolkit::js::{
    build_request, check_base_url, check_key, get_tool, list_tools, parse_response, validate,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::host::{KEY, get, text};

fn parsed(json: &str) -> JsValue {
    JSON::parse(json).unwrap()
}

/// What was thrown: always the JSON of an error.
fn thrown<T>(result: Result<T, JsValue>) -> JsValue {
    parsed(&result.err().expect("an error").as_string().expect("a text is thrown"))
}

#[wasm_bindgen_test]
fn lists_tools_and_narrows_them() {
    let all = js_sys::Array::from(&parsed(&list_tools("{}").unwrap()));
    assert!(all.length() >= 23);
    let reads =
        js_sys::Array::from(&parsed(&list_tools(r#"{"readOnly":true,"toolsets":["connections"]}"#).unwrap()));
    assert!(reads.length() >= 1);
    for tool in reads.iter() {
        assert_eq!(text(&tool, "effect"), "read");
        assert_eq!(text(&tool, "inputSchema.type"), "object");
    }
    assert_eq!(text(&thrown(list_tools(r#"{"toolset":"x"}"#)), "code"), "invalid_option");
    assert_eq!(
        text(&parsed(&get_tool("NANGO_CONNECTION_GET").unwrap()), "slug"),
        "NANGO_CONNECTION_LIST_GET"
    );
    assert!(get_tool("NANGO_NOTHING").is_none());
}

#[wasm_bindgen_test]
fn validates_every_problem_at_once() {
    let verdict =
        parsed(&validate("NANGO_GET_CONNECTION", r#"{"connection_id":5,"colour":"red"}"#, "{}").unwrap());
    assert_eq!(get(&verdict, "valid").as_bool(), Some(false));
    assert!(get(&verdict, "issues.length").as_f64().unwrap() >= 2.0);
    assert_eq!(text(&thrown(validate("NANGO_GET_CONECTION", "{}", "{}")), "kind"), "unknown_tool");
}

#[wasm_bindgen_test]
fn builds_requests_without_a_key() {
    let args = r#"{"connection_id":"ada","provider_config_key":"hub spot"}"#;
    let request = parsed(
        &build_request("NANGO_DELETE_CONNECTION", args, r#"{"baseUrl":"http://localhost:3003/"}"#).unwrap(),
    );
    assert_eq!(text(&request, "method"), "DELETE");
    assert!(text(&request, "url").starts_with("http://localhost:3003/connections/ada?"));
    assert!(get(&request, "body").is_null());
    let refused = thrown(build_request("NANGO_DELETE_CONNECTION", "{}", "{}"));
    assert_eq!(text(&refused, "kind"), "invalid_arguments");
}

#[wasm_bindgen_test]
fn parses_answers() {
    let headers = r#"{"content-type":"application/json"}"#;
    let good =
        parse_response(Some("NANGO_LIST_INTEGRATIONS".into()), 200, headers, r#"{"data":[]}"#.into(), "{}")
            .unwrap();
    assert_eq!(get(&parsed(&good), "successful").as_bool(), Some(true));
    let bad = parse_response(
        None,
        404,
        headers,
        r#"{"error":{"code":"unknown_connection","message":"gone"}}"#.into(),
        "{}",
    )
    .unwrap();
    assert_eq!(text(&parsed(&bad), "error.kind"), "not_found");
    assert_eq!(text(&parsed(&bad), "error.code"), "unknown_connection");
}

#[wasm_bindgen_test]
fn says_what_is_wrong_with_a_key_or_a_base_url() {
    assert!(check_key(KEY).is_ok());
    let error = thrown(check_key("hunter2 hunter2"));
    assert!(!text(&error, "message").contains("hunter2"));
    assert_eq!(check_base_url("https://nango.example.com/", false).unwrap(), "https://nango.example.com");
    assert_eq!(text(&thrown(check_base_url("http://nango.example.com", false)), "code"), "invalid_base_url");
}
