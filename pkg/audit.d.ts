/** Sinks for audit events: the types of what `audit.js` exports. */
import type { AuditEvent } from "./index.d.ts";

export type { AuditEvent };

/** What became of events. */
export interface SinkCounts {
  /** Handed to the sink. */
  received: number;
  /** Taken by what the sink delivers to. */
  delivered: number;
  /** Given up, since that failed. */
  failed: number;
  /** Not kept, since there was no room. */
  dropped: number;
}

/** Where events go: give it as `onEvent`. It never throws and is never waited for. */
export interface Sink<Counts extends SinkCounts = SinkCounts> {
  (event: AuditEvent): void;
  readonly counts: Readonly<Counts>;
  /** Resolves when all that came until now is delivered or given up, as for `ctx.waitUntil`; never rejects. */
  flush(): Promise<Counts>;
}

/** Each event to a function, which may be async. At most 1000 promises are left open. */
export function callbackSink(callback: (event: AuditEvent) => unknown): Sink;

/** An event as one line of JSON, its end included. */
export function jsonLine(event: AuditEvent): string;

/** Each event as a line of JSON. */
export function jsonLinesSink(write: (line: string) => unknown): Sink;

/** One readable line each on the console: of the events of `types`, by default ends, repeated attempts, and decisions that refuse. */
export function consoleSink(options?: { console?: Pick<Console, "log" | "warn">; types?: AuditEvent["type"][] }): Sink;

/** Each event to several sinks; one that fails keeps it from none. */
export function teeSink(...sinks: ((event: AuditEvent) => unknown)[]): {
  (event: AuditEvent): void;
  readonly sinks: Sink[];
  flush(): Promise<SinkCounts[]>;
};

/** Bounds of a batch sink. */
export interface BatchOptions {
  /** Events in one batch: 100. */
  maxBatch?: number;
  /** Events kept at most: 1000. What comes beyond is dropped and counted. */
  maxEvents?: number;
  /** Memory for them, roughly: 2 MB. */
  maxBytes?: number;
  /** Milliseconds until events are sent though a batch is not full: 1000. 0 leaves it to `flush`, as where no timer outlives a request. */
  intervalMs?: number;
  /** Milliseconds for one attempt, whose signal is aborted then: 10 000. */
  timeoutMs?: number;
  /** Attempts at a batch: 3. */
  attempts?: number;
  /** Milliseconds before the second attempt, twice as many before the third: 500. */
  retryMs?: number;
}

/** Events in batches, in order, to an async function. */
export function batchSink(send: (events: AuditEvent[], context: { signal: AbortSignal }) => unknown, options?: BatchOptions): Sink<SinkCounts & { pending: number }>;

/** Attributes of an event by the names of OpenTelemetry's conventions for GenAI and HTTP; `nango.*` where those have none. */
export function openTelemetryAttributes(event: AuditEvent, options?: { includeArguments?: boolean }): Record<string, string | number | string[]>;

/** What is needed of a tracer of `@opentelemetry/api`. */
export interface TracerLike {
  startSpan(name: string, options: { kind: number; startTime: number; attributes: Record<string, string | number | string[]> }): {
    setStatus(status: { code: number; message?: string }): unknown;
    end(endTime: number): void;
  };
}

/** One span for each call, made when the call ends. At most `maxCalls` (1000) calls under way are remembered. */
export function openTelemetrySink(tracer: TracerLike, options?: { includeArguments?: boolean; maxCalls?: number }): Sink;
