// Converts a component's results to the form of the JavaScript binding: records become what the package's functions
// return, so that both can be compared as canonical JSON.

/** JSON with the names of every object in order. */
export function canonical(value) {
  const sorted = (inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner;
  return JSON.stringify(value, (_, inner) => sorted(inner));
}

/** Without absent values: some hosts leave them out, some use `null`. */
const present = (record) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null));

export const issue = ({ path, code, message, hint }) =>
  present({
    path: path
      .split("/")
      .slice(1)
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")),
    code,
    message,
    hint,
  });

export const error = ({ kind, code, message, status, retryable, issues, hint, details }) =>
  present({
    kind: kind.replaceAll("-", "_"),
    code,
    message,
    status,
    retryable,
    issues: issues.length > 0 ? issues.map(issue) : undefined,
    hint,
    details: details === undefined || details === null ? undefined : JSON.parse(details),
  });

export const tool = ({ inputSchema, outputSchema, idempotent, openWorld, examples, ...rest }) => ({
  ...rest,
  inputSchema: JSON.parse(inputSchema),
  outputSchema: JSON.parse(outputSchema),
  annotations: {
    title: rest.title,
    readOnlyHint: rest.effect === "read",
    destructiveHint: rest.effect === "destructive",
    idempotentHint: idempotent,
    openWorldHint: openWorld,
  },
  examples: examples.map(({ title, arguments: args }) => ({ title, arguments: JSON.parse(args) })),
});

export const validity = (issues) => ({ valid: issues.length === 0, issues: issues.map(issue) });

export const request = ({ method, url, headers, body }) => ({
  method,
  url,
  headers: Object.fromEntries(headers),
  body: body ?? null,
});

export const outcome = ({ data, tool, callId, status, attempts, durationMs, page }) => ({
  successful: data.tag === "ok",
  data: data.tag === "ok" ? JSON.parse(data.val) : null,
  error: data.tag === "ok" ? null : error(data.val),
  meta: present({ tool, callId: callId || undefined, status, attempts, durationMs }),
  ...(page != null && { page: JSON.parse(page) }),
});

export const decision = ({ verdict, rules, reason, lookups, tool }) =>
  present({
    tool,
    decision: verdict,
    rules,
    reason,
    lookups:
      lookups.length > 0
        ? lookups.map(({ connectionId, providerConfigKey }) => ({
            connection_id: connectionId,
            integration_id: providerConfigKey,
          }))
        : undefined,
  });
