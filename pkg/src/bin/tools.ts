// `nango-toolkit tools`: lists the tools, or shows one.
import type { ApiLevel, ToolDefinition, ToolEffect, Toolset } from "../types/tools.js";
import {
  type Dress,
  EXIT,
  UsageError,
  parse,
  pretty,
  print,
  printError,
  printJson,
  style,
  table,
  wrap,
} from "./output.js";

type Toolkit = typeof import("../index.js");

export const help = `List the tools, or show one with its arguments.

Usage: nango-toolkit tools [SLUG] [options]

Options:
  --toolset NAME   only this toolset (may be given several times); all for every tool
  --read-only      only tools that change nothing
  --api LEVEL      TypeScript, for models: index, signatures, types or full
  --json           JSON, for programs
  -h, --help       this help

Exit codes: 0 success, 2 usage error (unknown tool or toolset, unknown option)`;

const OPTIONS = {
  toolset: { type: "string", multiple: true },
  "read-only": { type: "boolean" },
  api: { type: "string" },
  json: { type: "boolean" },
} as const;

const EFFECT_STYLES: Record<ToolEffect, (text: string) => string> = {
  read: style.green,
  write: style.yellow,
  destructive: style.red,
};

export async function main(args: string[], showHelp: () => void): Promise<number | void> {
  const { values, positionals } = parse("tools", args, OPTIONS, 1);
  if (values.help) return showHelp();
  const toolkit = await import("../entry/node.js");
  const [name] = positionals;
  const level = knownLevel(values.api);
  if (level && values.json) throw new UsageError("`--api` and `--json` exclude each other");
  if (level && name !== undefined) return showText(toolkit, name, level);
  if (name !== undefined) return showOne(toolkit, name, values.json);
  const all = toolkit.listTools({ toolsets: "all" });
  const toolsets = knownToolsets(all, values.toolset);
  const filter = { toolsets, readOnly: values["read-only"] };
  if (level) return printText(toolkit.apiText({ ...filter, level }));
  const tools = toolkit.listTools(filter);
  list(tools, values.json, toolsets ? 0 : all.filter((tool) => !tool.listed).length);
}

const LEVELS: readonly ApiLevel[] = ["index", "signatures", "types", "full"];

function knownLevel(given: string | undefined): ApiLevel | undefined {
  const level = LEVELS.find((name) => name === given);
  if (level !== undefined || given === undefined) return level;
  throw new UsageError(`unknown level \`${given}\`: expected one of ${LEVELS.join(", ")}`);
}

/** Prints an API text, which ends with a line break. */
const printText = (text: string): void => print(text.trimEnd());

function showText(toolkit: Toolkit, name: string, level: ApiLevel): number | void {
  if (!toolkit.getTool(name)) return printUnknown(toolkit, name);
  printText(toolkit.apiText({ tools: [name], level }));
}

/** Prints tools; `others` is how many more there are in other toolsets. */
function list(tools: ToolDefinition[], json = false, others = 0): void {
  if (json) {
    printJson(tools);
    return;
  }
  const rows = tools.map((tool) => [tool.slug, tool.toolset, tool.effect, firstSentence(tool.description)]);
  print(table(["SLUG", "TOOLSET", "EFFECT", "DESCRIPTION"], rows, dressTool));
  const more = others > 0 ? `; ${others} more: nango-toolkit tools --toolset all` : "";
  print(style.dim(`\n${tools.length} tools; for details of one: nango-toolkit tools SLUG${more}`));
}

/** The toolsets given, each of which must exist. */
export function knownToolsets(tools: ToolDefinition[], given: string[] | undefined): (Toolset | "all")[] | undefined {
  const known = [...new Set(tools.map((tool) => tool.toolset)), "all"] as const;
  const isKnown = (name: string): name is Toolset | "all" => known.some((toolset) => toolset === name);
  return given?.map((name) => {
    if (isKnown(name)) return name;
    throw new UsageError(`unknown toolset \`${name}\`: expected one of ${known.join(", ")}`);
  });
}

/** Colours the row of a tool: its slug in the first column, its effect in the third. */
export const dressTool: Dress = (cell, column, row) => {
  if (column === 0) return style.bold(cell);
  return column === 2 ? EFFECT_STYLES[row[2] as ToolEffect](cell) : cell;
};

const firstSentence = (text: string): string => /^.*?[.;:](?=\s|$)/s.exec(text)?.[0].replace(/[;:]$/, ".") ?? text;

/** The parts of a JSON Schema that are shown. */
interface Shown {
  type?: string;
  enum?: unknown[];
  items?: Shown;
  description?: string;
  properties?: Record<string, Shown>;
  required?: string[];
}

function showOne(toolkit: Toolkit, name: string, json = false): number | void {
  const tool = toolkit.getTool(name);
  if (!tool) return printUnknown(toolkit, name);
  if (json) return printJson(tool);
  const width = Math.min(process.stdout.columns ?? 100, 100);
  const effect = EFFECT_STYLES[tool.effect](tool.effect);
  print(`${style.bold(tool.slug)}  ${tool.title}  ${effect}, ${tool.toolset}`);
  print(`\n${wrap(tool.description, width).join("\n")}\n`);
  print(argumentsTable(tool.inputSchema));
  for (const { title, arguments: args } of tool.examples) {
    const quoted = JSON.stringify(args).replaceAll("'", "'\\''");
    print(`\n${style.dim(title)}\n  nango-toolkit call ${tool.slug} '${quoted}' --emulator`);
  }
  const schema = toolkit.exactOutputSchema(tool.slug);
  print(`\n${style.dim("Data of a successful result, as JSON Schema:")}\n${pretty(schema)}`);
}

function argumentsTable({ properties = {}, required = [] }: Shown): string {
  const rows = Object.entries(properties).map(([name, schema]) => {
    return [name, typeOf(schema), required.includes(name) ? "yes" : "", schema.description ?? ""];
  });
  if (rows.length === 0) return "It takes no arguments.";
  const dress: Dress = (cell, column) => (column === 0 ? style.bold(cell) : cell);
  return table(["ARGUMENT", "TYPE", "REQUIRED", "MEANING"], rows, dress);
}

function typeOf(schema: Shown): string {
  if (schema.enum) return schema.enum.join(" | ");
  return schema.type === "array" ? `${schema.items?.type ?? "any"}[]` : (schema.type ?? "any");
}

/** Prints the core's error for an unknown name, with the most similar slugs. */
function printUnknown({ validate, NangoToolkitError }: Toolkit, name: string): number {
  try {
    validate(name, {});
  } catch (error) {
    if (!(error instanceof NangoToolkitError)) throw error;
    printError(error);
  }
  return EXIT.usage;
}
