// Sinks for audit events, to be given as `onEvent`: where events go, in bounded memory, without ever failing or
// delaying a call. No wasm, no dependency. What the events are is the core's.

/** Deliveries that a sink leaves open at once; what comes beyond them is dropped and counted. */
const MOST_OPEN = 1000;

/**
 * A sink that counts: `deliver` may throw, reject or never settle, and nobody waits for it.
 * @param {(event: object, counts: object) => unknown} deliver
 */
function counting(deliver) {
  const counts = { received: 0, delivered: 0, failed: 0, dropped: 0 };
  const open = new Set();
  const sink = (event) => {
    counts.received += 1;
    if (open.size >= MOST_OPEN) return void (counts.dropped += 1);
    try {
      const promise = deliver(event, counts);
      if (typeof promise?.then !== "function") return void (counts.delivered += 1);
      const settled = Promise.resolve(promise).then(
        () => void (counts.delivered += 1),
        () => void (counts.failed += 1),
      );
      open.add(settled);
      settled.then(() => open.delete(settled));
    } catch {
      counts.failed += 1;
    }
  };
  /** Resolves when what is under way now has settled; never rejects. */
  const flush = () => Promise.all(open).then(() => ({ ...counts }));
  return Object.assign(sink, { flush, counts });
}

/** Each event to a function, which may be async. */
export const callbackSink = (callback) => counting((event) => callback(event));

/** One line of JSON, its end included. */
export const jsonLine = (event) => `${JSON.stringify(event)}\n`;

/** Each event as a line of JSON to `write`, such as a stream's or a file's. */
export const jsonLinesSink = (write) => counting((event) => write(jsonLine(event)));

/** One readable line each on the console: of the events of `types`, by default ends, repeated attempts, and decisions that refuse. */
export function consoleSink({ console = globalThis.console, types } = {}) {
  const told = (event) => (types ? types.includes(event.type) : event.type === "call.finished" || event.type === "call.retry" || (event.type === "call.decision" && event.decision !== "allow"));
  return counting((event) => {
    if (told(event)) console[event.error || event.decision === "deny" ? "warn" : "log"](describe(event));
  });
}

function describe({ type, at, call_id, tool, session, user, agent, ...rest }) {
  const who = [user, agent].filter(Boolean).join(" by ");
  const more = type === "call.finished"
    ? [rest.successful ? "ok" : `${rest.error.kind} (${rest.error.code})`, rest.status, `${rest.duration_ms} ms`, rest.attempts > 1 && `${rest.attempts} attempts`]
    : type === "call.decision" ? [rest.decision, rest.rules?.join(" "), rest.reason] : [JSON.stringify(rest)];
  return [new Date(at).toISOString(), type, tool, who && `for ${who}`, ...more, call_id].filter(Boolean).join(" ");
}

/** Each event to several sinks; one that fails keeps it from none. */
export function teeSink(...sinks) {
  const each = sinks.map((sink) => (typeof sink.flush === "function" ? sink : callbackSink(sink)));
  const sink = (event) => {
    for (const one of each) one(event);
  };
  return Object.assign(sink, { sinks: each, flush: () => Promise.all(each.map((one) => one.flush())) });
}

/**
 * Events in batches to an async function, in order. What does not fit into memory is dropped and counted; a batch
 * that fails is tried again, then given up and counted.
 * @param {(events: object[], context: { signal: AbortSignal }) => unknown} send
 */
export function batchSink(send, { maxBatch = 100, maxEvents = 1000, maxBytes = 2_000_000, intervalMs = 1000, timeoutMs = 10_000, attempts = 3, retryMs = 500 } = {}) {
  const counts = { received: 0, delivered: 0, failed: 0, dropped: 0, pending: 0 };
  /** @type {{ event: object, size: number }[]} */
  const queue = [];
  /** What the queue takes, roughly; events ever taken into it, and out of it. */
  let [bytes, taken, settled] = [0, 0, 0];
  let [timer, due, sending] = [undefined, Infinity, undefined];

  const sink = (event) => {
    counts.received += 1;
    let size;
    try {
      size = 2 * JSON.stringify(event).length;
    } catch {
      return void (counts.failed += 1);
    }
    if (queue.length >= maxEvents || bytes + size > maxBytes) return void (counts.dropped += 1);
    queue.push({ event, size });
    taken += 1;
    bytes += size;
    counts.pending = queue.length;
    if (queue.length >= maxBatch) later(0);
    else if (intervalMs > 0) later(intervalMs);
  };

  /** Sends at that time at the latest, and never within the call that brought the event. */
  function later(ms) {
    if (sending || Date.now() + ms >= due) return;
    clearTimeout(timer);
    due = Date.now() + ms;
    timer = setTimeout(flush, ms);
    timer.unref?.(); // Node need not stay for it
  }

  /** Resolves when all that came until now is sent or given up; never rejects. */
  async function flush() {
    clearTimeout(timer);
    due = Infinity;
    for (const all = taken; settled < all; ) {
      sending ??= drain().finally(() => (sending = undefined));
      await sending;
    }
    if (queue.length > 0 && intervalMs > 0) later(intervalMs);
    return { ...counts };
  }

  async function drain() {
    const batch = queue.slice(0, maxBatch);
    const events = batch.map(({ event }) => event);
    let sent = false;
    for (let attempt = 1; !sent && attempt <= attempts; attempt++) {
      if (attempt > 1) await pause(retryMs * (attempt - 1));
      sent = await once(events);
    }
    counts[sent ? "delivered" : "failed"] += batch.length;
    settled += batch.length;
    queue.splice(0, batch.length);
    for (const { size } of batch) bytes -= size;
    counts.pending = queue.length;
  }

  /** Whether a batch went out in time. */
  async function once(events) {
    const controller = new AbortController();
    let limit;
    const late = new Promise((resolve) => {
      limit = setTimeout(() => {
        controller.abort();
        resolve(false);
      }, timeoutMs);
    });
    const sent = new Promise((resolve) => resolve(send(events, { signal: controller.signal }))).then(() => true, () => false);
    const answer = await Promise.race([sent, late]);
    clearTimeout(limit);
    return answer;
  }

  return Object.assign(sink, { flush, counts });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Attributes of an event by the names of OpenTelemetry's conventions, for a span or a log record; `nango.*` where those have none. */
export function openTelemetryAttributes(event, { includeArguments = false } = {}) {
  const { error } = event;
  const attributes = {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": event.tool,
    "gen_ai.tool.type": "extension",
    "gen_ai.tool.call.id": event.upstream_call_id ?? event.call_id,
    "gen_ai.tool.call.arguments": includeArguments && event.arguments ? JSON.stringify(event.arguments) : undefined,
    "gen_ai.agent.name": event.agent,
    "session.id": event.session || undefined,
    "user.id": event.user,
    "error.type": error?.kind ?? event.kind,
    "http.request.method": event.method,
    "http.request.resend_count": event.type === "call.attempt" && event.attempt > 1 ? event.attempt - 1 : undefined,
    "http.response.status_code": event.status,
    "http.response.header.x-request-id": event.request_id && [event.request_id],
    "url.path": event.path,
    "nango.call.id": event.call_id,
    "nango.call.attempts": event.attempts,
    "nango.call.duration_ms": event.duration_ms,
    "nango.connection.id": event.connection_id,
    "nango.error.code": error?.code,
    "nango.integration.id": event.provider_config_key,
    "nango.organization.id": event.organization,
    "nango.policy.decision": event.decision,
    "nango.policy.rules": event.rules,
    "nango.retry.wait_ms": event.wait_ms,
    "nango.tool.effect": event.effect,
  };
  for (const [name, value] of Object.entries(attributes)) if (value === undefined) delete attributes[name];
  return attributes;
}

/** One span for each call on a tracer of `@opentelemetry/api`, made when the call ends. */
export function openTelemetrySink(tracer, { includeArguments = false, maxCalls = 1000 } = {}) {
  /** Attributes of calls under way. @type {Map<string, object>} */
  const calls = new Map();
  return counting((event, counts) => {
    const attributes = { ...calls.get(event.call_id), ...openTelemetryAttributes(event, { includeArguments }) };
    if (event.type !== "call.finished") {
      // What failed before the last attempt is not how the call ended.
      for (const name of ["error.type", "http.response.status_code", "nango.retry.wait_ms"]) delete attributes[name];
      if (calls.has(event.call_id) || calls.size < maxCalls) calls.set(event.call_id, attributes);
      else counts.dropped += 1;
      return;
    }
    calls.delete(event.call_id);
    const span = tracer.startSpan(`execute_tool ${event.tool}`, { kind: 0, startTime: event.at - event.duration_ms, attributes });
    if (event.error) span.setStatus({ code: 2, message: event.error.message });
    span.end(event.at);
  });
}
