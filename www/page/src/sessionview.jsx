// Whose agent it is and what it may do: tools disappear, calls are refused with the reason.
import { refusal } from "./session.js";
import { Effect } from "./parts.jsx";
import { set, useStore } from "./store.js";

export function SessionView() {
  const { session, tools } = useStore();
  const change = (patch) => set({ session: { ...session, ...patch } });
  return (
    <div class="page">
      <h1>The session</h1>
      <p class="lead">What an agent may do. Calls from the Tools view go through it.</p>
      <section class="card" aria-label="settings">
        <label class="check">
          <input type="checkbox" checked={session.readOnly} onChange={(event) => change({ readOnly: event.currentTarget.checked })} />
          Read-only: tools that change something are neither listed nor run
        </label>
      </section>
      <section class="card" aria-label="tools of the session">
        <h2>
          Tools <span class="dim">{tools.filter((tool) => !refusal(tool)).length} of {tools.length}</span>
        </h2>
        <ul class="allowed">
          {tools.map((tool) => {
            const reason = refusal(tool);
            return (
              <li key={tool.slug} class={reason ? "refused" : ""}>
                <a href={`#/tools/${tool.slug}`}>{tool.title}</a> <Effect effect={tool.effect} />
                {reason && <p class="hint">{reason}</p>}
              </li>
            );
          })}
        </ul>
      </section>
    </div>
  );
}
