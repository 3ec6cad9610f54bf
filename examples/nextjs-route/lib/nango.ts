// The toolkit of this application, and the user of a request. Only code of the server may import this file.
import { NangoToolkit } from "nango-toolkit";
import { createEmulator } from "nango-toolkit/emulator";

let toolkit: NangoToolkit | undefined;

/** The toolkit, created with the first request, so that a build needs no key. */
export function getNango() {
  if (!toolkit) {
    const emulator = process.env.NANGO_EMULATOR === "1" ? createEmulator() : undefined;
    const apiKey = emulator?.apiKey ?? process.env.NANGO_SECRET_KEY;
    if (!apiKey) throw new Error("set NANGO_SECRET_KEY, or NANGO_EMULATOR=1 for an in-memory Nango with made-up users");
    const baseUrl = emulator?.baseUrl ?? process.env.NANGO_HOST;
    toolkit = new NangoToolkit({ apiKey, baseUrl, fetch: emulator?.fetch, policy: { readOnly: true } });
  }
  return toolkit;
}

/** The user who has signed in. Replace this by the sign-in of your application; never take it from the request body. */
export async function getUser(): Promise<string | undefined> {
  return process.env.DEMO_USER;
}
