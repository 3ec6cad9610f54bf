// The sizes of the components beside those that are committed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { numbers } from "../runtimes/sizes.mjs";
import { command, committed, measure } from "./sizes.mjs";

test("sizes of the components are those that are committed, give or take 2 %", () => {
  const [now, before] = [measure(), committed()].map((sizes) => new Map(numbers(sizes)));
  assert.deepEqual([...now.keys()], [...before.keys()], `write them anew: ${command}`);
  const off = [...now].filter(([name, bytes]) => Math.abs(bytes / before.get(name) - 1) > 0.02);
  assert.deepEqual(off.map(([name, bytes]) => `${name}: ${before.get(name)} -> ${bytes}`), [], `if that is meant, write them anew: ${command}`);
});
