// The examples in the documentation of the package: each compiles, and each that needs no framework runs, with the
// emulator instead of Nango.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { documented, examples, isSelfContained } from "./examples.mjs";
import { bareEnvironment } from "./support.mjs";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Answers what examples send to Nango from memory, and everything else with an empty response. */
const SETUP = `import { createEmulator } from "nango-toolkit/emulator";
const emulator = createEmulator({ rateLimit: 10_000 });
process.env.NANGO_SECRET_KEY = emulator.apiKey;
for (const name of ["NANGO_SESSION_KEY", "NANGO_MCP_TOKEN_OF_ADA"]) process.env[name] = crypto.randomUUID();
globalThis.fetch = async (input, init) =>
  new URL(input.url ?? input).host === "api.nango.dev" ? emulator.fetch(input, init) : new Response();
`;

describe("examples", () => {
  const all = examples().filter(isSelfContained);
  const project = mkdtempSync(join(tmpdir(), "nango-toolkit-examples-"));
  before(() => {
    mkdirSync(join(project, "node_modules"));
    symlinkSync(at("pkg"), join(project, "node_modules", "nango-toolkit"));
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: "es2022",
      module: "nodenext",
      exactOptionalPropertyTypes: true,
      types: ["node"],
      typeRoots: [at("node_modules/@types")],
    };
    writeFileSync(join(project, "package.json"), '{"type":"module"}');
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    writeFileSync(join(project, "setup.mjs"), SETUP);
    for (const { name, code } of all) {
      writeFileSync(join(project, `${name}.ts`), code);
      writeFileSync(join(project, `${name}.mjs`), transformSync(code, { loader: "ts" }).code);
    }
    // Examples that load the module by themselves need a process each.
    const others = all.filter(({ imports }) => !imports.some((from) => from.endsWith("/slim")));
    writeFileSync(join(project, "all.mjs"), others.map(({ name }) => `await import("./${name}.mjs");\n`).join(""));
  });
  after(() => rmSync(project, { recursive: true }));
  const node = (...args) =>
    execFileSync(process.execPath, args, { cwd: project, encoding: "utf8", env: bareEnvironment() });

  test("compile", () => {
    assert.ok(all.length > 40, `${all.length} examples`);
    try {
      node(at("node_modules/typescript/bin/tsc"), "--project", project);
    } catch (error) {
      assert.fail(`${error.stdout}`);
    }
  });

  test("run", () => {
    const out = node("--import", "./setup.mjs", "all.mjs");
    for (const text of [
      "invalid_arguments 2",
      "https://mcp.example.com/mcp true",
      "GET https://api.nango.dev/integrations/hubspot",
    ])
      assert.ok(out.includes(text), out);
    for (const { name, imports } of all)
      if (imports.some((from) => from.endsWith("/slim"))) assert.notEqual(node(`${name}.mjs`), "");
  });

  test("exist for everything that programs import", async () => {
    const known = documented();
    const entries = { index: "", audit: "", emulator: "", mcp: "", "entry/slim": "" };
    for (const entry of Object.keys(entries)) {
      const names = Object.keys(await import(`../../pkg/dist/${entry}.js`));
      for (const name of names)
        if (name !== "makeServer") assert.ok(known.get(name), `${entry}: ${name} has no example`);
    }
    const adapters = [...known].filter(([key]) => /^adapters.(?!shared)/.test(key));
    assert.ok(adapters.length >= 14);
    for (const [key, hasExample] of adapters) assert.ok(hasExample, `${key} has no example`);
  });
});
