// The matrix: the suite on the packed package in every runtime.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { join } from "node:path";
import { makeProject } from "./project.mjs";
import { runtimes, version } from "./runtimes.mjs";
import { closed, emulate, odd } from "./servers.mjs";

const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const only = process.env.RUNTIMES?.split(",");
const project = makeProject("program.mjs", "worker.mjs", "slim-worker.mjs", "page.html", "edge-bundle.mjs");

/** Runs the suite, with servers of its own; what breaks the runner itself is one failed case. */
async function results(runtime, slim) {
  const servers = [await emulate(project.path), await odd(join(project.installed, "wasm"))];
  const context = {
    emulate: { url: servers[0].url, apiKey: servers[0].apiKey },
    odd: servers[1].url,
    closed: await closed(),
  };
  try {
    return await runtime.run(project, context, slim);
  } catch (error) {
    return [{ name: slim ? "the slim cases ran" : "the cases ran", ms: 0, error: error.stack }];
  } finally {
    for (const server of servers) await server.close();
  }
}

/** A runtime's title and results; nothing where it is missing. */
async function matrixRow(runtime) {
  const found = runtime.find();
  if (!found) return { title: `${runtime.name} is not installed` };
  const started = Date.now();
  const cases = [...(await results(runtime, false)), ...(runtime.noSlim ? [] : await results(runtime, true))];
  const title = `${runtime.name} ${runtime.version?.() ?? version(found)}`;
  const failed = cases.filter((one) => one.error).length;
  console.log(
    `${title.padEnd(36)} ${cases.length - failed} cases passed, ${failed} failed, ` +
      `${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  return { title, cases };
}

const chosen = runtimes.filter(
  ({ name }) => !only || only.some((part) => name.toLowerCase().startsWith(part.toLowerCase())),
);
const rows = [];
for (const runtime of chosen) rows.push(await matrixRow(runtime));
project.remove();

for (const { title, cases } of rows) {
  if (!cases) test(title, { skip: !ci && "missing" }, () => assert.fail("CI runs every runtime"));
  else
    describe(title, () => {
      for (const { name, ms, error } of cases) {
        test(`${name} (${ms} ms)`, () => {
          if (error) throw new Error(error);
        });
      }
    });
}
