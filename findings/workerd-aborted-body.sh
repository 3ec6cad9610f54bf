#!/usr/bin/env bash
# What: in workerd, a response body that is read in parts (`getReader()`, `for await`, `pipeTo`, a BYOB reader) causes an
#   unhandled rejection when the request's signal aborts, although every promise that the program holds is
#   handled. `response.text()` does not.
# Version: workerd 1.20261117.1, compatibility date 2026-01-01, as in the configuration below.
# Why it surprises: the program below awaits each read in a `try`, and handles `reader.closed` too, so by the rules of
#   streams nothing is left that is unhandled. Node 24, Bun, Deno and Chromium report nothing for the same code. A Worker
#   that limits how much of an answer it reads has to read in parts, and gets a line in its log for each call that runs
#   into its deadline.
# What to do: use `text()` or `arrayBuffer()` where `content-length` already says that the body is small enough; do not
#   take this event as a fault of the program's.
set -euo pipefail
VERSION=1.20261117.1
folder=$(mktemp -d)
trap 'kill "${worker:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund "workerd@$VERSION"
binary=$(find node_modules -path '*workerd-*/bin/workerd' -type f | head -n 1)
"$binary" --version

cat > worker.js <<'JS'
const seen = [];
addEventListener("unhandledrejection", (event) => {
  seen.push(String(event.reason?.message ?? event.reason));
  event.preventDefault();
});
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const ways = {
  text: (response) => response.text(),
  async reader(response) {
    const reader = response.body.getReader();
    reader.closed.catch(() => {});
    while (!(await reader.read()).done);
  },
};
export default {
  async fetch(request) {
    const report = {};
    for (const [name, read] of Object.entries(ways)) {
      seen.length = 0;
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 100);
      const response = await fetch(request.headers.get("x-origin"), { signal: controller.signal });
      let caught = "nothing";
      try {
        await read(response);
      } catch (error) {
        caught = error.message;
      }
      await pause(200);
      report[name] = { caught, unhandled: [...seen] };
    }
    return Response.json(report);
  },
};
JS
cat > origin.mjs <<'JS'
// Answers with the beginning of a body, and never ends it.
import { createServer } from "node:http";
createServer((request, response) => response.writeHead(200).write("{")).listen(0, "127.0.0.1", function () {
  console.log(this.address().port);
});
JS
node origin.mjs > port & origin=$!
trap 'kill "$origin" "${worker:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
until [ -s port ]; do sleep 0.1; done
free=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
cat > config.capnp <<CAPNP
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = ["local"]))],
  sockets = [(name = "http", address = "127.0.0.1:$free", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-01-01"
);
CAPNP
"$binary" serve config.capnp & worker=$!
got=$(node -e '
const ask = async (left) => {
  try {
    const headers = { "x-origin": process.argv[2] };
    console.log(await (await fetch(process.argv[1], { headers })).text());
  } catch (error) {
    if (left === 0) throw error;
    setTimeout(ask, 200, left - 1);
  }
};
ask(25);' "http://127.0.0.1:$free/" "http://127.0.0.1:$(cat port)/")
echo "$got"
aborted='The operation was aborted'
expected="{\"text\":{\"caught\":\"$aborted\",\"unhandled\":[]},\"reader\":{\"caught\":\"$aborted\",\"unhandled\":[\"$aborted\"]}}"
[ "$got" = "$expected" ] || { echo "this has changed; it was: $expected"; exit 1; }
