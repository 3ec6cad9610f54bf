// Loads the toolkit's module: what entry files call, and what `nango-toolkit/slim` hands out.
import * as glue from "./wasm/nango_toolkit.js";
import { loader } from "./load.js";

export const { init, initSync, mustBeReady } = loader("nango_toolkit", glue, "nango-toolkit");
