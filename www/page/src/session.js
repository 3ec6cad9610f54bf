// What the chosen session lets an agent do: which tools it does not see, and why.
import { state } from "./store.js";

/** Why the session hides a tool, or undefined. */
export function refusal(tool) {
  if (state.session.readOnly && tool.effect !== "read") return `Hidden from the agent: the session is read-only, and this tool has the effect ${tool.effect}.`;
  return undefined;
}
