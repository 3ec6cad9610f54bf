// `nango-toolkit stats`: statistics from a log of calls: how often each tool succeeds, how it fails, how long it takes.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { messageOf } from "../serialization.js";
import type { AuditEvent, CallStatistics, Statistics } from "../types/events.js";
import { type Dress, EXIT, UsageError, note, parse, print, printJson, style, table } from "./output.js";

export const help = `Show how calls went, from a log that \`call --log\` or a JSON Lines sink wrote.

Usage: nango-toolkit stats FILE [options]

FILE is a log, or - to read one from standard input.

Options:
  --sessions   one line per session instead of per tool
  --json       JSON, for programs
  -h, --help   this help

Exit codes: 0 success, 1 the log contains no calls, 2 usage error (no file, unknown option)`;

const OPTIONS = { sessions: { type: "boolean" }, json: { type: "boolean" } } as const;

export async function main(args: string[], showHelp: () => void): Promise<number | void> {
  const { values, positionals } = parse("stats", args, OPTIONS, 1);
  if (values.help) return showHelp();
  const [file] = positionals;
  if (file === undefined) throw new UsageError("a file is missing: nango-toolkit stats FILE");
  const { statistics } = await import("../entry/node.js");
  const { events, skipped } = await read(file);
  const result = statistics(events);
  if (skipped > 0) note(`${skipped} lines are not events and were skipped`);
  if (values.json) printJson(result);
  else if (result.total.calls === 0) note("the log contains no calls");
  else show(result, values.sessions);
  return result.total.calls > 0 ? EXIT.ok : EXIT.failed;
}

/** The ends of calls in a log, reduced to what statistics need. */
async function read(file: string): Promise<{ events: AuditEvent[]; skipped: number }> {
  const input = file === "-" ? process.stdin : createReadStream(file);
  const events: AuditEvent[] = [];
  let skipped = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === "") continue;
      const event = parseEvent(line);
      if (typeof event?.type !== "string") skipped += 1;
      else if (event.type === "call.finished") events.push(withoutDetails(event));
    }
  } catch (error) {
    throw new UsageError(`cannot read \`${file}\`: ${messageOf(error)}`);
  }
  return { events, skipped };
}

function withoutDetails(event: AuditEvent & { type: "call.finished" }): AuditEvent {
  const { error, ...rest } = event;
  if (!error) return rest;
  return { ...rest, error: { kind: error.kind, code: error.code, message: "", retryable: false } };
}

function parseEvent(line: string): AuditEvent | undefined {
  try {
    return JSON.parse(line) ?? undefined;
  } catch {
    return undefined;
  }
}

const HEAD = ["CALLS", "OK", "P50 MS", "P90", "P99", "MAX", "ERRORS"];

function show({ total, tools, sessions, forgotten }: Statistics, bySession = false): void {
  const groups = Object.entries(bySession ? sessions : tools).sort(([, a], [, b]) => b.calls - a.calls);
  const rows = [...groups.map(([name, group]) => rowOf(name, group)), rowOf("all", total)];
  const dress: Dress = (cell, column, row) => {
    if (column === 0) return style.bold(cell);
    return column === 2 && row[2] !== "100 %" ? style.yellow(cell) : cell;
  };
  print(table([bySession ? "SESSION" : "TOOL", ...HEAD], rows, dress));
  if (bySession && forgotten > 0) print(style.dim(`\n${forgotten} more sessions are only included in the last line`));
}

function rowOf(name: string, { calls, successes, errors, latencyMs: ms }: CallStatistics): string[] {
  const codes = Object.entries(errors).sort(([, a], [, b]) => b - a);
  const share = `${Math.floor((successes / calls) * 100)} %`;
  const times = [ms.p50, ms.p90, ms.p99, ms.max].map(String);
  return [name, String(calls), share, ...times, codes.map(([code, count]) => `${code} ${count}`).join(", ")];
}
