// Decodes the modules that are included as base64 text.

/** The bytes of base64 text; `Buffer`, where there is one, is the fastest. */
export function bytesOfBase64(base64: string): Uint8Array<ArrayBuffer> {
  const { Buffer } = globalThis as Partial<typeof globalThis>;
  if (Buffer) return Buffer.from(base64, "base64");
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
