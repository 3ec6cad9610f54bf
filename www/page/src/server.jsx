// The real server: its host and key, kept in memory until the page is closed.
import { explain, toolkit } from "./core.js";
import { set, useStore } from "./store.js";

export function Server() {
  const { server } = useStore();
  const wrong = problem(server);
  return (
    <section class="card server" aria-label="server">
      <p class="warning">
        <strong>Calls go to a real Nango.</strong> The key stays in this page's memory: it is never stored, never part
        of a link, and gone when the page is closed. Anyone who can see this page can use it, so use a key of a
        development environment.
      </p>
      <div class="row">
        <label class="inline grow">
          Host
          <input
            type="url"
            value={server.baseUrl}
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => set({ server: { ...server, baseUrl: event.currentTarget.value.trim() } })}
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
            onInput={(event) => set({ server: { ...server, key: event.currentTarget.value.trim() } })}
          />
        </label>
        {server.key && (
          <button type="button" onClick={() => set({ server: { ...server, key: "" } })}>
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
