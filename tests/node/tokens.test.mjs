// Session tokens: how another instance with the key reads them, and everything that must be refused.
import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, createSign, randomBytes } from "node:crypto";
import { mock, test } from "node:test";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { NangoToolkit } from "../../pkg/dist/entry/node.js";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";

const KEY = "0123456789abcdef0123456789abcdef";
const { fetch, apiKey, baseUrl } = createEmulator({ rateLimit: 1_000_000 });
const toolkit = (options = {}) => new NangoToolkit({ fetch, apiKey, baseUrl, sessionKey: KEY, ...options });
const nango = toolkit();

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
const signed = (header, claims, key = KEY) => {
  const body = `${part(header)}.${part(claims)}`;
  return `${body}.${createHmac("sha256", key).update(body).digest("base64url")}`;
};
const HS256 = { alg: "HS256", typ: "JWT" };
const refused = (token, code = "invalid_token", key = KEY) =>
  assert.rejects(nango.sessionFromToken(token, key), { name: "NangoToolkitError", code }, String(token).slice(0, 80));

test("another instance makes the same session from a token, and nothing of it is stored", async () => {
  const options = {
    user: "ada",
    organization: "acme",
    tags: { team: "sales" },
    agent: "helper",
    roles: ["a"],
    toolsets: ["connections"],
    readOnly: true,
    policy: { default: "allow", rules: [] },
  };
  const session = nango.session(options);
  const token = await session.token();
  const claims = claimsOf(token);
  assert.deepEqual(
    [claims.iss, claims.sub, claims.jti, claims.exp - claims.iat],
    ["nango-toolkit", "ada", session.id, 3600],
  );
  const again = await toolkit().sessionFromToken(token);
  assert.deepEqual(again.options, session.options);
  assert.equal(again.id, session.id);
  const list = await again.execute("NANGO_CONNECTION_LIST_GET", {});
  assert.ok(list.successful);
  assert.ok(list.data.connections.every((one) => one.tags.end_user_id === "ada" && one.tags.team === "sales"));
  assert.deepEqual(again.tools(), session.tools());
  assert.ok(!token.includes(apiKey) && !JSON.stringify(claims).includes(apiKey));
});

test("a token names its environment", async () => {
  const environments = { production: { apiKey, baseUrl }, development: { apiKey: randomUUID4(), baseUrl } };
  const two = new NangoToolkit({ fetch, environments, environment: "development", sessionKey: KEY });
  const again = await two.sessionFromToken(await two.session({ user: "ada", environment: "production" }).token());
  assert.ok((await again.execute("NANGO_LIST_INTEGRATIONS", {})).successful);
  await assert.rejects(nango.sessionFromToken(await two.session({ user: "ada" }).token()), {
    message: /there is no environment `development`/,
  });
});
const randomUUID4 = () => "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

test("every change to a token is refused: each letter, each part, each cut", async () => {
  const token = await nango.session({ user: "ada" }).token();
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (let at = 0; at < token.length; at++) {
    const other = letters[(letters.indexOf(token[at]) + 1 + (at % 60)) % 64];
    await refused(token.slice(0, at) + (other === token[at] ? "!" : other) + token.slice(at + 1));
  }
  for (let length = 0; length < token.length; length += 7) await refused(token.slice(0, length));
  const [header, payload, signature] = token.split(".");
  for (const odd of [
    `${token}.`,
    `${token}=`,
    ` ${token}`,
    `${token}\n`,
    `${header}.${payload}.`,
    `${header}.${payload}`,
    `..${signature}`,
    `${header}..${signature}`,
    `.${payload}.${signature}`,
    `${header}.${payload}.${signature}.${signature}`,
    `Bearer ${token}`,
    token.replace("-", "+"),
  ].filter((one) => one !== token))
    await refused(odd);
  for (const nothing of [undefined, null, "", 5, {}, "x", "a.b.c", "x".repeat(100_000)]) await refused(nothing);
});

test("other claims under the same signature, and signatures by other keys, are refused", async () => {
  const [header, payload, signature] = (await nango.session({ user: "ada" }).token()).split(".");
  const claims = claimsOf(`.${payload}.`);
  for (const change of [
    { sub: "eve" },
    { session: { ...claims.session, user: "eve" } },
    { exp: claims.exp + 1 },
    { env: "production" },
  ]) {
    await refused(`${header}.${part({ ...claims, ...change })}.${signature}`);
  }
  await refused(signed(HS256, claims, "another key, and as long as it takes"));
  await refused(
    await toolkit({ sessionKey: randomBytes(32) })
      .session({ user: "ada" })
      .token(),
  );
  await refused(`${header}.${payload}.${signature}`, "invalid_token", "another key, and as long as it takes");
});

test("any other header is refused, whatever it says and however it is signed", async () => {
  const claims = claimsOf(await nango.session({ user: "ada" }).token());
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rs256 = (() => {
    const body = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}`;
    return `${body}.${createSign("RSA-SHA256").update(body).sign(privateKey).toString("base64url")}`;
  })();
  await refused(rs256);
  for (const header of [
    { alg: "none" },
    { alg: "none", typ: "JWT" },
    { alg: "None", typ: "JWT" },
    { alg: "HS512", typ: "JWT" },
    { alg: "HS256" },
    { typ: "JWT", alg: "HS256" },
    { alg: "hs256", typ: "JWT" },
    { ...HS256, kid: "../../etc/passwd" },
    { ...HS256, jwk: {} },
    { ...HS256, crit: [] },
    {},
  ]) {
    await refused(signed(header, claims));
    await refused(`${part(header)}.${part(claims)}.`);
  }
  await refused(signed({ alg: "HS384", typ: "JWT" }, claims));
  assert.ok(await nango.sessionFromToken(signed(HS256, claims)), "what is signed as ours are is good");
});

test("foreign claims are refused, although correctly signed", async () => {
  const good = claimsOf(await nango.session({ user: "ada" }).token());
  const now = Math.floor(Date.now() / 1000);
  for (const change of [
    { iss: "somebody" },
    { iss: undefined },
    { exp: undefined },
    { exp: String(good.exp) },
    { exp: null },
    { iat: undefined },
    { iat: now + 3600 },
  ]) {
    await refused(signed(HS256, { ...good, ...change }));
  }
  await refused(signed(HS256, { ...good, exp: now - 1 }), "expired_token");
  for (const session of [undefined, null, {}, { user: "" }, { user: "ada", admin: true }, { user: 5 }, []]) {
    await assert.rejects(
      nango.sessionFromToken(signed(HS256, { ...good, session })),
      { name: "NangoToolkitError" },
      JSON.stringify(session),
    );
  }
  for (const odd of [null, [], "text", 5])
    await assert.rejects(nango.sessionFromToken(signed(HS256, odd)), { name: "NangoToolkitError" });
  const body = `${part(HS256)}.${Buffer.from("no json").toString("base64url")}`;
  await assert.rejects(
    nango.sessionFromToken(`${body}.${createHmac("sha256", KEY).update(body).digest("base64url")}`),
    { name: "NangoToolkitError" },
  );
});

test("a token expires at its second, and no later", async () => {
  mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
  try {
    const token = await nango.session({ user: "ada" }).token({ expiresInMs: 10_000 });
    mock.timers.setTime(1_700_000_009_999);
    assert.ok(await nango.sessionFromToken(token));
    mock.timers.setTime(1_700_000_010_000);
    await refused(token, "expired_token");
  } finally {
    mock.timers.reset();
  }
  for (const expiresInMs of [0, -1, NaN, Infinity, "60"])
    await assert.rejects(nango.session({ user: "ada" }).token({ expiresInMs }), { code: "invalid_option" });
});

test("keys: at least 32 bytes, as text or bytes; a revoked session's token is refused", async () => {
  for (const key of ["", "x".repeat(31), new Uint8Array(31), undefined, 5, {}]) {
    await assert.rejects(toolkit({ sessionKey: undefined }).session({ user: "ada" }).token({ key }), {
      code: "invalid_option",
    });
    await assert.rejects(toolkit({ sessionKey: undefined }).sessionFromToken("x", key), { code: "invalid_option" });
  }
  const bytes = new TextEncoder().encode(KEY);
  for (const key of [bytes, bytes.buffer, new DataView(bytes.buffer), KEY]) {
    assert.ok(await nango.sessionFromToken(await nango.session({ user: "ada" }).token({ key }), KEY));
  }
  const store = { revoked: () => true };
  const again = await toolkit({ store }).sessionFromToken(await nango.session({ user: "ada" }).token());
  assert.equal((await again.execute("NANGO_LIST_INTEGRATIONS", {})).error.code, "session_revoked");
  await assert.rejects(
    nango
      .session({
        user: "ada",
        policy: {
          default: "allow",
          rules: Array.from({ length: 500 }, (_, n) => ({ id: `rule-${n}`, then: "deny", tool: "NANGO_DELETE_*" })),
        },
      })
      .token(),
    { message: /at most 16384/ },
  );
});

test("session.mcp() is what an MCP client takes", async () => {
  const session = toolkit({ mcpBaseUrl: "https://mcp.example/mcp" }).session({ user: "ada" });
  const { url, headers } = await session.mcp();
  assert.equal(url, "https://mcp.example/mcp");
  const again = await nango.sessionFromToken(headers.Authorization.replace(/^Bearer /, ""));
  assert.equal(again.id, session.id);
});

test("an MCP server takes session.mcp() for its session, another instance's too, and nothing else", async () => {
  const session = toolkit({ mcpBaseUrl: "https://mcp.example/mcp" }).session({
    user: "ada",
    tools: ["NANGO_CONNECTION_LIST_GET"],
  });
  const { url, headers } = await session.mcp();
  const handle = createMcpHandler({ toolkit: nango, sessionTokens: true });
  const ask = async (more, method, params = {}) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const response = await handle(
      new Request(url, {
        method: "POST",
        body,
        headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...more },
      }),
    );
    return response.ok ? (await response.json()).result : response.status;
  };
  const { tools } = await ask(headers, "tools/list");
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["NANGO_CONNECTION_LIST_GET"],
  );
  const { structuredContent } = await ask(headers, "tools/call", { name: "NANGO_CONNECTION_LIST_GET", arguments: {} });
  assert.ok(
    JSON.stringify(structuredContent).includes("hubspot-ada") &&
      !JSON.stringify(structuredContent).includes("hubspot-katherine"),
  );
  for (const Authorization of [
    undefined,
    "Bearer x",
    `${headers.Authorization}x`,
    `Bearer ${await session.token({ key: "another key, and as long as it takes" })}`,
  ]) {
    assert.equal(await ask(Authorization ? { Authorization } : {}, "tools/list"), 401);
  }
  assert.throws(() => createMcpHandler({ toolkit: session, sessionTokens: true }), { message: /sessionTokens/ });
  for (const options of [{ toolkit: toolkit({ sessionKey: undefined }) }, { fetch, apiKey, baseUrl }]) {
    assert.throws(() => createMcpHandler({ ...options, sessionTokens: true }), {
      code: "invalid_option",
      message: "`sessionTokens` needs the toolkit's option `sessionKey`",
      hint: "generate one: `openssl rand -hex 32`",
    });
  }
  assert.ok(createMcpHandler({ fetch, apiKey, baseUrl, sessionKey: KEY, sessionTokens: true }));
  await assert.rejects(toolkit({ sessionKey: undefined }).session({ user: "ada" }).token(), {
    message: "there is no key for session tokens",
    hint: /`sessionKey` \(or `key` of this call\): at least 32 random bytes.*openssl rand -hex 32/,
  });
});

test("requests with one token share what their session counts and waits for; another token does not", async () => {
  const policy = { default: "allow", limits: [{ tool: "NANGO_LIST_INTEGRATIONS", calls: 1 }] };
  const kit = toolkit({ policy });
  const session = kit.session({ user: "ada" });
  const call = async (token) =>
    (await (await kit.sessionFromToken(token)).execute("NANGO_LIST_INTEGRATIONS", {})).error?.kind ?? "ok";
  const token = await session.token();
  assert.deepEqual(
    [await call(token), await call(token), await call(await session.token({ expiresInMs: 60_000 }))],
    ["ok", "denied", "denied"],
  );
  assert.equal(await call(await kit.session({ user: "ada" }).token()), "ok");
});
