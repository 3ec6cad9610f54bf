// The in-memory Nango of the command line. The file of `--world` has a world as `createEmulator` takes it; `call` puts
// there what `save()` returns.
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fetchOf } from "../emulator-fetch.js";
import type { Emulator, EmulatorOptions, EmulatorReply, EmulatorRequest } from "../emulator.js";
import { messageOf } from "../serialization.js";
import type { ToolkitOptions } from "../types/options.js";
import { UsageError, usageError } from "./output.js";

/** Options of the in-memory Nango, as the command line gives them. */
export interface EmulatorValues {
  world?: string | undefined;
  faults?: string | undefined;
}

/** An emulator with the world of a file, and with the faults that `--faults` describes. */
export async function openEmulator(values: EmulatorValues, options: EmulatorOptions = {}): Promise<Emulator> {
  const world = values.world === undefined ? undefined : readText("--world", values.world);
  const faults = values.faults?.startsWith("@") ? readText("--faults", values.faults.slice(1)) : values.faults;
  const { createEmulator } = await import("../entry/emulator-node.js");
  try {
    return createEmulator({ ...options, world, faults });
  } catch (error) {
    throw usageError(error);
  }
}

/** A toolkit's in-memory Nango on the command line. */
export interface InMemory {
  options: ToolkitOptions;
  /** Keeps the world in the file of `--world`, if it has changed; returns why that failed. */
  keep(): string | undefined;
}

/** The options of a toolkit that uses the in-memory Nango, with the world in the file of `--world`. */
export async function inMemory(values: EmulatorValues = {}): Promise<InMemory> {
  if (values.world === "") throw new UsageError("`--world` needs the name of a file");
  // A link stays a link.
  const file = values.world !== undefined && existsSync(values.world) ? realpathSync(values.world) : values.world;
  if (file !== undefined && !existsSync(dirname(file))) {
    throw new UsageError(`cannot write the file of \`--world\`: there is no folder \`${dirname(file)}\``);
  }
  const before = file !== undefined && existsSync(file) ? readText("--world", file) : undefined;
  const emulator = await openEmulator({ ...values, world: before === undefined ? undefined : file });
  const { apiKey, baseUrl } = emulator;
  let isChanged = false;
  const handle = (request: EmulatorRequest): EmulatorReply => {
    const reply = emulator.handle(request);
    isChanged ||= wasAnswered(reply) && mayChange(request);
    return reply;
  };
  const keep = (): string | undefined =>
    file !== undefined && isChanged ? replaceText(file, before, emulator.save()) : undefined;
  return { options: { fetch: fetchOf(handle), apiKey, baseUrl }, keep };
}

/** Whether the emulator answered by itself: a fault or a full rate limit changes no data. */
const wasAnswered = ({ status, headers }: EmulatorReply): boolean =>
  status !== 429 && headers.some(([name]) => name.toLowerCase() === "x-ratelimit-limit");

/** Reading a connection, also for a proxy call, renews its credentials; some paths of mock providers count calls. */
const mayChange = ({ method, url }: EmulatorRequest): boolean =>
  method !== "GET" || /\/(connections?|proxy)\//.test(url);

function readText(option: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read the file of \`${option}\`: ${messageOf(error)}`);
  }
}

/**
 * Replaces the text of a file at once; returns why that failed. The file holds credentials and keys: only its owner may
 * read it.
 */
function replaceText(file: string, before: string | undefined, text: string): string | undefined {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const now = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    if (now !== before) return "the file of `--world` was changed by another program meanwhile: nothing was kept";
    writeFileSync(temporary, `${text}\n`, { mode: 0o600, flag: "wx" });
    renameSync(temporary, file);
    return undefined;
  } catch (error) {
    rmSync(temporary, { force: true });
    return `cannot write the file of \`--world\`: ${messageOf(error)}`;
  }
}
