// What the npm package `@nangohq/types` says about Nango's API: endpoints with the shapes of their arguments, scopes of
// API keys, modes of authentication. Read from the program by TypeScript's checker, together with the types of the
// tools' arguments.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { API, SymbolFlags } from "typescript/unstable/sync";
import { Problem, root } from "../lib.mjs";
import { shapeReader } from "./shapes.mjs";

/** The dashboard's endpoints, which take no API key. A tool is compared with one only if a reason names it. */
const INTERNAL = /^\/(api\/v1|internal)\//;

/** The parts of a request that the types describe. */
const PARTS = { path: "Params", query: "Querystring", header: "Headers", body: "Body" };

const forward = (path) => path.replaceAll("\\", "/");

/** A program that names all that is read; it stands only in memory, in `folder`. */
const entry = (folder) => `import type {
  ACCOUNT_API_KEY_SCOPES, API_KEY_SCOPES, AuthModeType, PublicApiEndpoints
} from "${forward(folder)}/dist/index.js";
import type { ToolArguments } from "${forward(join(root, "pkg", "src", "tool-types.js"))}";
export type Endpoints = PublicApiEndpoints;
export type EnvironmentScope = (typeof API_KEY_SCOPES)[number];
export type AccountScope = (typeof ACCOUNT_API_KEY_SCOPES)[number];
export type Mode = AuthModeType;
export type Arguments = ToolArguments;
`;

const CONFIGURATION = {
  compilerOptions: { strict: true, noEmit: true, module: "nodenext", target: "es2023", types: [], skipLibCheck: true },
  files: ["entry.ts"],
};

/**
 * Reads the package that is installed in `folder`.
 * @param {string} folder a folder `@nangohq/types` of `node_modules`
 * @returns {{
 *   version: string,
 *   endpoints: Endpoint[],
 *   scopes: string[],
 *   modes: string[],
 *   toolArguments: Record<string, import("./shapes.mjs").ObjectShape>,
 * }}
 * @typedef {{
 *   key: string,
 *   isPublic: boolean,
 *   internal: boolean,
 *   parts: Record<"path" | "query" | "header" | "body", import("./shapes.mjs").Shape>,
 * }} Endpoint `key` is the method and the path as the types write it; `isPublic`: one of `PublicApiEndpoints`
 */
export function readTypes(folder) {
  const virtual = {
    [forward(join(folder, "entry.ts"))]: entry(folder),
    [forward(join(folder, "tsconfig.json"))]: JSON.stringify(CONFIGURATION),
  };
  const api = new API({
    cwd: root,
    fs: {
      readFile: (path) => virtual[path],
      fileExists: (path) => (path in virtual ? true : undefined),
    },
  });
  try {
    const project = api
      .updateSnapshot({ openProjects: [forward(join(folder, "tsconfig.json"))] })
      .getProjects()
      .at(0);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return { version, ...readProgram(project, folder, version) };
  } finally {
    api.close();
  }
}

function readProgram({ checker, program }, folder, version) {
  const main = forward(join(folder, "entry.ts"));
  const [error] = program.getSemanticDiagnostics(main);
  if (error) throw new Problem(`@nangohq/types ${version} cannot be read: ${error.text}`);
  const exportsOf = (file) => checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)));
  const named = new Map(exportsOf(main).map((symbol) => [symbol.name, checker.getDeclaredTypeOfSymbol(symbol)]));
  const membersOf = (type) => (type.isUnionType() ? type.getTypes() : [type]);
  const shapeOf = shapeReader(checker);
  const literals = (name) => membersOf(named.get(name)).map(({ value }) => value);

  const exported = exportsOf(forward(join(folder, "dist", "index.d.ts")))
    .filter(({ flags }) => flags & SymbolFlags.TypeAlias)
    .map((symbol) => checker.getDeclaredTypeOfSymbol(symbol))
    .filter((type) => !type.isUnionType());
  const endpoints = new Map();
  const add = (isPublic) => (type) => {
    const one = readEndpoint(checker, shapeOf, type, isPublic);
    if (one && !endpoints.has(one.key)) endpoints.set(one.key, one);
  };
  membersOf(named.get("Endpoints")).forEach(add(true));
  exported.forEach(add(false));

  const [tools] = shapeOf(named.get("Arguments")).objects;
  return {
    endpoints: [...endpoints.values()],
    scopes: [...literals("EnvironmentScope"), ...literals("AccountScope")],
    modes: literals("Mode"),
    toolArguments: Object.fromEntries(
      Object.entries(tools.properties).map(([slug, { shape }]) => [slug, shape.objects[0]]),
    ),
  };
}

/** An endpoint, if the type is one: it has a method and a path. */
function readEndpoint(checker, shapeOf, type, isPublic) {
  const property = (name) => {
    const symbol = checker.getPropertyOfType(type, name);
    return symbol && checker.getTypeOfSymbol(symbol);
  };
  const [method, path] = [property("Method"), property("Path")];
  if (!method?.isStringLiteralType() || !path?.isStringLiteralType()) return undefined;
  const parts = Object.entries(PARTS).map(([part, name]) => {
    const value = property(name);
    return [part, value ? shapeOf(value) : {}];
  });
  return {
    key: `${method.value} ${path.value}`,
    isPublic,
    internal: INTERNAL.test(path.value),
    parts: Object.fromEntries(parts),
  };
}
