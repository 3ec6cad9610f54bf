// Loading by hand, compiled and never run: bytes, compiled modules, answers; synchronously or not.
import { createEmulator, init as initEmulator } from "nango-toolkit/emulator/slim";
import compiledEmulator from "nango-toolkit/nango_emulator.wasm";
import compiled from "nango-toolkit/nango_toolkit.wasm";
import { createMcpHandler } from "nango-toolkit/mcp/slim";
import { type Result, NangoToolkit, NangoToolkitError, init, initSync } from "nango-toolkit/slim";

export async function load(bytes: Uint8Array, buffer: ArrayBuffer): Promise<Result> {
  initSync(bytes);
  initSync(buffer);
  initSync(compiled);
  await init(fetch("https://example.com/nango_toolkit.wasm"));
  await init(new URL("nango_toolkit.wasm", "https://example.com"));
  await init("https://example.com/nango_toolkit.wasm");
  await initEmulator(compiledEmulator);
  createMcpHandler({ apiKey: "key", allowAnonymous: true });
  const { fetch: inMemory, apiKey, baseUrl } = createEmulator();
  try {
    return await new NangoToolkit({ fetch: inMemory, apiKey, baseUrl }).execute("NANGO_LIST_INTEGRATIONS", {});
  } catch (error) {
    if (error instanceof NangoToolkitError) throw new Error(error.code + (error.hint ?? ""));
    throw error;
  }
}

export function mistakes(): void {
  // @ts-expect-error a string is a URL, which cannot be loaded synchronously
  initSync("https://example.com");
  // @ts-expect-error undefined is not a module
  void init();
}
