// `npm run deny`: cargo-deny with deny.toml, on the crates of the workspace and those that only tests use: licences,
// forbidden crates, sources, and security advisories. Where their database cannot be fetched, that is printed; with
// `--advisories`, it is an error. Builds cargo-deny once, in a minute or two, into target/tools.

import { join } from "node:path";
import { isMain, must, print, Problem, program, root, run, step, versionOf } from "./lib.mjs";

const VERSION = "0.20.2";
const TOOLS = join(root, "target", "tools");
const DENY = join(TOOLS, "bin", process.platform === "win32" ? "cargo-deny.exe" : "cargo-deny");

export async function deny({ advisories = false } = {}) {
  if (versionOf(DENY) !== `cargo-deny ${VERSION}`) {
    step(`installing cargo-deny ${VERSION} (once, a minute or two)`);
    const folders = ["--root", TOOLS, "--target-dir", join(root, "target", "cargo-deny")];
    await must("cargo", ["install", "cargo-deny", "--version", VERSION, "--locked", "--debug", ...folders]);
  }
  await must(DENY, ["--locked", "check", "licenses", "bans", "sources"]);
  const { code, output } = await run(DENY, ["--locked", "check", "advisories"], { capture: true });
  const unreachable = code !== 0 && /failed to fetch advisory database/.test(output);
  if (unreachable && !advisories)
    return void print("advisories: not checked, since their database cannot be fetched\n");
  if (code !== 0) throw new Problem(`cargo deny check advisories:\n${output}`);
  print("advisories ok\n");
}

if (isMain(import.meta.url)) program(() => deny({ advisories: process.argv.includes("--advisories") }));
