// What the adapters share: the tools of a toolkit or session, each with a function that runs it, and the answers to all
// calls of one turn. What a tool is and what its schema looks like is decided by the source; an adapter only gives it
// the shape that its framework takes. Nothing of a framework is imported.
import type { ExecuteOptions } from "../types/options.js";
import type { Result, ResultError } from "../types/results.js";
import type { JsonSchema, ProviderSchema, ToolDefinition, ToolFilter } from "../types/tools.js";

export type { Result } from "../types/results.js";
export type { JsonSchema, ProviderSchema, ToolDefinition, ToolFilter } from "../types/tools.js";

/** What tools are taken from: a toolkit or a session. */
export interface ToolSource {
  /** The tools that may be run. */
  tools(filter?: ToolFilter): ToolDefinition[];
  /** Runs a tool. */
  execute(name: string, args: unknown, options?: ExecuteOptions): Promise<Result>;
}

/** Which tools, and in what form. */
export interface AdapterOptions extends Omit<ToolFilter, "schema"> {
  /**
   * Schemas for OpenAI's strict mode. All arguments are required in them: an optional one may be `null`, a map is an
   * array of `{ key, value }`, free-form JSON a string. All of it is converted back before the check.
   * @default false
   */
  strict?: boolean | undefined;
}

/** Options of adapters whose framework can ask a person before a tool runs. */
export interface ApprovalOptions {
  /**
   * The tools that a person approves first, in the framework's own way; `true` for all destructive ones. If the
   * framework reports the approval (the AI SDK, OpenAI Agents and Google ADK do, Mastra does not), the call also counts
   * as confirmed for a policy that requires a confirmation.
   * @default none
   */
  needsApproval?: boolean | ((tool: ToolDefinition) => boolean) | undefined;
}

/** Options of the functions that run all calls of a turn. Pass the same as to `toTools`. */
export interface HandleOptions extends AdapterOptions {
  /**
   * Names of the caller's own tools: calls to them are skipped.
   * @default none
   */
  except?: string[] | undefined;
  /** Ends all calls of the turn. */
  signal?: AbortSignal | undefined;
}

/** Options of an adapter as it passes them on. */
type SourceOptions = AdapterOptions & Pick<ToolFilter, "schema">;

/** What a framework knows about a call. */
interface CallContext {
  /** The framework's ID of the call. */
  id?: string | undefined;
  /** Ends the call. */
  signal?: AbortSignal | null | undefined;
  /** Whether a person approved the call, according to the framework. */
  approved?: boolean | undefined;
}

/** A tool as adapters use it. */
export interface AdapterTool {
  name: string;
  description: string;
  schema: ObjectSchema;
  strict: boolean;
  /** Whether a person approves each call of the tool. */
  needsApproval: boolean;
  tool: ToolDefinition;
  /** Runs the tool; rejects only on misuse by the programmer. */
  run(args: unknown, context?: CallContext): Promise<Result>;
}

/** A JSON Schema of an object, as all tools have one. */
export type ObjectSchema = JsonSchema & { type: "object"; properties: Record<string, unknown> };

/** A call of a model, as adapters read it. */
export interface ModelCall {
  id?: string | undefined;
  name: string;
  args: unknown;
}

/** The tools that the options select. */
export function adapterTools(
  source: ToolSource,
  { strict = false, schema = strict ? "openai-strict" : undefined, ...filter }: SourceOptions = {},
  needsApproval: ApprovalOptions["needsApproval"] = false,
): AdapterTool[] {
  const form = schema ? { schema } : {};
  const isApproved =
    typeof needsApproval === "function"
      ? needsApproval
      : (tool: ToolDefinition) => needsApproval && tool.annotations.destructiveHint;
  return source.tools({ ...filter, ...form }).map((tool) => ({
    name: tool.slug,
    description: tool.description,
    schema: tool.inputSchema as ObjectSchema,
    strict,
    needsApproval: Boolean(isApproved(tool)),
    tool,
    run: (args, context = {}) => run(source, { id: context.id, name: tool.slug, args }, form, context),
  }));
}

/** Runs a call. If a person approved it in the framework, it is confirmed if policy requires that. */
async function run(
  source: ToolSource,
  { id, name, args }: ModelCall,
  form: { schema?: ProviderSchema },
  { signal, approved }: CallContext,
): Promise<Result> {
  const options = { ...form, ...(id && { upstreamCallId: id }), ...(signal && { signal }) };
  const result = await source.execute(name, args, options);
  const token = approved && result.error ? tokenOf(result.error) : undefined;
  return token ? await source.execute(name, args, { ...options, confirm: token }) : result;
}

function tokenOf({ kind, details }: ResultError): string | undefined {
  return kind === "confirmation_required" ? (details as { token?: string } | undefined)?.token : undefined;
}

/**
 * Runs all calls of a turn at once and returns what `answer` makes of each result, in the order of the calls. A tool
 * that the options leave out does not exist.
 */
export function answerCalls<Call extends ModelCall, Answer>(
  source: ToolSource,
  calls: Call[],
  { except = [], signal, ...options }: HandleOptions & Pick<ToolFilter, "schema">,
  answer: (call: Call, result: Result) => Answer,
): Promise<Answer[]> {
  const { strict, schema = strict ? "openai-strict" : undefined, ...filter } = options;
  const known = Object.keys(filter).length > 0 ? namesOf(source, options) : undefined;
  const ours = calls.filter((call) => !except.includes(call.name));
  return Promise.all(
    ours.map(async (call) => {
      if (known && !known.has(call.name)) return answer(call, unknownTool(call.name, [...known]));
      return answer(call, await run(source, call, schema ? { schema } : {}, { signal }));
    }),
  );
}

/** The names by which the tools that options select can be called. */
const namesOf = (source: ToolSource, options: SourceOptions): Set<string> => {
  const tools = adapterTools(source, options);
  return new Set([...tools.map(({ name }) => name), ...tools.flatMap(({ tool }) => tool.aliases)]);
};

const unknownTool = (name: string, names: string[]): Result => ({
  successful: false,
  data: null,
  error: {
    kind: "unknown_tool",
    code: "unknown_tool",
    message: `there is no tool \`${name}\``,
    retryable: false,
    hint: `the tools are ${names.join(", ")}`,
  },
  meta: { tool: name, attempts: 0 },
});

/** A value that JSON text can hold. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [name: string]: JsonValue };

/** A result as a model sees it. */
export type ModelResult = { successful: true; data: unknown } | { successful: false; error: ResultError };

/** The part of a result for the model. A token that confirms a call is for people only. */
export function modelResult(result: Result): ModelResult {
  if (result.successful) return { successful: true, data: result.data };
  const { error } = result;
  if (error.kind !== "confirmation_required" || !error.details) return { successful: false, error };
  const { token: _, ...details } = error.details as { token?: string };
  return { successful: false, error: { ...error, details } };
}

/** The part of a result for the model, as JSON text. */
export const modelText = (result: Result): string => JSON.stringify(modelResult(result));

/**
 * A Standard Schema with its JSON Schema. It accepts everything: the toolkit validates, and reports all problems.
 */
export interface StandardSchema {
  /** The interface of Standard Schema. */
  readonly "~standard": {
    /** The version of the interface. */
    readonly version: 1;
    /** Who made the schema. */
    readonly vendor: string;
    /** Accepts every value: the tool itself checks its arguments. */
    readonly validate: (value: unknown) => { readonly value: unknown };
    /** The schema as JSON Schema. */
    readonly jsonSchema: {
      /** Before validation. */
      readonly input: () => Record<string, unknown>;
      /** After validation. */
      readonly output: () => Record<string, unknown>;
    };
  };
}

/** The Standard Schema of a JSON Schema. */
export const standardSchema = (schema: JsonSchema): StandardSchema => ({
  "~standard": {
    version: 1,
    vendor: "nango-toolkit",
    validate: (value) => ({ value }),
    jsonSchema: { input: () => schema, output: () => schema },
  },
});
