// Session tokens: signed, expiring strings that describe a session, so that any instance which has the key can make it
// again without storage. They are JSON Web Tokens with HMAC-SHA-256, by the host's WebCrypto.
import { NangoToolkitError, invalidOption } from "./errors.js";
import type { SessionKey, SessionOptions } from "./types/options.js";

/** `{"alg":"HS256","typ":"JWT"}`: the only accepted header, so that no token can choose another algorithm. */
const HEADER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
const ISSUER = "nango-toolkit";
const ALGORITHM = { name: "HMAC", hash: "SHA-256" };
/** The largest difference between the clocks of two instances, in seconds. */
const MAX_SKEW = 60;
/** The maximum length of a token: hosts limit the length of a header. */
const MAX_LENGTH = 16_384;
const MIN_KEY_BYTES = 32;

/** The claims of a token about its session. */
export interface SessionClaims {
  /** The user. */
  sub: string;
  /** The ID of the session. */
  jti: string;
  /** The environment of the session, if it has a name. */
  env?: string | undefined;
  /** The options of the session. */
  session: SessionOptions;
  /** The links of its user, by integration. */
  links?: Record<string, Link> | undefined;
}

/** A connection belongs to a link if it is newer than this. All times are the server's, in milliseconds. */
export interface Link {
  /** The time of the newest connection when the link was made, or of the last change of `connectionId`. */
  after: number;
  /** The connections of exactly that time. */
  ids: string[];
  /** When the link expires: of two, the later one is the newer link. */
  expires: number;
  /** The connection to authorize again. */
  connectionId?: string | undefined;
}

/** Signs `claims`; the token is valid for `expiresInMs` milliseconds. */
export async function signSessionToken(
  claims: SessionClaims,
  key: SessionKey | undefined,
  expiresInMs: number,
): Promise<string> {
  if (!(Number.isFinite(expiresInMs) && expiresInMs > 0)) {
    throw invalidOption("`expiresInMs` must be a number of milliseconds above 0");
  }
  const now = Math.floor(Date.now() / 1000);
  const payload = { iss: ISSUER, iat: now, exp: now + Math.ceil(expiresInMs / 1000), ...claims };
  const signed = `${HEADER}.${base64url(utf8(JSON.stringify(payload)))}`;
  const signature = await crypto.subtle.sign(ALGORITHM.name, await importKey(key, "sign"), utf8(signed));
  const token = `${signed}.${base64url(new Uint8Array(signature))}`;
  if (token.length > MAX_LENGTH) {
    const hint = "leave the policy to the toolkit, or keep the session in a store";
    throw invalidOption(
      `the token would have ${token.length} characters, and a header can have at most ${MAX_LENGTH}`,
      hint,
    );
  }
  return token;
}

/** The claims of a token that `key` signed and that has not expired. */
export async function verifySessionToken(token: string, key: SessionKey | undefined): Promise<SessionClaims> {
  const imported = await importKey(key, "verify");
  if (typeof token !== "string" || token.length > MAX_LENGTH) throw refused("this is not a session token");
  const [header, payload = "", signature = "", ...more] = token.split(".");
  if (header !== HEADER || more.length > 0) throw refused("this is not a session token");
  const [bytes, mac] = [fromBase64url(payload), fromBase64url(signature)];
  if (!bytes || !mac) throw refused("this is not a session token");
  // In constant time, and before any part of the payload is read.
  const valid = await crypto.subtle.verify(ALGORITHM.name, imported, mac, utf8(`${header}.${payload}`));
  if (!valid) throw refused("the session token was not signed with this key, or was changed");
  const claims = parse(bytes);
  const now = Date.now() / 1000;
  if (!claims || claims.iss !== ISSUER || typeof claims.exp !== "number" || typeof claims.iat !== "number") {
    throw refused("this is a different kind of token");
  }
  if (claims.iat > now + MAX_SKEW) throw refused("this is a different kind of token");
  if (claims.exp <= now) throw refused("the session token has expired", "expired_token");
  return claims;
}

type SignedClaims = SessionClaims & { iss?: unknown; exp?: unknown; iat?: unknown };

function parse(bytes: Uint8Array): SignedClaims | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) ?? undefined;
  } catch {
    return undefined;
  }
}

const refused = (message: string, code = "invalid_token"): NangoToolkitError =>
  new NangoToolkitError({
    kind: "unauthorized",
    code,
    message,
    hint: "request a new token from the application that created the session",
  });

/** The bytes of a key for session tokens. Throws if it is missing or too short. */
export function checkSessionKey(key: SessionKey | undefined): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(key);
  if (!bytes) {
    const key = "give the toolkit's option `sessionKey` (or `key` of this call)";
    const hint = `${key}: at least ${MIN_KEY_BYTES} random bytes, such as from \`openssl rand -hex 32\``;
    throw invalidOption("there is no key for session tokens", hint);
  }
  if (bytes.length < MIN_KEY_BYTES) {
    const message = `the key for session tokens has ${bytes.length} bytes, and must have at least ${MIN_KEY_BYTES}`;
    throw invalidOption(message, "generate one: `openssl rand -hex 32`");
  }
  return bytes;
}

// Async, so that an invalid key rejects like every other error.
const importKey = async (key: SessionKey | undefined, use: "sign" | "verify"): Promise<CryptoKey> =>
  await crypto.subtle.importKey("raw", checkSessionKey(key), ALGORITHM, false, [use]);

function bytesOf(key: SessionKey | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (typeof key === "string") return utf8(key);
  if (ArrayBuffer.isView(key)) return new Uint8Array(new Uint8Array(key.buffer, key.byteOffset, key.byteLength));
  return key instanceof ArrayBuffer ? new Uint8Array(key) : undefined;
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

function base64url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The bytes of base64url text; undefined unless it is in canonical form. */
function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]+$/.test(text)) return undefined;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return base64url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
