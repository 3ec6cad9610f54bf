// Lines of JavaScript and TypeScript fit on a screen: also comments, strings and regular expressions, which the
// formatter leaves as they are.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The longest line, in characters: the `lineWidth` of biome.json. */
const WIDTH = 120;

const SCRIPT = /\.[cm]?[jt]sx?$/;

/** The lines of a file that are too long, as `number: characters`. */
const tooLong = (text) =>
  text.split(/\r?\n/).flatMap((line, i) => {
    const { length } = [...line];
    return length > WIDTH ? [`${i + 1}: ${length} characters`] : [];
  });

test("characters are counted, without the end of the line", () => {
  const full = "é".repeat(WIDTH - 1);
  assert.deepEqual(tooLong(`${full}😀\r\n${full}\n${full}😀`), []);
  assert.deepEqual(tooLong(`\n${full}😀.\n`), [`2: ${WIDTH + 1} characters`]);
});

test(`no line of a script has more than ${WIDTH} characters`, () => {
  const biome = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
  assert.equal(biome.formatter.lineWidth, WIDTH);
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
  const found = files
    .filter((file) => SCRIPT.test(file))
    .flatMap((file) => tooLong(readFileSync(join(root, file), "utf8")).map((line) => `${file}:${line}`));
  assert.deepEqual(found, [], `break these lines:\n${found.join("\n")}`);
});
