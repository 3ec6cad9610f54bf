// `npm run strings`: every string of three or more words in src, pkg/src and www, one per line as
// `file:line<TAB>text`, so that all messages can be read through at once. Comments are not listed.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import jsTokens from "js-tokens";
import { isMain, program, root } from "./lib.mjs";

const FOLDERS = ["src", "pkg/src", "www"];

/** Fewer words are names, not sentences. */
const WORDS = 3;

/** One of these patterns, the first that matches; groups are numbered through all of them. */
const oneOf = (...patterns) => new RegExp(patterns.map(({ source }) => source).join("|"), "g");

/**
 * The string literals of a Rust file: plain, byte, C and raw strings. Comments (block comments nest) and character
 * literals are skipped, since they may hold quotes.
 * @param {string} source
 * @returns {{ line: number, text: string }[]}
 */
export function rustStrings(source) {
  const found = [];
  const token = oneOf(
    /\/\/[^\n]*|\/\*/,
    /\b[bc]?r(#*)"([\s\S]*?)"\1(?!#)/,
    /\b[bc]?"((?:\\[\s\S]|[^"\\])*)"/,
    /"((?:\\[\s\S]|[^"\\])*)"/,
    /b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])'/,
  );
  for (let match = token.exec(source); match; match = token.exec(source)) {
    const [all, , raw, prefixed, plain] = match;
    if (all === "/*") token.lastIndex = endOfBlockComment(source, match.index);
    const text = raw ?? unescapeRust(prefixed ?? plain);
    if (text !== undefined) found.push({ line: lineOf(source, match.index), text });
  }
  return found;
}

/** The index after the block comment that starts at `start`. */
function endOfBlockComment(source, start) {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let match = edge.exec(source); match; match = edge.exec(source)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return source.length;
}

const unescapeRust = (text) =>
  text?.replace(/\\(\r?\n\s*|u\{([0-9a-fA-F_]+)\}|x([0-9a-fA-F]{2})|[\s\S])/g, (_escape, body, unicode, byte) => {
    if (unicode ?? byte) return String.fromCodePoint(Number.parseInt((unicode ?? byte).replaceAll("_", ""), 16));
    if (/^\s/.test(body)) return "";
    return { n: "\n", r: "\r", t: "\t", 0: "\0" }[body] ?? body;
  });

/**
 * The strings of a JavaScript or TypeScript file, and with `jsx` the text between its elements. A template is one
 * string, with `${}` in the place of each expression.
 * @param {string} source
 * @param {{ jsx?: boolean }} [options]
 * @returns {{ line: number, text: string }[]}
 */
export function scriptStrings(source, { jsx = false } = {}) {
  const found = [];
  const open = []; // templates that have begun and not ended, innermost last
  let line = 1;
  for (const { type, value } of jsTokens(source, { jsx })) {
    if (type === "StringLiteral") found.push({ line, text: unescapeScript(value.slice(1, -1)) });
    else if (type === "NoSubstitutionTemplate") found.push({ line, text: unescapeScript(value.slice(1, -1)) });
    else if (type === "TemplateHead") open.push({ line, text: value.slice(1, -2) });
    else if (type === "TemplateMiddle") open.at(-1).text += `\${}${value.slice(1, -2)}`;
    else if (type === "TemplateTail") {
      const { line: start, text } = open.pop();
      found.push({ line: start, text: unescapeScript(`${text}\${}${value.slice(1, -1)}`) });
    } else if (type === "JSXString") found.push({ line, text: value.slice(1, -1) });
    else if (type === "JSXText") found.push({ line, text: value });
    line += value.split("\n").length - 1;
  }
  return found;
}

const unescapeScript = (text) =>
  text.replace(/\\(\r?\n|u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|[\s\S])/g, (_, body, ...codes) => {
    const code = codes.slice(0, 3).find((digits) => digits !== undefined);
    if (code) return String.fromCodePoint(Number.parseInt(code, 16));
    if (/^\r?\n/.test(body)) return "";
    return { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v", 0: "\0" }[body] ?? body;
  });

/**
 * The text of an HTML page: what stands between tags, the attributes that people read or hear, and the strings of its
 * scripts.
 * @param {string} source
 * @returns {{ line: number, text: string }[]}
 */
export function htmlStrings(source) {
  const found = [];
  const part = oneOf(
    /<!--[\s\S]*?-->/,
    /<script\b[^>]*>([\s\S]*?)<\/script>/,
    /<style\b[\s\S]*?<\/style>/,
    /<[a-zA-Z/!](?:"[^"]*"|'[^']*'|[^"'>])*>/,
    /[^<]+|</,
  );
  for (const match of source.matchAll(part)) {
    const [all, script] = match;
    const line = lineOf(source, match.index);
    if (script !== undefined) {
      const before = lineOf(source, match.index + all.indexOf(">")) - 1;
      found.push(...scriptStrings(script).map((one) => ({ ...one, line: one.line + before })));
    } else if (/^<[a-zA-Z]/.test(all)) {
      for (const [, , double, single] of all.matchAll(
        /\s(alt|aria-\w+|content|placeholder|title)=(?:"([^"]*)"|'([^']*)')/g,
      ))
        found.push({ line, text: double ?? single });
    } else if (!all.startsWith("<")) {
      const blank = /^\s*/.exec(all)[0];
      found.push({ line: line + blank.split("\n").length - 1, text: all });
    }
  }
  return found;
}

const lineOf = (source, index) => source.slice(0, index).split("\n").length;

const READERS = [
  [/\.rs$/, rustStrings],
  [/\.jsx$/, (source) => scriptStrings(source, { jsx: true })],
  [/\.(js|mjs|ts)$/, scriptStrings],
  [/\.html$/, htmlStrings],
];

/**
 * The strings of three or more words in a file, each on one line; none for a file of another kind.
 * @param {string} file its name, which tells the language
 * @param {string} source
 * @returns {{ line: number, text: string }[]}
 */
export function sentences(file, source) {
  const read = READERS.find(([name]) => name.test(file))?.[1];
  if (!read) return [];
  return read(source)
    .map(({ line, text }) => ({ line, text: text.replace(/\s+/g, " ").trim() }))
    .filter(({ text }) => text.split(" ").filter((word) => /\p{L}/u.test(word)).length >= WORDS);
}

if (isMain(import.meta.url))
  await program(() => {
    const files = execFileSync("git", ["ls-files", "-z", ...FOLDERS], { cwd: root, encoding: "utf8" }).split("\0");
    for (const file of files.filter(Boolean))
      for (const { line, text } of sentences(file, readFileSync(join(root, file), "utf8")))
        process.stdout.write(`${file}:${line}\t${text}\n`);
  });
