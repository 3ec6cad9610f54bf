// Compares the sizes of the package with those that are committed and with the budget.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { command, committed, measure, numbers } from "./sizes.mjs";

/** Wasm and glue of toolkit and MCP server together, gzip: they are one module. */
// The aim is 235,000. The rest is masking of all strings, without a tree of values, exact digits, media types and
// bounds, and `opt-level = "s"`, with which everything takes half the time.
const BUDGET = 350_000;

/** How much more than what is committed is still taken for the same. */
const SLACK = 1.05;

describe("sizes, in bytes", () => {
  let measured;
  before(async () => void (measured = await measure()));

  test("are at most 5 % above those that are committed", () => {
    const now = new Map(numbers(measured));
    const before = new Map(numbers(committed()));
    assert.deepEqual([...now.keys()], [...before.keys()], `write them again: ${command}`);
    const grown = [...now].filter(([name, bytes]) => bytes > before.get(name) * SLACK);
    const shown = grown.map(([name, bytes]) => `${name}: ${before.get(name)} -> ${bytes}`);
    assert.deepEqual(shown, [], `if this is intended, update them: ${command}`);
  });

  test("toolkit and MCP server stay within the budget", () => {
    const { gzip } = measured.nango_toolkit.both;
    console.log(`wasm and glue of toolkit and MCP server: ${gzip} bytes gzip, budget ${BUDGET}`);
    assert.ok(gzip <= BUDGET, `${gzip} bytes gzip, ${BUDGET} allowed`);
  });
});
