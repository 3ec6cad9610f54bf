// `npm run compare`: this package beside the official client and the client of a hosted toolkit, installed and measured
// in one run on this machine. Writes the tables of README.md and docs/comparison.md. Needs the registry of npm; what it
// runs talks to 127.0.0.1 only.

import { createServer } from "node:http";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "./build.mjs";
import { Problem, ensurePackages, environment, must, program, root, step } from "./lib.mjs";

/** Each package: a program that makes one request to the server at `URL`. */
const PACKAGES = {
  "nango-toolkit": {
    use: `import { NangoToolkit } from "nango-toolkit";
const send = () => new NangoToolkit({ apiKey: KEY, baseUrl: URL }).execute("NANGO_LIST_INTEGRATIONS", {});`,
    // As docs/runtimes.md says for esbuild.
    page: `import { initSync, NangoToolkit } from "nango-toolkit/slim";
import bytes from "nango-toolkit/nango_toolkit.wasm";
initSync(bytes);
const send = () => new NangoToolkit({ apiKey: KEY, baseUrl: URL }).execute("NANGO_LIST_INTEGRATIONS", {});`,
  },
  "@nangohq/node": {
    version: "0.71.10",
    use: `import { Nango } from "@nangohq/node";
const send = () => new Nango({ secretKey: KEY, host: URL }).listIntegrations();`,
  },
  "@composio/core": {
    version: "0.19.0",
    use: `import { Composio } from "@composio/core";
const send = () => new Composio({ apiKey: "ak_" + KEY, baseURL: URL, allowTracking: false })
  .tools.getRawComposioToolBySlug("NANGO_LIST_INTEGRATIONS");`,
  },
};
const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const ROUNDS = 21;
/** The compatibility date of Workers. */
const DATE = "2026-01-01";

/** The pages with the tables, and the marks around them. */
const MARKS = ["<!-- compared:start -->\n", "<!-- compared:end -->"];

/** Replaces what stands between the marks of a page. */
function replaceIn(page, table) {
  const file = join(root, page);
  const [before, rest] = readFileSync(file, "utf8").split(MARKS[0]);
  const [old, after] = (rest ?? "").split(MARKS[1]);
  if (old === undefined || after === undefined) throw new Problem(`${page} has no marks \`${MARKS[0].trim()}\``);
  writeFileSync(file, `${before}${MARKS[0]}${table}${MARKS[1]}${after}`);
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** All files below a folder. */
const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** A project with one package as a user installs it. */
async function install(name, { version }, tarball) {
  const path = mkdtempSync(join(tmpdir(), "nango-toolkit-compare-"));
  writeFileSync(join(path, "package.json"), '{ "type": "module", "private": true }');
  const wanted = version ? `${name}@${version}` : tarball;
  const flags = ["--save-exact", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await must("npm", ["install", ...flags, wanted], { cwd: path, capture: true });
  const { packages } = JSON.parse(readFileSync(join(path, "package-lock.json"), "utf8"));
  const files = filesIn(join(path, "node_modules")).filter((file) => !file.endsWith(".package-lock.json"));
  return {
    path,
    version: packages[`node_modules/${name}`].version,
    packages: Object.keys(packages).length - 1,
    bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
  };
}

/** Bundles a program, minified; returns its files. Modules of Node stay outside. */
async function bundle(project, entry, folder, options) {
  const esbuild = await import("esbuild");
  const outdir = join(project.path, folder);
  mkdirSync(outdir, { recursive: true });
  await esbuild.build({
    absWorkingDir: project.path,
    entryPoints: [entry],
    outdir,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    loader: { ".wasm": "copy" },
    logLevel: "silent",
    ...options,
  });
  const files = readdirSync(outdir);
  return {
    outdir,
    main: files.find((file) => file.endsWith(".js")),
    modules: files.filter((file) => /\.wasm$/.test(file)),
  };
}

/** Bundles `worker.js` for Workers, as wrangler does. */
async function bundleWorker(project, flags, node) {
  const [outdir, config] = ["worker", "wrangler.json"].map((name) =>
    join(project.path, `${flags.join("") || "bare"}-${name}`),
  );
  const about = { name: "worker", main: "worker.js", compatibility_date: DATE, compatibility_flags: flags };
  writeFileSync(config, JSON.stringify(about));
  const wrangler = join(root, "tests", "runtimes", "node_modules", "wrangler", "bin", "wrangler.js");
  const env = environment({ WRANGLER_SEND_METRICS: "false", XDG_CONFIG_HOME: project.path, CI: "true" });
  const args = ["deploy", "--dry-run", "--minify", "--config", config, "--outdir", outdir];
  await must(node, [wrangler, ...args], { cwd: project.path, capture: true, env });
  const files = readdirSync(outdir).filter((file) => /\.(js|wasm)$/.test(file));
  return { outdir, main: "worker.js", modules: files.filter((file) => file !== "worker.js") };
}

/** A server that counts the requests that bear a key. */
async function listen() {
  let seen = 0;
  const server = createServer((request, response) => {
    if (request.headers.authorization || request.headers["x-api-key"]) seen += 1;
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
    response.writeHead(200, { ...headers, "content-type": "application/json" }).end('{"data":[]}');
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    taken: () => [seen, (seen = 0)][0],
    close: () => (server.closeAllConnections(), server.close()),
  };
}

/** Where a package sends its request: each runtime by name, and whether the server saw it. */
async function runs(project, { use, page = use }, server, runtimes) {
  const { execute, launchChromium, programs, startWorkerd, visit } = runtimes;
  const { files } = await import("../tests/runtimes/servers.mjs");
  const head = `const KEY = ${JSON.stringify(KEY)}, URL = ${JSON.stringify(server.url)};\n`;
  const write = (file, text) => writeFileSync(join(project.path, file), text);
  // Imports come first, wherever they are written.
  write("program.mjs", `${head}${use}\nawait send().catch(() => {});\n`);
  write(
    "worker.js",
    `${head}${use}\nexport default { fetch: () => send().then(() => new Response(), () => new Response()) };\n`,
  );
  write("page.js", `${head}${page}\nglobalThis.done = send().then(() => true, () => true);\n`);
  write("index.html", '<!doctype html><script type="module" src="page/page.js"></script>');
  const worker = (flags) => async () => {
    const { url, close } = await startWorkerd(await bundleWorker(project, flags, programs.node24()), {
      flags,
      date: DATE,
    });
    await fetch(url).finally(close);
  };
  const at =
    (file, ...args) =>
    () =>
      execute(file, [...args, "program.mjs"], { cwd: project.path, limitMs: 30_000 });
  const deno = ["run", "--quiet", "--no-prompt", "--no-lock", "--node-modules-dir=manual", "--allow-net=127.0.0.1"];
  const places = {
    "Node 20": at(programs.node20()),
    "Node 24": at(programs.node24()),
    Bun: at(programs.bun(), "run"),
    "Deno with `--allow-env`, `--allow-read` and `--allow-sys`": at(
      programs.deno(),
      ...deno,
      "--allow-env",
      "--allow-read",
      "--allow-sys",
    ),
    "Deno without them": at(programs.deno(), ...deno),
    "Workers without `nodejs_compat`": worker([]),
    "Workers with `nodejs_compat`": worker(["nodejs_compat"]),
    "pages that esbuild bundles": async () => {
      await bundle(project, "page.js", "page", { platform: "browser", loader: { ".wasm": "binary" } });
      const site = await files(project.path);
      const browser = await launchChromium();
      await visit(browser, `${site.url}/index.html`).finally(() => Promise.all([browser.close(), site.close()]));
    },
  };
  const found = {};
  for (const [place, run] of Object.entries(places)) {
    server.taken();
    await run().catch((error) => process.stdout.write(`${place}: ${String(error.message).split("\n")[0]}\n`));
    found[place] = server.taken() > 0;
  }
  return found;
}

/** Everything about one package. */
async function measure(name, about, project, server, runtimes) {
  step(`${name} ${project.version}`);
  const found = await runs(project, about, server, runtimes);
  const own = name === "nango-toolkit";
  const failed = Object.keys(found).filter((place) => !found[place]);
  // What is tested works: something is missing on this machine, so that the other columns would be wrong, too.
  if (own && failed.length > 0) throw new Problem(`${name} sent no request in: ${failed.join(", ")}`);
  const { outdir, main, modules } = await bundle(
    project,
    "program.mjs",
    "loaded",
    own
      ? { conditions: ["workerd", "worker", "browser"], external: ["node:*"] }
      : { platform: "node", conditions: ["node", "import"] },
  );
  const loaded = [main, ...modules].reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(outdir, file)), { level: 9 }).length,
    0,
  );
  process.stdout.write(`${JSON.stringify(found)}\n${loaded} bytes loaded, gzip\n`);
  return { ...project, found, loaded };
}

/** The fewest milliseconds from the import to a request that is ready, in turns, each in its own process. */
async function startUp(projects, node) {
  const times = Object.fromEntries(Object.keys(projects).map((name) => [name, []]));
  for (const { path } of Object.values(projects))
    copyFileSync(join(root, "scripts", "bench", "startup.mjs"), join(path, "startup.mjs"));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, { path }] of Object.entries(projects))
      times[name].push(JSON.parse(await must(node, ["startup.mjs", name], { cwd: path, capture: true })));
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, Math.min(...all)]));
}

/** The table, with a column for each package. */
function tableOf(measured, times) {
  const names = Object.keys(measured);
  // Runtimes with the same answers share a row.
  const places = new Map();
  for (const place of Object.keys(measured[names[0]].found)) {
    const answers = names.map((name) => (measured[name].found[place] ? "yes" : "no")).join(" | ");
    places.set(answers, [...(places.get(answers) ?? []), place]);
  }
  const row = (title, cell) => `| ${title} | ${names.map((name) => cell(measured[name], name)).join(" | ")} |\n`;
  return [
    `| | ${names.map((name) => `\`${name}\` ${measured[name].version}`).join(" | ")} |\n`,
    `|---|${"---|".repeat(names.length)}\n`,
    row("npm packages installed", ({ packages }) => packages),
    row("size on disk", ({ bytes }) => megabytes(bytes)),
    row("what a program loads, gzip", ({ loaded }) => `${Math.round(loaded / 1000)} KB`),
    row("import to first request ready, Node 24", (_, name) => `${times[name].toFixed(0)} ms`),
    ...[...places].map(([answers, titles]) => `| runs in: ${titles.join(", ")} | ${answers} |\n`),
  ].join("");
}

program(async () => {
  await build();
  await ensurePackages("tests/runtimes");
  const runtimes = await import("../tests/runtimes/runtimes.mjs");
  const missing = ["node20", "node24", "bun", "deno", "workerd", "chromium"].filter(
    (name) => !runtimes.programs[name](),
  );
  if (missing.length > 0) throw new Problem(`these programs are needed to compare: ${missing.join(", ")}`);
  const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-packed-"));
  const packed = await must("npm", ["pack", join(root, "pkg"), "--loglevel=error"], { cwd: folder, capture: true });
  const tarball = join(folder, packed.trim().split("\n").at(-1));
  const server = await listen();
  const projects = {};
  try {
    for (const [name, about] of Object.entries(PACKAGES)) projects[name] = await install(name, about, tarball);
    const times = await startUp(projects, runtimes.programs.node24());
    const measured = {};
    for (const [name, about] of Object.entries(PACKAGES))
      measured[name] = await measure(name, about, projects[name], server, runtimes);
    const machine = `${cpus()[0]?.model}, ${cpus().length} cores`;
    const date = new Date().toISOString().slice(0, 10);
    const table = tableOf(measured, times);
    replaceIn("README.md", table);
    replaceIn("docs/comparison.md", `Measured by \`npm run compare\` on ${date}, on ${machine}.\n\n${table}`);
    step("written to README.md and docs/comparison.md");
    process.stdout.write(table);
  } finally {
    server.close();
    for (const { path } of [...Object.values(projects), { path: folder }])
      rmSync(path, { recursive: true, force: true });
  }
});
