// README.md and the pages of docs/: what they name exists, their links lead somewhere, and no example is a secret that
// works as it is. tests/runtimes/readme.test.mjs runs their snippets.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Nango } from "@nangohq/node";
import { listTools } from "../../pkg/dist/entry/node.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path) => readFileSync(join(root, path), "utf8");
const below = (folder, ending) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
    .sort();
const pages = ["README.md", ...below("docs", ".md")];

/** The text without code, in which nothing is a link. */
const prose = (text) =>
  text.replace(/^```.*?^```$/gms, "").replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]]/g, "_"));

/** The anchors of a page's headings, as forges make them. */
const anchors = (text) =>
  [...text.replace(/^```.*?^```$/gms, "").matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

describe("pages", () => {
  test("the README is short, and begins with the installation and a program", () => {
    const readme = read("README.md");
    assert.ok(readme.split("\n").length <= 150);
    const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
    assert.deepEqual(blocks[0].slice(1), ["sh", "npm install nango-toolkit\n"]);
    assert.equal(blocks[1][1], "js");
    assert.equal(blocks[1][2].split("\n").filter(Boolean).length, 6);
  });

  for (const page of pages) {
    test(`${page}: every link leads to a file, and to a heading`, () => {
      for (const [, target] of prose(read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [path, anchor] = target.split("#");
        const file = path === "" ? page : join(dirname(page), path);
        assert.ok(existsSync(join(root, file)), `${target} does not exist`);
        if (anchor !== undefined) assert.ok(anchors(read(file)).includes(anchor), `${target} is not a heading`);
      }
    });
  }

  test("no example holds a key or a token that works as it is", () => {
    const secret = /sessionKey: ["'`]|tokens: \{ ["'`]|Bearer [\w-]{16,}|apiKey: ["'`]\w/;
    for (const page of pages) assert.doesNotMatch(read(page), secret, page);
    const comments = (text) => text.split("\n").filter((line) => /^ *\* /.test(line));
    for (const file of below("pkg/src", ".ts")) assert.doesNotMatch(comments(read(file)).join("\n"), secret, file);
  });
});

describe("docs/from-nango-node.md", () => {
  const names = [...read("docs/from-nango-node.md").matchAll(/^\| (`[^|]+`) \| (.+) \|$/gm)].flatMap(
    ([, methods, instead]) => methods.split(", ").map((name) => [name.replaceAll("`", ""), instead]),
  );
  const methods = Object.getOwnPropertyNames(Nango.prototype).filter((name) => name !== "constructor");
  /** Methods that its declarations call private or leave out. */
  const PRIVATE = /^_|^(enrichHeaders|getConnectionDetails|isProxyAllowed|manageConnection|manageRequest|.*Details)$/;

  test("names every public method of the official client, and only those", () => {
    const declared = read("node_modules/@nangohq/node/dist/index.d.ts");
    const isPublic = (name) => new RegExp(`^ {4}${name}[<(]`, "m").test(declared);
    const wanted = methods.filter((name) => !PRIVATE.test(name) && isPublic(name));
    assert.ok(wanted.length > 35);
    assert.deepEqual(names.map(([name]) => name).sort(), wanted.sort());
  });

  test("names tools that exist, and every tool", () => {
    const slugs = new Set(listTools().map((tool) => tool.slug));
    const named = names.flatMap(([, instead]) => [...instead.matchAll(/NANGO_\w+/g)].map(([slug]) => slug));
    for (const slug of named) assert.ok(slugs.has(slug), slug);
    // The official client has no method for it.
    assert.deepEqual([...slugs].filter((slug) => !named.includes(slug)).sort(), ["NANGO_ADD_CONNECTION"]);
  });
});

test("docs/results-and-errors.md names every kind of error, and no other", () => {
  const [, union] = /export type ErrorKind =\n(.*?);/s.exec(read("pkg/src/types/results.ts"));
  const kinds = [...union.matchAll(/"(\w+)"/g)].map(([, kind]) => kind);
  const [, table] = read("docs/results-and-errors.md").split("| `kind` | what happened |\n|---|---|\n");
  const named = [...table.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, cell]) => cell.replaceAll("`", "").split(", "));
  assert.deepEqual(named.sort(), kinds.sort());
});

test("README.md and docs/comparison.md have the same measured table, of the client that is tested", () => {
  const marked = (page) => /<!-- compared:start -->\n(.*?)<!-- compared:end -->/s.exec(read(page))[1];
  const table = marked("README.md");
  assert.ok(marked("docs/comparison.md").endsWith(table), "run `npm run compare`");
  const { devDependencies } = JSON.parse(read("package.json"));
  assert.ok(table.includes(`| \`@nangohq/node\` ${devDependencies["@nangohq/node"]} |`), "run `npm run compare`");
  const [, kilobytes] = /^\| what a program loads, gzip \| (\d+) KB/m.exec(table);
  const { worker_bundle: bundle } = JSON.parse(read("tests/fixtures/sizes.json"));
  assert.ok(Math.abs(kilobytes / (bundle.gzip / 1000) - 1) < 0.1, "run `npm run compare`: the size has changed");
});

test("docs/options.md names every option of a toolkit and of a call", () => {
  const options = read("pkg/src/types/options.ts");
  const page = read("docs/options.md");
  const interfaces = ["CallOptions", "ExecuteOptions", "PureOptions", "ToolkitSettings", "ToolkitOptions"];
  for (const name of interfaces) {
    const [, body] = new RegExp(`export interface ${name}[^{]*\\{\n(.*?)^\\}`, "ms").exec(options);
    for (const [, option] of body.matchAll(/^ {2}(\w+)\??:/gm))
      assert.match(page, new RegExp(`\\b${option}\\b`), `${name}.${option}`);
  }
});
