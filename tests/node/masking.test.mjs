// Answers that are parsed by the host, outside of the module, hold nothing that the module would mask.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NangoToolkit, parseResponse } from "../../pkg/dist/entry/node.js";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const LIST = "NANGO_LIST_INTEGRATIONS";
const SECRET = "hunter2Hunter2";

/** Answers with a secret, by what tells that it is one. */
const ANSWERS = {
  ...Object.fromEntries(
    [
      "access_token",
      "apiKey",
      "API-KEY",
      "client_secret",
      "dbPass",
      "DB_PASSWORD",
      "pwd",
      "github.pat",
      "PAT",
      "otp",
      "psk",
      "jwt",
      "sig",
      "X-Amz-Signature",
      "PHPSESSID",
      "Set-Cookie",
      "authorization",
      "credentials",
      "signing key",
      "Ocp-Apim-Subscription-Key",
    ].map((name) => [`the name ${name}`, { [name]: SECRET }]),
  ),
  "a name with escapes": `{"data":[{"unique_key":"a","acc\\u0065ss_t\\u006fken":"${SECRET}"}]}`,
  "a URL with a password": { logo: `https://ada:${SECRET}@example.com` },
  "a URL with a query": { logo: `https://example.com/?access%5Ftoken=${SECRET}` },
  "a header": { note: `Authorization: Bearer ${SECRET}` },
  "a pair of name and value": { custom: [{ name: "password", value: SECRET }] },
  "a key beside a URL": { key: `${SECRET}0123`, url: "https://example.com" },
};

for (const [what, answer] of Object.entries(ANSWERS)) {
  test(`masks ${what}`, async () => {
    const body = typeof answer === "string" ? answer : JSON.stringify({ data: [{ unique_key: "a", ...answer }] });
    const fetch = async () => new Response(body, { headers: { "content-type": "application/json" } });
    const result = await new NangoToolkit({ apiKey: KEY, fetch }).execute(LIST, {});
    assert.ok(result.successful);
    assert.ok(!JSON.stringify(result).includes(SECRET), JSON.stringify(result));
    const headers = { "content-type": "application/json" };
    assert.deepEqual(result.data, parseResponse(LIST, { status: 200, headers, body }).data);
  });
}

test("leaves an answer without secrets as it is", async () => {
  const data = [{ unique_key: "hubspot", provider: "hubspot", created_at: "2026-01-01T00:00:00.000Z" }];
  const nango = new NangoToolkit({ apiKey: KEY, fetch: async () => Response.json({ data }) });
  assert.deepEqual((await nango.execute(LIST, {})).data, { data });
});
