// The toolkit without automatic loading: call `init` or `initSync` first.
export { init, initSync } from "../loading.js";
export * from "../index.js";
export type { Bytes, CompiledModule, Source } from "../load.js";
