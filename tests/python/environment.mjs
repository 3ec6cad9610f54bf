// Environments for Python programs: created once, below target/python, from locked requirements.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const UV = "uv==0.13.9";

/** Python 3.11 or newer, if it is there. */
export const python = ["python3", "python"].find(
  (name) => spawnSync(name, ["-c", "import sys; assert sys.version_info >= (3, 11)"]).status === 0,
);

/** Creates the environment `name` with its locked requirements unless it exists, and returns its Python. */
export function makeEnvironment(name) {
  const requirements = at(`tests/python/requirements/${name}.txt`);
  const folder = at(`target/python/${name}`);
  const mark = join(folder, ".requirements");
  const wanted = createHash("sha256").update(readFileSync(requirements)).update(UV).digest("hex");
  if (!existsSync(mark) || readFileSync(mark, "utf8") !== wanted) {
    const uv = at("target/python/uv/bin/uv");
    if (!existsSync(uv)) {
      execFileSync(python, ["-m", "venv", at("target/python/uv")]);
      execFileSync(at("target/python/uv/bin/pip"), ["install", "-q", UV]);
    }
    execFileSync(uv, ["venv", "-q", "--clear", "--python", python, folder]);
    execFileSync(uv, ["pip", "sync", "-q", "--python", join(folder, "bin", "python"), requirements]);
    writeFileSync(mark, wanted);
  }
  return join(folder, "bin", "python");
}
