// One abort signal for many calls.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate, setTimeout } from "node:timers/promises";
import { NangoToolkit } from "../../pkg/dist/entry/node.js";

const apiKey = "d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a";
const MANY = 100;
const answer = () => Response.json({ data: [], connections: [] });

/** The warnings that Node gives while `act` runs. */
async function warningsOf(act) {
  const warnings = [];
  const listen = (warning) => warnings.push(warning.message);
  process.on("warning", listen);
  try {
    await act();
    await setImmediate();
  } finally {
    process.off("warning", listen);
  }
  return warnings;
}

const list = (nango, signal) =>
  Promise.all(Array.from({ length: MANY }, () => nango.execute("NANGO_LIST_INTEGRATIONS", {}, { signal })));

test("Node does not warn of a leak", async () => {
  const nango = new NangoToolkit({ apiKey, fetch: () => setTimeout(5).then(answer) });
  const { signal } = new AbortController();
  const kinds = {
    calls: async () => {
      for (const result of await list(nango, signal)) assert.ok(result.successful);
    },
    waits: async () => {
      const session = nango.session({ user: "ada" });
      const wait = () =>
        session.waitForConnection("hubspot", { signal, timeoutMs: 30, intervalMs: 10 }).catch(() => {});
      await Promise.all(Array.from({ length: MANY }, wait));
    },
  };
  for (const [kind, act] of Object.entries(kinds)) assert.deepEqual(await warningsOf(act), [], kind);
});

test("it ends all of them, and those that follow", async () => {
  const nango = new NangoToolkit({ apiKey, fetch: (_, { signal }) => setTimeout(60_000, answer(), { signal }) });
  const controller = new AbortController();
  const calls = list(nango, controller.signal);
  await setTimeout(5);
  controller.abort();
  const results = [...(await calls), ...(await list(nango, controller.signal))];
  for (const { error } of results) assert.equal(error?.kind, "aborted");
});

test("a call that has ended listens no longer", async () => {
  const nango = new NangoToolkit({ apiKey, fetch: async () => answer() });
  const { signal } = new AbortController();
  let listeners = 0;
  for (const [name, step] of [
    ["addEventListener", 1],
    ["removeEventListener", -1],
  ]) {
    const original = signal[name].bind(signal);
    signal[name] = (...args) => {
      listeners += step;
      return original(...args);
    };
  }
  await list(nango, signal);
  assert.equal(listeners, 0);
});
