//! Compares the public Rust API with its list in `tests/fixtures/public_api.txt`: everything added, removed or
//! changed is visible in a review. The list is made from rustdoc's JSON output by the `public-api` crate.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

#[test]
fn the_public_api_is_the_committed_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = root.join("target/public-api");
    // Rustdoc's JSON output is unstable, so the stable compiler needs a variable to allow it.
    let status = Command::new(env!("CARGO"))
        .args(["rustdoc", "--lib", "--locked", "--quiet", "--features", "emulator", "--target-dir"])
        .arg(&target)
        .args(["--", "-Zunstable-options", "--output-format", "json", "--cap-lints", "allow"])
        .env("RUSTC_BOOTSTRAP", "1")
        .current_dir(root)
        .status()
        .unwrap();
    assert!(status.success(), "rustdoc failed");

    let api = public_api::Builder::from_rustdoc_json(target.join("doc/nango_toolkit.json"))
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .unwrap();
    let api: String = api.items().map(|item| format!("{item}\n")).collect();

    let file = root.join("tests/fixtures/public_api.txt");
    if std::env::var_os("NANGO_TOOLKIT_WRITE").is_some() {
        std::fs::write(&file, &api).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    let (before, now): (Vec<&str>, Vec<&str>) = (committed.lines().collect(), api.lines().collect());
    let removed: Vec<_> =
        before.iter().filter(|line| !now.contains(line)).map(|line| format!("- {line}")).collect();
    let added: Vec<_> =
        now.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}")).collect();
    assert!(
        committed == api,
        "the public API has changed:\n{}\nif that is intended: NANGO_TOOLKIT_WRITE=1 cargo test --test public_api --features emulator",
        [removed, added].concat().join("\n"),
    );
}

/// A public type as the list shows it: its path, and what stands before `pub`.
struct PublicType<'l> {
    kind: &'l str,
    path: &'l str,
    is_non_exhaustive: bool,
}

impl PublicType<'_> {
    fn name(&self) -> &str {
        self.path.rsplit("::").next().unwrap_or_default()
    }
}

/// A path of the list without its generic parameters and fields.
fn path_of(text: &str) -> &str {
    let end = text.find(['<', '(', ' ', '{', ';']).unwrap_or(text.len());
    text.split_at(end).0.trim_end_matches(':')
}

/// The public types and traits of the committed list.
fn types(api: &str) -> Vec<PublicType<'_>> {
    api.lines()
        .filter_map(|line| {
            let (attributes, item) =
                line.split_once("pub ").filter(|(before, _)| !before.contains("impl"))?;
            let (kind, path) = item.split_once(' ')?;
            let path = path_of(path);
            // Associated types stand below the type that they belong to.
            let parent = path.rsplit("::").nth(1).unwrap_or_default();
            let is_type = ["enum", "struct", "trait", "type", "union"].contains(&kind)
                && !parent.starts_with(char::is_uppercase);
            is_type.then(|| PublicType {
                kind,
                path,
                is_non_exhaustive: attributes.contains("non_exhaustive"),
            })
        })
        .collect()
}

fn committed() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/public_api.txt");
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn no_two_public_types_have_one_name() {
    let api = committed();
    let types = types(&api);
    assert!(types.len() > 80, "only {} types were found: this test reads the list wrongly", types.len());
    let mut seen: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in &types {
        seen.entry(one.name()).or_default().push(one.path);
    }
    let twice: Vec<_> = seen.values().filter(|paths| paths.len() > 1).collect();
    assert!(twice.is_empty(), "types of one name: {twice:?}");
}

/// Enums that hosts match in full, and why a new variant is to stop their build.
const EXHAUSTIVE: &[(&str, &str)] = &[
    ("call::Poll", "a driver that leaves out one answer would never end the call"),
    ("http::NeedsBody", "a host must know when it may keep a body"),
    ("http::Reveal", "nothing, everything or some of it"),
    ("options::RevealOption", "nothing, everything or some of it"),
    ("policy::Lookups", "look-ups are done, or they are not"),
    ("tool::Mask", "readers of the table must handle every form"),
    ("tool::ParamLocation", "readers of the table must handle every form"),
    ("tool::ParamRule", "readers of the table must handle every form"),
    ("tool::ParamType", "readers of the table must handle every form"),
    ("tool::ResponseType", "readers of the table must handle every form"),
    ("tool::StringFormat", "readers of the table must handle every form"),
];

#[test]
fn enums_can_grow_unless_hosts_must_match_all_of_them() {
    let api = committed();
    let exhaustive: Vec<&str> = types(&api)
        .into_iter()
        .filter(|one| one.kind == "enum" && !one.is_non_exhaustive)
        .map(|one| one.path.trim_start_matches("nango_toolkit::"))
        .collect();
    let expected: Vec<&str> = EXHAUSTIVE.iter().map(|(path, _)| *path).collect();
    assert_eq!(exhaustive, expected, "add #[non_exhaustive], or say in EXHAUSTIVE why not");
}

/// Enums without data that have no name in JSON, options or the command line, or that serde alone reads and writes.
const NAMELESS: &[&str] = &[
    "call::Ask",
    "call::AskStart",
    "call::HostFunction",
    "http::BigIntegers",
    "http::NeedsBody",
    "mcp::Revision",
    "options::FilterKind",
    "policy::Lookups",
    "tool::Role",
    "url::Mismatch",
];

#[test]
fn enums_that_have_names_are_written_and_read_by_them() {
    let api = committed();
    let mut nameless = Vec::new();
    let mut problems = Vec::new();
    let mut named = 0;
    for one in types(&api).iter().filter(|one| one.kind == "enum") {
        let variant = format!("pub {}::", one.path);
        let has_data = api.lines().filter_map(|line| line.strip_prefix(&variant)).any(|rest| {
            rest.contains('(') || rest.contains("::") || (rest.contains(": ") && !rest.starts_with("ALL"))
        });
        if has_data {
            continue;
        }
        let has = |what: &str| api.lines().any(|line| line == format!("impl {what} for {}", one.path));
        if has("core::fmt::Display") && has("core::str::traits::FromStr") {
            named += 1;
        } else if api.contains(&format!("{}::as_str(", one.path)) {
            problems.push(one.path);
        } else {
            nameless.push(one.path.trim_start_matches("nango_toolkit::"));
        }
    }
    assert!(problems.is_empty(), "these have `as_str`, but not both Display and FromStr: {problems:?}");
    assert_eq!(nameless, NAMELESS);
    assert!(named > 8, "only {named} enums with names were found: this test reads the list wrongly");
}
