// Many concurrent calls, each from an `AsyncLocalStorage` context of its user: every function of the host that runs
// for a call must find that user there. Independent of the runtime.

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const POLICY = { default: "allow", rules: [{ id: "ask", then: "confirm", tool: "NANGO_DELETE_CONNECTION" }] };
const LIMITED = { error: { code: "too_many_request", message: "slow down", method: "GET", path: "/connections" } };
const CHAINS = 4;

/** `AsyncLocalStorage`, where the runtime has it. */
export const contextStorage = () =>
  globalThis.AsyncLocalStorage ?? globalThis.process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const json = (value, status = 200, headers = {}) =>
  new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json", ...headers } });

/**
 * Every user makes their calls in a few chains, all users at once. A third of the calls wait before they are sent
 * again, a third lose their first attempt to a deadline, a third ask for the key or an approval first.
 * @returns what was seen: how often each place was looked at, and each look that found another than the caller.
 */
export async function mixedCalls({ NangoToolkit }, AsyncLocalStorage, { users = 50, calls = 1000 } = {}) {
  const storage = new AsyncLocalStorage();
  const counts = {};
  const strangers = [];
  const look = (where, expected) => {
    const found = storage.getStore()?.user;
    counts[where] = (counts[where] ?? 0) + 1;
    if (found !== expected) strangers.push(`${where}: ${found} in place of ${expected}`);
  };
  const tries = new Map();
  const answers = new Map();
  const keys = {};
  const events = [];

  /** Answers by the name of the connection: `USER_KIND_NUMBER`. */
  async function fetch(url) {
    const [id, user, kind] = /(u\d+)_([a-z]+)_\d+/.exec(url);
    look(`fetch, ${kind}`, user);
    const tried = (tries.get(id) ?? 0) + 1;
    tries.set(id, tried);
    if (tried === 1 && kind === "limited") return json(LIMITED, 429, { "retry-after": "1" });
    if (tried === 1 && kind === "failing") return json({ error: { code: "server_error", message: "it broke" } }, 503);
    if (tried === 1 && kind === "never") return new Promise(() => {});
    // Its response arrives while the next attempt is pending, so surely after the deadline.
    if (tried === 1 && kind === "late") await new Promise((resolve) => answers.set(id, resolve));
    else if (kind === "late") answers.get(id)();
    await pause(tried % 3);
    look(`fetch later, ${kind}`, user);
    return json({ connection_id: id, success: true });
  }

  const onEvent = (event) => events.push([event.callId, storage.getStore()?.user]);
  const common = { fetch, onEvent, retry: { attempts: 6, baseMs: 5, maxMs: 20 } };
  const plain = new NangoToolkit({ ...common, apiKey: KEY });
  const asking = new NangoToolkit({
    ...common,
    policy: POLICY,
    // It does not know which call it is for: the number of requests per user is compared below.
    apiKey: async () => {
      const before = storage.getStore()?.user;
      keys[before] = (keys[before] ?? 0) + 1;
      await pause(keys[before] % 7);
      look("key", before);
      return KEY;
    },
    onApproval: async (summary) => {
      const [, user] = /(u\d+)_/.exec(JSON.stringify(summary));
      look("approval", user);
      await pause(3);
      look("approval later", user);
      return true;
    },
  });

  const KINDS = [
    ["limited", plain, "NANGO_GET_CONNECTION", {}],
    ["never", plain, "NANGO_GET_CONNECTION", { timeoutMs: 200 }],
    ["key", asking, "NANGO_GET_CONNECTION", {}],
    ["failing", plain, "NANGO_GET_CONNECTION", {}],
    ["late", plain, "NANGO_GET_CONNECTION", { timeoutMs: 200 }],
    ["approved", asking, "NANGO_DELETE_CONNECTION", {}],
  ];
  const callers = new Map();
  const asked = {};

  async function call(number) {
    const user = `u${number % users}`;
    const [kind, nango, slug, options] = KINDS[Math.floor(number / users) % KINDS.length];
    const id = `${user}_${kind}_${number}`;
    if (nango === asking) asked[user] = (asked[user] ?? 0) + 1;
    const { successful, data, error, meta } = await nango.execute(
      slug,
      { connection_id: id, provider_config_key: "hubspot" },
      options,
    );
    look(`after execute, ${kind}`, user);
    callers.set(meta.callId, user);
    if (!successful || (kind !== "approved" && data.connection_id !== id))
      throw new Error(`${id}: ${JSON.stringify(error ?? data)}`);
    const again = kind !== "key" && kind !== "approved";
    if (again ? meta.attempts < 2 : meta.attempts !== 1) throw new Error(`${id}: ${meta.attempts} attempts`);
  }

  const chain = async (user, from) => {
    for (let number = user + from * users; number < calls; number += users * CHAINS) await call(number);
  };
  const begin = (user) =>
    storage.run({ user: `u${user}` }, () => Array.from({ length: CHAINS }, (_, from) => chain(user, from)));
  await Promise.all(Array.from({ length: users }, (_, user) => begin(user)).flat());

  for (const [callId, user] of events) {
    counts.event = (counts.event ?? 0) + 1;
    if (callers.get(callId) !== user) strangers.push(`event: ${user} in place of ${callers.get(callId)}`);
  }
  for (const user of new Set([...Object.keys(asked), ...Object.keys(keys)])) {
    if (asked[user] !== keys[user])
      strangers.push(`key: asked ${keys[user]} times as ${user}, who made ${asked[user]} calls`);
  }
  return { counts, strangers };
}
