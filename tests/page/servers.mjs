// A server in place of Nango, with the CORS rules that were recorded from a real one.
import { createServer } from "node:http";

const ALLOWED =
  "Authorization, Content-Type, Accept, Origin, X-Requested-With, Nango-Activity-Log-Id, " +
  "Nango-Is-Dry-Run, Nango-Is-Sync, Provider-Config-Key, Connection-Id, Sentry-Trace, Baggage";

/** A server with Nango's CORS rules; `answer` makes its answers. */
export async function nangoLike(answer) {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers });
    const cors = {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
      "access-control-allow-headers": ALLOWED,
      "access-control-expose-headers": "Content-Type, Content-Length",
    };
    if (request.method === "OPTIONS") return response.writeHead(204, cors).end();
    const { status = 200, body, headers } = answer(request);
    response.writeHead(status, { "content-type": "application/json", ...cors, ...headers }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    close: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}
