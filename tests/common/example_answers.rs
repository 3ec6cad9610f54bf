//! What the emulator answers, with its default fixture, to the examples of tools.

use nango_toolkit::emulator::Emulator;
use nango_toolkit::http::{self, BaseUrl, Response};
use nango_toolkit::schema::{self, Allow};
use nango_toolkit::tool::{Example, Tool};
use serde_json::Value;

/// Tools whose examples name what has to be made first: what the emulator answers instead.
const MADE_FIRST: &str = include_str!("../fixtures/example_answers.json");

/// The answer to an example, with a key that may do it.
pub fn answer(tool: &Tool, example: &Example, now_ms: u64) -> Response {
    let mut emulator = Emulator::new(1);
    let args = schema::check(tool, Value::from(example.args), &Allow::default())
        .unwrap_or_else(|e| panic!("{}: {e:?}", tool.slug));
    let mut request = http::build(tool, &args, &BaseUrl::default());
    if request.header("authorization").is_none() {
        let of_account = tool.scopes.iter().any(|scope| scope.starts_with("account:"));
        let key = if of_account { emulator.add_key(&["account:*"]) } else { emulator.api_key().to_owned() };
        request.headers.push(("Authorization".into(), format!("Bearer {key}")));
    }
    emulator.handle(&request, now_ms).response
}

/// Asserts that the default fixture answers an example as it should.
pub fn check_example(tool: &Tool, example: &Example, now_ms: u64) {
    let response = answer(tool, example, now_ms);
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let said = format!("{} {}: {} {}", tool.slug, example.title, response.status, response.body);
    let made_first: Value = serde_json::from_str(MADE_FIRST).unwrap();
    match made_first.get(tool.slug) {
        Some(expected) => {
            assert_eq!(
                (response.status, &body["error"]["code"]),
                (expected["status"].as_u64().unwrap() as u16, &expected["code"]),
                "{said}"
            );
        }
        None => assert!(response.status < 300, "{said}"),
    }
}
