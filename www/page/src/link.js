// Addresses: which view, which tool, which arguments. A key is never part of one, nor is any credential.
import { draftOf, write } from "./drafts.js";
import { holdsKey, shareable } from "./secrets.js";
import { live, set, state } from "./store.js";

/** Longer arguments stay out of the address. */
const LONGEST = 8000;
export const VIEWS = ["tools", "requests", "world", "log", "agent", "session"];

/** The fragment for a tool and its arguments. */
function fragmentOf(slug, args) {
  const plain = `#/tools/${slug}`;
  const text = JSON.stringify(shareable(args).value) ?? "";
  if (text === "" || text.length > LONGEST || holdsKey(text)) return plain;
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

/** The full address of a call, for sharing, and the names of what had to be left out of it. */
export const linkOf = (slug, args) => ({
  url: `${location.href.split("#")[0]}${fragmentOf(slug, args)}`,
  left: shareable(args).left,
});
