// What goes in and out of the module as text: arguments, the lines of a request, what a thrown value says, and what is
// drawn at random.

/** Arguments as JSON text; a text is taken as JSON already. */
export function text(value) {
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? "null";
}

/** A text that nobody guesses: 128 bits drawn at random. */
export function secret(prefix) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** From 0 to 1, unlike any other's: drawn once, at the first call, then along the golden ratio, which meets no number twice. */
let drawn;
export function random() {
  if (drawn === undefined) {
    const [high, low] = crypto.getRandomValues(new Uint32Array(2));
    drawn = (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
  }
  drawn = (drawn + 0.6180339887498949) % 1;
  return drawn;
}

/** As `split` does it, which takes twice as long for so few. */
export function linesOf(text) {
  const lines = [];
  let from = 0;
  for (let at; (at = text.indexOf("\n", from)) >= 0; from = at + 1) lines.push(text.slice(from, at));
  lines.push(text.slice(from));
  return lines;
}

/** The headers among the lines of a request: `Accept` is the first, `Authorization` the last. */
export function headersOf(lines) {
  // Most have no others. At once, since names made one by one are slow to become those of properties.
  if (lines.length === 11) return { Accept: lines[8], Authorization: lines[10] };
  const headers = {};
  for (let i = 7; i < lines.length; i += 2) headers[lines[i]] = lines[i + 1];
  return headers;
}

/** What a thrown value says: its message and the messages of its causes, as Node hides the reason of a failed fetch there. */
export function words(thrown) {
  let out = "";
  try {
    for (let next = thrown, deep = 0; next && deep < 4; next = typeof next === "object" ? next.cause : undefined, deep++) {
      const message = typeof next === "string" ? next : next.message;
      if (typeof message === "string" && !out.includes(message)) out += (out && ": ") + message;
      if (typeof next.code === "string" && !out.includes(next.code)) out += ` (${next.code})`;
    }
  } catch {}
  return out || "no reason was given";
}
