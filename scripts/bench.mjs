// `npm run bench`: what the package costs, beside what one would use instead. Loopback only, a few seconds.

import { createServer } from "node:http";
import { performance } from "node:perf_hooks";
import { build } from "./build.mjs";
import { must, program, step } from "./lib.mjs";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const CALLS = 3000;
const ROUNDS = 5;

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const line = (what, value) => process.stdout.write(`${what.padEnd(58)}${value}\n`);

program(async () => {
  await build();
  step("pure calls");
  await pureCalls();
  step("from nothing to a first request, milliseconds in a fresh process (median of 7)");
  await startUp();
  step(`execute on loopback beside bare fetch, share of its throughput (median of ${ROUNDS} rounds of ${CALLS})`);
  await loopback();
});

async function pureCalls() {
  const { buildRequest, validate } = await import("../pkg/entry/node.js");
  const args = { connection_id: "hubspot-ada", provider_config_key: "hubspot", tags: { team: "red", end_user_email: "ada@example.com" } };
  const time = (call) => {
    for (let i = 0; i < 2000; i++) call();
    const started = performance.now();
    for (let i = 0; i < 20_000; i++) call();
    return `${(((performance.now() - started) / 20_000) * 1000).toFixed(2)} µs`;
  };
  line("validate", time(() => validate("NANGO_EDIT_CONNECTION", args)));
  line("buildRequest (validates too)", time(() => buildRequest("NANGO_EDIT_CONNECTION", args)));
}

async function startUp() {
  const timed = (body) => `const t = performance.now(); ${body}; console.log(performance.now() - t)`;
  const programs = {
    "nango-toolkit: import, validate, build": timed(
      `const { buildRequest } = await import("./pkg/entry/node.js"); buildRequest("NANGO_GET_CONNECTION", { connection_id: "a", provider_config_key: "b" })`,
    ),
    "@nangohq/node: import, construct": timed(`const { Nango } = await import("@nangohq/node"); new Nango({ secretKey: "${KEY}" })`),
  };
  for (const [what, source] of Object.entries(programs)) {
    const times = [];
    for (let i = 0; i < 7; i++) times.push(Number(await must(process.execPath, ["--input-type=module", "-e", source], { capture: true })));
    line(what, median(times).toFixed(1));
  }
}

async function loopback() {
  const { NangoToolkit } = await import("../pkg/entry/node.js");
  const row = (id) => ({ unique_key: `integration-${id}`, provider: "github", display_name: "GitHub", created_at: "2026-01-01T00:00:00.000Z" });
  const body = JSON.stringify({ data: Array.from({ length: 22 }, (_, id) => row(id)) });
  const server = createServer((_, response) => response.writeHead(200, { "content-type": "application/json" }).end(body));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  const nango = new NangoToolkit({ apiKey: KEY, baseUrl });
  const headers = { authorization: `Bearer ${KEY}` };
  const contenders = {
    fetch: async () => (await fetch(`${baseUrl}/integrations`, { headers })).json(),
    execute: () => nango.execute("NANGO_LIST_INTEGRATIONS", {}),
  };
  for (const inFlight of [1, 16]) {
    const rates = { fetch: [], execute: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, call] of Object.entries(contenders)) rates[name].push(await throughput(call, inFlight));
    }
    const share = median(rates.execute) / median(rates.fetch);
    line(`${inFlight} in flight`, `${share.toFixed(2)}  (${Math.round(median(rates.execute))} of ${Math.round(median(rates.fetch))} calls a second)`);
  }
  server.close();
  server.closeAllConnections();
}

async function throughput(call, inFlight) {
  let left = CALLS;
  const started = performance.now();
  const worker = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return CALLS / ((performance.now() - started) / 1000);
}
