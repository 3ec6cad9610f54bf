//! The program of docs/rust.md: compiled, run against a scripted server, and compared with the page.
#![allow(unreachable_pub, missing_docs, reason = "a program to copy")]

#[path = "../../docs/rust/by_hand.rs"]
mod by_hand;

use std::cell::RefCell;

use self::by_hand::{Host, options, run};
use nango_toolkit::http::{Request, Response};
use serde_json::{Value, json};

const KEY: &str = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

/// The outcome of a call, and the URLs that were requested.
fn call(tool: &str, args: Value) -> (Value, Vec<String>) {
    let sent = RefCell::new(Vec::new());
    let send = |request: &Request| {
        sent.borrow_mut().push(request.url.clone());
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Response { status: 200, headers, body: r#"{"connections":[]}"#.to_owned() }
    };
    let host = Host { key: KEY, send: &send, now: &|| 1_700_000_000_000 };
    let outcome = run(options("ada").unwrap(), tool, args, &host);
    (serde_json::from_str(&outcome).unwrap(), sent.into_inner())
}

#[test]
fn a_list_is_that_of_the_user() {
    let (outcome, sent) = call("NANGO_CONNECTION_LIST_GET", json!({}));
    assert_eq!(outcome["successful"], true, "{outcome}");
    assert!(sent.len() == 1 && sent[0].contains("ada"), "{sent:?}");
}

#[test]
fn what_changes_something_is_denied_and_not_sent() {
    let args = json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot" });
    let (outcome, sent) = call("NANGO_DELETE_CONNECTION", args);
    assert_eq!(outcome["error"]["kind"], "denied", "{outcome}");
    assert!(sent.is_empty(), "{sent:?}");
}

#[test]
fn the_page_contains_it_unchanged() {
    let page = include_str!("../../docs/rust.md");
    let program = include_str!("../../docs/rust/by_hand.rs");
    assert!(
        page.contains(&format!("```rust\n{program}```\n")),
        "docs/rust.md differs from docs/rust/by_hand.rs"
    );
    assert_eq!(page.matches("```rust").count(), 1);
}
