/**
 * The public surface of `nango-toolkit`: the toolkit, and functions that need neither a key nor the network. What a
 * tool is, what a request looks like and what a response means is decided in the WebAssembly module.
 *
 * `nango-toolkit/inline` is the same, with the module as text: for bundlers and hosts where the choice by export
 * conditions does not fit.
 *
 * @module nango-toolkit
 */
import * as core from "./core.js";
import { NangoToolkitError } from "./errors.js";
import { callWasm } from "./recovery.js";
import { argumentsJson, optionsJson } from "./serialization.js";
import type { ToolArguments, ToolResults, ToolSlug } from "./tool-types.js";
import type { AuditEvent, Statistics } from "./types/events.js";
import type { PureOptions } from "./types/options.js";
import type { BuiltRequest, RawResponse, Result, Validation } from "./types/results.js";
import type {
  ApiTextOptions,
  JsonSchema,
  SearchHit,
  SearchOptions,
  ToolDefinition,
  ToolFilter,
  UnlistedSlug,
} from "./types/tools.js";

export { NangoToolkitError } from "./errors.js";
export { type ConnectLink, type Connection, type McpConnection, Session } from "./session.js";
export { NangoToolkit } from "./toolkit.js";
export type { Tools } from "./tools.js";
export type { ToolArguments, ToolResults, ToolSlug } from "./tool-types.js";
export type * from "./types/events.js";
export type * from "./types/options.js";
export type * from "./types/paging.js";
export type * from "./types/policy.js";
export type * from "./types/results.js";
export type * from "./types/tools.js";

/**
 * The tools as data: slug, title, description, schemas, annotations.
 *
 * @throws {@link NangoToolkitError} if the filter names something that does not exist.
 * @example
 * ```ts
 * import { listTools } from "nango-toolkit";
 *
 * for (const { slug, effect } of listTools({ toolsets: ["connections"] })) console.log(slug, effect);
 * ```
 */
export function listTools(filter: ToolFilter = {}): ToolDefinition<ToolSlug>[] {
  return JSON.parse(callWasm(core.listTools, "{}", optionsJson(filter)));
}

/**
 * One tool, by slug or alias; `undefined` if no tool has that name.
 *
 * @example
 * ```ts
 * import { getTool } from "nango-toolkit";
 *
 * console.log(getTool("NANGO_GET_CONNECTION").description);
 * ```
 */
export function getTool(name: ToolSlug): ToolDefinition<ToolSlug>;
export function getTool(name: string): ToolDefinition<ToolSlug> | undefined;
export function getTool(name: string): ToolDefinition<ToolSlug> | undefined {
  const tool = callWasm(core.getTool, String(name));
  return tool === undefined ? undefined : JSON.parse(tool);
}

/**
 * The exact JSON Schema of the `data` of a tool's successful result, for programs, code generators and models: what is
 * always there is required, choices are listed, and only what may be `null` may be. Results may contain more than it
 * names. `undefined` if no tool has that name.
 *
 * @example
 * ```ts
 * import { exactOutputSchema } from "nango-toolkit";
 *
 * console.log(exactOutputSchema("NANGO_CONNECTION_LIST_GET").required); // ["connections"]
 * ```
 */
export function exactOutputSchema(name: ToolSlug): JsonSchema;
export function exactOutputSchema(name: string): JsonSchema | undefined;
export function exactOutputSchema(name: string): JsonSchema | undefined {
  const schema = callWasm(core.exactOutputSchema, String(name));
  return schema === undefined ? undefined : JSON.parse(schema);
}

/**
 * Tools as TypeScript, for models that write programs or load tools when they need them: a declaration of an object
 * `nango` with one function a tool, which takes the tool's arguments and resolves to the data of its result. The same
 * tools give the same text.
 *
 * @throws {@link NangoToolkitError} if an option is wrong, or names something that does not exist.
 * @example
 * ```ts
 * import { apiText } from "nango-toolkit";
 *
 * console.log(apiText({ tools: ["NANGO_GET_ENVIRONMENT_VARIABLES"] }));
 * // declare const nango: {
 * //   // Get Environment Variables
 * //   NANGO_GET_ENVIRONMENT_VARIABLES(): Promise<Array<{ name: string; value: string }>>;
 * // };
 * ```
 */
export function apiText(options: ApiTextOptions = {}): string {
  return callWasm(core.apiText, "{}", optionsJson(options));
}

/**
 * The tools that fit a request in natural language, best first, without using a model. A request that fits no tool
 * finds none.
 *
 * @throws {@link NangoToolkitError} if an option is wrong.
 * @example
 * ```ts
 * import { searchTools } from "nango-toolkit";
 *
 * console.log(searchTools("disconnect an account", { limit: 1 })[0]?.slug); // NANGO_DELETE_CONNECTION
 * ```
 */
export function searchTools(text: string, options: SearchOptions = {}): SearchHit<ToolSlug>[] {
  return JSON.parse(callWasm(core.searchTools, "{}", String(text), optionsJson(options)));
}

/**
 * All problems of arguments. Nothing is sent.
 *
 * @throws {@link NangoToolkitError} with the kind `unknown_tool`, or if an option is wrong.
 * @example
 * ```ts
 * import { validate } from "nango-toolkit";
 *
 * const { valid, issues } = validate("NANGO_CONNECTION_LIST_GET", { limit: 0 });
 * console.log(valid, issues[0]?.path, issues[0]?.message); // false [ 'limit' ] …
 * ```
 */
export function validate(slug: string, args: unknown, options: PureOptions = {}): Validation {
  let json: string;
  try {
    json = argumentsJson(args);
  } catch (error) {
    // Values that JSON cannot represent would be lost before the check.
    if (error instanceof NangoToolkitError && error.issues) return { valid: false, issues: error.issues };
    throw error;
  }
  return callWasm(core.validate, optionsJson(options), String(slug), json);
}

/**
 * The request that a call would send, without the API key.
 *
 * @throws {@link NangoToolkitError} with the kind `invalid_arguments` and `issues`, or `unknown_tool`.
 * @example
 * ```ts
 * import { buildRequest } from "nango-toolkit";
 *
 * const { method, url } = buildRequest("NANGO_GET_INTEGRATION", { unique_key: "hubspot" });
 * console.log(method, url); // GET https://api.nango.dev/integrations/hubspot
 * ```
 */
export function buildRequest<Slug extends string>(
  slug: UnlistedSlug<Slug>,
  args: unknown,
  options?: PureOptions,
): BuiltRequest;
export function buildRequest<Slug extends ToolSlug>(
  slug: Slug,
  args: ToolArguments[Slug],
  options?: PureOptions,
): BuiltRequest;
export function buildRequest(slug: string, args: unknown, options: PureOptions = {}): BuiltRequest {
  return JSON.parse(callWasm(core.buildRequest, optionsJson(options), String(slug), argumentsJson(args)));
}

/**
 * The result for a response. `slug` is `null` for an operation that is not a tool.
 *
 * @throws {@link NangoToolkitError} with the kind `unknown_tool`, or if an option is wrong.
 * @example
 * ```ts
 * import { buildRequest, parseResponse } from "nango-toolkit";
 *
 * const { method, url, headers } = buildRequest("NANGO_LIST_INTEGRATIONS", {});
 * const authorization = `Bearer ${process.env.NANGO_SECRET_KEY}`;
 * const response = await fetch(url, { method, headers: { ...headers, authorization } });
 * const result = parseResponse("NANGO_LIST_INTEGRATIONS", {
 *   status: response.status,
 *   headers: response.headers,
 *   body: await response.text(),
 * });
 * console.log(result.successful);
 * ```
 */
export function parseResponse<Slug extends ToolSlug>(
  slug: Slug,
  response: RawResponse,
  options?: PureOptions,
): Result<ToolResults[Slug]>;
export function parseResponse(slug: string | null, response: RawResponse, options?: PureOptions): Result;
export function parseResponse(
  slug: string | null | undefined,
  { status, headers = {}, body = "" }: RawResponse,
  options: PureOptions = {},
): Result {
  const pairs = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const strings = pairs.filter(([, value]) => typeof value === "string").flat();
  const text = typeof body === "string" ? body : body === null ? "" : JSON.stringify(body);
  const tool = slug === null || slug === undefined ? undefined : String(slug);
  return JSON.parse(callWasm(core.parseResponse, optionsJson(options), tool, Number(status), strings, text));
}

/**
 * Statistics on the calls of these events, in bounded memory.
 *
 * @example
 * ```ts
 * import { NangoToolkit, statistics, type AuditEvent } from "nango-toolkit";
 *
 * const events: AuditEvent[] = [];
 * const onEvent = (event: AuditEvent) => void events.push(event);
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "", onEvent });
 * await nango.execute("NANGO_LIST_INTEGRATIONS", {});
 * console.log(statistics(events).total.calls); // 1
 * ```
 */
export function statistics(events: Iterable<AuditEvent>): Statistics {
  const counted = callWasm(() => new core.Statistics());
  try {
    for (const event of events) {
      if (event.type !== "call.finished") continue;
      const { tool, session = "", error, durationMs } = event;
      const name = error?.kind === "unknown_tool" ? "unknown" : tool;
      const code = error ? String(error.code) : undefined;
      callWasm((...given) => counted.add(...given), String(name), String(session), code, Number(durationMs));
    }
    return callWasm(() => counted.summary());
  } finally {
    counted.free();
  }
}
