// What docs/component.md and spin.toml say about the MCP component is true: its settings, its imports, the
// commands that serve it, if their programs are installed.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { execute } from "../runtimes/runtimes.mjs";
import { JCO, WASM, command } from "./mcp-server.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const text = (path) => readFileSync(here(path), "utf8");
const page = text("../../docs/component.md");
const section = page.slice(page.indexOf("## MCP server for wasi:http")).split(/\n## /)[0];
const CRATE = "../../crates/mcp-component";

/** The variables that the sources read; names of selection variables are composed. */
const read = new Set(
  readdirSync(here(`${CRATE}/src`))
    .flatMap(
      (file) =>
        text(`${CRATE}/src/${file}`)
          .split("#[cfg(test)]")[0]
          .match(/"NANGO_[A-Z_]*[A-Z]"/g) ?? [],
    )
    .map((name) => name.slice(1, -1)),
);
for (const name of ["READ_ONLY", "TOOLSETS", "TOOLS", "EXCLUDE", "MODE"]) read.add(`NANGO_MCP_${name}`);

describe("docs of the MCP component", () => {
  test("the table lists exactly the variables that are read", () => {
    const told = new Set(
      [...section.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell]) => cell.match(/NANGO_[A-Z_]+/g) ?? []),
    );
    told.add("NANGO_ALLOW_INSECURE_HTTP");
    assert.deepEqual([...told].sort(), [...read].sort());
    assert.ok(section.includes("NANGO_ALLOW_INSECURE_HTTP=true"));
  });

  test("spin.toml names the component, and variables that it reads", async () => {
    const { parse } = await import(new URL("../mcp/node_modules/smol-toml/dist/index.js", import.meta.url));
    const file = here(`${CRATE}/spin.toml`);
    const { spin_manifest_version: version, application, trigger, component } = parse(readFileSync(file, "utf8"));
    assert.deepEqual([version, application.name, trigger.http.length], [2, "nango-mcp", 1]);
    const { source, environment, allowed_outbound_hosts: hosts } = component[trigger.http[0].component];
    assert.equal(resolve(dirname(file), source), WASM);
    assert.deepEqual(hosts, ["https://api.nango.dev"]);
    for (const name of Object.keys(environment)) assert.ok(read.has(name), name);
    assert.equal(trigger.http[0].route, "/mcp");
    // No file contains a key or a token.
    assert.deepEqual(
      Object.keys(environment).filter((name) => /KEY|TOKEN/.test(name)),
      [],
    );
  });

  test("it imports what the page says, and implements wasi:http", async () => {
    assert.ok(existsSync(WASM));
    const { code, stdout, stderr } = await execute(process.execPath, [JCO, "wit", WASM], {});
    assert.equal(code, 0, stderr);
    const imports = [...stdout.matchAll(/^ *import ([\w:-]+)\/([\w-]+)/gm)].map(([, name, face]) => [name, face]);
    assert.deepEqual([...new Set(imports.map(([name]) => name))].sort(), [
      "wasi:cli",
      "wasi:clocks",
      "wasi:http",
      "wasi:io",
      "wasi:random",
    ]);
    for (const [name, face] of imports)
      if (name === "wasi:http") assert.ok(["types", "outgoing-handler"].includes(face));
    assert.deepEqual(
      [...stdout.matchAll(/^ *export (\S+)@0\.2\.\d+;/gm)].map(([, face]) => face),
      ["wasi:http/incoming-handler"],
    );
  });

  test("the command for jco is the one that the tests use", () => {
    assert.match(
      section,
      /^npx @bytecodealliance\/jco serve dist\/component\/nango-mcp\.wasm --host 127\.0\.0\.1 --port 8080$/m,
    );
    assert.deepEqual(
      command("127.0.0.1", 8080)
        .slice(1)
        .map((word) => (word === WASM ? "WASM" : word)),
      ["serve", "WASM", "--host", "127.0.0.1", "--port", "8080"],
    );
  });
});
