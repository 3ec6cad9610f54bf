// The runtimes: how each is found and asked for its version, and how it runs the suite in a project.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bareEnvironment } from "../node/support.mjs";
import { closed, files } from "./servers.mjs";

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL("../../", import.meta.url));
const local = join(root, "tests", "runtimes", "node_modules");

/** The first of these files that is there. */
const first = (...paths) => paths.find((path) => path && existsSync(path));
/** The one program of a kind of packages of which npm installs the one that fits this machine. */
function packaged(scope, pattern, ...file) {
  const folder = join(local, scope);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)) : [];
  return first(...names.map((name) => join(folder, name, ...file)));
}
const onPath = (name) => first(...(process.env.PATH ?? "").split(":").map((dir) => join(dir, name)));

export const programs = {
  node20: () => [process.execPath, onPath("node")].find((path) => path && version(path)?.startsWith("20.")),
  node24: () =>
    [join(root, "node_modules", "node", "bin", "node"), process.execPath].find(
      (path) => existsSync(path) && version(path)?.startsWith("24."),
    ),
  // The oldest version that works, and one that does not.
  node20_16: () => first(join(local, "node20.16", "bin", "node")),
  node18: () => first(join(local, "node18", "bin", "node")),
  bun: () => packaged("@oven", /^bun-/, "bin", "bun"),
  deno: () => packaged("@deno", /./, "deno"),
  workerd: () => packaged("@cloudflare", /^workerd-/, "bin", "workerd"),
  chromium: () => first(process.env.CHROMIUM, onPath("chromium"), onPath("chromium-browser"), onPath("google-chrome")),
};

/** The version a program prints of itself. */
export const version = (program) =>
  /\d+(\.\d+)+|\d{4}-\d\d-\d\d/.exec(spawnSync(program, ["--version"], { encoding: "utf8" }).stdout ?? "")?.[0];

/** Runs a program to its end, within `limitMs`. */
export function execute(program, args, { cwd, env = {}, limitMs = 120_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: bareEnvironment(env),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limitMs,
      killSignal: "SIGKILL",
    });
    const seen = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (seen[name] += text));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? signal, ...seen }));
  });
}

/** Node, Bun, Deno: `program.mjs` prints results as its last line. */
async function runProgram(program, args, project, context, slim) {
  const { code, stdout, stderr } = await execute(
    program,
    [...args, "program.mjs", JSON.stringify(context), ...(slim ? ["slim"] : [])],
    { cwd: project.path },
  );
  try {
    return JSON.parse(stdout.trim().split("\n").at(-1));
  } catch {
    throw new Error(`ended with ${code} and no results:\n${stdout}\n${stderr}`);
  }
}

/** Bundles a worker as wrangler does: `workerd` first among the conditions, modules beside the code. */
export async function bundleWorker(project, entry, conditions = ["workerd", "worker", "browser"]) {
  const { build } = require("esbuild");
  const outdir = join(project.path, "bundled", entry.replace(/\W/g, "-"));
  await build({
    absWorkingDir: project.path,
    entryPoints: [entry],
    outdir,
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions,
    loader: { ".wasm": "copy" },
    logLevel: "error",
    external: ["cloudflare:*", "node:*"],
  });
  return {
    outdir,
    main: readdirSync(outdir).find((file) => /\.m?js$/.test(file)),
    modules: readdirSync(outdir).filter((file) => file.endsWith(".wasm")),
  };
}

/** Bundles the Worker in `cwd` with wrangler itself, by its configuration. `size` is what wrangler says of it. */
export async function bundleWithWrangler(cwd) {
  const wrangler = join(local, "wrangler", "bin", "wrangler.js");
  const env = { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", XDG_CONFIG_HOME: cwd, CI: "true" };
  const args = [wrangler, "deploy", "--dry-run", "--outdir", "out"];
  const { code, stdout, stderr } = await execute(programs.node24(), args, { cwd, env });
  if (code !== 0) throw new Error(`wrangler ended with ${code}:\n${stdout}${stderr}`);
  const outdir = join(cwd, "out");
  const built = readdirSync(outdir);
  const [main] = built.filter((file) => file.endsWith(".js"));
  const modules = built.filter((file) => file.endsWith(".wasm"));
  return { bundle: { outdir, main, modules }, size: /Total Upload.*/.exec(stdout)?.[0] };
}

/** Starts workerd with one worker on a free port. The worker reaches this machine alone. */
export async function startWorkerd({ outdir, main, modules }, { bindings = {}, date = "2026-01-01", flags = [] } = {}) {
  const port = Number(new URL(await closed()).port);
  const quoted = (text) => JSON.stringify(text);
  const kind = (file) => (file.endsWith(".wasm") ? "wasm" : "esModule");
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = ["local"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [
    (name = ${quoted(main)}, esModule = embed ${quoted(main)}),
    ${modules.map((file) => `(name = ${quoted(file)}, ${kind(file)} = embed ${quoted(file)})`).join(",\n    ")}
  ],
  bindings = [${Object.entries(bindings)
    .map(([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)})`)
    .join(", ")}],
  compatibilityDate = ${quoted(date)},
  compatibilityFlags = [${flags.map(quoted).join(", ")}]
);
`;
  writeFileSync(join(outdir, "config.capnp"), config);
  const child = spawn(programs.workerd(), ["serve", "config.capnp"], {
    cwd: outdir,
    env: bareEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  let ended = false;
  const end = new Promise((resolve) => child.on("close", () => resolve((ended = true))));
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    if (ended || tries > 200) throw new Error(`workerd did not start:\n${output}`);
    if (
      await fetch(url, { method: "OPTIONS" })
        .then((answer) => answer.text())
        .then(
          () => true,
          () => false,
        )
    )
      break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, log: () => output, close: () => (child.kill("SIGKILL"), end) };
}

async function runWorkerd(project, context, slim, options) {
  const bundle = await bundleWorker(project, slim ? "slim-worker.mjs" : "worker.mjs");
  const server = await startWorkerd(bundle, { bindings: { CONTEXT: JSON.stringify(context) }, ...options });
  try {
    const answer = await fetch(`${server.url}/suite`);
    if (!answer.ok) throw new Error(`status ${answer.status}: ${await answer.text()}\n${server.log()}`);
    return await answer.json();
  } finally {
    await server.close();
  }
}

const FLAGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-gpu",
  "--no-first-run",
  "--disable-quic",
];

/** A headless Chromium. */
export const launchChromium = () =>
  require("playwright-core").chromium.launch({ executablePath: programs.chromium(), args: FLAGS });

/** Opens a page and waits for the promise that it leaves in `globalThis.done`. */
export async function visit(browser, url) {
  const page = await browser.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  try {
    await page.goto(url);
    await page.waitForFunction("globalThis.done", null, { timeout: 20_000 }).catch((error) => {
      throw new Error(`${error.message}\n${problems.join("\n")}`);
    });
    return { value: await page.evaluate("globalThis.done"), problems, page };
  } catch (error) {
    await page.close();
    throw error;
  }
}

async function runChromium(project, context, slim) {
  const site = await files(project.path);
  const browser = await launchChromium();
  try {
    const { value, problems } = await visit(
      browser,
      `${site.url}/page.html?${new URLSearchParams({ context: JSON.stringify(context), ...(slim && { slim: "" }) })}`,
    );
    return [...value, { name: "the page reports no error", ms: 0, error: problems.join("\n") || undefined }];
  } finally {
    await browser.close();
    await site.close();
  }
}

async function runEdge(project, context) {
  const { runInEdge } = await import("./edge.mjs");
  return runInEdge(project, context);
}

const packageVersion = (name) => JSON.parse(readFileSync(join(local, name, "package.json"), "utf8")).version;

/** Every runtime of the matrix. `find` says where it is, or nothing where it is missing. */
export const runtimes = [
  { name: "Node 20", find: programs.node20, run: (...rest) => runProgram(programs.node20(), [], ...rest) },
  { name: "Node 24", find: programs.node24, run: (...rest) => runProgram(programs.node24(), [], ...rest) },
  { name: "Bun", find: programs.bun, run: (...rest) => runProgram(programs.bun(), ["run"], ...rest) },
  {
    name: "Deno",
    find: programs.deno,
    run: (...rest) =>
      runProgram(
        programs.deno(),
        [
          "run",
          "--quiet",
          "--no-lock",
          "--node-modules-dir=manual",
          "--allow-net=127.0.0.1",
          "--allow-read",
          "--allow-env",
        ],
        ...rest,
      ),
  },
  { name: "workerd", find: programs.workerd, run: (...rest) => runWorkerd(...rest) },
  {
    name: "workerd, nodejs_compat",
    find: programs.workerd,
    run: (project, context, slim) => runWorkerd(project, context, slim, { flags: ["nodejs_compat"] }),
  },
  { name: "Chromium", find: programs.chromium, run: runChromium },
  {
    name: "edge-runtime",
    find: () => first(join(local, "edge-runtime")),
    version: () => packageVersion("edge-runtime"),
    run: runEdge,
    noSlim: "its bundle holds compiled modules alone",
  },
];
