// Plain words: phrases that a reader has to read twice, and what to write instead. The table is read by people who
// break the test, so each row names its replacement; each has a sentence that it must find.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Not written here, or not to be read: other people's words, lock files, generated bindings, and this table. */
const FOREIGN = [
  /(^|\/)(Cargo\.lock|package-lock\.json|LICENSE-\w+|THIRD_PARTY_LICENSES\.txt)$/,
  /^tests\/recordings\//,
  /^tests\/fixtures\/search\w*\.json$/, // requests as users write them
  /^src\/emulator\/model\/providers\.json$/,
  /(^|\/)bindings(\.rs|\/)/,
  /\.(svg|png|wasm|ico)$/,
  /^tests\/node\/words\.test\.mjs$/,
];

/** Folders and files whose sentences are still to be rewritten: empty it, and do not add to it. */
const LATER = [];

/**
 * Phrase (a regular expression; a space is any white space, also the end of a commented line), what to write instead,
 * and a sentence with the phrase.
 */
const TABLE = [
  ["matters? not", "does not matter", "case matters not"],
  [
    "(?<!there )(?:is|are|was|were) none",
    "is not one, is not a …, does not exist",
    "text that begins like JSON and is none",
  ],
  [
    "(?<!there )(?:is|are|was|were|be) no (?!use|longer|more than|less|better|different|one\\b)[a-z`]\\w*",
    "is not a …, are not …",
    "the policy is no JSON text",
  ],
  [
    "an? text(?! (?:file|node|area|field|box|editor|part|block|content|frame|item|message|only|format))",
    "string",
    "takes a text that confirms it",
  ],
  ["texts(?!\\)|;| =|: | \\{|, unreadable|, path)", "strings", "errors come as records or texts"],
  ["(?:is|are|was|were|be|been|being) told", "is reported, is passed, is distinguished", "every call is told of"],
  [
    "tell(?:s|ing)? nothing|told (?:of|by|from|apart)|tells? of",
    "reveals nothing, distinguish, report",
    "their time tells nothing",
  ],
  ["(?:is|are|was|were|be|been|being) said", "is stated, is reported", "what is said out of turn"],
  ["whoever|whomever|whatsoever", "anyone who, the person who, the caller", "whoever was asked to approve the call"],
  ["under way", "in progress, running, pending", "the request under way"],
  ["comes? to(?! an? end)", "results in, amounts to, the result of", "what a call comes to"],
  [
    "(?<!leaves? |left )behind(?! (?:a |an |the )?" +
      "(?:token|OAuth|proxy|password|gateway|firewall|load balancer|HTTP|every export))",
    "after, past",
    "the path behind the base URL",
  ],
  ["what is wrong", "the problems of …, the mistakes in …", "says what is wrong with the arguments"],
  ["mend(?:s|ed|ing)?", "fix, repair", "a problem that the user can mend"],
  ["besides", "apart from, in addition to, also", "files that decide it besides"],
  ["of (?:its|their) kind", "like it", "the only one of its kind"],
  ["(?<!args )in turn", "in order, one at a time", "measures each in turn"],
  ["has to be confirmed, says", "the rule … requires confirmation", "it has to be confirmed, says the rule `ask`"],
  ["(?:called|run|used|confirmed) 1 times", "once", "may be called 1 times"],
  ["save (?:where|for|that|when|if|as)", "except", "all of them, save where a name is given"],
  ["one after (?:the other|another)", "one at a time, in order", "requests are answered one after another"],
  ["of no (?!use)[a-z]+", "without a …, not of any …", "a call of no tool"],
  ["(?<!not .{1,40}, )but for", "except for, without", "all but for Mastra"],
  ["(?<!there )(?:is|are|was|were) nothing", "is empty, does not exist", "an answer that is nothing"],
  ["held against", "compared with", "verbs are held against what a tool does"],
  ["as (?:it|they) stands?", "as it is, unchanged", "the Workers as they stand"],
  ["to begin with", "as a starting point", "templates to begin with"],
  [
    "draws? (?:a|an|the|its|no) (?:seed|number|key|random)|(?:drew|drawn) (?:at random|anew|once)",
    "generates",
    "a number drawn at random",
  ],
  [
    "anew|lest|thereof|therein|whereby|whence|thence|hitherto|hence|upon|nought|aught",
    "again, so that … not, of it, therefore, on",
    "drawn anew",
  ],
  ["(?:this|that|the|these|those) very [a-z]+", "exactly this", "bound to the very call"],
  ["so many (?:bytes|characters|times|milliseconds)(?! that)", "this many …", "secrets have at least so many bytes"],
  ["whose (?:it|they|it all) (?:is|are)|whose a \\w+ (?:is|was)", "who owns it, the owner of …", "with whose it is"],
  ["of (?:yours|ours|theirs|hers)", "your own …, our …", "a server of yours"],
  ["good for (?:ten|five|\\d+|a|an) (?:seconds?|minutes?|hours?)", "valid for", "good for ten minutes"],
  [
    "(?<!(?:own|other|key|your|its|these|of the) )in words(?! a model)",
    "with a message, in a sentence",
    "it is refused in words",
  ],
  ["eras?", "revision of the protocol", "both eras of the protocol"],
  ["first world", "default fixture", "the first world again"],
  ["nothing need be|needs? no more be", "nothing has to be", "so that nothing need be stored"],
  ["has a meaning only", "has an effect only", "has a meaning only together with `limit`"],
  ["is not good", "is not valid, with the reason", "`modify.X.rename` is not good"],
];

const GAP = String.raw`(?:[ \t]+|[ \t]*\n[ \t]*(?:\/{2,3}!?|\*|#+|>)?[ \t]*)`;

/** The regular expression of a phrase: whole words, lower or upper case at the start. */
function compile(phrase) {
  const source = phrase.replaceAll(" ", GAP);
  return new RegExp(String.raw`(?<![\w.-])(?:${source})(?![\w(-]|\.\w)`, "gi");
}

const RULES = TABLE.map(([phrase, instead, example]) => ({ phrase, instead, example, pattern: compile(phrase) }));

/** `None` of Python and Rust, `is_none`, and the like are code. */
const isCode = (found) => /\bNone\b/.test(found);

/** What the table refuses in a text: `line: "phrase" -> what to write instead`. */
function problems(text) {
  return RULES.flatMap(({ pattern, instead }) =>
    [...text.matchAll(pattern)]
      .filter(([found]) => !isCode(found))
      .map((match) => {
        const line = text.slice(0, match.index).split("\n").length;
        return { line, message: `${line}: "${match[0].replace(/\s+/g, " ")}" -> ${instead}` };
      }),
  ).sort((a, b) => a.line - b.line);
}

describe("plain words", () => {
  test("each row of the table finds its phrase, at the end of a line too", () => {
    for (const { phrase, example, pattern } of RULES) {
      assert.ok(example.match(pattern), `${phrase}: ${example}`);
      assert.ok(`/// ${example.replaceAll(" ", "\n    /// ")}`.match(pattern), `${phrase}, wrapped: ${example}`);
    }
  });

  test("ordinary sentences and code pass", () => {
    for (const sentence of [
      "there is no tool `X`; did you mean `Y`?",
      "if there are none, the list is empty",
      "the id that is no longer valid",
      "if model is None: return value.is_none()",
      "no more than ten are left behind a token",
      "a text file, the text of a message, plain text",
      "the hint says to retry once",
      "it comes to an end, and everybody saved their work",
      "several errors of a kind in turns",
    ])
      assert.deepEqual(problems(sentence), [], sentence);
  });

  test("no file says what the table refuses", () => {
    const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
    const later = (file) => LATER.some((place) => file === place || file.startsWith(`${place}/`));
    const found = files
      .filter((file) => !FOREIGN.some((pattern) => pattern.test(file)) && !later(file))
      .flatMap((file) => problems(readFileSync(join(root, file), "utf8")).map(({ message }) => `${file}:${message}`));
    assert.deepEqual(found, [], `write these more plainly:\n${found.join("\n")}`);
  });
});
