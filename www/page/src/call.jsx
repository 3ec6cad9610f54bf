// The call editor: examples, the arguments as a form or as JSON, and the button that runs.
import { useMemo, useRef } from "preact/hooks";
import { barred } from "./cors.js";
import { draftOf, write, writeValue } from "./drafts.js";
import { Editor, OpenFile } from "./editor.jsx";
import { Form } from "./form.jsx";
import { issuesByPlace } from "./issues.js";
import { keyOf, marksIn, pretty } from "./json.js";
import { keepAddress } from "./link.js";
import { Copy, Icon, share } from "./parts.jsx";
import { cancel, obstacle, run } from "./run.js";
import { save } from "./saved.js";
import { withValue } from "./schema.js";
import { notify, set, state, useStore } from "./store.js";

export function Call({ tool }) {
  const { active, world, runs, editing } = useStore();
  const draft = draftOf(tool.slug);
  const control = useRef();
  const form = useRef();
  const moved = useRef();
  const change = (text) => {
    write(tool.slug, text);
    keepAddress();
  };
  const changeValue = (value) => {
    writeValue(tool.slug, value);
    keepAddress();
  };
  const marks = useMemo(() => marksOf(draft), [draft]);
  const issues = useMemo(() => issuesByPlace(draft.untouched ? [] : draft.issues), [draft]);
  const context = {
    args: draft.value,
    world,
    issues,
    barred: (path) => barred(tool, path),
    change: (path, value) => {
      if (value === undefined) moved.current = { removed: keyOf(path) };
      changeValue(withValue(draft.value, path, value) ?? {});
    },
    add: (path, value) => {
      moved.current = { added: keyOf(path) };
      changeValue(withValue(draft.value, path, value));
    },
    moved,
  };
  const showFirst = () => {
    if (editing === "json") return control.current?.select(marks[0].start, marks[0].end);
    const wrong = form.current.querySelector("[aria-invalid=true], .wrong :is(input, select, textarea, button)");
    wrong?.focus();
    wrong?.scrollIntoView({ block: "center" });
  };
  const keepRequest = () =>
    draft.error
      ? notify("The arguments are not valid JSON yet")
      : notify(save({ slug: tool.slug, args: draft.value, session: state.session }));
  const running = active?.slug === tool.slug;
  const why = obstacle(tool.slug);
  return (
    <section class="card call" aria-label="call">
      <div class="bar">
        <h2>Arguments</h2>
        <div class="switch" role="group" aria-label="how to edit">
          {["form", "json"].map((one) => (
            <button type="button" key={one} aria-pressed={editing === one} onClick={() => set({ editing: one })}>
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
      {editing === "form" ? (
        <div class="form-side" ref={form}>
          {draft.error && <p class="issue">The JSON does not parse: the form shows the last version that did.</p>}
          <Form schema={tool.inputSchema} context={context} />
          {Object.keys(tool.inputSchema.properties ?? {}).length === 0 && (
            <p class="dim">This tool takes no arguments.</p>
          )}
        </div>
      ) : (
        <div class="json-side">
          <Editor
            text={draft.text}
            onText={change}
            label={`arguments of ${tool.slug} as JSON`}
            marks={marks}
            control={control}
            complete={() => ({ schema: tool.inputSchema, value: draft.value, world })}
          />
          <div class="row under">
            <span class="dim keys">
              <kbd>Ctrl</kbd> <kbd>Space</kbd> completes, <kbd>Esc</kbd> <kbd>Tab</kbd> leaves
            </span>
            <OpenFile onText={change} />
            <Copy text={draft.text} />
          </div>
        </div>
      )}
      <Verdict draft={draft} count={marks.length} show={showFirst} />
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
        <button type="button" class="quiet" aria-disabled={draft.error ? true : undefined} onClick={keepRequest}>
          <Icon name="keep" /> Save request
        </button>
        <button type="button" class="quiet" onClick={() => share(tool.slug, draft.error ? undefined : draft.value)}>
          <Icon name="link" /> Copy link
        </button>
        <span class="dim keys">
          <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs
        </span>
      </div>
      {why && <p class="hint">{why}</p>}
    </section>
  );
}

/** How many problems there are; each is described where it is. */
function Verdict({ draft, count, show }) {
  const text = draft.error
    ? "Not JSON yet"
    : draft.issues.length === 0
      ? "Arguments are valid"
      : draft.untouched
        ? "Fill in what is required"
        : count === 1
          ? "1 problem"
          : `${count} problems`;
  return (
    <div class="row" id="verdict">
      <p role="status" class={count > 0 ? "issue" : draft.issues.length > 0 ? "dim" : "fine"}>
        {text}
      </p>
      {count > 0 && !draft.error && (
        <button type="button" class="plain" onClick={show}>
          Show {count === 1 ? "it" : "the first"}
        </button>
      )}
    </div>
  );
}

/** All problems of a draft, with their places in its text; what is not in the text is named. */
function marksOf({ error, issues, places, untouched }) {
  if (error) return [{ start: error.at, end: error.at + 1, message: error.message }];
  if (untouched) return [];
  return marksIn(places, issues);
}
