//! What one caller sees of a native MCP server, and what its calls come to. The component of
//! `www/templates/mcp-component` is held against the npm package in the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::sync::Arc;

use nango_toolkit::mcp::{Facts, Plan, Selection, Server, Step, View};
use nango_toolkit::tools;
use serde_json::{Value, json};

#[test]
fn a_view_narrows_and_plans() {
    let server = Server::new("nango", "0.0.0", tools::all()).titled("Nango");
    let words = |pairs: &'static [(&str, &str)]| {
        Selection::from_words(|name| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, word)| (*word).to_owned())
        })
    };
    let own = words(&[("toolsets", "connections,proxy"), ("exclude", " NANGO_GET_PROXY ,")]).unwrap();
    let view = |asked: &Selection| View::new(&server, Arc::default(), &own, asked);
    let names = |view: &View| {
        let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
        let Step::Reply(reply) = view.read(&Facts::stdio(), list) else { panic!("it is a list") };
        let value: Value = serde_json::from_str(&reply.body).unwrap();
        let all = value["result"]["tools"].as_array().unwrap().clone();
        all.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let whole = names(&view(&Selection::default()).unwrap());
    assert!(
        whole.contains(&"NANGO_DELETE_CONNECTION".to_owned())
            && whole.contains(&"NANGO_PUT_PROXY".to_owned())
    );
    assert!(
        !whole.contains(&"NANGO_GET_PROXY".to_owned())
            && !whole.contains(&"NANGO_LIST_INTEGRATIONS".to_owned())
    );
    let readers = names(&view(&words(&[("readonly", "")]).unwrap()).unwrap());
    assert_eq!(readers, ["NANGO_CONNECTION_LIST_GET"]);
    for asked in [
        &[("toolsets", "integrations")][..],
        &[("tools", "NANGO_GET_PROXY")],
        &[("tools", "nango_put_proxy")],
    ] {
        let error = view(&words(asked).unwrap()).unwrap_err();
        assert!(error.message.ends_with("` here") && error.hint.is_some(), "{error:?}");
    }
    assert!(words(&[("mode", "all")]).is_err());

    let search = view(&words(&[("mode", "search")]).unwrap()).unwrap();
    assert_eq!(names(&search), ["search_tools", "describe_tool", "execute_tool"]);
    let plan = |name: &str, arguments: Value| {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": name, "arguments": arguments } });
        match search.read(&Facts::stdio(), &message.to_string()) {
            Step::Call(mut call) => {
                let plan = search.plan(&mut call);
                (plan, call.name)
            }
            other => panic!("{other:?}"),
        }
    };
    let args = json!({ "connection_id": "c" });
    let (run, name) = plan("execute_tool", json!({ "name": "NANGO_CONNECTION_GET", "arguments": args }));
    assert_eq!(run, Plan::Run { name: name.clone(), arguments: args, confirm: None });
    assert_eq!(name, "NANGO_CONNECTION_GET");
    for (name, arguments, says) in [
        ("execute_tool", json!({ "name": "NANGO_GET_PROXY" }), "there is no tool `NANGO_GET_PROXY`"),
        ("describe_tool", json!({ "name": "NANGO_PUT_PROXY" }), r#""inputSchema":{"type":"object""#),
        ("search_tools", json!({ "query": "delete a connection" }), r#""name":"NANGO_DELETE_CONNECTION""#),
        ("search_tools", json!({ "query": "list integrations" }), r#""successful":true"#),
    ] {
        let Plan::Done(outcome) = plan(name, arguments).0 else { panic!("{name} runs nothing") };
        assert!(outcome.contains(says), "{outcome}");
        assert!(!outcome.contains("NANGO_LIST_INTEGRATIONS\",\"title"), "{outcome}");
    }
}
