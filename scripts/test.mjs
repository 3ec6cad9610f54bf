// `npm test`: all tests and checks, from a fresh clone. Prints the output of each runner and ends
// with `N passed, N failed, N skipped`. `--full` adds the long runs.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { buildComponents } from "./build-component.mjs";
import { ci, ensurePackages, environment, lane, program, root, run, step, versionOf, which } from "./lib.mjs";

const full = process.argv.includes("--full");
/** What tells suites of Node that this is the long run. */
const long = full ? { NANGO_TOOLKIT_FULL: "1" } : {};
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

/** Adds up what a runner reported; a runner that failed without naming a test counts as one failure. */
function count(title, code, { passed = 0, failed = 0, skipped = 0 }) {
  total.passed += passed;
  total.skipped += skipped;
  total.failed += code !== 0 && failed === 0 ? 1 : failed;
  if (code !== 0 || failed > 0) failures.push(title);
}

/** A check that passes or fails as one. */
async function check(title, command, args, options) {
  step(title);
  const { code } = await run(command, args, options);
  count(title, code, { passed: code === 0 ? 1 : 0 });
}

/** `cargo test`: one "test result:" line for each test program. */
async function cargoTest(title, args, env) {
  step(title);
  const { code, output } = await run("cargo", ["test", "--locked", "--no-fail-fast", ...args], {
    tee: true,
    env: environment(env),
  });
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed, ignored] of output.matchAll(
    /^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/gm,
  )) {
    sum.passed += Number(passed);
    sum.failed += Number(failed);
    sum.skipped += Number(ignored);
  }
  if (code === 0 && sum.passed === 0) return count(`${title}: no test ran`, 1, {});
  count(title, code, sum);
}

/** The adapters with the real frameworks, on the newest Node, which some require; the largest only with `--full`. */
async function adapterTest(node) {
  const folders = ["adapters", ...(full ? [join("adapters", "full")] : [])];
  const found = node && versionOf(node);
  if (!found) return missing("Node 24 for the adapters", found);
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  for (const folder of folders) {
    await ensurePackages(join("tests", folder));
    await nodeTest(`${folder} on Node ${found.slice(1)}`, node, folder);
    await check(`tsc --strict, ${folder}`, process.execPath, [tsc, "--project", join("tests", folder, "types")]);
  }
}

/** The programs of examples/, on Node 24, which runs TypeScript; the one in Python only with `--full`. */
async function examplesTest(node) {
  if (!node) return missing("Node 24 for the examples");
  await ensurePackages(join("tests", "examples"));
  await nodeTest("examples", node, "examples", { atOnce: 2 });
  if (full) await nodeTest("examples that take longer", node, join("examples", "full"));
}

/** The Python programs of docs/python, each with its real framework. */
async function pythonTest(node) {
  if (ci && !versionOf("python3")) return missing("Python 3.11", undefined);
  await nodeTest("Python frameworks, through the MCP server", node, "python");
}

/**
 * Node's own runner, with one version of Node, on one folder of `tests`, or on some files of it. `atOnce` is how many
 * files run at once: two where many of them wait.
 */
async function nodeTest(title, node, folder = "node", { env = {}, files = testsIn(folder), atOnce = 1 } = {}) {
  step(title);
  const args = [
    "--test",
    `--test-concurrency=${atOnce}`,
    "--test-reporter=spec",
    ...files.map((file) => join("tests", folder, file)),
  ];
  const { code, output } = await run(node, args, { tee: true, env: environment({ NO_COLOR: "1", ...env }) });
  const number = (name) => Number(new RegExp(`^. ${name} (\\d+)$`, "m").exec(output)?.[1] ?? 0);
  count(title, code, {
    passed: number("pass"),
    failed: number("fail") + number("cancelled"),
    skipped: number("skipped") + number("todo"),
  });
}

const testsIn = (folder) => readdirSync(join(root, "tests", folder)).filter((file) => file.endsWith(".test.mjs"));

/** A missing program: its tests are skipped by name; in CI that is a failure. */
function missing(what, found) {
  step(
    `${what}: not found${found ? ` (what is there is ${found})` : ""}, ${ci ? "which CI does not allow" : "skipped"}`,
  );
  count(`${what} is missing`, ci ? 1 : 0, { skipped: ci ? 0 : 1 });
}

/**
 * What differs between versions of Node: `fetch`, timers, async contexts, processes and their streams. The
 * rest of the library is the same WebAssembly and the same few lines of JavaScript on each, and the suite on the packed
 * package runs on both versions anyway.
 */
const OF_NODE = ["library.test.mjs", "deadlines.test.mjs", "contexts.test.mjs", "cli.test.mjs"];

async function onNode(major, node, files) {
  const found = node && versionOf(node)?.replace("v", "");
  if (found?.split(".")[0] === String(major))
    return nodeTest(`library, emulator and CLI on Node ${found}`, node, "node", { files, atOnce: 2 });
  missing(`Node ${major}`, found);
}

/** Features that no suite is built with have to compile, too. */
async function checkFeatures() {
  await check("cargo check, default features", "cargo", ["check", "--locked", "--all-targets"]);
  const alone = ["--locked", "--no-default-features", "--features", "fetch", "--target", "wasm32-unknown-unknown"];
  await check("cargo check, fetch on wasm", "cargo", ["check", "--lib", ...alone]);
}

const onWasm = (features) => ["--target", "wasm32-unknown-unknown", "--no-default-features", "--features", features];

/** The JavaScript face and the transport from Rust, in Node and in Chromium; the suites that are portable, in Node. */
async function wasmTest() {
  const args = [...onWasm("js,emulator"), "--test", "wasm"];
  // Stale parts of an interrupted build refer to undefined names.
  const env = { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: "wasm-bindgen-test-runner", CARGO_INCREMENTAL: "0" };
  await cargoTest(`wasm-bindgen-test in Node ${versionOf("node")?.slice(1)}`, [...args, "--test", "portable"], env);
  const driver = which("chromedriver");
  if (!driver || !which("chromium")) return missing("chromedriver with chromium");
  await cargoTest("wasm-bindgen-test in headless Chromium", args, {
    ...env,
    CHROMEDRIVER: driver,
    WASM_BINDGEN_USE_BROWSER: "1",
  });
}

/** The crates that stand outside the workspace; the folder that they are built in, and the target. */
const OUTSIDE = {
  examples: { path: join("examples", "wasm"), target: ["--target", "wasm32-unknown-unknown"] },
  "rust-host": { path: join("docs", "component", "rust-host"), target: ["--release"] },
};

/** Runs cargo on one of them. */
const checkOutside = (folder, title, command, args) =>
  check(`${title}, ${OUTSIDE[folder].path}`, "cargo", [command, ...manifestOf(folder), ...args], {
    env: environment({ CARGO_TARGET_DIR: join(root, "target", folder) }),
  });
const manifestOf = (folder) => ["--manifest-path", join(OUTSIDE[folder].path, "Cargo.toml")];
const lintOutside = (folder) =>
  checkOutside(folder, "clippy", "clippy", ["--locked", ...OUTSIDE[folder].target, "--", "-D", "warnings"]);

/** The WebAssembly components, under their hosts. The host in Rust takes minutes to build. */
async function componentTest() {
  await buildComponents();
  if (full) {
    await lintOutside("rust-host");
    await checkOutside("rust-host", "cargo build", "build", ["--locked", ...OUTSIDE["rust-host"].target]);
  }
  if (ci && !versionOf("python3")) missing("Python 3.9", undefined);
  await nodeTest("WebAssembly components", process.execPath, "component", {
    env: long,
  });
}

/** The crates, natively and as WebAssembly. */
async function testWithCargo() {
  // All features of WebAssembly together; one at a time, what another one uses may be unused.
  const sets = ["js,js-emulator,component", ...(full ? ["js", "js-emulator", "component"] : [])];
  for (const features of sets) {
    const targets = features.startsWith("js,") ? ["--lib", "--test", "wasm", "--test", "portable"] : ["--lib"];
    const args = ["clippy", "--locked", ...onWasm(features), ...targets, "--", "-D", "warnings"];
    await check(`clippy, wasm, ${features}`, "cargo", args);
  }
  await lintOutside("examples");
  // What guards every change is the same each time; the long run draws new seeds and prints them.
  const { NANGO_TOOLKIT_SEED = "new", NANGO_TOOLKIT_CASES = "100000" } = process.env;
  const seed = full ? { NANGO_TOOLKIT_SEED, NANGO_TOOLKIT_CASES } : {};
  await cargoTest(
    "cargo test --workspace --features emulator,http",
    ["--workspace", "--features", "emulator,http", ...(full ? ["--", "--include-ignored"] : [])],
    seed,
  );
  await checkFeatures();
  await wasmTest();
}

/** Node 24, from the development dependencies, once they are installed. */
const findNode24 = () => [join(root, "node_modules", ".bin", "node")].find(existsSync);

/** What is shipped: the package in every runtime, what is published, and the components under their hosts. */
async function testWhatIsShipped() {
  const node24 = findNode24();
  await nodeTest("runtimes, bundles and templates, on the packed package", process.execPath, "runtimes", { atOnce: 2 });
  await nodeTest("both packages, ready to be published", process.execPath, "publish", { env: long, atOnce: 2 });
  if (full) await check("cargo deny", process.execPath, [join("scripts", "deny.mjs")]);
  if (full) {
    await ensurePackages(join("tests", "runtimes", "full"));
    if (node24) await nodeTest("frameworks and bundlers that take longer", node24, join("runtimes", "full"));
    else missing("Node 24 for frameworks");
  }
  await componentTest();
}

/** The library in Node, under every framework, over MCP, and on the page. */
async function testWithNode() {
  const node24 = findNode24();
  await onNode(20, which("node"));
  await onNode(24, node24, full ? undefined : OF_NODE);
  await adapterTest(node24);
  await examplesTest(node24);
  if (full) await pythonTest(process.execPath);
  await nodeTest("MCP: conformance, Inspector and real clients", process.execPath, "mcp");
  if (full) {
    await ensurePackages("tests/mcp/full");
    await nodeTest("MCP clients of frameworks and of Python", process.execPath, "mcp/full");
    await ensurePackages("tests/mcp/clients");
    if (node24) await nodeTest("agents of the command line, with docs/mcp.md", node24, "mcp/clients");
    else missing("Node 24 for agents of the command line");
  }
  await nodeTest("the demo page in headless Chromium", process.execPath, "page", { env: long });
  await nodeTest("the documentation as a site", process.execPath, "site", { env: long });
  await check("tsc --strict", process.execPath, [
    join(root, "node_modules", "typescript", "bin", "tsc"),
    "--project",
    "tests/types",
  ]);
}

async function main() {
  const started = Date.now();
  await ensurePackages();
  await ensurePackages("tests/publish");
  await ensurePackages("tests/runtimes");
  await ensurePackages("tests/mcp");
  await ensurePackages("scripts/docs");
  const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
  await check("biome check: format and lint", process.execPath, [biome, "check", "--error-on-warnings"]);
  await check("cargo fmt --check", "cargo", ["fmt", "--all", "--check"]);
  for (const folder of Object.keys(OUTSIDE))
    await checkOutside(folder, "cargo fmt --check", "fmt", ["--all", "--check"]);
  const everything = ["--locked", "--workspace", "--all-targets", "--features", "emulator,http"];
  await check("clippy, native", "cargo", ["clippy", ...everything, "--", "-D", "warnings"]);
  await build();
  // Two processors: two lanes that take about the same time. Whatever uses cargo is in the first.
  const withCargo = async () => {
    await testWithCargo();
    await testWhatIsShipped();
  };
  await Promise.all([lane(withCargo), lane(testWithNode)]);

  step(`done in ${Math.round((Date.now() - started) / 1000)} s`);
  for (const title of failures) process.stdout.write(`failed: ${title}\n`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed > 0 ? 1 : 0;
}

program(main);
