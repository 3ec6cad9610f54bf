//! The direction of dependencies: which module may use which, what only some may use at all, and which crates
//! are forbidden. Inside a folder no modules use each other in a circle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every module from the bottom up: a module may only use those before it.
const LAYERS: &[&[&str]] = &[
    &["text", "random"],
    &["json", "nearest"],
    &["error"],
    &["url"],
    &["tool"],
    &["tools/*"],
    &["tools"],
    &["schema", "jsonschema"],
    &["settings"],
    &["http"],
    &["policy", "audit", "search", "modify", "paging"],
    &["session", "stats"],
    &["call"],
    &["drive"],
    &["fetch"],
    &["mcp", "options"],
    &["js", "wit"],
];
/// The modules that the emulator, a separate program, may use.
const EMULATOR: &[&str] = &["error", "http", "json", "nearest", "random", "schema", "tool", "tools"];

/// Words that only these files may use, each with the reason.
const RESERVED: &[(&str, &[&str], &str)] = &[
    ("JsValue", &["src/fetch", "src/js", "src/emulator/js"], "fetch and js alone know JavaScript values"),
    ("wasm_bindgen", &["src/fetch", "src/js", "src/emulator/js"], "fetch and js alone know wasm-bindgen"),
    ("wit_bindgen", &["src/wit"], "wit alone knows the component model"),
    ("async fn", &["src/drive", "src/fetch", "src/js"], "only drivers are async"),
    (".await", &["src/drive", "src/fetch", "src/js"], "only drivers are async"),
    ("SystemTime", &[], "time is passed in"),
    ("Instant::", &[], "time is passed in"),
    ("std::fs", &[], "the core does no I/O"),
    ("TcpStream", &[], "the core does no I/O"),
    ("UdpSocket", &[], "the core does no I/O"),
    ("ToSocketAddrs", &[], "the core does no I/O"),
    ("std::io", &[], "the core does no I/O"),
    ("std::env", &[], "the core reads no environment"),
    ("std::thread", &[], "the core has no threads"),
    ("RandomState", &[], "the core generates no random numbers"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `dir`, as a path from the root with `/`.
fn files(dir: &Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let path = path.strip_prefix(root()).unwrap();
            out.push(
                path.components().map(|c| c.as_os_str().to_str().unwrap()).collect::<Vec<_>>().join("/"),
            );
        }
    }
}

/// The files of `src` with their code, without comments, which may name anything.
fn sources() -> Vec<(String, String)> {
    let mut names = Vec::new();
    files(&root().join("src"), &mut names);
    names.sort();
    let code = |name: &String| {
        let text = std::fs::read_to_string(root().join(name)).unwrap();
        text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    };
    names.iter().map(|name| (name.clone(), code(name))).collect()
}

/// The module a file belongs to: its first name, except for the domains of `tools`.
fn module(file: &str) -> String {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    match path.split_once('/') {
        Some(("tools", _)) => "tools/*".to_owned(),
        Some((first, _)) => first.to_owned(),
        None => path.to_owned(),
    }
}

fn name_at(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.split_at(end).0
}

/// The modules that follow a `crate::`, with braces expanded.
fn heads(rest: &str) -> Vec<String> {
    let Some(inner) = rest.strip_prefix('{') else {
        let head = name_at(rest);
        let domain = rest
            .strip_prefix("tools::")
            .map(name_at)
            .filter(|name| root().join(format!("src/tools/{name}.rs")).exists());
        return vec![if domain.is_some() { "tools/*".to_owned() } else { head.to_owned() }];
    };
    let (mut depth, mut item, mut out) = (1, String::new(), Vec::new());
    for c in inner.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            out.extend(heads(item.trim()));
            item.clear();
        } else {
            item.push(c);
        }
        if depth == 0 {
            break;
        }
    }
    out.retain(|name| !name.is_empty());
    out
}

/// Every module of the crate that `code` of `file` names.
fn uses(file: &str, code: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = code.split("crate::").skip(1).flat_map(heads).collect();
    // From a file of the first level, `super` is the crate too.
    if file.matches('/').count() == 1 {
        let names = code.split("super::").skip(1).map(|rest| name_at(rest).to_owned());
        found.extend(names.filter(|name| LAYERS.iter().any(|layer| layer.contains(&name.as_str()))));
    }
    found
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

#[test]
fn modules_use_only_what_is_below_them() {
    let mut problems = Vec::new();
    let mut seen = 0;
    for (file, code) in sources() {
        let from = module(&file);
        if from == "lib" {
            continue;
        }
        if code.contains("super::super::") {
            problems.push(format!("{file}: write crate:: in place of super::super::"));
        }
        if from != "emulator" && layer(&from).is_none() {
            problems.push(format!("{file}: the module has no layer; give it one in tests/native/layers.rs"));
            continue;
        }
        for to in uses(&file, &code) {
            seen += 1;
            let fine = match (layer(&from), layer(&to)) {
                _ if from == to => true,
                (Some(from), Some(to)) => to < from,
                (None, _) => EMULATOR.contains(&to.as_str()),
                (Some(_), None) => false,
            };
            if !fine {
                problems.push(format!("{file} must not use crate::{to}"));
            }
        }
    }
    assert!(seen > 20, "only {seen} uses were found: this test reads the files wrongly");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn what_is_reserved_stays_where_it_belongs() {
    let mut problems = Vec::new();
    for (file, code) in sources() {
        for (word, homes, why) in RESERVED {
            let path = file.trim_end_matches(".rs");
            let home = homes.iter().any(|h| path == *h || path.starts_with(&format!("{h}/")));
            if !home && code.contains(word) {
                problems.push(format!("{file} must not name {word}: {why}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn uses_are_read_from_every_form() {
    let code = "use crate::error::{Error, ErrorKind};\nuse crate::{json, http::{self, Request}};\nfn f() -> crate::tool::Tool {}";
    let found: Vec<String> = uses("src/a/b.rs", code).into_iter().collect();
    assert_eq!(found, ["error", "http", "json", "tool"]);
    assert!(uses("src/http.rs", "use super::call::Call;").contains("call"));
    assert!(uses("src/schema.rs", "crate::tools::common::TEXT").contains("tools/*"));
    assert!(layer("http") > layer("tools") && layer("call") < layer("js"));
}

/// A module's path from the crate's root: `["emulator", "http", "call"]`.
type ModulePath = Vec<String>;

/// The path of the module that a file holds; empty for the crate's root.
fn module_path(file: &str) -> ModulePath {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// The paths that a use tree, or a path in an expression, names: `a::{b, c::D}` -> `a::b`, `a::c::D`.
fn tree_paths(text: &str) -> Vec<ModulePath> {
    if let Some(inner) = text.strip_prefix('{') {
        let (mut depth, mut item, mut out) = (1, String::new(), Vec::new());
        for c in inner.chars() {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            if depth == 0 || (depth == 1 && c == ',') {
                out.extend(tree_paths(item.trim()));
                item.clear();
            } else {
                item.push(c);
            }
            if depth == 0 {
                break;
            }
        }
        return out;
    }
    let head = name_at(text);
    if head.is_empty() {
        return vec![Vec::new()];
    }
    let below = match text[head.len()..].strip_prefix("::") {
        Some(rest) => tree_paths(rest),
        None => vec![Vec::new()],
    };
    let under_head = |path: ModulePath| [vec![head.to_owned()], path].concat();
    below.into_iter().map(under_head).collect()
}

/// All modules with their code, without tests, and the names that each renames by `use`.
struct Crate {
    modules: BTreeMap<ModulePath, String>,
    reexports: BTreeMap<(ModulePath, String), ModulePath>,
}

impl Crate {
    fn new(sources: Vec<(String, String)>) -> Crate {
        let code = |text: String| text.split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned();
        let modules: BTreeMap<ModulePath, String> =
            sources.into_iter().map(|(file, text)| (module_path(&file), code(text))).collect();
        let mut reexports = BTreeMap::new();
        for (module, code) in &modules {
            let uses = code.split("use ").skip(1).flat_map(tree_paths).filter(|path| path.len() > 1);
            for path in uses {
                let (item, place) = path.split_last().unwrap();
                let target = [module.as_slice(), place].concat();
                if modules.contains_key(&target) {
                    reexports.insert((module.clone(), item.clone()), target);
                }
            }
        }
        Crate { modules, reexports }
    }

    /// The module that a path leads to: the deepest one, or the one that an item comes from.
    fn resolve(&self, path: &[String]) -> ModulePath {
        let depth = (0..=path.len()).rev().find(|n| self.modules.contains_key(&path[..*n])).unwrap_or(0);
        let module = path[..depth].to_vec();
        let item = path.get(depth).cloned().unwrap_or_default();
        self.reexports.get(&(module.clone(), item)).cloned().unwrap_or(module)
    }

    /// Every use of one module by another: from, to.
    fn uses(&self) -> Vec<(&ModulePath, ModulePath)> {
        let mut found = Vec::new();
        for (module, code) in &self.modules {
            let parent = module.split_last().map_or(&[][..], |(_, parent)| parent);
            for (word, base) in [("crate::", &[][..]), ("super::", parent)] {
                let paths = code.split(word).skip(1).flat_map(tree_paths);
                found.extend(paths.map(|path| (module, self.resolve(&[base, &path].concat()))));
            }
        }
        found
    }

    /// For every folder, the uses among its modules.
    fn folders(&self) -> BTreeMap<ModulePath, BTreeMap<String, BTreeSet<String>>> {
        let mut folders: BTreeMap<ModulePath, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for (from, to) in self.uses() {
            let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            // The order of the modules of the crate itself is checked above.
            if let (Some(user), Some(used)) = (from.get(shared), to.get(shared))
                && shared > 0
            {
                let folder = folders.entry(from[..shared].to_vec()).or_default();
                folder.entry(user.clone()).or_default().insert(used.clone());
            }
        }
        folders
    }
}

/// One circle from each group of modules that use each other, as `a -> b -> a`.
fn circles(uses: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    /// The shortest way from one module to another, both included.
    fn way<'a>(
        uses: &'a BTreeMap<String, BTreeSet<String>>,
        from: &'a str,
        to: &str,
    ) -> Option<Vec<&'a str>> {
        let (mut seen, mut ways) = (BTreeSet::new(), VecDeque::from([vec![from]]));
        while let Some(way) = ways.pop_front() {
            for next in uses.get(*way.last().unwrap()).into_iter().flatten() {
                let longer = [way.as_slice(), &[next]].concat();
                if next == to {
                    return Some(longer);
                }
                if seen.insert(next) {
                    ways.push_back(longer);
                }
            }
        }
        None
    }
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let mut out = Vec::new();
    for module in uses.keys() {
        if let Some(circle) = way(uses, module, module).filter(|_| !named.contains(module.as_str())) {
            named.extend(&circle);
            out.push(circle.join(" -> "));
        }
    }
    out
}

#[test]
fn no_modules_of_a_folder_use_each_other_in_a_circle() {
    let folders = Crate::new(sources()).folders();
    assert!(
        folders.len() > 8,
        "only {} folders were found: this test reads the files wrongly",
        folders.len()
    );
    let problems: Vec<String> = folders
        .iter()
        .flat_map(|(folder, uses)| circles(uses).into_iter().map(|circle| (folder.join("/"), circle)))
        .map(|(folder, circle)| format!("src/{folder}: {circle}"))
        .collect();
    assert!(problems.is_empty(), "modules that use each other in a circle:\n{}", problems.join("\n"));
}

/// The folders of the emulator from the bottom up. Its other files are above them.
const EMULATOR_LAYERS: &[&str] = &["model", "http", "endpoints"];

#[test]
fn the_emulator_is_built_in_layers() {
    let all = Crate::new(sources());
    let level = |path: &[String]| match path {
        [first, rest @ ..] if first == "emulator" => {
            let folder = rest.first().and_then(|name| EMULATOR_LAYERS.iter().position(|layer| layer == name));
            Some(folder.unwrap_or(EMULATOR_LAYERS.len()))
        }
        _ => None,
    };
    let mut seen = 0;
    let mut problems = Vec::new();
    for (from, to) in all.uses() {
        let (Some(user), Some(used)) = (level(from), level(&to)) else { continue };
        seen += 1;
        if used > user {
            problems.push(format!("src/{}.rs must not use {}", from.join("/"), to.join("::")));
        }
    }
    assert!(seen > 50, "only {seen} uses were found: this test reads the files wrongly");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn circles_are_found_and_named() {
    let file = |name: &str, code: &str| (format!("src/{name}.rs"), code.to_owned());
    let all = Crate::new(vec![
        file("lib", "mod a;"),
        file("a", "mod b;\nmod c;\nmod d;\npub use d::Thing;"),
        file("a/b", "use super::{c, helper};\nuse crate::a::d::Other;"),
        file("a/c", "fn f() { super::d::go() }"),
        file("a/d", "mod e;\n#[cfg(test)]\nmod tests {\n    use super::super::b;\n}"),
        file("a/d/e", "use crate::a::{b::{self, B}, nothing};\nuse super::Other;"),
        file("x", "mod y;\nmod z;\npub use z::Thing;"),
        file("x/y", "use super::Thing;"),
        file("x/z", "use super::y;"),
    ]);
    let folders = all.folders();
    let of = |folder: &str| circles(&folders[&module_path(folder)]);
    assert_eq!(of("a"), ["b -> d -> b", "c -> d -> b -> c"]);
    assert_eq!(of("x"), ["y -> z -> y"]);
    assert_eq!(folders.len(), 2, "{folders:?}");
}

/// Crates that must not be in what is shipped: runtimes, transports, clocks, random numbers.
const FORBIDDEN: &[&str] = &["tokio", "reqwest", "hyper", "chrono", "rand", "getrandom", "async-std"];

/// The names of the crates in the normal dependency graph. Crates that cargo has not fetched yet are
/// fetched now.
fn tree(features: &str, target: &str) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let run = |more: &[&str]| {
        Command::new(&cargo)
            .args(["tree", "--locked", "-e", "normal", "--prefix", "none", "--no-default-features"])
            .args(["--features", features, "--target", target])
            .args(more)
            .current_dir(root())
            .output()
            .unwrap()
    };
    let mut output = run(&["--offline"]);
    if !output.status.success() {
        output = run(&[]);
    }
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree for {features}: {why}");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn no_runtime_transport_clock_or_random_crate_is_shipped() {
    let wasm = "wasm32-unknown-unknown";
    let here = if cfg!(windows) { "x86_64-pc-windows-msvc" } else { "x86_64-unknown-linux-gnu" };
    for (features, target, expected) in [
        ("js", wasm, "wasm-bindgen"),
        ("js-emulator", wasm, "wasm-bindgen"),
        ("component", wasm, "wit-bindgen"),
        ("emulator", here, "serde_json"),
    ] {
        let crates = tree(features, target);
        assert!(crates.contains(expected), "{features}: {crates:?} is not the graph");
        for name in &crates {
            let bad = FORBIDDEN.iter().find(|f| {
                name.strip_prefix(*f).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
            });
            assert!(bad.is_none(), "{name} is in the graph of the feature {features}");
        }
    }
}

/// Where the name of an argument, or of a field of an answer, is allowed although it decides something: (file,
/// names, why it is not about arguments or answers).
const NAMED: &[(&str, &[&str], &str)] = &[
    ("src/call.rs", &["id"], "a field of Debug"),
    ("src/call/approval.rs", &["token"], "a part of what a person is asked to confirm"),
    ("src/call/authorize.rs", &["connections"], "a part of what a person is asked to confirm"),
    ("src/call/machine.rs", &["token"], "a part of what a person is asked to confirm"),
    ("src/http/decode.rs", &["custom", "id"], "a code of issues; the ID of a JSON-RPC error"),
    ("src/http/hint.rs", &["credentials"], "a word of the server's messages"),
    ("src/http/redact/rules.rs", &["credentials"], "a kind of secret"),
    ("src/modify.rs", &["custom"], "a code of issues"),
    (
        "src/policy/read.rs",
        &["end_user", "id", "organization", "tags", "value"],
        "attributes and other parts of policy rules",
    ),
    ("src/options.rs", &["limit", "page"], "options of searches and calls"),
    ("src/options/filter.rs", &["limit"], "an option of searches"),
    ("src/http/names.rs", &["limit"], "a word in names"),
    (
        "src/paging/description.rs",
        &["cursor", "limit", "page"],
        "parts of how Nango's catalogue describes the pages of providers; the usual name of an offset that counts pages",
    ),
    ("src/policy/rule.rs", &["end_user", "id", "organization", "tags"], "attributes and id of policy rules"),
    ("src/policy/schema.rs", &["id"], "a part of policy rules"),
    ("src/schema/check/objects.rs", &["custom", "tags"], "a code of issues; a word of a message"),
    ("src/schema/check/rules.rs", &["custom"], "a code of issues"),
    ("src/schema/provider.rs", &["value"], "a part of how providers want open maps: `{ key, value }`"),
    ("src/schema/provider/back.rs", &["value"], "a part of how providers want open maps: `{ key, value }`"),
    ("src/session.rs", &["end_user_id"], "a tag of Nango"),
    ("src/session/memory.rs", &["token"], "the token of a confirmation, as a host keeps it"),
    (
        "src/session/options.rs",
        &["custom", "end_user_id", "id", "organization", "tags"],
        "a code of issues, tags of Nango, options of sessions",
    ),
    ("src/http/mask.rs", &["value"], "a word in text"),
    ("src/http/mask/values.rs", &["token"], "a word in text"),
    (
        "src/http/names.rs",
        &["metadata", "secret", "token", "value"],
        "words of names in text and free-form data",
    ),
    ("src/http/quick.rs", &["secret", "token"], "parts of names in text and free-form data"),
    ("src/session/memory.rs", &["token"], "what confirms a call, in the journal of confirmations"),
    ("src/session/pins.rs", &["end_user_id"], "a tag of Nango"),
    ("src/tool.rs", &["connections"], "a toolset"),
];

#[test]
fn what_an_argument_or_a_field_means_is_its_role_and_not_its_name() {
    use nango_toolkit::tool::{ResponseType, Role};
    /// The fields of an answer that mean something, and what leads to lists of them.
    fn meaning(of: &ResponseType, names: &mut BTreeSet<&'static str>) {
        match of {
            ResponseType::Maybe(of) | ResponseType::List(of) | ResponseType::Map(of) => meaning(of, names),
            ResponseType::OneOf(forms) => forms.iter().for_each(|form| meaning(form, names)),
            ResponseType::Object(fields) | ResponseType::Open(fields) => {
                for field in *fields {
                    if field.role != Role::Plain {
                        names.insert(field.name);
                    }
                    meaning(&field.shape, names);
                }
            }
            _ => {}
        }
    }
    let mut names = BTreeSet::new();
    for tool in nango_toolkit::tools::all() {
        let with_role = tool.params.iter().filter(|param| param.prop.role != Role::Plain);
        names.extend(with_role.map(|param| param.prop.name));
    }
    let arguments = names.len();
    for tool in nango_toolkit::tools::all() {
        meaning(&tool.returns, &mut names);
        names.extend(tool.connection_list().into_iter().flat_map(|list| list.path));
    }
    assert!(arguments > 12 && names.len() > arguments + 3, "{names:?}");
    let mut used = BTreeSet::new();
    let mut problems = Vec::new();
    for (file, code) in sources() {
        // The table itself, the emulator (another program that implements the server), and what only shows names.
        if ["src/tools", "src/emulator", "src/search", "src/mcp", "src/wit"]
            .iter()
            .any(|dir| file.starts_with(dir))
        {
            continue;
        }
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for name in &names {
            if !code.contains(&format!("\"{name}\"")) {
                continue;
            }
            match NAMED.iter().find(|(exempt, allowed, _)| *exempt == file && allowed.contains(name)) {
                Some((exempt, ..)) => drop(used.insert((*exempt, *name))),
                None => problems
                    .push(format!("{file} names the argument or field `{name}`: read its role instead")),
            }
        }
        if code.contains(".param(\"") && file != "src/call/retry.rs" {
            problems.push(format!(
                "{file} looks an argument up by a name that it has written down: read its role instead"
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    for (file, allowed, _) in NAMED {
        for name in *allowed {
            assert!(
                used.contains(&(*file, *name)),
                "{file} no longer names `{name}`: take the exception back"
            );
        }
    }
}

/// A function that returns one reference to JavaScript may end the process of Node 20: see `Returned` in `src/js.rs`.
#[test]
fn exports_return_no_single_reference() {
    let mut paths = Vec::new();
    files(&root().join("src"), &mut paths);
    let exports: Vec<_> =
        paths.iter().filter(|path| path.starts_with("src/js") || path.ends_with("/js.rs")).collect();
    assert!(exports.len() >= 4, "{exports:?}");
    for path in exports {
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        let signatures = text.split("pub fn ").skip(1).filter_map(|rest| rest.split_once(" {"));
        for (signature, _) in signatures {
            let returned = signature.rsplit_once("-> ").map_or("", |(_, returned)| returned);
            assert!(
                !matches!(returned, "JsValue" | "Uint8Array" | "Function" | "Promise"),
                "{path}: {signature}"
            );
        }
    }
}
