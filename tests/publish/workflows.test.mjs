// The workflows of the forge: read as YAML, with commands that exist, actions of a fixed version, and few permissions.
import assert from "node:assert/strict";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseDocument } from "yaml";
import { root } from "../../scripts/lib.mjs";

const FOLDER = join(root, ".github", "workflows");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** What a job may be allowed to do, each with its reason. */
const MAY_WRITE = {
  "release.yml npm": { contents: "read", "id-token": "write" }, // publishes without a stored secret
  "release.yml crate": { contents: "read", "id-token": "write" }, // the same
  "release.yml forge": { contents: "write" }, // makes the page of the release
};

function workflow(file) {
  const document = parseDocument(readFileSync(join(FOLDER, file), "utf8"), { strict: true, uniqueKeys: true });
  assert.deepEqual([...document.errors, ...document.warnings], []);
  return document.toJS();
}

const files = readdirSync(FOLDER);

test("there is one workflow for changes, and one for releases", () =>
  assert.deepEqual(files.sort(), ["ci.yml", "release.yml"]));

for (const file of files) {
  describe(file, () => {
    const { on, permissions, jobs } = workflow(file);
    const steps = Object.entries(jobs).flatMap(([job, { steps }]) => steps.map((step) => ({ job, ...step })));

    test("says when it runs, and may read by default", () => {
      assert.ok(Object.keys(on).length > 0);
      assert.deepEqual(permissions, { contents: "read" });
    });

    test("its jobs may write only what they have to, and wait for jobs that exist", () => {
      for (const [job, { permissions, needs = [], steps }] of Object.entries(jobs)) {
        assert.deepEqual(permissions, MAY_WRITE[`${file} ${job}`], job);
        for (const name of [needs].flat()) assert.ok(name in jobs, `${job} needs ${name}`);
        assert.ok(
          steps.every((step) => "run" in step !== "uses" in step),
          job,
        );
      }
    });

    test("its commands exist", () => {
      const commands = steps.filter(({ run }) => run).map(({ run }) => run);
      assert.ok(commands.length > 0);
      for (const command of commands) {
        const [program, name, script] = command.split(" ");
        if (program === "npm") assert.ok(name === "run" && script in scripts, command);
        else accessSync(join(root, program), constants.X_OK);
      }
    });

    test("its actions have a fixed version, and leave no credentials", () => {
      for (const { uses, with: options } of steps.filter(({ uses }) => uses)) {
        assert.match(uses, /^(actions|rust-lang)\/[\w-]+@v\d+\.\d+\.\d+$/);
        if (uses.startsWith("actions/checkout@")) assert.equal(options["persist-credentials"], false);
      }
    });

    test("it uses no stored secret, and no expression inside a command", () => {
      assert.doesNotMatch(readFileSync(join(FOLDER, file), "utf8"), /\bsecrets\./);
      for (const { run } of steps) assert.doesNotMatch(run ?? "", /\$\{\{/);
    });
  });
}

test("release.yml checks and tests before it publishes, and publishes the files that were tested", () => {
  const { on, jobs } = workflow("release.yml");
  assert.deepEqual(on, { push: { tags: ["v*"] } });
  assert.deepEqual(
    Object.entries(jobs).map(([job, { needs }]) => [job, needs]),
    [
      ["check", undefined],
      ["test", "check"],
      ["npm", "test"],
      ["crate", "test"],
      ["forge", ["npm", "crate"]],
    ],
  );
  assert.equal(jobs.check.steps.find(({ run }) => run).run, 'npm run release:check -- "$GITHUB_REF_NAME"');
  const uploaded = jobs.test.steps.find(({ uses }) => uses?.includes("/upload-artifact@")).with;
  for (const job of [jobs.npm, jobs.forge]) {
    const { name, path } = job.steps.find(({ uses }) => uses?.includes("/download-artifact@")).with;
    assert.deepEqual({ name, path }, { name: uploaded.name, path: uploaded.path });
  }
  assert.ok(scripts["release:npm"].includes(`./${uploaded.path}/nango-toolkit.tgz`));
  assert.match(scripts["release:npm"], /^npm publish .* --provenance /);
});
