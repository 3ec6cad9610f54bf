// scripts/release.mjs: what stops a release, which version a change needs, and the whole way in another repository.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { environment, filesBelow, must, root, run } from "../../scripts/lib.mjs";
import { changes, NPM_API, nextVersion, notesOf, problems, withRepository } from "../../scripts/release.mjs";

const URL = "https://github.com/example/nango-toolkit";
const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.0] - 2026-12-01

### Added

- A tool.

## [1.1.0] - 2026-11-01
`;

const API = `# nango-toolkit

export interface Options {
    key: string;
    retry?: {
        attempts: number;
    };
}
export interface Result {
    key: string;
}
export function run(options: Options): Result;

# nango-toolkit/mcp

export interface Options {
    key: string;
}
`;

const sample = (more = {}) => ({
  repositories: { "pkg/package.json": URL, "Cargo.toml": URL },
  versions: { "Cargo.toml of nango-toolkit": "1.2.0", "pkg/package.json": "1.2.0", "server.json": "1.2.0" },
  names: { "server.json": "io.github.example/nango-toolkit" },
  changelog: CHANGELOG,
  last: "v1.1.0",
  apis: { "npm package": { before: API, now: API } },
  isOnMain: true,
  ...more,
});

describe("what stops a release", () => {
  test("nothing, if all is there", () => {
    assert.deepEqual(problems("v1.2.0", sample()), []);
    assert.deepEqual(problems("v1.2.0", sample({ last: undefined, apis: {} })), []);
  });

  for (const [title, tag, more, expected] of [
    [
      "no repository, whatever else is missing",
      "nonsense",
      { repositories: { "pkg/package.json": undefined, "Cargo.toml": URL }, changelog: "" },
      [/^`repository` is not set in pkg\/package\.json: run `npm run release:repository -- .*, commit, and tag again$/],
    ],
    ["a tag that is not a version", "1.2.0", {}, [/^the tag `1\.2\.0` is not of the form v1\.2\.3$/]],
    ["a pre-release", "v1.2.0-beta.1", {}, [/^the tag `v1\.2\.0-beta\.1` is not of the form/]],
    ["a number with a zero in front", "v01.2.0", {}, [/^the tag `v01\.2\.0` is not of the form/]],
    ["no tag", undefined, {}, [/^the tag `undefined` is not/]],
    [
      "a commit that is not on the main branch",
      "v1.2.0",
      { isOnMain: false },
      [/^the commit of v1\.2\.0 is not on origin\/main: push it to the branch `main` before the tag$/],
    ],
    [
      "another version",
      "v1.3.0",
      {
        changelog: CHANGELOG.replace("1.2.0", "1.3.0"),
        versions: { "server.json": "1.2.0", "pkg/package.json": "1.3.0" },
      },
      [/^the version in server\.json is 1\.2\.0, the tag is v1\.3\.0$/],
    ],
    [
      "no notes",
      "v1.2.0",
      { changelog: CHANGELOG.replace("[1.2.0]", "[1.2.1]") },
      [/^CHANGELOG\.md has no section `## \[1\.2\.0\] - YYYY-MM-DD`$/],
    ],
    ...["unreleased", "2026-12-1", "2026-12-01 or later"].map((date) => [
      `notes with the date ${date}`,
      "v1.2.0",
      { changelog: CHANGELOG.replace("[1.2.0] - 2026-12-01", `[1.2.0] - ${date}`) },
      [/^CHANGELOG\.md has no section `## \[1\.2\.0\] - YYYY-MM-DD`$/],
    ]),
    ["empty notes", "v1.2.0", { changelog: "## [1.2.0] - 2026-12-01\n\n" }, [/of 1\.2\.0 in CHANGELOG\.md is empty$/]],
    [
      "two repositories",
      "v1.2.0",
      { repositories: { "pkg/package.json": URL, "Cargo.toml": "https://github.com/example/other" } },
      [/^the repositories differ: example\/nango-toolkit, example\/other$/],
    ],
    [
      "another place than the workflow's",
      "v1.2.0",
      { repositories: { "pkg/package.json": "https://example.com/x" } },
      [/^`repository` in pkg\/package\.json is `https:\/\/example\.com\/x`, expected https:\/\/github\.com/],
    ],
    [
      "the placeholder of the registry's name",
      "v1.2.0",
      { names: { "server.json": "io.github.OWNER/nango-toolkit" } },
      [/in server\.json is `io\.github\.OWNER\/nango-toolkit`, expected `io\.github\.example\/nango-toolkit`$/],
    ],
    [
      "a version that is too small for its changes",
      "v1.2.0",
      { apis: { crate: { before: "pub fn a()\n", now: "pub fn b()\n" } } },
      [/^the crate has changed since v1\.1\.0 \(1 lines .*, 1 added\): at least 2\.0\.0\n {2}- pub fn a\(\)\n/],
    ],
  ]) {
    test(title, () => {
      const found = problems(tag, sample(more));
      assert.equal(found.length, expected.length, found.join("\n"));
      for (const [i, pattern] of expected.entries()) assert.match(found[i], pattern);
    });
  }
});

describe("which version a change needs", () => {
  for (const [title, now, { removed, added }] of [
    ["no change", API, { removed: 0, added: 0 }],
    [
      "a new property",
      API.replace("    key: string;\n    retry", "    name?: string;\n    key: string;\n    retry"),
      { removed: 0, added: 1 },
    ],
    ["a property that has another type", API.replace("attempts: number", "attempts: bigint"), { removed: 1, added: 1 }],
    ["a property of one type alone", API.replace("Result {\n    key: string;", "Result {"), { removed: 1, added: 0 }],
    ["a property of another import", API.replace(/(mcp\n\n.*\n) {4}key: string;\n/, "$1"), { removed: 1, added: 0 }],
    [
      "a new function",
      API.replace("export function", "export function stop(): void;\nexport function"),
      { removed: 0, added: 1 },
    ],
    ["another result", API.replace("): Result", "): Promise<Result>"), { removed: 1, added: 1 }],
  ]) {
    test(title, () => {
      const found = changes(API, now);
      assert.deepEqual([found.removed.length, found.added.length], [removed, added], JSON.stringify(found));
    });
  }

  test("one of two equal lines is removed, or added", () => {
    const [one, two] = ["pub fn new()\n", "pub fn new()\npub fn new()\n"];
    assert.deepEqual(changes(two, one), { removed: ["pub fn new()"], added: [] });
    assert.deepEqual(changes(one, two), { removed: [], added: ["pub fn new()"] });
  });

  test("the smallest version", () => {
    const [none, more, less] = [
      { removed: [], added: [] },
      { removed: [], added: ["x"] },
      { removed: ["x"], added: [] },
    ];
    assert.deepEqual(
      [none, more, less].map((one) => nextVersion("1.2.3", one)),
      ["1.2.4", "1.3.0", "2.0.0"],
    );
    assert.deepEqual(
      [none, more, less].map((one) => nextVersion("0.2.3", one)),
      ["0.2.4", "0.2.4", "0.3.0"],
    );
  });

  test("the notes of a version are its section alone", () => {
    assert.equal(notesOf("1.2.0", CHANGELOG), "### Added\n\n- A tool.");
    assert.equal(notesOf("1.1.0", CHANGELOG), "");
    assert.equal(notesOf("1.2.1", CHANGELOG), undefined);
  });
});

describe("entering the repository", () => {
  const names = ["pkg/package.json", "server.json", "Cargo.toml"];
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(root, name), "utf8")]));

  test("changes only its lines, and twice is once", () => {
    const once = withRepository(`${URL}.git`, files);
    assert.deepEqual(withRepository(URL, once), once);
    const { repository, mcpName, ...npm } = JSON.parse(once["pkg/package.json"]);
    assert.deepEqual(repository, { type: "git", url: `git+${URL}.git`, directory: "pkg" });
    assert.equal(mcpName, JSON.parse(once["server.json"]).name);
    assert.ok(once["Cargo.toml"].includes(`\nrepository = "${URL}"\ndocumentation = `));
    const { mcpName: _, repository: __, ...old } = JSON.parse(files["pkg/package.json"]);
    assert.deepEqual(npm, old);
    const lines = (text) => text.split("\n").map((line) => line.replace(/,$/, ""));
    for (const name of names) {
      const lost = lines(files[name]).filter((line) => !lines(once[name]).includes(line));
      assert.ok(lost.length <= 1 && lost.every((line) => /OWNER/.test(line)), lost.join("\n"));
    }
  });

  test("refuses what is not one", () => {
    for (const url of [undefined, "", "example/nango-toolkit", "https://example.com/a/b", "https://github.com/example"])
      assert.throws(() => withRepository(url, files), /is not the address of a repository: expected https:\/\/github/);
  });
});

describe("the whole way, in a repository of its own", () => {
  const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-release-"));
  const git = (...args) => {
    const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
    return execFileSync("git", [...identity, ...args], { cwd: folder, encoding: "utf8", stdio: "pipe" });
  };
  const release = (...args) => releaseIn(folder, ...args);
  const releaseIn = (cwd, ...args) => {
    const script = join(cwd, "scripts", "release.mjs");
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
      cwd,
      encoding: "utf8",
      env: environment(),
    });
    return { code: status, stdout, problems: stderr.trim().split("\n").filter(Boolean) };
  };
  const edit = (file, change) => writeFileSync(join(folder, file), change(readFileSync(join(folder, file), "utf8")));
  const tag = (name) => {
    git("add", "-A");
    git("commit", "-qm", name);
    git("tag", name);
    git("update-ref", "refs/remotes/origin/main", "HEAD");
  };
  /** Sets the version everywhere, with notes. */
  const version = (from, to) => {
    const all = (text) => text.replaceAll(`"version": "${from}"`, `"version": "${to}"`);
    for (const file of ["pkg/package.json", "server.json"]) edit(file, all);
    for (const file of ["Cargo.toml", "crates/mcp-component/Cargo.toml"])
      edit(file, (text) => text.replace(`\nversion = "${from}"`, `\nversion = "${to}"`));
    edit("CHANGELOG.md", (text) => text.replace("\n## [", `\n## [${to}] - 2026-12-24\n\n- Something.\n\n## [`));
  };

  before(() => {
    const manifests = ["package.json", "Cargo.toml", "Cargo.lock", "server.json", "CHANGELOG.md", "pkg/package.json"];
    const crates = ["src/lib.rs", "crates/mcp-component/Cargo.toml", "crates/mcp-component/src/lib.rs"];
    const scripts = filesBelow("scripts").filter((file) => /^scripts\/[\w-]+\.mjs$/.test(file));
    for (const file of [...manifests, ...crates, ...scripts, NPM_API, "tests/fixtures/public_api.txt"])
      cpSync(join(root, file), join(folder, file), { recursive: true });
    git("init", "-q");
    // Whatever this repository says, the copy has no repository yet.
    edit("pkg/package.json", (text) => JSON.stringify({ ...JSON.parse(text), repository: undefined }, null, 2));
    edit("Cargo.toml", (text) => text.replace(/^repository = .*\n/m, ""));
  });
  after(() => rmSync(folder, { recursive: true }));

  const now = JSON.parse(readFileSync(join(root, "pkg", "package.json"), "utf8")).version;

  test("stops with one line without a repository", () => {
    tag("v0.0.1");
    const found = release("check", "v0.0.1");
    assert.equal(found.code, 1);
    assert.equal(found.problems.length, 1);
    assert.match(
      found.problems[0],
      /^error: `repository` is not set in pkg\/package\.json and Cargo\.toml: run `npm run/,
    );
    git("tag", "-d", "v0.0.1");
  });

  test("a first release, with nothing to compare with", () => {
    assert.equal(release("repository", URL).code, 0);
    version(now, "1.0.0");
    tag("v1.0.0");
    assert.deepEqual(release("check", "v1.0.0"), { code: 0, stdout: "v1.0.0 can be published\n", problems: [] });
    assert.match(release("semver", "v1.0.0").stdout, /^there is no earlier tag to compare the crate with\n$/);
  });

  test("tags that are not of the form v1.2.3 do not count as releases", () => {
    for (const name of ["v1", "v1.0.0-rc.1", "v01.0.0", "version"]) git("tag", name, "v1.0.0^");
    assert.deepEqual(release("check", "v1.0.0"), { code: 0, stdout: "v1.0.0 can be published\n", problems: [] });
    assert.match(release("semver", "v1.0.0").stdout, /^there is no earlier tag/);
  });

  test("a commit has to be on the main branch first", () => {
    git("update-ref", "refs/remotes/origin/main", "v1.0.0^");
    const unpushed = release("check", "v1.0.0");
    assert.deepEqual([unpushed.code, unpushed.problems.length], [1, 1]);
    assert.match(unpushed.problems[0], /^error: the commit of v1\.0\.0 is not on origin\/main: push it/);
    git("update-ref", "-d", "refs/remotes/origin/main");
    const unknown = release("check", "v1.0.0");
    assert.deepEqual(unknown.problems, ["error: origin/main is not known here: run `git fetch origin main`"]);
    git("update-ref", "refs/remotes/origin/main", "v1.0.0");
  });

  test("a clone without its history, and a failure of git, are not taken for a first release", () => {
    const clone = `${folder}-shallow`;
    try {
      git("clone", "-q", "--depth=1", "--branch=v1.0.0", `file://${folder}`, clone);
      for (const command of ["check", "semver"]) {
        const { code, problems } = releaseIn(clone, command, "v1.0.0");
        assert.equal(code, 1, command);
        assert.match(problems[0], /^error: this clone is shallow, .*: run `git fetch --unshallow --tags`$/);
      }
      rmSync(join(clone, ".git"), { recursive: true });
      const { code, problems } = releaseIn(clone, "semver", "v1.0.0");
      assert.equal(code, 1);
      assert.match(problems.join("\n"), /^error: `git rev-parse .*` ended with exit code 128\n.*not a git repository/);
    } finally {
      rmSync(clone, { recursive: true, force: true });
    }
  });

  test("a change that adds something, with a version that is too small, then large enough", () => {
    edit(NPM_API, (text) => text.replace("\nexport ", "\nexport function added(): void;\nexport "));
    version("1.0.0", "1.0.1");
    tag("v1.0.1");
    const { code, problems } = release("check", "v1.0.1");
    assert.equal(code, 1);
    assert.match(
      problems[0],
      /^error: the npm package has changed since v1\.0\.0 \(0 lines .* 1 added\): at least 1\.1\.0$/,
    );
    assert.equal(problems[1], "  + # nango-toolkit export function added(): void;");
    git("tag", "-d", "v1.0.1");
    version("1.0.1", "1.1.0");
    tag("v1.1.0");
    assert.deepEqual(release("check", "v1.1.0"), { code: 0, stdout: "v1.1.0 can be published\n", problems: [] });
  });

  test("a change that removes something needs the next major version", () => {
    edit("tests/fixtures/public_api.txt", (text) => text.replace(/^.*\n/, ""));
    version("1.1.0", "1.2.0");
    tag("v1.2.0");
    const { problems } = release("check", "v1.2.0");
    assert.match(problems[0], /^error: the crate has changed since v1\.1\.0 \(1 lines removed .*: at least 2\.0\.0$/);
  });

  test("a command that does not exist is named", () => {
    const { code, problems } = release("chek");
    assert.deepEqual(
      [code, problems],
      [1, ["error: expected one of check, semver, pack, npm, crate, forge, repository"]],
    );
  });
});

/** The registries of npm and of crates, on this machine. */
async function startRegistries() {
  const published = { npm: new Set(), crates: new Set() };
  const name = "nango-toolkit";
  const packument = () => {
    const versions = Object.fromEntries([...published.npm].map((version) => [version, { name, version, dist: {} }]));
    return { name, versions, "dist-tags": { latest: [...published.npm].at(-1) } };
  };
  const line = (vers) => JSON.stringify({ name, vers, deps: [], cksum: "0".repeat(64), features: {}, yanked: false });
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const answer = {
      "GET /index/config.json": () => JSON.stringify({ dl: `${url}/dl`, api: url }),
      "GET /index/na/ng/nango-toolkit": () => [...published.crates].map((version) => `${line(version)}\n`).join(""),
      "PUT /api/v1/crates/new": () => {
        // The length of the description comes first, in four bytes.
        published.crates.add(JSON.parse(body.subarray(4, 4 + body.readUInt32LE(0))).vers);
        return "{}";
      },
      "GET /nango-toolkit": () => published.npm.size > 0 && JSON.stringify(packument()),
    }[`${request.method} ${request.url}`]?.();
    response.writeHead(answer ? 200 : 404, { "content-type": "application/json" }).end(answer || "{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  const env = {
    CARGO_REGISTRY_DEFAULT: "local",
    CARGO_REGISTRIES_LOCAL_INDEX: `sparse+${url}/index/`,
    CARGO_REGISTRIES_LOCAL_TOKEN: "x",
    npm_config_registry: `${url}/`,
    [`npm_config_//${url.slice("http://".length)}/:_authToken`]: "x",
  };
  return { published, env, close: () => server.close() };
}

describe("publishing", () => {
  const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-publish-"));
  const { version } = JSON.parse(readFileSync(join(root, "pkg", "package.json"), "utf8"));
  let registries;
  const release = async (command) => {
    const env = environment(registries.env);
    return run(process.execPath, [join(folder, "scripts", "release.mjs"), command], {
      cwd: folder,
      capture: true,
      env,
    });
  };

  before(async () => {
    registries = await startRegistries();
    const files = ["Cargo.toml", "Cargo.lock", "README.md", "CHANGELOG.md", "src/lib.rs", "pkg/package.json"];
    for (const file of [...files, "scripts", "crates/mcp-component/Cargo.toml", "crates/mcp-component/src/lib.rs"])
      cpSync(join(root, file), join(folder, file), { recursive: true });
    mkdirSync(join(folder, "dist", "release"), { recursive: true });
    const pack = ["pack", "./pkg", "--pack-destination", "dist/release", "--silent"];
    const packed = (await must("npm", pack, { cwd: folder, capture: true })).trim().split("\n").at(-1);
    cpSync(join(folder, "dist", "release", packed), join(folder, "dist", "release", "nango-toolkit.tgz"));
  });
  after(() => {
    registries?.close();
    rmSync(folder, { recursive: true });
  });

  test("a crate is published once, and the second time is a success that says so", async () => {
    const first = await release("crate");
    assert.deepEqual([first.code, [...registries.published.crates]], [0, [version]], first.output);
    assert.doesNotMatch(first.output, /Verifying|Compiling|already published/);
    const second = await release("crate");
    assert.equal(second.code, 0, second.output);
    assert.match(
      second.output,
      new RegExp(`^nango-toolkit@${version} on crates.io is already published: nothing`, "m"),
    );
  });

  test("an npm package that is there is a success that says so, and no other failure is", async () => {
    for (const other of [undefined, "0.0.1"]) {
      if (other) registries.published.npm = new Set([other]);
      const { code, output } = await release("npm");
      // Only a workflow can prove where a package comes from.
      assert.equal(code, 1, output);
      assert.match(output, /provenance generation not supported/);
      assert.doesNotMatch(output, /already published/);
    }
    registries.published.npm.add(version);
    const { code, output } = await release("npm");
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`^nango-toolkit@${version} on npm is already published: nothing to do$`, "m"));
  });
});
