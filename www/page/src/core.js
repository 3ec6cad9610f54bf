// The WebAssembly modules: the toolkit at once, the emulator after the first view has been drawn (that of the MCP
// server belongs to agentparts.js).
import * as toolkit from "../../../pkg/dist/entry/slim.js";
import toolkitWasm from "../../../pkg/wasm/nango_toolkit_bg.wasm";

export { toolkit };

/** What an error of the toolkit says, and what to do. */
export const explain = ({ message, hint }) => (hint ? `${message} (${hint})` : message);

/** Settles when the tools can be asked for; compiled while it streams in. */
export const loaded = toolkit.init(fetch(toolkitWasm));

let emulator;
let module;

/** The in-memory Nango, loaded at the first call of this. */
export function loadEmulator() {
  emulator ??= import("./emulator.js")
    .then((loaded) => (module = loaded).open())
    .catch((error) => {
      emulator = undefined; // the next call tries again
      throw error;
    });
  return emulator;
}

/** Starts the time of a world that was reset. */
export const begin = (world) => module.begin(world);
