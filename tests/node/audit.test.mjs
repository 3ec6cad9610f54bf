// Sinks for audit events: order, counts and bounds of the events they receive; a broken sink does not affect calls.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock, test } from "node:test";
import {
  batchSink,
  callbackSink,
  consoleSink,
  jsonLine,
  jsonLinesSink,
  openTelemetryAttributes,
  openTelemetrySink,
  teeSink,
} from "../../pkg/dist/audit.js";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { NangoToolkit } from "../../pkg/dist/entry/node.js";
import { cli } from "./support.mjs";

const ADA = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
const event = (n = 0, more = {}) => ({
  type: "call.finished",
  at: 1000 + n,
  callId: `call_${n}`,
  tool: "NANGO_GET_PROXY",
  successful: true,
  attempts: 1,
  durationMs: 5,
  status: 200,
  ...more,
});
const events = (count) => Array.from({ length: count }, (_, n) => event(n));
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A toolkit over an in-memory Nango whose limits no test meets. */
function toolkit(onEvent, options = {}) {
  const { fetch, apiKey, baseUrl } = createEmulator({ rateLimit: 1_000_000 });
  return new NangoToolkit({ fetch, apiKey, baseUrl, onEvent, ...options });
}

test("a callback that throws, rejects or hangs is counted, and nothing waits for it", async () => {
  const seen = [];
  const sink = callbackSink((event) => {
    seen.push(event.at);
    if (event.at === 1001) throw new Error("no");
    if (event.at === 1002) return Promise.reject(new Error("no"));
    if (event.at === 1003) return Promise.resolve();
  });
  events(5).forEach(sink);
  assert.deepEqual(await sink.flush(), { received: 5, delivered: 3, failed: 2, dropped: 0 });
  assert.deepEqual(seen, [1000, 1001, 1002, 1003, 1004]);
  const hanging = callbackSink(() => new Promise(() => {}));
  events(1500).forEach(hanging);
  assert.deepEqual(hanging.counts, { received: 1500, delivered: 0, failed: 0, dropped: 500 });
});

test("JSON Lines: one line per event, read back unchanged", () => {
  const lines = [];
  const sink = jsonLinesSink((line) => lines.push(line));
  const odd = event(1, { tool: "a\nb\u2028\u0000" });
  sink(odd);
  sink(event(2));
  assert.equal(lines.join("").split("\n").length, 3);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [odd, event(2)],
  );
  assert.equal(jsonLine(odd), lines[0]);
});

test("the console: ends, repeats and refusals, one line each", () => {
  const lines = [];
  const console = { log: (line) => lines.push(["log", line]), warn: (line) => lines.push(["warn", line]) };
  const sink = consoleSink({ console });
  sink({ ...event(), type: "call.started" });
  sink({ ...event(), type: "call.decision", decision: "allow", rules: ["default"], reason: "fine" });
  sink({
    type: "call.decision",
    at: 0,
    callId: "call_1",
    tool: "NANGO_DELETE_CONNECTION",
    user: "ada",
    agent: "bot",
    decision: "deny",
    rules: ["no-deletes"],
    reason: "not here",
  });
  sink(event(0, { user: "ada", attempts: 2 }));
  sink(
    event(0, {
      successful: false,
      error: { kind: "not_found", code: "unknown_connection", message: "no" },
      status: 404,
    }),
  );
  assert.deepEqual(lines, [
    [
      "warn",
      "1970-01-01T00:00:00.000Z call.decision NANGO_DELETE_CONNECTION for ada by bot deny no-deletes not here call_1",
    ],
    ["log", "1970-01-01T00:00:01.000Z call.finished NANGO_GET_PROXY for ada ok 200 5 ms 2 attempts call_0"],
    ["warn", "1970-01-01T00:00:01.000Z call.finished NANGO_GET_PROXY not_found (unknown_connection) 404 5 ms call_0"],
  ]);
});

test("a tee passes each event to all sinks, even if one of them fails", async () => {
  const seen = [];
  const tee = teeSink(
    () => {
      throw new Error("no");
    },
    callbackSink((event) => void seen.push(event.at)),
  );
  events(3).forEach(tee);
  assert.deepEqual(seen, [1000, 1001, 1002]);
  assert.deepEqual(
    (await tee.flush()).map(({ delivered, failed }) => [delivered, failed]),
    [
      [0, 3],
      [3, 0],
    ],
  );
});

test("batches: sent when full but never within the call, otherwise at the interval or by flush, in order", async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  try {
    const batches = [];
    const sink = batchSink((batch) => void batches.push(batch.map(({ at }) => at - 1000)), {
      maxBatch: 3,
      intervalMs: 1000,
    });
    events(4).forEach(sink);
    assert.deepEqual(batches, [], "nothing is sent within the call");
    mock.timers.tick(1);
    await turn();
    assert.deepEqual(batches, [[0, 1, 2], [3]]);
    sink(event(4));
    mock.timers.tick(999);
    await turn();
    assert.deepEqual(batches.flat().length, 4);
    mock.timers.tick(1);
    await turn();
    assert.deepEqual(batches.flat().length, 5);
    sink(event(5));
    assert.deepEqual(await sink.flush(), { received: 6, delivered: 6, failed: 0, dropped: 0, pending: 0 });
    assert.deepEqual(batches.flat(), [0, 1, 2, 3, 4, 5]);
  } finally {
    mock.timers.reset();
  }
});

test("batches: memory is bounded by events and by bytes; what is dropped is counted", async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const sent = [];
  const sink = batchSink(
    async (batch) => {
      await held;
      sent.push(...batch);
    },
    { maxBatch: 10, maxEvents: 50, intervalMs: 0 },
  );
  events(200).forEach(sink);
  assert.deepEqual([sink.counts.pending, sink.counts.dropped], [50, 150]);
  const flushed = sink.flush();
  release();
  assert.deepEqual(await flushed, { received: 200, delivered: 50, failed: 0, dropped: 150, pending: 0 });
  assert.deepEqual(
    sent.map(({ at }) => at - 1000),
    Array.from({ length: 50 }, (_, n) => n),
    "the oldest are kept, in order",
  );
  const small = batchSink(() => {}, { maxBytes: 1000, intervalMs: 0 });
  small(event(0, { arguments: "x".repeat(10_000) }));
  events(20).forEach(small);
  assert.ok(small.counts.dropped > 1 && small.counts.pending > 1 && small.counts.pending < 20);
  await small.flush();
  small(event(1));
  assert.equal(small.counts.pending, 1, "room again");
});

test("batches: a failed one is retried, then dropped; the next one is sent; a late one is aborted", async () => {
  let tries = 0;
  const sink = batchSink(
    () => {
      tries += 1;
      if (tries <= 2) throw new Error("down");
      if (tries <= 5) return Promise.reject(new Error("down"));
    },
    { maxBatch: 2, intervalMs: 0, attempts: 3, retryMs: 0 },
  );
  events(4).forEach(sink);
  assert.deepEqual(await sink.flush(), { received: 4, delivered: 2, failed: 2, dropped: 0, pending: 0 });
  assert.equal(tries, 6);
  let signal;
  const hanging = batchSink(
    (_, context) => {
      signal = context.signal;
      return new Promise(() => {});
    },
    { intervalMs: 0, attempts: 1, timeoutMs: 5 },
  );
  hanging(event());
  assert.deepEqual(await hanging.flush(), { received: 1, delivered: 0, failed: 1, dropped: 0, pending: 0 });
  assert.ok(signal.aborted);
});

test("batches: flush ends though events keep coming", async () => {
  const sink = batchSink(
    () => {
      sink(event());
    },
    { intervalMs: 0, maxBatch: 1 },
  );
  sink(event());
  await sink.flush();
  assert.equal(sink.counts.delivered, 1);
  assert.equal(sink.counts.pending, 1);
});

test("OpenTelemetry: the conventions' names where they exist, and arguments only when asked for", () => {
  assert.deepEqual(
    openTelemetryAttributes(
      event(7, {
        user: "ada",
        session: "s1",
        agent: "bot",
        upstreamCallId: "toolu_1",
        requestId: "r1",
        successful: false,
        status: 404,
        error: { kind: "not_found", code: "unknown_connection" },
      }),
    ),
    {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "NANGO_GET_PROXY",
      "gen_ai.tool.type": "extension",
      "gen_ai.tool.call.id": "toolu_1",
      "gen_ai.agent.name": "bot",
      "session.id": "s1",
      "user.id": "ada",
      "error.type": "not_found",
      "http.response.status_code": 404,
      "http.response.header.x-request-id": ["r1"],
      "nango.call.id": "call_7",
      "nango.call.attempts": 1,
      "nango.call.duration_ms": 5,
      "nango.error.code": "unknown_connection",
    },
  );
  const attempt = openTelemetryAttributes({
    type: "call.attempt",
    at: 1,
    callId: "c",
    tool: "T",
    attempt: 3,
    method: "GET",
    path: "/connections",
  });
  assert.deepEqual(
    [attempt["http.request.method"], attempt["url.path"], attempt["http.request.resend_count"]],
    ["GET", "/connections", 2],
  );
  const started = { type: "call.started", at: 1, callId: "c", tool: "T", arguments: { a: 1 } };
  assert.equal(openTelemetryAttributes(started)["gen_ai.tool.call.arguments"], undefined);
  assert.equal(openTelemetryAttributes(started, { includeArguments: true })["gen_ai.tool.call.arguments"], '{"a":1}');
});

test("OpenTelemetry: one span per call, with everything from its events", async () => {
  const spans = [];
  const tracer = {
    startSpan(name, options) {
      const span = {
        name,
        ...options,
        setStatus: (status) => (span.status = status),
        end: (time) => (span.endTime = time),
      };
      spans.push(span);
      return span;
    },
  };
  const nango = toolkit(openTelemetrySink(tracer, { includeArguments: true }));
  await nango.execute("NANGO_GET_CONNECTION", ADA);
  await nango.execute("NANGO_GET_CONNECTION", { ...ADA, connection_id: "nobody" });
  await nango.execute("NANGO_NOTHING", {});
  assert.deepEqual(
    spans.map((span) => [span.name, span.kind, span.status?.code]),
    [
      ["execute_tool NANGO_GET_CONNECTION", 0, undefined],
      ["execute_tool NANGO_GET_CONNECTION", 0, 2],
      ["execute_tool NANGO_NOTHING", 0, 2],
    ],
  );
  const [good, bad] = spans.map((span) => span.attributes);
  assert.deepEqual(
    [good["http.request.method"], good["url.path"], good["http.response.status_code"], good["nango.tool.effect"]],
    ["GET", "/connections/hubspot-ada", 200, "write"],
  );
  assert.deepEqual(JSON.parse(good["gen_ai.tool.call.arguments"]), ADA);
  assert.equal(bad["error.type"], "not_found");
  for (const span of spans) assert.ok(span.endTime >= span.startTime);
});

test("a thousand calls, fifty in flight, sinks that throw and hang: all kept, in order, without a secret", async () => {
  const kept = [];
  const thrown = callbackSink(() => {
    throw new Error("no");
  });
  const hung = callbackSink(() => new Promise(() => {}));
  const nango = toolkit(
    teeSink(thrown, hung, (event) => kept.push(event)),
    { revealSecrets: true },
  );
  const calls = [
    ["NANGO_GET_CONNECTION", ADA],
    ["NANGO_CONNECTION_LIST_GET", {}],
    ["NANGO_GET_CONNECTION", { ...ADA, connection_id: "nobody" }],
    [
      "NANGO_ADD_CONNECTION",
      {
        provider_config_key: "hubspot",
        connection_id: "new",
        credentials: { type: "OAUTH2", access_token: "planted-token-91" },
      },
    ],
    [
      "NANGO_ADD_CONNECTION",
      { provider_config_key: "hub/spot", credentials: { type: "OAUTH2", access_token: "planted-token-91" } },
    ],
    ["NANGO_GET_ENVIRONMENT_VARIABLES", {}],
    ["NANGO_NOTHING", {}],
    ["NANGO_GET_INTEGRATION", { integration_id: "hubspot", include: ["credentials"] }],
  ];
  const secrets = new Set();
  const wanted = new Map();
  let next = 0;
  const work = async () => {
    while (next < 1000) {
      const [slug, args] = calls[next++ % calls.length];
      const result = await nango.execute(slug, args);
      wanted.set(result.meta.callId, [result.meta.tool, result.successful, result.error?.kind]);
      for (const [, secret] of JSON.stringify(result.data ?? {}).matchAll(
        /"(?:access_token|refresh_token|client_secret|value|apiKey|password)":"([^"]{4,})"/g,
      ))
        secrets.add(secret);
    }
  };
  await Promise.all(Array.from({ length: 50 }, work));
  assert.equal(wanted.size, 1000);
  const byCall = Map.groupBy
    ? Map.groupBy(kept, (event) => event.callId)
    : kept.reduce((map, event) => map.set(event.callId, [...(map.get(event.callId) ?? []), event]), new Map());
  assert.equal(byCall.size, 1000);
  for (const [id, [tool, successful, kind]] of wanted) {
    const own = byCall.get(id);
    assert.deepEqual([own[0].type, own.at(-1).type], ["call.started", "call.finished"]);
    assert.deepEqual([own.at(-1).tool, own.at(-1).successful, own.at(-1).error?.kind], [tool, successful, kind]);
    assert.deepEqual(
      own.filter((event) => event.type === "call.attempt").map((event) => event.attempt),
      Array.from({ length: own.at(-1).attempts }, (_, n) => n + 1),
    );
    for (let at = 1; at < own.length; at++) assert.ok(own[at - 1].at <= own[at].at);
  }
  assert.equal(thrown.counts.failed, kept.length);
  assert.equal(hung.counts.dropped, kept.length - 1000);
  const text = JSON.stringify(kept);
  secrets.add("planted-token-91");
  assert.ok(secrets.size > 2, [...secrets].join());
  for (const secret of secrets) assert.ok(!text.includes(secret), `an event holds ${secret}`);
});

test("an async listener that rejects does not cause an unhandled rejection", async () => {
  const strays = [];
  const stray = (reason) => strays.push(reason);
  process.on("unhandledRejection", stray);
  try {
    const result = await toolkit(async () => {
      throw new Error("no");
    }).execute("NANGO_LIST_INTEGRATIONS", {});
    assert.ok(result.successful);
    await turn();
    await turn();
    assert.deepEqual(strays, []);
  } finally {
    process.off("unhandledRejection", stray);
  }
});

test("call --log appends events as JSON Lines, without secrets, readable by their owner alone", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "nango-toolkit-log-")), "audit.jsonl");
  const run = (...args) => cli(["call", ...args, "--emulator", "--log", file]);
  assert.equal((await run("NANGO_GET_CONNECTION", JSON.stringify(ADA), "--reveal-secrets")).code, 0);
  assert.equal((await run("NANGO_GET_CONNECTION", "{}")).code, 2);
  const lines = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ type }) => type),
    ["call.started", "call.attempt", "call.finished", "call.started", "call.finished"],
  );
  assert.equal(new Set(lines.map((line) => line.callId)).size, 2);
  assert.equal(lines.at(-1).error.kind, "invalid_arguments");
  if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
  const bad = await cli(["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--log", "/no/such/folder/x"]);
  assert.deepEqual([bad.code, bad.stdout], [2, ""]);
  assert.match(bad.stderr, /cannot write the file of `--log`/);
});

test("stats: a table of a log, by tool or session, and as JSON", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "nango-toolkit-stats-")), "audit.jsonl");
  for (const args of [
    ["NANGO_GET_CONNECTION", JSON.stringify(ADA)],
    ["NANGO_GET_CONNECTION", JSON.stringify({ ...ADA, connection_id: "nobody" })],
    ["NANGO_MADE_UP_1", "{}"],
    ["NANGO_MADE_UP_2", "{}"],
  ])
    await cli(["call", ...args, "--emulator", "--log", file]);
  const { code, stdout, stderr } = await cli(["stats", file]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^TOOL +CALLS +OK +P50 MS +P90 +P99 +MAX +ERRORS\n/);
  assert.match(stdout, /^NANGO_GET_CONNECTION +2 +50 % +\d+ +\d+ +\d+ +\d+ +\w+ 1$/m);
  assert.match(stdout, /^unknown +2 +0 % .* unknown_tool 2$/m);
  assert.match(stdout, /^all +4 +25 % /m);
  const lines = [
    event(1, { session: "s1" }),
    event(2, { session: "s2", successful: false, error: { kind: "server", code: "boom" } }),
    { ...event(3), type: "call.started" },
  ]
    .map(jsonLine)
    .join("");
  const told = JSON.parse((await cli(["stats", "-", "--json"], { input: `${lines}\nnonsense\n` })).stdout);
  assert.deepEqual(
    [told.total.calls, told.total.successes, told.sessions.s2.errors, told.tools.NANGO_GET_PROXY.latencyMs.max],
    [2, 1, { boom: 1 }, 5],
  );
  const bySession = await cli(["stats", "-", "--sessions"], { input: `${lines}nonsense\n` });
  assert.match(bySession.stdout, /^s1 +1 +100 %/m);
  assert.match(bySession.stderr, /1 lines are not events/);
  const empty = await cli(["stats", "-"], { input: "" });
  assert.deepEqual([empty.code, empty.stdout], [1, ""]);
  for (const [args, message] of [
    [["stats"], /a file is missing/],
    [["stats", "/no/such/file"], /cannot read `\/no\/such\/file`/],
  ]) {
    const { code, stdout, stderr } = await cli(args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, message);
  }
});
