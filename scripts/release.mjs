// What a release needs, for .github/workflows/release.yml and for a release by hand:
// `check TAG` stops with what is missing, `semver TAG` compares the crate with the last tag, `pack` makes the files,
// `forge TAG` makes the page of the release, `repository URL` enters the address of the repository once.

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { buildMcpb } from "./build-mcpb.mjs";
import { environment, isMain, must, Problem, program, root, run, versionOf } from "./lib.mjs";

export const NPM_API = "tests/fixtures/npm_api.txt";
const CRATE_API = "tests/fixtures/public_api.txt";

/** The files of a release. */
const OUT = join(root, "dist", "release");

const SEMVER_CHECKS = "0.51.0";

const read = (file) => readFileSync(join(root, file), "utf8");

/** Each line of an API with the lines around it, so that equal members of two types differ. */
function located(api) {
  const outer = [];
  const lines = api.split("\n").filter((line) => /[^\s})\];,]/.test(line));
  return lines.map((line) => {
    const depth = line.startsWith("# ") ? 0 : 1 + /^ */.exec(line)[0].length / 4;
    outer.length = depth;
    outer[depth] = line.trim();
    return outer.filter(Boolean).join(" ");
  });
}

/** What is only in one of two APIs. A line that has changed is in both lists. */
export function changes(before, now) {
  const [old, current] = [located(before), located(now)];
  const [wasThere, isThere] = [new Set(old), new Set(current)];
  return { removed: old.filter((line) => !isThere.has(line)), added: current.filter((line) => !wasThere.has(line)) };
}

const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;

/** The smallest version after `last` for these changes. Before 1.0.0, the second number is for what breaks programs. */
export function nextVersion(last, { removed, added }) {
  const [major, minor, patch] = VERSION.exec(last).slice(1).map(Number);
  const breaks = removed.length > 0;
  if (breaks && major > 0) return `${major + 1}.0.0`;
  if (breaks || (added.length > 0 && major > 0)) return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

const isBefore = (one, other) => {
  const [a, b] = [one, other].map((version) => VERSION.exec(version).slice(1).map(Number));
  const at = a.findIndex((number, i) => number !== b[i]);
  return at >= 0 && a[at] < b[at];
};

/** The text of one version in the changelog, or `undefined`. */
export function notesOf(version, changelog) {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((one) => one.startsWith(`[${version}] - `));
  return section?.slice(section.indexOf("\n")).trim();
}

/** The owner and the name of a repository on GitHub, or `undefined`. */
const ownerAndName = (url) => /^https:\/\/github\.com\/([\w-]+)\/([\w.-]+?)(?:\.git)?$/.exec(url ?? "")?.slice(1);

/** The name of the server in the registry of MCP, which GitHub proves. */
const registryName = (url) => `io.github.${ownerAndName(url)[0]}/nango-toolkit`;

/**
 * What is still to be done before `tag` is published, each in one line. Without a repository, that is all.
 * @param facts what {@link gather} returns
 */
export function problems(tag, facts) {
  const { repositories, versions, changelog, names, last, apis } = facts;
  const unset = Object.keys(repositories).filter((file) => !repositories[file]);
  if (unset.length > 0) {
    const command = "npm run release:repository -- https://github.com/OWNER/NAME";
    return [`\`repository\` is not set in ${unset.join(" and ")}: run \`${command}\`, commit, and tag again`];
  }
  const version = tag?.replace(/^v/, "");
  if (!tag?.startsWith("v") || !VERSION.test(version)) return [`the tag \`${tag}\` is not of the form v1.2.3`];
  const found = [];
  const places = new Set(Object.values(repositories).map((url) => ownerAndName(url)?.join("/") ?? url));
  if (places.size > 1) found.push(`the repositories differ: ${[...places].join(", ")}`);
  for (const [file, url] of Object.entries(repositories)) {
    if (!ownerAndName(url))
      found.push(`\`repository\` in ${file} is \`${url}\`, expected https://github.com/OWNER/NAME`);
  }
  for (const [file, one] of Object.entries(versions))
    if (one !== version) found.push(`the version in ${file} is ${one}, the tag is ${tag}`);
  const notes = notesOf(version, changelog);
  if (notes === undefined) found.push(`CHANGELOG.md has no section \`## [${version}] - YYYY-MM-DD\``);
  else if (!notes) found.push(`the section of ${version} in CHANGELOG.md is empty`);
  for (const [file, name] of Object.entries(names)) {
    const [url] = Object.values(repositories);
    if (ownerAndName(url) && name !== registryName(url))
      found.push(`the name for the registry of MCP in ${file} is \`${name}\`, expected \`${registryName(url)}\``);
  }
  for (const [name, { before, now }] of last ? Object.entries(apis) : []) {
    const changed = changes(before, now);
    const least = nextVersion(last.replace(/^v/, ""), changed);
    if (!isBefore(version, least)) continue;
    const count = `${changed.removed.length} lines removed or changed, ${changed.added.length} added`;
    const lines = [...changed.removed.map((line) => `  - ${line}`), ...changed.added.map((line) => `  + ${line}`)];
    found.push([`the ${name} has changed since ${last} (${count}): at least ${least}`, ...lines].join("\n"));
  }
  return found;
}

/** What {@link problems} decides on, from the files and from git. */
async function gather(tag) {
  const npm = JSON.parse(read("pkg/package.json"));
  const server = JSON.parse(read("server.json"));
  const metadata = ["metadata", "--no-deps", "--format-version", "1"];
  const { packages } = JSON.parse(await must("cargo", metadata, { capture: true }));
  const crate = packages.find(({ name }) => name === "nango-toolkit");
  const versionsOfCrates = packages.map(({ name, version }) => [`Cargo.toml of ${name}`, version]);
  const last = await lastTag(tag);
  const apis = {};
  for (const [name, file] of last ? Object.entries({ crate: CRATE_API, "npm package": NPM_API }) : [])
    apis[name] = { before: await must("git", ["show", `${last}:${file}`], { capture: true }), now: read(file) };
  return {
    repositories: { "pkg/package.json": npm.repository?.url?.replace(/^git\+/, ""), "Cargo.toml": crate.repository },
    versions: {
      ...Object.fromEntries(versionsOfCrates),
      "pkg/package.json": npm.version,
      "server.json": server.version,
      "the package of server.json": server.packages[0].version,
    },
    names: { "pkg/package.json (mcpName)": npm.mcpName, "server.json": server.name },
    changelog: read("CHANGELOG.md"),
    last,
    apis,
  };
}

/** The last release before `tag`, or `undefined`. */
async function lastTag(tag) {
  const describe = (from) => ["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", from];
  const exists = (await run("git", ["rev-parse", "--verify", "--quiet", `refs/tags/${tag}`], { capture: true })).code;
  const { code, output } = await run("git", describe(exists === 0 ? `${tag}^` : "HEAD"), { capture: true });
  return code === 0 ? output.trim() : undefined;
}

async function check(tag) {
  const found = problems(tag, await gather(tag));
  if (found.length > 0) throw new Problem(found.join("\nerror: "));
  process.stdout.write(`${tag} can be published\n`);
}

/** The crate's API as the compiler sees it, which finds more than the list of it. */
async function semver(tag) {
  const last = await lastTag(tag);
  if (!last) return void process.stdout.write("there is no earlier tag to compare the crate with\n");
  if (versionOf("cargo", ["semver-checks", "--version"]) !== `cargo-semver-checks ${SEMVER_CHECKS}`)
    await must("cargo", ["install", "cargo-semver-checks", "--version", SEMVER_CHECKS, "--locked", "--debug"]);
  const features = ["--only-explicit-features", "--features", "emulator", "--features", "http"];
  await must("cargo", ["semver-checks", "--package", "nango-toolkit", "--baseline-rev", last, ...features]);
}

/** Builds the files of a release into dist/release: nango-toolkit.tgz for npm, nango-toolkit.mcpb. */
async function pack() {
  await build();
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const packed = await must("npm", ["pack", "./pkg", "--pack-destination", OUT, "--silent"], { capture: true });
  const name = packed.trim().split("\n").at(-1);
  copyFileSync(join(OUT, name), join(OUT, "nango-toolkit.tgz"));
  rmSync(join(OUT, name));
  copyFileSync(await buildMcpb(), join(OUT, "nango-toolkit.mcpb"));
  process.stdout.write(`wrote nango-toolkit.tgz and nango-toolkit.mcpb to ${OUT}\n`);
}

/** Makes the page of the release, with its notes and the bundle for MCP. */
async function forge(tag) {
  const notes = join(OUT, "notes.md");
  writeFileSync(notes, `${notesOf(tag.replace(/^v/, ""), read("CHANGELOG.md"))}\n`);
  const bundle = join(OUT, "nango-toolkit.mcpb");
  const args = ["release", "create", tag, bundle, "--verify-tag", "--title", tag, "--notes-file", notes];
  await must("gh", args, { env: environment() });
}

/** The manifests with the repository entered: from file name and text to text. */
export function withRepository(url, { "pkg/package.json": npm, "server.json": server, "Cargo.toml": cargo }) {
  const at = ownerAndName(url);
  if (!at)
    throw new Problem(`\`${url ?? ""}\` is not the address of a repository: expected https://github.com/OWNER/NAME`);
  const address = `https://github.com/${at.join("/")}`;
  const json = (text, more) => {
    const value = { ...JSON.parse(text), ...more };
    return `${JSON.stringify(value, null, 2)}\n`;
  };
  const name = registryName(address);
  const line = `repository = "${address}"\n`;
  const before = cargo.replace(/^repository = .*\n/m, "");
  return {
    "pkg/package.json": json(npm, {
      mcpName: name,
      repository: { type: "git", url: `git+${address}.git`, directory: "pkg" },
    }),
    "server.json": json(server, { name, repository: { url: address, source: "github" } }),
    "Cargo.toml": before.replace(/^documentation = /m, (found) => line + found),
  };
}

function repository(url) {
  const files = ["pkg/package.json", "server.json", "Cargo.toml"];
  const changed = withRepository(url, Object.fromEntries(files.map((file) => [file, read(file)])));
  for (const [file, text] of Object.entries(changed)) writeFileSync(join(root, file), text);
  process.stdout.write(`entered ${url} in ${files.join(", ")}\n`);
}

const COMMANDS = { check, semver, pack, forge, repository };

if (isMain(import.meta.url)) {
  program(async () => {
    const [name, argument] = process.argv.slice(2);
    if (!Object.hasOwn(COMMANDS, name ?? "")) throw new Problem(`expected one of ${Object.keys(COMMANDS).join(", ")}`);
    await COMMANDS[name](argument);
  });
}
