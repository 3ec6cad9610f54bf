// Errors before or outside a command are reported in one line, without a stack trace.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BIN, node } from "./support.mjs";

const { engines } = JSON.parse(readFileSync(new URL("../../pkg/package.json", import.meta.url), "utf8"));
const least = engines.node.replace(">=", "");

/** Runs the command as if Node had this version. */
const asNode = (version, args = ["--version"]) => {
  const pretend = `Object.defineProperty(process, "versions", { value: { node: "${version}" } })`;
  return node(["--import", `data:text/javascript,${encodeURIComponent(pretend)}`, BIN, ...args]);
};

/** Runs the command with other code in place of its bundle. */
function withBundle(code) {
  const place = mkdtempSync(join(tmpdir(), "nango-toolkit-start-"));
  mkdirSync(join(place, "bin"));
  mkdirSync(join(place, "dist", "node"), { recursive: true });
  writeFileSync(join(place, "package.json"), '{ "type": "module" }');
  cpSync(BIN, join(place, "bin", "nango-toolkit.js"));
  if (code !== undefined) writeFileSync(join(place, "dist", "node", "nango-toolkit.js"), code);
  return node([join(place, "bin", "nango-toolkit.js")]);
}

test("an old Node gets a message about the required version", async () => {
  for (const version of ["14.21.3", "18.20.0", "20.0.0", "20.15.1"]) {
    const { code, stdout, stderr } = await asNode(version);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.equal(stderr, `error: nango-toolkit needs Node ${least} or later; this is ${version}\n`);
  }
  for (const version of [`${least}.0`, "22.0.0", "24.1.0"]) assert.equal((await asNode(version)).code, 0, version);
});

test("an error while the command loads is one line", async () => {
  for (const [code, message] of [
    ['import { nothing } from "node:util";', /nothing/],
    ['throw new Error("it broke");', /it broke/],
    ["syntax error", /identifier/],
    [undefined, /Cannot find module/],
  ]) {
    const { code: exit, stdout, stderr } = await withBundle(code);
    assert.deepEqual([exit, stdout], [1, ""]);
    assert.match(stderr, message);
    assert.match(stderr, /^error: [^\n]*\n$/, stderr);
  }
});
