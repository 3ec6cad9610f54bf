/** Types of the `.wasm` files, for hosts that import them compiled. */
import type { CompiledModule } from "./slim.js";

declare const module: CompiledModule;
export default module;
