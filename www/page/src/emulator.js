// The in-memory Nango of the page: a separate chunk, so that the first view does not wait for it.
import { createEmulator, init } from "../../../pkg/dist/entry/emulator-slim.js";
import emulatorWasm from "../../../pkg/wasm/nango_emulator_bg.wasm";

/** Loads the module and creates a world. */
export async function open() {
  await init(fetch(emulatorWasm));
  const emulator = createEmulator();
  begin(emulator);
  return emulator;
}

/** Starts its clock by an anonymous first request, so that no call of the user seems to change all dates. */
export const begin = (emulator) => void emulator.handle({ url: "/integrations" });
