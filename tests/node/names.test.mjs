// The names in what programs get: what is ours is camelCase, what is Nango's has Nango's names.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { NangoToolkit, parseResponse, statistics } from "../../pkg/dist/entry/node.js";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";

/** Names of Nango's arguments. */
const NANGO = ["connection_id", "integration_id", "provider_config_key"];

/** How Nango's catalogue describes the pages of a provider's lists. */
const PAGING = [
  "cursor_name_in_request",
  "cursor_path_in_response",
  "limit_name_in_request",
  "link_path_in_response_body",
  "link_rel_in_response_header",
  "offset_calculation_method",
  "offset_name_in_request",
  "offset_start_value",
  "response_path",
];

/** The names of policy.schema.json. */
const POLICY = ["end_user", "owner_organization", "proxy_method", "proxy_path", "proxy_host"];

/** Below these all names are Nango's, or the caller's. */
const FOREIGN = ["data", "arguments"];

/** The places of our own properties that are not camelCase; slugs and codes as keys do not count. */
function misnamed(value, place) {
  if (Array.isArray(value)) return value.flatMap((item) => misnamed(item, place));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const at = `${place}.${name}`;
    if (FOREIGN.includes(name)) return [];
    const isKey = name.startsWith("NANGO_") || place.endsWith(".errors");
    return [...(isKey || NANGO.includes(name) || !/[_-]/.test(name) ? [] : [at]), ...misnamed(item, at)];
  });
}

test("results, events, statistics and explanations", async () => {
  const { apiKey, fetch, setFaults } = createEmulator();
  const events = [];
  const options = { apiKey, fetch, onEvent: (event) => events.push(event), retry: { attempts: 2, baseMs: 1 } };
  const nango = new NangoToolkit({
    ...options,
    policy: { default: "allow", rules: [{ then: "confirm", effect: "destroy" }] },
    store: { revoked: (id) => id === "gone" },
  });
  const ada = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
  const session = nango.session({ user: "ada", organization: "acme", agent: "bot", id: "s1" });
  setFaults({ fail: [{ kind: "status", times: 1 }] });
  const results = [
    await session.execute("NANGO_LIST_INTEGRATIONS", {}, { upstreamCallId: "toolu_1" }),
    await session.execute("NANGO_GET_CONNECTION", ada),
    await session.execute("NANGO_DELETE_CONNECTION", ada),
    await nango.execute("NANGO_GET_CONNECTION", { ...ada, connection_id: "nobody" }),
    await nango.execute("NANGO_GET_CONNECTION", {}),
    await nango.execute("NO_TOOL", {}),
    await nango.session({ user: "ada", id: "gone" }).execute("NANGO_LIST_INTEGRATIONS", {}),
    parseResponse(null, { status: 404, body: "" }),
  ];
  assert.deepEqual(
    results.map(({ error }) => error?.kind),
    [
      ...[undefined, undefined, "confirmation_required"],
      ...["not_found", "invalid_arguments", "unknown_tool", "denied", "not_found"],
    ],
  );
  assert.deepEqual(Object.keys(results[0].meta), ["tool", "callId", "status", "attempts", "durationMs"]);
  assert.equal(typeof results[2].error.details.expiresAt, "number");
  const types = new Set(events.map((event) => event.type));
  const declared = readFileSync(new URL("../../pkg/src/types/events.ts", import.meta.url), "utf8");
  assert.deepEqual([...types].sort(), [...declared.matchAll(/^ {2}type: "(.*)";$/gm)].map(([, type]) => type).sort());
  const all = {
    results,
    events,
    statistics: statistics(events),
    explanation: session.explain("NANGO_GET_CONNECTION", ada),
  };
  assert.deepEqual(misnamed(all, ""), []);
  assert.deepEqual(misnamed({ a: [{ call_id: 1, data: { x_y: 1 } }] }, ""), [".a.call_id"], "the check can fail");
});

test("declarations", () => {
  const folder = new URL("../../pkg/src/types/", import.meta.url);
  const files = [...readdirSync(folder).map((name) => new URL(name, folder)), new URL("../emulator.ts", folder)];
  const names = files.flatMap((file) => {
    // Type parameters, arguments and literals of objects count too, comments do not.
    const text = readFileSync(file, "utf8").replaceAll(/\/\*\*?[^]*?\*\/|\/\/.*/g, "");
    return [...text.matchAll(/\b([a-z]\w*_\w*)\??:/g)].map(([, name]) => name);
  });
  assert.deepEqual([...new Set(names)].sort(), [...NANGO, ...PAGING, ...POLICY].sort());
});
