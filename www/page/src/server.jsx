// The real server: its host and key, kept in memory until the page is closed. Without a key nothing is sent.
import { explain, toolkit } from "./core.js";
import { forgetRequestsWithKey } from "./saved.js";
import { applySession, keepSession } from "./session.js";
import { set, state, useStore } from "./store.js";

/** Shorter text is a key that is still being typed. */
const KEY = 20;

/** Changes the host or the key. What was stored and holds the key is stored no longer. */
function change(patch) {
  set({ server: { ...state.server, ...patch } });
  if (patch.key?.length >= KEY) {
    keepSession();
    forgetRequestsWithKey();
  }
  applySession().catch(() => undefined); // this card shows the error
}

export function Server() {
  const { server } = useStore();
  const wrong = problem(server);
  return (
    <section class={`card server ${server.key ? "asked" : ""}`} aria-label="server">
      {server.key ? (
        <p class="warning">
          <strong>Calls go to a real Nango.</strong> The key stays in this page's memory: it is never stored, never part
          of a link, and gone when the page is closed or loaded again.
        </p>
      ) : (
        <p class="warning">
          <strong>Enter the secret key of a Nango environment to begin.</strong> Nothing is sent before. The key stays
          in this page's memory and is never stored. Anyone who can see this page can use it, so take one of a
          development environment. No account? Try the <a href="./index.html">in-memory Nango</a>.
        </p>
      )}
      <div class="row">
        <label class="inline grow">
          Host
          <input
            type="url"
            value={server.baseUrl}
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => change({ baseUrl: event.currentTarget.value.trim() })}
          />
        </label>
        <label class="inline grow">
          Key
          <input
            type="password"
            value={server.key}
            spellcheck={false}
            autocomplete="off"
            placeholder="the secret key of an environment"
            onInput={(event) => change({ key: event.currentTarget.value.trim() })}
          />
        </label>
        {server.key && (
          <button type="button" onClick={() => change({ key: "" })}>
            Forget
          </button>
        )}
      </div>
      {wrong && <p class="issue">{wrong}</p>}
    </section>
  );
}

/** The core's error message for the host or the key. */
function problem({ baseUrl, key }) {
  try {
    new toolkit.NangoToolkit({ apiKey: key || "00000000-0000-4000-8000-000000000000", baseUrl });
    return undefined;
  } catch (error) {
    return error.code === "not_initialised" ? undefined : explain(error);
  }
}
