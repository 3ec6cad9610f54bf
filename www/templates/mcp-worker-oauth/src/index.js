import { AuthorizationError, OAuthProvider } from "@cloudflare/workers-oauth-provider";
import { createMcpHandler } from "nango-toolkit/mcp";

// An MCP server at /mcp behind OAuth 2.1, for hosts that require OAuth (claude.ai, ChatGPT). Anyone who knows
// ACCESS_PASSWORD may let an application in. It reads only: remove `readOnly` to allow changes.
let provider;

export default {
  fetch(request, env, context) {
    if (!((env.ACCESS_PASSWORD?.length ?? 0) >= 16) || !env.NANGO_SECRET_KEY)
      return Response.json(
        { error: "set the secrets NANGO_SECRET_KEY and ACCESS_PASSWORD (16 characters or more)" },
        { status: 503 },
      );
    provider ??= makeProvider(new URL(request.url).origin, env);
    return provider.fetch(request, env, context);
  },
};

function makeProvider(origin, { NANGO_SECRET_KEY, NANGO_HOST }) {
  // Only requests with a token of the provider get here.
  const handler = createMcpHandler({
    apiKey: NANGO_SECRET_KEY,
    baseUrl: NANGO_HOST,
    readOnly: true,
    allowAnonymous: true,
  });
  return new OAuthProvider({
    apiRoute: "/mcp",
    apiHandler: { fetch: (request) => handler(request) },
    defaultHandler: { fetch: authorize },
    authorizeEndpoint: "/authorize",
    tokenEndpoint: "/token",
    clientRegistrationEndpoint: "/register",
    scopesSupported: ["nango", "offline_access"],
    requiredScopes: ["nango"],
    resourceMetadata: { resource: `${origin}/mcp`, authorization_servers: [origin] },
  });
}

async function authorize(request, env) {
  if (new URL(request.url).pathname !== "/authorize") return Response.json({ error: "not found" }, { status: 404 });
  const oauth = env.OAUTH_PROVIDER;
  try {
    if (request.method !== "POST") return await ask(oauth, request);
    const form = await request.formData();
    const handle = String(form.get("handle"));
    if (form.get("decision") !== "approve") return redirect((await oauth.denyConsent(request, handle)).headers);
    if (!(await same(String(form.get("password")), env.ACCESS_PASSWORD)))
      return page(
        `<p>That is not the password. <a href="javascript:history.back()">Try again</a></p>`,
        new Headers(),
        403,
      );
    const approved = await oauth.approveConsent(request, handle);
    const { redirectTo } = await oauth.completeAuthorization({
      request: approved.request,
      userId: "owner",
      metadata: {},
      scope: approved.request.scope,
      props: {},
    });
    approved.headers.set("location", redirectTo);
    return redirect(approved.headers);
  } catch (error) {
    if (!(error instanceof AuthorizationError)) throw error;
    return error.redirectTo
      ? Response.redirect(error.redirectTo, 302)
      : page(`<p>${escape(error.description ?? error.message)}</p>`, new Headers(), 400);
  }
}

async function ask(oauth, request) {
  const asked = await oauth.parseAuthRequest(request);
  const client = await oauth.describeConsent(asked);
  const { headers, handle } = await oauth.beginConsent(asked);
  const origin = client.clientDomain
    ? `It is published by <b>${escape(client.clientDomain)}</b>.`
    : "It registered itself; its name is not verified.";
  const local = client.redirectIsLoopback
    ? "<p><b>It runs on your computer.</b> Go on only if you have just started it yourself.</p>"
    : "";
  return page(
    `<h1>Let ${escape(client.clientName)} use Nango?</h1>
<p>${origin} Access goes to <b>${escape(client.redirectHost)}</b>.</p>${local}
<form method="post"><input type="hidden" name="handle" value="${escape(handle)}">
<p><label>Password <input type="password" name="password" autocomplete="current-password" autofocus></label></p>
<p>${decision("approve", "Allow")} ${decision("deny", "Deny")}</p></form>`,
    headers,
  );
}

const decision = (value, title) => `<button name="decision" value="${value}">${title}</button>`;

const HEAD =
  '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Nango</title>' +
  '<body style="font:16px system-ui;max-width:34em;margin:4em auto">';

function page(body, headers, status = 200) {
  headers.set("content-type", "text/html; charset=utf-8");
  return new Response(HEAD + body, { status, headers });
}

const redirect = (headers) => new Response(null, { status: 302, headers });
const escape = (text) => String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Compares digests, in constant time with regard to the secret. */
async function same(given, secret) {
  const [a, b] = await Promise.all(
    [given, secret].map(
      async (text) => new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
    ),
  );
  return a.reduce((difference, byte, at) => difference | (byte ^ b[at]), 0) === 0;
}
