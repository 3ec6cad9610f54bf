// cargo-deny with deny.toml: licences, forbidden crates and sources of all crates, those of tests included; and security
// advisories, where their database can be fetched. It is built once, in a minute or two, into target/tools.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { join } from "node:path";
import { must, root, run, versionOf } from "../../../scripts/lib.mjs";

const VERSION = "0.20.2";
const folder = join(root, "target", "tools");
const deny = join(folder, "bin", process.platform === "win32" ? "cargo-deny.exe" : "cargo-deny");

describe("cargo deny", () => {
  before(async () => {
    if (versionOf(deny) === `cargo-deny ${VERSION}`) return;
    const options = ["--locked", "--debug", "--root", folder, "--target-dir", join(root, "target", "cargo-deny")];
    await must("cargo", ["install", "cargo-deny", "--version", VERSION, ...options], { capture: true });
  });

  test("licences, bans and sources", async () => {
    const { code, output } = await run(deny, ["--locked", "check", "licenses", "bans", "sources"], { capture: true });
    assert.equal(code, 0, output);
    assert.match(output, /bans ok, licenses ok, sources ok/);
  });

  test("advisories", async (t) => {
    const { code, output } = await run(deny, ["--locked", "check", "advisories"], { capture: true });
    if (/failed to fetch advisory database/.test(output)) return t.skip("the database of advisories cannot be fetched");
    assert.equal(code, 0, output);
  });
});
