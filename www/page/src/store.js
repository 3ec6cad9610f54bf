// What the page knows, in one place, and who is told when it changes. It lives in memory alone: nothing is stored.
import { useEffect, useReducer } from "preact/hooks";

/** Whether this page may talk to a real server (live.html) or holds an emulator (index.html). */
export const live = document.body.dataset.mode === "live";

export const state = {
  /** "loading", "ready", or the sentence that says why not. */
  phase: "loading",
  /** At first only what the list shows of them; all of it when the module is there. */
  tools: TOOL_INDEX,
  route: { view: "tools", slug: undefined },
  search: "",
  /** By slug: the arguments as text, and the value of the last text that was JSON. */
  drafts: {},
  /** By slug: the last run. */
  runs: {},
  /** The run under way. */
  active: undefined,
  /** What the emulator holds now, and held before the last call. */
  world: undefined,
  worldBefore: undefined,
  faults: {},
  events: [],
  /** What went over the page's MCP endpoint, newest first. */
  traffic: [],
  /** Runs that ended, oldest first: the log's plot and timelines. */
  history: [],
  /** A question to the user: { title, text, details, action, answer }. */
  question: undefined,
  notice: undefined,
  /** By slug: the tool as the session has it, or why it has not; undefined where there is no session. */
  view: undefined,
  session: { user: "", readOnly: false, policy: "" },
  server: { baseUrl: "https://api.nango.dev", key: "" },
  theme: "auto",
};

const listeners = new Set();
let due = false;

/** Changes what is known, and tells once for all changes of this moment. */
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

/** Asks the user; resolves to whether the answer was yes. */
export function ask(question) {
  state.question?.answer(false);
  return new Promise((resolve) => {
    const answer = (yes) => {
      set({ question: undefined });
      resolve(yes);
    };
    set({ question: { ...question, answer } });
  });
}
