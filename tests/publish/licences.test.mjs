// Licences of what the package contains: each is allowed by deny.toml, and each text is in the package.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse as parseToml } from "smol-toml";
import satisfies from "spdx-satisfies";
import { filesBelow, root } from "../../scripts/lib.mjs";
import { FILE, notices, thirdParty } from "../../scripts/licences.mjs";

const { licenses } = parseToml(readFileSync(join(root, "deny.toml"), "utf8"));

describe("licences", async () => {
  const crates = await thirdParty();

  test("all that the modules contain is named, and nothing that only compiles them", () => {
    const names = crates.map(({ name }) => name);
    for (const name of ["std", "serde_json", "wasm-bindgen", "gloo-net", "time"]) assert.ok(names.includes(name), name);
    for (const name of ["nango-toolkit", "syn", "serde_derive", "jsonschema"]) assert.ok(!names.includes(name), name);
  });

  test("deny.toml allows the licence of each", () => {
    assert.ok(!satisfies("GPL-3.0-only", licenses.allow));
    for (const { id, license } of crates) assert.ok(satisfies(license, licenses.allow), `${id}: ${license}`);
  });

  test("each licence has its text: the crate's own, or that of another crate with the same licence", () => {
    const without = crates.filter(({ files }) => files.length === 0);
    for (const { id, authors, license } of without) {
      assert.ok(authors.length > 0, `${id} names nobody as its author`);
      assert.equal(license, "MIT OR Apache-2.0", id);
    }
    assert.ok(without.length <= 3, without.map(({ id }) => id).join(", "));
  });

  test("pkg/THIRD_PARTY_LICENSES.txt is up to date, else: npm run licences", async () => {
    const committed = readFileSync(FILE, "utf8").split("\n");
    const wanted = (await notices()).split("\n");
    const changed = [
      ...committed.filter((line) => !wanted.includes(line)).map((line) => `- ${line}`),
      ...wanted.filter((line) => !committed.includes(line)).map((line) => `+ ${line}`),
    ];
    assert.deepEqual(committed, wanted, `run \`npm run licences\`:\n${changed.join("\n")}`);
  });

  test("the JavaScript of the package contains only this repository's", () => {
    const sources = filesBelow("pkg/src").filter((file) => /(?<!\.d)\.ts$/.test(file));
    assert.ok(sources.length > 50);
    for (const file of sources) {
      // Comments have examples, which import what they like.
      const code = readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      for (const [, from] of code.matchAll(/\b(?:from|import\(?|require\()\s*["']([^"']+)["']/g))
        assert.match(from, /^(node:|\.\.?\/)/, file);
    }
  });
});
