// CONTRIBUTING.md and SECURITY.md: every file, folder and command that they name exists.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../scripts/lib.mjs";

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const exists = (path) => existsSync(join(root, path));

/** What may be named as a path: files and folders of these places. */
const PATH = /^(\.github|crates|docs|pkg|scripts|src|tests)\/[\w./-]*$|^[\w-]+\.(md|toml|json)$/;

for (const page of ["CONTRIBUTING.md", "SECURITY.md"]) {
  describe(page, () => {
    const text = readFileSync(join(root, page), "utf8");
    const code = [...text.matchAll(/`([^`\n]+)`/g)].map(([, inline]) => inline);
    const blocks = [...text.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].flatMap(([, lines]) => lines.trim().split(/\n\s*/));
    const commands = [...code, ...blocks].flatMap((one) => one.replace(/\s+#.*/, "").split(", "));

    test("the files and folders exist", () => {
      const links = [...text.matchAll(/\]\((?!https:)([^)#]+)\)/g)].map(([, path]) => path);
      const paths = [...links, ...code.filter((one) => PATH.test(one))];
      assert.ok(paths.length >= 10, `only ${paths.length} were found`);
      // `manifest` and the like are named without their folder.
      const missing = paths.filter((path) => !exists(path) && !exists(join("pkg", path)));
      assert.deepEqual(missing, []);
    });

    test("the scripts of npm and the tests that commands name exist", () => {
      const isTest = (name) => ["tests/X.rs", "tests/X/main.rs"].some((file) => exists(file.replace("X", name)));
      for (const command of commands) {
        const [, script] = /^npm (?:run )?([\w:]+)/.exec(command) ?? [];
        if (script && !["ci", "publish"].includes(script)) assert.ok(script in scripts, command);
        for (const [, name] of command.startsWith("cargo ") ? command.matchAll(/--test (\w+)/g) : [])
          assert.ok(isTest(name), command);
        for (const [, file] of command.matchAll(/node --test (\S+)/g))
          assert.ok(exists(file.replace("/*.test.mjs", "")), command);
      }
    });

    if (page === "SECURITY.md")
      test("each promise names what holds it", () => {
        const rows = text.match(/^\| .* \|$/gm).slice(1);
        assert.ok(rows.length >= 10);
        for (const row of rows) assert.match(row, /\| .*`(tests|src)\/.*\|$/, row);
      });
  });
}
