// The WebAssembly modules: the toolkit immediately, the emulator after the first view has been drawn (the MCP
// handler is in agentparts.js).
import * as toolkit from "../../../pkg/dist/entry/slim.js";
import toolkitWasm from "../../../pkg/wasm/nango_toolkit_bg.wasm";

export { toolkit };

/** The message and the hint of an error. */
export const explain = ({ message, hint }) => (hint ? `${message} (${hint})` : message);

/** Settles when the tools are available; the module is compiled while it is downloaded. */
export const loaded = toolkit.init(fetch(toolkitWasm));

let emulator;
let module;

/** The in-memory Nango, loaded at the first call of this function. */
export function loadEmulator() {
  emulator ??= import("./emulator.js")
    .then((loaded) => (module = loaded).open())
    .catch((error) => {
      emulator = undefined; // the next call tries again
      throw error;
    });
  return emulator;
}

/** Starts the clock of a world that was reset. */
export const begin = (world) => module.begin(world);
