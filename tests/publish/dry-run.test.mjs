// Publishing, up to the upload: npm and cargo accept both packages, and warn of nothing but what is listed here. What
// is in the npm package: tests/runtimes/package.test.mjs.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
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
    String.raw`(src/emulator/model/(fixture|providers)|src/paging/providers)\.json`,
    String.raw`src/wit/toolkit\.wit`,
    String.raw`examples/[a-z_]+\.rs`,
  ].join("|")})$`,
);

const linesOf = (output, pattern) => output.split("\n").filter((line) => pattern.test(line));

/**
 * The warnings of cargo that count. Tests are left out of the crate on purpose, and between two releases the version is
 * the one that is published. `documentation` is set, so that cargo does not ask for `repository`;
 * `npm run release:check` does.
 */
const EXPECTED = /^warning: (ignoring test |crate \S+ already exists on crates\.io index$)/;
const warningsOfCargo = (output) => linesOf(output, /^warning/).filter((line) => !EXPECTED.test(line));

/** Asks npm to publish a copy of a package whose version cannot be there: npm refuses one that is published. */
async function dryRun(folder) {
  const copy = mkdtempSync(join(tmpdir(), "nango-toolkit-dry-run-"));
  try {
    cpSync(folder, copy, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(copy, "package.json"), "utf8"));
    const version = `${manifest.version}-dry-run.${Date.now()}`;
    writeFileSync(join(copy, "package.json"), JSON.stringify({ ...manifest, version }, null, 2));
    const args = ["publish", copy, "--dry-run", "--tag", "dry-run", "--loglevel=warn"];
    return { ...(await run("npm", args, { capture: true })), published: `+ ${manifest.name}@${version}` };
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** A folder for a package that is named like one that is published in this version. */
function published(t, file, text, more = {}) {
  const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-published-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries({ [file]: text, ...more })) writeFileSync(join(folder, name), content);
  return folder;
}

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
    assert.deepEqual(warningsOfCargo(output), ["warning: aborting upload due to dry run"]);
  });

  test("says of a version that is published what does not count as a warning here", async (t) => {
    const fields = ["name = 'cfg-if'", "version = '1.0.0'", "edition = '2021'", "description = 'x'", "license = 'MIT'"];
    const manifest = ["[package]", ...fields, "documentation = 'x'", "[lib]", "path = 'lib.rs'", ""].join("\n");
    const cwd = published(t, "Cargo.toml", manifest, { "lib.rs": "" });
    const args = ["publish", "--dry-run", "--allow-dirty", "--no-verify"];
    const { code, output } = await run("cargo", args, { capture: true, cwd });
    assert.equal(code, 0, output);
    assert.equal(linesOf(output, EXPECTED).length, 1, output);
    assert.deepEqual(warningsOfCargo(output), ["warning: aborting upload due to dry run"]);
  });
});

describe("npm publish --dry-run", () => {
  test("passes, with the warning that nobody is logged in", async () => {
    const { code, output, published } = await dryRun(join(root, "pkg"));
    assert.equal(code, 0, output);
    assert.ok(output.split("\n").includes(published), output);
    for (const line of linesOf(output, /^npm (warn|error)/i))
      assert.match(line, /requires you to be logged in to .* \(dry-run\)$/);
  });

  test("passes for a package whose version is published", async (t) => {
    const folder = published(t, "package.json", JSON.stringify({ name: "left-pad", version: "1.3.0" }));
    const { code, output } = await dryRun(folder);
    assert.equal(code, 0, output);
  });

  test("the release stops with one line, as long as there is no repository", async (t) => {
    const { repository } = JSON.parse(readFileSync(join(root, "pkg", "package.json"), "utf8"));
    if (repository) return t.skip("there is a repository");
    const { code, output } = await run("npm", ["run", "--silent", "release:check", "--", "v0.1.0"], { capture: true });
    assert.equal(code, 1, output);
    assert.match(output.trim(), /^error: `repository` is not set in pkg\/package\.json and Cargo\.toml: .*$/);
  });
});
