// Calls per second over loopback, one and sixteen at a time: `execute.mjs URL [ROUNDS] [CALLS]`.
import { Nango } from "@nangohq/node";
import { NangoToolkit } from "nango-toolkit";

const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const baseUrl = process.argv[2];
const [rounds = 24, calls = 1500] = process.argv.slice(3).map(Number);
const nango = new NangoToolkit({ apiKey: KEY, baseUrl });
const official = new Nango({ secretKey: KEY, host: baseUrl });
const init = { headers: { authorization: `Bearer ${KEY}`, accept: "application/json" } };
const contenders = {
  fetch: async () => (await (await fetch(`${baseUrl}/integrations`, init)).json()).data,
  "nango-toolkit": async () => (await nango.execute("NANGO_LIST_INTEGRATIONS", {})).data.data,
  "@nangohq/node": async () => (await official.listIntegrations()).configs,
};
for (const [name, call] of Object.entries(contenders)) {
  if ((await call()).length !== 22) throw new Error(`${name} reads otherwise`);
}

async function throughput(call, inFlight, calls) {
  let left = calls;
  const started = performance.now();
  const worker = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return calls / ((performance.now() - started) / 1000);
}

const results = {};
const names = Object.keys(contenders);
for (const inFlight of [1, 16]) {
  for (const name of names) await throughput(contenders[name], inFlight, Math.min(calls, 1000));
  results[inFlight] = [];
  // Many rounds: other load on the machine affects all contenders equally.
  for (let round = 0; round < rounds; round++) {
    const one = {};
    // The order changes, so that nobody always pays for the garbage of another contender.
    for (const name of names.map((_, i) => names[(i + round) % names.length]))
      one[name] = await throughput(contenders[name], inFlight, calls);
    results[inFlight].push(one);
  }
}
console.log(JSON.stringify(results));
process.exit(0);
