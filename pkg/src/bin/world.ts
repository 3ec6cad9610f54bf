// The in-memory Nango of the command line, with a world from a file. Such a file is a world as `createEmulator` takes
// it, or what `call --world` keeps: the world at the start and the requests that have changed it since. The emulator
// answers the same requests at the same times in the same way: repeating them restores every id, token and credential.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fetchOf } from "../emulator-fetch.js";
import type { Emulator, EmulatorOptions, EmulatorReply, EmulatorRequest } from "../emulator.js";
import { messageOf } from "../serialization.js";
import type { ToolkitOptions } from "../types/options.js";
import { UsageError, usageError } from "./output.js";

/** A request that has changed the world, without the API key, and its time. */
interface Kept extends EmulatorRequest {
  at: number;
}

/** What a file holds: a world (the built-in one if absent), and the requests since. */
interface World {
  world?: object | string | undefined;
  requests: Kept[];
}

/** Options of the in-memory Nango, as the command line gives them. */
export interface EmulatorValues {
  world?: string | undefined;
  faults?: string | undefined;
}

/** An emulator with the world of a file, and with the faults that `--faults` describes. */
export async function openEmulator(values: EmulatorValues, options: EmulatorOptions = {}): Promise<Emulator> {
  const { world, requests } = values.world === undefined ? { requests: [] } : readWorld(values.world);
  if (requests.length > 0 && options.seed !== undefined) {
    throw new UsageError("`--seed` does not go with a world that `call --world` has kept: its ids are decided");
  }
  const faults = values.faults?.startsWith("@") ? readText("--faults", values.faults.slice(1)) : values.faults;
  const { createEmulator } = await import("../entry/emulator-node.js");
  const { rateLimit, now = Date.now, ...others } = options;
  let at: number | undefined;
  try {
    const emulator = createEmulator({ ...others, world, now: () => at ?? now() });
    for (const request of requests) {
      at = request.at;
      emulator.handle({ ...request, headers: [...(request.headers ?? []), keyHeader(emulator)] });
    }
    at = undefined;
    if (faults !== undefined) emulator.setFaults(faults);
    if (rateLimit !== undefined) emulator.setRateLimit(rateLimit);
    return emulator;
  } catch (error) {
    throw usageError(error);
  }
}

/** The options of a toolkit that uses the in-memory Nango, and what keeps its world in the file of `--world`. */
export async function inMemory(values: EmulatorValues = {}): Promise<{ options: ToolkitOptions; keep(): void }> {
  const { world: file } = values;
  const isNew = file === undefined || !existsSync(file);
  let at = Date.now();
  const emulator = await openEmulator({ ...values, world: isNew ? undefined : file }, { now: () => at });
  const { apiKey, baseUrl } = emulator;
  const made: Kept[] = [];
  const handle = (request: EmulatorRequest): EmulatorReply => {
    at = Date.now();
    const reply = emulator.handle(request);
    if (file !== undefined && wasAnswered(reply)) made.push({ at, ...withoutKey(request, baseUrl) });
    return reply;
  };
  const keep = (): void => {
    // Reading takes ids as well, so that what was read before a change is repeated with it.
    if (file === undefined || !made.some(isChange)) return;
    const { world, requests } = isNew ? { requests: [] } : readWorld(file);
    writeText(file, JSON.stringify({ world, requests: [...requests, ...made] }, null, 1));
  };
  return { options: { fetch: fetchOf(handle), apiKey, baseUrl }, keep };
}

/** Whether the emulator answered by itself: a fault or a full rate limit changes no data. */
const wasAnswered = ({ status, headers }: EmulatorReply): boolean =>
  status !== 429 && headers.some(([name]) => name.toLowerCase() === "x-ratelimit-limit");

/** Reading a connection renews its credentials. */
const isChange = ({ method, url }: Kept): boolean => method !== "GET" || url.startsWith("/connections/");

const keyHeader = ({ apiKey }: Emulator): [string, string] => ["authorization", `Bearer ${apiKey}`];

function withoutKey({ method, url, headers = [], body }: EmulatorRequest, baseUrl: string): EmulatorRequest {
  const kept = headers.filter(([name]) => name.toLowerCase() !== "authorization");
  return { method, url: url.startsWith(baseUrl) ? url.slice(baseUrl.length) : url, headers: kept, body };
}

/** The world of a file; text that is not JSON is reported by the emulator. */
function readWorld(file: string): World {
  const text = readText("--world", file);
  try {
    const { world, requests } = JSON.parse(text);
    if (Array.isArray(requests)) return { world, requests };
  } catch {}
  return { world: text, requests: [] };
}

function readText(option: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read the file of \`${option}\`: ${messageOf(error)}`);
  }
}

/** Replaces a file at once. It holds what was sent, credentials included: only its owner may read it. */
function writeText(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, `${text}\n`, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new UsageError(`cannot write the file of \`--world\`: ${messageOf(error)}`);
  }
}
