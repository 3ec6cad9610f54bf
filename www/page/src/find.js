// Finding tools as the user types, and the call that the words suggest.
import { toolkit } from "./core.js";
import { state } from "./store.js";

/** Nobody types more; a text that was pasted is cut. */
const LONGEST = 1000;

const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Hits beyond these are of no use. */
const MOST = 12;

/** The tools that fit a text, best first; all when there is none. What is half typed fits by its letters. */
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

/** The example of a tool that says most of the words. */
export function exampleFor(tool, text) {
  const asked = new Set(words(text));
  const shared = (example) =>
    words(`${example.title} ${JSON.stringify(example.arguments)}`).filter((word) => asked.has(word)).length;
  return tool.examples.reduce((best, one) => (shared(one) > shared(best) ? one : best), tool.examples[0]);
}
