// workerd: the runner of the suite's slim cases; bytes cannot be compiled there.
import * as emulator from "nango-toolkit/emulator/slim";
import * as mcp from "nango-toolkit/mcp/slim";
import * as toolkit from "nango-toolkit/slim";
import emulatorModule from "nango-toolkit/nango_emulator.wasm";
import toolkitModule from "nango-toolkit/nango_toolkit.wasm";
import { run, slimCases } from "./suite.mjs";
import trap from "./trap.wasm";

const modules = { toolkit: toolkitModule, emulator: emulatorModule, trap };

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname !== "/suite") return new Response();
    return Response.json(await run(slimCases, { ...JSON.parse(env.CONTEXT), toolkit, emulator, mcp, trap, modules }));
  },
};
