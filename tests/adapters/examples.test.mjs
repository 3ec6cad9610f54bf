// The examples in the documentation of the adapters compile, with the frameworks that are installed here.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { examples, isSelfContained } from "../node/examples.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const packageOf = (name) =>
  name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");

for (const folder of [".", "full"]) {
  const installed = (from) =>
    /^(nango-toolkit|node:)/.test(from) || existsSync(here(`${folder}/node_modules/${packageOf(from)}`));
  const all = examples().filter((one) => !isSelfContained(one) && one.imports.every(installed));
  test(`examples compile, ${folder}`, { skip: all.length === 0 && "its frameworks are not installed" }, () => {
    const project = here(`${folder}/.examples`);
    mkdirSync(project, { recursive: true });
    try {
      writeFileSync(
        join(project, "tsconfig.json"),
        JSON.stringify({ extends: "../types/tsconfig.json", include: ["*.ts"] }),
      );
      for (const { name, code } of all) writeFileSync(join(project, `${name}.ts`), code);
      execFileSync(process.execPath, [here("../../node_modules/typescript/bin/tsc"), "--project", project], {
        encoding: "utf8",
      });
    } catch (error) {
      assert.fail(`${error.stdout}`);
    } finally {
      rmSync(project, { recursive: true });
    }
  });
}
