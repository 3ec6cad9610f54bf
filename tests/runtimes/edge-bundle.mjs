// edge-runtime: the suite's runner. Compiled modules arrive as globals there, as on the platform it stands for.
import * as emulator from "nango-toolkit/emulator";
import * as mcp from "nango-toolkit/mcp";
import * as toolkit from "nango-toolkit";
import { cases, run } from "./suite.mjs";
import trap from "./trap.wasm?module";

globalThis.runSuite = async (context) =>
  JSON.stringify(await run(cases, { ...JSON.parse(context), toolkit, emulator, mcp, trap }));
