// `npm run bench`: compares the package with the alternatives, which are installed in the same run. Prints a table
// and writes it as JSON (`--out FILE`, default target/bench.json). Loopback only; takes two to three minutes.
// `--against DIR` compares with a built checkout of another commit instead, with fewer rows: bench-against.mjs.

import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { Problem, ensurePackages, environment, must, program, root, step, versionOf } from "./lib.mjs";

const PEERS = {
  "@nangohq/node": "0.71.10",
  "@composio/core": "0.19.0",
  ajv: "8.20.0",
  zod: "4.6.7",
  "@cfworker/json-schema": "4.1.6",
  "@modelcontextprotocol/server": "2.4.0",
};
const NODE = join(root, "node_modules", "node", "bin", "node");

const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
};
const rounded = (number) => Number(number.toPrecision(4));

/** One row: what was measured, for which package, the value, and its ratio to our package. */
const rows = [];
function row(what, who, value, unit, ratio) {
  rows.push({ what, who, value: rounded(value), unit, ...(ratio !== undefined && { ratio: rounded(ratio) }) });
  const number = String(rounded(value));
  const share = ratio === undefined ? "" : `× ${rounded(ratio)}`;
  process.stdout.write(`${what.padEnd(44)} ${who.padEnd(24)} ${number.padStart(10)} ${unit.padEnd(14)} ${share}\n`);
}

program(async () => {
  const out = { type: "string", default: join(root, "target", "bench.json") };
  const { values } = parseArgs({
    options: { out, against: { type: "string" }, turns: { type: "string" }, short: { type: "boolean" } },
  });
  await build();
  await ensurePackages("tests/runtimes");
  const node = existsSync(NODE) ? NODE : process.execPath;
  if (values.against) {
    const { against } = await import("./bench-against.mjs");
    return against(node, PEERS, values);
  }
  const { makeProject } = await import("../tests/runtimes/project.mjs");
  const project = makeProject();
  try {
    step("installing the peers");
    const peers = Object.entries(PEERS).map(([name, version]) => `${name}@${version}`);
    await must(
      "npm",
      ["install", "--save-exact", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...peers],
      { cwd: project.path },
    );
    for (const file of readdirSync(join(root, "scripts", "bench")))
      copyFileSync(join(root, "scripts", "bench", file), join(project.path, file));
    const run = async (...args) =>
      JSON.parse((await must(node, args, { capture: true, cwd: project.path })).trim().split("\n").at(-1));
    step(
      `medians, on Node ${versionOf(node)}; × compares with the package's own figure, for throughput with bare fetch`,
    );
    await startUp(run);
    await validating(run);
    row(
      "search, one request in natural language",
      "nango-toolkit",
      median(await run("search.mjs", join(root, "tests", "fixtures", "search.json"))),
      "µs",
    );
    await executing(run, node, project);
    await serving(run);
    await memory(run);
    await instantiating(project);
  } finally {
    project.remove();
  }
  mkdirSync(dirname(resolve(values.out)), { recursive: true });
  const about = {
    date: new Date().toISOString(),
    node: versionOf(node),
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    peers: PEERS,
  };
  writeFileSync(values.out, `${JSON.stringify({ ...about, rows }, null, 2)}\n`);
  step(`written to ${values.out}`);
});

async function startUp(run) {
  const names = ["nango-toolkit", "@nangohq/node", "@composio/core"];
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < 11; round++) for (const name of names) times[name].push(await run("startup.mjs", name));
  for (const name of names)
    row(
      "import to first validated request",
      name,
      median(times[name]),
      "ms",
      median(times[name]) / median(times[names[0]]),
    );
}

async function validating(run) {
  const { rounds, compiling } = await run("validate.mjs");
  for (const kind of ["good", "bad"]) {
    const of = (name) => median(rounds.map((round) => round[name][kind]));
    for (const name of Object.keys(rounds[0]))
      row(`validate, ${kind} arguments`, name, of(name), "µs", of(name) / of("nango-toolkit"));
  }
  for (const [name, ms] of Object.entries(compiling)) row("making a validator of the schema, once", name, ms, "ms");
  row(
    "validate and build a request",
    "nango-toolkit",
    median(rounds.map((round) => round["nango-toolkit"].build)),
    "µs",
  );
}

async function executing(run, node, project) {
  const server = spawn(node, ["server.mjs"], {
    cwd: project.path,
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const url = await new Promise((resolve, reject) => {
      server.on("error", reject);
      server.stdout.setEncoding("utf8").once("data", (line) => resolve(line.trim()));
    });
    for (const [inFlight, rounds] of Object.entries(await run("execute.mjs", url))) {
      for (const name of Object.keys(rounds[0]).sort((a) => (a === "fetch" ? -1 : 0))) {
        row(
          `execute on loopback, ${inFlight} in flight`,
          name,
          median(rounds.map((round) => round[name])),
          "calls a second",
          median(rounds.map((round) => round[name] / round.fetch)),
        );
      }
    }
  } finally {
    server.kill();
  }
}

async function serving(run) {
  for (const [method, rounds] of Object.entries(await run("mcp.mjs"))) {
    const of = (name) => median(rounds.map((round) => round[name]));
    for (const name of Object.keys(rounds[0]))
      row(
        `MCP ${method}`,
        name,
        of(name),
        "a second",
        median(rounds.map((round) => round[name] / round["nango-toolkit"])),
      );
  }
}

async function memory(run) {
  const { first, thousand, hundredThousand } = await run("memory.mjs");
  row("linear memory at the start", "nango-toolkit", first / 1024, "KB");
  row("linear memory after 1,000 calls", "nango-toolkit", thousand / 1024, "KB");
  row("linear memory after 100,000 calls", "nango-toolkit", hundredThousand / 1024, "KB");
}

async function instantiating(project) {
  const { bundleWorker, programs, startWorkerd } = await import("../tests/runtimes/runtimes.mjs");
  if (!programs.workerd()) throw new Problem("workerd is not installed");
  const worker = await startWorkerd(await bundleWorker(project, "worker.mjs"));
  try {
    const time = async (count) => {
      const started = performance.now();
      await (await fetch(`${worker.url}/?count=${count}`)).text();
      return performance.now() - started;
    };
    await time(20);
    const times = [];
    for (let round = 0; round < 15; round++) times.push(((await time(100)) - (await time(0))) / 100);
    row("instantiate in workerd", "nango-toolkit", median(times), "ms");
  } finally {
    await worker.close();
  }
}
