// Node, Bun, Deno: the module's bytes are read from the package's own folder.
import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers";
import { endTurnsWith } from "../turn.js";
import { initSync } from "../wasm/nango_toolkit.js";

initSync(readFileSync(new URL("../wasm/nango_toolkit_bg.wasm", import.meta.url)));
endTurnsWith(setImmediate);

export * from "../index.js";
