// Arguments as JSON text, and what is drawn at random.

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
