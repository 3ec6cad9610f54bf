// Requests that the user saves: without secrets, run again in the session in which they were made, exported, imported.
import { writeValue } from "./drafts.js";
import { go } from "./link.js";
import { parse } from "./json.js";
import { run } from "./run.js";
import { shareable } from "./secrets.js";
import { changeSession, sessionFrom } from "./session.js";
import { keep, load } from "./storage.js";
import { set, state } from "./store.js";

/** More are not kept. */
const MOST = 200;
const LONGEST_NAME = 120;
/** What a file of requests says of itself. */
const FORMAT = { format: "nango-toolkit-requests", version: 1 };

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
  const { value, kept } = shareable(args);
  const before = state.saved;
  change([{ id: (last += 1), name, slug, args: value, session }, ...before]);
  if (state.saved === before) return "This request contains the key, so it was not saved";
  return kept.whole ? "Saved: it is in Requests" : "Saved in Requests, without its credentials";
}

export const rename = (id, name) =>
  change(state.saved.map((one) => (one.id === id ? { ...one, name: name.slice(0, LONGEST_NAME) } : one)));
export const remove = (id) => change(state.saved.filter((one) => one.id !== id));

/** What the browser does not keep lasts until the page is closed; what contains the key is refused. */
function change(saved) {
  const { key } = state.server;
  if (key && JSON.stringify(saved).includes(key)) return;
  keep("requests", { ...FORMAT, requests: saved });
  set({ saved });
}

/** Saves no longer what contains a key that is now known. */
export function forgetRequestsWith(key) {
  const clean = state.saved.filter((one) => !JSON.stringify(one).includes(key));
  if (clean.length < state.saved.length) change(clean);
}

/** Opens a request as it was made: its arguments, and the session it was made in. */
export async function reopen({ slug, args, session }) {
  await changeSession(session).catch(() => undefined); // the result of the call has the error
  writeValue(slug, args);
  go(`#/tools/${slug}`);
}

export async function replay(request) {
  await reopen(request);
  return run(request.slug);
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
  const { value, error } = parse(text);
  if (error) return `This file is not JSON: ${error.message}`;
  const { requests, refused } = read(value);
  if (!requests) return "This file has no requests: it should be one that was exported here";
  const taken = requests.slice(0, Math.max(0, MOST - state.saved.length));
  change([...taken, ...state.saved]);
  const left = refused + requests.length - taken.length;
  return `${taken.length} requests added${left > 0 ? `, ${left} left out` : ""}`;
}

/** The requests in what was stored or exported; those that no longer fit are counted. */
function read(value) {
  if (value?.format !== FORMAT.format || !Array.isArray(value.requests)) return { refused: 0 };
  const requests = value.requests.flatMap((one) => {
    const slug = one?.tool ?? one?.slug;
    const args = one?.arguments ?? one?.args;
    if (!state.tools.some((tool) => tool.slug === slug) || typeof args !== "object" || args === null) return [];
    return [
      {
        id: (last += 1),
        name: String(one.name ?? slug).slice(0, LONGEST_NAME),
        slug,
        args: shareable(args).value,
        session: sessionFrom(one.session ?? undefined),
      },
    ];
  });
  return { requests, refused: value.requests.length - requests.length };
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
    .map(([, value]) => String(value))
    .filter((text) => text !== "" && text.length <= 40)
    .slice(0, 4);
