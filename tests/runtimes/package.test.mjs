// What the tarball contains and promises: types, entries, no dependency, a module that imports its glue alone.
import assert from "node:assert/strict";
import { cpSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeProject } from "./project.mjs";
import { execute } from "./runtimes.mjs";

/** What the package consists of. */
const EXPECTED = new RegExp(
  `^(${[
    String.raw`(README\.md|LICENSE-(MIT|APACHE)|THIRD_PARTY_LICENSES\.txt)`,
    String.raw`(package\.json|catalogue\.json|policy\.schema\.json)`,
    String.raw`bin/nango-toolkit\.js`,
    String.raw`dist/((adapters|entry|types)/)?[\w-]+(\.d\.ts|\.js)`,
    String.raw`dist/node/[\w-]+\.js`,
    String.raw`dist/cjs/([\w-]+(\.d\.ts|\.js)|package\.json)`,
    String.raw`wasm/nango_(toolkit|emulator)(_bg\.wasm|(\.base64)?(\.js|\.d\.ts))`,
  ].join("|")})$`,
);

const bin = (path) => fileURLToPath(new URL(path, import.meta.url));

describe("the tarball", () => {
  let project, manifest;
  before(() => {
    project = makeProject();
    manifest = JSON.parse(readFileSync(join(project.installed, "package.json"), "utf8"));
  });
  after(() => project.remove());
  const all = (folder = "") =>
    readdirSync(join(project.installed, folder), { withFileTypes: true }).flatMap((one) =>
      one.isDirectory() ? all(join(folder, one.name)) : [join(folder, one.name)],
    );
  const read = (file) => readFileSync(join(project.installed, file), "utf8");

  test("has no dependency, no script that runs at installation, and no source map", () => {
    assert.deepEqual(
      ["dependencies", "peerDependencies", "optionalDependencies", "scripts"].filter((key) => manifest[key]),
      [],
    );
    assert.equal(manifest.type, "module");
    assert.deepEqual(
      all().filter((file) => !EXPECTED.test(file)),
      [],
    );
    for (const file of all().filter((file) => file.endsWith(".js")))
      assert.doesNotMatch(read(file), /sourceMappingURL/, file);
  });

  test("has a file behind every export, with the conditions in an order that works", () => {
    const order = ["types", "workerd", "edge-light", "bun", "deno", "node", "browser", "default"];
    const filesOf = (target) => (typeof target === "string" ? [target] : Object.values(target).flatMap(filesOf));
    for (const [name, target] of Object.entries(manifest.exports)) {
      for (const file of filesOf(target)) assert.ok(all().includes(file.slice(2)), `${name}: ${file}`);
      const conditions = typeof target === "string" ? [] : Object.keys(target);
      const ordered = order.filter((condition) => conditions.includes(condition));
      assert.deepEqual(conditions, ordered, name);
    }
    for (const name of [".", "./mcp", "./emulator"]) assert.deepEqual(Object.keys(manifest.exports[name]), order);
  });

  test("chooses all entries from the same files, so that there is one class of each name", () => {
    const entries = Object.entries(manifest.exports).filter(([, target]) => target.node);
    assert.ok(entries.length >= 16);
    for (const [name, { types, bun, deno, node, default: other }] of entries) {
      // What bundlers for Node follow is what hosts without files load: nothing in it depends on its place.
      assert.deepEqual(Object.keys(node), ["module", "module-sync", "require", "default"], name);
      assert.equal(node.module, other, name);
      assert.equal(node["module-sync"], node.default, name);
      assert.match(node.require, /^\.\/dist\/cjs\//, name);
      assert.equal(types.node.require, node.require.replace(/js$/, "d.ts"), name);
      if (node.default === other) assert.match(other, /^\.\/dist\/(audit|adapters\/[\w-]+)\.js$/, name);
      else assert.deepEqual([bun, deno, node.default.split("/")[2]], [other, other, "node"], name);
    }
  });

  test("declares honestly which files have effects", () => {
    const pattern = (glob) => new RegExp(`^${glob.slice(2).replace(".", "\\.").replace("*", "[^/]*")}$`);
    const effective = all().filter((file) => manifest.sideEffects.some((glob) => pattern(glob).test(file)));
    const loading = all().filter((file) => file.endsWith(".js") && /^(await )?init(Sync)?\(/m.test(read(file)));
    assert.ok(loading.length >= 10);
    for (const file of loading) assert.ok(effective.includes(file), file);
  });

  test("uses Node's modules only where Node is", () => {
    const code = (file) => read(file).replace(/\/\*[\s\S]*?\*\//g, ""); // examples import what they like
    const users = all().filter((file) => file.endsWith(".js") && /["']node:/.test(code(file)));
    assert.deepEqual(
      users.filter((file) => !/^bin\/|^dist\/(node|cjs)\/|^dist\/entry\/files\.js$/.test(file)),
      [],
    );
    for (const file of all().filter((file) => file.endsWith(".js")))
      assert.doesNotMatch(read(file), /\beval\s*\(|\bnew Function\b/, file);
  });

  for (const name of ["nango_toolkit", "nango_emulator"]) {
    test(`${name}.wasm imports its glue alone, and the glue nothing`, async () => {
      const module = new WebAssembly.Module(readFileSync(join(project.installed, "wasm", `${name}_bg.wasm`)));
      const imports = WebAssembly.Module.imports(module);
      assert.deepEqual([...new Set(imports.map((one) => one.module))], [`./${name}_bg.js`]);
      const glue = read(join("wasm", `${name}.js`));
      for (const one of imports) assert.ok(glue.includes(one.name), one.name);
      assert.doesNotMatch(glue, /^\s*import\b/m);
      assert.doesNotMatch(glue, /instantiateStreaming|new URL\b/, "how bytes arrive is the entries' business");
      assert.equal(
        WebAssembly.Module.customSections(module, "name").length +
          WebAssembly.Module.customSections(module, "producers").length,
        0,
      );
    });
  }

  test("@arethetypeswrong/cli finds nothing", async () => {
    // Entries for bundlers are ES modules, and so are the `.wasm` files.
    const ignored = ["--ignore-rules", "cjs-resolves-to-esm"];
    const cli = bin("node_modules/@arethetypeswrong/cli/dist/index.js");
    const { code, stdout, stderr } = await execute(
      process.execPath,
      [cli, project.tarball, "--profile", "node16", "--format", "ascii", "--no-color", "--no-emoji", ...ignored],
      { cwd: project.path },
    );
    assert.equal(code, 0, stdout + stderr);
    const verdicts = stdout.match(/^(node16 \(from (CJS|ESM)\)|bundler): .*$/gm);
    assert.equal(verdicts.length, 3 * Object.keys(manifest.exports).length, stdout);
    for (const verdict of verdicts) assert.match(verdict, /: OK|: ESM \(dynamic import only\)/);
    const entries = Object.values(manifest.exports).filter((target) => target.node);
    assert.equal(verdicts.filter((verdict) => verdict.endsWith(": OK (CJS)")).length, entries.length, stdout);
  });

  for (const [title, options] of Object.entries({
    "Node's types": {
      module: "nodenext",
      types: ["node"],
      typeRoots: [bin("../../node_modules/@types")],
      lib: ["es2022"],
    },
    "a browser's types and a bundler": {
      module: "esnext",
      moduleResolution: "bundler",
      types: [],
      lib: ["es2022", "dom", "dom.iterable"],
    },
  })) {
    test(`tsc --strict finds nothing in programs that use it, with ${title}`, async () => {
      cpSync(bin("../types"), join(project.path, "types"), { recursive: true });
      const compilerOptions = {
        strict: true,
        noEmit: true,
        target: "es2022",
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        ...options,
      };
      project.write("types/tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }));
      const { code, stdout } = await execute(
        process.execPath,
        [bin("../../node_modules/typescript/bin/tsc"), "--project", "types"],
        { cwd: project.path },
      );
      assert.equal(code, 0, stdout);
    });
  }

  test("publint --strict finds nothing", async () => {
    const { code, stdout, stderr } = await execute(
      process.execPath,
      [bin("../../node_modules/publint/src/cli.js"), "run", project.tarball, "--strict"],
      { cwd: project.path },
    );
    assert.equal(code, 0, stdout + stderr);
  });
});
