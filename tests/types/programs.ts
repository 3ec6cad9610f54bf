// Programs as users write them, compiled and never run: types are exact for each slug, and mistakes are errors.
import type { Confirmation, ProviderPaging, Session } from "nango-toolkit";
import { batchSink, consoleSink, openTelemetrySink, teeSink, type TracerLike } from "nango-toolkit/audit";
import {
  NangoToolkit,
  apiText,
  buildRequest,
  statistics,
  getTool,
  listTools,
  parseResponse,
  searchTools,
  validate,
} from "nango-toolkit";
import { createEmulator } from "nango-toolkit/emulator";

const emulator = createEmulator({
  seed: 3,
  faults: { latencyMs: 5, fail: [{ match: { path: "/connections" }, times: 2, kind: "drop" }] },
});
const nango = new NangoToolkit({ apiKey: emulator.apiKey, baseUrl: emulator.baseUrl, fetch: emulator.fetch });

/** Arguments and results follow from the slug. */
export async function connectionIds(signal: AbortSignal): Promise<string[]> {
  const result = await nango.execute(
    "NANGO_CONNECTION_LIST_GET",
    { integration_id: ["hubspot"], limit: 10 },
    { signal, timeoutMs: 5000 },
  );
  if (!result.successful) {
    const nothing: null = result.data;
    const kinds: string = result.error.kind;
    throw new Error(`${kinds}: ${result.error.message} ${nothing}`);
  }
  const nothing: null = result.error;
  return result.data.connections.map((connection): string => connection.connection_id + String(nothing ?? ""));
}

/** Entries of lists follow from the slug, too; those of providers are anything. */
export async function entries(): Promise<void> {
  for await (const connection of nango.paginate("NANGO_CONNECTION_LIST_GET", { limit: 10 }, { maxPages: 2 })) {
    const id: string = connection.connection_id;
    // @ts-expect-error its type is another one
    const wrong: number = connection.connection_id;
    console.log(id, wrong);
  }
  for await (const variable of nango.session({ user: "ada" }).paginate("NANGO_GET_ENVIRONMENT_VARIABLES", {})) {
    const { name, value }: { name: string; value: string } = variable;
    console.log(name, value);
  }
  const proxy = { connection_id: "c", provider_config_key: "github", any_path: "user/repos" };
  const paging: ProviderPaging = { type: "link", link_rel_in_response_header: "next" };
  for await (const repository of nango.paginate("NANGO_GET_PROXY", proxy, { paging })) {
    // @ts-expect-error it may be anything
    console.log(repository.name);
  }
  // @ts-expect-error a cursor needs a path in the response
  const incomplete: ProviderPaging = { type: "cursor", cursor_name_in_request: "after" };
  // @ts-expect-error wrong arguments are an error
  const records = nango.paginate("NANGO_LIST_RECORDS", { model: 1 });
  console.log(incomplete, records, apiText({ tools: "all", level: "index" }).length);
}

/** The kind of an error is closed: a switch can be exhaustive. */
export async function describe(): Promise<string> {
  const result = await nango.execute("NANGO_DELETE_CONNECTION", { connection_id: "a", provider_config_key: "b" });
  if (result.successful) return result.data.success ? "deleted" : "";
  const { error } = result;
  switch (error.kind) {
    case "not_found":
      return "gone already";
    case "invalid_arguments":
      return (error.issues ?? [])
        .map((issue) => `${issue.path.join(".")} ${issue.code} ${issue.message} ${issue.hint ?? ""}`)
        .join("\n");
    case "network":
    case "timeout":
    case "rate_limited":
      return `later: ${error.retryable}`;
    default:
      return `${error.code} ${error.status ?? ""}`;
  }
}

/** What a model asks for is any string with any JSON. */
export async function dispatch(toolCall: { name: string; arguments: string }): Promise<unknown> {
  const result = await nango.execute(toolCall.name, toolCall.arguments);
  const data: unknown = result.data;
  return data;
}

/** Keys may come later; secrets are revealed by name. */
export const lazily = new NangoToolkit({
  apiKey: async () => "key",
  revealSecrets: ["access_token"],
  timeoutMs: 1000,
  onEvent: (event) => void JSON.stringify(event),
});

/** Sessions, approval, hooks, environments. */
export async function sessions(key: string): Promise<string> {
  const kit = new NangoToolkit({
    environments: {
      production: { apiKey: async ({ stale }) => (stale ? "new" : "old") },
      development: { apiKey: "key", baseUrl: "https://nango.example" },
    },
    environment: "production",
    policy: {
      default: "allow",
      rules: [{ id: "ask", then: "confirm", effect: "destructive", integration: ["hubspot*", "slack"] }],
      limits: [{ tool: "*", calls: 10 }],
    },
    modify: { NANGO_GET_PROXY: { rename: "call_api", pin: { retries: 1 } } },
    onApproval: (summary) => summary.effect !== "destructive",
    beforeCall: (slug, args) => ({ ...args, slug }),
    afterCall: (_, result) => (result.successful ? result : undefined),
    onSchema: (tool) => ({ ...tool, title: tool.title.toLowerCase() }),
    store: { increment: async (counter) => counter.length, revoked: () => false },
    sessionKey: new Uint8Array(32),
    mcpBaseUrl: "https://mcp.example/mcp",
  });
  const session = kit.session({
    user: "ada",
    tags: { team: "red" },
    toolsets: ["connections"],
    environment: "development",
  });
  const result = await session.execute(
    "NANGO_DELETE_CONNECTION",
    { connection_id: "a", provider_config_key: "b" },
    { confirm: "token", upstreamCallId: "1" },
  );
  if (!result.successful && result.error.kind === "confirmation_required") {
    const { summary, token } = result.error.details as Confirmation;
    return summary.tool + (token ?? "");
  }
  const { link } = await session.connect("hubspot");
  const connection = await session.waitForConnection("hubspot", { timeoutMs: 1000 });
  const { url, headers } = await session.mcp();
  const again: Session = await kit.sessionFromToken(await session.token({ expiresInMs: 60_000 }), key);
  return (
    link +
    connection.connection_id +
    url +
    headers.Authorization +
    again.user +
    session.explain("NANGO_GET_PROXY", {}).decision +
    statistics([]).total.calls
  );
}

/** Sinks are functions; a batch is typed. */
export async function audited(tracer: TracerLike): Promise<number> {
  const batch = batchSink(
    async (events, { signal }) =>
      void (await fetch("https://logs.example", { method: "POST", body: JSON.stringify(events), signal })),
    { maxBatch: 10 },
  );
  new NangoToolkit({
    apiKey: "key",
    onEvent: teeSink(batch, consoleSink({ types: ["call.finished"] }), openTelemetrySink(tracer)),
  });
  return (await batch.flush()).pending;
}

/** The pure functions are synchronous. */
export const pure = [
  listTools({ toolsets: ["connections"], readOnly: true }).map(
    (tool): string => tool.slug + tool.description + tool.toolset + tool.effect,
  ),
  getTool("NANGO_GET_CONNECTION")?.title,
  searchTools("who is connected?", { limit: 3, toolsets: ["connections"] }).map(
    (hit): string => hit.slug + hit.matched.join() + hit.score.toFixed(),
  ),
  validate("NANGO_GET_CONNECTION", { anything: true }).issues.length,
  buildRequest("NANGO_LIST_INTEGRATIONS", {}, { baseUrl: "https://api.nango.dev" }).body satisfies string | null,
  parseResponse("NANGO_LIST_INTEGRATIONS", { status: 200, headers: {}, body: "{}" }).successful,
];

export async function mistakes(): Promise<void> {
  // @ts-expect-error a required argument is missing
  await nango.execute("NANGO_DELETE_CONNECTION", { connection_id: "a" });
  // @ts-expect-error an argument has the wrong type
  await nango.execute("NANGO_CONNECTION_LIST_GET", { limit: [] });
  // @ts-expect-error an argument does not exist
  await nango.execute("NANGO_PROVIDERS_GET_GET", { provider: "github", colour: "red" });
  await nango.execute("NANGO_GET_CONNECTION", {
    // @ts-expect-error the argument is blamed, not the slug
    connectionId: "github-ada",
    provider_config_key: "github",
  });
  buildRequest("NANGO_GET_CONNECTION", {
    // @ts-expect-error here, too
    connectionId: "github-ada",
    provider_config_key: "github",
  });
  // @ts-expect-error the kind of an error is closed
  if ((await nango.execute("NANGO_LIST_INTEGRATIONS", {})).error?.kind === "no_such_kind") return;
  // @ts-expect-error the key is required
  new NangoToolkit({});
  // @ts-expect-error a session has a user
  nango.session({ organization: "acme" });
  // @ts-expect-error a policy says what happens by default
  new NangoToolkit({ apiKey: "key", policy: { rules: [] } });
  // @ts-expect-error a call has no options that widen a view
  await nango.execute("NANGO_LIST_INTEGRATIONS", {}, { policy: { readOnly: true } });
  // @ts-expect-error a toolkit has no option for a confirmation
  new NangoToolkit({ apiKey: "key", confirm: "token" });
  // @ts-expect-error no such kind of fault
  emulator.setFaults({ fail: [{ kind: "explode" }] });
}
