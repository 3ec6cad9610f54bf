// What the tests of long MCP calls share: a toolkit whose calls run until the test ends them.
import { setImmediate as settle } from "node:timers/promises";
import { listTools } from "../../pkg/dist/entry/node.js";

const done = (data) => ({ successful: true, data, error: null, meta: { tool: "", attempts: 1 } });
const aborted = () => ({
  successful: false,
  data: null,
  error: { kind: "aborted", code: "aborted", message: "the call was aborted", retryable: false },
  meta: { tool: "", attempts: 1 },
});

/** A toolkit, and its calls: each with its name and signal, and `finish`. They end if they are aborted. */
export function running() {
  const calls = [];
  const execute = (name, _args, { signal } = {}) =>
    new Promise((resolve) => {
      signal?.addEventListener("abort", () => resolve(aborted()));
      calls.push({ name, signal, finish: (data = {}) => resolve(done(data)) });
    });
  return { toolkit: { tools: listTools, execute }, calls };
}

/** What `find` returns, once it is not false; the test's own time limit ends a search that fails. */
export async function until(find) {
  const started = performance.now();
  for (;;) {
    const found = find();
    if (found) return found;
    if (performance.now() - started > 10_000) throw new Error(`never came true: ${find}`);
    await settle();
  }
}
