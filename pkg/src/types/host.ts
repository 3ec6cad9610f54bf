// What calls get from their host.
import type { ApiKey, OnError, ToolkitSettings } from "./options.js";

/** The functions that calls use, and a key that may be a string. */
export interface HostFunctions extends Pick<ToolkitSettings, "onEvent" | "onApproval"> {
  apiKey: ApiKey;
  onError: OnError;
  fetch: NonNullable<ToolkitSettings["fetch"]>;
}
