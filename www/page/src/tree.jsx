// A JSON value as a collapsible tree. Large parts are drawn only when expanded, a hundred entries at a time.
import { useState } from "preact/hooks";
import { Text, maskOf } from "./parts.jsx";

const PAGE = 100;
/** Expanded initially to this depth, if the value is small. */
const [OPEN_DEPTH, OPEN_ENTRIES] = [3, 12];

export function Tree({ value, label }) {
  return (
    <ul class="tree" aria-label={label}>
      <Node value={value} depth={0} last />
    </ul>
  );
}

function Node({ name, value, depth }) {
  const nested = typeof value === "object" && value !== null;
  const count = nested ? Object.keys(value).length : 0;
  const [open, setOpen] = useState(nested && depth < OPEN_DEPTH && (count <= OPEN_ENTRIES || depth < 2));
  const [shown, setShown] = useState(PAGE);
  const label = name !== undefined && (
    <span class="name">
      <Text text={name} clip={120} />:{" "}
    </span>
  );
  if (!nested) {
    return (
      <li>
        {label}
        <Leaf value={value} />
      </li>
    );
  }
  const list = Array.isArray(value);
  const entries = open ? Object.entries(value).slice(0, shown) : [];
  return (
    <li>
      {count > 0 ? (
        <button type="button" class="fold" aria-expanded={open} onClick={() => setOpen(!open)}>
          {label}
          <span class="count">{list ? `[ ${count} ]` : `{ ${count} }`}</span>
        </button>
      ) : (
        <>
          {label}
          <span class="count">{list ? "[ ]" : "{ }"}</span>
        </>
      )}
      {open && count > 0 && (
        <ul>
          {entries.map(([key, inner]) => (
            <Node key={key} name={key} value={inner} depth={depth + 1} />
          ))}
          {count > shown && (
            <li>
              <button type="button" class="plain" onClick={() => setShown(shown + PAGE)}>
                {Math.min(PAGE, count - shown)} more of {count.toLocaleString("en")}
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

function Leaf({ value }) {
  if (typeof value !== "string")
    return <span class={value === null ? "word" : typeof value === "number" ? "number" : "word"}>{String(value)}</span>;
  const masked = maskOf(value);
  if (masked) {
    return (
      <span class="masked" title="a secret: the toolkit masks it">
        masked: {masked}
      </span>
    );
  }
  return (
    <span class="text">
      <Text text={value} />
    </span>
  );
}
