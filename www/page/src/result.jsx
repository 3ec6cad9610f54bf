// The result of a call: data as a tree, response headers, attempts; for a failure, what to do next.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { draftOf } from "./drafts.js";
import { explain } from "./core.js";
import { pretty } from "./json.js";
import { Copy, MaskLegend, Tabs, Text, bytes, download, ms, Icon, maskOf } from "./parts.jsx";
import { actsAs, changeSession } from "./session.js";
import { Timeline } from "./timeline.jsx";
import { Tree } from "./tree.jsx";
import { live, notify, useStore } from "./store.js";

/** How much text is shown; all of it can be copied or saved. */
const LONGEST = 100_000;

export function Result({ tool }) {
  const { runs, active } = useStore();
  const run = runs[tool.slug];
  const card = useRef();
  const [chosen, choose] = useState("data");
  useEffect(() => {
    if (run?.result) bringIntoView(card.current, run);
  }, [run?.result]);
  if (!run) {
    return (
      <section class="card result" aria-label="result">
        <p class="empty">The result will be here. Nothing has been sent yet.</p>
      </section>
    );
  }
  return (
    <section class="card result" aria-label="result" ref={card} data-run={run.number} aria-busy={active === run}>
      {run.result ? <Ended run={run} chosen={chosen} choose={choose} /> : <UnderWay run={run} />}
    </section>
  );
}

/** Scrolls to a result, once, unless its head can be seen. The focus stays where it is. */
function bringIntoView(card, run) {
  const { top } = card.getBoundingClientRect();
  const seen = top >= card.closest("main").getBoundingClientRect().top && top < innerHeight - 160;
  if (!seen && !run.shown) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    card.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }
  run.shown = true;
}

function UnderWay({ run }) {
  // Shows passing time although nothing else changes.
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 100);
    return () => clearInterval(timer);
  }, [run]);
  return (
    <>
      <div class="bar">
        <h2>
          <span role="status">Running…</span>
        </h2>
        <span class="dim">{ms(performance.now() - run.start)}</span>
      </div>
      {run.attempts.length > 0 && <Timeline run={run} />}
    </>
  );
}

function Ended({ run, chosen, choose }) {
  const { result } = run;
  const last = run.attempts.at(-1);
  const tabs = [
    ["data", result.successful ? "Data" : "Error"],
    ["raw", "JSON"],
    ...(last?.headers ? [["headers", "Headers"]] : []),
    ["attempts", `Attempts (${run.attempts.length})`],
  ];
  const tab = tabs.some(([id]) => id === chosen) ? chosen : "data";
  const text = useMemo(() => pretty(result), [result]);
  const masks = useMemo(() => [...text.matchAll(/"(\[[^"]{1,60}\])"/g)].some(([, one]) => maskOf(one)), [text]);
  const facts = [
    result.meta.status ?? last?.status,
    `${run.attempts.length} ${run.attempts.length === 1 ? "attempt" : "attempts"}`,
    ms(run.end - run.start),
    last?.size !== undefined && bytes(last.size),
    run.session.user && `as ${run.session.user.slice(0, 40)}`,
  ].filter(Boolean);
  return (
    <>
      <div class="bar">
        <h2 class={result.successful ? "good" : "bad"}>
          <span role="status">{result.successful ? "Successful" : result.error.kind.replaceAll("_", " ")}</span>
        </h2>
        <span class="facts">{run.attempts.length === 0 ? "nothing was sent" : facts.join(" · ")}</span>
      </div>
      <Tabs
        label="result"
        tabs={tabs}
        chosen={tab}
        choose={choose}
        extra={
          <>
            <Copy text={text} />
            <button type="button" class="quiet" onClick={() => download(`${run.slug}.json`, text, "application/json")}>
              <Icon name="down" /> <span class="word">Save</span>
            </button>
          </>
        }
      >
        {tab === "data" &&
          (result.successful ? (
            <>
              <Tree key={run.number} value={result.data} label="data" />
              {masks && <MaskLegend />}
            </>
          ) : (
            <Failure error={result.error} run={run} />
          ))}
        {tab === "raw" && <Raw text={text} />}
        {tab === "headers" && <Headers headers={last.headers} />}
        {tab === "attempts" && <Timeline run={run} />}
      </Tabs>
    </>
  );
}

function Raw({ text }) {
  return (
    <>
      <pre class="code">
        <bdi>{text.slice(0, LONGEST)}</bdi>
      </pre>
      {text.length > LONGEST && (
        <p class="dim pad">
          The first {bytes(LONGEST)} of {bytes(text.length)}: copy or save it to get all.
        </p>
      )}
    </>
  );
}

function Headers({ headers }) {
  return (
    <>
      <table class="plain-table">
        <tbody>
          {headers.slice(0, 100).map(([name, value], index) => (
            <tr key={index}>
              <th scope="row">
                <Text text={name} clip={100} />
              </th>
              <td>
                <Text text={value} clip={300} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {live && (
        <p class="hint pad">
          Nango shows few headers to a browser: Retry-After, for example, is hidden, so the toolkit uses its own delays.
        </p>
      )}
    </>
  );
}

/** Whose eyes a thing was not found with, and how to look with others. */
function SeenAs({ session }) {
  const look = () =>
    changeSession({ user: "" }).then(
      () => notify("Calls are now made as the whole environment"),
      (error) => notify(explain(error)),
    );
  return (
    <p class="next seen-as">
      Seen as{" "}
      <strong>
        <Text text={actsAs(session)} clip={60} />
      </strong>
      : what belongs to another user is not found, as if it did not exist.{" "}
      <button type="button" class="plain" onClick={look}>
        Look as the whole environment
      </button>
    </p>
  );
}

function Failure({ error, run }) {
  const { slug, args, session } = run;
  const tool = useStore().tools.find((one) => one.slug === slug);
  const ofConnection = tool.reach === "connection" || args?.connection_id !== undefined;
  const foreign = error.kind === "not_found" && session.user && ofConnection;
  // As long as the arguments are those of this call, their fields show the problems.
  const draft = draftOf(slug);
  const marked = error.kind === "invalid_arguments" && draft.value === args && draft.issues.length > 0;
  const count = error.issues?.length ?? 0;
  return (
    <div class="failure">
      <p>
        {marked && count > 0 ? (
          `Nothing was sent: ${count === 1 ? "1 argument is" : `${count} arguments are`} wrong, as marked.`
        ) : (
          <Text text={error.message} />
        )}
      </p>
      {foreign && <SeenAs session={session} />}
      {error.hint && !marked && (
        <p class="next">
          <strong>Next:</strong> <Text text={error.hint} />
        </p>
      )}
      {count > 0 && !marked && (
        <ul class="issues">
          {error.issues.slice(0, 100).map((issue, index) => (
            <li key={index}>
              <code>
                <Text text={issue.path.join(".") || "arguments"} clip={120} />
              </code>{" "}
              <Text text={issue.message} /> {issue.hint && <span class="hint">{issue.hint}</span>}
            </li>
          ))}
        </ul>
      )}
      <dl class="facts-list">
        <div>
          <dt>kind</dt>
          <dd>{error.kind}</dd>
        </div>
        <div>
          <dt>code</dt>
          <dd>
            <Text text={error.code} clip={120} />
          </dd>
        </div>
        {error.status && (
          <div>
            <dt>status</dt>
            <dd>{error.status}</dd>
          </div>
        )}
        <div>
          <dt>retryable</dt>
          <dd>{error.retryable ? "yes" : "no"}</dd>
        </div>
      </dl>
      {error.details !== undefined && error.details !== null && <Tree value={error.details} label="details" />}
    </div>
  );
}
