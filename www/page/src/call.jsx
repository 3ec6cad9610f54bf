// The call editor: examples, the form and the JSON side by side, the problems, and the button that runs.
import { useMemo, useRef, useState } from "preact/hooks";
import { barred } from "./cors.js";
import { draftOf, write, writeValue } from "./drafts.js";
import { Editor, OpenFile } from "./editor.jsx";
import { Form } from "./form.jsx";
import { keyOf, lineOf, placeOf, pretty } from "./json.js";
import { keepAddress, linkOf } from "./link.js";
import { Copy, Icon } from "./parts.jsx";
import { cancel, obstacle, run } from "./run.js";
import { withValue } from "./schema.js";
import { notify, useStore } from "./store.js";

/** More than these are counted, not listed. */
const LISTED = 50;

export function Call({ tool }) {
  const { active, world, runs } = useStore();
  const draft = draftOf(tool.slug);
  const control = useRef();
  const added = useRef();
  const [view, setView] = useState("form");
  const change = (text) => {
    write(tool.slug, text);
    keepAddress();
  };
  const changeValue = (value) => {
    writeValue(tool.slug, value);
    keepAddress();
  };
  const marks = useMemo(() => marksOf(draft), [draft]);
  const issues = useMemo(() => byPlace(draft.issues), [draft]);
  const context = {
    args: draft.value,
    world,
    issues,
    barred: (path) => barred(tool, path),
    change: (path, value) => changeValue(withValue(draft.value, path, value) ?? {}),
    add: (path, value) => {
      added.current = keyOf(path);
      changeValue(withValue(draft.value, path, value));
    },
    added,
  };
  const running = active?.slug === tool.slug;
  const why = obstacle(tool.slug);
  return (
    <section class="card call" aria-label="call">
      <div class="bar">
        <h2>Arguments</h2>
        <div class="switch" role="group" aria-label="how to edit">
          {["form", "json"].map((one) => (
            <button type="button" key={one} aria-pressed={view === one} onClick={() => setView(one)}>
              {one === "form" ? "Form" : "JSON"}
            </button>
          ))}
        </div>
      </div>
      <div class="examples" role="group" aria-label="examples">
        {tool.examples.map((example) => (
          <button
            type="button"
            class="chip"
            key={example.title}
            aria-pressed={draft.text === pretty(example.arguments)}
            onClick={() => changeValue(example.arguments)}
          >
            {example.title}
          </button>
        ))}
      </div>
      <div class={`sides show-${view}`}>
        <div class="side form-side">
          {draft.error && <p class="issue">The JSON does not parse: the form shows the last version that did.</p>}
          <Form schema={tool.inputSchema} context={context} />
          {Object.keys(tool.inputSchema.properties ?? {}).length === 0 && (
            <p class="dim">This tool takes no arguments.</p>
          )}
        </div>
        <div class="side json-side">
          <Editor
            key={tool.slug}
            text={draft.text}
            onText={change}
            label={`arguments of ${tool.slug} as JSON`}
            describedBy="problems"
            marks={marks}
            control={control}
            complete={() => ({ schema: tool.inputSchema, value: draft.value, world })}
          />
          <div class="row under">
            <span class="dim keys">
              <kbd>Ctrl</kbd> <kbd>Space</kbd> completes
            </span>
            <OpenFile onText={change} />
            <Copy text={draft.text} />
          </div>
        </div>
      </div>
      <Problems
        draft={draft}
        marks={marks}
        show={(mark) => (setView("json"), requestAnimationFrame(() => control.current?.select(mark.start, mark.end)))}
      />
      <div class="row run-row">
        {running ? (
          <button type="button" class="primary" onClick={cancel}>
            <Icon name="stop" /> Cancel
          </button>
        ) : (
          <button
            type="button"
            class={tool.effect === "destructive" ? "primary danger" : "primary"}
            aria-disabled={active || why ? true : undefined}
            title={why}
            onClick={() => run(tool.slug)}
            aria-keyshortcuts="Control+Enter"
          >
            <Icon name={runs[tool.slug] ? "again" : "play"} /> {runs[tool.slug] ? "Run again" : "Run"}
          </button>
        )}
        <Share slug={tool.slug} />
        <span class="dim keys">
          <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs
        </span>
      </div>
      {why && <p class="hint">{why}</p>}
    </section>
  );
}

function Share({ slug }) {
  const copy = async () => {
    const { url, whole } = linkOf(slug);
    try {
      await navigator.clipboard.writeText(url);
      notify(whole ? "Link copied" : "Link copied; credentials were left out of it");
    } catch {
      notify("This browser did not allow copying: the address bar holds the link");
    }
  };
  return (
    <button type="button" class="quiet" onClick={copy}>
      <Icon name="link" /> Copy link
    </button>
  );
}

function Problems({ draft, marks, show }) {
  const count = marks.length;
  return (
    <div class="problems" id="problems">
      <p role="status" class={count > 0 ? "issue" : "fine"}>
        {draft.error
          ? "Not JSON yet"
          : count === 0
            ? "Arguments are valid"
            : count === 1
              ? "1 problem"
              : `${count} problems`}
      </p>
      {count > 0 && (
        <ol>
          {marks.slice(0, LISTED).map((mark) => {
            const { line, column } = lineOf(draft.text, mark.start);
            return (
              <li key={`${mark.start} ${mark.message}`}>
                <button type="button" class="problem" onClick={() => show(mark)}>
                  <span class="where">
                    {mark.path?.length ? <bdi>{mark.path.join(".").slice(0, 120)}</bdi> : `line ${line}:${column}`}
                  </span>{" "}
                  <bdi>{mark.message}</bdi>
                  {mark.hint && <span class="hint"> {mark.hint}</span>}
                </button>
              </li>
            );
          })}
        </ol>
      )}
    </div>
  );
}

/** All problems of a draft, with their places. */
function marksOf({ error, issues, places }) {
  if (error) return [{ start: error.at, end: error.at + 1, message: error.message }];
  return issues.map((issue) => ({ ...placeOf(places, issue.path), ...issue }));
}

/** Issues by the place where the form shows them. */
function byPlace(issues) {
  const map = new Map();
  for (const issue of issues) {
    const key = keyOf(issue.path);
    map.set(key, [...(map.get(key) ?? []), issue]);
  }
  return map;
}
