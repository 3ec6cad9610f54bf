// The requests that a server on this machine answers: those of programs, and of web pages of its own origin. Pages of
// other origins are refused, also if their host name resolves to this machine (DNS rebinding).
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/** Which requests are answered in addition to those of the server's own origin. */
export interface Allowed {
  /** The name or address that the server listens on. */
  host: string;
  /** Further web origins, such as `http://localhost:5173`; `*` stands for all. */
  origins?: readonly string[];
}

/** Why a request with these headers is refused; undefined if it is not. */
export function refusal(headers: IncomingHttpHeaders, { host, origins = [] }: Allowed): string | undefined {
  if (origins.includes("*")) return;
  const { host: asked = "", origin } = headers;
  if (!isOwnHost(asked, host, origins)) {
    return `the host \`${asked}\` is not this server's: use an IP address or localhost, or allow \`http://${asked}\``;
  }
  if (origin === undefined || origin === `http://${asked}` || origins.includes(origin)) return;
  return `the web origin \`${origin}\` is not this server's own`;
}

/** A name can be made to resolve to this machine, an address cannot. */
function isOwnHost(asked: string, host: string, origins: readonly string[]): boolean {
  const name = hostname(`http://${asked}`);
  if (name === undefined) return false;
  const isAddress = isIP(name.replace(/^\[|\]$/g, "")) !== 0;
  const isLocal = name === "localhost" || name.endsWith(".localhost") || name === host.toLowerCase();
  return isAddress || isLocal || origins.some((origin) => hostname(origin) === name);
}

const hostname = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).hostname : undefined);
