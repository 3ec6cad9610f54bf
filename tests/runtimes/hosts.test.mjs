// Hosts that differ from the runtimes of the suite: test runners, CommonJS, old versions of Node, hosts without
// permission to read files or to compile, service workers, and the top level of a Worker.
import assert from "node:assert/strict";
import { existsSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { CHECK, COMMONJS, PROGRAM } from "./app.mjs";
import { makeProject } from "./project.mjs";
import { bundleWorker, execute, launchChromium, programs, startWorkerd } from "./runtimes.mjs";
import { serve } from "./servers.mjs";

const require = createRequire(import.meta.url);
const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const tool = (path) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));
const unless = (name) => ({ skip: !programs[name]() && !ci && `${name} is not installed` });

let project;
before(() => {
  project = makeProject();
  project.write("check.mjs", CHECK);
  project.write("main.mjs", PROGRAM);
  project.write("main.cjs", COMMONJS);
});
after(() => project.remove());

async function prints(program, args, expected = "it works") {
  const { code, stdout, stderr } = await execute(program, args, { cwd: project.path });
  assert.deepEqual([code, stdout.trim()], [0, expected], stderr);
}

describe("CommonJS", () => {
  for (const name of ["node20_16", "node20", "node24"]) {
    test(`require, ${name}`, unless(name), async () => {
      await prints(programs[name](), ["main.mjs"]);
      await prints(programs[name](), ["main.cjs"]);
    });
  }

  test("require and import give the same classes where Node can require ES modules", async () => {
    const names = ["", "/slim", "/mcp", "/emulator", "/audit", "/openai"].map((name) => `nango-toolkit${name}`);
    const same = "(await Promise.all(names.map(async (name) => (await import(name)) === require(name)))).join()";
    project.write("same.cjs", `const names = ${JSON.stringify(names)}; (async () => console.log(${same}))();`);
    await prints(programs.node24() ?? process.execPath, ["same.cjs"], names.map(() => true).join());
  });

  test("every entry can be required", unless("node20_16"), async () => {
    const { exports } = require(join(project.installed, "package.json"));
    const names = Object.keys(exports).filter((name) => exports[name].node);
    assert.ok(names.length >= 16, String(names));
    const compare = `const [path] = process.argv.slice(2);
      const required = require(path);
      import(path).then((imported) => {
        const isOwn = (name) => name !== "module.exports" && name !== "default";
        const names = (one) => Object.keys(one).filter(isOwn).sort();
        console.log(names(required).join() === names(imported).join());
      });`;
    project.write("compare.cjs", compare);
    for (const name of names)
      await prints(programs.node20_16(), ["compare.cjs", `nango-toolkit${name.slice(1)}`], "true");
  });

  test("Jest with its default settings", async () => {
    const assertion = 'test("check", async () => expect(await check()).toBe("it works"));';
    project.write("jest.test.cjs", COMMONJS.replace("check().then(console.log);", assertion));
    const jest = [tool("jest/bin/jest.js"), "--rootDir=.", "--testMatch=**/jest.test.cjs"];
    const { code, stderr } = await execute(process.execPath, jest, { cwd: project.path });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /1 passed, 1 total/);
  });

  for (const module of ["node16", "node18", "nodenext"]) {
    test(`TypeScript, .cts with module ${module} and skipLibCheck false`, async () => {
      project.write(
        "types.cts",
        `import { NangoToolkit, type Result } from "nango-toolkit";
         import { toTools } from "nango-toolkit/openai";
         const nango: NangoToolkit = new NangoToolkit({ apiKey: "key" });
         export const pending: Promise<Result<unknown>> = nango.execute("NANGO_LIST_INTEGRATIONS", {});
         // @ts-expect-error this tool takes no arguments
         nango.execute("NANGO_LIST_INTEGRATIONS", { limit: 1 });
         export const names: string[] = toTools(nango).map((tool) => tool.name);`,
      );
      const options = ["--strict", "--noEmit", "--skipLibCheck", "false", "--target", "es2022", "--types", "node"];
      const types = ["--typeRoots", tool("../../../node_modules/@types")];
      const tsc = tool("../../../node_modules/typescript/bin/tsc");
      await prints(process.execPath, [tsc, ...options, ...types, "--module", module, "types.cts"], "");
    });
  }
});

describe("test environments of browsers in Node", unless("node24"), () => {
  for (const environment of ["jsdom", "happy-dom"]) {
    test(`Vitest with ${environment}`, async () => {
      for (const name of ["vitest", environment]) {
        const link = join(project.path, "node_modules", name);
        if (!existsSync(link)) symlinkSync(tool(name), link);
      }
      project.write(
        "dom.test.mjs",
        `import { expect, test } from "vitest";
         import { check } from "./check.mjs";
         test("check", async () => {
           expect(document.body).toBeTruthy();
           expect(await check()).toBe("it works");
         });`,
      );
      const vitest = [tool("vitest/vitest.mjs"), "run", "--environment", environment, "dom.test.mjs"];
      const { code, stdout, stderr } = await execute(programs.node24(), vitest, { cwd: project.path });
      assert.equal(code, 0, stdout + stderr);
    });
  }
});

describe("hosts that refuse something", () => {
  test("Deno without any permission", unless("deno"), () =>
    prints(programs.deno(), ["run", "--no-lock", "--node-modules-dir=manual", "main.mjs"]),
  );

  test("Node 18 is named as too old", unless("node18"), async () => {
    for (const file of ["main.mjs", "main.cjs"]) {
      const { code, stderr } = await execute(programs.node18(), [file], { cwd: project.path });
      assert.equal(code, 1);
      assert.match(stderr, /nango-toolkit needs Node 20\.16 or later; this is 18\./);
    }
  });

  describe("in Chromium", unless("chromium"), () => {
    const PAGES = {
      fetched: `import * as toolkit from "/node_modules/nango-toolkit/dist/entry/web.js";`,
      inline: `import * as toolkit from "/node_modules/nango-toolkit/dist/entry/inline.js";`,
    };
    let browser, site;
    before(async () => {
      browser = await launchChromium();
      site = await siteOf(project, PAGES);
    });
    after(async () => {
      await browser?.close();
      await site?.close();
    });

    for (const name of Object.keys(PAGES)) {
      test(`a Content-Security-Policy without wasm-unsafe-eval is named as the cause, ${name}`, async () => {
        const page = await browser.newPage();
        const failed = page.waitForEvent("pageerror");
        await page.goto(`${site.url}/${name}?csp=script-src 'self'`);
        const { message } = await failed;
        assert.match(message, /the Content-Security-Policy of this page does not allow WebAssembly/);
      });

      test(`with wasm-unsafe-eval it loads, ${name}`, async () => {
        const page = await browser.newPage();
        await page.goto(`${site.url}/${name}?csp=script-src 'self' 'wasm-unsafe-eval'`);
        await page.waitForSelector("[data-tools]", { state: "attached", timeout: 10_000 });
      });
    }

    test("a service worker, which has no top-level await, uses nango-toolkit/inline", async () => {
      project.write("inline.mjs", CHECK.replace(/"nango-toolkit(\/emulator|\/mcp)?"/g, '"nango-toolkit$1/inline"'));
      project.write(
        "service.mjs",
        `import { check } from "./inline.mjs";
         addEventListener("install", () => skipWaiting());
         addEventListener("activate", (event) => event.waitUntil(clients.claim()));
         addEventListener("message", async ({ source }) => source.postMessage(await check()));`,
      );
      const { build } = require("esbuild");
      await build({
        absWorkingDir: project.path,
        entryPoints: ["service.mjs"],
        outfile: join(project.path, "service.js"),
        bundle: true,
        platform: "browser",
        format: "iife",
        logLevel: "error",
      });
      const page = await browser.newPage();
      await page.goto(`${site.url}/empty`);
      const answer = await page.evaluate(async () => {
        await navigator.serviceWorker.register("/service.js");
        const { active } = await navigator.serviceWorker.ready;
        return await new Promise((resolve) => {
          navigator.serviceWorker.addEventListener("message", ({ data }) => resolve(data));
          active.postMessage("check");
        });
      });
      assert.equal(answer, "it works");
    });
  });
});

/** A server of the project's files, and of pages that run the modules in `pages` under the policy `?csp=`. */
function siteOf({ path }, pages) {
  const { readFile } = require("node:fs/promises");
  return serve(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://site");
    const [name, script] = pathname.slice(1).split(".");
    const csp = searchParams.get("csp");
    if (csp) response.setHeader("content-security-policy", csp);
    const send = (type, body) => response.writeHead(200, { "content-type": type }).end(body);
    if (name in pages && script) {
      return send(
        "text/javascript",
        `${pages[name]}\ndocument.documentElement.dataset.tools = toolkit.listTools().length;`,
      );
    }
    if (name in pages) return send("text/html", `<!doctype html><script type="module" src="/${name}.js"></script>`);
    const bytes = await readFile(join(path, pathname)).catch(() => undefined);
    const type = pathname.endsWith(".wasm") ? "application/wasm" : bytes ? "text/javascript" : "text/html";
    return send(type, bytes ?? "<!doctype html>");
  });
}

describe("the top level of a Worker", unless("workerd"), () => {
  for (const flags of [[], ["nodejs_compat"]]) {
    test(`what needs the clock or random values works later, or says why; ${flags}`, async () => {
      project.write(
        "top.mjs",
        `import { NangoToolkit } from "nango-toolkit";
         import { createEmulator } from "nango-toolkit/emulator";
         const { fetch, apiKey, baseUrl } = createEmulator();
         const nango = new NangoToolkit({ fetch, apiKey, baseUrl });
         const session = nango.session({ user: "ada" });
         const tools = session.tools().length;
         const early = [nango, session].map((one) => one.execute("NANGO_CONNECTION_LIST_GET", {}));
         let id;
         try { id = session.id; } catch (error) { id = error.name + ": " + error.message; }
         export default {
           async fetch() {
             const late = await session.execute("NANGO_CONNECTION_LIST_GET", {});
             const [first, second] = (await Promise.all(early)).map((result) => result.error);
             return Response.json({ tools, id, first, second, late: late.successful, now: session.id });
           },
         };`,
      );
      const worker = await startWorkerd(await bundleWorker(project, "top.mjs"), { flags });
      try {
        const { tools, id, first, second, late, now } = await (await fetch(worker.url)).json();
        assert.ok(tools > 0);
        assert.match(id, /^NangoToolkitError: random values are not available now: .*global scope/);
        for (const { message, hint } of [first, second]) {
          assert.match(message, /^timers are not available now: .*global scope/);
          assert.equal(hint, "in a Worker, do this in a handler, not at the top level");
        }
        assert.equal(late, true);
        assert.match(now, /^session_[0-9a-f]{32}$/);
      } finally {
        await worker.close();
      }
    });
  }
});
