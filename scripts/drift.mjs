// `npm run drift`: where the tools differ from the newest `@nangohq/types`, the types of Nango's API, which it installs
// in a temporary folder. Needs the registry of npm, and a built package. The exit code is 1 if a difference has no
// reason in scripts/drift/reasons.mjs. tests/node/drift.test.mjs does the same with the pinned version.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensurePackages, must, print, program } from "./lib.mjs";

const PACKAGE = "@nangohq/types";

async function main() {
  await ensurePackages();
  const { check, report } = await import("./drift/check.mjs");
  const { REASONS } = await import("./drift/reasons.mjs");
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "nango-toolkit-drift-"));
  try {
    writeFileSync(join(folder, "package.json"), '{ "private": true }');
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await must("npm", ["install", ...flags, `${PACKAGE}@latest`], { cwd: folder, capture: true });
    const outcome = await check(join(folder, "node_modules", PACKAGE), REASONS);
    print(report(outcome));
    return outcome.without.length > 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

program(main);
