/** Types of the `.wasm` files, for hosts that import them compiled. */
declare const module: WebAssembly.Module;
export default module;
