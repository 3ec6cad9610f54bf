// Types of tools as data, and of the filters that select them.
import type { ToolSlug } from "../tool-types.js";

/**
 * A JSON Schema object.
 *
 * @example
 * ```ts
 * import { getTool, type JsonSchema } from "nango-toolkit";
 *
 * const schema: JsonSchema = getTool("NANGO_GET_CONNECTION").inputSchema;
 * console.log(schema["required"]); // ["connection_id", "provider_config_key"]
 * ```
 */
export type JsonSchema = { [keyword: string]: unknown };

/** The group that a tool is listed under. */
export type Toolset =
  | "providers"
  | "integrations"
  | "connections"
  | "connect"
  | "syncs"
  | "records"
  | "actions"
  | "functions"
  | "proxy"
  | "environment"
  | "account"
  | "agents";

/** A choice of toolsets; `"all"` stands for every one of them. */
export type Toolsets = "all" | (Toolset | "all")[];

/** What a tool does to the world. */
export type ToolEffect = "read" | "write" | "destructive";

/** Hints about a tool, named as the Model Context Protocol names them. */
export interface ToolAnnotations {
  /** The title for people. */
  title: string;
  /** Whether the tool changes nothing. */
  readOnlyHint: boolean;
  /** Whether the tool can delete or overwrite. */
  destructiveHint: boolean;
  /** Whether calling it twice with the same arguments changes no more than calling it once. */
  idempotentHint: boolean;
  /** Whether it reaches systems beyond Nango. */
  openWorldHint: boolean;
}

/**
 * A tool as data.
 *
 * `Slug` is the union of known slugs for the functions that list the unmodified tools, and `string` for the tools of a
 * toolkit or session, where the option `modify` may have renamed some.
 *
 * @example
 * ```ts
 * import { listTools, type ToolDefinition } from "nango-toolkit";
 *
 * const describe = (tool: ToolDefinition): string => `${tool.slug}: ${tool.title}`;
 * console.log(listTools({ readOnly: true }).map(describe).join("\n"));
 * ```
 */
export interface ToolDefinition<Slug extends string = string> {
  /** The name by which the tool is called. */
  slug: Slug;
  /** The title for people. */
  title: string;
  /** Written for a model: what the tool does, when to use it, what it cannot do. */
  description: string;
  /** The group that it is listed under. */
  toolset: Toolset;
  /** Whether it is listed where nobody chooses toolsets or tools. */
  listed: boolean;
  /** What it does to the world. */
  effect: ToolEffect;
  /** The widest thing that one call can touch. */
  reach: "connection" | "integration" | "environment" | "catalogue";
  /** Scopes of the API key; a key needs one of them. */
  scopes: string[];
  /** Other names by which the tool can be called. */
  aliases: string[];
  /** The arguments, in the plain subset of JSON Schema that every model and client accepts. */
  inputSchema: JsonSchema;
  /**
   * The schema of a result, for clients that validate: every part has a type and may be `null`, and nothing is
   * required. `exactOutputSchema` has the exact one.
   */
  outputSchema: JsonSchema;
  /** Hints, named as the Model Context Protocol names them. */
  annotations: ToolAnnotations;
  /** Example calls. */
  examples: { title: string; arguments: Record<string, unknown> }[];
}

/**
 * A dialect of JSON Schema that a model provider requires. Arguments in that dialect are converted back before the
 * check.
 */
export type ProviderSchema = "openai-strict" | "gemini";

/**
 * Which tools a listing shows.
 *
 * @example
 * ```ts
 * import { listTools, type ToolFilter } from "nango-toolkit";
 *
 * const filter: ToolFilter = { toolsets: ["connections", "connect"], readOnly: true };
 * console.log(listTools(filter).length);
 * ```
 */
export interface ToolFilter {
  /**
   * Only tools of these toolsets; `"all"` for every tool.
   * @default the tools that are listed by default, unless `tools` names others; a search finds every tool
   */
  toolsets?: Toolsets | undefined;
  /**
   * Only these tools, by slug or alias; `"all"` for every tool.
   * @default those of `toolsets`
   */
  tools?: "all" | string[] | undefined;
  /**
   * Only tools that change nothing; reads through the proxy only where `tools` names them.
   * @default false
   */
  readOnly?: boolean | undefined;
  /**
   * The dialect of each `inputSchema`. Give the same to `execute`, `validate` or `buildRequest`.
   * @default the plain subset that every model accepts
   */
  schema?: ProviderSchema | undefined;
}

/** Options that narrow a search. */
export interface SearchOptions extends Omit<ToolFilter, "schema"> {
  /**
   * The largest number of tools to return.
   * @default 5
   */
  limit?: number | undefined;
}

/**
 * How much an API text says: the names of the tools by toolset; titles and the types of arguments; the types of
 * results, too; or everything, with descriptions and examples.
 */
export type ApiLevel = "index" | "signatures" | "types" | "full";

/**
 * Which tools an API text shows, and how much of them.
 *
 * @example
 * ```ts
 * import { apiText, type ApiTextOptions } from "nango-toolkit";
 *
 * const options: ApiTextOptions = { tools: "all", level: "index" };
 * console.log(apiText(options).includes("NANGO_LIST_INTEGRATIONS")); // true
 * ```
 */
export interface ApiTextOptions extends Omit<ToolFilter, "schema"> {
  /**
   * How much the text contains.
   * @default "types"
   */
  level?: ApiLevel | undefined;
}

/** A tool that fits a request. */
export interface SearchHit<Slug extends string = string>
  extends Pick<ToolDefinition<Slug>, "slug" | "title" | "description" | "toolset" | "effect"> {
  /** How well it fits, from 1 to 1000. Compare scores within one search only. */
  score: number;
  /** The words of the request that point to it, as they were written. */
  matched: string[];
}

/**
 * A slug that is not known when the program is compiled.
 *
 * It is `never` for the slugs in {@link ToolSlug}: those have exact types, and wrong arguments to them must not pass
 * as `unknown`.
 */
export type UnlistedSlug<Slug extends string> = Slug extends ToolSlug ? never : Slug;
