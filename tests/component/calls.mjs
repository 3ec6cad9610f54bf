// Whole calls without a network: the host's answers and its clock follow a script, and every step of the call is
// recorded in a transcript. The JavaScript binding and a component are driven by the same loop.
import { u64 } from "./hosts.mjs";
import * as same from "./same.mjs";

export const START = 1_800_000_000_000;
export const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const OTHER = "11111111-2222-4333-8444-555555555555";
const ADA = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
const json = (status, body, more = []) => ({
  status,
  headers: [["content-type", "application/json"], ...more],
  body: JSON.stringify(body),
});
const CONNECTIONS = json(200, { connections: [{ ...ADA, id: 1, end_user: { id: "ada" }, tags: {} }] });
const SECRET = json(200, {
  ...ADA,
  credentials: { type: "OAUTH2", access_token: "hunter2", refresh_token: "hunter3", raw: {} },
});

/** Each call: `tool`, `args`, `answers` in order (a response, `{ lost }` or `{ late }`), `keys`, `approvals`. */
const calls = {
  success: [{ tool: "NANGO_LIST_INTEGRATIONS", answers: [json(200, { data: [] }, [["X-Request-Id", "r1"]])] }],
  "tries again after 503, with jitter": [
    { tool: "NANGO_LIST_INTEGRATIONS", answers: [json(503, {}), json(503, {}), json(200, { data: [] })] },
  ],
  "tries again after Nango's own 429, when it says": [
    {
      tool: "NANGO_CREATE_CONNECT_SESSION",
      args: { tags: { end_user_id: "u1" } },
      answers: [
        json(429, { error: { code: "too_many_request", method: "POST", path: "/connect/sessions" } }, [
          ["Retry-After", "3"],
        ]),
        json(201, { data: { token: "secret", connect_link: "https://connect.example", expires_at: "2030" } }),
      ],
    },
  ],
  "lost, late, lost: the end": [
    { tool: "NANGO_LIST_INTEGRATIONS", answers: [{ lost: "refused" }, { late: true }, { lost: "refused" }] },
  ],
  "lost while it adds something: not again": [
    { tool: "NANGO_CREATE_CONNECT_SESSION", args: { tags: { end_user_id: "u1" } }, answers: [{ lost: "reset" }] },
  ],
  "wrong arguments": [{ tool: "NANGO_GET_CONNECTION", args: { connection_id: 5 } }],
  "unknown tool": [{ tool: "NANGO_GET_CONECTION" }],
  "no usable key": [
    { tool: "NANGO_LIST_INTEGRATIONS", keys: ["nope"] },
    { tool: "NANGO_LIST_INTEGRATIONS", keys: [{ why: "the vault is shut" }] },
  ],
  "another key, where Nango refused the first": [
    {
      tool: "NANGO_LIST_INTEGRATIONS",
      keys: [KEY, OTHER],
      answers: [json(401, { error: { code: "unknown_account" } }), json(200, { data: [] })],
    },
  ],
  "the same key again: Nango's own answer": [
    { tool: "NANGO_LIST_INTEGRATIONS", keys: [KEY, KEY], answers: [json(401, { error: { code: "unknown_account" } })] },
  ],
  denied: [{ options: { policy: { readOnly: true } }, tool: "NANGO_DELETE_CONNECTION", args: ADA }],
  "confirmed later by its token, once": [
    {
      options: {
        policy: { default: "allow", rules: [{ id: "ask", then: "confirm", tool: "NANGO_DELETE_CONNECTION" }] },
      },
      tool: "NANGO_DELETE_CONNECTION",
      args: ADA,
      approvals: [{ pending: "confirm_0123456789abcdef" }],
    },
    {
      tool: "NANGO_DELETE_CONNECTION",
      args: ADA,
      overrides: { confirm: "confirm_0123456789abcdef" },
      answers: [json(200, { success: true })],
    },
    {
      tool: "NANGO_DELETE_CONNECTION",
      args: ADA,
      overrides: { confirm: "confirm_0123456789abcdef" },
      approvals: ["refused"],
    },
    { tool: "NANGO_DELETE_CONNECTION", args: ADA, approvals: ["granted"], answers: [json(200, { success: true })] },
  ],
  "a session looks up the owner of a connection, and remembers it": [
    {
      options: { session: { user: "ada", id: "session_1" } },
      tool: "NANGO_GET_CONNECTION",
      args: ADA,
      answers: [CONNECTIONS, SECRET],
    },
    { tool: "NANGO_GET_CONNECTION", args: ADA, answers: [SECRET] },
    { tool: "NANGO_GET_ENVIRONMENT_VARIABLES" },
  ],
  "a limit counts the calls of its toolkit": [
    {
      options: { policy: { default: "allow", limits: [{ tool: "NANGO_LIST_INTEGRATIONS", calls: 1 }] } },
      tool: "NANGO_LIST_INTEGRATIONS",
      answers: [json(200, { data: [] })],
    },
    { tool: "NANGO_LIST_INTEGRATIONS" },
  ],
  "secrets are masked, except those that are requested": [
    { tool: "NANGO_GET_CONNECTION", args: ADA, answers: [SECRET] },
    {
      tool: "NANGO_GET_CONNECTION",
      args: ADA,
      overrides: { revealSecrets: ["access_token"], upstreamCallId: "toolu_1" },
      answers: [SECRET],
    },
  ],
  "pages of lists, also those of a provider": [
    {
      tool: "NANGO_LIST_RECORDS",
      args: { ...ADA, model: "Contact", limit: 1 },
      overrides: { paging: true },
      answers: [json(200, { records: [{ id: "1" }], next_cursor: "MQ==" })],
    },
    {
      options: { session: { user: "ada", id: "session_1" } },
      tool: "NANGO_CONNECTION_LIST_GET",
      overrides: { paging: true },
      answers: [CONNECTIONS],
    },
    {
      tool: "NANGO_GET_PROXY",
      args: { ...ADA, any_path: "crm/v3/objects/contacts", query_params: { limit: 2 } },
      overrides: { paging: { type: "link", link_rel_in_response_header: "next" } },
      answers: [
        {
          ...json(200, [1, 2]),
          headers: [
            ["content-type", "application/json"],
            ["link", '<https://api.example.com/base/crm/v3/objects/contacts?limit=2&after=2>; rel="next"'],
          ],
        },
      ],
    },
    { tool: "NANGO_GET_PROXY", args: { ...ADA, any_path: "a" }, overrides: { paging: true } },
  ],
  "cancelled before, and while an answer is awaited": [
    { tool: "NANGO_LIST_INTEGRATIONS", cancelled: true },
    { tool: "NANGO_DELETE_CONNECTION", args: ADA, answers: [{ cancel: true }] },
  ],
};

/** Drives one call by its script: `start` and `poll` return a step, `tell` passes an answer on and returns nothing. */
async function drive(call, at, { answers = [], keys = [KEY], approvals = [], cancelled = false }) {
  const transcript = [];
  const [left, keysLeft, approvalsLeft] = [[...answers], [...keys], [...approvals]];
  let now = at;
  let step = await call.start(now, cancelled);
  for (let count = 0; count < 50; count++) {
    transcript.push({ at: now, ...step.said }, ...(await call.events()));
    now += 7;
    const { send, wait, key, approval, done } = step.said;
    if (done) return { transcript, now };
    if (send) {
      const answer = left.shift();
      if (!answer) throw new Error("the script has no further answer");
      if (answer.lost) step = await call.lost(answer.lost, now);
      else if (answer.cancel) step = await call.cancel(now);
      else if (answer.late) step = await call.poll((now = send.until));
      else step = await call.answer(answer, now);
    } else if (wait) step = await call.poll((now = wait));
    else if (key !== undefined) step = await call.key(keysLeft.shift(), now);
    else if (approval) step = await call.approve(approvalsLeft.shift(), now);
  }
  throw new Error("the call does not end");
}

/** The calls of a script, one at a time, with one toolkit. `make` creates a toolkit from options and starts calls. */
async function play(script, make) {
  const toolkit = await make(script[0].options ?? {});
  const transcripts = [];
  let [at, seed] = [START, 0.5];
  for (const { tool, args = {}, overrides, ...rest } of script) {
    const { transcript, now } = await drive(
      await toolkit(tool, JSON.stringify(args), overrides && JSON.stringify(overrides), seed),
      at,
      rest,
    );
    transcripts.push(transcript);
    [at, seed] = [now + 1000, seed / 2];
  }
  return transcripts;
}

/** The bits of a number, which the binding uses as the seed. */
const bits = (number) => new BigUint64Array(new Float64Array([number]).buffer)[0];

/** Calls of the JavaScript binding, with the host's clock, timers and `fetch` replaced while one runs. */
const ofBinding =
  ({ core }) =>
  (options) => {
    let stage;
    const asked = () => new Promise((resolve, reject) => (stage.key = { resolve, reject }));
    const toolkit = new core.Toolkit(
      JSON.stringify(options),
      asked,
      (event) => void stage.events.push({ event }),
      () => {},
      (callback) => callback,
    );
    return (tool, args, overrides, seed) => {
      const controller = new AbortController();
      const real = { now: Date.now, setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
      let timers = [];
      const run = {
        signal: controller.signal,
        fetch:
          () =>
          (url, { method, headers, body = null }) =>
            new Promise(
              (resolve, reject) => (stage.sent = { request: { method, url, headers, body }, resolve, reject }),
            ),
        approve: (summary) => new Promise((resolve) => (stage.approval = { summary: JSON.parse(summary), resolve })),
        mayStart: async () => true,
        done: (json, data, text, _exact, page) => {
          stage.done = JSON.parse(json);
          if (text !== undefined) stage.done.data = JSON.parse(text);
          else if (data !== undefined) stage.done.data = data;
          if (page !== undefined) stage.done.page = JSON.parse(page);
        },
      };
      /** The next step of the call when nothing is pending. */
      const next = async () => {
        await new Promise((resolve) => setImmediate(resolve));
        await new Promise((resolve) => setImmediate(resolve));
        const until = timers.at(-1)?.until;
        if (stage.done) {
          Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
          Date.now = real.now;
          return { said: { done: stage.done } };
        }
        if (stage.key) return { said: { key: stage.keys > 0 } };
        if (stage.approval) return { said: { approval: stage.approval.summary } };
        if (stage.sent) return { said: { send: { request: stage.sent.request, until } } };
        return { said: { wait: until } };
      };
      /** Advances the clock to a time. */
      const happen = (now, act) => {
        Date.now = () => now;
        act();
        return next();
      };
      const take = (name) => {
        const taken = stage[name];
        stage[name] = undefined;
        return taken;
      };
      return {
        start: (now, cancelled) => {
          stage = { events: [], keys: 0 };
          globalThis.setTimeout = (callback, ms) => (timers.push({ callback, until: Date.now() + ms }), timers.at(-1));
          globalThis.clearTimeout = (timer) => (timers = timers.filter((one) => one !== timer));
          if (cancelled) controller.abort();
          return happen(now, () => toolkit.execute(tool, args, overrides ?? "", seed, run));
        },
        events: () => stage.events.splice(0),
        poll: (now) =>
          happen(now, () => {
            stage.sent = undefined;
            timers.filter(({ until }) => until <= now).forEach(({ callback }) => callback());
          }),
        key: (key, now) =>
          happen(now, () => {
            stage.keys += 1;
            const { resolve, reject } = take("key");
            if (key.why) reject(new Error(key.why));
            else resolve(key);
          }),
        answer: ({ status, headers, body }, now) =>
          happen(now, () => take("sent").resolve({ status, headers: new Headers(headers), text: async () => body })),
        lost: (why, now) => happen(now, () => take("sent").reject(new Error(why))),
        cancel: (now) => happen(now, () => controller.abort()),
        approve: (how, now) => happen(now, () => take("approval").resolve(how.pending ?? how === "granted")),
      };
    };
  };

/** Calls of a component. */
const ofComponent = (host) => async (options) => {
  const { ok: toolkit } = await host.call("[static]toolkit.open", JSON.stringify(options));
  return async (tool, args, overrides, seed) => {
    const { ok: call } = await host.call("[constructor]call", toolkit, tool, args, overrides ?? "{}", u64(bits(seed)));
    const ask = async (method, ...given) => {
      const answer = await host.call(`[method]call.${method}`, call, ...given);
      if (!("ok" in answer)) throw new Error(`${method}: ${JSON.stringify(answer)}`);
      return answer.ok;
    };
    const poll = async (now) => {
      const { tag, val } = await ask("poll", u64(now));
      if (tag === "send") return { said: { send: { request: same.request(val.request), until: val.until } } };
      if (tag === "approval") return { said: { approval: JSON.parse(val) } };
      return { said: { [tag]: tag === "done" ? same.outcome(val) : val } };
    };
    const then = async (now, method, ...given) => (await ask(method, ...given, u64(now)), poll(now));
    return {
      start: async (now, cancelled) => (cancelled ? then(now, "cancel") : poll(now)),
      events: async () => (await ask("take-events")).map((event) => ({ event: JSON.parse(event) })),
      poll,
      key: (key, now) => then(now, "handle-key", key.why ? { tag: "err", val: key.why } : { tag: "ok", val: key }),
      answer: (answer, now) => then(now, "handle-response", answer),
      lost: (why, now) => then(now, "handle-transport-error", why),
      cancel: (now) => then(now, "cancel"),
      approve: (how, now) =>
        then(now, "handle-approval", how.pending ? { tag: "pending", val: how.pending } : { tag: how }),
    };
  };
};

/** Every script: `[name, its transcript by the binding, its transcript by a component]`. */
export const scripts = (loaded) =>
  Object.entries(calls).map(([name, script]) => [
    name,
    () => play(script, ofBinding(loaded)),
    (host) => play(script, ofComponent(host)),
  ]);
