// `nango-toolkit emulate`: the in-memory Nango as an HTTP server in the foreground.
import { randomUUID } from "node:crypto";
import type { Emulator } from "../emulator.js";
import { EXIT, parse, print, printError, style, wholeNumber } from "./output.js";
import { type EmulatorValues, openEmulator } from "./world.js";

export const help = `Serve the in-memory Nango over HTTP, for any Nango client.

Usage: nango-toolkit emulate [options]

Options:
  --port N           port, 0 for any free one (default 3003)
  --host ADDRESS     address to listen on (default 127.0.0.1)
  --key KEY          the API key, a UUID v4 (default: a new one at every start, or the one that --seed decides)
  --seed N           drives every generated id and token, and the API key (default for ids and tokens: 1)
  --world FILE       your own data as JSON, in place of the built-in one, or what \`call --world\` has kept
  --faults JSON      what goes wrong on purpose, as JSON or @FILE, for example
                     '{"latencyMs":200,"fail":[{"match":{"path":"/connections"},"kind":"status","status":503}]}'
  --allow-origin ORIGIN
                     web origin that may use it beside its own, * for all; may be repeated
  --rate-limit N     requests a minute before 429 (default 200)
  --json             print one line of JSON: url, apiKey
  -h, --help         this help

It keeps everything in memory, forgets it at the end, and ignores NANGO_* variables.

Exit codes: 0 stopped by a signal, 1 it could not listen, 2 wrong use`;

const OPTIONS = {
  port: { type: "string", default: "3003" },
  host: { type: "string", default: "127.0.0.1" },
  key: { type: "string" },
  seed: { type: "string" },
  "allow-origin": { type: "string", multiple: true },
  world: { type: "string" },
  faults: { type: "string" },
  "rate-limit": { type: "string" },
  json: { type: "boolean" },
} as const;

const MAX_U32 = 0xffff_ffff;

export async function main(args: string[], showHelp: () => void): Promise<number | void> {
  const { values } = parse("emulate", args, OPTIONS, 0);
  if (values.help) return showHelp();
  const port = wholeNumber("--port", values.port, 0, 65535);
  const emulator = await makeEmulator(values);
  const { serve } = await import("./serve.js");
  const origins = values["allow-origin"] ?? [];
  const server = await serve(emulator, { port, host: values.host, origins }).catch((error) => {
    printError({ message: listenProblem(error, port, values.host) });
  });
  if (!server) return EXIT.failed;
  const stopped = stopSignal();
  if (values.json) print(JSON.stringify({ url: server.url, apiKey: emulator.apiKey }));
  else print(greeting(server.url, emulator.apiKey));
  await stopped;
  await server.close();
}

/** Resolves when the program receives a signal to stop. */
export const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });

interface Values extends EmulatorValues {
  key?: string | undefined;
  seed?: string | undefined;
  "rate-limit"?: string | undefined;
}

async function makeEmulator(values: Values): Promise<Emulator> {
  const seed = values.seed === undefined ? undefined : wholeNumber("--seed", values.seed, 0, MAX_U32);
  // Other programs can reach it, so the key must not be predictable.
  const apiKey = values.key ?? (seed === undefined ? randomUUID() : undefined);
  const limit = values["rate-limit"];
  const rateLimit = limit === undefined ? undefined : wholeNumber("--rate-limit", limit, 1, MAX_U32);
  return openEmulator(values, { seed, apiKey, rateLimit });
}

/** The message why a server could not start. */
export function listenProblem(error: NodeJS.ErrnoException, port: number, host: string): string {
  if (error.code === "EADDRINUSE") {
    return `port ${port} of ${host} is in use: stop the program that listens there, or choose another with --port`;
  }
  if (error.code === "EACCES") {
    return `port ${port} of ${host} is not allowed for this user: choose one above 1023 with --port`;
  }
  return `cannot listen on ${host} port ${port}: ${error.message}`;
}

const greeting = (
  url: string,
  key: string,
): string => `${style.bold("In-memory Nango")} on ${style.cyan(url)}, until Ctrl+C

API key  ${key}

Try it:
  curl -H 'Authorization: Bearer ${key}' ${url}/connections
  NANGO_HOST=${url} NANGO_SECRET_KEY=${key} npx nango-toolkit call NANGO_CONNECTION_LIST_GET`;
