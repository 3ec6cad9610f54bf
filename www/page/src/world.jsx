// The state of the emulator as it changes, and the faults that it injects.
import { useEffect, useMemo, useState } from "preact/hooks";
import { Change, ChangeLegend, Icon, Text } from "./parts.jsx";
import { refreshWorld, resetWorld, setFaults } from "./run.js";
import { notify, useStore } from "./store.js";

export function World() {
  const { world, worldBefore } = useStore();
  useEffect(() => {
    refreshWorld({ keepBefore: true }).catch((error) => notify(error.message));
  }, []);
  const changes = useMemo(() => compare(worldBefore, world), [world, worldBefore]);
  if (!world) return <p class="booting">Loading the in-memory Nango…</p>;
  const reset = async () => {
    await resetWorld();
    notify("The initial data is back");
  };
  return (
    <div class="page">
      <div class="bar">
        <h1>The world</h1>
        <button type="button" onClick={reset}>
          <Icon name="again" /> Reset
        </button>
      </div>
      <p class="lead">
        The data of the in-memory Nango. <span role="status">{describeChanges(changes)}</span>
      </p>
      <ChangeLegend />
      <Faults />
      <People world={world} changes={changes} />
      <div class="cards">
        <Listing
          title="Integrations"
          rows={changes.integrations}
          cells={(one) => [
            <Text text={one.display_name ?? one.unique_key} clip={80} />,
            <code>
              <Text text={one.unique_key} clip={80} />
            </code>,
            one.auth_mode,
          ]}
          head={["name", "key", "auth"]}
        />
        <Listing
          title="Connect sessions"
          rows={changes.connectSessions}
          cells={(one) => [<Text text={one.end_user?.id ?? "by tags"} clip={80} />, one.expires_at]}
          head={["end user", "expires"]}
          none="None yet: Create Connect Session creates one."
        />
        <Functions world={world} />
        <Listing
          title="Variables"
          rows={changes.variables}
          cells={(one) => [
            <code>
              <Text text={one.name} clip={80} />
            </code>,
            <span class="masked">masked</span>,
          ]}
          head={["name", "value"]}
        />
      </div>
    </div>
  );
}

const KEYS = {
  integrations: (one) => one.unique_key,
  connections: (one) => String(one.id),
  connectSessions: (one, index) => `${one.expires_at} ${index}`,
  variables: (one) => one.name,
};

/** Each collection's rows with what the last call did to them: `[row, "added" | "changed" | "removed" | ""]`. */
function compare(before, now) {
  const compared = Object.entries(KEYS).map(([name, key]) => {
    if (!now) return [name, []];
    // Before its clock has started, the world shows other times, so it cannot be compared.
    const old = new Map((before?.[name] ?? now[name]).map((one, index) => [key(one, index), one]));
    const rows = now[name].map((one, index) => {
      const was = old.get(key(one, index));
      old.delete(key(one, index));
      return [
        one,
        was === undefined ? "added" : JSON.stringify(timeless(was)) === JSON.stringify(timeless(one)) ? "" : "changed",
      ];
    });
    return [name, [...rows, ...[...old.values()].map((one) => [one, "removed"])]];
  });
  return Object.fromEntries(compared);
}

const timeless = ({ created_at, ...rest }) => rest;

function describeChanges(changes) {
  const parts = Object.entries(changes).flatMap(([name, rows]) =>
    ["added", "changed", "removed"].flatMap((what) => {
      const count = rows.filter(([, change]) => change === what).length;
      const noun = name.replaceAll("_", " ");
      return count > 0 ? [`${count} ${count === 1 ? noun.slice(0, -1) : noun} ${what}`] : [];
    }),
  );
  return parts.length > 0 ? `The last call: ${parts.join(", ")}.` : "The last call changed nothing.";
}

function Listing({ title, rows, cells, head, none = "None." }) {
  return (
    <section class="card" aria-label={title}>
      <h2>
        {title} <span class="dim">{rows.filter(([, change]) => change !== "removed").length}</span>
      </h2>
      {rows.length === 0 ? (
        <p class="dim">{none}</p>
      ) : (
        <table class="plain-table">
          <thead>
            <tr>
              {head.map((one) => (
                <th scope="col" key={one}>
                  {one}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, 300).map(([one, change], index) => (
              <tr key={index} class={change}>
                {cells(one).map((cell, at) => (
                  <td key={at}>
                    {cell} {at === 0 && <Change change={change} />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** The connections by the end user who owns them. */
function People({ world, changes }) {
  const users = new Map(world.endUsers.map((user) => [user.id, user]));
  // Newer connections name their owner in a tag.
  const ownerOf = (one) => one.end_user_id ?? one.tags?.end_user_id ?? null;
  const owners = [...new Set(changes.connections.map(([one]) => ownerOf(one)))];
  return (
    <section class="card" aria-label="Connections">
      <h2>
        Connections <span class="dim">{world.connections.length}</span>
      </h2>
      <div class="people">
        {owners.map((owner) => (
          <div key={owner} class="person">
            <h3>
              <Text text={users.get(owner)?.display_name ?? owner ?? "no end user"} clip={60} />{" "}
              <span class="dim">
                <Text text={users.get(owner)?.organization?.display_name ?? ""} clip={60} />
              </span>
            </h3>
            <ul>
              {changes.connections
                .filter(([one]) => ownerOf(one) === owner)
                .map(([one, change]) => (
                  <li key={one.id} class={change}>
                    <code>
                      <Text text={one.connection_id} clip={80} />
                    </code>
                    <span class="dim">
                      <Text text={one.provider_config_key} clip={60} />
                    </span>
                    {one.errors > 0 && (
                      <span class="badge destructive">{one.errors === 1 ? "1 error" : `${one.errors} errors`}</span>
                    )}
                    <Change change={change} />
                  </li>
                ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}

function Functions({ world }) {
  const running = (name) => world.syncs.filter((one) => one.name === name && one.started).length;
  const rows = world.functions.map((one) => [one, ""]);
  const records = (name) =>
    world.syncs.filter((one) => one.name === name).reduce((sum, one) => sum + (one.records ?? 0), 0);
  return (
    <Listing
      title="Functions"
      rows={rows}
      head={["function", "integration", "kind", "records"]}
      cells={(one) => [
        <code>
          <Text text={one.name} clip={60} />
        </code>,
        <Text text={one.integration} clip={60} />,
        one.type === "sync" ? `sync, ${running(one.name)} running` : one.type,
        one.type === "sync" ? records(one.name) : "",
      ]}
    />
  );
}

/** Ready-made faults; the emulator defines what they mean. */
const PRESETS = [
  ["None", {}],
  ["Two 503s", { fail: [{ kind: "status", status: 503, times: 2 }] }],
  ["429 once", { fail: [{ kind: "rate_limit", retryAfter: 1, times: 1 }] }],
  ["Drop once", { fail: [{ kind: "drop", times: 1 }] }],
  ["Always 500", { fail: [{ kind: "status", status: 500 }] }],
  ["Invalid JSON once", { fail: [{ kind: "garbage", times: 1 }] }],
];

function Faults() {
  const { faults } = useStore();
  const [latency, setLatency] = useState(String(faults.latencyMs ?? 0));
  const apply = async (next, wait) => {
    const latencyMs = Math.min(Math.max(Math.round(Number(wait)) || 0, 0), 60_000);
    try {
      await setFaults({ ...next, ...(latencyMs > 0 && { latencyMs }) });
    } catch (error) {
      notify(error.message);
    }
  };
  const { latencyMs, ...kind } = faults;
  return (
    <section class="card faults" aria-label="Faults">
      <h2>Faults</h2>
      <div class="row">
        <div class="switch" role="group" aria-label="what fails">
          {PRESETS.map(([title, preset]) => (
            <button
              type="button"
              key={title}
              aria-pressed={JSON.stringify(kind) === JSON.stringify(preset)}
              onClick={() => apply(preset, latency)}
            >
              {title}
            </button>
          ))}
        </div>
        <label class="inline">
          Latency
          <input
            type="text"
            inputmode="numeric"
            size={6}
            value={latency}
            onInput={(event) => {
              setLatency(event.currentTarget.value);
              apply(kind, event.currentTarget.value);
            }}
          />
          ms
        </label>
      </div>
      <p class="hint">
        They affect the next calls; retries are shown in the timeline of each result. A fault that fails n times ends
        after n requests.
      </p>
    </section>
  );
}
