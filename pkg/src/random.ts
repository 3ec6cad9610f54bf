// Random values: IDs, tokens and seeds, from the host's cryptographic generator.

/** `prefix` and 128 random bits as hexadecimal digits: nobody can guess it. */
export function randomId(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A random number from 0 up to 1, from which a call draws its ID and its delays. */
export function randomFraction(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}
