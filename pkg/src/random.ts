// Random values: unguessable tokens and IDs, and seeds of calls.

/** `prefix` and 128 random bits as hexadecimal digits, which cannot be guessed. */
export function randomId(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
