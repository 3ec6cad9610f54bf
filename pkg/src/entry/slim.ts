/**
 * The toolkit without automatic loading: call `init` or `initSync` first.
 *
 * @module nango-toolkit/slim
 */
export { init, initSync } from "../loading.js";
export * from "../index.js";
export type { Bytes, CompiledModule, Source } from "../load.js";
