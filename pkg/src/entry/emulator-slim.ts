/**
 * The emulator without automatic loading: call `init` or `initSync` first.
 *
 * @module nango-toolkit/emulator/slim
 */
export { init, initSync } from "../emulator-loading.js";
export * from "../emulator.js";
export type { Bytes, CompiledModule, Source } from "../load.js";
