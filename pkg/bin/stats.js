// `nango-toolkit stats`: what a log of calls tells: how often each tool succeeds, how it fails, how long it takes.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { EXIT, UsageError, note, parse, print, printJson, style, table } from "./output.js";

export const help = `Show how calls went, from a log that \`call --log\` or a JSON Lines sink wrote.

Usage: nango-toolkit stats FILE [options]

FILE is a log, or - to read one from standard input.

Options:
  --sessions   a line for each session in place of each tool
  --json       JSON, for programs
  -h, --help   this help

Exit codes: 0 success, 1 there are no calls in it, 2 wrong use (no file, unknown option)`;

const OPTIONS = { sessions: { type: "boolean" }, json: { type: "boolean" } };

export async function main(args, showHelp) {
  const { values, positionals } = parse("stats", args, OPTIONS, 1);
  if (values.help) return showHelp();
  if (positionals.length === 0) throw new UsageError("a file is missing: nango-toolkit stats FILE");
  const { statistics } = await import("../entry/node.js");
  const { events, skipped } = await read(positionals[0]);
  const told = statistics(events);
  if (skipped > 0) note(`${skipped} lines are no events, and were left out`);
  if (values.json) printJson(told);
  else if (told.total.calls === 0) note("there are no calls in it");
  else show(told, values.sessions);
  return told.total.calls > 0 ? EXIT.ok : EXIT.failed;
}

/** The ends of calls in a log, each with what statistics need of it. */
async function read(file) {
  const input = file === "-" ? process.stdin : createReadStream(file);
  const events = [];
  let skipped = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (line.trim() === "") continue;
      const event = parsed(line);
      if (typeof event?.type !== "string") skipped += 1;
      else if (event.type === "call.finished") events.push(ended(event));
    }
  } catch (error) {
    throw new UsageError(`cannot read \`${file}\`: ${error.message}`);
  }
  return { events, skipped };
}

const ended = ({ type, tool, session, error, duration_ms }) => ({ type, tool, session, error: error && { kind: error.kind, code: error.code }, duration_ms });

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function show({ total, tools, sessions, forgotten }, bySession) {
  const rows = Object.entries(bySession ? sessions : tools).sort(([, a], [, b]) => b.calls - a.calls);
  const lines = [...rows, ["all", total]].map(([name, { calls, successes, errors, latency_ms: ms }]) => {
    const codes = Object.entries(errors).sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
    return [name, String(calls), `${Math.floor((successes / calls) * 100)} %`, String(ms.p50), String(ms.p90), String(ms.p99), String(ms.max), codes.join(", ")];
  });
  const dress = (cell, column, row) => (column === 0 ? style.bold(cell) : column === 2 && row[2] !== "100 %" ? style.yellow(cell) : cell);
  print(table([bySession ? "SESSION" : "TOOL", "CALLS", "OK", "P50 MS", "P90", "P99", "MAX", "ERRORS"], lines, dress));
  if (bySession && forgotten > 0) print(style.dim(`\n${forgotten} sessions more are only in the last line`));
}
