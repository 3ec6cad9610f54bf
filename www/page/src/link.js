// Addresses: which view, which tool, which arguments. A key is never part of one, nor is any credential.
import { live, set, state } from "./store.js";
import { draftOf, write } from "./drafts.js";

/** Longer arguments stay out of the address. */
const LONGEST = 8000;
export const VIEWS = ["tools", "world", "log", "agent", "session"];

/** Names whose values stay out of an address. */
const SECRET =
  /^(credentials|config_override|(proxy-)?authorization|.*(token|secret|password|api_?key|private_key|certificate))$/i;

/** A copy of arguments without what may be a secret, and whether anything was left out. */
export function shareable(value, kept = { whole: true }) {
  if (Array.isArray(value)) return { value: value.map((one) => shareable(one, kept).value), kept };
  if (typeof value !== "object" || value === null) return { value, kept };
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    if (!SECRET.test(name)) return [[name, shareable(inner, kept).value]];
    kept.whole = false;
    return name === "credentials" && typeof inner?.type === "string" ? [[name, { type: inner.type }]] : [];
  });
  return { value: Object.fromEntries(entries), kept };
}

/** The fragment for a tool and its arguments. */
export function fragmentOf(slug, args) {
  const plain = `#/tools/${slug}`;
  if (args === undefined) return plain;
  const text = JSON.stringify(shareable(args).value);
  const { key } = state.server;
  if (text.length > LONGEST || (key && text.includes(key))) return plain;
  return `${plain}?args=${encodeURIComponent(text)}`;
}

/** Reads the address. Arguments in it become the tool's draft. */
export function readAddress() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [view, slug] = path.split("/").map(decoded);
  if (!VIEWS.includes(view) || (live && view === "world")) return set({ route: { view: "tools" } });
  const tool =
    view === "tools" && slug ? state.tools.find((one) => one.slug === slug || one.aliases?.includes(slug)) : undefined;
  const args = new URLSearchParams(query).get("args");
  // Nothing can be checked before the module is loaded; the address is read again afterwards.
  if (state.phase === "ready" && tool && args !== null && args.length <= LONGEST * 2) write(tool.slug, indented(args));
  set({
    route: {
      view,
      slug: tool?.slug,
      unknown: state.phase === "ready" && view === "tools" && slug && !tool ? slug : undefined,
    },
  });
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Goes to a view or a tool and adds an entry to the browser's history. */
export function go(fragment) {
  if (location.hash === fragment) return readAddress();
  location.hash = fragment;
}

/** Updates the address as arguments change, without a new entry in the history. */
let due;
export function keepAddress() {
  clearTimeout(due);
  due = setTimeout(() => {
    const { view, slug } = state.route;
    // A navigation may have started whose event has not fired yet.
    if (view !== "tools" || !slug || !location.hash.startsWith(`#/tools/${slug}`)) return;
    const draft = draftOf(slug);
    history.replaceState(null, "", fragmentOf(slug, draft.error ? undefined : draft.value));
  }, 400);
}

/** The full address of a tool with its arguments, for sharing. */
export function linkOf(slug) {
  const draft = draftOf(slug);
  const { kept } = shareable(draft.value);
  return {
    url: `${location.href.split("#")[0]}${fragmentOf(slug, draft.error ? undefined : draft.value)}`,
    whole: kept.whole,
  };
}
