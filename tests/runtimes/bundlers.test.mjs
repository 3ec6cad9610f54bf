// Programs for servers, bundled with the package and run alone: nothing of the package is beside them.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { COMMONJS, PROGRAM } from "./app.mjs";
import { makeProject } from "./project.mjs";
import { execute, programs } from "./runtimes.mjs";
import { command, file, rows } from "./table.mjs";

const require = createRequire(import.meta.url);
const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const tool = (path) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));
const unless = (name) => ({ skip: !programs[name]() && !ci && `${name} is not installed` });

describe("programs for servers, bundled and run alone", () => {
  let project;
  before(() => {
    project = makeProject();
    project.write("main.mjs", PROGRAM);
    project.write("main.cjs", COMMONJS);
  });
  after(() => project.remove());

  /** Runs what `build(out)` left in the folder `out` and named, in an empty folder. */
  async function alone(build, run = (file) => [process.execPath, [file]]) {
    const out = mkdtempSync(join(project.path, "out-"));
    const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-alone-"));
    try {
      const file = join(folder, await build(out));
      cpSync(out, folder, { recursive: true });
      const { code, stdout, stderr } = await execute(...run(file), { cwd: folder });
      assert.deepEqual([code, stdout.trim()], [0, "it works"], stderr);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  async function must(program, args) {
    const { code, stdout, stderr } = await execute(program, args, { cwd: project.path });
    assert.equal(code, 0, stdout + stderr);
  }

  for (const [format, name] of Object.entries({ esm: "bundle.mjs", cjs: "bundle.cjs" })) {
    for (const entry of ["main.mjs", "main.cjs"]) {
      test(`esbuild --platform=node --format=${format}, ${entry}`, () =>
        alone(async (out) => {
          const { build } = require("esbuild");
          const options = { bundle: true, minify: true, platform: "node", format, logLevel: "error" };
          await build({ absWorkingDir: project.path, entryPoints: [entry], outfile: join(out, name), ...options });
          return name;
        }));
    }

    test(`rollup with its plugin for Node, ${format}`, () =>
      alone(async (dir) => {
        const { rollup } = await import("rollup");
        const { nodeResolve } = await import("@rollup/plugin-node-resolve");
        const plugins = [nodeResolve({ exportConditions: ["node"] })];
        const bundle = await rollup({ input: join(project.path, "main.mjs"), plugins });
        await bundle.write({ dir, format, entryFileNames: name });
        await bundle.close();
        return name;
      }));
  }

  test("Vite, server-side rendering with noExternal", () =>
    alone(async (outDir) => {
      const { build } = await import("vite");
      const options = { root: project.path, configFile: false, logLevel: "error" };
      await build({ ...options, ssr: { noExternal: true }, build: { ssr: "main.mjs", outDir } });
      writeFileSync(join(outDir, "package.json"), '{ "type": "module" }');
      return readdirSync(outDir).find((file) => /^main\./.test(file));
    }));

  for (const [entry, options] of [
    ["main.mjs", []],
    ["main.mjs", ["--minify"]],
    ["main.cjs", []],
  ]) {
    test(`ncc build ${entry} ${options}`, () =>
      alone(async (out) => {
        const cli = tool("@vercel/ncc/dist/ncc/cli.js");
        await must(process.execPath, [cli, "build", entry, "--out", out, "--no-cache", "--quiet", ...options]);
        return readdirSync(out).find((file) => /^index\./.test(file));
      }));
  }

  test("bun build --target=bun", unless("bun"), () =>
    alone(
      async (out) => {
        await must(programs.bun(), ["build", "main.mjs", "--target=bun", `--outdir=${out}`]);
        return "main.js";
      },
      (file) => [programs.bun(), [file]],
    ),
  );

  test("bun build --compile", unless("bun"), () =>
    alone(
      async (out) => {
        await must(programs.bun(), ["build", "main.mjs", "--compile", `--outfile=${join(out, "program")}`]);
        return "program";
      },
      (file) => [file, []],
    ),
  );

  test("bun build --target=node --conditions=module", unless("bun"), () =>
    alone(async (out) => {
      const options = ["--target=node", "--conditions=module", `--outdir=${out}`, "--entry-naming=[name].mjs"];
      await must(programs.bun(), ["build", "main.mjs", ...options]);
      return "main.mjs";
    }),
  );

  test("deno bundle", unless("deno"), () =>
    alone(
      async (out) => {
        const options = ["--quiet", "--node-modules-dir=manual", `--output=${join(out, "bundle.mjs")}`];
        await must(programs.deno(), ["bundle", ...options, "main.mjs"]);
        return "bundle.mjs";
      },
      (file) => [programs.deno(), ["run", file]],
    ),
  );
});

test("the table of bundlers and frameworks has their locked versions, and no failure", () => {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => /^\| [^-]/.test(line))
    .slice(1);
  const expected = rows();
  assert.equal(lines.length, expected.length, `run \`${command}\``);
  for (const [index, { start }] of expected.entries()) {
    assert.ok(lines[index].startsWith(start), `${start}: run \`${command}\``);
    assert.match(lines[index], /\| [1-9]\d* passed, 0 failed \|$/);
  }
});
