// The body of a response that is sent in parts.

/** Events that are sent as they come. */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** `onCancel` is called if the client closes the stream. */
  constructor(onCancel: () => void) {
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.#controller = undefined;
        onCancel();
      },
    });
  }

  /** Sends an event, unless the client has yet to read the one before it: a slow client must not fill the memory. */
  send(event: Uint8Array): void {
    if ((this.#controller?.desiredSize ?? 0) > 0) this.#controller?.enqueue(event);
  }

  /** Ends the stream, with the last event if there is one. */
  end(event?: Uint8Array): void {
    if (event) this.#controller?.enqueue(event);
    this.#controller?.close();
  }

  /** Breaks the stream, since its end is missing. */
  fail(error: unknown): void {
    this.#controller?.error(error);
  }
}
