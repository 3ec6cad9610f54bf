// Reads a module's file in Node. `import "node:fs"` would take longer than everything else, since it creates a binding
// for each of its functions.

/**
 * The bytes of a file. Bundlers that copy it, and the build for `require`, replace its URL by a path; test environments
 * replace the class of URLs, which Node would not accept.
 */
export function readModule(file: URL | string): Uint8Array {
  if (!process.getBuiltinModule) {
    throw new Error(`nango-toolkit needs Node 20.16 or later; this is ${process.versions.node}`);
  }
  const { readFileSync } = process.getBuiltinModule("node:fs");
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  return readFileSync(typeof file === "string" ? file : fileURLToPath(file.href));
}
