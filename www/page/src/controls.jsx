// The controls of a form, one for each kind of value, and the problems of a value. Nothing is checked here.
import { useEffect, useRef, useState } from "preact/hooks";
import { read } from "./editor.jsx";
import { parse, pretty } from "./json.js";
import { Icon } from "./parts.jsx";
import { nameOf, suggestions } from "./schema.js";

/** More problems of one place are counted, not listed. */
const LISTED = 20;

/** Problems of one place, or of what has no field in it; a hint that repeats the description below is left out. */
export const Issues = ({ id, issues, path, known = "" }) =>
  issues.length > 0 && (
    <div id={id}>
      {issues.slice(0, LISTED).map((issue) => (
        <p class="issue" key={`${issue.path} ${issue.message}`}>
          {issue.path.length > path.length && (
            <code>
              <bdi>{issue.path.slice(path.length).join(".").slice(0, 120)}</bdi>{" "}
            </code>
          )}
          <bdi>{issue.message}</bdi>
          {issue.hint && !known.includes(issue.hint) && <span class="hint"> {issue.hint}</span>}
        </p>
      ))}
      {issues.length > LISTED && <p class="issue">and {issues.length - LISTED} more</p>}
    </div>
  );

const attributes = ({ id, "aria-describedby": describedBy, "aria-invalid": invalid }) => ({
  id,
  "aria-describedby": describedBy,
  "aria-invalid": invalid,
});

function TextControl({ value, change, context, path, required, ...rest }) {
  const shown = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  const list = suggestions(nameOf(path), context.args, context.world);
  const props = {
    ...attributes(rest),
    value: shown,
    onInput: (event) => change(event.currentTarget.value === "" && required ? undefined : event.currentTarget.value),
    spellcheck: false,
    autocomplete: "off",
    dir: "auto",
  };
  if (shown.includes("\n") || shown.length > 120) return <textarea rows={4} {...props} />;
  return (
    <>
      <input type="text" {...props} list={list.length > 0 ? `${rest.id}-list` : undefined} />
      {list.length > 0 && (
        <datalist id={`${rest.id}-list`}>
          {list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </>
  );
}

/** Whole numbers become numbers; anything else is kept as written, and the core reports it. */
function NumberControl({ value, change, ...rest }) {
  const read = (text) => change(text === "" ? undefined : /^-?\d{1,15}$/.test(text) ? Number(text) : text);
  return (
    <input
      type="text"
      inputmode="numeric"
      {...attributes(rest)}
      value={value === undefined ? "" : String(value)}
      onInput={(event) => read(event.currentTarget.value)}
    />
  );
}

function ChoiceControl({ schema, value, change, ...rest }) {
  const options = schema.enum ?? [true, false];
  const known = options.includes(value);
  return (
    <select
      {...attributes(rest)}
      value={known ? String(value) : value === undefined ? "" : "?"}
      onChange={(event) => change(options.find((one) => String(one) === event.currentTarget.value))}
    >
      {value === undefined && <option value="">choose</option>}
      {!known && value !== undefined && <option value="?">{JSON.stringify(value).slice(0, 60)}</option>}
      {options.map((one) => (
        <option key={String(one)} value={String(one)}>
          {String(one)}
        </option>
      ))}
    </select>
  );
}

const rows = (value) => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

function ListControl({ schema, value, change, context, path, id }) {
  const items = rows(value);
  const list = schema.items.enum ?? suggestions(nameOf(path), context.args, context.world);
  const put = (index, text) =>
    change(
      items.map((one, at) =>
        at === index ? (schema.items.type === "string" || !/^-?\d{1,15}$/.test(text) ? text : Number(text)) : one,
      ),
    );
  return (
    <div class="rows">
      {items.map((one, index) => (
        <div class="row" key={index}>
          <input
            type="text"
            aria-label={`${nameOf(path)}, entry ${index + 1}`}
            aria-invalid={context.issues.below([...path, index]).length > 0 || undefined}
            value={typeof one === "string" ? one : JSON.stringify(one)}
            list={list.length > 0 ? `${id}-list` : undefined}
            spellcheck={false}
            dir="auto"
            onInput={(event) => put(index, event.currentTarget.value)}
          />
          <button
            type="button"
            class="bare"
            aria-label={`remove entry ${index + 1}`}
            onClick={() => change(items.filter((_, at) => at !== index))}
          >
            <Icon name="close" />
          </button>
          <Issues id={`${id}-${index}`} issues={context.issues.below([...path, index])} path={[...path, index]} />
        </div>
      ))}
      <button type="button" class="chip" onClick={() => change([...items, schema.items.enum?.[0] ?? ""])}>
        <Icon name="plus" />
        entry
      </button>
      {list.length > 0 && (
        <datalist id={`${id}-list`}>
          {list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </div>
  );
}

function MapControl({ value, change, context, path, id }) {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const put = (index, entry) => change(Object.fromEntries(entries.map((one, at) => (at === index ? entry : one))));
  return (
    <div class="rows">
      {entries.map(([name, one], index) => (
        <div class="row" key={index}>
          <input
            type="text"
            aria-label={`name ${index + 1}`}
            value={name}
            spellcheck={false}
            onInput={(event) => put(index, [event.currentTarget.value, one])}
          />
          <input
            type="text"
            aria-label={`value of ${name}`}
            aria-invalid={context.issues.below([...path, name]).length > 0 || undefined}
            value={typeof one === "string" ? one : JSON.stringify(one)}
            spellcheck={false}
            dir="auto"
            onInput={(event) => put(index, [name, event.currentTarget.value])}
          />
          <button
            type="button"
            class="bare"
            aria-label={`remove ${name}`}
            onClick={() => change(Object.fromEntries(entries.filter((_, at) => at !== index)))}
          >
            <Icon name="close" />
          </button>
          <Issues id={`${id}-${index}`} issues={context.issues.below([...path, name])} path={[...path, name]} />
        </div>
      ))}
      {!Object.hasOwn(value ?? {}, "") && (
        <button type="button" class="chip" onClick={() => change(Object.fromEntries([...entries, ["", ""]]))}>
          <Icon name="plus" />
          pair
        </button>
      )}
    </div>
  );
}

/** Free-form JSON: text that is not valid JSON yet stays here. */
function JsonControl({ value, change, ...rest }) {
  const [draft, setDraft] = useState(() => pretty(value));
  const { error } = parse(draft);
  const own = useRef(draft);
  useEffect(() => {
    // Changed elsewhere: by the JSON editor, or by an example.
    if (pretty(parse(own.current).value) !== pretty(value)) setDraft((own.current = pretty(value)));
  }, [value]);
  const write = (text) => {
    setDraft((own.current = text));
    const parsed = parse(text);
    if (!parsed.error) change(parsed.value);
  };
  const drop = (event) => {
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return;
    event.preventDefault();
    read(file, write);
  };
  return (
    <>
      <textarea
        {...attributes(rest)}
        class="code"
        rows={Math.min(Math.max(draft.split("\n").length, 2), 10)}
        value={draft}
        spellcheck={false}
        placeholder="{ }"
        aria-invalid={error && draft ? true : rest["aria-invalid"]}
        onInput={(event) => write(event.currentTarget.value)}
        onDrop={drop}
      />
      {error && draft !== "" && <p class="issue">Not JSON yet: {error.message}.</p>}
    </>
  );
}

/** By the kind of schema.js; an object has fields of its own. */
export const CONTROLS = {
  text: TextControl,
  number: NumberControl,
  choice: ChoiceControl,
  boolean: ChoiceControl,
  list: ListControl,
  map: MapControl,
  json: JsonControl,
};
