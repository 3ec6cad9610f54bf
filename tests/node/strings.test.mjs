// The list of all strings that `npm run strings` prints: what counts as one in each language.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sentences } from "../../scripts/strings.mjs";

const listed = (file, source) => sentences(file, source).map(({ line, text }) => `${line} ${text}`);

test("strings of a Rust file", () => {
  const source = [
    '//! No comment of "three or more words" is listed.',
    '/* nor /* a nested "comment of many words" */ "still in the comment" */',
    'const A: &str = "one two three";',
    'const SHORT: &str = "one two";',
    'const QUOTE: char = \'"\'; const B: &str = "after a quoted quote";',
    "const C: &[u8] = b\"bytes of a message\"; fn f<'a>(x: &'a str) -> &'a str { x }",
    'const RAW: &str = r#"raw with "quotes" and \\n kept"#;',
    'const LONG: &str = "joined over \\',
    '    two lines, with a \\"quote\\" and \\u{e9}";',
    'const LAST: &str = "the line is right";',
  ].join("\n");
  assert.deepEqual(listed("a.rs", source), [
    "3 one two three",
    "5 after a quoted quote",
    "6 bytes of a message",
    '7 raw with "quotes" and \\n kept',
    '8 joined over two lines, with a "quote" and é',
    "10 the line is right",
  ]);
});

test("strings of a JavaScript or TypeScript file", () => {
  const source = [
    "// no comment of 'three or more words' is listed",
    "const a: Map<string, X> = 'one two three';",
    'const pattern = /a "regular expression here"/;',
    "const short = 'one two', b = \"it\\u2019s a message\";",
    "const c = `there is no ${kind ? `inner tool called ${name}` : 'x'} here,",
    "  over two lines`;",
    "const d = 'the line is right';",
  ].join("\n");
  assert.deepEqual(listed("a.ts", source), [
    "2 one two three",
    "4 it’s a message",
    "5 inner tool called ${}",
    "5 there is no ${} here, over two lines",
    "7 the line is right",
  ]);
});

test("text and attributes of JSX", () => {
  const source = [
    "export const View = ({ n }) => (",
    '  <p title="read by screen readers" class="a">',
    "    This text is shown <b>here</b> to all {n > 1 ? 'of the many users' : ''}",
    "  </p>",
    ");",
  ].join("\n");
  assert.deepEqual(listed("a.jsx", source), [
    "2 read by screen readers",
    "2 This text is shown",
    "3 of the many users",
  ]);
});

test("text, attributes and scripts of a page", () => {
  const source = [
    "<!doctype html><!-- no comment is listed -->",
    '<html><head><style>a { b: "of three words" }</style>',
    '<meta name="description" content="what this page does"></head><body>',
    "<p>The first of",
    "two lines</p>",
    "<script>",
    "  show('written by a script');",
    "</script></body></html>",
  ].join("\n");
  assert.deepEqual(listed("a.html", source), [
    "3 what this page does",
    "4 The first of two lines",
    "7 written by a script",
  ]);
});

test("files of other kinds have no strings", () => {
  assert.deepEqual(listed("a.css", 'a::before { content: "one two three" }'), []);
});

test("the script lists the strings of src, pkg/src and www with their places", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const script = fileURLToPath(new URL("../../scripts/strings.mjs", import.meta.url));
  const output = execFileSync(process.execPath, [script], { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
  const lines = output.trimEnd().split("\n");
  for (const line of lines) assert.match(line, /^(src|pkg\/src|www)\/[^\t:]+:\d+\t\S+( \S+){2,}$/);
  for (const folder of ["src/", "pkg/src/", "www/"])
    assert.ok(
      lines.some((line) => line.startsWith(folder)),
      folder,
    );
});
