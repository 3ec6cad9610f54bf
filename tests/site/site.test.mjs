// The documentation as a site: it is built without a warning, its links lead to files and headings, it loads nothing
// from elsewhere, it has the reference of every entry of the package, and `npm start` serves it. The long run includes
// the reference of the crate.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildDocs, pages } from "../../scripts/docs.mjs";
import { buildPage, servePage } from "../../scripts/page.mjs";

const rust = process.env.NANGO_TOOLKIT_FULL === "1";
const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the site", () => {
  const folder = mkdtempSync(join(tmpdir(), "nango-site-"));
  const out = join(folder, "docs");
  const read = (file) => readFileSync(join(out, file), "utf8");
  let files;
  before(async () => {
    await buildDocs({ out, rust });
    files = readdirSync(out, { recursive: true }).filter((file) => file.endsWith(".html"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const own = () => files.filter((file) => !file.startsWith("rust"));

  test("has a page for every Markdown file", () => {
    const documents = own().filter((file) => file.startsWith("documents"));
    assert.equal(documents.length, pages().length);
    assert.match(read("index.html"), /npm<\/span>.*install/);
  });

  test("has every entry of the package", () => {
    const modules = own().filter((file) => file.startsWith("modules"));
    const text = modules.map(read).join("\n");
    const { exports } = JSON.parse(readFileSync(join(root, "pkg", "package.json"), "utf8"));
    for (const path of Object.keys(exports).filter((name) => !/\.(json|wasm)$/.test(name))) {
      const name = `nango-toolkit${path.slice(1)}`;
      assert.match(text, new RegExp(`(<h1>Module |<code>)${name}(<|\\b)`), name);
    }
  });

  test("links to the reference of the crate where that was built", () => {
    for (const file of own())
      assert.equal(/rust\/nango_toolkit\/index\.html">Rust crate</.test(read(file)), rust, file);
  });

  test("has links that lead to files and headings", () => {
    const ids = new Map();
    const idsOf = (file) => {
      if (!ids.has(file)) ids.set(file, new Set([...read(file).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)));
      return ids.get(file);
    };
    const broken = [];
    let count = 0;
    for (const file of own()) {
      for (const [, target] of read(file).matchAll(/ (?:href|src)="([^"]+)"/g)) {
        if (/^(https?|data|mailto):/.test(target)) continue;
        count += 1;
        const [path, anchor] = target.split("#");
        const found = path === "" ? file : normalize(join(dirname(file), decodeURIComponent(path)));
        if (!existsSync(join(out, found))) broken.push(`${file}: ${target}`);
        else if (anchor && found.endsWith(".html") && !idsOf(found).has(decodeURIComponent(anchor)))
          broken.push(`${file}: ${target}`);
      }
    }
    assert.ok(count > 1000, `${count} links`);
    assert.deepEqual(broken, []);
  });

  test("loads nothing from elsewhere", () => {
    for (const file of own())
      assert.doesNotMatch(read(file), /<(script|img|link|iframe)[^>]+(src|href)="(https?:)?\/\//, file);
    for (const file of readdirSync(join(out, "assets")).filter((name) => name.endsWith(".css")))
      assert.doesNotMatch(read(join("assets", file)), /url\(["']?(https?:)?\/\/|@import/, file);
  });

  test("is served beside the page; before it is built, the URL says how", async () => {
    const page = join(folder, "page");
    await buildPage({ out: page });
    const docs = join(folder, "later");
    const served = await servePage({ port: 0, out: page, docs });
    try {
      const get = (path) => fetch(served.url + path, { redirect: "manual" });
      const unbuilt = await get("/docs/");
      assert.deepEqual([unbuilt.status, /npm run docs/.test(await unbuilt.text())], [404, true]);
      mkdirSync(join(docs, "rust"), { recursive: true });
      writeFileSync(join(docs, "index.html"), "<title>first</title>");
      writeFileSync(join(docs, "rust", "a.css"), "a{}");
      assert.match(await (await get("/docs/")).text(), /first/);
      assert.equal((await get("/docs")).headers.get("location"), "/docs/");
      assert.match((await get("/docs/rust/a.css")).headers.get("content-type"), /text\/css/);
      for (const path of [
        "/docs/rust",
        "/docs/none.html",
        "/docs/%2e%2e/page/index.html",
        "/docs/..%2fpage/index.html",
        "/docs/%",
        "/docs/%00",
      ])
        assert.equal((await get(path)).status, 404, path);
      assert.match(await (await get("/")).text(), /<title>Nango Toolkit<\/title>/);
    } finally {
      await served.close();
    }
  });
});
