// Compares the sizes of the components with those that are committed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { numbers } from "../runtimes/sizes.mjs";
import { command, committed, measure, sizes } from "./sizes.mjs";

/** The maximum size of the toolkit component, relative to the module of the JavaScript binding. */
const MOST = 1.1;

/** How much more than what is committed is still taken for the same. */
const SLACK = 1.05;

test("sizes of the components are at most 5 % above those that are committed", () => {
  const [now, before] = [measure(), committed()].map((sizes) => new Map(numbers(sizes)));
  assert.deepEqual([...now.keys()], [...before.keys()], `write them again: ${command}`);
  const grown = [...now].filter(([name, bytes]) => bytes > before.get(name) * SLACK);
  const shown = grown.map(([name, bytes]) => `${name}: ${before.get(name)} -> ${bytes}`);
  assert.deepEqual(shown, [], `if this is intended, update them: ${command}`);
});

test("the toolkit as a component is at most a tenth larger than the module of the JavaScript binding", () => {
  const binding = sizes(readFileSync(new URL("../../pkg/wasm/nango_toolkit_bg.wasm", import.meta.url)));
  const component = measure()["nango-toolkit"];
  for (const kind of ["raw", "gzip", "brotli"]) {
    const ratio = component[kind] / binding[kind];
    console.log(`${kind}: ${component[kind]} bytes, ${ratio.toFixed(3)} of the binding's ${binding[kind]}`);
    assert.ok(
      ratio <= MOST,
      `${kind}: ${component[kind]} bytes are ${ratio.toFixed(3)} of ${binding[kind]}, ${MOST} allowed`,
    );
  }
});
