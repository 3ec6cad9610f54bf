// docs/faces.md names what is exported, and only that: the npm package, the Rust crate, the command, the MCP server,
// the component. Every option of the core's strict readers and of the package has a row, too.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";
import { cli } from "./support.mjs";

const at = (path) => new URL(`../../${path}`, import.meta.url);
const read = (path) => readFileSync(at(path), "utf8");
const names = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name);

/** The tables of the page by their headings: rows with a title and a cell for each face. */
function tables(page) {
  const sections = page.split(/^## /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const lines = section.split("\n").filter((line) => line.startsWith("|"));
      const rows = lines.map((line) =>
        line
          .slice(1, -1)
          .split("|")
          .map((cell) => cell.trim()),
      );
      const [head, , ...body] = rows;
      const cells = (row) => Object.fromEntries(head.slice(1).map((face, i) => [face, cellOf(row[i + 1] ?? "")]));
      return [section.split("\n")[0], body.map((row) => ({ title: row[0], cells: cells(row) }))];
    }),
  );
}

/** What a cell says: the names that stand there, or why there are none. */
function cellOf(text) {
  if (text.startsWith("no: ")) return { names: [], reason: text.slice(4) };
  return {
    names: names(text, /`([^`]+)`/g),
    rest: text
      .replace(/`[^`]+`/g, "")
      .replaceAll(",", "")
      .trim(),
  };
}

const { Questions: questions, Options: options } = tables(read("docs/faces.md"));
const named = (rows, face) => new Set(rows.flatMap(({ cells }) => cells[face]?.names ?? []));
const missing = (all, known) => [...all].filter((name) => !known(name)).sort();

/** The declarations of the package: the members of each class and interface by name, inherited ones included. */
function declarations() {
  const found = new Map();
  const files = readdirSync(at("pkg/dist"), { recursive: true }).filter((file) => file.endsWith(".d.ts"));
  for (const file of files) {
    const text = read(`pkg/dist/${file}`);
    for (const [, kind, name, parents = "", body] of text.matchAll(
      /^export (?:declare )?(?:abstract )?(class|interface) (\w+)(?:<[^{]*>)?(?: extends ([^{]+))? \{\n(.*?)^\}/gms,
    )) {
      const own = names(body, /^ {4}(?:readonly |static )?(\w+)\??[(<:]/gm).filter(
        (member) => member !== "constructor",
      );
      const methods = names(body, /^ {4}(\w+)[(<]/gm).filter((member) => member !== "constructor");
      found.set(name, { kind, own, methods, parents: names(parents, /(\w+)(?=[,<>\s]|$)/g) });
    }
  }
  return found;
}
const declared = declarations();
const members = (name, which = "own") => {
  const { [which]: own = [], parents = [] } = declared.get(name) ?? {};
  return [...own, ...parents.flatMap((parent) => (parent === name ? [] : members(parent, which)))];
};

/** The functions, classes and constants that a file of declarations exports, those that it passes on included. */
function exportsOf(file) {
  const text = readFileSync(file, "utf8");
  const own = names(text, /^export declare (?:function|class|const) (\w+)/gm);
  const passedOn = names(text, /^export \{([^}]*)\} from/gm).flatMap((list) =>
    list.split(",").map((name) => name.trim().split(" as ").at(-1)),
  );
  const whole = names(text, /^export \* from "(.*)\.js"/gm).flatMap((path) => exportsOf(new URL(`${path}.d.ts`, file)));
  return [...own, ...passedOn.filter((name) => name !== "" && !name.startsWith("type ")), ...whole];
}

/** The names of npm: subpaths, the exports that are declared, methods. */
function npm() {
  const { exports } = JSON.parse(read("pkg/package.json"));
  const subpaths = Object.keys(exports).filter((path) => path !== ".");
  const declarations = Object.values(exports).flatMap(({ types }) => types?.default ?? types ?? []);
  const values = declarations.flatMap((path) => exportsOf(at(`pkg/${path.slice(2)}`)));
  const methods = [
    ...members("NangoToolkit", "methods").map((name) => `NangoToolkit.${name}`),
    // What a toolkit has as well stands there.
    ...declared.get("Session").methods.map((name) => `Session.${name}`),
    ...members("Emulator", "methods").map((name) => `Emulator.${name}`),
  ];
  return new Set([...subpaths.map((path) => `nango-toolkit${path.slice(1)}`), ...values, ...methods]);
}

/** The paths of the crate, and those of them that are types, traits and functions of modules. */
function rust() {
  const lines = read("tests/fixtures/public_api.txt").split("\n");
  const all = new Set();
  const whole = new Set();
  for (const line of lines) {
    const found = /^(?:#\[\w+\] )?pub (?:async |const )*(\w+) nango_toolkit::([\w:]*\w)/.exec(line);
    const field = /^pub nango_toolkit::([\w:]*\w)/.exec(line);
    if (field) all.add(field[1]);
    if (!found) continue;
    const [, kind, path] = found;
    all.add(path);
    const isMember = /(^|::)[A-Z]\w*::/.test(path);
    if (["enum", "struct", "trait", "type", "union", "fn"].includes(kind) && !isMember) whole.add(path);
  }
  return { all, whole };
}

/** The commands, and their options. */
async function commands() {
  const { stdout } = await cli(["--help"]);
  const verbs = names(/^Commands:\n(.*?)\n\n/ms.exec(stdout)[1], /^ {2}(\w+) /gm);
  const helps = await Promise.all(verbs.map((verb) => cli([verb, "--help"])));
  const optionsOf = (verb, i) => names(helps[i].stdout, /^ {2}(--[a-z-]+)/gm).map((option) => `${verb} ${option}`);
  return new Set([...verbs, ...verbs.flatMap(optionsOf)]);
}

/**
 * The methods that the server answers, the notifications that it follows and sends, and the tools of the mode `search`.
 */
async function mcp() {
  const [source, progress] = ["read", "progress"].map((file) => read(`src/mcp/${file}.rs`).split("#[cfg(test)]")[0]);
  const methods = names(source, /^ +\("([a-z/]+)", (?:Revision::\w+|_)\)/gm);
  const notifications = names(source + progress, /"(notifications\/\w+)"/g);
  const { fetch, apiKey, baseUrl } = createEmulator();
  const handle = createMcpHandler({ fetch, apiKey, baseUrl, allowAnonymous: true, mode: "search" });
  const headers = { "content-type": "application/json" };
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
  const response = await handle(new Request("http://localhost/mcp", { method: "POST", headers, body }));
  const tools = (await response.json()).result.tools.map((tool) => tool.name);
  return new Set([...methods, ...notifications, ...tools]);
}

/** The functions of the component. */
function component() {
  const found = new Set();
  let resource = "";
  for (const line of read("src/wit/toolkit.wit").split("\n")) {
    resource = /^ {4}resource ([\w-]+)/.exec(line)?.[1] ?? resource;
    const name = /^ {8}(?:([\w-]+): (?:static )?func|(constructor))\(/.exec(line);
    if (name) found.add(`${resource}.${name[1] ?? name[2]}`);
  }
  return found;
}

/** The variables that the component for `wasi:http` reads. */
function variables() {
  const folder = "crates/mcp-component/src";
  const sources = readdirSync(at(folder)).map((file) => read(`${folder}/${file}`).split("#[cfg(test)]")[0]);
  const found = new Set(sources.flatMap((text) => names(text, /"(NANGO_[A-Z_]*[A-Z])"/g)));
  for (const name of ["READ_ONLY", "TOOLSETS", "TOOLS", "EXCLUDE", "MODE"]) found.add(`NANGO_MCP_${name}`);
  return found;
}

const isGlob = (name) => name.endsWith("::*");
const covers = (known) => (path) =>
  known.has(path) || [...known].some((name) => isGlob(name) && path.startsWith(name.slice(0, -1)));

describe("docs/faces.md", () => {
  test("every cell names something or gives a reason", () => {
    assert.ok(questions.length > 25 && options.length > 45);
    for (const { title, cells } of [...questions, ...options]) {
      assert.equal(Object.keys(cells).length, 5, title);
      for (const [face, cell] of Object.entries(cells)) {
        if (cell.reason !== undefined) assert.ok(cell.reason.length > 4, `${title}, ${face}`);
        else assert.ok(cell.names.length > 0 && cell.rest === "", `${title}, ${face}: names alone, or \`no: reason\``);
      }
    }
    for (const rows of [questions, options]) {
      const titles = rows.map((row) => row.title);
      assert.deepEqual(titles, [...new Set(titles)]);
    }
  });

  test("npm", () => {
    const all = npm();
    assert.ok(all.size > 50);
    const known = named(questions, "npm");
    assert.deepEqual(
      missing(known, (name) => all.has(name)),
      [],
      "named, but not exported",
    );
    assert.deepEqual(
      missing(all, (name) => known.has(name)),
      [],
      "exported, but not named",
    );
  });

  test("Rust", () => {
    const { all, whole } = rust();
    assert.ok(whole.size > 100 && all.size > 500);
    const known = named(questions, "Rust");
    const exists = (name) =>
      isGlob(name) ? [...all].some((path) => path.startsWith(name.slice(0, -1))) : all.has(name);
    const everything = new Set([...known, ...named(options, "Rust")]);
    assert.deepEqual(missing(everything, exists), [], "named, but not exported");
    assert.deepEqual(missing(whole, covers(known)), [], "exported, but not named");
  });

  test("command line", async () => {
    const all = await commands();
    assert.ok(all.size > 30);
    const known = new Set([...named(questions, "command line"), ...named(options, "command line")]);
    assert.deepEqual(
      missing(known, (name) => all.has(name)),
      [],
      "named, but no command or option",
    );
    assert.deepEqual(
      missing(all, (name) => known.has(name)),
      [],
      "a command or option, but not named",
    );
  });

  test("MCP", async () => {
    const all = await mcp();
    assert.ok(all.size > 8);
    const known = named(questions, "MCP");
    assert.deepEqual(
      missing(known, (name) => all.has(name)),
      [],
      "named, but not there",
    );
    assert.deepEqual(
      missing(all, (name) => known.has(name)),
      [],
      "there, but not named",
    );
    // In the table of options, variables of the server stand in this column.
    const names = new Set([...variables(), "search_tools"]);
    const inOptions = named(options, "MCP server");
    assert.deepEqual(
      missing(inOptions, (name) => names.has(name)),
      [],
      "named, but not read",
    );
    assert.deepEqual(
      missing(variables(), (name) => inOptions.has(name)),
      [],
      "read, but not named",
    );
  });

  test("component", () => {
    const all = component();
    assert.ok(all.size > 12);
    const known = new Set([...named(questions, "component"), ...named(options, "component")]);
    assert.deepEqual(
      missing(known, (name) => all.has(name)),
      [],
      "named, but not in the WIT",
    );
    assert.deepEqual(
      missing(all, (name) => named(questions, "component").has(name)),
      [],
      "in the WIT, but not named",
    );
  });

  test("every option has a row, where it can be set", () => {
    const nameOf = ({ title }) => /^`(\w+)`/.exec(title)[1];
    const rows = new Set(options.map(nameOf));
    // What the package declares.
    const ofListings = ["SearchOptions", "ApiTextOptions", "PaginateOptions"];
    const interfaces = ["ToolkitOptions", "ExecuteOptions", "SessionOptions", "McpHandlerOptions", ...ofListings];
    for (const one of interfaces) assert.ok(members(one).length > 3, one);
    const ofPackage = new Set(interfaces.flatMap((one) => members(one)));
    assert.deepEqual(
      missing(ofPackage, (name) => rows.has(name)),
      [],
      "declared, but without a row",
    );
    for (const row of options)
      for (const one of row.cells.npm.names)
        assert.ok(interfaces.includes(one) && members(one).includes(nameOf(row)), `${row.title} of ${one}`);
    // What the core reads from JSON. Parts of an option stand with it.
    const parts = new Set(["allowedHosts", "allowAuthorization", "attempts", "totalMs", "baseMs", "maxMs"]);
    const sources = ["src/options.rs", "src/options/filter.rs", "src/session/options.rs", "src/mcp/server.rs"].map(
      read,
    );
    const ofCore = new Set(sources.flatMap((text) => names(text, /Property::new\("(\w+)"/g)));
    assert.ok(ofCore.size > 25);
    assert.deepEqual(
      missing(ofCore, (name) => rows.has(name) || parts.has(name)),
      [],
      "read, but without a row",
    );
    assert.deepEqual(
      missing(rows, (name) => ofPackage.has(name) || ofCore.has(name)),
      [],
      "a row, but no option",
    );
    // What `toolkit.open` and a call of the component take is what the core reads.
    for (const row of options.filter(({ cells }) => cells.component.names.includes("toolkit.open")))
      assert.ok(ofCore.has(nameOf(row)), row.title);
  });
});
