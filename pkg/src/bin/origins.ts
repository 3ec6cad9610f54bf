// Whose requests a server on this machine answers: those of programs, and those of web pages of its own origin. A page
// of another origin is refused, also one that has the name of its own host point here (DNS rebinding).
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/** Which requests are answered beside those of the server's own origin. */
export interface Allowed {
  /** The name or address that the server listens on. */
  host: string;
  /** Further web origins, such as `http://localhost:5173`; `*` stands for all. */
  origins?: readonly string[];
}

/** Why a request with these headers is not answered; nothing if it is. */
export function refusal(headers: IncomingHttpHeaders, { host, origins = [] }: Allowed): string | undefined {
  if (origins.includes("*")) return;
  const { host: asked = "", origin } = headers;
  if (!isOwnHost(asked, host, origins)) {
    return `the host \`${asked}\` is not this server's: use an IP address or localhost, or allow \`http://${asked}\``;
  }
  if (origin === undefined || origin === `http://${asked}` || origins.includes(origin)) return;
  return `the web origin \`${origin}\` is not this server's own`;
}

/** An address cannot be made to point elsewhere, a name can. */
function isOwnHost(asked: string, host: string, origins: readonly string[]): boolean {
  const name = hostname(`http://${asked}`);
  if (name === undefined) return false;
  const isAddress = isIP(name.replace(/^\[|\]$/g, "")) !== 0;
  const isLocal = name === "localhost" || name.endsWith(".localhost") || name === host.toLowerCase();
  return isAddress || isLocal || origins.some((origin) => hostname(origin) === name);
}

const hostname = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).hostname : undefined);
