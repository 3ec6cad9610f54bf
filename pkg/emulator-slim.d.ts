/** Types of `nango-toolkit/emulator/slim`: everything of `nango-toolkit/emulator`, and the loading of its module left to you. */
export * from "./emulator.js";
export { init, initSync } from "./slim.js";
export type { Bytes, CompiledModule, Source } from "./slim.js";
