// The attempts of a call on a timeline: what was sent when, how it ended, how long each wait was and why.
import { ms } from "./parts.jsx";
import { useStore } from "./store.js";

/** Attempts and waits of a run, in order: `{ kind, start, end, label, good }`, in milliseconds from its start. */
function stretches(run, now) {
  // Look-ups that a session makes before the call have another path.
  const last =
    run.result && run.attempts.length > 1 ? pathOf(run.attempts.at(-1)) : pathOf(run.attempts[0] ?? { url: "" });
  const waits = run.events.filter((event) => event.type === "call.retry");
  return run.attempts.flatMap((attempt, index) => {
    const end = (attempt.end ?? now) - run.start;
    const label = attempt.status ?? attempt.failed ?? "pending";
    const parts = [
      {
        kind: "attempt",
        lookup: pathOf(attempt) !== last,
        title: `${attempt.method} ${pathOf(attempt)}`,
        start: attempt.start - run.start,
        end,
        label: String(label),
        good: attempt.status < 400,
        pending: attempt.end === undefined,
      },
    ];
    const next = run.attempts[index + 1];
    const wait = waits.find((event) => event.at >= attempt.at && event.at <= (next?.at ?? Infinity));
    if (wait && attempt.end !== undefined) {
      parts.push({
        kind: "wait",
        start: end,
        end: next ? next.start - run.start : (run.end ?? now) - run.start,
        label: `waits ${ms(wait.waitMs)} (${wait.kind})`,
      });
    }
    return parts;
  });
}

const pathOf = ({ url }) => url.replace(/^https?:\/\/[^/]+/, "").replace(/\?.*/, "");

export function Timeline({ run }) {
  useStore();
  const now = performance.now();
  const parts = stretches(run, now);
  const total = Math.max((run.end ?? now) - run.start, 1);
  if (parts.length === 0) return <p class="dim pad">Nothing was sent.</p>;
  let number = 0;
  return (
    <table class="timeline">
      <thead class="unseen">
        <tr>
          <th scope="col">step</th>
          <th scope="col">outcome</th>
          <th scope="col">time</th>
        </tr>
      </thead>
      <tbody>
        {parts.map((part, index) => (
          <tr key={index} class={part.kind}>
            <th scope="row" title={part.title}>
              {part.kind === "wait" ? "pause" : part.lookup ? "look-up" : `attempt ${(number += 1)}`}
            </th>
            <td>
              <bdi>{part.label}</bdi>
              <span class="dim"> {part.kind === "attempt" && !part.pending && ms(part.end - part.start)}</span>
            </td>
            <td class="lane" aria-hidden="true">
              <svg width="100%" height="14">
                <line x1="0" x2="100%" y1="7" y2="7" />
                <rect
                  class={part.kind === "wait" ? "waited" : part.pending ? "pending" : part.good ? "good" : "bad"}
                  x={`${(part.start / total) * 100}%`}
                  width={`${Math.max(((part.end - part.start) / total) * 100, 0.8)}%`}
                  y={part.kind === "wait" ? 5 : 2}
                  height={part.kind === "wait" ? 4 : 10}
                  rx="2"
                />
              </svg>
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td colSpan={2} />
          <td class="axis dim">
            <span>0</span>
            <span>{ms(total)}</span>
          </td>
        </tr>
      </tfoot>
    </table>
  );
}
