// The state of the page, and its subscribers. What the browser keeps of it is in storage.js.
import { useEffect, useReducer } from "preact/hooks";

/** Whether this page may talk to a real server (live.html) or holds an emulator (index.html). */
export const live = document.body.dataset.mode === "live";

export const state = {
  /** "loading", "ready", or a message that says why not. */
  phase: "loading",
  /** At first only the fields that the list shows; complete when the module is loaded. */
  tools: TOOL_INDEX,
  route: { view: "tools", slug: undefined },
  /** The components of the other views, when they are loaded. */
  views: undefined,
  search: "",
  /** How arguments are edited: "form" or "json". */
  editing: "form",
  /** By slug: the arguments as text, and the value of the last text that was JSON. */
  drafts: {},
  /** By slug: the last run. */
  runs: {},
  /** The current run. */
  active: undefined,
  /** The state of the emulator now and before the last call. */
  world: undefined,
  worldBefore: undefined,
  faults: {},
  events: [],
  /** What went over the page's MCP endpoint, newest first. */
  traffic: [],
  /** Runs that ended, oldest first: the log's plot and timelines. */
  history: [],
  /** Requests that the user saved: { id, name, slug, args, session }, newest first. */
  saved: [],
  /** A question to the user: { title, text, details, action, answer }. */
  question: undefined,
  notice: undefined,
  /** By slug: the tool as the session has it, or why it is hidden; undefined without a session. */
  view: undefined,
  session: { user: "", readOnly: false, policy: "" },
  server: { baseUrl: "https://api.nango.dev", key: "" },
  theme: "auto",
};

const listeners = new Set();
let due = false;

/** Changes the state; subscribers are called once for all changes of the same tick. */
export function set(patch) {
  Object.assign(state, patch);
  if (due) return;
  due = true;
  queueMicrotask(() => {
    due = false;
    for (const listener of [...listeners]) listener();
  });
}

/** Draws a component again whenever something has changed. */
export function useStore() {
  const [, draw] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    listeners.add(draw);
    draw();
    return () => listeners.delete(draw);
  }, []);
  return state;
}

/** A sentence at the foot of the page, read aloud by screen readers. */
let fading;
export function notify(text) {
  set({ notice: text });
  clearTimeout(fading);
  fading = setTimeout(() => set({ notice: undefined }), 4000);
}

let questions = 0;

/** Asks the user; resolves to whether the answer was yes. */
export function ask(question) {
  state.question?.answer(false);
  return new Promise((resolve) => {
    const answer = (yes) => {
      set({ question: undefined });
      resolve(yes);
    };
    set({ question: { ...question, answer, number: (questions += 1) } });
  });
}
