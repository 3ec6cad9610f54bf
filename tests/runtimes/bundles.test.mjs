// The package through bundlers, and the unchanged templates: deployed to workerd, served to Chromium.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build as esbuild } from "./node_modules/esbuild/lib/main.js";
import { makeProject } from "./project.mjs";
import { bundleWithWrangler, bundleWorker, launchChromium, programs, startWorkerd, visit } from "./runtimes.mjs";
import { emulate, files } from "./servers.mjs";

const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const templates = fileURLToPath(new URL("../../www/templates/", import.meta.url));
const noChromium = { skip: !programs.chromium() && !ci && "chromium is not installed" };
const noWorkerd = { skip: !programs.workerd() && !ci && "workerd is not installed" };

/** What a bundled program does: run a tool in memory. */
const PROGRAM = `import { NangoToolkit, listTools } from "nango-toolkit";
import { createEmulator } from "nango-toolkit/emulator";
const { fetch, apiKey, baseUrl } = createEmulator();
const run = async () => {
  const { successful } = await new NangoToolkit({ fetch, apiKey, baseUrl }).execute("NANGO_LIST_INTEGRATIONS", {});
  return [successful, listTools().length >= 23];
};
globalThis.done = run();
`;
/** The same as an MCP server does it. */
const MCP = `import { createEmulator } from "nango-toolkit/emulator";
import { createMcpHandler } from "nango-toolkit/mcp";
const { fetch, apiKey, baseUrl } = createEmulator();
const handle = createMcpHandler({ fetch, apiKey, baseUrl, allowAnonymous: true });
const ask = async (method, params) => {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const headers = { "content-type": "application/json" };
  const response = await handle(new Request("https://mcp.example/mcp", { method: "POST", headers, body }));
  return (await response.json()).result;
};
const run = async () => {
  const { structuredContent } = await ask("tools/call", { name: "NANGO_LIST_INTEGRATIONS" });
  return [structuredContent.successful, (await ask("tools/list")).tools.length >= 23];
};
globalThis.done = run();
`;
const SLIM = `import { initSync } from "nango-toolkit/slim";
import { initSync as initEmulator } from "nango-toolkit/emulator/slim";
import emulatorBytes from "nango-toolkit/nango_emulator.wasm";
import bytes from "nango-toolkit/nango_toolkit.wasm";
initSync(bytes);
initEmulator(emulatorBytes);
${PROGRAM.replaceAll(/"(nango-toolkit(?:\/emulator)?)"/g, '"$1/slim"')}`;

/** Names of Node's modules, and ways to evaluate strings: neither may be in what a Worker or a page loads. */
const FORBIDDEN = /["'`]node:|\beval\s*\(|\bnew Function\b|\bFunction\s*\(\s*["'`]|\brequire\s*\(/;

describe("bundles", () => {
  let project, site, browser;
  before(async () => {
    project = makeProject();
    project.write("main.js", PROGRAM);
    project.write("mcp.js", MCP);
    project.write("slim.js", SLIM);
    site = await files(project.path);
    if (programs.chromium()) browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await site.close();
    project.remove();
  });

  const bundle = (entry, outfile, options) =>
    esbuild({
      absWorkingDir: project.path,
      entryPoints: [entry],
      outfile,
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      logLevel: "error",
      ...options,
    });
  const page = async (script) => {
    project.write("bundled.html", `<!doctype html><script type="module" src="${script}"></script>`);
    const { value, problems } = await visit(browser, `${site.url}/bundled.html`);
    assert.deepEqual([value, problems], [[true, true], []]);
  };
  const size = (title, ...paths) => {
    const bytes = Buffer.concat(paths.map((path) => readFileSync(join(project.path, path))));
    console.log(
      `${title.padEnd(58)} ${bytes.length} bytes, ${gzipSync(bytes).length} gzip, ` +
        `${brotliCompressSync(bytes).length} brotli`,
    );
    assert.doesNotMatch(
      paths
        .filter((path) => /\.m?js$/.test(path))
        .map((path) => readFileSync(join(project.path, path), "utf8"))
        .join("\n"),
      FORBIDDEN,
    );
  };

  test("esbuild, platform neutral: one file with the module as text, in Node", async () => {
    await bundle("main.js", "out/neutral.mjs", { platform: "neutral" });
    size("esbuild, neutral, toolkit and emulator inline", "out/neutral.mjs");
    await import(pathToFileURL(join(project.path, "out/neutral.mjs")));
    assert.deepEqual(await globalThis.done, [true, true]);
  });
  test("the same in Chromium", noChromium, () => page("out/neutral.mjs"));

  test("esbuild, platform neutral: the MCP server with its modules as text, in Node", async () => {
    await bundle("mcp.js", "out/mcp.mjs", { platform: "neutral" });
    size("esbuild, neutral, MCP server and emulator inline", "out/mcp.mjs");
    await import(pathToFileURL(join(project.path, "out/mcp.mjs")));
    assert.deepEqual(await globalThis.done, [true, true]);
  });

  test("esbuild, platform browser: slim, the module by the binary loader, in Chromium", noChromium, async () => {
    await bundle("slim.js", "out/slim.js", { platform: "browser", loader: { ".wasm": "binary" } });
    size("esbuild, browser, slim with the binary loader", "out/slim.js");
    await page("out/slim.js");
  });

  test("esbuild, an ordinary script: slim as iife, in Chromium", noChromium, async () => {
    await bundle("slim.js", "out/script.js", { platform: "browser", format: "iife", loader: { ".wasm": "binary" } });
    await page("out/script.js");
  });

  test("Vite: the module as an asset of the build, in Chromium", noChromium, async () => {
    const { build } = await import("vite");
    project.write("vite.html", `<!doctype html><script type="module" src="/main.js"></script>`);
    await build({
      root: project.path,
      configFile: false,
      base: "./",
      logLevel: "error",
      build: { outDir: "dist", rolldownOptions: { input: join(project.path, "vite.html") } },
    });
    const assets = readdirSync(join(project.path, "dist", "assets"));
    assert.equal(assets.filter((file) => file.endsWith(".wasm")).length, 2, String(assets));
    size("Vite, toolkit and emulator", ...assets.map((file) => join("dist", "assets", file)));
    const { value, problems } = await visit(browser, `${site.url}/dist/vite.html`);
    assert.deepEqual([value, problems], [[true, true], []]);
  });

  test("Vite's development server, with the package left as it is", noChromium, async () => {
    const { createServer } = await import("vite");
    const server = await createServer({
      root: project.path,
      configFile: false,
      logLevel: "error",
      server: { host: "127.0.0.1", port: 0 },
      optimizeDeps: { exclude: ["nango-toolkit"] },
    });
    await server.listen();
    try {
      const { value } = await visit(
        browser,
        `${server.resolvedUrls.local[0].replace("localhost", "127.0.0.1")}vite.html`,
      );
      assert.deepEqual(value, [true, true]);
    } finally {
      await server.close();
    }
  });

  test("a Worker's bundle names no modules of Node and evaluates no strings", async () => {
    for (const entry of ["main.js", "mcp.js"]) {
      const bundled = await bundleWorker(project, entry);
      const text = readFileSync(join(bundled.outdir, bundled.main), "utf8");
      assert.match(text, /NangoToolkit/);
      assert.doesNotMatch(text, FORBIDDEN);
      assert.deepEqual(bundled.modules.map((file) => /nango_(\w+)_bg/.exec(file)[1]).sort(), ["emulator", "toolkit"]);
    }
  });
});

describe("templates", () => {
  let project;
  before(() => {
    project = makeProject();
    cpSync(join(templates, "worker"), join(project.path, "worker"), { recursive: true });
    cpSync(join(templates, "page", "index.html"), join(project.path, "index.html"));
    mkdirSync(join(project.path, "worker", "node_modules"));
    cpSync(project.installed, join(project.path, "worker", "node_modules", "nango-toolkit"), { recursive: true });
  });
  after(() => project.remove());

  test("worker: wrangler bundles it, workerd runs it", noWorkerd, async () => {
    const { bundle, size } = await bundleWithWrangler(join(project.path, "worker"));
    console.log(`wrangler: ${size}`);
    assert.doesNotMatch(readFileSync(join(bundle.outdir, bundle.main), "utf8"), FORBIDDEN);
    const emulated = await emulate(project.path);
    const worker = await startWorkerd(bundle, {
      bindings: { NANGO_SECRET_KEY: emulated.apiKey, NANGO_HOST: emulated.url, ACCESS_TOKEN: "open-sesame" },
    });
    const ask = (path, init = {}, token = "open-sesame") =>
      fetch(worker.url + path, { ...init, headers: { authorization: `Bearer ${token}` } });
    try {
      assert.equal((await ask("/", {}, "wrong")).status, 401);
      assert.ok((await (await ask("/")).json()).every((tool) => tool.effect === "read"));
      const post = async (slug, args) => (await ask(`/${slug}`, { method: "POST", body: JSON.stringify(args) })).json();
      assert.ok((await post("NANGO_CONNECTION_LIST_GET", { search: "ada" })).data.connections.length > 0);
      assert.equal(
        (await post("NANGO_DELETE_CONNECTION", { connection_id: "hubspot-ada", provider_config_key: "hubspot" })).error
          .kind,
        "denied",
      );
    } finally {
      await worker.close();
      emulated.close();
    }
  });

  test("worker: without its secrets it refuses everybody", noWorkerd, async () => {
    writeFileSync(join(project.path, "template.mjs"), 'export { default } from "./worker/src/index.js";');
    const worker = await startWorkerd(await bundleWorker(project, "template.mjs"));
    try {
      for (const authorization of ["", "Bearer ", "Bearer undefined"])
        assert.equal((await fetch(worker.url, { headers: { authorization } })).status, 401);
    } finally {
      await worker.close();
    }
  });

  test("page: served by a plain server, it runs a tool in Chromium", noChromium, async () => {
    const site = await files(project.path);
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const problems = [];
      page.on("pageerror", (error) => problems.push(String(error)));
      await page.goto(`${site.url}/`);
      await page.selectOption("#tool", "NANGO_LIST_INTEGRATIONS");
      await page.click("button");
      await page.waitForFunction('document.querySelector("#result").textContent !== ""');
      const { successful, data } = JSON.parse(await page.textContent("#result"));
      assert.deepEqual([successful, data.data.length >= 10, problems], [true, true, []]);
    } finally {
      await browser.close();
      await site.close();
    }
  });
});
