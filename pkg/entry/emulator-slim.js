// The emulator without automatic loading: call `init` or `initSync` first.
export { init, initSync } from "../load-emulator.js";
export * from "../emulator.js";
