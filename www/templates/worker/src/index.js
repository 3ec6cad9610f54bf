import { NangoToolkit } from "nango-toolkit";

// GET / lists the tools; POST /SLUG runs one with the arguments in the body. It only reads: remove `policy` to allow
// changes.
export default {
  async fetch(request, { ACCESS_TOKEN, NANGO_SECRET_KEY, NANGO_HOST }) {
    if (!ACCESS_TOKEN || request.headers.get("authorization") !== `Bearer ${ACCESS_TOKEN}`)
      return new Response("a bearer token is required", { status: 401 });
    const nango = new NangoToolkit({ apiKey: NANGO_SECRET_KEY, baseUrl: NANGO_HOST, policy: { readOnly: true } });
    if (request.method === "GET") return Response.json(nango.tools());
    return Response.json(
      await nango.execute(new URL(request.url).pathname.slice(1), await request.text(), { signal: request.signal }),
    );
  },
};
