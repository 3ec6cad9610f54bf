//! Compares the public Rust API with its list in `tests/fixtures/public_api.txt`: everything added, removed or
//! changed is visible in a review. The list is made from rustdoc's JSON output by the `public-api` crate.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

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
