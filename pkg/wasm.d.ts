/** Types of the `.wasm` files, for hosts that import them compiled. */
import type { CompiledModule } from "./load-toolkit.js";

declare const module: CompiledModule;
export default module;
