// Loads the emulator's WebAssembly module. Its types do not mention the module itself, since programs see them.
import { __wbg_reset_state, instantiate } from "../wasm/nango_emulator.js";
import { createLoader, type Loader } from "./load.js";

const loader: Loader = createLoader("nango_emulator", "nango-toolkit/emulator", { instantiate, __wbg_reset_state });

/**
 * Loads the module from bytes, a `WebAssembly.Module`, a `Response`, a URL, or a promise of one. Every other function
 * throws until then.
 *
 * @throws {@link NangoToolkitError} with the code `already_initialised`, `invalid_module` or `module_unavailable`. It
 * may be tried again.
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { fileURLToPath } from "node:url";
 * import { createEmulator, init } from "nango-toolkit/emulator/slim";
 *
 * await init(readFile(fileURLToPath(import.meta.resolve("nango-toolkit/nango_emulator.wasm"))));
 * console.log(createEmulator().baseUrl);
 * ```
 */
export const init: Loader["init"] = loader.init;

/**
 * Loads the module from bytes or a `WebAssembly.Module`, synchronously.
 *
 * @throws {@link NangoToolkitError} with the code `already_initialised` or `invalid_module`. It may be tried again.
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { fileURLToPath } from "node:url";
 * import { createEmulator, initSync } from "nango-toolkit/emulator/slim";
 *
 * initSync(readFileSync(fileURLToPath(import.meta.resolve("nango-toolkit/nango_emulator.wasm"))));
 * console.log(createEmulator().baseUrl);
 * ```
 */
export const initSync: Loader["initSync"] = loader.initSync;

/** Throws if the module is not loaded, or was lost and cannot be instantiated again. */
export const mustBeReady: Loader["mustBeReady"] = loader.mustBeReady;

/** Replaces an instance that trapped by a new one; returns the error if that fails. */
export const restart: Loader["restart"] = loader.restart;
