// `nango-toolkit call`: runs one tool with the library; this file parses arguments and prints.
import { appendFileSync, readFileSync } from "node:fs";
import { type Sink, jsonLinesSink } from "../audit.js";
import { messageOf } from "../serialization.js";
import type { ToolkitOptions } from "../types/options.js";
import type { ErrorKind } from "../types/results.js";
import { EXIT, UsageError, note, parse, pretty, print, printError, printJson, usageError } from "./output.js";

type Toolkit = typeof import("../index.js");

export const help = `Run one tool and print its result.

Usage: nango-toolkit call SLUG [ARGUMENTS] [options]

ARGUMENTS is a JSON object, @FILE to read one from a file, or - to read it from standard input.

Options:
  --emulator                  against the in-memory Nango: no key, no network, nothing kept
  --base-url URL              a self-hosted Nango (default NANGO_HOST, else https://api.nango.dev)
  --allow-insecure-http       let the key travel over plain http to a public host
  --reveal-secrets[=KINDS]    show secrets in the result: all, or only these kinds (comma-separated)
  --timeout SECONDS           give up after this long, further attempts included
  --dry-run                   print the request as it would be sent, and send nothing
  --log FILE                  append what happens to FILE, one JSON object a line, without secrets
  --json                      the whole result as JSON: successful, data, error, meta
  -h, --help                  this help

Environment:
  NANGO_SECRET_KEY   API key of your Nango environment; needed unless --emulator or --dry-run
  NANGO_HOST         base URL of a self-hosted Nango

Exit codes:
  0  the call succeeded
  1  the call failed: the server, the provider or the network said no
  2  wrong use: unknown tool, refused arguments, no key, unknown option; nothing was sent

Examples:
  nango-toolkit call NANGO_CONNECTION_LIST_GET --emulator
  nango-toolkit call NANGO_PROVIDERS_GET_GET '{"provider":"quickbooks"}' --emulator
  nango-toolkit call NANGO_ADD_CONNECTION @connection.json --dry-run`;

const OPTIONS = {
  emulator: { type: "boolean" },
  "base-url": { type: "string" },
  "allow-insecure-http": { type: "boolean" },
  "reveal-secrets": { type: "string" },
  timeout: { type: "string" },
  "dry-run": { type: "boolean" },
  log: { type: "string" },
  json: { type: "boolean" },
} as const;

/** The parsed options of the command line; those about Nango are common to several commands. */
interface NangoValues {
  emulator?: boolean | undefined;
  "base-url"?: string | undefined;
  "allow-insecure-http"?: boolean | undefined;
}
interface CallValues extends NangoValues {
  "reveal-secrets"?: string | undefined;
  timeout?: string | undefined;
  log?: string | undefined;
  json?: boolean | undefined;
}

/** Kinds of errors caused by the caller, found before anything was sent. */
const WRONG_USE: readonly ErrorKind[] = ["unknown_tool", "invalid_arguments"];

export async function main(args: string[], showHelp: () => void): Promise<number | void> {
  const given = args.map((arg) => (arg === "--reveal-secrets" ? "--reveal-secrets=" : arg));
  const { values, positionals } = parse("call", given, OPTIONS, 2);
  if (values.help) return showHelp();
  const [slug, text = "{}"] = positionals;
  if (slug === undefined) {
    throw new UsageError("a tool is missing: nango-toolkit call SLUG [ARGUMENTS]", "`nango-toolkit tools` lists them");
  }
  checkPlace(values);
  const settings = settingsOf(values);
  const input = readArguments(text);
  const toolkit = await import("../entry/node.js");
  return values["dry-run"] ? dryRun(toolkit, slug, input, values) : call(toolkit, slug, input, settings, values);
}

/** Throws if the options name more than one server. */
export function checkPlace(values: NangoValues): void {
  if (values.emulator && values["base-url"] !== undefined) {
    throw new UsageError("`--emulator` and `--base-url` exclude each other");
  }
}

type Settings = Pick<ToolkitOptions, "timeoutMs" | "retry" | "revealSecrets">;

function settingsOf({ timeout, "reveal-secrets": kinds }: CallValues): Settings {
  const seconds = timeout === undefined ? undefined : Number(timeout);
  if (seconds !== undefined && !(seconds > 0 && Number.isFinite(seconds))) {
    throw new UsageError(`\`--timeout\` expects seconds above 0, given \`${timeout}\``);
  }
  const timeoutMs = seconds === undefined ? undefined : Math.ceil(seconds * 1000);
  return {
    timeoutMs,
    retry: { totalMs: timeoutMs },
    revealSecrets: kinds === undefined ? undefined : kinds === "" || kinds.split(","),
  };
}

function readArguments(text: string): unknown {
  const source = text === "-" ? "standard input" : text.startsWith("@") ? `\`${text.slice(1)}\`` : "the argument";
  let json = text;
  try {
    if (text === "-") json = readFileSync(0, "utf8");
    else if (text.startsWith("@")) json = readFileSync(text.slice(1), "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${source}: ${messageOf(error)}`);
  }
  try {
    return JSON.parse(json);
  } catch (error) {
    const expected = `expected an object such as '{"provider":"github"}'`;
    throw new UsageError(`${source} is not JSON: ${messageOf(error)}; ${expected}`);
  }
}

const baseUrlOf = (values: NangoValues): string | undefined =>
  values["base-url"] ?? (process.env.NANGO_HOST || undefined);

function dryRun(toolkit: Toolkit, slug: string, input: unknown, values: CallValues): number | void {
  const { buildRequest, NangoToolkitError } = toolkit;
  let request: ReturnType<typeof buildRequest>;
  try {
    const baseUrl = values.emulator ? undefined : baseUrlOf(values);
    request = buildRequest(slug, input, { baseUrl, allowInsecureHttp: values["allow-insecure-http"] });
  } catch (error) {
    if (!(error instanceof NangoToolkitError && WRONG_USE.includes(error.kind))) throw usageError(error);
    const { kind, code, message, issues, hint, retryable } = error;
    const shown = { kind, code, message, retryable, issues, hint };
    if (values.json) printJson({ successful: false, data: null, error: shown });
    else printError(error);
    return EXIT.usage;
  }
  if (values.json) return printJson(request);
  print(`${request.method} ${request.url}`);
  print("authorization: Bearer <NANGO_SECRET_KEY>");
  for (const [name, value] of Object.entries(request.headers)) print(`${name}: ${value}`);
  if (request.body !== null) print(`\n${request.body}`);
}

async function call(
  { NangoToolkit }: Toolkit,
  slug: string,
  input: unknown,
  settings: Settings,
  values: CallValues,
): Promise<number | void> {
  const log = values.log === undefined ? undefined : openLog(values.log);
  const connection = values.emulator ? await inMemory() : fromEnvironment(values);
  let nango: InstanceType<typeof NangoToolkit>;
  try {
    // The person at the terminal is the operator.
    const onError = (error: unknown): void => note(reasonOf(error));
    nango = new NangoToolkit({ ...connection, ...settings, onEvent: log, onError });
  } catch (error) {
    throw usageError(error);
  }
  const result = await nango.execute(slug, input);
  if (log && log.counts.failed > 0) {
    note(`${log.counts.failed} of ${log.counts.received} events could not be written to ${values.log}`);
  }
  if (values.json) printJson(result);
  if (!result.successful) {
    if (!values.json) printError(result.error);
    return WRONG_USE.includes(result.error.kind) ? EXIT.usage : EXIT.failed;
  }
  if (values.json) return;
  print(pretty(result.data));
  const { tool, status, attempts, durationMs: duration = 0 } = result.meta;
  note(`${tool}: ${status} after ${Math.round(duration)} ms${attempts > 1 ? `, ${attempts} attempts` : ""}`);
}

/** What an error says, and what its causes say: Node hides why `fetch` failed there. */
function reasonOf(error: unknown): string {
  const said: string[] = [];
  for (let cause = error; cause && said.length < 4; cause = (cause as { cause?: unknown }).cause) {
    const { code } = cause as NodeJS.ErrnoException;
    said.push([messageOf(cause), code && `(${code})`].filter(Boolean).join(" "));
  }
  return said.join(": ");
}

/** A sink that appends to a file, which is checked to be writable. */
function openLog(file: string): Sink {
  const append = (line: string): void => appendFileSync(file, line, { mode: 0o600 });
  try {
    append("");
  } catch (error) {
    throw new UsageError(`cannot write the file of \`--log\`: ${messageOf(error)}`);
  }
  return jsonLinesSink(append);
}

/** The options of a toolkit that uses the in-memory Nango. */
export async function inMemory(): Promise<ToolkitOptions> {
  const { createEmulator } = await import("../entry/emulator-node.js");
  const { fetch, apiKey, baseUrl } = createEmulator();
  return { fetch, apiKey, baseUrl };
}

/** The options of a toolkit that uses the Nango server named by environment variables and options. */
export function fromEnvironment(values: NangoValues): ToolkitOptions {
  const apiKey = process.env.NANGO_SECRET_KEY;
  if (!apiKey) {
    throw new UsageError("no API key: set NANGO_SECRET_KEY, or give --emulator to call the in-memory Nango");
  }
  return { apiKey, baseUrl: baseUrlOf(values), allowInsecureHttp: values["allow-insecure-http"] };
}
