import { createMcpHandler } from "nango-toolkit/mcp";

let handler;

// An MCP server at /mcp. Clients send ACCESS_TOKEN as bearer token. It reads only: remove `readOnly` to allow changes.
export default {
  fetch(request, { ACCESS_TOKEN, NANGO_SECRET_KEY, NANGO_HOST }) {
    if (!ACCESS_TOKEN || !NANGO_SECRET_KEY)
      return Response.json({ error: "set the secrets ACCESS_TOKEN and NANGO_SECRET_KEY" }, { status: 503 });
    handler ??= createMcpHandler({
      apiKey: NANGO_SECRET_KEY,
      baseUrl: NANGO_HOST,
      readOnly: true,
      tokens: { [ACCESS_TOKEN]: true },
    });
    return handler(request);
  },
};
