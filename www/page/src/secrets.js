// What never leaves the page's memory: values that may be secret stay out of links, files and the browser's storage.

/** Names whose values are left out. */
const SECRET =
  /^(credentials|config_override|(proxy-)?authorization|.*(token|secret|password|api_?key|private_key|certificate))$/i;
/** The value of an Authorization header, whatever its name. */
const HEADER = /^(bearer|basic) \S/i;

/** A copy of arguments without what may be a secret, and whether nothing was left out. */
export function shareable(value, kept = { whole: true }) {
  if (typeof value === "string" && HEADER.test(value)) {
    kept.whole = false;
    return { value: "", kept };
  }
  if (Array.isArray(value)) return { value: value.map((one) => shareable(one, kept).value), kept };
  if (typeof value !== "object" || value === null) return { value, kept };
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    if (!SECRET.test(name)) return [[name, shareable(inner, kept).value]];
    kept.whole = false;
    return name === "credentials" && typeof inner?.type === "string" ? [[name, { type: inner.type }]] : [];
  });
  return { value: Object.fromEntries(entries), kept };
}
