// What Nango refuses from a browser: its preflight allows few request headers, and hides some response headers.
import { toolkit } from "./core.js";
import { live } from "./store.js";

/** The request headers that Nango's preflight allows, in lower case, as recorded from a server. */
const ALLOWED = new Set(["authorization", "content-type", "accept", "provider-config-key", "connection-id"]);

/** Arguments that are sent as a header which Nango's preflight does not allow. */
const BARRED = {
  async: "X-Async",
  max_retries: "X-Max-Retries",
  retries: "Retries",
  retry_on: "Retry-On",
  base_url_override: "Base-Url-Override",
  decompress: "Decompress",
  forward_headers_on_redirect: "Forward-Headers-On-Redirect",
  proxy_headers: "Nango-Proxy-…",
};
const BARRED_IN = new Set(["actions", "proxy"]);

/** Why a tool's argument cannot be used in this mode, or undefined. */
export function barred(tool, path) {
  if (!live || path.length !== 1 || !BARRED_IN.has(tool.toolset) || !Object.hasOwn(BARRED, path[0])) return undefined;
  return `Not available from a browser: it is sent as the header ${BARRED[path[0]]}, which Nango's CORS rules refuse.`;
}

/** The headers of a call that a browser could not send to Nango. */
export function refusedHeaders(slug, args, baseUrl) {
  try {
    return Object.keys(toolkit.buildRequest(slug, args, { baseUrl }).headers).filter(
      (name) => !ALLOWED.has(name.toLowerCase()),
    );
  } catch {
    return []; // the arguments are invalid, which the call will report
  }
}
