// How the command line prints: tables, colours only on a terminal, errors with their issues. There are no commands
// here.
import { parseArgs, type ParseArgsConfig, styleText } from "node:util";
import { messageOf } from "../serialization.js";
import type { ResultError } from "../types/results.js";

/** Exit codes, as `--help` documents them. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** A subcommand. `main` returns the exit code; undefined means success. */
export interface Command {
  help: string;
  main(args: string[], showHelp: () => void): Promise<number | void>;
}

/** A mistake on the command line: shown without a stack trace, exit code 2. */
export class UsageError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** A {@link UsageError} with the message of a thrown value. */
export const usageError = (thrown: unknown): UsageError =>
  new UsageError(messageOf(thrown), (thrown as { hint?: string }).hint);

type Format = Parameters<typeof styleText>[0];
type Paint = (text: string) => string;

const isColoured = (stream: NodeJS.WriteStream): boolean =>
  Boolean(stream.isTTY) && !process.env.NO_COLOR && process.env.TERM !== "dumb";
const paint = (stream: NodeJS.WriteStream, format: Format, text: string): string =>
  isColoured(stream) ? styleText(format, text, { validateStream: false }) : text;
const styleOf =
  (format: Format): Paint =>
  (text) =>
    paint(process.stdout, format, text);

/** Styles for standard output. */
export const style: Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", Paint> = {
  bold: styleOf("bold"),
  dim: styleOf("dim"),
  red: styleOf("red"),
  green: styleOf("green"),
  yellow: styleOf("yellow"),
  cyan: styleOf("cyan"),
};

export const print = (text = ""): void => void process.stdout.write(`${text}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));
/** Prints a note on standard error, so that it is not part of the output. */
export const note = (text: string): void => void process.stderr.write(`${paint(process.stderr, "dim", text)}\n`);

/** A value as indented JSON, with coloured property names. */
export const pretty = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    /^(\s*)("(?:[^"\\]|\\.)*")(: )/gm,
    (_, space, name, colon) => space + style.cyan(name) + colon,
  );

/** Colours a padded cell of a table. */
export type Dress = (cell: string, column: number, row: string[]) => string;

/** Rows as columns. The last column is wrapped at the width of the terminal, and never in a pipe. */
export function table(head: string[], rows: string[][], dress: Dress = (cell) => cell): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const last = Math.max(24, (process.stdout.columns ?? Number.POSITIVE_INFINITY) - before);
  const line = (cells: string[], look: (cell: string, column: number) => string): string => {
    const [first = "", ...more] = wrap(cells.at(-1) ?? "", last);
    const padded = cells.slice(0, -1).map((cell, column) => look(cell.padEnd(widths[column] ?? 0), column));
    const rest = more.map((text) => " ".repeat(before) + look(text, cells.length - 1));
    return [[...padded, look(first, cells.length - 1)].join("  ").trimEnd(), ...rest].join("\n");
  };
  const body = rows.map((row) => line(row, (cell, column) => dress(cell, column, row)));
  return [line(head, style.dim), ...body].join("\n");
}

/** Wraps text at spaces into lines of at most `width` characters. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const joined = line ? `${line} ${word}` : word;
    if (line && joined.length > width) {
      lines.push(line);
      line = word;
    } else line = joined;
  }
  return [...lines, line];
}

/** Prints an error on standard error: its message, the issues and the hint. */
export function printError(error: Partial<ResultError> & { message: string }): void {
  const { kind, code, message, status, issues = [], hint } = error;
  // All issues are listed below, so the message does not repeat the first.
  const [issue] = issues;
  const first = issue ? `: ${issue.path.join(".")}: ${issue.message}` : "";
  const short = first && message.endsWith(first) ? message.slice(0, -first.length) : message;
  const where = [kind, code === kind ? undefined : code, status].filter((part) => part !== undefined).join(", ");
  const lines = [`${paint(process.stderr, "red", "error:")} ${short}${where ? ` (${where})` : ""}`];
  for (const { path, message: problem, hint: advice } of issues) {
    lines.push(`  ${path.length > 0 ? path.join(".") : "(arguments)"}: ${problem}`);
    if (advice) lines.push(`    hint: ${advice}`);
  }
  if (hint) lines.push(`hint: ${hint}`);
  process.stderr.write(`${lines.join("\n")}\n`);
}

type Options = NonNullable<ParseArgsConfig["options"]>;
type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T & { help: { type: "boolean"; short: "h" } }; allowPositionals: true }>
>;

/**
 * Parses the arguments of one command.
 * @param command its name, for messages
 * @param most the maximum number of positional arguments
 */
export function parse<const T extends Options>(command: string, args: string[], options: T, most: number): Parsed<T> {
  const see = `see \`nango-toolkit ${command} --help\``;
  try {
    const all = { ...options, help: { type: "boolean", short: "h" } } as const;
    const parsed = parseArgs({ args, options: all, allowPositionals: true });
    const { positionals } = parsed;
    if (positionals.length > most) throw new UsageError(`unexpected argument \`${positionals[most]}\``, see);
    return parsed;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const message = messageOf(error);
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      throw new UsageError(`unknown option ${/'.*?'/.exec(message)?.[0].replaceAll("'", "`")}`, see);
    }
    if (code.startsWith("ERR_PARSE_ARGS")) throw new UsageError(message.split("\n")[0] ?? message, see);
    throw error;
  }
}

/** Parses the whole number of an option, within bounds. */
export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`\`${name}\` expects a whole number from ${min} to ${max}, given \`${text}\``);
  }
  return value;
}
