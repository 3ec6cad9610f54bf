// Signed, expiring texts that say which session it is, so that any instance which has the key can make it again
// without storage: JSON Web Tokens with HMAC-SHA-256, by the host's WebCrypto. What a session is, is decided in the
// module.
import { NangoToolkitError } from "./load.js";

/** `{"alg":"HS256","typ":"JWT"}`: the only header there is. What names another algorithm is not looked at. */
const HEADER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
const ISSUER = "nango-toolkit";
const ALGORITHM = { name: "HMAC", hash: "SHA-256" };
/** Clocks of two instances differ by no more, in seconds. */
const SKEW = 60;
/** No token is longer than any host takes in a header. */
const MOST = 16_384;

const misuse = (message, hint) => new NangoToolkitError({ kind: "invalid_option", code: "invalid_option", message, hint });
const refused = (message, code = "invalid_token") => new NangoToolkitError({ code, message, hint: "ask for a new one where the session was made" });

/** Signs `claims`, good for `expiresIn` seconds. */
export async function seal(claims, key, expiresIn) {
  if (!(Number.isFinite(expiresIn) && expiresIn > 0)) throw misuse("`expiresIn` must be a number of seconds above 0");
  const now = Math.floor(Date.now() / 1000);
  const body = `${HEADER}.${encode(new TextEncoder().encode(JSON.stringify({ iss: ISSUER, iat: now, exp: now + Math.ceil(expiresIn), ...claims })))}`;
  const signature = await crypto.subtle.sign(ALGORITHM.name, await imported(key, "sign"), new TextEncoder().encode(body));
  const token = `${body}.${encode(new Uint8Array(signature))}`;
  if (token.length > MOST) throw misuse(`the token would have ${token.length} characters, and at most ${MOST} fit into a header`, "leave the policy to the toolkit, or keep the session in a store");
  return token;
}

/** The claims of a token that `key` signed and that has not expired. */
export async function open(token, key) {
  const imports = await imported(key, "verify");
  if (typeof token !== "string" || token.length > MOST) throw refused("this is no session token");
  const [header, payload, signature, ...more] = token.split(".");
  if (header !== HEADER || more.length > 0) throw refused("this is no session token");
  const [bytes, signed] = [decode(payload), decode(signature)];
  if (!bytes || !signed) throw refused("this is no session token");
  // In a time that tells nothing, and before anything of it is read.
  const good = await crypto.subtle.verify(ALGORITHM.name, imports, signed, new TextEncoder().encode(`${header}.${payload}`));
  if (!good) throw refused("the session token was not signed with this key, or was changed");
  let claims;
  try {
    claims = JSON.parse(new TextDecoder().decode(bytes));
  } catch {}
  const now = Date.now() / 1000;
  if (claims?.iss !== ISSUER || typeof claims.exp !== "number" || typeof claims.iat !== "number" || claims.iat > now + SKEW) throw refused("this is a token of another kind");
  if (claims.exp <= now) throw refused("the session token has expired", "expired_token");
  return claims;
}

function imported(key, use) {
  const bytes = typeof key === "string" ? new TextEncoder().encode(key) : ArrayBuffer.isView(key) ? new Uint8Array(key.buffer, key.byteOffset, key.byteLength) : key instanceof ArrayBuffer ? new Uint8Array(key) : undefined;
  if (!bytes) throw misuse("there is no key for session tokens", "give `key`, or the toolkit's option `sessionKey`: a text or bytes");
  if (bytes.length < 32) throw misuse(`the key for session tokens has ${bytes.length} bytes, and must have at least 32`, "draw it at random: `openssl rand -hex 32`");
  return crypto.subtle.importKey("raw", bytes, ALGORITHM, false, [use]);
}

const encode = (bytes) => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};

/** The bytes of a text in base64url; nothing where it is none, or is not written the one way there is. */
function decode(text) {
  if (!/^[\w-]+$/.test(text ?? "")) return undefined;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    return encode(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
