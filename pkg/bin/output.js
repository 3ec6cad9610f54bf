// How the command line prints: tables, colours only on a terminal, errors with their issues. No commands here.
import { parseArgs } from "node:util";

/** Exit codes, as `--help` documents them. */
export const EXIT = { ok: 0, failed: 1, usage: 2 };

/** A mistake on the command line: shown without a stack, exit code 2. */
export class UsageError extends Error {}

const coloured = (stream) => Boolean(stream.isTTY) && !process.env.NO_COLOR && process.env.TERM !== "dumb";
const paint = (stream, code, text) => (coloured(stream) ? `\u001b[${code}m${text}\u001b[0m` : text);

/** Styles for what goes to standard output. */
export const style = {
  bold: (text) => paint(process.stdout, 1, text),
  dim: (text) => paint(process.stdout, 2, text),
  red: (text) => paint(process.stdout, 31, text),
  green: (text) => paint(process.stdout, 32, text),
  yellow: (text) => paint(process.stdout, 33, text),
  cyan: (text) => paint(process.stdout, 36, text),
};

export const print = (text = "") => void process.stdout.write(`${text}\n`);
export const printJson = (value) => print(JSON.stringify(value, null, 2));
/** For what is not the output itself, so that pipes stay clean. */
export const note = (text) => void process.stderr.write(`${paint(process.stderr, 2, text)}\n`);

/** A value as indented JSON, property names coloured. */
export const pretty = (value) =>
  JSON.stringify(value, null, 2).replace(/^(\s*)("(?:[^"\\]|\\.)*")(: )/gm, (_, space, name, colon) => space + style.cyan(name) + colon);

/**
 * Rows as columns, padded by what is seen. The last column wraps at the terminal's width; in a pipe it never does.
 * @param {string[]} head
 * @param {string[][]} rows
 * @param {(cell: string, column: number, row: string[]) => string} [dress] colours a padded cell
 */
export function table(head, rows, dress = (cell) => cell) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const last = Math.max(24, (process.stdout.columns ?? Infinity) - before);
  const line = (cells, look) => {
    const [first, ...more] = wrap(cells.at(-1), last);
    const padded = cells.slice(0, -1).map((cell, column) => look(cell.padEnd(widths[column]), column));
    const rest = more.map((text) => " ".repeat(before) + look(text, cells.length - 1));
    return [[...padded, look(first, cells.length - 1)].join("  ").trimEnd(), ...rest].join("\n");
  };
  return [line(head, (cell) => style.dim(cell)), ...rows.map((row) => line(row, (cell, column) => dress(cell, column, row)))].join("\n");
}

/** Breaks a text into lines of at most `width` characters, at spaces. */
export function wrap(text, width) {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const joined = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (joined.length <= width || !lines.at(-1)) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}

/** Shows an error of the toolkit on standard error: what, where, what to do. */
export function printError({ kind, code, message, status, issues = [], hint }) {
  const red = (text) => paint(process.stderr, 31, text);
  // Where all issues are listed below, the message need not name the first; nor need it repeat the hint.
  const first = issues.length > 0 ? `: ${issues[0].path.join(".")}: ${issues[0].message}` : "";
  const short = [first, hint ? ` (${hint})` : ""].reduce((text, tail) => (tail && text.endsWith(tail) ? text.slice(0, -tail.length) : text), message);
  const where = [kind, code === kind ? undefined : code, status].filter((part) => part !== undefined).join(", ");
  const lines = [`${red("error:")} ${short}${where ? ` (${where})` : ""}`];
  for (const issue of issues) {
    lines.push(`  ${issue.path.length > 0 ? issue.path.join(".") : "(arguments)"}: ${issue.message}`);
    if (issue.hint) lines.push(`    hint: ${issue.hint}`);
  }
  if (hint) lines.push(`hint: ${hint}`);
  process.stderr.write(`${lines.join("\n")}\n`);
}

/**
 * Parses the arguments of one command.
 * @param {string} command its name, for messages
 * @param {string[]} args
 * @param {import("node:util").ParseArgsConfig["options"]} options
 * @param {number} most how many positionals it takes
 */
export function parse(command, args, options, most) {
  const see = `see \`nango-toolkit ${command} --help\``;
  try {
    const { values, positionals } = parseArgs({ args, options: { ...options, help: { type: "boolean", short: "h" } }, allowPositionals: true });
    if (positionals.length > most) throw new UsageError(`unexpected argument \`${positionals[most]}\`: ${see}`);
    return { values, positionals };
  } catch (error) {
    if (error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") throw new UsageError(`unknown option ${/'.*?'/.exec(error.message)?.[0].replaceAll("'", "`")}: ${see}`);
    if (error.code?.startsWith("ERR_PARSE_ARGS")) throw new UsageError(`${error.message.split("\n")[0]}: ${see}`);
    throw error;
  }
}

/** A whole number within bounds from an option's text. */
export function wholeNumber(name, text, min, max) {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`\`${name}\` expects a whole number from ${min} to ${max}, given \`${text}\``);
  }
  return value;
}
