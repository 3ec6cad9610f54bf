// What a release needs, for .github/workflows/release.yml and for a release by hand:
// `check TAG` stops with what is missing, `semver TAG` compares the crate with the last tag, `pack` makes the files,
// `npm` and `crate` publish, `forge TAG` makes the page of the release, `repository URL` enters the address of the
// repository once.

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { buildMcpb } from "./build-mcpb.mjs";
import { environment, isMain, must, Problem, program, root, run, versionOf } from "./lib.mjs";

export const NPM_API = "tests/fixtures/npm_api.txt";
const CRATE = "nango-toolkit";
const CRATE_API = "tests/fixtures/public_api.txt";

/** The branch that releases come from. */
const MAIN = "origin/main";

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

/** The lines that the other list does not have, or has fewer times. */
function surplus(lines, others) {
  const left = new Map();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

/** What is only in one of two APIs. A line that has changed is in both lists. */
export function changes(before, now) {
  const [old, current] = [located(before), located(now)];
  return { removed: surplus(old, current), added: surplus(current, old) };
}

const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** The version of a tag such as `v1.2.3`, or `undefined`. */
const versionOfTag = (tag) => (tag?.startsWith("v") && VERSION.test(tag.slice(1)) ? tag.slice(1) : undefined);

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
  const section = sections.find((one) => {
    const [title] = one.split("\n", 1);
    return title.startsWith(`[${version}] - `) && /\] - \d{4}-\d\d-\d\d\s*$/.test(title);
  });
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
  const { repositories, versions, changelog, names, last, apis, isOnMain } = facts;
  const unset = Object.keys(repositories).filter((file) => !repositories[file]);
  if (unset.length > 0) {
    const command = "npm run release:repository -- https://github.com/OWNER/NAME";
    return [`\`repository\` is not set in ${unset.join(" and ")}: run \`${command}\`, commit, and tag again`];
  }
  const version = versionOfTag(tag);
  if (!version) return [`the tag \`${tag}\` is not of the form v1.2.3`];
  const found = [];
  if (!isOnMain) found.push(`the commit of ${tag} is not on ${MAIN}: push it to the branch \`main\` before the tag`);
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
    const least = nextVersion(versionOfTag(last), changed);
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
  const packages = await crates();
  const crate = packages.find(({ name }) => name === CRATE);
  const repositories = {
    "pkg/package.json": npm.repository?.url?.replace(/^git\+/, ""),
    "Cargo.toml": crate.repository,
  };
  // Without a repository, nothing else counts.
  if (!Object.values(repositories).every(Boolean)) return { repositories };
  const versionsOfCrates = packages.map(({ name, version }) => [`Cargo.toml of ${name}`, version]);
  const last = await lastTag(tag);
  const apis = {};
  for (const [name, file] of last ? Object.entries({ crate: CRATE_API, "npm package": NPM_API }) : [])
    apis[name] = { before: await must("git", ["show", `${last}:${file}`], { capture: true }), now: read(file) };
  return {
    repositories,
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
    isOnMain: await isOnMain(tag),
  };
}

/** The crates of this repository. */
async function crates() {
  const metadata = ["metadata", "--no-deps", "--format-version", "1"];
  return JSON.parse(await must("cargo", metadata, { capture: true })).packages;
}

/** Whether a command of git says yes, by its exit code: 1 is no, everything else a failure. */
async function gitSays(...args) {
  const { code, output } = await run("git", args, { capture: true });
  if (code > 1) throw new Problem(`\`git ${args.join(" ")}\` ended with exit code ${code}\n${output}`);
  return code === 0;
}

/** The tag if it exists, else the current commit. */
const commitOf = async (tag) =>
  (await gitSays("show-ref", "--verify", "--quiet", `refs/tags/${tag}`)) ? `refs/tags/${tag}` : "HEAD";

/** The last release before `tag`, or `undefined`: the tag vX.Y.Z with the highest version among the earlier commits. */
async function lastTag(tag) {
  const git = (...args) => must("git", args, { capture: true });
  if ((await git("rev-parse", "--is-shallow-repository")).trim() === "true")
    throw new Problem("this clone is shallow, earlier tags may be missing: run `git fetch --unshallow --tags`");
  const commit = await commitOf(tag);
  const earlier = commit === "HEAD" ? [] : ["--no-contains", commit];
  const tags = (await git("tag", "--list", "v*", "--merged", commit, ...earlier)).split("\n").filter(versionOfTag);
  return tags.sort((one, other) => (isBefore(versionOfTag(one), versionOfTag(other)) ? -1 : 1)).at(-1);
}

/** Whether what `tag` marks is on the main branch of the remote repository, as it was fetched last. */
async function isOnMain(tag) {
  if (!(await gitSays("show-ref", "--verify", "--quiet", `refs/remotes/${MAIN}`)))
    throw new Problem(`${MAIN} is not known here: run \`git fetch origin main\``);
  return gitSays("merge-base", "--is-ancestor", await commitOf(tag), MAIN);
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

/**
 * Builds the files of a release into dist/release: nango-toolkit.tgz for npm, nango-toolkit.mcpb. The crate is only
 * checked: what is packed of it compiles, so that publishing it runs no code of its dependencies.
 */
async function pack() {
  await build();
  await must("cargo", ["package", "--locked", "--package", CRATE, "--features", "emulator,http"]);
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const packed = await must("npm", ["pack", "./pkg", "--pack-destination", OUT, "--silent"], { capture: true });
  const name = packed.trim().split("\n").at(-1);
  copyFileSync(join(OUT, name), join(OUT, "nango-toolkit.tgz"));
  rmSync(join(OUT, name));
  copyFileSync(await buildMcpb(), join(OUT, "nango-toolkit.mcpb"));
  process.stdout.write(`wrote nango-toolkit.tgz and nango-toolkit.mcpb to ${OUT}\n`);
}

/**
 * Publishes with a command. A version that is already there is a success, so that a release that has failed half-way
 * can be run again.
 * @param already how the command says that exactly this version is there
 */
async function publish(what, command, args, already) {
  const { code, output } = await run(command, args, { tee: true });
  if (code === 0) return;
  if (!already.test(output)) throw new Problem(`\`${command} ${args.join(" ")}\` ended with exit code ${code}`);
  process.stdout.write(`${what} is already published: nothing to do\n`);
}

const escaped = (text) => text.replace(/[.+]/g, "\\$&");

async function publishNpm() {
  const { name, version } = JSON.parse(read("pkg/package.json"));
  const args = ["publish", "./dist/release/nango-toolkit.tgz", "--provenance", "--access", "public", "--color=false"];
  const already = new RegExp(
    `You cannot publish over the previously published versions: ${escaped(version)}\\.?$`,
    "m",
  );
  await publish(`${name}@${version} on npm`, "npm", args, already);
}

/** Publishes the crate without compiling it: `pack` did, and the token is in the environment here. */
async function publishCrate() {
  const { version } = (await crates()).find(({ name }) => name === CRATE);
  const args = ["publish", "--locked", "--no-verify", "--package", CRATE, "--color", "never"];
  const already = new RegExp(`^error: crate ${CRATE}@${escaped(version)} already exists on `, "m");
  await publish(`${CRATE}@${version} on crates.io`, "cargo", args, already);
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

const COMMANDS = { check, semver, pack, npm: publishNpm, crate: publishCrate, forge, repository };

if (isMain(import.meta.url)) {
  program(async () => {
    const [name, argument] = process.argv.slice(2);
    if (!Object.hasOwn(COMMANDS, name ?? "")) throw new Problem(`expected one of ${Object.keys(COMMANDS).join(", ")}`);
    await COMMANDS[name](argument);
  });
}
