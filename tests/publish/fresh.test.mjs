// A machine that has never seen the package: an empty project and an empty cache of npm, `npm install` of the packed
// package, and the first JavaScript of the README. Together under 20 seconds.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { must, root } from "../../scripts/lib.mjs";

const LIMIT_MS = 20_000;

test("installing the package and running the README's first JavaScript", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-fresh-"));
  try {
    const pack = ["pack", "./pkg", "--pack-destination", folder, "--silent"];
    const tarball = (await must("npm", pack, { capture: true })).trim().split("\n").at(-1);
    const project = join(folder, "project");
    mkdirSync(project);
    const started = Date.now();
    const options = { cwd: project, capture: true };
    await must("npm", ["install", join(folder, tarball), "--cache", join(folder, "cache")], options);
    const snippet = /^```js\n(.*?)^```$/ms.exec(readFileSync(join(root, "README.md"), "utf8"))[1];
    writeFileSync(join(project, "first.mjs"), snippet);
    const output = await must(process.execPath, ["first.mjs"], options);
    const ms = Date.now() - started;
    t.diagnostic(`${(ms / 1000).toFixed(1)} s`);
    assert.match(output, /hubspot-ada/);
    // Other programs of a shorter run may use the processors.
    if (process.env.NANGO_TOOLKIT_FULL === "1") assert.ok(ms < LIMIT_MS, `${ms} ms`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
