// JSON text with positions: where each value is, where parsing fails, and what could be written at the caret.

/** Deeper than any argument; text that is nested deeper is refused. */
const DEPTH = 200;

/** The name of a place in maps: its path as JSON text. */
export const keyOf = (path) => JSON.stringify(path.map(String));

class Wrong extends Error {
  constructor(at, message) {
    super(message);
    this.at = at;
  }
}

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/**
 * Parses JSON text. `places` maps {@link keyOf} to where the value (and the name before it) starts and ends. If the
 * text is not JSON, `error` is the reason and the position, and `value` is undefined.
 */
export function parse(text) {
  const places = new Map();
  let at = 0;
  const match = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) return undefined;
    at = pattern.lastIndex;
    return found[0];
  };
  const wrong = (expected) => {
    const found = at >= text.length ? "the end" : `\`${[...text.slice(at, at + 2)][0]}\``;
    throw new Wrong(at, `expected ${expected}, got ${found}`);
  };
  const string = (what) => {
    if (text[at] !== '"') wrong(what);
    const start = at;
    const raw = match(STRING);
    if (raw === undefined) {
      const end = text.slice(start).search(/[\r\n]|$/);
      throw new Wrong(start, end > 0 ? "this string is not closed, or has a character that must be escaped" : what);
    }
    return JSON.parse(raw);
  };
  function value(path, name) {
    match(SPACE);
    if (path.length > DEPTH) throw new Wrong(at, `nested more than ${DEPTH} levels deep`);
    const place = { start: at, end: at, ...name };
    places.set(keyOf(path), place);
    const result =
      text[at] === "{" ? object(path) : text[at] === "[" ? array(path) : text[at] === '"' ? string("a value") : plain();
    place.end = at;
    match(SPACE);
    return result;
  }
  function plain() {
    const raw = match(WORD) ?? match(NUMBER);
    if (raw === undefined) wrong("a value");
    return JSON.parse(raw);
  }
  function object(path) {
    const entries = [];
    at += 1;
    match(SPACE);
    while (text[at] !== "}") {
      const nameStart = at;
      const name = string(entries.length ? "a property name" : "a property name or `}`");
      const nameEnd = at;
      match(SPACE);
      if (text[at] !== ":") wrong("`:`");
      at += 1;
      entries.push([name, value([...path, name], { nameStart, nameEnd })]);
      if (!next("}")) break;
    }
    at += 1;
    // As entries: a property may be called __proto__.
    return Object.fromEntries(entries);
  }
  function array(path) {
    const items = [];
    at += 1;
    match(SPACE);
    while (text[at] !== "]") {
      items.push(value([...path, items.length]));
      if (!next("]")) break;
    }
    at += 1;
    return items;
  }
  /** Skips a comma to the next entry; false at the end. */
  function next(end) {
    if (text[at] === end) return false;
    if (text[at] !== ",") wrong(`\`,\` or \`${end}\``);
    at += 1;
    match(SPACE);
    if (text[at] === end) wrong("something after the comma");
    return true;
  }
  try {
    const result = value([]);
    if (at < text.length) wrong("nothing more");
    return { value: result, places };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { value: undefined, places, error: { at: Math.min(error.at, text.length), message: error.message } };
  }
}

/**
 * Where an issue is shown: at its own place, or at the nearest enclosing one that exists; `missing` is the rest of the
 * path.
 */
function placeOf(places, path) {
  for (let length = path.length; length >= 0; length -= 1) {
    const place = places.get(keyOf(path.slice(0, length)));
    if (!place) continue;
    const start = place.nameStart ?? place.start;
    const whole = length === path.length && length > 0;
    const end = whole ? place.end : (place.nameEnd ?? Math.min(place.start + 1, place.end));
    return { start, end, missing: path.slice(length) };
  }
  return { start: 0, end: 0, missing: path };
}

/** Issues as marks in JSON text: `[{ start, end, message, hint }]`; the message names a property that is missing. */
export const marksIn = (places, issues) =>
  issues.map(({ path, message, hint }) => {
    const { start, end, missing } = placeOf(places, path);
    return { start, end, message: missing.length > 0 ? `${missing.join(".")}: ${message}` : message, hint };
  });

/**
 * What is at the caret, in JSON that may be incomplete: `{ path, kind: "name" | "value", start, end, typed,
 * quoted, taken }`, where `path` leads to the object (for a name) or to the value; undefined inside a token that
 * is neither.
 */
export function contextAt(text, caret) {
  const stack = [];
  const top = () => stack.at(-1);
  let [at, start, expecting] = [0, 0, "value"];
  for (; at < caret; ) {
    const char = text[at];
    if (char === '"') {
      let end = at + 1;
      while (end < text.length && text[end] !== '"' && text[end] !== "\n") end += text[end] === "\\" ? 2 : 1;
      if (end >= caret)
        return found(at, Math.min(text[end] === '"' ? end + 1 : end, text.length), text.slice(at + 1, caret), true);
      if (expecting === "name" && top()) {
        top().name = unquoted(text.slice(at, end + 1));
        top().names.push(top().name);
      }
      expecting = "after";
      at = end + 1;
    } else if (char === "{" || char === "[") {
      stack.push({ list: char === "[", index: 0, name: undefined, names: [] });
      expecting = char === "{" ? "name" : "value";
      at += 1;
    } else if (char === "}" || char === "]") {
      stack.pop();
      expecting = "after";
      at += 1;
    } else if (char === ":") {
      expecting = "value";
      at += 1;
    } else if (char === ",") {
      if (top()?.list) top().index += 1;
      expecting = top()?.list ? "value" : "name";
      at += 1;
    } else if (/\s/.test(char)) {
      at += 1;
    } else {
      start = at;
      while (at < text.length && !/[\s,:{}[\]"]/.test(text[at])) at += 1;
      if (at >= caret) return expecting === "after" ? undefined : found(start, at, text.slice(start, caret), false);
      expecting = "after";
    }
  }
  return expecting === "after" ? undefined : found(caret, caret, "", false);

  function found(from, to, typed, quoted) {
    const kind = expecting === "name" ? "name" : "value";
    const path = stack.slice(0, kind === "name" ? -1 : undefined).map((one) => (one.list ? one.index : one.name));
    return { path, kind, start: from, end: to, typed, quoted, taken: kind === "name" ? (top()?.names ?? []) : [] };
  }
}

function unquoted(raw) {
  try {
    return JSON.parse(raw);
  } catch {
    return raw.slice(1, -1);
  }
}

/** Indented JSON. */
export const pretty = (value) => JSON.stringify(value, null, 2) ?? "";
