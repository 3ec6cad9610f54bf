// The package as npm would publish it: packed, unpacked into an empty project, imported by its names.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { bareEnvironment } from "./support.mjs";

describe("the packed package", () => {
  const project = mkdtempSync(join(tmpdir(), "nango-toolkit-pack-"));
  const installed = join(project, "node_modules", "nango-toolkit");
  let files;
  before(() => {
    const pack = [
      "pack",
      fileURLToPath(new URL("../../pkg", import.meta.url)),
      "--json",
      "--pack-destination",
      project,
      "--loglevel=error",
    ];
    const report = JSON.parse(execFileSync("npm", pack, { cwd: project, encoding: "utf8" }));
    const [{ filename, files: packed }] = Array.isArray(report) ? report : Object.values(report);
    files = packed.map((file) => file.path);
    mkdirSync(installed, { recursive: true });
    execFileSync("tar", ["-xzf", join(project, filename), "-C", installed, "--strip-components=1"]);
    writeFileSync(join(project, "package.json"), '{"type":"module"}');
  });
  after(() => rmSync(project, { recursive: true }));

  const node = (...args) =>
    execFileSync(process.execPath, args, { cwd: project, encoding: "utf8", env: bareEnvironment() });

  test("holds what it needs, and nothing of the repository", () => {
    for (const file of [
      "README.md",
      "LICENSE-MIT",
      "LICENSE-APACHE",
      "dist/index.d.ts",
      "dist/tool-types.d.ts",
      "wasm/nango_toolkit_bg.wasm",
      "wasm/nango_emulator_bg.wasm",
    ]) {
      assert.ok(files.includes(file), file);
    }
    assert.deepEqual(
      files.filter((file) => /\.(rs|toml|test\.mjs)$|node_modules|^wasm\/(package\.json|\.)/.test(file)),
      [],
    );
  });

  test("works by its names, every file beside the others", () => {
    writeFileSync(
      join(project, "program.js"),
      `import { NangoToolkit, listTools } from "nango-toolkit";
       import { createEmulator } from "nango-toolkit/emulator";
       import catalogue from "nango-toolkit/catalogue.json" with { type: "json" };
       const { fetch, apiKey, baseUrl } = createEmulator();
       const nango = new NangoToolkit({ fetch, apiKey, baseUrl });
       const { successful } = await nango.execute("NANGO_LIST_INTEGRATIONS", {});
       console.log(JSON.stringify([successful, listTools().length, catalogue.length]));`,
    );
    assert.deepEqual(JSON.parse(node("--disable-warning=ExperimentalWarning", "program.js")), [true, 23, 62]);
  });

  test("has one class of each name, whichever entries are imported", () => {
    writeFileSync(
      join(project, "classes.js"),
      `import * as toolkit from "nango-toolkit";
       import * as slim from "nango-toolkit/slim";
       import * as emulator from "nango-toolkit/emulator";
       import * as emulatorSlim from "nango-toolkit/emulator/slim";
       import * as mcp from "nango-toolkit/mcp";
       const same = [slim.NangoToolkit === toolkit.NangoToolkit, slim.Session === toolkit.Session];
       for (const one of [slim, emulator, emulatorSlim, mcp])
         same.push(one.NangoToolkitError === toolkit.NangoToolkitError);
       for (const misuse of [
         () => emulator.createEmulator({ sed: 3 }),
         () => mcp.createMcpHandler({}),
         () => toolkit.validate("NANGO_NOTHING", {}),
       ]) {
         try { misuse(); } catch (error) { same.push(error instanceof toolkit.NangoToolkitError); }
       }
       console.log(JSON.stringify(same));`,
    );
    assert.deepEqual(JSON.parse(node("classes.js")), Array(9).fill(true));
  });

  test("the README's JavaScript example runs unchanged", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    writeFileSync(join(project, "example.js"), /```js\n([^`]+)```/.exec(readme)[1]);
    assert.match(node("example.js"), /hubspot-ada/);
  });

  test("its command runs", () => {
    const out = node(
      join(installed, "bin", "nango-toolkit.js"),
      "call",
      "NANGO_LIST_INTEGRATIONS",
      "--emulator",
      "--json",
    );
    assert.equal(JSON.parse(out).successful, true);
  });
});
