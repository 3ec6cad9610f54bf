// Requests that the user saves: without secrets, run again in the session in which they were made, exported, imported.
import { writeValue } from "./drafts.js";
import { go } from "./link.js";
import { parse } from "./json.js";
import { run } from "./run.js";
import { holdsKey, shareable, withoutWhat } from "./secrets.js";
import { actsAs, changeSession, limitsOf, loosens, readSession } from "./session.js";
import { keep, load } from "./storage.js";
import { ask, notify, set, state } from "./store.js";

/** More are not kept. */
const MOST = 200;
const LONGEST_NAME = 120;
/** What a file of requests says of itself. */
const FORMAT = { format: "nango-toolkit-requests", version: 1 };
const NOT_KEPT = ", but only until this page is closed: the browser did not store it";

/** The last number given to a request on this page. */
let last = 0;

/** Reads what was saved in an earlier visit. */
export function loadSaved() {
  const { requests = [] } = read(load("requests"));
  set({ saved: requests });
}

/** Saves a request. Returns a sentence that says what happened. */
export function save({ slug, args, session }, name = nameFor(slug, args)) {
  if (state.saved.length >= MOST) return `${MOST} requests are saved already: remove one first`;
  const { value, left } = shareable(args);
  const request = { id: (last += 1), name, slug, args: value, session };
  if (holdsKey(JSON.stringify(request))) return "This request contains the key, so it was not saved";
  const stored = change([request, ...state.saved]);
  return `Saved in Requests${withoutWhat(left)}${stored ? "" : NOT_KEPT}`;
}

export function rename(id, name) {
  if (holdsKey(name)) return notify("This name contains the key, so it was not changed");
  const cut = name.slice(0, LONGEST_NAME);
  if (!change(state.saved.map((one) => (one.id === id ? { ...one, name: cut } : one)))) notify(`Renamed${NOT_KEPT}`);
}

export function remove(id) {
  if (!change(state.saved.filter((one) => one.id !== id))) notify(`Removed${NOT_KEPT}`);
}

/** What the browser does not keep lasts until the page is closed. Returns whether it is kept. */
function change(saved) {
  set({ saved });
  return keep("requests", { ...FORMAT, requests: saved });
}

/** Saves no longer what contains the key that is now known. */
export function forgetRequestsWithKey() {
  const clean = state.saved.filter((one) => !holdsKey(JSON.stringify(one)));
  if (clean.length < state.saved.length) change(clean);
}

/**
 * Opens a request as it was made: its arguments, and the session it was made in. Asks first where that session may do
 * what the current one may not. Returns whether it was opened.
 */
export async function reopen({ slug, args, session }) {
  const lost = loosens(session, state.session);
  if (lost && !(await ask(questionOf(session, lost)))) return false;
  await changeSession(session).catch(() => undefined); // the result of the call has the error
  writeValue(slug, args);
  go(`#/tools/${slug}`);
  return true;
}

const questionOf = (session, lost) => ({
  title: "Change the session?",
  text: `This request was made in another session, which does not keep to yours: ${lost}.`,
  details: `now    as ${described(state.session)}\nafter  as ${described(session)}`,
  action: "Change the session",
});

const described = (session) =>
  [actsAs(session), ...limitsOf(session)].join(", ") + (session.policy ? `\n${session.policy}` : "");

export async function replay(request) {
  if (await reopen(request)) return run(request.slug);
}

/** All saved requests as the text of a file. */
export const exported = () =>
  `${JSON.stringify(
    {
      ...FORMAT,
      requests: state.saved.map(({ name, slug, args, session }) => ({ name, tool: slug, arguments: args, session })),
    },
    null,
    2,
  )}\n`;

/** Adds the requests of a file. Returns a sentence that says what happened. */
export function imported(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `This file is not JSON: ${(parse(text).error ?? error).message}`;
  }
  if (value?.format === FORMAT.format && value.version !== FORMAT.version)
    return `This file has another version: this page reads version ${FORMAT.version}`;
  const { requests, left, count } = read(value);
  if (!requests) return "This file has no requests: it should be one that was exported here";
  const clean = requests.filter((one) => !holdsKey(JSON.stringify(one)));
  const taken = clean.slice(0, Math.max(0, MOST - state.saved.length));
  const stored = taken.length === 0 || change([...taken, ...state.saved]);
  const withKey = requests.length - clean.length;
  const others = count - taken.length - withKey;
  return [
    `${taken.length} request${taken.length === 1 ? "" : "s"} added`,
    others > 0 && `, ${others} left out`,
    withKey > 0 && `, ${withKey} left out because of the key`,
    withoutWhat(left),
    !stored && NOT_KEPT,
  ]
    .filter(Boolean)
    .join("");
}

/** The requests in what was stored or exported, the names of what was left out of them, and how many there were. */
function read(value) {
  if (value?.format !== FORMAT.format || value.version !== FORMAT.version || !Array.isArray(value.requests)) return {};
  const left = [];
  const requests = value.requests.slice(0, MOST).flatMap((one) => {
    try {
      return requestFrom(one, left);
    } catch {
      return []; // such as what is nested too deeply
    }
  });
  return { requests, left: [...new Set(left)], count: value.requests.length };
}

/** What was stored or imported as a list of one request; an empty list if it does not fit. */
function requestFrom(one, left) {
  const slug = one?.tool ?? one?.slug;
  const args = one?.arguments ?? one?.args;
  const isKnown = state.tools.some((tool) => tool.slug === slug);
  const session = readSession(one?.session);
  if (!isKnown || !session || typeof args !== "object" || args === null || Array.isArray(args)) return [];
  const { value, left: secret } = shareable(args);
  JSON.stringify(value);
  left.push(...secret);
  const name = typeof one.name === "string" ? one.name : slug;
  return [{ id: (last += 1), name: name.slice(0, LONGEST_NAME), slug, args: value, session }];
}

/** The first name: that of the example with these arguments, or the tool and its short arguments. */
function nameFor(slug, args) {
  const tool = state.tools.find((one) => one.slug === slug);
  const text = JSON.stringify(args);
  const example = tool.examples.find((one) => JSON.stringify(one.arguments) === text);
  return (example?.title ?? [tool.title, ...summary(args)].join(" · ")).slice(0, LONGEST_NAME);
}

/** The short arguments of a call, for a line of text; none that may be secret. */
export const summary = (args) =>
  Object.entries(shareable(args).value ?? {})
    .filter(([, value]) => typeof value !== "object" || Array.isArray(value))
    .map(([, value]) => textOf(value))
    .filter((text) => text !== "" && text.length <= 40)
    .slice(0, 4);

const textOf = (value) => {
  if (typeof value === "string") return value;
  const isPlain = Array.isArray(value) && value.every((one) => typeof one === "string");
  return isPlain ? value.join(",") : JSON.stringify(value);
};
