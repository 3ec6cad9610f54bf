// Callers' `AsyncLocalStorage` contexts stay apart: the store is read wherever the package calls functions of the host.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { NangoToolkit } from "../../pkg/dist/entry/node.js";
import { contextStorage, mixedCalls } from "../runtimes/contexts.mjs";

test("1 000 calls in 50 contexts: retries, deadlines, keys and approvals see their own caller", async () => {
  const { counts, strangers } = await mixedCalls({ NangoToolkit }, AsyncLocalStorage);
  assert.deepEqual(strangers.slice(0, 20), [], `${strangers.length} of ${JSON.stringify(counts)}`);
  const executed = Object.entries(counts).filter(([where]) => where.startsWith("after execute"));
  assert.equal(
    executed.reduce((sum, [, count]) => sum + count, 0),
    1000,
  );
  for (const where of ["key", "approval", "approval later", "event", "fetch later, failing", "fetch later, late"])
    assert.ok(counts[where] >= 100, `${where}: ${counts[where]}`);
});

test("the runtime suite finds AsyncLocalStorage here", () => assert.equal(contextStorage(), AsyncLocalStorage));
