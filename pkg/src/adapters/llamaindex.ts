/**
 * Tools for LlamaIndex.TS.
 *
 * @module nango-toolkit/llamaindex
 */
import { type AdapterOptions, adapterTools, modelResult, type ObjectSchema, type ToolSource } from "./shared.js";

export type { AdapterOptions, ToolSource } from "./shared.js";

/** A value without `null`, which LlamaIndex cannot hold. */
export type NullFreeValue = boolean | number | string | NullFreeValue[] | { [name: string]: NullFreeValue };

/** A tool of LlamaIndex. */
export interface LlamaIndexTool {
  /** Runs the tool. */
  call: (args: unknown) => Promise<NullFreeValue>;
  /** What the model sees of the tool. */
  metadata: { name: string; description: string; parameters: ObjectSchema };
}

/**
 * The `tools` of an `agent`.
 *
 * @throws `NangoToolkitError` if an option names something that does not exist.
 * @example
 * ```ts
 * import { agent } from "@llamaindex/workflow";
 * import { NangoToolkit } from "nango-toolkit";
 * import { toTools } from "nango-toolkit/llamaindex";
 *
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "" });
 * const support = agent({ tools: toTools(nango) });
 * console.log((await support.run("Which of our users have connected HubSpot?")).data.result);
 * ```
 */
export function toTools(source: ToolSource, options: AdapterOptions = {}): LlamaIndexTool[] {
  return adapterTools(source, options).map(({ name, description, schema, run }) => ({
    call: async (args) => withoutNulls(modelResult(await run(args))) as NullFreeValue,
    metadata: { name, description, parameters: schema },
  }));
}

/** LlamaIndex fails on `null` anywhere in a value: properties are left out, entries of arrays keep their place. */
function withoutNulls(value: unknown): unknown {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutNulls(inner)]));
}
