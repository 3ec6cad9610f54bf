// edge-runtime, in this process: bundles as Vercel does, with `x.wasm?module` as a module compiled outside.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, resolve } from "node:path";

const require = createRequire(import.meta.url);

export async function runInEdge(project, context) {
  const { build } = require("esbuild");
  const { EdgeRuntime } = require("edge-runtime");
  const modules = {};
  const compiled = {
    name: "compiled",
    setup(build) {
      build.onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
        path: resolve(resolveDir, path.split("?")[0]),
        namespace: "compiled",
      }));
      build.onLoad({ filter: /./, namespace: "compiled" }, ({ path }) => {
        modules[basename(path)] = path;
        return { contents: `export default globalThis.COMPILED[${JSON.stringify(basename(path))}]` };
      });
    },
  };
  const options = {
    absWorkingDir: project.path,
    entryPoints: ["edge-bundle.mjs"],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    conditions: ["edge-light"],
    plugins: [compiled],
    logLevel: "error",
  };
  const { outputFiles } = await build(options);
  const runtime = new EdgeRuntime({
    codeGeneration: { strings: false, wasm: false },
    extend: (globals) =>
      Object.assign(globals, {
        COMPILED: Object.fromEntries(
          Object.entries(modules).map(([name, path]) => [name, new WebAssembly.Module(readFileSync(path))]),
        ),
      }),
  });
  runtime.evaluate(outputFiles[0].text);
  return JSON.parse(await runtime.evaluate(`runSuite(${JSON.stringify(JSON.stringify(context))})`));
}
