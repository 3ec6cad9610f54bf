// The toolkit's WebAssembly module: its functions, with the types that wasm-bindgen wrote, and its state.
export * from "../wasm/nango_toolkit.js";
export { mustBeReady, restart } from "./loading.js";
