// Nango's tools for the agents of your users. Your backend asks for a session of the user who has signed in; the
// agent gets its token and acts for that user, within the policy, over HTTP or MCP.
import { type Context, Hono } from "hono";
import { bearerAuth } from "hono/bearer-auth";
import { timingSafeEqual } from "hono/utils/buffer";
import { NangoToolkit, NangoToolkitError, type Policy, type Session } from "nango-toolkit";
import { createMcpHandler } from "nango-toolkit/mcp";

interface Env {
  Bindings: {
    /** The key of your Nango environment. */
    NANGO_SECRET_KEY: string;
    /** Signs the tokens of sessions: openssl rand -hex 32 */
    SESSION_KEY: string;
    /** What your backend sends as bearer token: openssl rand -hex 32 */
    BACKEND_TOKEN: string;
    /** A Nango server of your own. */
    NANGO_HOST?: string;
  };
  Variables: { service: Service; session: Session };
}

const policy: Policy = {
  default: "allow",
  rules: [
    { id: "nothing-destructive", then: "deny", effect: "destructive" },
    { id: "accounting-stays-in-the-app", then: "deny", tool: "NANGO_*_PROXY", integration: "quickbooks" },
  ],
  limits: [{ tool: "NANGO_*_PROXY", calls: 100 }],
};
const TEN_MINUTES_MS = 10 * 60_000;

// One for all requests of an isolate: the secrets are known with the first one.
interface Service {
  nango: NangoToolkit;
  mcp: (request: Request) => Promise<Response>;
}
let service: Service | undefined;
function serviceOf({ NANGO_SECRET_KEY: apiKey, NANGO_HOST: baseUrl, SESSION_KEY: sessionKey }: Env["Bindings"]) {
  if (!service) {
    const nango = new NangoToolkit({ apiKey, baseUrl, sessionKey, policy });
    service = { nango, mcp: createMcpHandler({ toolkit: nango, sessionTokens: true }) };
  }
  return service;
}

/** The message of an error of the toolkit, which contains no secret. Other errors are thrown again. */
function messageOf(error: unknown) {
  if (error instanceof NangoToolkitError) return error.message;
  throw error;
}

const app = new Hono<Env>();

app.use(async (c, next) => {
  const missing = (["NANGO_SECRET_KEY", "SESSION_KEY", "BACKEND_TOKEN"] as const).filter((name) => !c.env[name]);
  if (missing.length > 0) return c.json({ error: `set the secrets ${missing.join(", ")}` }, 503);
  try {
    c.set("service", serviceOf(c.env));
  } catch (error) {
    return c.json({ error: messageOf(error) }, 503);
  }
  await next();
});

const ofBackend = bearerAuth({
  verifyToken: (token, c: Context<Env>) => timingSafeEqual(token, c.env.BACKEND_TOKEN),
});
app.post("/sessions", ofBackend, async (c) => {
  const user = (await c.req.json().catch(() => undefined))?.user;
  if (typeof user !== "string" || user === "") return c.json({ error: '`user` is missing: send {"user":"…"}' }, 400);
  let session: Session;
  try {
    session = c.var.service.nango.session({ user });
  } catch (error) {
    return c.json({ error: messageOf(error) }, 400);
  }
  return c.json({ token: await session.token({ expiresInMs: TEN_MINUTES_MS }) });
});

const ofSession = bearerAuth({
  verifyToken: async (token, c: Context<Env>) => {
    const session = await c.var.service.nango.sessionFromToken(token).catch(() => undefined);
    if (session) c.set("session", session);
    return session !== undefined;
  },
});

// Arguments are checked by the toolkit: the answer says what to correct.
app.get("/tools", ofSession, (c) => c.json(c.var.session.tools()));
app.post("/tools/:slug", ofSession, async (c) => {
  const { signal } = c.req.raw;
  return c.json(await c.var.session.execute(c.req.param("slug"), await c.req.text(), { signal }));
});

app.all("/mcp", (c) => c.var.service.mcp(c.req.raw));

export default app;
