// The types of the package's `.wasm` files, for hosts that import them compiled.
import type { CompiledModule } from "./load.js";

declare const compiled: CompiledModule;
export default compiled;
