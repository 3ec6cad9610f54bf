// The draft arguments of each tool: one string, which the form and the JSON editor both show.
import { toolkit } from "./core.js";
import { parse, pretty } from "./json.js";
import { state, set } from "./store.js";

/** Larger drafts are checked when they are run, not while typing. */
const CHECKED = 300_000;

/** A tool's draft: its first example until it is edited. */
export function draftOf(slug) {
  const draft = state.drafts[slug];
  if (draft) return draft;
  const tool = state.tools.find((one) => one.slug === slug);
  return (state.drafts[slug] = made(slug, pretty(tool?.examples[0]?.arguments ?? {})));
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
  set({ drafts: { ...state.drafts, [slug]: made(slug, text, draftOf(slug)) } });
}

/** Stores the value of the form. */
export const writeValue = (slug, value) => write(slug, pretty(value));
