// The shared timer for the deadlines of all requests, in hosts where a timer may serve several requests: each
// request ends at its deadline, in the context of its caller, and no process waits for the timer.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { NangoToolkit } from "../../pkg/dist/entry/node.js";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const SLUG = "NANGO_LIST_INTEGRATIONS";
const entry = new URL("../../pkg/dist/entry/node.js", import.meta.url).href;

/** A `fetch` that never answers and ends when it is aborted. */
const hanging = (_, { signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("each of many requests ends in its own time, whatever the order", async () => {
  const started = Date.now();
  const nango = new NangoToolkit({ apiKey: KEY, fetch: hanging, retry: { attempts: 1 } });
  const times = [400, 60, 250, 61, 120, 400, 10_000];
  const stop = new AbortController();
  const ended = await Promise.all(
    times.map(async (timeoutMs) => {
      const call = nango.execute(SLUG, {}, { timeoutMs, signal: stop.signal });
      if (timeoutMs === 10_000) setTimeout(() => stop.abort(), 700);
      const { error } = await call;
      return [timeoutMs, error.kind, Date.now() - started];
    }),
  );
  for (const [timeoutMs, kind, after] of ended) {
    if (timeoutMs === 10_000) assert.equal(kind, "aborted");
    else assert.ok(kind === "timeout" && after >= timeoutMs - 2, `${timeoutMs} ms: ${kind} after ${after} ms`);
  }
  const order = ended.toSorted((a, b) => a[2] - b[2]).map(([timeoutMs]) => timeoutMs);
  assert.deepEqual(
    order,
    times.toSorted((a, b) => a - b),
  );
});

test("a request that is not stopped when it should be is not waited for", async () => {
  const nango = new NangoToolkit({
    apiKey: KEY,
    fetch: () => new Promise(() => {}),
    retry: { attempts: 2, baseMs: 1, maxMs: 1 },
  });
  const { error, meta } = await nango.execute(SLUG, {}, { timeoutMs: 40 });
  assert.deepEqual([error.kind, meta.attempts], ["timeout", 2]);
});

test("a retry after a deadline is sent in the caller's context", async () => {
  const context = new AsyncLocalStorage();
  const seen = [];
  const fetch = (url, init) => {
    seen.push(context.getStore());
    return hanging(url, init);
  };
  const nango = new NangoToolkit({ apiKey: KEY, fetch, retry: { attempts: 3, baseMs: 1, maxMs: 1 }, timeoutMs: 30 });
  const call = (user) => context.run(user, () => nango.execute(SLUG, {}));
  const results = await Promise.all(["ada", "bob", "cy"].map(call));
  assert.ok(results.every(({ error, meta }) => error.kind === "timeout" && meta.attempts === 3));
  assert.deepEqual(seen.toSorted(), ["ada", "ada", "ada", "bob", "bob", "bob", "cy", "cy", "cy"]);
});

test("deadlines outlive timers that somebody else replaced for a while", async () => {
  const real = globalThis.setTimeout;
  globalThis.setTimeout = () => ({ ref() {}, unref() {} });
  const answering = new NangoToolkit({ apiKey: KEY, fetch: async () => Response.json({ data: [] }), timeoutMs: 20 });
  try {
    assert.ok((await answering.execute(SLUG, {})).successful);
  } finally {
    globalThis.setTimeout = real;
  }
  await new Promise((resolve) => setTimeout(resolve, 40));
  const nango = new NangoToolkit({ apiKey: KEY, fetch: hanging, retry: { attempts: 1 }, timeoutMs: 50 });
  assert.equal((await nango.execute(SLUG, {})).error.kind, "timeout");
});

test("a deadline that a busy host is late for is not lost to the next request", async () => {
  const nango = new NangoToolkit({ apiKey: KEY, fetch: hanging, retry: { attempts: 1 } });
  const started = Date.now();
  const first = nango.execute(SLUG, {}, { timeoutMs: 50 });
  const stop = new AbortController();
  let second;
  // In the callback of a file operation: what it defers runs before timers.
  readFile(new URL(import.meta.url), () => {
    while (Date.now() < started + 100);
    second = nango.execute(SLUG, {}, { timeoutMs: 20_000, signal: stop.signal });
  });
  assert.equal((await first).error.kind, "timeout");
  assert.ok(Date.now() - started < 10_000, "long before the second ends");
  stop.abort();
  assert.equal((await second).error.kind, "aborted");
});

/** Runs a program that imports the package; returns the time from its output "done" to its exit. */
async function lingers(program) {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
  });
  let [said, wrong, at] = ["", "", 0];
  child.stdout.on("data", (text) => {
    said += text;
    at = Date.now();
  });
  child.stderr.on("data", (text) => (wrong += text));
  const [code] = await once(child, "close");
  assert.deepEqual([code, said, wrong], [0, "done\n", ""]);
  return Date.now() - at;
}

test("a process ends when its calls have, and not before", async () => {
  const made = [
    `import { NangoToolkit } from ${JSON.stringify(entry)};`,
    "const make = (fetch, timeoutMs) =>",
    `new NangoToolkit({ apiKey: "${KEY}", fetch, timeoutMs, retry: { attempts: 1 } });`,
  ].join(" ");
  const answered = [
    `await make(async () => Response.json({ data: [] }), 30_000).execute("${SLUG}", {});`,
    'console.log("done");',
  ].join(" ");
  assert.ok((await lingers(made + answered)) < 10_000, "the timer of 30 s keeps no process");
  // Only the deadline is pending: the process waits for it.
  const waiting = [
    `const { error } = await make(() => new Promise(() => {}), 300).execute("${SLUG}", {});`,
    'console.log(error.kind === "timeout" ? "done" : error);',
  ].join(" ");
  await lingers(made + waiting);
  await lingers(`${made} ${answered.replace('console.log("done");', "")} ${waiting}`);
});
