// The toolkit without automatic loading: call `init` or `initSync` first.
export { init, initSync } from "../wasm/nango_toolkit.js";
export * from "../index.js";
