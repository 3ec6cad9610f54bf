// The draft arguments of each tool: one string, which the form and the JSON editor both show.
import { toolkit } from "./core.js";
import { parse, pretty } from "./json.js";
import { live, state, set } from "./store.js";

/** Larger drafts are checked when they are run, not while typing. */
const CHECKED = 300_000;

/**
 * A tool's draft: its first example until it is edited. For a real server it is empty instead, and `untouched`: missing
 * arguments are not reported before anything has been entered.
 */
export function draftOf(slug) {
  const draft = state.drafts[slug];
  if (draft) return draft;
  const tool = state.tools.find((one) => one.slug === slug);
  const first = live ? {} : (tool?.examples[0]?.arguments ?? {});
  return (state.drafts[slug] = { ...made(slug, pretty(first)), untouched: live });
}

/** Shows the problems of a draft that nobody has edited. */
export function touch(slug) {
  const draft = draftOf(slug);
  if (draft.untouched) set({ drafts: { ...state.drafts, [slug]: { ...draft, untouched: false } } });
}

function made(slug, text, before) {
  const { value, places, error } = parse(text);
  const draft = { text, places, error, value: error ? before?.value : value, issues: [] };
  if (!error && text.length <= CHECKED) draft.issues = problems(slug, value);
  return draft;
}

function problems(slug, value) {
  try {
    return toolkit.validate(slug, value ?? null).issues;
  } catch (error) {
    return error.issues?.length ? error.issues : [{ path: [], code: error.code ?? "internal", message: error.message }];
  }
}

/** Stores the text of the JSON editor. */
export function write(slug, text) {
  const lines = text.replace(/\r\n?/g, "\n"); // as the editor counts them
  set({ drafts: { ...state.drafts, [slug]: made(slug, lines, draftOf(slug)) } });
}

/** Stores the value of the form. */
export const writeValue = (slug, value) => write(slug, pretty(value));
