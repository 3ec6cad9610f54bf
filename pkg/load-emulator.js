// Loads the emulator's module: what entry files call, and what `nango-toolkit/emulator/slim` hands out.
import * as glue from "./wasm/nango_emulator.js";
import { loader } from "./load.js";

export const { init, initSync, mustBeReady } = loader("nango_emulator", glue, "nango-toolkit/emulator");
