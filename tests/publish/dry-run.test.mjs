// Publishing, up to the upload: npm and cargo accept both packages, and warn of nothing but what is listed here. What
// is in the npm package: tests/runtimes/package.test.mjs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { environment, root, run } from "../../scripts/lib.mjs";

const full = process.env.NANGO_TOOLKIT_FULL === "1";

/** The files of the crate: sources, with the data that they include, and what a reader of the package needs. */
const CRATE = new RegExp(
  `^(${[
    String.raw`(README|CHANGELOG)\.md|LICENSE-(MIT|APACHE)`,
    String.raw`Cargo\.(toml|toml\.orig|lock)|\.cargo_vcs_info\.json`,
    String.raw`src/([a-z_]+/)*[a-z_]+\.rs`,
    String.raw`src/emulator/model/(fixture|providers)\.json`,
    String.raw`src/wit/toolkit\.wit`,
    String.raw`examples/[a-z_]+\.rs`,
  ].join("|")})$`,
);

/** The lines that warn, without colours. */
const warnings = (output, pattern) => output.split("\n").filter((line) => pattern.test(line));

describe("cargo publish --dry-run", () => {
  test("the crate contains its sources, and nothing else", async () => {
    const list = ["package", "--list", "--locked", "--allow-dirty", "--package", "nango-toolkit"];
    const { code, output } = await run("cargo", list, { capture: true });
    assert.equal(code, 0, output);
    const files = output.trim().split("\n");
    assert.ok(files.includes("src/lib.rs") && files.length > 100, `${files.length} files`);
    assert.deepEqual(
      files.filter((file) => !CRATE.test(file)),
      [],
    );
  });

  // The long run compiles what it has packed, too.
  test(`passes${full ? ", and what is packed compiles with all native features" : ""}`, async () => {
    const verify = full ? ["--features", "emulator,http"] : ["--no-verify"];
    const args = ["publish", "--dry-run", "--locked", "--allow-dirty", "--package", "nango-toolkit", ...verify];
    // A folder of its own: cargo would wait for what else it builds at the same time.
    const env = environment({ CARGO_TARGET_DIR: join(root, "target", "publish") });
    const { code, output } = await run("cargo", args, { capture: true, env });
    assert.equal(code, 0, output);
    // Tests are left out on purpose. `documentation` is set, so that cargo does not ask for `repository`;
    // `npm run release:check` does.
    assert.deepEqual(warnings(output, /^warning(?!: ignoring test )/), ["warning: aborting upload due to dry run"]);
  });
});

describe("npm publish --dry-run", () => {
  test("passes, with the warning that nobody is logged in", async () => {
    const { code, output } = await run("npm", ["publish", "./pkg", "--dry-run", "--loglevel=warn"], { capture: true });
    assert.equal(code, 0, output);
    const { name, version } = JSON.parse(readFileSync(join(root, "pkg", "package.json"), "utf8"));
    assert.match(output, new RegExp(`^\\+ ${name}@${version}$`, "m"));
    for (const line of warnings(output, /^npm (warn|error)/i))
      assert.match(line, /requires you to be logged in to .* \(dry-run\)$/);
  });

  test("the release stops with one line, as long as there is no repository", async (t) => {
    const { repository } = JSON.parse(readFileSync(join(root, "pkg", "package.json"), "utf8"));
    if (repository) return t.skip("there is a repository");
    const { code, output } = await run("npm", ["run", "--silent", "release:check", "--", "v0.1.0"], { capture: true });
    assert.equal(code, 1, output);
    assert.match(output.trim(), /^error: `repository` is not set in pkg\/package\.json and Cargo\.toml: .*$/);
  });
});
