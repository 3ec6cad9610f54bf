// Finds tools as the user types, and the example call that fits the words.
import { toolkit } from "./core.js";
import { state } from "./store.js";

/** More is never typed; longer pasted text is cut. */
const LONGEST = 1000;

/** The words in lower case. */
export const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Words that say nothing about what is asked for. */
export const EMPTY = new Set(
  "a all an and any do does for from has have i in is it list me my of on s show the to what which with".split(" "),
);

/** Hits beyond these are of no use. */
const MOST = 12;

/** The tools that fit the typed text, best first; all if it is empty. An unfinished word matches by its letters. */
export function find(text) {
  const typed = text.trim().toLowerCase();
  if (typed === "") return state.tools;
  const hits =
    state.phase !== "ready"
      ? []
      : toolkit
          .searchTools(text.slice(0, LONGEST), { limit: MOST })
          .map((hit) => state.tools.find((tool) => tool.slug === hit.slug));
  const spelt = state.tools.filter((tool) => `${tool.title} ${tool.slug}`.toLowerCase().includes(typed));
  return [...new Set([...hits, ...spelt])].filter(Boolean);
}

/** The example of a tool that contains most of the words. */
export function exampleFor(tool, text) {
  const asked = new Set(words(text).filter((word) => !EMPTY.has(word)));
  const shared = (example) =>
    words(`${example.title} ${JSON.stringify(example.arguments)}`).filter((word) => asked.has(word)).length;
  return tool.examples.reduce((best, one) => (shared(one) > shared(best) ? one : best), tool.examples[0]);
}
