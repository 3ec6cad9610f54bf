// Microseconds of CPU: what `execute` adds to a bare `fetch` and `json()` over a `fetch` that answers at once, and what
// checking arguments and building the request takes: `cpu.mjs [ROUNDS] [CALLS]`.
import { NangoToolkit, buildRequest } from "nango-toolkit";

const [rounds = 9, calls = 4000] = process.argv.slice(2).map(Number);
const row = (id) => ({
  unique_key: `integration-${id}`,
  provider: "github",
  display_name: "GitHub",
  logo: "https://nango.example.com/github.svg",
  created_at: "2026-01-01T00:00:00.000Z",
});
const body = JSON.stringify({ data: Array.from({ length: 22 }, (_, id) => row(id)) });
const init = { headers: { "content-type": "application/json" } };
const fetch = async () => new Response(body, init);
const nango = new NangoToolkit({ apiKey: "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11", fetch });
const good = {
  connection_id: "hubspot-ada",
  provider_config_key: "hubspot",
  tags: { team: "red", end_user_email: "ada@example.com" },
};

const ways = {
  bare: async () => (await (await fetch()).json()).data,
  execute: async () => (await nango.execute("NANGO_LIST_INTEGRATIONS", {})).data.data,
};
for (const [name, call] of Object.entries(ways))
  if ((await call()).length !== 22) throw new Error(`${name} reads otherwise`);

async function microseconds(call) {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

const results = [];
for (let round = -2; round < rounds; round++) {
  const one = { bare: await microseconds(ways.bare), execute: await microseconds(ways.execute) };
  one.build = await microseconds(() => buildRequest("NANGO_EDIT_CONNECTION", good));
  if (round >= 0) results.push({ added: one.execute - one.bare, build: one.build }); // the first two warm up
}
console.log(JSON.stringify(results));
process.exit(0);
