// The workflows of the forge: read as YAML, with commands that exist, actions of a fixed version, and few permissions.
// And .ci/run, with what a test does in CI without the program that it needs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseDocument } from "yaml";
import { root, which } from "../../scripts/lib.mjs";

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
  // Each command of scripts/release.mjs is in tests/publish/release.test.mjs, too.
  const command = (job) => jobs[job].steps.findLast(({ run }) => run).run;
  for (const [job, script] of Object.entries({ npm: "release:npm", crate: "release:crate" })) {
    assert.equal(command(job), `npm run ${script}`);
    assert.equal(scripts[script], `node scripts/release.mjs ${job}`);
  }
  const checkout = jobs.check.steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
  assert.equal(checkout.with["fetch-depth"], 0);
});

test("what publishes the crate compiles nothing with the token; the test job has compiled what it packs", () => {
  const { jobs } = workflow("release.yml");
  const withToken = jobs.crate.steps.filter(({ env }) => env?.CARGO_REGISTRY_TOKEN);
  assert.deepEqual(
    withToken.map(({ run }) => run),
    ["npm run release:crate"],
  );
  assert.ok(jobs.test.steps.some(({ run }) => run === "npm run release:pack"));
  // That publishing compiles nothing: tests/publish/release.test.mjs.
  const source = readFileSync(join(root, "scripts", "release.mjs"), "utf8");
  assert.match(source, /must\("cargo", \["package", "--locked", "--package", CRATE,(?!.*--no-verify)/);
});

test("in CI, a missing Python is a failure of what needs it", () => {
  const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-ci-"));
  try {
    const run = (env) =>
      spawnSync(process.execPath, ["--test", "tests/python/python.test.mjs"], {
        cwd: root,
        encoding: "utf8",
        env: { PATH: folder, ...env },
      });
    const [inCi, elsewhere] = [run({ CI: "true" }), run({})];
    assert.deepEqual([inCi.status, elsewhere.status], [1, 0], inCi.stdout + elsewhere.stdout);
    for (const { stdout } of [inCi, elsewhere]) assert.match(stdout, /Python 3\.11 or newer was not found/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe(".ci/run installs what is missing", () => {
  const UPDATE = "apt-get update -qq";
  const INSTALL = "apt-get install -y -qq --no-install-recommends chromium chromium-driver";

  /** Runs it in a folder of programs that only write down that they are called, and returns the calls. */
  function runWith(programs, { user }) {
    const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-ci-"));
    try {
      const calls = join(folder, "calls");
      const script = (name, text) => writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      for (const name of ["npm", "apt-get", "sudo"]) script(name, `echo "${name} $*" >> "${calls}"`);
      for (const name of ["node", "cargo", "chromedriver", "python3", "chromium"]) script(name, "exit 0");
      script("id", `echo ${user}`);
      for (const name of ["sudo", "chromium"]) if (!programs.includes(name)) rmSync(join(folder, name));
      for (const name of ["bash", "dirname", "env"]) symlinkSync(which(name), join(folder, name));
      const options = { env: { PATH: folder }, encoding: "utf8" };
      const { status, stderr } = spawnSync(join(folder, "bash"), [join(root, ".ci", "run")], options);
      assert.equal(status, 0, stderr);
      return readFileSync(calls, "utf8").trim().split("\n");
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("as root by itself, else with sudo where it exists", () => {
    assert.deepEqual(runWith(["sudo"], { user: 0 }), [UPDATE, INSTALL, "npm test"]);
    assert.deepEqual(runWith([], { user: 1000 }), [UPDATE, INSTALL, "npm test"]);
    assert.deepEqual(runWith(["sudo"], { user: 1000 }), [
      `sudo ${UPDATE}`,
      `sudo env DEBIAN_FRONTEND=noninteractive ${INSTALL}`,
      "npm test",
    ]);
  });

  test("nothing, if all is there", () => {
    assert.deepEqual(runWith(["chromium", "sudo"], { user: 1000 }), ["npm test"]);
  });
});
