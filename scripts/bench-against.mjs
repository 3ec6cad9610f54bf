// `npm run bench -- --against DIR [--turns N] [--short] [--out FILE]`: compares this checkout with a built checkout of
// another commit. They take turns, so that other load on the machine affects both equally. `--short` only shows that
// the benchmark runs.

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { Problem, environment, must, root, step, versionOf } from "./lib.mjs";

const NEEDED = ["@nangohq/node", "@modelcontextprotocol/server"];
const LONG = { turns: 5, execute: [8, 1500], cpu: [5, 4000], mcp: [3, 400], imports: 5 };
const SHORT = { turns: 1, execute: [1, 100], cpu: [1, 200], mcp: [1, 20], imports: 1 };

/** The rows in their order: name and unit. */
const ROWS = {
  "share of bare fetch, 1 in flight": "",
  "share of bare fetch, 16 in flight": "",
  "CPU of execute over a stub fetch, beyond bare": "µs",
  "validate and build a request": "µs",
  "import to first validated request": "ms",
  "import beside @nangohq/node": "",
  "MCP tools/list": "a second",
  "MCP tools/list beside the official server": "",
  "MCP tools/call": "a second",
  "MCP tools/call beside the official server": "",
  "toolkit, wasm and glue, gzip": "KB",
  "MCP beside it, wasm and glue, gzip": "KB",
  "toolkit and MCP, all that Node loads, gzip": "KB",
};

const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
};

export async function against(node, peers, { against: folder, turns, short, out }) {
  const other = resolve(folder);
  if (!existsSync(join(other, "pkg", "wasm")))
    throw new Problem(`\`${folder}\` is not a built checkout: run \`npm run build\` there`);
  const settings = { ...(short ? SHORT : LONG), ...(turns && { turns: Number(turns) }) };
  const { makeProjectOf } = await import("../tests/runtimes/project.mjs");
  const sides = [];
  try {
    for (const [name, from] of [
      ["this", root],
      ["other", other],
    ]) {
      const project = makeProjectOf(join(from, "pkg"));
      sides.push({ name, project, commit: versionOf("git", ["-C", from, "rev-parse", "--short", "HEAD"]), values: {} });
      const wanted = NEEDED.map((peer) => `${peer}@${peers[peer]}`);
      await must(
        "npm",
        [
          "install",
          "--prefer-offline",
          "--save-exact",
          "--ignore-scripts",
          "--no-audit",
          "--no-fund",
          "--loglevel=error",
          ...wanted,
        ],
        { cwd: project.path },
      );
      for (const file of readdirSync(join(root, "scripts", "bench")))
        copyFileSync(join(root, "scripts", "bench", file), join(project.path, file));
    }
    for (let turn = 0; turn < settings.turns; turn++) {
      step(`turn ${turn + 1} of ${settings.turns}`);
      // They take turns in going first.
      for (const side of turn % 2 ? sides.toReversed() : sides) await measure(side, node, settings);
    }
    for (const side of sides) sizes(side);
    const rows = table(sides);
    mkdirSync(dirname(resolve(out)), { recursive: true });
    const about = {
      date: new Date().toISOString(),
      node: versionOf(node),
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      settings,
      commits: sides.map(({ name, commit }) => [name, commit]),
    };
    writeFileSync(out, `${JSON.stringify({ ...about, rows }, null, 2)}\n`);
    step(`written to ${out}`);
  } finally {
    for (const { project } of sides) project.remove();
  }
}

/** One turn of one side. */
async function measure({ project, values }, node, settings) {
  const add = (what, ...found) => (values[what] ??= []).push(...found);
  const run = async (...args) =>
    JSON.parse((await must(node, args.map(String), { capture: true, cwd: project.path })).trim().split("\n").at(-1));
  const server = await serve(node, project);
  try {
    for (const [inFlight, rounds] of Object.entries(await run("execute.mjs", server.url, ...settings.execute))) {
      add(`share of bare fetch, ${inFlight} in flight`, ...rounds.map((round) => round["nango-toolkit"] / round.fetch));
    }
  } finally {
    server.stop();
  }
  for (const { added, build } of await run("cpu.mjs", ...settings.cpu)) {
    add("CPU of execute over a stub fetch, beyond bare", added);
    add("validate and build a request", build);
  }
  for (let i = 0; i < settings.imports; i++) {
    const [ours, theirs] = [await run("startup.mjs", "nango-toolkit"), await run("startup.mjs", "@nangohq/node")];
    add("import to first validated request", ours);
    add("import beside @nangohq/node", ours / theirs);
  }
  for (const [method, rounds] of Object.entries(await run("mcp.mjs", ...settings.mcp))) {
    add(`MCP ${method}`, ...rounds.map((round) => round["nango-toolkit"]));
    add(
      `MCP ${method} beside the official server`,
      ...rounds.map((round) => round["nango-toolkit"] / round["@modelcontextprotocol/server"]),
    );
  }
}

/** Starts the server that `execute.mjs` talks to. */
async function serve(node, project) {
  const child = spawn(node, ["server.mjs"], {
    cwd: project.path,
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.stdout.setEncoding("utf8").once("data", (line) => resolve(line.trim()));
  });
  return { url, stop: () => child.kill() };
}

/** What a user downloads, and what Node reads for both entries. */
function sizes({ project, values }) {
  // In older commits the MCP server is a separate module.
  const there = (file) => existsSync(join(project.installed, file));
  const gzip = (...files) =>
    files
      .filter(there)
      .reduce((sum, file) => sum + gzipSync(readFileSync(join(project.installed, file)), { level: 9 }).length, 0) /
    1000;
  const both = (name) => [`wasm/${name}_bg.wasm`, `wasm/${name}.js`];
  values["toolkit, wasm and glue, gzip"] = [gzip(...both("nango_toolkit"))];
  values["MCP beside it, wasm and glue, gzip"] = [gzip(...both("nango_mcp"))];
  const folder = ["dist/node", "node"].find(there);
  const loaded = readdirSync(join(project.installed, folder))
    .filter((file) => file.endsWith(".js"))
    .map((file) => `${folder}/${file}`);
  values["toolkit and MCP, all that Node loads, gzip"] = [
    gzip("wasm/nango_toolkit_bg.wasm", "wasm/nango_mcp_bg.wasm", ...loaded),
  ];
}

/** Prints the medians of both sides. */
function table(sides) {
  const rounded = (number) => Number(number.toPrecision(4));
  const line = (...cells) =>
    process.stdout.write(
      `${cells[0].padEnd(48)}${cells
        .slice(1)
        .map((cell) => String(cell).padStart(16))
        .join("")}\n`,
    );
  line("medians", ...sides.map(({ name, commit }) => `${name} ${commit ?? ""}`), "this/other");
  return Object.entries(ROWS).map(([what, unit]) => {
    const found = sides.map(({ values }) => rounded(median(values[what])));
    line(`${what}${unit && `, ${unit}`}`, ...found, rounded(found[0] / found[1]));
    return { what, unit, this: found[0], other: found[1] };
  });
}
