// What never leaves the page's memory: values that may be secret stay out of links, files and the browser's storage.
// The toolkit finds them, as in its results and events; what follows here is only what it leaves in arguments.
import { toolkit } from "./core.js";
import { state } from "./store.js";

/** Names whose values are left out though the toolkit shows them, in lower case and without signs. */
const SECRET = /^configoverride$|(auth|certificate|pem)s?$/;
/** Values that are left out, whatever their name. */
const VALUE = /^\s*(bearer|basic|token|apikey)\s+\S+\s*$|nango_connect_session_|-----BEGIN /i;
/** The only headers of a provider's API that are kept: others may be those of its credentials. */
const HEADERS =
  /^(accept(-(charset|encoding|language))?|cache-control|content-(language|type)|if-.*|prefer|range|user-agent)$/i;

/** Found before, by the arguments. */
const found = new WeakMap();

/** A copy of arguments without what may be a secret, and the names of what was left out. */
export function shareable(args) {
  if (!isObject(args)) {
    const { value, left } = shareable({ arguments: args });
    return { value: value.arguments, left };
  }
  if (!found.has(args)) found.set(args, split(args));
  return found.get(args);
}

function split(args) {
  const left = [];
  try {
    const together = masked(args);
    // Together they may be too long for the toolkit.
    const shown = Object.entries(args).map(([name, value]) => [name, (together ?? masked({ [name]: value }))?.[name]]);
    return { value: without(args, Object.fromEntries(shown), [], left), left };
  } catch {
    return { value: {}, left: ["all of it"] }; // such as what is nested too deeply
  }
}

/** The end of a sentence that names what was left out; empty if all was kept. */
export const withoutWhat = (left) =>
  left.length === 0
    ? ""
    : `, without credentials: ${left.slice(0, 4).join(", ")}${left.length > 4 ? ` and ${left.length - 4} more` : ""}`;

/** Whether a string contains the key, in any case and also without its signs. */
export function holdsKey(text) {
  const key = letters(state.server.key);
  return key !== "" && letters(text).includes(key);
}

const letters = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
const isObject = (value) => typeof value === "object" && value !== null;

/** Arguments as the toolkit shows what a server sent back; undefined if they are too long for it. */
function masked(args) {
  const body = JSON.stringify({ error: { code: "shown", message: "shown", payload: { args } } });
  return toolkit.parseResponse(null, { status: 400, headers: {}, body }).error.details?.payload?.args;
}

/** A value without what differs in what the toolkit shows, and without what is left out here. */
function without(value, shown, path, left) {
  if (!isObject(value)) return value;
  const kept = Object.entries(value).flatMap(([name, inner]) => {
    const place = [...path, name];
    const other = isObject(shown) && Object.hasOwn(shown, name) ? shown[name] : undefined;
    if (isSecret(place, inner, other)) {
      left.push(place.join(".").slice(0, 80));
      return [];
    }
    return [[name, without(inner, other, place, left)]];
  });
  return Array.isArray(value) ? kept.map(([, inner]) => inner) : Object.fromEntries(kept);
}

function isSecret(path, value, shown) {
  const name = path.at(-1);
  const isHeaders = isObject(value) && !Array.isArray(value);
  if (path[0] === "proxy_headers" && (path.length === 1 ? !isHeaders : !HEADERS.test(name))) return true;
  if (SECRET.test(letters(name))) return true;
  if (isObject(value)) return !isObject(shown);
  return value !== shown || (typeof value === "string" && (VALUE.test(value) || holdsSecret(value)));
}

/** Whether a string is JSON that contains a secret. */
function holdsSecret(text) {
  if (!/^\s*[[{]/.test(text)) return false;
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  return shareable(value).left.length > 0;
}
