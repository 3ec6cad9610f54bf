// Nothing takes more than linear time in the module as it ships: the functions of the package with inputs of every
// kind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bound, fastest, kinds, surfaces } from "./surface.mjs";

const KB = 1024;
const TRIED = [16 * KB, 128 * KB];
const SIZES = [512 * KB, 1024 * KB, 2048 * KB, 4096 * KB];
const MOST_GROWTH = 2.7;
/** What takes less is not measured: noise would be. */
const LEAST = 5;

/**
 * The problem of the growth of one function over one kind of input: each doubling takes too much longer; empty if there
 * is none. One or two do where an instance whose memory has grown is replaced, and the next one has to grow again.
 */
async function steepness(run, make) {
  const times = [];
  for (const size of SIZES) {
    const input = make(size);
    const most = bound(input.length);
    times.push(await fastest(run, input, 5));
    if (times.at(-1) > most) return `${times.at(-1)} ms for ${input.length} bytes`;
  }
  const steep = times.slice(1).every((time, at) => time >= LEAST && time > MOST_GROWTH * times[at]);
  return steep ? `${times.join(", ")} ms` : "";
}

test("no function takes more than linear time", async () => {
  const suspects = [];
  const faults = [];
  for (const [kind, make] of kinds) {
    const inputs = TRIED.map(make);
    for (const [name, run] of surfaces()) {
      for (const input of inputs) {
        const most = bound(input.length);
        const time = await fastest(run, input, 5, most);
        if (time > most) {
          faults.push(`${name}, ${kind}: ${time} ms for ${input.length} bytes`);
          break;
        }
        if (time > most / 2 && input === inputs.at(-1)) suspects.push([name, run, kind, make]);
      }
    }
  }
  for (const [name, run, kind, make] of suspects) {
    // Other programs can disturb one measurement, but hardly two.
    const fault = (await steepness(run, make)) && (await steepness(run, make));
    if (fault) faults.push(`${name}, ${kind}: ${fault}`);
  }
  assert.deepEqual(faults, []);
});
