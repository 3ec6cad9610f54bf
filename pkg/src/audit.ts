/**
 * Sinks for audit events, for the option `onEvent`: they deliver events in bounded memory and never fail or delay a
 * call. They need no WebAssembly.
 *
 * @module nango-toolkit/audit
 */
import { delay } from "./timers.js";
import type {
  AuditEvent,
  CallAttempt,
  CallDecision,
  CallFinished,
  CallLookup,
  CallRetry,
  CallStarted,
} from "./types/events.js";

export type { AuditEvent } from "./types/events.js";

/** How many deliveries of a sink may be open at once; events beyond them are dropped and counted. */
const MAX_OPEN = 1000;

/** Counts of the events that a sink received. */
export interface SinkCounts {
  /** How many events the sink received. */
  received: number;
  /** How many were delivered. */
  delivered: number;
  /** How many were given up because the delivery failed. */
  failed: number;
  /** How many were dropped because there was no room. */
  dropped: number;
}

/** The counts of a sink that keeps events for a while. */
export interface BatchCounts extends SinkCounts {
  /** How many events wait for delivery. */
  pending: number;
}

/**
 * A destination of events, for the option `onEvent`. It never throws, and calls never wait for it.
 *
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { callbackSink, type Sink } from "nango-toolkit/audit";
 *
 * const sink: Sink = callbackSink((event) => console.log(event.type));
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "", onEvent: sink });
 * await nango.execute("NANGO_LIST_INTEGRATIONS", {});
 * console.log((await sink.flush()).delivered);
 * ```
 */
export interface Sink<Counts extends SinkCounts = SinkCounts> {
  (event: AuditEvent): void;
  /** Counts of the events so far. */
  readonly counts: Readonly<Counts>;
  /** Resolves when all events received so far are delivered or given up, as for `ctx.waitUntil`. It never rejects. */
  flush(): Promise<Counts>;
}

/** A sink that counts; `deliver` may throw, reject or never settle, and is not waited for. */
function countingSink(deliver: (event: AuditEvent, counts: SinkCounts) => unknown): Sink {
  const counts: SinkCounts = { received: 0, delivered: 0, failed: 0, dropped: 0 };
  const open = new Set<Promise<void>>();
  const sink = (event: AuditEvent): void => {
    counts.received += 1;
    if (open.size >= MAX_OPEN) {
      counts.dropped += 1;
      return;
    }
    try {
      const returned = deliver(event, counts);
      if (!isThenable(returned)) {
        counts.delivered += 1;
        return;
      }
      const settled = Promise.resolve(returned).then(
        () => {
          counts.delivered += 1;
        },
        () => {
          counts.failed += 1;
        },
      );
      open.add(settled);
      settled.then(() => open.delete(settled));
    } catch {
      counts.failed += 1;
    }
  };
  const flush = async (): Promise<SinkCounts> => {
    await Promise.all(open);
    return { ...counts };
  };
  return Object.assign(sink, { flush, counts });
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";

/**
 * A sink that passes each event to a function, which may be async. At most 1000 of its promises are left open.
 *
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { callbackSink } from "nango-toolkit/audit";
 *
 * const onEvent = callbackSink(async (event) => console.log(event.type, event.tool));
 * new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "", onEvent });
 * ```
 */
export const callbackSink = (callback: (event: AuditEvent) => unknown): Sink =>
  countingSink((event) => callback(event));

/**
 * An event as one line of JSON, including the line end.
 *
 * @example
 * ```ts
 * import { jsonLine, type AuditEvent } from "nango-toolkit/audit";
 *
 * const event: AuditEvent = { type: "call.started", at: 0, callId: "call_1", tool: "NANGO_LIST_INTEGRATIONS" };
 * process.stdout.write(jsonLine(event));
 * ```
 */
export const jsonLine = (event: AuditEvent): string => `${JSON.stringify(event)}\n`;

/**
 * A sink that writes each event as a line of JSON, for example to a file or a stream.
 *
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { jsonLinesSink } from "nango-toolkit/audit";
 *
 * const onEvent = jsonLinesSink((line) => process.stdout.write(line));
 * new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "", onEvent });
 * ```
 */
export const jsonLinesSink = (write: (line: string) => unknown): Sink =>
  countingSink((event) => write(jsonLine(event)));

/** Options of {@link consoleSink}. */
export interface ConsoleOptions {
  /**
   * Where the lines go.
   * @default globalThis.console
   */
  console?: Pick<Console, "log" | "warn"> | undefined;
  /**
   * The types of events to print.
   * @default ends of calls, repeated attempts, and decisions other than `allow`
   */
  types?: AuditEvent["type"][] | undefined;
}

/**
 * A sink that prints a readable line for each event.
 *
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { consoleSink } from "nango-toolkit/audit";
 *
 * const onEvent = consoleSink({ types: ["call.finished"] });
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "", onEvent });
 * await nango.execute("NANGO_LIST_INTEGRATIONS", {});
 * ```
 */
export function consoleSink({ console = globalThis.console, types }: ConsoleOptions = {}): Sink {
  return countingSink((event) => {
    if (types ? !types.includes(event.type) : !isNotable(event)) return;
    const isWarning =
      ("error" in event && event.error) || (event.type === "call.decision" && event.decision === "deny");
    console[isWarning ? "warn" : "log"](describe(event));
  });
}

function isNotable(event: AuditEvent): boolean {
  if (event.type === "call.decision") return event.decision !== "allow";
  return event.type === "call.finished" || event.type === "call.retry";
}

function describe(event: AuditEvent): string {
  const { type, at, callId, tool, session: _, user, agent, ...rest } = event;
  const who = [user, agent].filter(Boolean).join(" by ");
  return [new Date(at).toISOString(), type, tool, who && `for ${who}`, ...detailsOf(event, rest), callId]
    .filter(Boolean)
    .join(" ");
}

function detailsOf(event: AuditEvent, rest: object): unknown[] {
  if (event.type === "call.decision") return [event.decision, event.rules?.join(" "), event.reason];
  if (event.type !== "call.finished") return [JSON.stringify(rest)];
  const { successful, error, status, durationMs, attempts } = event;
  const outcome = successful ? "ok" : `${error?.kind} (${error?.code})`;
  return [outcome, status, `${durationMs} ms`, attempts > 1 && `${attempts} attempts`];
}

/** What {@link teeSink} returns. */
export interface TeeSink {
  (event: AuditEvent): void;
  /** The sinks that it passes events to. */
  readonly sinks: Sink[];
  /** Flushes all of them. It never rejects. */
  flush(): Promise<SinkCounts[]>;
}

/**
 * A sink that passes each event to several sinks or functions. If one fails, the others still receive the events.
 *
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { consoleSink, jsonLinesSink, teeSink } from "nango-toolkit/audit";
 *
 * const lines: string[] = [];
 * const onEvent = teeSink(consoleSink(), jsonLinesSink((line) => lines.push(line)));
 * new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "", onEvent });
 * ```
 */
export function teeSink(...sinks: ((event: AuditEvent) => unknown)[]): TeeSink {
  const all = sinks.map((sink) => (isSink(sink) ? sink : callbackSink(sink)));
  const tee = (event: AuditEvent): void => {
    for (const sink of all) sink(event);
  };
  return Object.assign(tee, { sinks: all, flush: () => Promise.all(all.map((sink) => sink.flush())) });
}

const isSink = (sink: ((event: AuditEvent) => unknown) | Sink): sink is Sink =>
  "flush" in sink && typeof sink.flush === "function";

/** Bounds of a batch sink. */
export interface BatchOptions {
  /**
   * How many events a batch has at most.
   * @default 100
   */
  maxBatch?: number | undefined;
  /**
   * The maximum number of events in the queue. Further ones are dropped and counted.
   * @default 1000
   */
  maxEvents?: number | undefined;
  /**
   * The approximate maximum of their memory, in bytes.
   * @default 2000000
   */
  maxBytes?: number | undefined;
  /**
   * After how many milliseconds events are sent though a batch is not full. 0 leaves it to `flush`, for hosts where no
   * timer outlives a request.
   * @default 1000
   */
  intervalMs?: number | undefined;
  /**
   * How long one attempt may take, in milliseconds; its signal is aborted then.
   * @default 10000
   */
  timeoutMs?: number | undefined;
  /**
   * How many attempts a batch gets.
   * @default 3
   */
  attempts?: number | undefined;
  /**
   * The delay before the second attempt, in milliseconds; that before the third is twice as long.
   * @default 500
   */
  retryMs?: number | undefined;
}

/**
 * A sink that passes events to an async function in batches, in order. A batch that fails is retried, then dropped
 * and counted.
 *
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { batchSink } from "nango-toolkit/audit";
 *
 * const sink = batchSink(async (events, { signal }) => {
 *   const response = await fetch("https://logs.example.com", { method: "POST", body: JSON.stringify(events), signal });
 *   if (!response.ok) throw new Error(`status ${response.status}`);
 * });
 * new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "", onEvent: sink });
 * await sink.flush();
 * ```
 */
export function batchSink(
  send: (events: AuditEvent[], context: { signal: AbortSignal }) => unknown,
  options: BatchOptions = {},
): Sink<BatchCounts> {
  const { maxBatch = 100, maxEvents = 1000, maxBytes = 2_000_000, intervalMs = 1000 } = options;
  const { timeoutMs = 10_000, attempts = 3, retryMs = 500 } = options;
  const counts: BatchCounts = { received: 0, delivered: 0, failed: 0, dropped: 0, pending: 0 };
  const queue: { event: AuditEvent; size: number }[] = [];
  let bytes = 0;
  /** How many events ever entered the queue, and how many left it. */
  let taken = 0;
  let settled = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let due = Number.POSITIVE_INFINITY;
  let sending: Promise<void> | undefined;

  const sink = (event: AuditEvent): void => {
    counts.received += 1;
    const size = sizeOf(event);
    if (size === undefined) counts.failed += 1;
    else if (queue.length >= maxEvents || bytes + size > maxBytes) counts.dropped += 1;
    else enqueue(event, size);
  };

  function enqueue(event: AuditEvent, size: number): void {
    queue.push({ event, size });
    taken += 1;
    bytes += size;
    counts.pending = queue.length;
    if (queue.length >= maxBatch) sendWithin(0);
    else if (intervalMs > 0) sendWithin(intervalMs);
  }

  /** Sends after `ms` milliseconds at the latest, and never within the call that brought the event. */
  function sendWithin(ms: number): void {
    if (sending || Date.now() + ms >= due) return;
    clearTimeout(timer);
    due = Date.now() + ms;
    timer = setTimeout(flush, ms);
    // Node need not stay alive for it; other hosts have no `unref`.
    if (typeof timer === "object") timer.unref?.();
  }

  async function flush(): Promise<BatchCounts> {
    clearTimeout(timer);
    due = Number.POSITIVE_INFINITY;
    const target = taken;
    while (settled < target) {
      sending ??= drain().finally(() => {
        sending = undefined;
      });
      await sending;
    }
    if (queue.length > 0 && intervalMs > 0) sendWithin(intervalMs);
    return { ...counts };
  }

  async function drain(): Promise<void> {
    const batch = queue.slice(0, maxBatch);
    const events = batch.map(({ event }) => event);
    let sent = false;
    for (let attempt = 1; !sent && attempt <= attempts; attempt++) {
      if (attempt > 1) await delay(retryMs * (attempt - 1));
      sent = await sendOnce(events);
    }
    counts[sent ? "delivered" : "failed"] += batch.length;
    settled += batch.length;
    queue.splice(0, batch.length);
    for (const { size } of batch) bytes -= size;
    counts.pending = queue.length;
  }

  /** Whether a batch was sent in time. */
  async function sendOnce(events: AuditEvent[]): Promise<boolean> {
    const controller = new AbortController();
    let limit: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      limit = setTimeout(() => {
        controller.abort();
        resolve(false);
      }, timeoutMs);
    });
    const sent = new Promise((resolve) => resolve(send(events, { signal: controller.signal }))).then(
      () => true,
      () => false,
    );
    const inTime = await Promise.race([sent, late]);
    clearTimeout(limit);
    return inTime;
  }

  return Object.assign(sink, { flush, counts });
}

/** The approximate memory of an event; undefined if it cannot be written as JSON. */
function sizeOf(event: AuditEvent): number | undefined {
  try {
    return 2 * JSON.stringify(event).length;
  } catch {
    return undefined;
  }
}

/** Attributes of a span or a log record. */
export type Attributes = Record<string, string | number | string[]>;

/** Options of the functions for OpenTelemetry. */
export interface AttributeOptions {
  /**
   * Whether to include the arguments of calls, with secrets masked.
   * @default false
   */
  includeArguments?: boolean | undefined;
}

/** All fields that an event may have. */
type AnyEvent = Partial<
  Omit<CallStarted, "type"> &
    Omit<CallDecision, "type"> &
    Omit<CallLookup, "type"> &
    Omit<CallAttempt, "type"> &
    Omit<CallRetry, "type"> &
    Omit<CallFinished, "type">
>;

/**
 * Attributes of an event by the names of OpenTelemetry's conventions for generative AI and HTTP, for a span or a log
 * record; `nango.*` for attributes without such a name.
 *
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { callbackSink, openTelemetryAttributes } from "nango-toolkit/audit";
 *
 * const onEvent = callbackSink((event) => console.log(openTelemetryAttributes(event)["gen_ai.tool.name"]));
 * new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "", onEvent });
 * ```
 */
export function openTelemetryAttributes(
  event: AuditEvent,
  { includeArguments = false }: AttributeOptions = {},
): Attributes {
  const fields: AnyEvent = event;
  const { error } = fields;
  const resent = event.type === "call.attempt" && event.attempt > 1 ? event.attempt - 1 : undefined;
  const attributes = {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": event.tool,
    "gen_ai.tool.type": "extension",
    "gen_ai.tool.call.id": event.upstreamCallId ?? event.callId,
    "gen_ai.tool.call.arguments": includeArguments && fields.arguments ? JSON.stringify(fields.arguments) : undefined,
    "gen_ai.agent.name": event.agent,
    "session.id": event.session || undefined,
    "user.id": event.user,
    "error.type": error?.kind ?? fields.kind,
    "http.request.method": fields.method,
    "http.request.resend_count": resent,
    "http.response.status_code": fields.status,
    "http.response.header.x-request-id": fields.requestId && [fields.requestId],
    "url.path": fields.path,
    "nango.call.id": event.callId,
    "nango.call.attempts": fields.attempts,
    "nango.call.duration_ms": fields.durationMs,
    "nango.connection.id": fields.connection_id,
    "nango.error.code": error?.code,
    "nango.integration.id": fields.provider_config_key,
    "nango.organization.id": event.organization,
    "nango.policy.decision": fields.decision,
    "nango.policy.rules": fields.rules,
    "nango.retry.wait_ms": fields.waitMs,
    "nango.tool.effect": fields.effect,
  };
  return Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, string | number | string[]] => entry[1] !== undefined),
  );
}

/** The part of a tracer of `@opentelemetry/api` that is used. */
export interface TracerLike {
  /** Starts a span. */
  startSpan(
    name: string,
    options: { kind: number; startTime: number; attributes: Attributes },
  ): {
    /** Says whether the call failed, and why. */
    setStatus(status: { code: number; message?: string }): unknown;
    /** Ends the span, at a time in milliseconds since the Unix epoch. */
    end(endTime: number): void;
  };
}

/** Options of {@link openTelemetrySink}. */
export interface OpenTelemetryOptions extends AttributeOptions {
  /**
   * How many calls in progress are remembered at most.
   * @default 1000
   */
  maxCalls?: number | undefined;
}

/**
 * A sink that makes one span for each call when the call ends.
 *
 * @example
 * ```ts
 * import { NangoToolkit } from "nango-toolkit";
 * import { openTelemetrySink, type TracerLike } from "nango-toolkit/audit";
 *
 * // In a program: trace.getTracer("my-agent") of @opentelemetry/api.
 * const span = { setStatus: () => span, end: () => {} };
 * const tracer: TracerLike = { startSpan: (name) => (console.log(name), span) };
 * const onEvent = openTelemetrySink(tracer);
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "", onEvent });
 * await nango.execute("NANGO_LIST_INTEGRATIONS", {}); // execute_tool NANGO_LIST_INTEGRATIONS
 * ```
 */
export function openTelemetrySink(
  tracer: TracerLike,
  { includeArguments = false, maxCalls = 1000 }: OpenTelemetryOptions = {},
): Sink {
  /** Attributes of calls in progress, by the ID of the call. */
  const calls = new Map<string, Attributes>();
  return countingSink((event, counts) => {
    const attributes = { ...calls.get(event.callId), ...openTelemetryAttributes(event, { includeArguments }) };
    if (event.type !== "call.finished") {
      // The failure of an earlier attempt is not the result of the call.
      for (const name of ["error.type", "http.response.status_code", "nango.retry.wait_ms"]) delete attributes[name];
      if (calls.has(event.callId) || calls.size < maxCalls) calls.set(event.callId, attributes);
      else counts.dropped += 1;
      return;
    }
    calls.delete(event.callId);
    const options = { kind: 0, startTime: event.at - event.durationMs, attributes };
    const span = tracer.startSpan(`execute_tool ${event.tool}`, options);
    if (event.error) span.setStatus({ code: 2, message: event.error.message });
    span.end(event.at);
  });
}
