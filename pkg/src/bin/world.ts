// The in-memory Nango of the command line. The file of `--world` has a world as `createEmulator` takes it; `call` puts
// there what `save()` returns.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
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

/** The options of a toolkit that uses the in-memory Nango, and what keeps its world in the file of `--world`. */
export async function inMemory(values: EmulatorValues = {}): Promise<{ options: ToolkitOptions; keep(): void }> {
  const { world: file } = values;
  const isNew = file === undefined || !existsSync(file);
  const emulator = await openEmulator({ ...values, world: isNew ? undefined : file });
  const { apiKey, baseUrl } = emulator;
  let isChanged = false;
  const handle = (request: EmulatorRequest): EmulatorReply => {
    const reply = emulator.handle(request);
    isChanged ||= wasAnswered(reply) && mayChange(request);
    return reply;
  };
  const keep = (): void => {
    if (file !== undefined && isChanged) writeText(file, emulator.save());
  };
  return { options: { fetch: fetchOf(handle), apiKey, baseUrl }, keep };
}

/** Whether the emulator answered by itself: a fault or a full rate limit changes no data. */
const wasAnswered = ({ status, headers }: EmulatorReply): boolean =>
  status !== 429 && headers.some(([name]) => name.toLowerCase() === "x-ratelimit-limit");

/** Reading a connection renews its credentials. */
const mayChange = ({ method, url }: EmulatorRequest): boolean => method !== "GET" || url.includes("/connections/");

function readText(option: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read the file of \`${option}\`: ${messageOf(error)}`);
  }
}

/** Replaces a file at once. It holds credentials and keys: only its owner may read it. */
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
