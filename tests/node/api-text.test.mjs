// Tools as TypeScript, for compilers and for models: programs that use every argument and every field of a result are
// generated from the JSON Schemas, and compiled strictly.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { NangoToolkit, NangoToolkitError, apiText, exactOutputSchema, listTools } from "../../pkg/dist/entry/node.js";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { root } from "../../scripts/lib.mjs";

const LEVELS = ["index", "signatures", "types", "full"];
const tools = listTools({ tools: "all" });
const emulator = createEmulator();
const toolkit = (options) => new NangoToolkit({ apiKey: emulator.apiKey, fetch: emulator.fetch, ...options });

const folder = mkdtempSync(join(tmpdir(), "api-text-"));
after(() => rmSync(folder, { recursive: true }));

/** What a strict compiler says of a program; empty if it is sound. */
function compile(name, text) {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, text);
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = "--strict --noEmit --target es2022 --module nodenext --exactOptionalPropertyTypes";
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, ...options.split(" "), file], {
    encoding: "utf8",
  });
  const said = `${stdout}${stderr}`.trim();
  assert.equal(status === 0, said === "", said);
  return said;
}

/** Helpers of the generated programs. */
const HELPERS = `
type Part<T, K extends string> = T extends readonly (infer Item)[]
  ? K extends "*" ? Item : never
  : T extends object ? K extends keyof T ? T[K] : never : never;
declare function text(value: string): void;
declare function number(value: number): void;
declare function truth(value: boolean): void;
declare function nothing(value: null): void;
`;

const quote = (value) => JSON.stringify(value);
const isObject = (value) => typeof value === "object" && value !== null;

/** Statements that take every field of a value apart, each of which has exactly the type that its schema says. */
function takeApart(schema, value, depth = 0) {
  const name = `v${depth}`;
  const types = [schema.type ?? []].flat();
  if (types.includes("null") && types.length > 1) {
    const rest = { ...schema, type: types.filter((type) => type !== "null") };
    return `if (${value} !== null) { ${takeApart(rest, value, depth)} }`;
  }
  if (schema.anyOf) {
    const forms = schema.anyOf.filter((form) => form.type !== "null");
    return forms.map((form) => narrowed(form, value, depth, tag(forms))).join("\n");
  }
  if (schema.enum) {
    const options = schema.enum.filter((option) => option !== null).map(quote);
    const others = options.map((option) => `const is: typeof ${name} = ${option}; void is;`);
    return `{ const ${name} = ${value}; const exact: ${options.join(" | ")} = ${name}; void exact;
      ${others.map((line) => `{ ${line} }`).join(" ")} }`;
  }
  if (types.length !== 1) return `void ${value};`;
  switch (types[0]) {
    case "string":
      return `text(${value});`;
    case "integer":
    case "number":
      return `number(${value});`;
    case "boolean":
      return `truth(${value});`;
    case "null":
      return `nothing(${value});`;
    case "array":
      return `for (const ${name} of ${value}) { ${takeApart(schema.items ?? {}, name, depth + 1)} }`;
    case "object":
      return fields(schema, value, depth);
  }
  throw new Error(`a type that is not known: ${types[0]}`);
}

function fields(schema, value, depth) {
  const name = `v${depth}`;
  const lines = Object.entries(schema.properties ?? {}).map(([key, inner]) => {
    const field = `const ${name} = ${value}[${quote(key)}];`;
    const inside = takeApart(inner, name, depth + 1);
    const isThere = schema.required?.includes(key);
    return isThere ? `{ ${field} ${inside} }` : `{ ${field} if (${name} !== undefined) { ${inside} } }`;
  });
  if (isObject(schema.additionalProperties)) {
    const inside = takeApart(schema.additionalProperties, name, depth + 1);
    lines.push(`for (const ${name} of Object.values(${value})) { ${inside} }`);
  }
  return lines.join("\n");
}

/** The property whose value tells the forms of an object apart; `undefined` if they have none. */
function tag(forms) {
  const objects = forms.filter((form) => form.type === "object");
  const [first] = objects;
  return Object.keys(first?.properties ?? {}).find((key) => {
    const options = objects.map((form) => form.properties?.[key]?.enum);
    return options.every(Boolean) && new Set(options.flat()).size === options.flat().length;
  });
}

/** The statements of one form of a value that has several. */
function narrowed(form, value, depth, key) {
  if (form.type === "array") return `if (Array.isArray(${value})) { ${takeApart(form, value, depth)} }`;
  if (form.type !== "object") {
    const type = form.type === "integer" ? "number" : form.type;
    return `if (typeof ${value} === ${quote(type)}) { ${takeApart(form, value, depth)} }`;
  }
  const isObject = `typeof ${value} === "object" && ${value} !== null && !Array.isArray(${value})`;
  if (key !== undefined) {
    const is = form.properties[key].enum.map((option) => `${value}[${quote(key)}] === ${quote(option)}`).join(" || ");
    return `if (${isObject} && (${is})) { ${takeApart(form, value, depth)} }`;
  }
  return `if (${isObject}) { ${takeApart(form, value, depth)} }`;
}

const SAMPLES = { string: '"text"', integer: "1", boolean: "true" };

/** Declarations that give every argument, and every part of one, each of its values. */
function giveAll(schema, type) {
  const samples = schema.enum ? schema.enum.map(quote) : [SAMPLES[schema.type]].filter(Boolean);
  const lines = samples.map((sample) => `{ const given: ${type} = ${sample}; void given; }`);
  for (const [key, inner] of Object.entries(schema.properties ?? {}))
    lines.push(...giveAll(inner, `Part<${type}, ${quote(key)}>`));
  if (schema.items) lines.push(...giveAll(schema.items, `Part<Exclude<${type}, string>, "*">`));
  return lines;
}

/** A program that gives every argument of a tool and takes every field of its result. */
function program({ slug, inputSchema, examples }, types) {
  const { given, result, call } = types(slug);
  const calls = examples.map((example) => call(quote(example.arguments)));
  const uses = result ? takeApart(exactOutputSchema(slug), "result") : "";
  return `export async function ${slug}(${result ? `result: ${result}` : ""}): Promise<void> {
    ${giveAll(inputSchema, given).join("\n")}
    ${calls.join("\n")}
    ${uses}
  }`;
}

/** The types of a tool in the package's own declarations. */
const ofPackage = (slug) => ({
  given: `ToolArguments[${quote(slug)}]`,
  result: `ToolResults[${quote(slug)}]`,
  call: (args) => `{ const args: ToolArguments[${quote(slug)}] = ${args}; void args; }`,
});

/** Those of an API text. */
const ofText = (slug) => ({
  given: `NonNullable<Parameters<typeof nango.${slug}>[0]>`,
  result: `Awaited<ReturnType<typeof nango.${slug}>>`,
  call: (args) => `await nango.${slug}(${args === "{}" ? "" : args});`,
});

const programs = (types) => tools.map((tool) => program(tool, types)).join("\n");

describe("programs that use every argument and every field", () => {
  test("compile with the types of the package", async () => {
    const file = quote(join(root, "pkg", "src", "tool-types.js"));
    const types = `import type { ToolArguments, ToolResults } from ${file};`;
    assert.equal(compile("package", `${types}${HELPERS}${programs(ofPackage)}`), "");
  });

  for (const level of ["types", "full"]) {
    test(`compile with the API text, ${level}`, async () => {
      const api = apiText({ tools: "all", level });
      assert.doesNotMatch(api, /[:<|] any\b|<any>/);
      const text = `${api}${HELPERS}${programs(ofText)}export {};`;
      assert.equal(compile(level, text), "");
    });
  }

  test("compile with the signatures, whose results are of any type", async () => {
    const untyped = (slug) => ({ ...ofText(slug), result: undefined });
    const text = `${apiText({ tools: "all", level: "signatures" })}${HELPERS}${programs(untyped)}export {};`;
    assert.equal(compile("signatures", text), "");
  });

  test("do not compile with a wrong argument, a wrong result or a missing argument", async () => {
    const text = `${apiText({ tools: "all" })}
      nango.NANGO_GET_INTEGRATION({ unique_key: 1 });
      nango.NANGO_GET_INTEGRATION();
      nango.NANGO_CONNECTION_LIST_GET().then((data) => data.connections[0]?.id satisfies string | undefined);`;
    const said = compile("wrong", text);
    const codes = [...said.matchAll(/error (TS\d+)/g)].map(([, code]) => code);
    assert.deepEqual(codes, ["TS2322", "TS2554", "TS1360"]);
  });
});

describe("an API text", () => {
  test("is small: all tools, in tokens", (t) => {
    const limits = { index: 600, signatures: 4000, types: 11_000 };
    for (const [level, limit] of Object.entries(limits)) {
      const tokens = encode(apiText({ tools: "all", level })).length;
      t.diagnostic(`${level}: ${tokens} tokens of at most ${limit}`);
      assert.ok(tokens <= limit, `${level}: ${tokens} tokens, at most ${limit} are allowed`);
    }
  });

  test("names exactly the tools that are chosen, at every level", () => {
    const named = (text) => tools.map(({ slug }) => slug).filter((slug) => new RegExp(`\\b${slug}["(]`).test(text));
    const choices = [
      {},
      { tools: "all" },
      { toolsets: "all", readOnly: true },
      { toolsets: ["records", "account"] },
      { tools: ["NANGO_LIST_RECORDS", "NANGO_GET_PROXY"] },
    ];
    for (const choice of choices) {
      const expected = listTools(choice).map(({ slug }) => slug);
      for (const level of LEVELS) assert.deepEqual(named(apiText({ ...choice, level })), expected);
    }
  });

  test("is the same for the same tools", () => {
    for (const level of LEVELS) {
      const text = apiText({ tools: "all", level });
      assert.equal(apiText({ level, toolsets: "all" }), text);
      assert.equal(toolkit().apiText({ level, tools: "all" }), text);
    }
    assert.equal(apiText(), apiText({ level: "types" }));
  });

  test("is sound at every level for any selection, none included", async () => {
    for (const level of LEVELS) {
      const none = apiText({ toolsets: ["connect"], tools: ["NANGO_LIST_RECORDS"], level });
      assert.match(none, /^declare const nango: \{\s*\};\n$/);
      assert.equal(compile(`none-${level}`, none), "");
      assert.equal(compile(`index-${level}`, apiText({ tools: "all", level })), "");
    }
  });

  test("shows tools as the operator and a session make them", async () => {
    const modify = {
      NANGO_LIST_INTEGRATIONS: { rename: "list-apps", description: "Apps. */ declare const broken: 1; /*" },
      NANGO_CONNECTION_LIST_GET: { pin: { limit: 5 }, hide: ["search"] },
    };
    const nango = toolkit({ modify });
    for (const level of LEVELS) assert.equal(compile(`modified-${level}`, nango.apiText({ level })), "");
    const full = nango.apiText({ level: "full" });
    assert.match(full, /Apps\. \*\\\/ declare const broken/);
    assert.match(full, /"list-apps"\(\): Promise/);
    const list = /NANGO_CONNECTION_LIST_GET\(args\?: \{.*?\}\): /;
    assert.doesNotMatch(list.exec(nango.apiText({ level: "signatures" }))?.[0] ?? "limit", /\b(limit|search)\b/);
    const asNew = toolkit({ modify: { NANGO_LIST_INTEGRATIONS: { rename: "new" } } }).apiText({ level: "types" });
    assert.equal(compile("new", `${asNew}void nango.new().then(({ data }) => data.length);`), "");
    const session = nango.session({ user: "ada", tools: ["NANGO_GET_CONNECTION", "NANGO_CONNECTION_LIST_GET"] });
    const shown = session.apiText({ level: "signatures" });
    assert.match(shown, /NANGO_GET_CONNECTION\(/);
    assert.doesNotMatch(shown, /end_user_id|list-apps/);
    assert.deepEqual(shown.match(/NANGO_\w+(?=\()/g), ["NANGO_CONNECTION_LIST_GET", "NANGO_GET_CONNECTION"]);
  });

  test("says that a result may be anything where the host may change it", () => {
    const text = toolkit({ afterCall: () => undefined }).apiText({ tools: ["NANGO_LIST_INTEGRATIONS"] });
    assert.match(text, /NANGO_LIST_INTEGRATIONS\(\): Promise<any>;/);
  });

  test("refuses wrong options by name", () => {
    const refused = (options, message) =>
      assert.throws(
        () => apiText(options),
        (error) => error instanceof NangoToolkitError && message.test(error.message),
      );
    refused({ level: "typs" }, /level/);
    refused({ levels: "types" }, /there is no option `levels`/);
    refused({ tools: "some" }, /tools/);
    refused({ tools: ["NANGO_LIST_RECORD"] }, /NANGO_LIST_RECORD/);
    refused({ schema: "gemini" }, /there is no option `schema`/);
  });
});
