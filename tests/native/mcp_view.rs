//! What one caller sees of a native MCP server, and the results of its calls. The component of
//! `crates/mcp-component` is compared with the npm package in the same way.

use std::sync::Arc;

use nango_toolkit::error::ErrorKind;
use nango_toolkit::mcp::{
    ExtraTool, Mode, Plan, Selection, Server, Step, TransportContext, View, search_tools,
};
use nango_toolkit::tools;
use serde_json::{Value, json};

#[test]
fn a_view_narrows_and_plans() {
    let words = |pairs: &'static [(&str, &str)]| {
        Selection::from_words(|name| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, word)| (*word).to_owned())
        })
    };
    let own = words(&[("toolsets", "connections,proxy"), ("exclude", " NANGO_GET_PROXY ,")]).unwrap();
    let server = Arc::new(Server::new("nango", "0.0.0").with_title("Nango").with_selection(own));
    let view = |asked: &Selection| View::of_options(&server, &Default::default(), asked);
    let names = |view: &View| {
        let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
        let Step::Reply(reply) = view.read(&TransportContext::stdio(), list) else { panic!("it is a list") };
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
        assert!(error.message.contains("there is no tool") && error.hint.is_some(), "{error:?}");
    }
    // All problems are reported together.
    let wrong =
        words(&[("toolsets", "connection"), ("tools", "NANGO_PUT_PROXI,NANGO_NOTHING_OF_IT")]).unwrap();
    let error = view(&wrong).unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::InvalidOption, "invalid_option"));
    let hints: Vec<&str> = error.issues.iter().filter_map(|issue| issue.hint.as_deref()).collect();
    assert_eq!(hints.get(..2), Some(&["did you mean `connections`?", "did you mean `NANGO_PUT_PROXY`?"][..]));
    assert_eq!(hints.len(), 3);
    assert!(words(&[("mode", "all")]).is_err());

    let search = view(&words(&[("mode", "search")]).unwrap()).unwrap();
    assert_eq!(names(&search), ["search_tools", "describe_tool", "execute_tool"]);
    let plan = |name: &str, arguments: Value| {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": name, "arguments": arguments } });
        match search.read(&TransportContext::stdio(), &message.to_string()) {
            Step::Call(call) => search.plan(&call),
            other => panic!("{other:?}"),
        }
    };
    let args = json!({ "connection_id": "c" });
    match plan("execute_tool", json!({ "name": "NANGO_CONNECTION_GET", "arguments": args })) {
        Plan::Run { name, arguments, confirm: None } => {
            assert_eq!((name.as_str(), arguments.get()), ("NANGO_CONNECTION_GET", args.to_string().as_str()));
        }
        other => panic!("{other:?}"),
    }
    for (name, arguments, says) in [
        ("execute_tool", json!({ "name": "NANGO_GET_PROXY" }), "there is no tool `NANGO_GET_PROXY`"),
        ("describe_tool", json!({ "name": "NANGO_PUT_PROXY" }), r#""inputSchema":{"type":"object""#),
        ("search_tools", json!({ "query": "delete a connection" }), r#""name":"NANGO_DELETE_CONNECTION""#),
        ("search_tools", json!({ "query": "list integrations" }), r#""successful":true"#),
        ("search_tools", json!({}), r#""data":{"tools":[]}"#),
    ] {
        let outcome = match plan(name, arguments) {
            Plan::Done(outcome) => outcome,
            Plan::Search { query, limit } => search.found(&search_tools(&query, &Default::default()), limit),
            other => panic!("{name} runs nothing: {other:?}"),
        };
        assert!(outcome.contains(says), "{outcome}");
        assert!(!outcome.contains("NANGO_LIST_INTEGRATIONS\",\"title"), "{outcome}");
    }
}

#[test]
fn the_operator_chooses_by_names_that_exist() {
    let choose = |selection: Value| {
        let server = Server::from_json(&selection.to_string())?;
        server.check_selection(&[])
    };
    // A tool of the table is known even if this caller may not see it.
    choose(
        json!({ "toolsets": ["syncs"], "tools": ["NANGO_CONNECTION_GET"], "exclude": ["NANGO_GET_PROXY"] }),
    )
    .unwrap();
    for (selection, says) in [
        (json!({ "exclude": ["NANGO_GET_PROXI"] }), "did you mean `NANGO_GET_PROXY`?"),
        (json!({ "toolset": ["syncs"] }), "did you mean `toolsets`?"),
        (json!({ "tools": null }), "`tools`: expected a list, got null"),
        (json!({ "tools": "NANGO_GET_PROXY" }), "`tools`: expected a list, got `NANGO_GET_PROXY`"),
        (json!({ "readOnly": "yes" }), "`readOnly`: expected true or false, got `yes`"),
        (json!({ "mode": "all" }), "`mode`: expected one of `tools`, `search`, got `all`"),
        (json!({ "maxResultBytes": 10 }), "`maxResultBytes`: expected a whole number from 1000, got 10"),
        (json!({ "extraTools": [{ "name": 1 }] }), "`extraTools.0`: expected a tool with a name"),
    ] {
        let error = choose(selection).unwrap_err();
        assert_eq!(error.code, "invalid_option");
        assert!(error.to_string().contains(says), "{error}");
    }
    let error = choose(json!({ "mode": 1, "tools": 2, "confirm": "me" })).unwrap_err();
    assert_eq!(error.issues.len(), 3);
}

/// The arguments with which `name` is to run.
fn arguments_of(view: &View, name: &str, arguments: &str) -> String {
    let message = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{name}","arguments":{arguments}}}}}"#
    );
    let Step::Call(call) = view.read(&TransportContext::stdio(), &message) else { panic!("it is a call") };
    match view.plan(&call) {
        Plan::Run { arguments, .. } => arguments.get().to_owned(),
        Plan::RunExtra => call.arguments.get().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_clients_add_to_every_tool_is_dropped() {
    const LIST: &str = "NANGO_LIST_INTEGRATIONS";
    let extra = |name: &str, argument: &str| {
        let schema = json!({ "type": "object", "properties": { argument: { "type": "boolean" } } });
        ExtraTool::from_value(json!({ "name": name, "inputSchema": schema })).unwrap()
    };
    let server = || {
        let own = vec![extra("takes_it", "wait_for_previous"), extra("takes_another", "force")];
        Arc::new(Server::new("nango", "0.0.0").with_extra_tools(own))
    };
    let view = View::of_options(&server(), &Default::default(), &Selection::default()).unwrap();
    for (tool, given, expected) in [
        (LIST, r#"{"wait_for_previous":true}"#, "{}"),
        (LIST, r#"{ "wait_for_previous" : false }"#, "{}"),
        (
            LIST,
            r#"{"a":1.0,"wait_for_previous":true,"b":12345678901234567890123}"#,
            r#"{"a":1.0,"b":12345678901234567890123}"#,
        ),
        (LIST, r#"{"wait_for_previous":true,"wait_for_previous":false}"#, "{}"),
        // Whatever else a client means by it is for the check to refuse.
        (LIST, r#"{"wait_for_previous":"true"}"#, r#"{"wait_for_previous":"true"}"#),
        (LIST, r#"{"wait_for_previous":{}}"#, r#"{"wait_for_previous":{}}"#),
        (LIST, r#"{"wait_for_next":true}"#, r#"{"wait_for_next":true}"#),
        (LIST, r#"{"a":{"wait_for_previous":true}}"#, r#"{"a":{"wait_for_previous":true}}"#),
        (LIST, r#"{"a":"wait_for_previous"}"#, r#"{"a":"wait_for_previous"}"#),
        ("takes_it", r#"{"wait_for_previous":true}"#, r#"{"wait_for_previous":true}"#),
        ("takes_another", r#"{"wait_for_previous":true,"force":true}"#, r#"{"force":true}"#),
    ] {
        assert_eq!(arguments_of(&view, tool, given), expected, "{tool}: {given}");
    }
    for tool in tools::all().filter(|tool| tool.listed) {
        assert_eq!(arguments_of(&view, tool.slug, r#"{"wait_for_previous":true}"#), "{}", "{}", tool.slug);
    }
    let search = Selection { mode: Some(Mode::Search), ..Selection::default() };
    let search = View::of_options(&server(), &Default::default(), &search).unwrap();
    let given =
        format!(r#"{{"name":"{LIST}","wait_for_previous":true,"arguments":{{"wait_for_previous":true}}}}"#);
    assert_eq!(arguments_of(&search, "execute_tool", &given), "{}");
}
