// A form made from a tool's schema. It shows what is required and what is set; the rest waits to be added. What it
// produces is JSON, and the core validates it: nothing is checked here.
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { CONTROLS, Issues } from "./controls.jsx";
import { keyOf } from "./json.js";
import { Icon } from "./parts.jsx";
import { blank, fieldsOf, kindOf } from "./schema.js";

/**
 * @param props.context `{ args, world, issues, barred(path), change(path, value), add(path, value), moved }`: `issues`
 *   is that of issues.js, and `moved` names the field that was added or removed, for the focus
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
  // The problems of what has no field here.
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
  // Before the next key: an effect that waits for a frame would lose it.
  useLayoutEffect(
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
  const Control = kind === "object" ? ObjectControl : CONTROLS[kind];
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

const ObjectControl = ({ schema, value, path, context }) => (
  <div class="nested">
    <Fields schema={schema} value={value} path={path} context={context} />
  </div>
);
