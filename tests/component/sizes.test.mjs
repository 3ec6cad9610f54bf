// The sizes of the components beside those that are committed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { numbers } from "../runtimes/sizes.mjs";
import { command, committed, measure, sizes } from "./sizes.mjs";

/** What the toolkit as a component may weigh, beside the module of the JavaScript binding. */
const MOST = 1.1;

test("sizes of the components are those that are committed, give or take 2 %", () => {
  const [now, before] = [measure(), committed()].map((sizes) => new Map(numbers(sizes)));
  assert.deepEqual([...now.keys()], [...before.keys()], `write them anew: ${command}`);
  const off = [...now].filter(([name, bytes]) => Math.abs(bytes / before.get(name) - 1) > 0.02);
  assert.deepEqual(off.map(([name, bytes]) => `${name}: ${before.get(name)} -> ${bytes}`), [], `if that is meant, write them anew: ${command}`);
});

test("the toolkit as a component is at most a tenth larger than the module of the JavaScript binding", () => {
  const binding = sizes(readFileSync(new URL("../../pkg/wasm/nango_toolkit_bg.wasm", import.meta.url)));
  const component = measure()["nango-toolkit"];
  for (const kind of ["raw", "gzip", "brotli"]) {
    const ratio = component[kind] / binding[kind];
    console.log(`${kind}: ${component[kind]} bytes, ${ratio.toFixed(3)} of the binding's ${binding[kind]}`);
    assert.ok(ratio <= MOST, `${kind}: ${component[kind]} bytes are ${ratio.toFixed(3)} of ${binding[kind]}, ${MOST} allowed`);
  }
});
