// `npm run fuzz [seconds]`: generated inputs for every function that an agent, an MCP client or a server feeds, half of
// the time natively and half in the built module. A failure names the seed that repeats it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { environment, program, root, run, step } from "./lib.mjs";

program(async () => {
  const seconds = Number(process.argv[2] ?? 60);
  if (!(seconds >= 2)) {
    process.stderr.write("fuzz: expected how many seconds it may take, 2 or more\n");
    return 2;
  }
  const env = environment({
    NANGO_TOOLKIT_FUZZ_SECONDS: String(Math.floor(seconds / 2)),
    NANGO_TOOLKIT_SEED: process.env.NANGO_TOOLKIT_SEED ?? "new",
  });
  if (!existsSync(join(root, "pkg", "dist", "entry", "node.js"))) await build();
  step("natively");
  const args = ["test", "--locked", "--features", "emulator,http", "--test", "fuzz", "--", "--nocapture"];
  const native = await run("cargo", args, { tee: true, env });
  step("in the built module");
  const file = join("tests", "node", "fuzz.test.mjs");
  const wasm = await run(process.execPath, ["--test", "--test-reporter=spec", file], { tee: true, env });
  return native.code || wasm.code ? 1 : 0;
});
