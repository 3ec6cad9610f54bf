// The sizes of the package beside those that are committed, and beside the budget.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { command, committed, measure, numbers } from "./sizes.mjs";

/** Wasm and glue of the main entry, gzip, with everything in. */
const BUDGET = 95_000;

describe("sizes, in bytes", () => {
  let measured;
  before(async () => void (measured = await measure()));

  test("are those that are committed, give or take 2 %", () => {
    const now = new Map(numbers(measured));
    const before = new Map(numbers(committed()));
    assert.deepEqual([...now.keys()], [...before.keys()], `write them anew: ${command}`);
    const off = [...now].filter(([name, bytes]) => Math.abs(bytes / before.get(name) - 1) > 0.02);
    assert.deepEqual(off.map(([name, bytes]) => `${name}: ${before.get(name)} -> ${bytes}`), [], `if that is meant, write them anew: ${command}`);
  });

  test("wasm and glue of the main entry stay within the budget", () => {
    const { gzip } = measured.nango_toolkit.both;
    console.log(`wasm and glue of nango-toolkit: ${gzip} bytes gzip, budget ${BUDGET}`);
    assert.ok(gzip <= BUDGET, `${gzip} bytes gzip, ${BUDGET} allowed`);
  });
});
