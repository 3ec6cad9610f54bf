//! The functions without a network: documents as JSON text, small structures as values, errors thrown as objects.

use js_sys::JSON;
use nango_toolkit::js::{
    Statistics, build_request, check_call_options, check_key, check_options, get_tool, list_tools,
    parse_response, search_tools, validate,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::host::{KEY, get, shown, text};

fn parsed(json: Result<String, JsValue>) -> JsValue {
    JSON::parse(&json.expect("no error")).unwrap()
}

#[wasm_bindgen_test]
fn lists_tools_and_narrows_them() {
    let all = js_sys::Array::from(&parsed(list_tools("{}", "{}")));
    assert!(all.length() >= 23);
    let filter = r#"{"readOnly":true,"toolsets":["connections"]}"#;
    let reads = js_sys::Array::from(&parsed(list_tools("{}", filter)));
    assert!(reads.length() >= 1);
    for tool in reads.iter() {
        assert_eq!(text(&tool, "effect"), "read");
        assert_eq!(text(&tool, "inputSchema.type"), "object");
    }
    let refused = list_tools("{}", r#"{"toolset":"x"}"#).unwrap_err();
    assert_eq!(text(&refused, "code"), "invalid_option");
    assert_eq!(
        text(&parsed(get_tool("NANGO_CONNECTION_GET").ok_or(JsValue::NULL)), "slug"),
        "NANGO_CONNECTION_LIST_GET"
    );
    assert_eq!(get_tool("NANGO_NOTHING"), None);
    let hits =
        js_sys::Array::from(&parsed(search_tools("{}", "who has connected hubspot?", r#"{"limit":2}"#)));
    assert_eq!(hits.length(), 2);
}

#[wasm_bindgen_test]
fn validates_every_problem_at_once() {
    let verdict = validate("{}", "NANGO_GET_CONNECTION", r#"{"connection_id":5,"colour":"red"}"#).unwrap();
    assert_eq!(get(&verdict, "valid").as_bool(), Some(false));
    assert!(get(&verdict, "issues.length").as_f64().unwrap() >= 2.0);
    assert_eq!(text(&verdict, "issues.0.path.0"), "provider_config_key");
    let good = validate("{}", "NANGO_LIST_INTEGRATIONS", "{}").unwrap();
    assert_eq!(shown(&good), r#"{"valid":true,"issues":[]}"#);
    assert_eq!(text(&validate("{}", "NANGO_GET_CONECTION", "{}").unwrap_err(), "kind"), "unknown_tool");
}

#[wasm_bindgen_test]
fn builds_requests_without_a_key() {
    let args = r#"{"connection_id":"ada","provider_config_key":"hub spot"}"#;
    let request =
        parsed(build_request(r#"{"baseUrl":"http://localhost:3003/"}"#, "NANGO_DELETE_CONNECTION", args));
    assert_eq!(text(&request, "method"), "DELETE");
    assert!(text(&request, "url").starts_with("http://localhost:3003/connections/ada?"));
    assert!(get(&request, "body").is_null());
    let refused = build_request("{}", "NANGO_DELETE_CONNECTION", "{}").unwrap_err();
    assert_eq!(text(&refused, "kind"), "invalid_arguments");
}

#[wasm_bindgen_test]
fn parses_answers() {
    let parse = |slug: Option<&str>, status, body: &str| {
        let headers = vec!["content-type".to_owned(), "application/json".to_owned()];
        parsed(parse_response("{}", slug.map(str::to_owned), status, headers, body.to_owned()))
    };
    let good = parse(Some("NANGO_LIST_INTEGRATIONS"), 200, r#"{"data":[]}"#);
    assert_eq!(get(&good, "successful").as_bool(), Some(true));
    let bad = parse(None, 404, r#"{"error":{"code":"unknown_connection","message":"gone"}}"#);
    assert_eq!(text(&bad, "error.kind"), "not_found");
    assert_eq!(text(&bad, "error.code"), "unknown_connection");
}

#[wasm_bindgen_test]
fn says_what_is_wrong_with_a_key_or_an_option() {
    assert!(check_key(KEY).is_ok());
    let error = check_key("hunter2 hunter2").unwrap_err();
    assert!(!text(&error, "message").contains("hunter2"));
    assert!(check_options(r#"{"baseUrl":"https://nango.example.com/"}"#).is_ok());
    let plain = check_options(r#"{"baseUrl":"http://nango.example.com"}"#).unwrap_err();
    assert_eq!(text(&plain, "kind"), "invalid_option");
    assert_eq!(text(&plain, "code"), "invalid_base_url");
    assert!(check_call_options(r#"{"timeoutMs":5}"#).is_ok());
    assert_eq!(text(&check_call_options(r#"{"baseUrl":"x"}"#).unwrap_err(), "code"), "invalid_option");
}

#[wasm_bindgen_test]
fn counts_calls() {
    let mut counted = Statistics::new();
    counted.add("NANGO_GET_PROXY", "", None, 120.0);
    counted.add("NANGO_GET_PROXY", "s1", Some("rate_limited".to_owned()), 80.0);
    let summary = counted.summary().unwrap();
    assert_eq!(get(&summary, "total.calls").as_f64(), Some(2.0));
    assert_eq!(get(&summary, "tools.NANGO_GET_PROXY.errors.rate_limited").as_f64(), Some(1.0));
    assert_eq!(get(&summary, "sessions.s1.calls").as_f64(), Some(1.0));
}
