// What an agent sees: an MCP endpoint inside the page with its traffic, and the tools as each framework receives them.
import { useEffect, useMemo, useState } from "preact/hooks";
import { explain } from "./core.js";
import { draftOf } from "./drafts.js";
import { Editor } from "./editor.jsx";
import { Forms } from "./forms.jsx";
import { parse, pretty } from "./json.js";
import { Icon, Text, bytes, ms } from "./parts.jsx";
import { currentToolkit, refreshWorld } from "./run.js";
import { live, notify, set, useStore } from "./store.js";
import { Tree } from "./tree.jsx";

/** Exchanges kept, newest first. */
const KEPT = 50;
/** The page's revision of the protocol, one that starts with `initialize`. */
const PROTOCOL = "2025-11-25";
const ENDPOINT = "https://page.invalid/mcp";

export function Agent() {
  const [parts, setParts] = useState();
  const [failure, setFailure] = useState();
  const [source, setSource] = useState();
  const { session, server } = useStore();
  useEffect(() => {
    import("./agentparts.js").then(setParts).catch((error) => setFailure(explain(error)));
  }, []);
  const unasked = live && !server.key;
  useEffect(() => {
    setFailure(undefined);
    setSource(undefined);
    if (unasked) return;
    currentToolkit().then(setSource, (error) => (setSource(undefined), setFailure(explain(error))));
  }, [session, server]);
  return (
    <div class="page">
      <h1>What an agent sees</h1>
      <p class="lead">The tools of the current session, over MCP and in the formats of frameworks.</p>
      {unasked && <p>Enter a key above, and what an agent sees with it is shown here.</p>}
      {failure && (
        <p class="issue" role="alert">
          <Text text={failure} clip={300} />
        </p>
      )}
      {parts && source && (
        <>
          <Endpoint handler={parts.createMcpHandler} source={source} />
          <Forms forms={parts.FORMS} source={source} />
        </>
      )}
    </div>
  );
}

/** The messages a client begins with. */
const presets = (slug) => ({
  initialize: {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: PROTOCOL, capabilities: {}, clientInfo: { name: "demo-page", version: "1" } },
  },
  "tools/list": { jsonrpc: "2.0", id: 2, method: "tools/list" },
  "tools/call": { jsonrpc: "2.0", id: 3, method: "tools/call", params: { name: slug, arguments: draftOf(slug).value } },
});

function Endpoint({ handler, source }) {
  const { tools, traffic } = useStore();
  const [slug, setSlug] = useState("NANGO_CONNECTION_LIST_GET");
  const [text, setText] = useState(() => pretty(presets(slug).initialize));
  const [busy, setBusy] = useState(false);
  const answer = useMemo(
    () =>
      handler({ toolkit: source, allowAnonymous: true, onError: (error) => notify(String(error.message ?? error)) }),
    [handler, source],
  );
  const { error } = parse(text);
  const send = async () => {
    setBusy(true);
    const start = performance.now();
    const headers = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": PROTOCOL,
    };
    const response = await answer(new Request(ENDPOINT, { method: "POST", headers, body: text }));
    const body = await response.text();
    const exchange = {
      number: (traffic[0]?.number ?? 0) + 1,
      sent: text,
      status: response.status,
      body,
      time: performance.now() - start,
    };
    set({ traffic: [exchange, ...traffic].slice(0, KEPT) });
    setBusy(false);
    await refreshWorld().catch((problem) => notify(problem.message));
  };
  return (
    <section class="card mcp" aria-label="MCP endpoint">
      <h2>MCP endpoint</h2>
      <div class="two">
        <div>
          <div class="row">
            <div class="examples" role="group" aria-label="messages">
              {Object.entries(presets(slug)).map(([name, message]) => (
                <button
                  type="button"
                  class="chip"
                  key={name}
                  aria-pressed={text === pretty(message)}
                  onClick={() => setText(pretty(message))}
                >
                  {name}
                </button>
              ))}
            </div>
            <label class="inline">
              Tool
              <select
                value={slug}
                onChange={(event) => {
                  setSlug(event.currentTarget.value);
                  setText(pretty(presets(event.currentTarget.value)["tools/call"]));
                }}
              >
                {tools.map((tool) => (
                  <option key={tool.slug} value={tool.slug}>
                    {tool.title}
                  </option>
                ))}
              </select>
            </label>
          </div>
          <Editor
            text={text}
            onText={setText}
            label="JSON-RPC message"
            marks={error ? [{ start: error.at, end: error.at + 1 }] : []}
            rows={10}
          />
          <div class="row under-message">
            <button type="button" class="primary" aria-disabled={busy || undefined} onClick={() => !busy && send()}>
              <Icon name="play" /> Send
            </button>
            <span class="hint">
              {error
                ? `Not JSON: ${error.message}. You can still send it, to see how the endpoint answers.`
                : "Destructive tools run without a question here, as for an agent."}
            </span>
          </div>
        </div>
        <div>
          <h3>Traffic</h3>
          {traffic.length === 0 ? (
            <p class="dim">Nothing yet.</p>
          ) : (
            <ol class="traffic">
              {traffic.map((one, index) => (
                <Exchange key={one.number} one={one} open={index === 0} />
              ))}
            </ol>
          )}
        </div>
      </div>
    </section>
  );
}

function Exchange({ one, open }) {
  const [shown, setShown] = useState(open);
  const request = parse(one.sent);
  const response = parse(one.body);
  const method = request.error ? "no JSON" : String(request.value?.method ?? "").slice(0, 60);
  const name = typeof request.value?.params?.name === "string" ? request.value.params.name.slice(0, 60) : "";
  const failed = one.status >= 400 || response.value?.error || response.value?.result?.isError;
  const tone = failed ? "bad" : "good";
  return (
    <li>
      <details open={open} onToggle={(event) => setShown(event.currentTarget.open)}>
        <summary>
          <span class={tone}>{one.status}</span> <bdi>{method}</bdi> <bdi class="dim">{name}</bdi>{" "}
          <span class="dim">
            {ms(one.time)} · {bytes(one.body.length)}
          </span>
        </summary>
        {shown && (
          <>
            <p class="dim">sent</p>
            {request.error ? (
              <pre class="code">{one.sent.slice(0, 5000)}</pre>
            ) : (
              <Tree value={request.value} label="message sent" />
            )}
            <p class="dim">received</p>
            {response.error ? (
              <pre class="code">{one.body.slice(0, 5000) || "nothing"}</pre>
            ) : (
              <Tree value={response.value} label="message received" />
            )}
          </>
        )}
      </details>
    </li>
  );
}
