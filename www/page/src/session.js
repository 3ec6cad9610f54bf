// Whom calls are made as, and what an agent can do then: which tools are hidden, and why; how the others look.
import { toolkit } from "./core.js";
import { parse } from "./json.js";
import { currentToolkit } from "./run.js";
import { keep, load } from "./storage.js";
import { live, set, state } from "./store.js";

/** Used as the key where only options are validated. */
const SOME_KEY = "00000000-0000-4000-8000-000000000000";

/** Whom calls are made as: the user, or everyone. */
export const actsAs = ({ user }) => user || "the whole environment";

/** The names of a session's other limits. */
export const limitsOf = ({ readOnly, policy }) => [readOnly && "read-only", policy && "policy"].filter(Boolean);

/** Changes the session of this tab; it survives a reload. Rejects if it is invalid. */
export function changeSession(patch) {
  set({ session: { ...state.session, ...patch } });
  keepSession();
  return applySession();
}

export function keepSession() {
  const { user, readOnly, policy } = state.session;
  keep("session", user || readOnly || policy ? { user, readOnly, policy } : undefined);
}

/**
 * The session of this tab before the page was loaded again. What does not fit stays as it is: the toolkit refuses it
 * then, instead of calls that are made without a limit.
 */
export function restoreSession() {
  const { user, readOnly, policy } = load("session") ?? {};
  const text = (value = "") => (typeof value === "string" ? value : JSON.stringify(value));
  set({ session: { user: text(user), readOnly: ![undefined, false].includes(readOnly), policy: text(policy) } });
}

/** A session that was stored or imported with a request; undefined if something in it does not fit. */
export function readSession(value = {}) {
  if (typeof value !== "object" || value === null) return undefined;
  const { user = "", readOnly = false, policy = "", ...others } = value;
  const fits = typeof user === "string" && typeof readOnly === "boolean" && typeof policy === "string";
  if (!fits || Object.keys(others).length > 0 || policyProblems(policy).length > 0) return undefined;
  return { user, readOnly, policy: policy.trim() };
}

/** What of the session `now` another one does not keep to, for a sentence; empty if it keeps to all of it. */
export const loosens = (next, now) =>
  [
    now.user && next.user !== now.user && `calls are made as ${actsAs(next)}, no longer as ${now.user}`,
    now.readOnly && !next.readOnly && "it is not read-only",
    now.policy && next.policy !== now.policy && `it has ${next.policy ? "another" : "no"} policy`,
  ]
    .filter(Boolean)
    .join(", ");

/** Creates the session again and sets, by slug, each tool as the session has it, or the reason why it is hidden. */
export async function applySession() {
  const settings = state.session;
  const { user, readOnly, policy } = settings;
  const unasked = live && !state.server.key;
  if (unasked || (!user && !readOnly && !policy)) return set({ view: undefined });
  const source = await currentToolkit().catch((error) => {
    set({ view: undefined });
    throw error;
  });
  const shown = new Map(source.tools({ toolsets: "all" }).map((tool) => [tool.slug, tool]));
  const view = new Map(state.tools.map((tool) => [tool.slug, shown.get(tool.slug) ?? reasonFor(source, tool)]));
  if (settings === state.session) set({ view });
}

function reasonFor(source, tool) {
  const { decision, reason } = source.explain(tool.slug, tool.examples?.[0]?.arguments ?? {});
  return decision === "deny" && reason ? reason : "not in this session";
}

/** Why the session hides a tool, or undefined. */
export function refusal(tool) {
  const seen = state.view?.get(tool.slug);
  return typeof seen === "string" ? seen : undefined;
}

/** A tool as the session has it: the session sets some arguments itself. */
export function seenTool(tool) {
  const seen = state.view?.get(tool.slug);
  return typeof seen === "object" ? seen : tool;
}

/** The issues of a policy's JSON text; empty if it is valid. */
export function policyProblems(text) {
  if (text.trim() === "") return [];
  const { value, error } = parse(text);
  if (error) return [{ at: error.at, path: [], message: error.message }];
  try {
    new toolkit.NangoToolkit({ apiKey: SOME_KEY, policy: value });
    return [];
  } catch (refused) {
    const issues = refused.issues?.length
      ? refused.issues
      : [{ path: [], message: refused.message, hint: refused.hint }];
    return issues.map((issue) => ({ ...issue, path: issue.path[0] === "policy" ? issue.path.slice(1) : issue.path }));
  }
}
