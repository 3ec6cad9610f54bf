// Whom the agent acts for and what it may do: tools disappear, calls are refused, accounts are connected.
import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { explain, loadEmulator } from "./core.js";
import { Editor } from "./editor.jsx";
import { marksIn, parse, pretty } from "./json.js";
import { Effect, EffectLegend, Icon, ReadOnly, Text } from "./parts.jsx";
import { currentToolkit, refreshWorld } from "./run.js";
import { applySession, changeSession, policyProblems, refusal } from "./session.js";
import { live, notify, useStore } from "./store.js";

/** Example policies. */
const POLICIES = [
  ["None", ""],
  [
    "Ask before destroying",
    pretty({ default: "allow", rules: [{ id: "ask-first", then: "confirm", effect: "destructive" }] }),
  ],
  [
    "No proxy, no secrets",
    pretty({
      default: "allow",
      rules: [{ id: "no-proxy", then: "deny", toolset: ["proxy", "environment", "account"] }],
    }),
  ],
  ["HubSpot only", pretty({ default: "deny", rules: [{ id: "hubspot", then: "allow", integration: "hubspot" }] })],
];

export function SessionView() {
  const { session, tools, world, server } = useStore();
  const [policy, setPolicy] = useState(session.policy);
  const [schema, setSchema] = useState();
  const [wrong, setWrong] = useState();
  const id = useId();
  useEffect(() => {
    import("../../../pkg/policy.schema.json").then((module) => setSchema(module.default));
  }, []);
  const report = (applied) =>
    applied.then(
      () => setWrong(undefined),
      (error) => setWrong(explain(error)),
    );
  const change = (patch) => report(changeSession(patch));
  useEffect(() => void report(applySession()), []);
  const write = (text) => {
    setPolicy(text);
    if (policyProblems(text).length === 0) change({ policy: text.trim() });
  };
  const problems = useMemo(() => marked(policy), [policy]);
  const count = tools.filter((tool) => !refusal(tool)).length;
  return (
    <div class="page">
      <h1>The session</h1>
      <p class="lead">
        Whom calls are made as, and what they may do. Every view uses this session; it lasts as long as this tab.
      </p>
      <div class="two">
        <section class="card" aria-label="settings">
          <div class="field">
            <h2>
              <label for={`${id}-user`}>User</label>
            </h2>
            <input
              id={`${id}-user`}
              type="text"
              list={`${id}-users`}
              value={session.user}
              placeholder="no user: the whole environment"
              spellcheck={false}
              autocomplete="off"
              onInput={(event) => change({ user: event.currentTarget.value.trim() })}
            />
            <datalist id={`${id}-users`}>
              {world?.endUsers.map((user) => (
                <option key={user.id} value={user.id}>
                  {user.display_name}
                </option>
              ))}
            </datalist>
            {wrong && (
              <p class="issue" role="alert">
                <Text text={wrong} clip={300} />
              </p>
            )}
            {world && (
              <div class="examples" role="group" aria-label="users">
                {["", ...world.endUsers.slice(0, 8).map((user) => user.id)].map((user) => (
                  <button
                    type="button"
                    class="chip"
                    key={user}
                    aria-pressed={session.user === user}
                    onClick={() => change({ user })}
                  >
                    <bdi>{user.slice(0, 40) || "the whole environment"}</bdi>
                  </button>
                ))}
              </div>
            )}
          </div>
          <ReadOnly session={session} change={change}>
            Read-only: tools that change something are neither listed nor run
          </ReadOnly>
        </section>
        <section class="card" aria-label="policy">
          <h2>Policy</h2>
          <div class="examples" role="group" aria-label="policies">
            {POLICIES.map(([title, text]) => (
              <button type="button" class="chip" key={title} aria-pressed={policy === text} onClick={() => write(text)}>
                {title}
              </button>
            ))}
          </div>
          <Editor
            text={policy}
            onText={write}
            label="policy as JSON"
            marks={problems}
            complete={() => ({ schema, value: parse(policy).value, world })}
            rows={6}
          />
          {problems.length > 0 && (
            <p class="issue" role="status">
              This policy is invalid; the last valid one stays in force.
            </p>
          )}
        </section>
      </div>
      {session.user && (!live || server.key) && <Accounts key={session.user} user={session.user} />}
      <section class="card" aria-label="tools of the session">
        <h2>
          Tools{" "}
          <span class="dim" role="status">
            {count} of {tools.length}
          </span>
        </h2>
        <EffectLegend />
        <ul class="allowed">
          {tools.map((tool) => {
            const reason = refusal(tool);
            return (
              <li key={tool.slug} class={reason ? "refused" : ""}>
                <a href={`#/tools/${tool.slug}`}>{tool.title}</a> <Effect effect={tool.effect} />
                {reason && (
                  <p class="hint">
                    <Text text={reason} clip={300} />
                  </p>
                )}
              </li>
            );
          })}
        </ul>
      </section>
    </div>
  );
}

/** The issues of a policy as marks on its text. */
function marked(text) {
  const { places } = parse(text);
  return policyProblems(text).map((issue) =>
    issue.at === undefined
      ? marksIn(places, [issue])[0]
      : { start: issue.at, end: issue.at + 1, message: issue.message },
  );
}

/** The user's connections, and how the user gets another. */
function Accounts({ user }) {
  const { world, session } = useStore();
  const [found, setFound] = useState();
  const [integration, setIntegration] = useState("slack");
  const [link, setLink] = useState();
  const look = async () => {
    const view = await currentToolkit();
    setFound(await view.connections());
  };
  useEffect(() => {
    setFound(undefined);
    look().catch((error) => notify(explain(error)));
  }, [session, world]);
  const connect = async () => {
    try {
      const view = await currentToolkit();
      setLink({ ...(await view.connect(integration)), integration });
    } catch (error) {
      notify(explain(error));
    }
  };
  const authorise = async () => {
    try {
      const emulator = await loadEmulator();
      emulator.connect(link.token, link.integration);
      setLink(undefined);
      await refreshWorld();
    } catch (error) {
      notify(explain(error));
    }
  };
  return (
    <section class="card" aria-label="accounts of the user">
      <h2>
        Accounts of <Text text={user} clip={60} /> <span class="dim">{found?.length}</span>
      </h2>
      <ul class="person accounts">
        {found?.slice(0, 100).map((one) => (
          <li key={`${one.provider_config_key} ${one.connection_id}`}>
            <code>
              <Text text={one.connection_id} clip={80} />
            </code>
            <span class="dim">
              <Text text={one.provider_config_key} clip={60} />
            </span>
          </li>
        ))}
        {found?.length === 0 && <li class="dim">None yet.</li>}
      </ul>
      <div class="row connect">
        <label class="inline">
          Connect
          {world ? (
            <select value={integration} onChange={(event) => setIntegration(event.currentTarget.value)}>
              {world.integrations.map((one) => (
                <option key={one.unique_key} value={one.unique_key}>
                  {one.display_name?.slice(0, 60) ?? one.unique_key}
                </option>
              ))}
            </select>
          ) : (
            <input
              type="text"
              value={integration}
              onInput={(event) => setIntegration(event.currentTarget.value)}
              spellcheck={false}
            />
          )}
        </label>
        <button type="button" onClick={connect}>
          <Icon name="link" /> Create a link for the user
        </button>
      </div>
      {link && (
        <div class="made">
          <p>
            The user opens{" "}
            <code>
              <Text text={link.link} clip={200} />
            </code>{" "}
            and signs in.
          </p>
          {!live && (
            <button type="button" class="primary" onClick={authorise}>
              Sign in as the user would
            </button>
          )}
        </div>
      )}
    </section>
  );
}
