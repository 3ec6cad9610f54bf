// Requests that were saved, and those that were made: run again, shared as a link, exported to a file and imported.
import { useRef, useState } from "preact/hooks";
import { OpenFile } from "./editor.jsx";
import { Icon, Text, download, share } from "./parts.jsx";
import { exported, imported, remove, rename, reopen, replay, save, summary } from "./saved.js";
import { actsAs, limitsOf } from "./session.js";
import { live, notify, useStore } from "./store.js";

/** More are in the log. */
const RECENT = 20;

export function Requests() {
  const { saved, history, tools, server } = useStore();
  const list = useRef();
  const made = history.filter((run) => run.args !== undefined).slice(-RECENT);
  const unasked = live && !server.key;
  const again = (request) => (unasked ? reopen(request) : replay(request));
  return (
    <div class="page">
      <div class="bar">
        <h1>Requests</h1>
        <div class="row">
          <OpenFile label="Import" onText={(text) => notify(imported(text))} />
          <button
            type="button"
            aria-disabled={saved.length === 0 || undefined}
            onClick={() => saved.length > 0 && download("nango-toolkit-requests.json", exported(), "application/json")}
          >
            <Icon name="down" /> Export
          </button>
        </div>
      </div>
      <p class="lead">
        Saved requests stay in this browser, without credentials and never with a key. A link or a file shares them.
      </p>
      <section class="card" aria-label="saved requests" tabIndex={-1} ref={list}>
        <h2>
          Saved <span class="dim">{saved.length}</span>
        </h2>
        {saved.length === 0 ? (
          <p class="dim">None yet: save one below its arguments, or from the list of those that were made.</p>
        ) : (
          <ul class="requests">
            {saved.map((one) => (
              <Request
                key={one.id}
                request={one}
                tools={tools}
                again={again}
                head={<Name request={one} />}
                extra={
                  <button
                    type="button"
                    class="quiet"
                    aria-label={`remove ${one.name}`}
                    onClick={() => (remove(one.id), list.current.focus())}
                  >
                    <Icon name="close" /> Remove
                  </button>
                }
              />
            ))}
          </ul>
        )}
      </section>
      <section class="card" aria-label="requests made">
        <h2>
          Made since this page was opened <span class="dim">{made.length}</span>
        </h2>
        {made.length === 0 ? (
          <p class="dim">None yet: run a tool.</p>
        ) : (
          <ul class="requests">
            {made.toReversed().map((run) => (
              <Request
                key={run.number}
                request={run}
                tools={tools}
                again={again}
                head={
                  <>
                    <span class={run.result.successful ? "good" : "bad"}>
                      {run.result.successful ? "successful" : run.result.error.kind.replaceAll("_", " ")}
                    </span>{" "}
                    <span class="dim">{new Date(run.at).toLocaleTimeString("en-GB")}</span>
                  </>
                }
                extra={
                  <button type="button" class="quiet" onClick={() => notify(save(run))}>
                    <Icon name="keep" /> Save
                  </button>
                }
              />
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

function Request({ request, tools, again, head, extra }) {
  const { slug, args, session } = request;
  const tool = tools.find((one) => one.slug === slug);
  return (
    <li>
      <div class="what">
        <div>{head}</div>
        <p>
          <a href={`#/tools/${slug}`} onClick={(event) => (event.preventDefault(), reopen(request))}>
            {tool?.title ?? slug}
          </a>{" "}
          <span class="dim">
            <Text text={[...summary(args), `as ${actsAs(session)}`, ...limitsOf(session)].join(" · ")} clip={200} />
          </span>
        </p>
      </div>
      <div class="row">
        <button type="button" onClick={() => again(request)}>
          <Icon name="again" /> Run again
        </button>
        <button type="button" class="quiet" onClick={() => share(slug, args)}>
          <Icon name="link" /> Copy link
        </button>
        {extra}
      </div>
    </li>
  );
}

/** The name of a saved request, which can be changed. */
function Name({ request }) {
  const [name, setName] = useState(request.name);
  return (
    <input
      type="text"
      class="name"
      aria-label="name of the request"
      value={name}
      dir="auto"
      onInput={(event) => setName(event.currentTarget.value)}
      onChange={() => rename(request.id, name)}
    />
  );
}
