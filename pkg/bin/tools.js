// `nango-toolkit tools`: lists the tools, or shows one.
import { EXIT, UsageError, parse, pretty, print, printError, printJson, style, table, wrap } from "./output.js";

export const help = `List the tools, or show one with its arguments.

Usage: nango-toolkit tools [SLUG] [options]

Options:
  --toolset NAME   only this toolset (may be given several times)
  --read-only      only tools that change nothing
  --json           JSON, for programs
  -h, --help       this help

Exit codes: 0 success, 2 wrong use (unknown tool or toolset, unknown option)`;

const OPTIONS = { toolset: { type: "string", multiple: true }, "read-only": { type: "boolean" }, json: { type: "boolean" } };
/** Colours of effects. */
export const EFFECT = { read: style.green, write: style.yellow, destroy: style.red };

export async function main(args, showHelp) {
  const { values, positionals } = parse("tools", args, OPTIONS, 1);
  if (values.help) return showHelp();
  const toolkit = await import("../entry/node.js");
  return positionals.length > 0 ? showOne(toolkit, positionals[0], values) : list(toolkit, values);
}

function list({ listTools }, { toolset, "read-only": readOnly, json }) {
  const tools = listTools({ toolsets: knownToolsets(listTools, toolset), readOnly });
  if (json) return printJson(tools);
  const rows = tools.map((tool) => [tool.slug, tool.toolset, tool.effect, firstSentence(tool.description)]);
  print(table(["SLUG", "TOOLSET", "EFFECT", "WHAT IT DOES"], rows, dress));
  print(style.dim(`\n${tools.length} tools; one in full: nango-toolkit tools SLUG`));
}

/** The toolsets given, each of which must be one. */
export function knownToolsets(listTools, given) {
  const known = [...new Set(listTools().map((tool) => tool.toolset))];
  const wrong = given?.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new UsageError(`unknown toolset \`${wrong}\`: expected one of ${known.join(", ")}`);
  return given;
}

const dress = (cell, column, row) => (column === 0 ? style.bold(cell) : column === 2 ? EFFECT[row[2]](cell) : cell);
const firstSentence = (text) => /^.*?[.;:](?=\s|$)/s.exec(text)?.[0].replace(/[;:]$/, ".") ?? text;

function showOne(toolkit, name, { json }) {
  const tool = toolkit.getTool(name);
  if (!tool) return unknown(toolkit, name);
  if (json) return printJson(tool);
  const width = Math.min(process.stdout.columns ?? 100, 100);
  print(`${style.bold(tool.slug)}  ${tool.title}  ${EFFECT[tool.effect](tool.effect)}, ${tool.toolset}`);
  print(`\n${wrap(tool.description, width).join("\n")}\n`);
  const { properties = {}, required = [] } = tool.inputSchema;
  const rows = Object.entries(properties).map(([key, schema]) => [key, typeOf(schema), required.includes(key) ? "yes" : "", schema.description ?? ""]);
  print(rows.length > 0 ? table(["ARGUMENT", "TYPE", "REQUIRED", "MEANING"], rows, (cell, column) => (column === 0 ? style.bold(cell) : cell)) : "It takes no arguments.");
  for (const { title, arguments: args } of tool.examples) {
    print(`\n${style.dim(title)}\n  nango-toolkit call ${tool.slug} '${JSON.stringify(args).replaceAll("'", "'\\''")}' --emulator`);
  }
  const { description, ...data } = tool.outputSchema.properties.data;
  print(`\n${style.dim("Data of a successful result, as JSON Schema:")}\n${pretty(data)}`);
}

const typeOf = (schema) => (schema.enum ? schema.enum.join(" | ") : schema.type === "array" ? `${schema.items?.type ?? "any"}[]` : (schema.type ?? "any"));

/** Says what the core says of an unknown name: the nearest slugs. */
function unknown({ validate }, name) {
  try {
    validate(name, {});
  } catch (error) {
    printError(error);
  }
  return EXIT.usage;
}
