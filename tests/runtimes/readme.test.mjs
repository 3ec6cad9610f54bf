// Every snippet of README.md and of the pages in docs/, run unchanged on the packed package. What another test runs,
// and what cannot run, is named in a table each.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeProject } from "./project.mjs";
import { execute, programs } from "./runtimes.mjs";
import { emulate } from "./servers.mjs";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path) => readFileSync(at(path), "utf8");

/** Pages whose snippets another test runs, all of them or those in one language. */
const ELSEWHERE = [
  { page: /^docs\/mcp\.md$/, test: "tests/mcp/docs.test.mjs" },
  { page: /^docs\/component\.md$/, language: "js", test: "tests/component/docs.test.mjs" },
  { page: /^docs\/component\.md$/, language: "python", test: "tests/component/docs.test.mjs" },
  { page: /^docs\/component\.md$/, language: "sh", test: "tests/component/mcp-docs.test.mjs" },
  { page: /^docs\/python\//, language: "python", test: "tests/python/python.test.mjs" },
  { page: /^docs\/rust\.md$/, language: "rust", test: "tests/native/docs.rs" },
];

/** Lines of shells that are not run, and why. */
const NOT_RUN = [
  { line: /^npm install nango-toolkit$/, why: "it asks the registry; the packed package is installed instead" },
  { line: /^npm start\b/, why: "tests/node/start.test.mjs runs it" },
  { line: /^npm test\b/, why: "it is what runs this test" },
  {
    line: /^export NANGO_(MCP_TOKEN|SESSION_KEY)=\$\(openssl rand -hex 32\)$/,
    why: "the test sets these variables, to values like these",
  },
  { line: /^npx nango-toolkit mcp --http 3004 --emulator\b/, why: "tests/python/python.test.mjs starts this server" },
  { line: /^pip install /, why: "tests/python/python.test.mjs installs these from locked requirements" },
  {
    line: /^(cd docs\/component\/rust-host|NANGO_SECRET_KEY=… cargo run )/,
    why: "tests/component runs the built host",
  },
];

const pages = [
  "README.md",
  ...readdirSync(at("docs"), { recursive: true })
    .map((file) => `docs/${file.replaceAll("\\", "/")}`)
    .filter((file) => file.endsWith(".md"))
    .sort(),
];
const blocks = pages.flatMap((page) =>
  [...read(page).matchAll(/^```(\w*)[^\n]*\n(.*?)^```$/gms)].map(([, language, text]) => ({ page, language, text })),
);
const elsewhere = ({ page, language }) =>
  ELSEWHERE.find((row) => row.page.test(page) && (row.language === undefined || row.language === language));
const here = blocks.filter((block) => !elsewhere(block));
const snippets = here.filter(({ language }) => language === "js");
const lines = here
  .filter(({ language }) => language === "sh")
  .flatMap(({ page, text }) =>
    text
      .trim()
      .split("\n")
      .map((line) => ({ page, line })),
  );

describe("the snippets of README.md and docs", () => {
  let project, emulated, env;
  before(async () => {
    project = makeProject();
    // The official client, for the page about coming from it.
    mkdirSync(join(project.path, "node_modules", "@nangohq"), { recursive: true });
    symlinkSync(at("node_modules/@nangohq/node"), join(project.path, "node_modules", "@nangohq", "node"));
    emulated = await emulate(project.path);
    env = {
      NANGO_SECRET_KEY: emulated.apiKey,
      NANGO_HOST: emulated.url,
      NANGO_SESSION_KEY: randomBytes(32).toString("hex"),
      NANGO_MCP_TOKEN: randomBytes(32).toString("hex"),
    };
  });
  after(() => {
    emulated?.close();
    project?.remove();
  });

  test("are in languages that are tested, and no others", () => {
    assert.deepEqual([...new Set(here.map(({ language }) => language))].sort(), ["js", "sh"]);
    assert.ok(snippets.length >= 15, `${snippets.length} snippets`);
    assert.equal(snippets[0].page, "README.md");
  });

  test("that other tests run are named there", () => {
    for (const { page, language, test } of ELSEWHERE) {
      assert.ok(
        blocks.some((block) => page.test(block.page) && (language ?? block.language) === block.language),
        `${page} has no snippet in ${language}`,
      );
      const name = /\w+(?=\\\/$|\\\.md)/.exec(page.source)[0];
      assert.match(read(test), new RegExp(`docs/${name}|docs", "${name}`), `${test} reads docs/${name}`);
    }
  });

  const numbers = {};
  for (const { page, text } of snippets) {
    numbers[page] = (numbers[page] ?? 0) + 1;
    test(`${page}: JavaScript ${numbers[page]} runs and prints`, async () => {
      project.write("snippet.mjs", text);
      const { code, stdout, stderr } = await execute(process.execPath, ["snippet.mjs"], { cwd: project.path, env });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /\b\w+-ada\b|NANGO_[A-Z_]{8,}|^creation true$/m);
      assert.equal(stderr, "");
    });
  }

  const commands = lines.filter(({ line }) => !NOT_RUN.some((row) => row.line.test(line)));
  for (const { page, line } of commands.filter(({ line }) => line.startsWith("npx nango-toolkit "))) {
    test(`${page}: ${line.replace(/\s*#.*$/, "")}`, async () => {
      // The server of one example runs until it is stopped.
      const command = line.replace(/^npx/, "npx --offline").replace("--port 3003", "--port 0");
      const serves = / emulate /.test(command);
      const shell = ["-c", serves ? `timeout 5 ${command}` : command];
      const { code, stdout, stderr } = await execute("sh", shell, { cwd: project.path, env });
      assert.equal(code, serves ? 124 : 0, stdout + stderr);
      assert.notEqual(stdout, "");
    });
  }

  test("name no command that is neither run nor in the table, and the table names none in vain", () => {
    const others = commands.filter(({ line }) => !line.startsWith("npx nango-toolkit "));
    assert.deepEqual(others, []);
    const all = blocks.filter(({ language }) => language === "sh").flatMap(({ text }) => text.split("\n"));
    for (const { line, why } of NOT_RUN) assert.ok(all.some((one) => line.test(one)) && why.length > 10, String(line));
  });

  const imports = [...read("docs/runtimes.md").matchAll(/^\| .*?`import \{ (.*?) \} from "(.*?)"`/gm)].map(
    ([, names, from]) => ({ names: names.split(", "), from }),
  );
  test("name imports for the runtimes, and each works", async () => {
    assert.ok(imports.length >= 8);
    for (const { names, from } of imports) {
      project.write(
        "import.mjs",
        [
          `import { ${names.join(", ")} } from ${JSON.stringify(from.replace("entry/web.js", "entry/inline.js"))};`,
          `console.log(typeof ${names.join(", typeof ")});`,
        ].join("\n"),
      );
      const deno = from.startsWith("npm:");
      if (deno && !programs.deno()) continue;
      // Deno would ask the registry for `npm:`; what it then runs is what Node runs.
      if (deno) project.write("import.mjs", readFileSync(join(project.path, "import.mjs"), "utf8").replace("npm:", ""));
      const program = deno
        ? [programs.deno(), ["run", "--no-lock", "--node-modules-dir=manual", "--allow-read", "import.mjs"]]
        : [process.execPath, ["import.mjs"]];
      const { code, stdout, stderr } = await execute(...program, { cwd: project.path });
      assert.equal(code, 0, stderr);
      assert.equal(stdout.trim(), names.map(() => "function").join(" "));
    }
  });
});
