// `nango-toolkit completion`: the scripts parse, and bash completes with its own. Other shells if installed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { listTools } from "../../pkg/dist/entry/node.js";
import { cli } from "./support.mjs";

const scratch = mkdtempSync(join(tmpdir(), "nango-toolkit-completion-"));
const isInstalled = (shell) => spawnSync(shell, ["-c", "exit 0"]).status === 0;

/** The file of the script of a shell. */
async function scriptOf(shell) {
  const { code, stdout, stderr } = await cli(["completion", shell]);
  assert.equal(code, 0, stderr);
  const file = join(scratch, shell);
  writeFileSync(file, stdout);
  return file;
}

for (const shell of ["bash", "zsh", "fish"]) {
  test(`${shell}: names every command, option and tool`, async () => {
    const text = readFileSync(await scriptOf(shell), "utf8");
    const options = ["emulator", "dry-run", "reveal-secrets", "allow-origin", "max-result-bytes", "sessions"];
    const commands = ["tools", "search", "call", "stats", "mcp", "emulate", "completion", "version"];
    const words = [...commands, ...options, ...listTools().map((tool) => tool.slug)];
    for (const word of words) assert.match(text, new RegExp(`(?<![\\w])${word}(?![\\w-])`), word);
  });

  test(`${shell}: the script parses`, { skip: !isInstalled(shell) }, async () => {
    const { status, stderr } = spawnSync(shell, ["-n", await scriptOf(shell)], { encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""]);
  });
}

test("bash completes commands, tools and options", { skip: !isInstalled("bash") }, async () => {
  const file = await scriptOf("bash");
  const complete = (...words) => {
    const script = `source "$1"; shift; COMP_WORDS=(nango-toolkit "$@"); COMP_CWORD=$#; _nango_toolkit
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", script, "bash", file, ...words], { encoding: "utf8" });
    assert.equal(stderr, "");
    return stdout.split("\n").filter(Boolean);
  };
  assert.deepEqual(complete("ca"), ["call"]);
  assert.deepEqual(complete("c"), ["call", "completion"]);
  assert.deepEqual(complete("call", "NANGO_PROVIDERS_G"), ["NANGO_PROVIDERS_GET_GET"]);
  assert.equal(complete("tools", "").length, listTools({ toolsets: "all" }).length);
  assert.deepEqual(complete("call", "--emulator", "NANGO_DELETE_CONNECTI"), ["NANGO_DELETE_CONNECTION"]);
  assert.deepEqual(complete("call", "NANGO_DELETE_CONNECTION", ""), []);
  assert.deepEqual(complete("call", "NANGO_DELETE_CONNECTION", "--dry"), ["--dry-run"]);
  assert.deepEqual(complete("stats", "--"), ["--sessions", "--json", "--help"]);
  assert.deepEqual(complete("call", "--log", ""), [], "names of files complete by default");
  assert.deepEqual(complete("completion", ""), ["bash", "zsh", "fish"]);
  assert.deepEqual(complete("emulate", "--allow-origin", "--"), []);
});
