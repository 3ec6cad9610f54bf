// The audit log: events with filters, how long each tool took, the attempts of a call, and all of it as JSON Lines.
import { useMemo, useState } from "preact/hooks";
import { Icon, Text, download, ms } from "./parts.jsx";
import { Timeline } from "./timeline.jsx";
import { set, useStore } from "./store.js";

/** The number of rows drawn; filters find the others. */
const SHOWN = 300;

export function Log() {
  const { events, history } = useStore();
  const [filter, setFilter] = useState({ tool: "", type: "", outcome: "" });
  const [call, setCall] = useState();
  const outcomes = useMemo(
    () =>
      new Map(
        events
          .filter((one) => one.type === "call.finished")
          .map((one) => [one.callId, one.successful ? "good" : "bad"]),
      ),
    [events],
  );
  const found = useMemo(
    () =>
      events
        .filter(
          (one) =>
            (!filter.tool || one.tool === filter.tool) &&
            (!filter.type || one.type === filter.type) &&
            (!filter.outcome || outcomes.get(one.callId) === filter.outcome),
        )
        .reverse(),
    [events, filter],
  );
  const chosen = history.find((run) => run.events[0]?.callId === call);
  const lines = () =>
    found
      .toReversed()
      .map((one) => JSON.stringify(one))
      .join("\n");
  const names = (key) => [...new Set(events.map((one) => one[key]))].sort();
  const pick = (key, title, options) => (
    <label class="inline">
      {title}
      <select value={filter[key]} onChange={(event) => setFilter({ ...filter, [key]: event.currentTarget.value })}>
        <option value="">all</option>
        {options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
  if (events.length === 0) {
    return (
      <div class="page">
        <h1>The log</h1>
        <p class="lead">Audit events of every call appear here, with secrets masked. There are none yet: run a tool.</p>
      </div>
    );
  }
  return (
    <div class="page">
      <div class="bar">
        <h1>The log</h1>
        <div class="row">
          <button type="button" class="quiet" onClick={() => (set({ events: [], history: [] }), setCall(undefined))}>
            Clear
          </button>
          <button
            type="button"
            onClick={() => download("nango-toolkit-events.jsonl", `${lines()}\n`, "application/jsonl")}
          >
            <Icon name="down" /> JSON Lines
          </button>
        </div>
      </div>
      <Latency history={history} choose={setCall} chosen={call} />
      {chosen && (
        <section class="card" aria-label="attempts of the chosen call">
          <h2>
            Attempts of {chosen.slug} <span class="dim">{call}</span>
          </h2>
          <Timeline run={chosen} />
        </section>
      )}
      <section class="card" aria-label="events">
        <div class="bar">
          <h2>
            Events <span class="dim">{found.length}</span>
          </h2>
          <div class="row filters">
            {pick(
              "tool",
              "Tool",
              names("tool").map((one) => [one, one.slice(0, 60)]),
            )}
            {pick(
              "type",
              "Event",
              names("type").map((one) => [one, one]),
            )}
            {pick("outcome", "Outcome", [
              ["good", "successful"],
              ["bad", "failed"],
            ])}
          </div>
        </div>
        <div class="scroll-x" tabIndex={0} role="group" aria-label="table of events">
          <table class="plain-table events">
            <thead>
              <tr>
                <th scope="col">time</th>
                <th scope="col">event</th>
                <th scope="col">tool</th>
                <th scope="col">what</th>
                <th scope="col">call</th>
              </tr>
            </thead>
            <tbody>
              {found.slice(0, SHOWN).map((event, index) => (
                <tr
                  key={`${event.callId} ${event.type} ${event.attempt} ${index}`}
                  class={event.callId === call ? "chosen" : ""}
                >
                  <td class="number">{new Date(event.at).toISOString().slice(11, 23)}</td>
                  <td>{event.type}</td>
                  <td>
                    <code>
                      <Text text={event.tool} clip={60} />
                    </code>
                  </td>
                  <td>
                    <What event={event} />
                  </td>
                  <td>
                    <button
                      type="button"
                      class="plain"
                      aria-pressed={event.callId === call}
                      onClick={() => setCall(event.callId)}
                    >
                      {event.callId.slice(-6)}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {found.length > SHOWN && (
          <p class="dim">
            The newest {SHOWN}; the JSON Lines file has all {found.length}.
          </p>
        )}
      </section>
    </div>
  );
}

function What({ event }) {
  switch (event.type) {
    case "call.started":
      return <Text text={JSON.stringify(event.arguments) ?? ""} clip={140} />;
    case "call.attempt":
      return <Text text={`${event.attempt}: ${event.method} ${event.path}`} clip={140} />;
    case "call.retry":
      return (
        <Text
          text={`after ${event.kind}${event.status ? ` ${event.status}` : ""}, waits ${ms(event.waitMs)}`}
          clip={140}
        />
      );
    case "call.finished": {
      const outcome = event.successful ? "successful" : event.error?.kind;
      return (
        <>
          <span class={event.successful ? "good" : "bad"}>{outcome}</span>{" "}
          <span class="dim">{[event.status, ms(event.durationMs)].filter(Boolean).join(", ")}</span>
        </>
      );
    }
    default: {
      const { at, callId, tool, type, ...rest } = event;
      return <Text text={JSON.stringify(rest)} clip={140} />;
    }
  }
}

/** A dot for each call, a line for each tool, time on a scale of powers of ten. */
function Latency({ history, choose, chosen }) {
  const tools = [...new Set(history.map((run) => run.slug))].sort();
  if (tools.length === 0) return null;
  const longest = Math.max(10, ...history.map((run) => run.end - run.start));
  const decades = Math.ceil(Math.log10(longest));
  const at = (time) => `${Math.min((Math.log10(Math.max(time, 1)) / decades) * 98 + 1, 99)}%`;
  const marks = Array.from({ length: decades + 1 }, (_, power) => 10 ** power);
  return (
    <section class="card" aria-label="latency">
      <h2>Latency</h2>
      <table class="latency">
        <thead class="unseen">
          <tr>
            <th scope="col">tool</th>
            <th scope="col">median</th>
            <th scope="col">calls</th>
          </tr>
        </thead>
        <tbody>
          {tools.map((slug) => {
            const runs = history.filter((run) => run.slug === slug);
            const times = runs.map((run) => run.end - run.start).sort((a, b) => a - b);
            return (
              <tr key={slug}>
                <th scope="row">
                  <code>{slug}</code>
                </th>
                <td class="number">
                  {ms(times[Math.floor((times.length - 1) / 2)])} <span class="dim">×{runs.length}</span>
                </td>
                <td class="lane">
                  <svg width="100%" height="18" role="img" aria-label={`${runs.length} calls of ${slug}`}>
                    {marks.map((mark) => (
                      <line key={mark} x1={at(mark)} x2={at(mark)} y1="0" y2="18" />
                    ))}
                    {runs.map((run, index) => {
                      const id = run.events[0]?.callId;
                      return (
                        <circle
                          key={index}
                          cx={at(run.end - run.start)}
                          cy="9"
                          r={id === chosen ? 6 : 4}
                          class={run.result.successful ? "good" : "bad"}
                          onClick={() => choose(id)}
                        />
                      );
                    })}
                  </svg>
                </td>
              </tr>
            );
          })}
        </tbody>
        <tfoot>
          <tr aria-hidden="true">
            <td colSpan={2} />
            <td class="axis dim">
              {marks.map((mark) => (
                <span key={mark}>{ms(mark)}</span>
              ))}
            </td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
