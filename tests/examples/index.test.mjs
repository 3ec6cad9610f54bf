// The list of the examples: nothing is missing in it, and each example says how it is run and names the versions that
// are tested.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { at } from "./support.mjs";

const read = (path) => readFileSync(at(path), "utf8");
const folders = readdirSync(at("examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const withPackages = folders.filter((name) => existsSync(at(`examples/${name}/package.json`)));

/** The versions that are installed for the tests in some folders of `tests`, by name. */
const versionsIn = (...places) =>
  Object.assign({}, ...places.map((place) => JSON.parse(read(join(place, "package.json"))).devDependencies));
const TESTED = versionsIn(".", "tests/runtimes", "tests/examples");
/** Next.js runs with packages of its own. */
const TESTED_OF = { "nextjs-route": versionsIn(".", "tests/runtimes/full") };

test("the index lists every example, and its links lead somewhere", () => {
  const links = [...read("examples/README.md").matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);
  for (const link of links) assert.ok(existsSync(at(join("examples", link))), link);
  const inFolder = [...folders, ...readdirSync(at("examples")).filter((file) => file.endsWith(".rs"))];
  assert.ok(inFolder.length >= 8);
  assert.deepEqual(
    inFolder.filter((name) => !links.includes(name)),
    [],
  );
});

describe("each example", () => {
  for (const name of folders)
    test(`${name} says how it is run, with a key and without`, () => {
      const readme = read(`examples/${name}/README.md`);
      for (const [, link] of readme.matchAll(/\]\(([^)]+)\)/g))
        assert.ok(existsSync(at(join("examples", name, link))), link);
      assert.match(readme, /NANGO_SECRET_KEY/);
      assert.match(readme, /NANGO_EMULATOR=1|nango-toolkit emulate/);
    });

  for (const name of withPackages)
    test(`${name} names the versions that are tested`, () => {
      const { dependencies, devDependencies } = JSON.parse(read(`examples/${name}/package.json`));
      const { "nango-toolkit": ours, ...others } = { ...dependencies, ...devDependencies };
      assert.equal(ours, `^${JSON.parse(read("pkg/package.json")).version}`);
      for (const [one, version] of Object.entries(others)) assert.equal(version, (TESTED_OF[name] ?? TESTED)[one], one);
    });
});
