// What the programs of the tests with bundlers and frameworks do, as source text: they run tools in memory.

/** A module whose `check()` resolves to `it works`, or to what does not. */
export const CHECK = `import { NangoToolkit, NangoToolkitError, listTools } from "nango-toolkit";
import { createEmulator } from "nango-toolkit/emulator";
import { createMcpHandler } from "nango-toolkit/mcp";
import { toTools } from "nango-toolkit/openai";

export async function check() {
  const { fetch, apiKey, baseUrl } = createEmulator();
  const nango = new NangoToolkit({ fetch, apiKey, baseUrl });
  const { successful, error } = await nango.session({ user: "ada" }).execute("NANGO_CONNECTION_LIST_GET", {});
  const misuse = misuseOf(() => createMcpHandler({}));
  const isSame = misuse instanceof NangoToolkitError;
  const isWhole = listTools().length === toTools(nango).length;
  return successful && isSame && isWhole ? "it works" : JSON.stringify([error, String(misuse), isSame, isWhole]);
}

function misuseOf(work) {
  try {
    work();
  } catch (error) {
    return error;
  }
}
`;

/** The same as a program that prints it. */
export const PROGRAM = `${CHECK}
check().then(console.log);
`;

/** The same with `require`. */
export const COMMONJS = PROGRAM.replace(/^import (.*) from (".*");$/gm, "const $1 = require($2);").replace(
  /^export /gm,
  "",
);
