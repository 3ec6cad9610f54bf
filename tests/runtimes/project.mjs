// The package as users get it: packed, and installed by npm into an empty project.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TRAP } from "./suite.mjs";

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** Makes the project; `runners` are copied beside the suite. */
export const makeProject = (...runners) => makeProjectOf(here("../../pkg"), ...runners);

/** The same of the built package in `folder`. */
export const makeProjectOf = (folder, ...runners) =>
  makeProjectIn(mkdtempSync(join(tmpdir(), "nango-toolkit-runtimes-")), folder, ...runners);

/** The same in the empty folder `path`. */
export function makeProjectIn(path, folder = here("../../pkg"), ...runners) {
  writeFileSync(join(path, "package.json"), '{ "type": "module", "private": true }');
  const npm = (...args) =>
    execFileSync("npm", [...args, "--loglevel=error", "--no-audit", "--no-fund"], { cwd: path, encoding: "utf8" });
  const tarball = npm("pack", folder).trim().split("\n").at(-1);
  npm("install", "--offline", "--ignore-scripts", `./${tarball}`);
  for (const file of ["suite.mjs", "contexts.mjs", ...runners]) copyFileSync(here(file), join(path, file));
  writeFileSync(join(path, "trap.wasm"), TRAP);
  return {
    path,
    tarball: join(path, tarball),
    installed: join(path, "node_modules", "nango-toolkit"),
    write: (file, text) => writeFileSync(join(path, file), text),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
