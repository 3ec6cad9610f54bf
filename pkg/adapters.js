// What the adapters share: the tools of a toolkit or session, each with a function that runs it, and the
// answers to all calls of one turn. What a tool is and what its schema looks like is decided by the source;
// an adapter only gives it the shape that its framework takes. Nothing is imported.

/**
 * The tools that options select: `run` gives the result and rejects only on misuse by the programmer. `needsApproval`
 * comes from adapters of frameworks that can ask a person first.
 */
export function toolsOf(source, { strict = false, schema = strict ? "openai-strict" : undefined, ...filter } = {}, needsApproval = false) {
  const form = schema ? { schema } : {};
  const asks = needsApproval === true ? (tool) => tool.annotations.destructiveHint : needsApproval || (() => false);
  return source.tools({ ...filter, ...form }).map((tool) => ({
    name: tool.slug,
    description: tool.description,
    schema: tool.inputSchema,
    strict,
    approval: Boolean(asks(tool)),
    tool,
    run: (args, { id, signal, approved } = {}) => run(source, tool.slug, args, { ...form, ...context(id, signal) }, approved),
  }));
}

/** The options of a call that its framework tells; undefined ones are left out. */
const context = (id, signal) => ({ ...(id && { upstreamCallId: id }), ...(signal && { signal }) });

/** Runs a call. What a person has approved in the framework, and it says so, is confirmed where that is asked for. */
async function run(source, name, args, options, approved) {
  const result = await source.execute(name, args, options);
  const token = approved && result.error?.kind === "confirmation_required" && result.error.details?.token;
  return token ? source.execute(name, args, { ...options, confirm: token }) : result;
}

/**
 * Runs all calls of a turn at once, `{ id, name, args }` each, and gives what `answer` makes of each result, in
 * their order. `except` names tools of the caller's own; a tool that the filter leaves out is not there.
 */
export function answerAll(source, calls, { except = [], signal, ...options } = {}, answer) {
  const { strict, schema, ...filter } = options;
  let known;
  if (Object.keys(filter).length > 0) known = new Map(toolsOf(source, options).map((tool) => [tool.name, tool]));
  const form = schema ?? (strict ? "openai-strict" : undefined);
  const ours = calls.filter((call) => !except.includes(call.name));
  return Promise.all(
    ours.map(async (call) => {
      if (known && !known.has(call.name)) return answer(call, missing(call.name, [...known.keys()]));
      return answer(call, await run(source, call.name, call.args, { ...(form && { schema: form }), ...context(call.id, signal) }));
    }),
  );
}

const missing = (name, names) => ({
  successful: false,
  data: null,
  error: { kind: "unknown_tool", code: "unknown_tool", message: `there is no tool \`${name}\``, retryable: false, hint: `the tools are ${names.join(", ")}` },
  meta: { tool: name, attempts: 0 },
});

/** What a model is shown of a result. A token that confirms a call is for people alone. */
export function shown({ successful, data, error }) {
  if (successful) return { successful, data };
  if (error.kind !== "confirmation_required" || !error.details) return { successful, error };
  const { token, ...details } = error.details;
  return { successful, error: { ...error, details } };
}

/** The same as JSON text. */
export const text = (result) => JSON.stringify(shown(result));
