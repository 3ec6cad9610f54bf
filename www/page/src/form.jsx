// A form made from a tool's schema. It shows what is required and what is set; the rest waits to be added. What it
// produces is JSON, and the core validates it: nothing is checked here.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { read } from "./editor.jsx";
import { keyOf, parse, pretty } from "./json.js";
import { Icon } from "./parts.jsx";
import { blank, fieldsOf, kindOf, nameOf, suggestions } from "./schema.js";

/** More problems of one place are counted, not listed. */
const LISTED = 20;

/**
 * @param props.context `{ args, world, issues (of issues.js), barred(path), change(path, value), add(path, value), moved }`;
 *   `moved` holds where the focus goes when a field has been added or removed
 */
export function Form({ schema, context }) {
  return (
    <div class="form">
      <Issues issues={context.issues.at([])} path={[]} />
      <Fields schema={schema} value={context.args} path={[]} context={context} />
    </div>
  );
}

const given = (value, name) =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? value[name] : undefined;

function Fields({ schema, value, path, context }) {
  const all = fieldsOf(schema, value);
  const isShown = ([name, , required]) =>
    required || given(value, name) !== undefined || context.issues.below([...path, name]).length > 0;
  const shown = all.filter(isShown);
  const waiting = all.filter((one) => !isShown(one));
  // Properties that the schema does not have are shown, too, so that a misspelt name can be removed.
  const known = new Set(all.map(([name]) => name));
  const strange =
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.keys(value).filter((name) => !known.has(name))
      : [];
  // What is wrong with something that has no field here.
  const fields = new Set([...shown.map(([name]) => name), ...strange]);
  const others = context.issues
    .below(path)
    .filter((issue) => issue.path.length > path.length && !fields.has(String(issue.path[path.length])));
  return (
    <>
      <Issues issues={others} path={path} />
      {shown.map(([name, node, required]) => (
        <Field
          key={name}
          name={name}
          schema={node}
          required={required}
          value={given(value, name)}
          path={[...path, name]}
          context={context}
        />
      ))}
      {strange.map((name) => (
        <Field
          key={`?${name}`}
          name={name}
          schema={typeof schema?.additionalProperties === "object" ? schema.additionalProperties : undefined}
          value={value[name]}
          path={[...path, name]}
          context={context}
          strange
        />
      ))}
      {waiting.length > 0 && (
        <div class="waiting">
          <span class="dim">{path.length > 0 ? "add" : "optional"}</span>
          {waiting.map(([name, node]) => {
            const inner = [...path, name];
            const reason = context.barred(inner);
            return (
              <button
                type="button"
                class="chip"
                key={name}
                title={reason ?? node.description}
                aria-label={`add ${name}${reason ? `: ${reason}` : ""}`}
                aria-disabled={reason ? true : undefined}
                ref={(chip) => focusOn(chip, context, "removed", inner)}
                onClick={() => !reason && context.add(inner, blank(node))}
              >
                <Icon name="plus" />
                {name}
              </button>
            );
          })}
          {waiting.some(([name]) => context.barred([...path, name])) && (
            <p class="hint">Dimmed ones are not available from a browser: Nango's CORS rules refuse their headers.</p>
          )}
        </div>
      )}
    </>
  );
}

/** Gives an element the focus if what was done last says so. */
function focusOn(element, { moved }, what, path) {
  if (!element || moved.current?.[what] !== keyOf(path)) return;
  moved.current = undefined;
  element.focus();
}

function Field({ name, schema, required, value, path, context, strange }) {
  const id = useId();
  const [more, setMore] = useState(false);
  const root = useRef();
  const kind = strange && !schema ? "json" : kindOf(schema);
  const group = kind === "object" || kind === "map" || kind === "list";
  // The parts of a group have places of their own.
  const issues = group ? context.issues.at(path) : context.issues.below(path);
  const reason = context.barred(path);
  const change = (next) => context.change(path, next);
  useEffect(
    () => focusOn(root.current.querySelector("input, select, textarea, button.chip"), context, "added", path),
    [],
  );
  const describedBy =
    [issues.length > 0 && `${id}-issues`, schema?.description && `${id}-about`].filter(Boolean).join(" ") || undefined;
  const common = {
    id,
    path,
    schema,
    value,
    change,
    context,
    required,
    "aria-describedby": describedBy,
    "aria-invalid": issues.length > 0 || undefined,
  };
  const Control = CONTROLS[kind];
  const about = schema?.description ?? (strange ? "The schema has no property of this name." : "");
  const head = (
    <>
      <bdi class="t">{name}</bdi>
      {required && (
        <span class="must" title="required">
          {" "}
          required
        </span>
      )}
    </>
  );
  return (
    <div
      class={`field ${issues.length > 0 ? "wrong" : ""}`}
      ref={root}
      role={group ? "group" : undefined}
      aria-labelledby={group ? `${id}-label` : undefined}
    >
      <div class="label">
        {group ? <span id={`${id}-label`}>{head}</span> : <label for={id}>{head}</label>}
        {!required && (
          <button
            type="button"
            class="bare"
            aria-label={`remove ${name}`}
            title="remove"
            onClick={() => change(undefined)}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      <Control {...common} />
      {reason && <p class="issue">{reason}</p>}
      <Issues id={`${id}-issues`} issues={issues} path={path} known={about} />
      {about && (
        <p class={`about ${more ? "" : "short"}`} id={`${id}-about`} onClick={() => setMore(!more)}>
          <bdi>{about}</bdi>
        </p>
      )}
    </div>
  );
}

/** Problems of one place, or of what has no field in it; a hint that repeats the description below is left out. */
const Issues = ({ id, issues, path, known = "" }) =>
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

const ObjectControl = ({ schema, value, path, context }) => (
  <div class="nested">
    <Fields schema={schema} value={value} path={path} context={context} />
  </div>
);

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

const CONTROLS = {
  text: TextControl,
  number: NumberControl,
  choice: ChoiceControl,
  boolean: ChoiceControl,
  list: ListControl,
  map: MapControl,
  object: ObjectControl,
  json: JsonControl,
};
