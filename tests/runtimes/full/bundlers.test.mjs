// Bundlers that are too large for the run that guards every change.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { COMMONJS, PROGRAM } from "../app.mjs";
import { launchChromium, programs, visit } from "../runtimes.mjs";
import { files } from "../servers.mjs";
import { alone, ci, makeProjects, missing, works } from "./projects.mjs";

const noChromium = { skip: !programs.chromium() && !ci && "chromium is not installed" };

describe("bundlers", { skip: missing }, () => {
  let projects;
  before(() => (projects = makeProjects()));
  after(() => projects.remove());

  test("tsup with noExternal", async () => {
    const { path, run } = projects.make("tsup", {
      "main.js": PROGRAM,
      "tsup.config.js": `export default {
        entry: ["main.js"], format: ["esm", "cjs"], noExternal: ["nango-toolkit"],
      };`,
    });
    await run("tsup/dist/cli-default.js");
    await alone(join(path, "dist"), async (place) => {
      await works(place, "main.js");
      await works(place, "main.cjs");
    });
  });

  test("webpack, target node, modules and CommonJS", async () => {
    const { path, run } = projects.make("webpack", {
      "main.js": PROGRAM,
      "main.cjs": COMMONJS,
      "build.js": `import webpack from "webpack";
        import { promisify } from "node:util";
        const { dirname } = import.meta;
        for (const [entry, filename, outputModule] of [
          ["./main.js", "module.mjs", true],
          ["./main.js", "script.cjs", false],
          ["./main.cjs", "required.cjs", false],
        ]) {
          const library = { type: outputModule ? "module" : "commonjs2" };
          const output = { path: dirname + "/dist", filename, library };
          const options = { context: dirname, entry, output, mode: "production", target: "node20" };
          const stats = await promisify(webpack)({ ...options, experiments: { outputModule } });
          if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
        }`,
    });
    await run("./build.js");
    await alone(join(path, "dist"), async (place) => {
      for (const file of readdirSync(place).filter((name) => name.endsWith("js"))) await works(place, file);
    });
  });

  const page = '<!doctype html><script type="module" src="./page.js"></script>';
  for (const [title, script, manifest] of [
    [
      "Parcel with packageExports",
      'import { check } from "./check.js"; globalThis.done = check();',
      { "@parcel/resolver-default": { packageExports: true } },
    ],
    [
      "Parcel with its default settings",
      `import { NangoToolkit } from "nango-toolkit";
       import { createEmulator } from "nango-toolkit/dist/entry/emulator-inline.js";
       const { fetch, apiKey, baseUrl } = createEmulator();
       const pending = new NangoToolkit({ fetch, apiKey, baseUrl }).execute("NANGO_LIST_INTEGRATIONS", {});
       globalThis.done = pending.then(({ successful }) => successful && "it works");`,
      {},
    ],
  ]) {
    test(title, noChromium, async () => {
      // A lock file marks the root of a project.
      const given = { "index.html": page, "page.js": script, "yarn.lock": "" };
      const { path, run } = projects.make(title.replaceAll(" ", "-"), given, manifest);
      await run("parcel/lib/bin.js", "build", "index.html", "--no-cache");
      const site = await files(join(path, "dist"));
      const browser = await launchChromium();
      try {
        const { value, problems } = await visit(browser, `${site.url}/index.html`);
        assert.deepEqual([value, problems], ["it works", []]);
      } finally {
        await browser.close();
        await site.close();
      }
    });
  }
});
