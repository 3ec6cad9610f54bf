// Every snippet of the README, run unchanged on the packed package. Rust's is compiled by `cargo test`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import { makeProject } from "./project.mjs";
import { execute, programs } from "./runtimes.mjs";
import { emulate } from "./servers.mjs";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language, text }));

describe("the README", () => {
  let project;
  before(() => (project = makeProject()));
  after(() => project.remove());

  test("holds snippets in languages that are tested, and no others", () => {
    assert.deepEqual([...new Set(blocks.map((block) => block.language))].sort(), ["js", "rust", "sh"]);
    assert.ok(blocks.filter((block) => block.language === "js").length >= 2);
  });

  for (const [index, { text }] of blocks.filter((block) => block.language === "js").entries()) {
    test(`JavaScript ${index + 1} runs and prints`, async () => {
      project.write("snippet.mjs", text);
      const { code, stdout, stderr } = await execute(process.execPath, ["snippet.mjs"], { cwd: project.path });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /hubspot-ada|github-ada|NANGO_LIST_INTEGRATIONS|NANGO_RECONNECT_SESSION_POST/);
      assert.equal(stderr, "");
    });
  }

  const lines = blocks.filter((block) => block.language === "sh").flatMap(({ text }) => text.trim().split("\n"));
  for (const line of lines.filter((line) => line.startsWith("npx nango-toolkit"))) {
    test(line.replace(/\s*#.*$/, ""), async () => {
      project.write(
        "connection.json",
        JSON.stringify({
          provider_config_key: "hubspot",
          connection_id: "new",
          credentials: { type: "OAUTH2", access_token: "t" },
        }),
      );
      const emulated = await emulate(project.path);
      const env = { NANGO_SECRET_KEY: emulated.apiKey, NANGO_HOST: emulated.url };
      // The server of the last example runs until it is stopped.
      const command = line.replace(/^npx/, "npx --offline").replace("--port 3003", "--port 0");
      const serves = / emulate /.test(command);
      try {
        const { code, stdout, stderr } = await execute("sh", ["-c", serves ? `timeout 5 ${command}` : command], {
          cwd: project.path,
          env,
        });
        assert.equal(code, serves ? 124 : 0, stdout + stderr);
        assert.notEqual(stdout, "");
      } finally {
        emulated.close();
      }
    });
  }

  test("names no other commands than those, npm start and npm test", () => {
    const others = lines.filter((line) => !/^npx nango-toolkit /.test(line) && !/^npm (start|test)\b/.test(line));
    assert.deepEqual(others, []);
  });

  const imports = [...readme.matchAll(/^\| .*?`import \{ (.*?) \} from "(.*?)"`/gm)].map(([, names, from]) => ({
    names: names.split(", "),
    from,
  }));
  test("names imports for the runtimes, and each works", async () => {
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
