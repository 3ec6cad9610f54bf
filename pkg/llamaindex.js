// Tools for LlamaIndex.TS.
import { shown, toolsOf } from "./adapters.js";

/** The `tools` of an `agent`. */
export const toTools = (source, options) =>
  toolsOf(source, options).map(({ name, description, schema: parameters, run }) => ({
    call: async (args) => withoutNulls(shown(await run(args))),
    metadata: { name, description, parameters },
  }));

/** LlamaIndex fails on `null` anywhere in a value: properties go without, entries of lists keep their place. */
function withoutNulls(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutNulls(inner)]));
}
