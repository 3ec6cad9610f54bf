// What can be written at the caret of the JSON editor: names from the schema, values from it and from the world.
import { contextAt } from "./json.js";
import { blank, fieldsOf, nameOf, schemaAt, suggestions } from "./schema.js";

/** The maximum number shown; typing narrows them. */
const MOST = 40;

/** The completions at an offset: `{ start, end, options: [{ label, detail, insert }] }`, or nothing. */
export function completions(text, caret, { schema, value, world }) {
  const context = contextAt(text, caret);
  if (!context) return undefined;
  const options = context.kind === "name" ? names(context, text, schema, value) : values(context, schema, value, world);
  const typed = context.typed.toLowerCase();
  const fitting = options.filter(({ label }) => label.toLowerCase().includes(typed) && label !== context.typed);
  // Options that start with the typed text come first.
  fitting.sort(
    (a, b) => Number(b.label.toLowerCase().startsWith(typed)) - Number(a.label.toLowerCase().startsWith(typed)),
  );
  return fitting.length > 0 ? { start: context.start, end: context.end, options: fitting.slice(0, MOST) } : undefined;
}

function names({ path, taken, end }, text, schema, value) {
  const node = schemaAt(schema, path, value);
  const given = path.reduce((inner, part) => inner?.[part], value);
  const rest = text.slice(end);
  const colon = /^\s*:/.test(rest);
  const comma = /^\s*"/.test(rest) ? ", " : "";
  const there = new Set([...taken, ...Object.keys(given ?? {})]);
  return fieldsOf(node, given)
    .filter(([name]) => !there.has(name))
    .map(([name, property, required]) => ({
      label: name,
      detail: `${property.enum ? "choice" : property.type}${required ? ", required" : ""}`,
      insert: colon ? JSON.stringify(name) : `${JSON.stringify(name)}: ${JSON.stringify(blank(property))}${comma}`,
    }));
}

function values({ path }, schema, value, world) {
  const node = schemaAt(schema, path, value);
  const option = (one, detail) => ({ label: String(one), detail, insert: JSON.stringify(one) });
  if (node?.enum) return node.enum.map((one) => option(one, "choice"));
  if (node?.type === "boolean") return [option(true, "boolean"), option(false, "boolean")];
  if (node && node.type !== "string") return [];
  return suggestions(nameOf(path), value, world).map((one) => option(one, "in the emulator"));
}
