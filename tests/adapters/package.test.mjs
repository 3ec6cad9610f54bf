// The adapters are small, have no dependencies and are not loaded unless they are imported; they are tested with the
// versions that docs/frameworks.md names.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { parts, rows } from "./table.mjs";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path) => readFileSync(at(path), "utf8");
const { exports } = JSON.parse(read("pkg/package.json"));

/** Each adapter with the frameworks it is tested with. */
const ADAPTERS = {
  openai: ["openai"],
  "openai-agents": ["@openai/agents"],
  anthropic: ["@anthropic-ai/sdk"],
  google: ["@google/genai"],
  "ai-sdk": ["ai"],
  langchain: ["langchain"],
  mastra: ["@mastra/core"],
  llamaindex: ["llamaindex", "@llamaindex/workflow"],
  "google-adk": ["@google/adk"],
  "claude-agent-sdk": ["@anthropic-ai/claude-agent-sdk"],
};

describe("each adapter", () => {
  const tested = Object.assign(
    {},
    ...["", "full/"].map((folder) => JSON.parse(read(`tests/adapters/${folder}package.json`)).devDependencies),
  );
  const rows = parts()[0]
    .split("\n")
    .filter((line) => line.startsWith("|"));

  /** What an adapter takes of the rest of the package. */
  const USED = { "claude-agent-sdk": ["../errors.js", "../mcp-running.js", "../mcp-server.js", "../random.js"] };
  for (const [name, frameworks] of Object.entries(ADAPTERS)) {
    const used = USED[name] ?? [];
    test(`${name} adds at most 2 KB, and nothing but ${used.length ? used : "what adapters share"}`, async () => {
      const entryPoints = [at(`pkg/dist/adapters/${name}.js`)];
      const { outputFiles, metafile } = await build({
        entryPoints,
        bundle: true,
        minify: true,
        format: "esm",
        write: false,
        metafile: true,
        external: used,
        logLevel: "silent",
      });
      const bytes = gzipSync(outputFiles[0].contents, { level: 9 }).length;
      assert.ok(bytes <= 2048, `${bytes} bytes`);
      const inputs = Object.keys(metafile.inputs).map((path) => path.split("/").at(-1));
      assert.deepEqual(inputs.sort(), [`${name}.js`, ...(used.length ? [] : ["shared.js"])].sort());
      const { types, node, default: other } = exports[`./${name}`];
      assert.equal(types.default, `./dist/adapters/${name}.d.ts`);
      assert.equal(node.default, `./dist/${used.length ? "node" : "adapters"}/${name}.js`);
      assert.equal(other, `./dist/adapters/${name}.js`);
    });

    test(`${name} is in docs/frameworks.md with the version it was tested with`, () => {
      const row = rows.find((line) => line.includes(`nango-toolkit/${name}\``));
      for (const framework of frameworks)
        assert.ok(row?.includes(`${framework} ${tested[framework]}`), `${framework} ${tested[framework]} in ${row}`);
    });
  }
});

test("programs that import no adapter do not load one", () => {
  const programs = readdirSync(at("pkg/dist"), { recursive: true }).filter(
    (file) => file.endsWith(".js") && !file.startsWith("adapters"),
  );
  assert.ok(programs.length > 20);
  for (const file of programs) {
    for (const [, from] of read(`pkg/dist/${file}`).matchAll(/from ?"([^"]+)"/g))
      assert.doesNotMatch(from, /adapters/, `${file} imports ${from}`);
  }
});

test("the table of tested frameworks has a row for every framework, with its locked version, and no failure", () => {
  const lines = parts()[1]
    .split("\n")
    .filter((line) => /^\| [^-]/.test(line))
    .slice(1);
  const expected = rows();
  assert.equal(lines.length, expected.length);
  for (const [i, { title, how }] of expected.entries()) {
    assert.ok(lines[i].startsWith(`| ${title} | ${how} | `), `${title}: run \`node tests/adapters/table.mjs\``);
    assert.match(lines[i], /\| [1-9]\d* passed, 0 failed \|$/);
  }
});
