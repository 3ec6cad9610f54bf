// Running a call: the toolkit with the current settings, the attempts as they happen, the question before something is
// destroyed, the world before and after.
import { begin, loadEmulator, toolkit } from "./core.js";
import { draftOf, touch } from "./drafts.js";
import { refusedHeaders } from "./cors.js";
import { parse } from "./json.js";
import { ask, live, notify, set, state } from "./store.js";

/** Events kept for the log, runs kept for its plot. */
const [EVENTS, RUNS] = [5000, 500];
/** How much of a response is kept, together with its size. */
const KEPT = 200_000;

let made = { settings: undefined };

/** The toolkit (or a session) with the current settings; created again when they change. */
export async function currentToolkit() {
  const emulator = live ? undefined : await loadEmulator();
  const { baseUrl, key } = state.server;
  const settings = JSON.stringify([baseUrl, key, state.session]);
  if (made.settings === settings) return made.toolkit;
  const options = live
    ? { apiKey: key, baseUrl, fetch: recording((url, init) => globalThis.fetch(url, init)) }
    : { apiKey: emulator.apiKey, baseUrl: emulator.baseUrl, fetch: recording(emulator.fetch) };
  made = { settings, toolkit: opened({ ...options, onEvent, onError }) };
  return made.toolkit;
}

/** Failures are shown as results; the log has their details. */
const onError = (error, { id }) => console.debug(id, error);

function opened(options) {
  const { user, readOnly, policy } = state.session;
  const rules = policy ? { ...rulesOf(policy), ...(readOnly && { readOnly }) } : readOnly ? { readOnly } : undefined;
  const whole = new toolkit.NangoToolkit({ ...options, ...(rules && { policy: rules }), onApproval: approve });
  return user ? whole.session({ user }) : whole;
}

/** The object in a policy's text. */
function rulesOf(text) {
  const { value, error } = parse(text);
  if (error) throw new Error(`the session's policy is not JSON: ${error.message}`);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error("the session's policy is not an object");
  return value;
}

/** Asks the user to confirm a call, as a policy requires. */
const approve = ({ title, tool, reason, arguments: args }) =>
  ask({
    title: `${title}?`,
    text: `The session's policy asks first: ${reason}.`,
    details: `${tool}\n${JSON.stringify(args, null, 2)}`,
    action: "Approve",
  });

/** A `fetch` that records its requests in the current run. */
function recording(fetch) {
  return async (url, init) => {
    const run = state.active ?? others.get(speaking);
    const attempt = { at: Date.now(), start: performance.now(), method: init?.method ?? "GET", url: String(url) };
    run?.attempts.push(attempt);
    countFault();
    set({});
    const end = (what) => {
      Object.assign(attempt, { end: performance.now() }, what);
      set({});
    };
    try {
      const response = await fetch(url, init);
      const text = await response.clone().text();
      end({
        status: response.status,
        headers: [...response.headers],
        size: new TextEncoder().encode(text).length,
        body: text.slice(0, KEPT),
      });
      return response;
    } catch (error) {
      end({
        failed: error?.name === "AbortError" ? "cancelled" : (error?.cause?.message ?? error?.message ?? "failed"),
      });
      throw error;
    }
  };
}

/** Calls over MCP, which were not started in the call editor, by their ids. */
const others = new Map();
/** The call that emitted the last event: an attempt that it announces is fetched immediately afterwards. */
let speaking;

function onEvent(event) {
  set({ events: [...state.events, event].slice(-EVENTS) });
  if (state.active) return void state.active.events.push(event);
  speaking = event.callId;
  if (event.type === "call.started")
    others.set(event.callId, { slug: event.tool, at: event.at, start: performance.now(), attempts: [], events: [] });
  const one = others.get(event.callId);
  one?.events.push(event);
  if (event.type !== "call.finished" || !one) return;
  others.delete(event.callId);
  remember(Object.assign(one, { end: performance.now(), result: { successful: event.successful } }));
}

const remember = (one) => set({ history: [...state.history, one].slice(-RUNS) });

/** Stores the current world, and keeps the previous one. */
export async function refreshWorld({ keepBefore = false } = {}) {
  if (live) return;
  const emulator = await loadEmulator();
  const world = emulator.world();
  set({ world, worldBefore: keepBefore ? state.worldBefore : state.world });
}

/** Why a call cannot be made now, or undefined. */
export function obstacle(slug) {
  if (live && !state.server.key) return "Enter the key of a Nango environment first.";
  const draft = draftOf(slug);
  if (draft.error) return "The arguments are not valid JSON yet.";
  if (!live) return undefined;
  const headers = refusedHeaders(slug, draft.value, state.server.baseUrl);
  return headers.length > 0
    ? `Nango does not allow browsers to send ${headers.join(", ")}: leave out what is marked.`
    : undefined;
}

/** Runs a tool with its draft; asks first where something may be destroyed. */
export async function run(slug) {
  if (state.active) return;
  const why = obstacle(slug);
  if (why) return notify(why);
  touch(slug);
  const tool = state.tools.find((one) => one.slug === slug);
  const args = draftOf(slug).value;
  const source = await currentToolkit().catch(() => undefined); // the call's result will report the problem
  const { valid } = toolkit.validate(slug, args);
  // A denied call needs no question, and if a policy requires confirmation, the call itself asks.
  const decided = source?.explain(slug, args).decision;
  const asks = valid && tool.effect === "destructive" && decided !== "deny" && decided !== "confirm";
  if (asks && !(await confirmed(tool, args))) return;
  return start(slug, args);
}

function confirmed(tool, args) {
  const { method, url } = toolkit.buildRequest(tool.slug, args, { baseUrl: state.server.baseUrl });
  const place = live ? `on ${new URL(state.server.baseUrl).host}` : "in the in-memory Nango";
  return ask({
    title: `${tool.title}?`,
    text: `This tool can change or remove what is there ${place}.`,
    details: `${method} ${new URL(url).pathname}\n${JSON.stringify(args, null, 2)}`,
    action: "Run it",
  });
}

let count = 0;
async function start(slug, args) {
  if (state.active) return undefined; // asked for twice
  const controller = new AbortController();
  const one = {
    slug,
    args,
    session: state.session,
    number: (count += 1),
    at: Date.now(),
    start: performance.now(),
    attempts: [],
    events: [],
    controller,
  };
  set({ active: one, runs: { ...state.runs, [slug]: one } });
  try {
    const nango = await currentToolkit();
    one.start = performance.now(); // waiting for the emulator's module is not part of the call
    one.result = await nango.execute(slug, args, { signal: controller.signal });
  } catch (error) {
    const { code = "internal", message, hint, issues } = error;
    one.result = {
      successful: false,
      data: null,
      error: { kind: "internal", code, message, hint, issues, retryable: false },
      meta: { tool: slug, attempts: one.attempts.length },
    };
  }
  one.end = performance.now();
  set({ active: undefined });
  remember(one);
  await refreshWorld().catch((error) => notify(error.message));
  return one;
}

export const cancel = () => state.active?.controller.abort();

/** Replaces the emulator's faults. Throws if the specification is invalid. */
export async function setFaults(faults) {
  const emulator = await loadEmulator();
  emulator.setFaults(faults);
  met = 0;
  set({ faults });
}

/** The number of requests since the faults were set: a fault that fails n times ends after n requests. */
let met = 0;
function countFault() {
  const { fail, ...rest } = state.faults;
  met += 1;
  if (fail?.every((fault) => fault.times && met >= fault.times)) set({ faults: rest });
}

/** Back to the default fixture. */
export async function resetWorld() {
  const emulator = await loadEmulator();
  emulator.reset();
  begin(emulator);
  set({ faults: {}, worldBefore: undefined });
  await refreshWorld({ keepBefore: true });
}
