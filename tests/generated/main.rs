//! The files that are generated from the tool table: they are committed, and this test fails if one of
//! them is out of date. `NANGO_TOOLKIT_WRITE=1 cargo test --test generated` rewrites them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod text;

use std::collections::BTreeSet;
use std::path::PathBuf;

use nango_toolkit::json::Writer;
use nango_toolkit::policy;
use nango_toolkit::schema;
use nango_toolkit::tool::{Effect, ParamLocation, Tool};
use nango_toolkit::tools;

const REWRITE: &str = "NANGO_TOOLKIT_WRITE=1 cargo test --test generated";

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn writing() -> bool {
    std::env::var_os("NANGO_TOOLKIT_WRITE").is_some_and(|v| v == "1")
}

/// Fails, with the differences, unless the file contains `expected`; or rewrites it.
fn hold(name: &str, expected: &str) {
    let path = path(name);
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    if found == expected {
        return;
    }
    if writing() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, expected).unwrap();
        println!("wrote {name}");
    } else {
        panic!(
            "{name} is not what the table says; read the change, then run\n  {REWRITE}\n{}",
            text::diff(&found, expected)
        );
    }
}

fn strings(w: &mut Writer, strings: &[&str]) {
    w.open_array();
    for text in strings {
        w.text(text);
    }
    w.close_array();
}

fn annotations(tool: &Tool, w: &mut Writer) {
    w.open();
    w.key("title").text(tool.title);
    w.key("readOnlyHint").boolean(tool.effect == Effect::Read);
    w.key("destructiveHint").boolean(tool.effect == Effect::Destructive);
    w.key("idempotentHint").boolean(tool.idempotent);
    w.key("openWorldHint").boolean(tool.open_world);
    w.close();
}

/// Method and path, and where each argument is sent; the name `*` is for a part whose names the argument brings.
fn request(tool: &Tool, w: &mut Writer) {
    w.key("request")
        .open()
        .pair("method", tool.method.as_str())
        .pair("path", tool.path)
        .key("arguments")
        .open();
    for param in tool.params {
        let (part, name) = match param.place {
            ParamLocation::Path(name) | ParamLocation::PathTail(name) => ("path", name),
            ParamLocation::Query(name)
            | ParamLocation::QueryJoined(name)
            | ParamLocation::QueryRepeated(name)
            | ParamLocation::QueryDeep(name) => ("query", name),
            ParamLocation::QuerySpread => ("query", "*"),
            ParamLocation::Header(name)
            | ParamLocation::HeaderJoined(name)
            | ParamLocation::HeaderFlag(name)
            | ParamLocation::HeaderWith(name, _) => ("header", name),
            ParamLocation::Bearer => ("header", "Authorization"),
            ParamLocation::HeaderPrefix(_) => ("header", "*"),
            ParamLocation::Body(name) => ("body", name),
            ParamLocation::WholeBody => ("body", "*"),
        };
        w.key(param.prop.name).open().pair("in", part).pair("name", name).close();
    }
    w.close().close();
}

/// One tool with all its data for programs.
fn entry(tool: &Tool) -> String {
    let mut w = Writer::new();
    w.open();
    w.key("slug").text(tool.slug);
    w.key("title").text(tool.title);
    w.key("description").text(tool.doc);
    w.key("toolset").text(tool.toolset.as_str()).key("listed").boolean(tool.listed);
    w.key("effect").text(tool.effect.as_str());
    w.key("reach").text(tool.reach.as_str());
    w.key("annotations");
    annotations(tool, &mut w);
    w.key("scopes");
    strings(&mut w, tool.scopes);
    w.key("aliases");
    strings(&mut w, tool.aliases);
    request(tool, &mut w);
    w.key("inputSchema").raw(&schema::wire(tool));
    w.key("outputSchema").raw(&schema::output(tool));
    w.key("examples").open_array();
    for example in tool.examples {
        w.open().key("title").text(example.title).key("arguments").raw(example.args).close();
    }
    w.close_array().close();
    w.finish()
}

#[test]
fn catalogue() {
    let entries: Vec<String> = tools::all().map(entry).collect();
    hold("pkg/catalogue.json", &format!("[\n{}\n]\n", entries.join(",\n")));
}

#[test]
fn policy_schema() {
    hold("pkg/policy.schema.json", &text::pretty(&policy::json_schema()));
}

#[test]
fn typescript() {
    let head = "// Generated from the tool table by `NANGO_TOOLKIT_WRITE=1 cargo test --test generated`. Do not edit.\n\n";
    hold("pkg/src/tool-types.ts", &format!("{head}{}", schema::declarations()));
}

/// A tool as a model or client sees it.
fn snapshot(tool: &Tool) -> String {
    let mut w = Writer::new();
    w.open();
    w.key("name").text(tool.slug);
    w.key("description").text(tool.doc);
    w.key("inputSchema").raw(&schema::wire(tool));
    w.key("annotations");
    annotations(tool, &mut w);
    w.close();
    text::pretty(&w.finish())
}

#[test]
fn snapshots() {
    for tool in tools::all() {
        hold(&format!("tests/snapshots/{}.json", tool.slug), &snapshot(tool));
    }
    let expected: BTreeSet<String> = tools::all().map(|t| format!("{}.json", t.slug)).collect();
    for entry in std::fs::read_dir(path("tests/snapshots")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if !expected.contains(&name) {
            assert!(writing(), "tests/snapshots/{name} belongs to no tool; remove it, or run\n  {REWRITE}");
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
}

#[test]
fn table_of_tools() {
    let page = std::fs::read_to_string(path("docs/tools.md")).unwrap();
    let (start, end) = ("<!-- tools:start -->\n", "<!-- tools:end -->");
    let (before, rest) = page.split_once(start).expect("docs/tools.md marks where the tool table starts");
    let (_, after) = rest.split_once(end).expect("docs/tools.md marks where the tool table ends");
    let mut table =
        String::from("| tool | what it does | toolset | effect | listed |\n|---|---|---|---|---|\n");
    for tool in tools::all() {
        let (toolset, effect) = (tool.toolset.as_str(), tool.effect.as_str());
        let listed = if tool.listed { "yes" } else { "" };
        table.push_str(&format!("| `{}` | {} | {toolset} | {effect} | {listed} |\n", tool.slug, tool.title));
    }
    hold("docs/tools.md", &format!("{before}{start}{table}{end}{after}"));
}

#[test]
fn every_line_of_the_catalogue_is_json() {
    for tool in tools::all() {
        let entry: serde_json::Value = serde_json::from_str(&entry(tool)).unwrap();
        assert_eq!(entry["slug"], tool.slug);
        assert_eq!(entry["inputSchema"]["type"], "object");
        let pretty: serde_json::Value = serde_json::from_str(&snapshot(tool)).unwrap();
        assert_eq!(pretty["inputSchema"], entry["inputSchema"]);
    }
}
