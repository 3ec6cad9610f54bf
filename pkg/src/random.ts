// Random values: unguessable tokens and IDs, and seeds of calls.
import { unavailable } from "./errors.js";

/**
 * `prefix` and 128 random bits as hexadecimal digits, which cannot be guessed.
 *
 * @throws {@link NangoToolkitError} at the top level of a Worker.
 */
export function randomId(prefix: string): string {
  const bytes = new Uint8Array(16);
  try {
    crypto.getRandomValues(bytes);
  } catch (cause) {
    throw unavailable("random values are", cause);
  }
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
