// The load of a server: workerd, many requests over one instance of the package.
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { makeProject } from "./project.mjs";
import { bundleWorker, programs, startWorkerd, version } from "./runtimes.mjs";
import { closed, emulate, odd } from "./servers.mjs";

const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const found = programs.workerd();
const NAMES = ["github", "hubspot", "salesforce", "slack", "quickbooks"];

/**
 * Workers' semantics differ by date. Before 2024-10-14 a promise that another request's code settles is not
 * passed to its own request: such a request ends with status 500, and nothing better is possible there.
 */
const SETTINGS = {
  "of today": {},
  "with nodejs_compat": { flags: ["nodejs_compat"] },
  "of 2024, before promises were handed over between requests": { date: "2024-09-01", mayFail: true },
};

for (const [name, settings] of Object.entries(SETTINGS)) {
  describe(`workerd ${found ? version(found) : ""} ${name}`, {
    skip: !found && !ci && "workerd is not installed",
  }, () => {
    const open = [];
    let worker;
    before(async () => {
      const project = makeProject("worker.mjs");
      open.push({ close: project.remove });
      const emulated = await emulate(project.path);
      const server = await odd(join(project.installed, "wasm"));
      open.push(emulated, server);
      const context = {
        emulate: { url: emulated.url, apiKey: emulated.apiKey },
        odd: server.url,
        closed: await closed(),
      };
      worker = await startWorkerd(await bundleWorker(project, "worker.mjs"), {
        bindings: { CONTEXT: JSON.stringify(context) },
        ...settings,
      });
      open.push(worker);
    });
    after(async () => {
      for (const one of open.reverse()) await one.close();
    });

    const ask = async (index, extra = "", init = {}) => {
      const answer = await fetch(`${worker.url}/shared?provider=${NAMES[index % 5]}-${index}${extra}`, {
        signal: AbortSignal.timeout(10_000),
        ...init,
      });
      const body = await answer.text();
      assert.equal(answer.status, 200, body);
      return JSON.parse(body);
    };
    const isOwn = (result, index) => {
      assert.equal(result.successful, true, JSON.stringify(result.error));
      assert.equal(result.data.data.name, `${NAMES[index % 5]}-${index}`);
    };

    test("what is made at module scope works", async () => {
      const [tools, result] = await (await fetch(`${worker.url}/module-scope`)).json();
      assert.ok(tools >= 23 && result.successful, JSON.stringify(result));
    });

    test("a hundred requests at once, some aborted: none hangs, none sees another's data", async () => {
      const all = Array.from({ length: 100 }, async (_, index) => {
        if (index % 10 === 1) return assert.equal((await ask(index, "&abort")).error.kind, "aborted");
        if (index % 10 === 2) return assert.equal((await ask(index, "&late")).error.kind, "timeout");
        if (index % 10 === 3)
          return assert.rejects(ask(index, "", { signal: AbortSignal.timeout(40) }), { name: "TimeoutError" });
        return isOwn(await ask(index), index);
      });
      await Promise.all(all);
      await Promise.all([1, 2, 3].map(async (index) => isOwn(await ask(index), index)));
    });

    test("a trap ends the calls of all requests as `internal`, and the next ones work", async () => {
      const all = Array.from({ length: 20 }, async (_, index) => {
        if (index === 3)
          return assert.rejects(ask(index, "", { signal: AbortSignal.timeout(20) }), { name: "TimeoutError" });
        if (index === 19) await pause(50);
        const result = await ask(index, index === 19 ? "&trap" : "").catch((error) =>
          settings.mayFail && error.actual === 500 ? { error: { kind: "500" } } : Promise.reject(error),
        );
        assert.ok(
          result.error === null || result.error.kind === "internal" || result.error.kind === "500",
          JSON.stringify(result),
        );
        return result.error?.kind;
      });
      const kinds = await Promise.all(all);
      assert.ok(kinds.filter((kind) => kind === "internal" || kind === "500").length >= 15, JSON.stringify(kinds));
      assert.ok(settings.mayFail || kinds[19] === "internal", kinds[19]);
      await Promise.all([...all.keys()].map(async (index) => isOwn(await ask(index), index)));
      if (!settings.mayFail) assert.doesNotMatch(worker.log(), /uncaught|unhandled|hang/i);
    });
  });
}
