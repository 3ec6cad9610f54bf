// Responses that are read only up to a limit.

/** A response with the same head, without a body if that is larger than `maxBytes`; it is not read any further. */
export function boundedResponse(response: Response, maxBytes: number): Response {
  const body = response?.body;
  if (typeof body?.getReader !== "function") return response;
  const { status, headers } = response;
  const length = headers.get("content-length");
  // The host limits the body to this length, which is that of the text unless the body is compressed.
  if (length !== null && Number(length) <= maxBytes && !headers.get("content-encoding")) return response;
  const read = async (): Promise<Uint8Array | undefined> => {
    if (Number(length) <= maxBytes) return await readBytes(body, maxBytes);
    await body.cancel();
    return undefined;
  };
  const text = async (): Promise<string | undefined> => {
    const bytes = await read();
    return bytes && new TextDecoder().decode(bytes);
  };
  return { status, headers, text, arrayBuffer: read } as unknown as Response;
}

/** All bytes of a body; nothing if there are more than `maxBytes`. */
async function readBytes(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array | undefined> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concatenate(chunks, size);
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
}

function concatenate(chunks: Uint8Array[], size: number): Uint8Array {
  const [only] = chunks;
  if (only && chunks.length === 1) return only;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
