// What the scripts share: running programs, a clean environment, finding Node, Rust and npm packages.
// Node built-ins only, since these run before anything is installed.

import { AsyncLocalStorage } from "node:async_hooks";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const ci = /^(1|true)$/i.test(process.env.CI ?? "");

/** A problem that the user can fix: shown without a stack trace. */
export class Problem extends Error {}

/** Runs `main`, shows a {@link Problem} as one message, and sets the exit code. */
export async function program(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.stderr.write(`\n${error instanceof Problem ? `error: ${error.message}` : error?.stack}\n`);
    process.exitCode = 1;
  }
}

/** Whether the module at `url` (its `import.meta.url`) is what Node was asked to run. */
export const isMain = (url) => process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);

/** The output of a lane: what the current step has printed, and when it began. */
const lanes = new AsyncLocalStorage();

/**
 * Runs `work` beside other lanes. What a step and its programs print is shown when the step has ended, so that the
 * steps of two lanes do not mix.
 */
export async function lane(work) {
  const output = { text: "", started: Date.now() };
  await lanes.run(output, async () => {
    try {
      await work();
    } finally {
      flush(output);
    }
  });
}

function flush(output) {
  if (output.text) process.stdout.write(`${output.text}(${Math.round((Date.now() - output.started) / 1000)} s)\n`);
  Object.assign(output, { text: "", started: Date.now() });
}

/** Prints, or keeps for the end of the step in a lane. */
export function print(text, stream = process.stdout) {
  const output = lanes.getStore();
  if (output) output.text += text;
  else stream.write(text);
}

/** Prints the title of a step. */
export function step(title) {
  const output = lanes.getStore();
  if (output) flush(output);
  print(`\n── ${title}\n`);
}

/**
 * The environment for children: no `NANGO_*` (what runs here must never meet a real server), and no
 * `node_modules/.bin` in the path (the npm package `node` would be taken for the system's Node).
 */
export function environment(more = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("NANGO_"));
  return { ...Object.fromEntries(kept), PATH: searchPath().join(delimiter), ...more };
}

const searchPath = () =>
  [...(process.env.PATH ?? "").split(delimiter), cargoBin()].filter(
    (dir) => dir && !dir.endsWith(join("node_modules", ".bin")),
  );

const cargoBin = () =>
  join(process.env.CARGO_INSTALL_ROOT ?? process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "bin");

/** The path of a program, or `undefined`. */
export function which(name) {
  const names = process.platform === "win32" ? [`${name}.exe`, `${name}.cmd`, name] : [name];
  for (const dir of searchPath()) for (const file of names) if (existsSync(join(dir, file))) return join(dir, file);
  return undefined;
}

/**
 * Runs a program in the repository's root. Its output goes to the terminal unless `capture`; with
 * `tee` it is both shown and returned.
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, { env = environment(), capture = false, tee = false, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const shown = !capture && (tee || lanes.getStore() !== undefined);
    const stdio = capture || shown ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"];
    const child = spawn(which(command) ?? command, args, { cwd, env, stdio });
    let output = "";
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      from?.setEncoding("utf8").on("data", (text) => {
        output += text;
        if (shown) print(text, to);
      });
    }
    child.on("error", (error) => reject(new Problem(`cannot run \`${command}\`: ${error.message}`)));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs a program and stops with a {@link Problem} when it fails. */
export async function must(command, args, options) {
  const { code, output } = await run(command, args, options);
  if (code !== 0)
    throw new Problem(
      `\`${command} ${args.join(" ")}\` ended with exit code ${code}${output && options?.capture ? `\n${output}` : ""}`,
    );
  return output;
}

/** The first line that `--version` prints, or `undefined` if the program does not exist. */
export function versionOf(command, args = ["--version"]) {
  const result = spawnSync(which(command) ?? command, args, { env: environment(), encoding: "utf8", cwd: root });
  return result.status === 0 ? result.stdout.trim().split("\n")[0] : undefined;
}

/** Installs a folder's locked npm packages unless they are already installed in the locked versions. */
export async function ensurePackages(folder = ".") {
  const cwd = join(root, folder);
  const mark = join(cwd, "node_modules", ".installed-lock");
  const wanted = createHash("sha256")
    .update(readFileSync(join(cwd, "package-lock.json")))
    .digest("hex");
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return;
  step(`installing npm packages${folder === "." ? "" : ` of ${folder}`} (npm ci)`);
  await must("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd });
  writeFileSync(mark, wanted);
}

/** All files below `dir`, as paths from the root with `/`, sorted. */
export function filesBelow(dir) {
  const entries = existsSync(join(root, dir)) ? readdirSync(join(root, dir), { withFileTypes: true }) : [];
  return entries
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(join(dir, entry.name)) : [join(dir, entry.name).split(sep).join("/")],
    )
    .sort();
}
