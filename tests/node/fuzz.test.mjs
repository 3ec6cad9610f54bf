// A fuzzer of the module as it ships: the functions of the package with generated inputs, for as long as
// NANGO_TOOLKIT_FUZZ_SECONDS says. Nothing is thrown but what the package documents, no trap, nothing over its bound.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NangoToolkitError } from "../../pkg/dist/entry/node.js";
import { PIECES, bound, fastest, kinds, surfaces } from "./surface.mjs";

const seconds = Number(process.env.NANGO_TOOLKIT_FUZZ_SECONDS ?? 10);
const given = process.env.NANGO_TOOLKIT_SEED;
const seed = given === undefined ? 20261122 : given === "new" ? Date.now() : Number(given);
const TRAPPED = /module failed|unreachable/;

/** Random whole numbers below a limit, from a seed (mulberry32). */
function generator(state) {
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

function makeInput(random) {
  const size = 2 ** (4 + random(13));
  const one = (bytes) => kinds[random(kinds.length)][1](bytes);
  const some = (make) => Array.from({ length: 1 + random(4) }, make).join(",");
  let text = [() => `[${some(() => one(size / 4))}]`, () => `{${some(() => `"p${random(9)}":${one(size / 4)}`)}}`][
    random(4)
  ]?.();
  text ??= one(size);
  for (let times = random(4); times > 0; times--) {
    const [start, end] = [random(text.length + 1), random(text.length + 1)].sort((a, b) => a - b);
    const piece = PIECES[random(PIECES.length)].repeat(1 + random(20));
    text = [
      () => text.slice(0, start) + text.slice(end),
      () => text.slice(0, end) + text.slice(start),
      () => text.slice(0, start),
      () => text.slice(0, start) + piece + text.slice(start),
    ][random(4)]();
  }
  return text;
}

/** The problem of one case; nothing if it went well. */
async function faultOf(run, input) {
  const safely = async (text) => {
    try {
      const result = await run(text);
      if (TRAPPED.test(result?.error?.message ?? "")) throw new Error(result.error.message);
    } catch (error) {
      if (!(error instanceof NangoToolkitError) || error.kind === "internal") throw error;
    }
  };
  const most = bound(input.length);
  const time = await fastest(safely, input, 5, most);
  if (time > most) throw new Error(`it took ${time} ms`);
}

test(`nothing traps and nothing takes long (NANGO_TOOLKIT_SEED=${seed})`, async () => {
  const all = surfaces();
  const end = Date.now() + seconds * 1000;
  let cases = 0;
  for (; Date.now() < end; cases++) {
    const random = generator(seed + cases);
    const [name, run] = all[random(all.length)];
    const input = makeInput(random);
    await faultOf(run, input).catch((error) => {
      const shown = input.slice(0, 300);
      assert.fail(`${name}: ${error.message} with ${input.length} bytes, NANGO_TOOLKIT_SEED=${seed + cases}: ${shown}`);
    });
  }
  assert.ok(cases > 0);
});
