// The emulator without automatic loading: call `init` or `initSync` first.
export { init, initSync } from "../wasm/nango_emulator.js";
export * from "../emulator.js";
