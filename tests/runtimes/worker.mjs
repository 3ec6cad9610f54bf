// workerd: the suite's runner, and a worker whose requests share one instance of the package.
import * as emulator from "nango-toolkit/emulator";
import * as mcp from "nango-toolkit/mcp";
import * as toolkit from "nango-toolkit";
import { cases, run } from "./suite.mjs";
import trap from "./trap.wasm";

// At module scope Workers forbid I/O, timers and random numbers: none of this may need them.
const inMemory = emulator.createEmulator({ rateLimit: 1_000_000 });
const nango = new toolkit.NangoToolkit({ apiKey: inMemory.apiKey, baseUrl: inMemory.baseUrl, fetch: inMemory.fetch });
const tools = nango.tools();
let shared;

export default {
  async fetch(request, env, _context) {
    const { pathname, searchParams } = new URL(request.url);
    const given = { ...JSON.parse(env.CONTEXT), toolkit, emulator, mcp, trap };
    if (pathname === "/suite") return Response.json(await run(cases, given));
    if (pathname === "/module-scope")
      return Response.json([tools.length, await nango.execute("NANGO_LIST_INTEGRATIONS", {})]);
    if (pathname !== "/shared") return new Response();
    shared ??= new toolkit.NangoToolkit({ apiKey: given.emulate.apiKey, baseUrl: `${given.odd}/slow` });
    const options = searchParams.has("late") ? { timeoutMs: 30, retry: { attempts: 1 } } : { signal: request.signal };
    if (searchParams.has("abort")) options.signal = AbortSignal.timeout(30);
    const pending = shared.execute("NANGO_PROVIDERS_GET_GET", { provider: searchParams.get("provider") }, options);
    if (searchParams.has("trap")) trapNow();
    return Response.json(await pending);
  },
};

/** The next look at the clock traps, and a call is made to look. */
function trapNow() {
  const { now } = Date;
  Date.now = () => {
    Date.now = now;
    return new WebAssembly.Instance(trap).exports.trap();
  };
  return nango.execute("NANGO_LIST_INTEGRATIONS", {});
}
