// `nango-toolkit call`: runs one tool with the library; this file parses arguments and prints.
import { appendFileSync } from "node:fs";
import { type Sink, jsonLinesSink } from "../audit.js";
import { reasonIsInLog } from "../errors.js";
import { messageOf } from "../serialization.js";
import type { FailureContext, PureOptions, ToolkitOptions } from "../types/options.js";
import type { ProviderPaging } from "../types/paging.js";
import type { Explanation } from "../types/policy.js";
import type { Tools } from "../tools.js";
import type { ErrorKind, Result, ResultError } from "../types/results.js";
import type { JsonSchema } from "../types/tools.js";
import { isPair, readPairs } from "./arguments.js";
import { GIVEN, type GivenValues, readJson, sessionOptionsOf, toolkitOptionsOf } from "./given.js";
import {
  EXIT,
  UsageError,
  note,
  parse,
  pretty,
  print,
  printError,
  printJson,
  usageError,
  wholeNumber,
} from "./output.js";
import { type EmulatorValues, inMemory } from "./world.js";

type Toolkit = typeof import("../index.js");

export const help = `Run one tool and print its result.

Usage: nango-toolkit call SLUG [ARGUMENTS] [options]

ARGUMENTS is a JSON object, @FILE to read one from a file, or - to read it from standard input; or words such as
  name=value         a string as it is; numbers, true, false and objects as JSON, as the tool's schema says
  outer.inner=value  a property of an object
  name:=json         JSON, whatever the schema says
A name that takes a list may be repeated: one entry each time.

Options:
  --emulator                  against the in-memory Nango: no key, no network, nothing kept without --world
  --world FILE                with --emulator: keep its data in FILE from call to call, what was sent included;
                              FILE may also be your own data as JSON, and is made if it does not exist
  --faults JSON               with --emulator: what goes wrong on purpose, as JSON or @FILE
  --base-url URL              a self-hosted Nango (default NANGO_HOST, else https://api.nango.dev)
  --allow-insecure-http       let the key travel over plain http to a public host
  --reveal-secrets[=KINDS]    show secrets in the result: all, or only these kinds (comma-separated)
  --timeout SECONDS           give up after this long, further attempts included
  --options JSON              other options of a toolkit, or @FILE: policy, proxy, modify, retry, schema, …
  --user ID                   as this end user: only what is theirs
  --session JSON              the same with other options of a session, or @FILE: roles, tags, policy, …
  --all                       every page of a list: its entries as one JSON array, with --json one entry a line
  --max-pages N               with --all: at most N pages
  --paging JSON               with --all through the proxy: how the provider pages its lists, as JSON or @FILE
  --dry-run                   print the request as it would be sent, and send nothing
  --explain                   print what policy and session would decide, and send nothing
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
  nango-toolkit call NANGO_PROVIDERS_GET_GET provider=quickbooks --emulator
  nango-toolkit call NANGO_CONNECTION_LIST_GET '{"limit":5,"tags":{"plan":"pro"}}' --emulator
  nango-toolkit call NANGO_CONNECTION_LIST_GET limit=5 tags.plan=pro --emulator
  nango-toolkit call NANGO_CONNECTION_LIST_GET --all --json --emulator
  nango-toolkit call NANGO_ADD_CONNECTION @connection.json --dry-run
  nango-toolkit call NANGO_DELETE_INTEGRATION unique_key=slack --emulator --world world.json`;

const OPTIONS = {
  emulator: { type: "boolean" },
  world: { type: "string" },
  faults: { type: "string" },
  "base-url": { type: "string" },
  "allow-insecure-http": { type: "boolean" },
  "reveal-secrets": { type: "string" },
  timeout: { type: "string" },
  ...GIVEN,
  all: { type: "boolean" },
  "max-pages": { type: "string" },
  paging: { type: "string" },
  "dry-run": { type: "boolean" },
  explain: { type: "boolean" },
  log: { type: "string" },
  json: { type: "boolean" },
} as const;

/** The parsed options of the command line; those about Nango are common to several commands. */
interface NangoValues {
  emulator?: boolean | undefined;
  "base-url"?: string | undefined;
  "allow-insecure-http"?: boolean | undefined;
}
interface CallValues extends NangoValues, GivenValues, EmulatorValues {
  "reveal-secrets"?: string | undefined;
  timeout?: string | undefined;
  all?: boolean | undefined;
  "max-pages"?: string | undefined;
  paging?: string | undefined;
  explain?: boolean | undefined;
  log?: string | undefined;
  json?: boolean | undefined;
}

/** Kinds of errors caused by the caller, found before anything was sent. */
const WRONG_USE: readonly ErrorKind[] = ["unknown_tool", "invalid_arguments", "invalid_option"];

export async function main(args: string[], showHelp: () => void): Promise<number | void> {
  const given = args.map((arg) => (arg === "--reveal-secrets" ? "--reveal-secrets=" : arg));
  const { values, positionals } = parse("call", given, OPTIONS, Number.POSITIVE_INFINITY);
  if (values.help) return showHelp();
  const [slug, ...words] = positionals;
  if (slug === undefined) {
    throw new UsageError("a tool is missing: nango-toolkit call SLUG [ARGUMENTS]", "`nango-toolkit tools` lists them");
  }
  checkPlace(values);
  for (const name of ["world", "faults"] as const) {
    if (values[name] !== undefined && !values.emulator) throw new UsageError(`\`--${name}\` needs \`--emulator\``);
  }
  if (values.explain && values["dry-run"]) throw new UsageError("`--explain` and `--dry-run` exclude each other");
  if (values.all && (values.explain || values["dry-run"])) {
    throw new UsageError("`--all` excludes `--explain` and `--dry-run`");
  }
  for (const name of ["max-pages", "paging"] as const) {
    if (values[name] !== undefined && !values.all) throw new UsageError(`\`--${name}\` needs \`--all\``);
  }
  const settings = settingsOf(values);
  checkWords(words);
  const toolkit = await import("../entry/node.js");
  const input = argumentsOf(toolkit, slug, words, settings);
  if (values["dry-run"]) return dryRun(toolkit, slug, input, settings, values);
  return call(toolkit, slug, input, settings, values);
}

/** Throws unless the words after the tool are one JSON object, or `name=value` each. */
function checkWords(words: string[]): void {
  const other = words.find((word) => !isPair(word));
  if (other === undefined || words.length === 1) return;
  const see = "see `nango-toolkit call --help`";
  if (!words.some(isPair)) throw new UsageError(`unexpected argument \`${words[1]}\``, see);
  throw new UsageError(`\`${other}\` is not \`name=value\`: give all arguments as JSON, or all as name=value`, see);
}

/** The arguments of the tool. */
function argumentsOf(toolkit: Toolkit, slug: string, words: string[], settings: Settings): unknown {
  const [first = "{}"] = words;
  if (!isPair(first)) return readJson(first, "the argument", '{"provider":"github"}');
  return readPairs(words, schemaOf(toolkit, slug, settings));
}

/** The schema of a tool as these options change it; that of an unknown one is empty, and the call reports it. */
function schemaOf({ NangoToolkit, getTool }: Toolkit, slug: string, settings: Settings): JsonSchema {
  try {
    const listed = new NangoToolkit({ ...settings, apiKey: () => "" }).tools({ toolsets: "all" });
    return (listed.find((tool) => tool.slug === slug) ?? getTool(slug))?.inputSchema ?? {};
  } catch (error) {
    throw usageError(error);
  }
}

/** Throws if the options name more than one server. */
export function checkPlace(values: NangoValues): void {
  if (values.emulator && values["base-url"] !== undefined) {
    throw new UsageError("`--emulator` and `--base-url` exclude each other");
  }
}

type Settings = Omit<ToolkitOptions, "apiKey">;

/** The options of the toolkit: those of `--options`, and those that have an option of their own. */
function settingsOf(values: CallValues): Settings {
  const { timeout, "reveal-secrets": kinds } = values;
  const options = toolkitOptionsOf(values);
  const seconds = timeout === undefined ? undefined : Number(timeout);
  if (seconds !== undefined && !(seconds > 0 && Number.isFinite(seconds))) {
    throw new UsageError(`\`--timeout\` expects seconds above 0, given \`${timeout}\``);
  }
  const timeoutMs = seconds === undefined ? undefined : Math.ceil(seconds * 1000);
  return {
    ...options,
    ...(timeoutMs !== undefined && { timeoutMs, retry: { ...options.retry, totalMs: timeoutMs } }),
    ...(kinds !== undefined && { revealSecrets: kinds === "" || kinds.split(",") }),
  };
}

const baseUrlOf = (values: NangoValues): string | undefined =>
  values["base-url"] ?? (process.env.NANGO_HOST || undefined);

function dryRun(
  toolkit: Toolkit,
  slug: string,
  input: unknown,
  { schema, proxy, modify }: PureOptions,
  values: CallValues,
): number | void {
  const { buildRequest, NangoToolkitError } = toolkit;
  let request: ReturnType<typeof buildRequest>;
  try {
    const baseUrl = values.emulator ? undefined : baseUrlOf(values);
    const allowInsecureHttp = values["allow-insecure-http"];
    request = buildRequest(slug, input, { schema, proxy, modify, baseUrl, allowInsecureHttp });
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
  module: Toolkit,
  slug: string,
  input: unknown,
  settings: Settings,
  values: CallValues,
): Promise<number | void> {
  const log = values.log === undefined ? undefined : openLog(values.log);
  const memory = values.emulator ? await inMemory(values) : undefined;
  const connection = memory?.options ?? fromEnvironment(values);
  const session = sessionOptionsOf(values);
  const reasons = new Map<string, string>();
  let nango: Tools;
  try {
    // The person at the terminal is the operator, and sees the reason once, however many attempts failed.
    const onError = (error: unknown, { id }: FailureContext): void => void reasons.set(id, reasonOf(error));
    const toolkit = new module.NangoToolkit({ ...settings, ...connection, onEvent: log, onError });
    nango = session === undefined ? toolkit : toolkit.session(session);
  } catch (error) {
    throw usageError(error);
  }
  if (values.explain) return explain(nango.explain(slug, input), values);
  const result = values.all ? await readAll(module, nango, slug, input, values) : await nango.execute(slug, input);
  if (result.error) result.error = forTerminal(result.error, reasons, connection.baseUrl, values);
  for (const reason of reasons.values()) note(reason);
  const notKept = memory?.keep();
  if (notKept !== undefined) note(notKept);
  if (log && log.counts.failed > 0) {
    note(`${log.counts.failed} of ${log.counts.received} events could not be written to ${values.log}`);
  }
  // Entries of pages have been printed.
  const isJson = values.json && !values.all;
  if (isJson) printJson(result);
  if (!result.successful) {
    if (!isJson) printError(result.error);
    return WRONG_USE.includes(result.error.kind) ? EXIT.usage : EXIT.failed;
  }
  const code = notKept === undefined ? undefined : EXIT.failed;
  if (values.json) return code;
  print(pretty(result.data));
  if (values.all) {
    const { length } = result.data as unknown[];
    note(`${slug}: ${length} ${length === 1 ? "entry" : "entries"}`);
    return code;
  }
  const { tool, status, attempts, durationMs: duration = 0 } = result.meta;
  note(`${tool}: ${status} after ${Math.round(duration)} ms${attempts > 1 ? `, ${attempts} attempts` : ""}`);
  return code;
}

/** The entries of all pages; as JSON each is printed at once. */
async function readAll(
  { NangoToolkitError }: Toolkit,
  nango: Tools,
  slug: string,
  input: unknown,
  { json, "max-pages": most, paging: described }: CallValues,
): Promise<Result<unknown[]>> {
  const maxPages = most === undefined ? undefined : wholeNumber("--max-pages", most, 1, 1_000_000);
  const paging = described === undefined ? undefined : readJson(described, "`--paging`", '{"type":"link"}');
  const meta = { tool: slug, attempts: 0 };
  const data: unknown[] = [];
  try {
    for await (const entry of nango.paginate(slug as string, input, {
      maxPages,
      paging: paging as ProviderPaging | undefined,
    })) {
      if (json) print(JSON.stringify(entry));
      else data.push(entry);
    }
  } catch (error) {
    if (!(error instanceof NangoToolkitError)) throw error;
    const { kind, code, message, retryable, hint, issues, status, details } = error;
    const given = { hint, issues, status, details };
    const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    // What was read before is not lost.
    if (data.length > 0) print(pretty(data));
    return { successful: false, data: null, error: { kind, code, message, retryable, ...known }, meta };
  }
  return { successful: true, data, error: null, meta };
}

/** An error as the terminal shows it: with its reason, which is taken from `reasons`, and what to do from here. */
function forTerminal(
  error: ResultError,
  reasons: Map<string, string>,
  baseUrl: string | undefined,
  { emulator }: NangoValues,
): ResultError {
  let { message, hint } = error;
  for (const [id, reason] of reasons) {
    if (!message.includes(reasonIsInLog(id))) continue;
    message = message.replace(reasonIsInLog(id), () => reason);
    reasons.delete(id);
  }
  if (error.kind === "network" && !emulator && baseUrl !== undefined) hint = "check `NANGO_HOST` or `--base-url`";
  if (error.kind === "confirmation_required") {
    hint = "`call` cannot ask: run it with a policy that allows the call, or use `onApproval` in a program";
  }
  return { ...error, message, ...(hint !== undefined && { hint }) };
}

/** Why a request failed: what an error says, or its causes where Node hides it in them. */
function reasonOf(error: unknown): string {
  const said: string[] = [];
  for (let cause = error; cause && said.length < 4; cause = (cause as { cause?: unknown }).cause) {
    const { code, errors } = cause as NodeJS.ErrnoException & { errors?: unknown };
    // One error for each address of a name.
    const message = messageOf(cause) || (Array.isArray(errors) ? errors.map(messageOf).join(", ") : "");
    said.push(code && !message.includes(code) ? [message, `(${code})`].filter(Boolean).join(" ") : message);
  }
  if (said.length > 1 && said[0] === "fetch failed") said.shift();
  return said.filter(Boolean).join(": ");
}

function explain(explanation: Explanation, { json }: CallValues): number | void {
  const { decision, rules, reason, error } = explanation;
  if (json) printJson(explanation);
  else if (error) printError(error);
  else print(`${decision}: ${reason}${rules.length > 0 ? ` (${rules.join(", ")})` : ""}`);
  if (error) return EXIT.usage;
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

/** The options of a toolkit that uses the Nango server named by environment variables and options. */
export function fromEnvironment(values: NangoValues): ToolkitOptions {
  const apiKey = process.env.NANGO_SECRET_KEY;
  if (!apiKey) {
    throw new UsageError("no API key: set NANGO_SECRET_KEY, or give --emulator to call the in-memory Nango");
  }
  return { apiKey, baseUrl: baseUrlOf(values), allowInsecureHttp: values["allow-insecure-http"] };
}
