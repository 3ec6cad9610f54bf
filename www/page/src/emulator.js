// The in-memory Nango of the page: a part of its own, so that the first view does not wait for it.
import { createEmulator, init } from "../../../pkg/dist/entry/emulator-slim.js";
import emulatorWasm from "../../../pkg/wasm/nango_emulator_bg.wasm";

/** Loads the module and makes a world. */
export async function open() {
  await init(fetch(emulatorWasm));
  const emulator = createEmulator();
  begin(emulator);
  return emulator;
}

/** Its time begins with its first request: an anonymous one, so that no call seems to have moved all dates. */
export const begin = (emulator) => void emulator.handle({ url: "/integrations" });
