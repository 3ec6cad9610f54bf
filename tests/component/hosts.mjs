// Three hosts that must agree: the JavaScript binding, the component under jco, the component under Python's wasmtime.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
export const COMPONENT = at("dist/component/nango-toolkit.wasm");

/** The JavaScript binding: what the package exports, and the module's own functions beneath it. */
export const binding = () => (loaded ??= load());
let loaded;
async function load() {
  const toolkit = await import("../../pkg/dist/entry/slim.js");
  const core = await import("../../pkg/wasm/nango_toolkit.js");
  toolkit.initSync(readFileSync(at("pkg/wasm/nango_toolkit_bg.wasm")));
  return { toolkit, core };
}

export const u64 = (number) => ({ u64: String(number) });
const camel = (name) => name.replace(/-./g, (pair) => pair[1].toUpperCase());

/**
 * The component under jco. Hosts of components have one function, which calls the export of that name and answers
 * `{ ok }`, `{ err }` where the export says so, or `{ trap }`; records are objects, resources `{ held }`.
 */
export async function jcoHost() {
  const { tools } = await import("../../dist/component/nango-toolkit/nango-toolkit.js");
  const held = [];
  const given = (value) => {
    if (typeof value !== "object" || value === null) return value;
    if ("u64" in value) return BigInt(value.u64);
    if ("held" in value) return held[value.held];
    return "tag" in value ? { ...value, val: given(value.val) } : value;
  };
  const shown = (value) => {
    if (value instanceof tools.Toolkit || value instanceof tools.Call) return { held: held.push(value) - 1 };
    return value === undefined
      ? null
      : JSON.parse(JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? Number(inner) : inner)));
  };
  async function call(name, ...values) {
    const [, kind, resource, method] = /^(?:\[(\w+)\](\w+)\.?)?([\w-]*)$/.exec(name);
    const all = values.map(given);
    try {
      if (name === "drop") return { ok: shown(all[0][Symbol.dispose ?? Symbol.for("dispose")]?.()) };
      const type = resource && tools[resource[0].toUpperCase() + resource.slice(1)];
      if (kind === "constructor") return { ok: shown(new type(...all)) };
      return { ok: shown(kind === "static" ? type[camel(method)](...all) : all[0][camel(method)](...all.slice(1))) };
    } catch (error) {
      if (error?.payload === undefined) return { trap: String(error?.stack ?? error) };
      return { err: shown(error.payload) };
    }
  }
  return { call, close() {} };
}

export const python = ["python3", "python"].find(
  (name) => spawnSync(name, ["-c", "import sys; assert sys.version_info >= (3, 9)"]).status === 0,
);

/** Python with wasmtime, in an environment that is created once; of parallel tests, the first to finish wins. */
export function pythonWithWasmtime() {
  const requirements = at("tests/component/requirements.txt");
  const folder = at(
    `target/python/component-${createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 8)}`,
  );
  const executable = (environment) => join(environment, "bin", "python");
  if (!existsSync(folder)) {
    const made = `${folder}-${process.pid}`;
    execFileSync(python, ["-m", "venv", "--clear", made]);
    execFileSync(
      executable(made),
      ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    try {
      renameSync(made, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
      rmSync(made, { recursive: true, force: true });
    }
  }
  return executable(folder);
}

/** The environment of Python programs: they can only reach this machine. */
export const pythonEnvironment = (more = {}) => ({
  PATH: process.env.PATH,
  NO_PROXY: "127.0.0.1",
  PYTHONDONTWRITEBYTECODE: "1",
  PYTHONIOENCODING: "utf-8",
  ...more,
});

/** A program of this folder under Python's wasmtime: a line of JSON in, a line of JSON out. */
export function pythonProgram(file) {
  const program = at(`tests/component/${file}`);
  const child = spawn(pythonWithWasmtime(), [program, at("docs/component"), COMPONENT], {
    env: pythonEnvironment(),
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  const ended = new Promise((resolve) => child.on("close", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const tell = (message) => void child.stdin.write(`${JSON.stringify(message)}\n`);
  async function ask(message) {
    tell(message);
    const { value, done } = await lines.next();
    if (done) throw new Error(`Python ended with ${await ended}: ${errors}`);
    return JSON.parse(value);
  }
  return { tell, ask, close: () => (child.stdin.end(), ended) };
}

/** The component under Python's wasmtime. */
export async function pythonHost() {
  const { ask, close } = pythonProgram("host.py");
  return { call: (name, ...given) => ask({ name, given }), close };
}
