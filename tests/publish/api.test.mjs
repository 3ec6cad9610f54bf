// The public API of the npm package is the committed one, so that a review sees every change of it. That of the crate:
// tests/public_api.rs.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib.mjs";
import { changes, NPM_API } from "../../scripts/release.mjs";
import { npmApi } from "./api.mjs";

test("the public API of the npm package is the committed one", () => {
  const file = join(root, NPM_API);
  const api = npmApi();
  if (process.env.NANGO_TOOLKIT_WRITE) writeFileSync(file, api);
  const committed = readFileSync(file, "utf8");
  const { removed, added } = changes(committed, api);
  const list = [...removed.map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`)].join("\n");
  const command = "NANGO_TOOLKIT_WRITE=1 node --test tests/publish/api.test.mjs";
  assert.ok(committed === api, `the public API has changed:\n${list}\nif that is intended: ${command}`);
  for (const export_ of ["export class NangoToolkit ", "export function createEmulator(", "export function toTools("])
    assert.ok(api.includes(`\n${export_}`), export_);
});
