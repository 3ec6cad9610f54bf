// `nango-toolkit call`: runs one tool. What a call means is the library's; here are arguments and printing.
import { appendFileSync, readFileSync } from "node:fs";
import { jsonLinesSink } from "../audit.js";
import { EXIT, UsageError, note, parse, pretty, print, printError, printJson } from "./output.js";

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
};

/** Errors that are the caller's, found before anything was sent. */
const WRONG_USE = new Set(["unknown_tool", "invalid_arguments"]);

export async function main(args, showHelp) {
  const { values, positionals } = parse("call", args.map((arg) => (arg === "--reveal-secrets" ? "--reveal-secrets=" : arg)), OPTIONS, 2);
  if (values.help) return showHelp();
  const [slug, text = "{}"] = positionals;
  if (slug === undefined) throw new UsageError("a tool is missing: nango-toolkit call SLUG [ARGUMENTS]; `nango-toolkit tools` lists them");
  if (values.emulator && values["base-url"] !== undefined) throw new UsageError("`--emulator` and `--base-url` exclude each other");
  const settings = optionsOf(values);
  const input = readArguments(text);
  const library = await import("../entry/node.js");
  return values["dry-run"] ? dryRun(library, slug, input, values) : call(library, slug, input, settings, values);
}

function optionsOf({ timeout, "reveal-secrets": kinds }) {
  const seconds = timeout === undefined ? undefined : Number(timeout);
  if (seconds !== undefined && !(seconds > 0 && Number.isFinite(seconds))) throw new UsageError(`\`--timeout\` expects seconds above 0, given \`${timeout}\``);
  const timeoutMs = seconds === undefined ? undefined : Math.ceil(seconds * 1000);
  return {
    timeoutMs,
    retry: { totalMs: timeoutMs },
    revealSecrets: kinds === undefined ? undefined : kinds === "" || kinds.split(","),
  };
}

function readArguments(text) {
  const source = text === "-" ? "standard input" : text.startsWith("@") ? `\`${text.slice(1)}\`` : "the argument";
  let json = text;
  try {
    if (text === "-") json = readFileSync(0, "utf8");
    else if (text.startsWith("@")) json = readFileSync(text.slice(1), "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${source}: ${error.message}`);
  }
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`${source} is not JSON: ${error.message}; expected an object such as '{"provider":"github"}'`);
  }
}

const baseUrlOf = (values) => values["base-url"] ?? (process.env.NANGO_HOST || undefined);

function dryRun({ buildRequest }, slug, input, { json, emulator, ...values }) {
  let request;
  try {
    request = buildRequest(slug, input, { baseUrl: emulator ? undefined : baseUrlOf(values), allowInsecureHttp: values["allow-insecure-http"] });
  } catch (error) {
    if (!WRONG_USE.has(error.kind)) throw new UsageError(error.message);
    show(error, json && { successful: false, data: null, error });
    return EXIT.usage;
  }
  if (json) return printJson(request);
  const headers = [["authorization", "Bearer <NANGO_SECRET_KEY>"], ...Object.entries(request.headers)];
  print(`${request.method} ${request.url}`);
  for (const [name, value] of headers) print(`${name}: ${value}`);
  if (request.body !== null) print(`\n${request.body}`);
}

async function call({ NangoToolkit }, slug, input, settings, values) {
  const log = values.log === undefined ? undefined : openLog(values.log);
  const nango = client(NangoToolkit, values.emulator ? await inMemory() : fromEnvironment(values), { ...settings, onEvent: log });
  const result = await nango.execute(slug, input);
  if (log?.counts.failed > 0) note(`${log.counts.failed} of ${log.counts.received} events could not be written to ${values.log}`);
  if (!result.successful) {
    show(result.error, values.json && result);
    return WRONG_USE.has(result.error.kind) ? EXIT.usage : EXIT.failed;
  }
  if (values.json) return printJson(result);
  print(pretty(result.data));
  const { tool, status, attempts, duration_ms: duration } = result.meta;
  note(`${tool}: ${status} after ${Math.round(duration)} ms${attempts > 1 ? `, ${attempts} attempts` : ""}`);
}

/** A sink that appends to a file, which can be written now. */
function openLog(file) {
  const append = (line) => appendFileSync(file, line, { mode: 0o600 });
  try {
    append("");
  } catch (error) {
    throw new UsageError(`cannot write the file of \`--log\`: ${error.message}`);
  }
  return jsonLinesSink(append);
}

function client(NangoToolkit, connection, settings) {
  try {
    return new NangoToolkit({ ...connection, ...settings });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

export async function inMemory() {
  const { createEmulator } = await import("../entry/emulator-node.js");
  const { fetch, apiKey, baseUrl } = createEmulator();
  return { fetch, apiKey, baseUrl };
}

export function fromEnvironment(values) {
  const apiKey = process.env.NANGO_SECRET_KEY;
  if (!apiKey) throw new UsageError("no API key: set NANGO_SECRET_KEY, or give --emulator to call the in-memory Nango");
  return { apiKey, baseUrl: baseUrlOf(values), allowInsecureHttp: values["allow-insecure-http"] };
}

function show(error, json) {
  if (json) printJson(json);
  else printError(error);
}
