// The server for `execute.mjs`, in its own process: the same 3 KB response, immediately. Prints its URL.
import { createServer } from "node:http";

const row = (id) => ({
  unique_key: `integration-${id}`,
  provider: "github",
  display_name: "GitHub",
  logo: "https://nango.example.com/github.svg",
  created_at: "2026-01-01T00:00:00.000Z",
});
const rows = Array.from({ length: 22 }, (_, id) => row(id));
const body = JSON.stringify({ data: rows, configs: rows });
const server = createServer((_, response) => response.writeHead(200, { "content-type": "application/json" }).end(body));
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
