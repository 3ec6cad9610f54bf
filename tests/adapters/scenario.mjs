// The scenario for every framework: one agent loop on the in-memory Nango with a model that follows a script.
// A runner drives the framework and reports what its model saw; this file checks it.
import assert from "node:assert/strict";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { NangoToolkit } from "../../pkg/dist/entry/node.js";

export { NangoToolkit };

/** A toolkit on a fresh in-memory Nango, and its connections. */
export function makeToolkit(options = {}) {
  const emulator = createEmulator();
  const { fetch, apiKey, baseUrl } = emulator;
  const events = [];
  const nango = new NangoToolkit({ fetch, apiKey, baseUrl, onEvent: (event) => events.push(event), ...options });
  const connections = async () =>
    (await nango.execute("NANGO_CONNECTION_LIST_GET", {})).data.connections.map((one) => one.connection_id);
  return { nango, emulator, connections, events };
}

const ADA = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
export const DELETE = { name: "NANGO_DELETE_CONNECTION", args: ADA };

/** The turns of the model: what it calls, and the results it must see. */
const TURNS = [
  {
    title: "a list",
    calls: [{ name: "NANGO_CONNECTION_LIST_GET", args: { integration_id: ["hubspot"] } }],
    strict: [
      {
        connection_id: null,
        search: null,
        end_user_id: null,
        end_user_organization_id: null,
        integration_id: ["hubspot"],
        tags: null,
        limit: null,
        page: null,
      },
    ],
    sees: [({ data }) => assert.ok(data.connections.some((one) => one.connection_id === "hubspot-ada"))],
  },
  {
    title: "wrong arguments",
    wrong: /connection_id[^]*provider_config_key/,
    calls: [{ name: "NANGO_GET_CONNECTION", args: { connectionId: "hubspot-ada" } }],
    sees: [
      ({ error }) => {
        assert.equal(error.kind, "invalid_arguments");
        assert.deepEqual(
          error.issues.map((issue) => issue.path.join(".")),
          ["connection_id", "provider_config_key", "connectionId"],
        );
        assert.match(JSON.stringify(error.issues), /did you mean `connection_id`\?/);
      },
    ],
    fails: [true],
  },
  {
    title: "the same, repaired",
    calls: [{ name: "NANGO_GET_CONNECTION", args: ADA }],
    strict: [{ ...ADA, force_refresh: null, refresh_token: null, refresh_github_app_jwt_token: null }],
    sees: [
      ({ data }) => {
        assert.equal(data.connection_id, "hubspot-ada");
        assert.match(data.credentials.access_token, /redacted/i);
      },
    ],
  },
  {
    title: "a tool that fails",
    calls: [{ name: "NANGO_GET_CONNECTION", args: { ...ADA, connection_id: "nobody" } }],
    sees: [({ error }) => assert.equal(error.kind, "not_found")],
    fails: [true],
  },
  {
    title: "two calls in one turn, and arguments that strict mode writes otherwise",
    calls: [
      { name: "NANGO_LIST_INTEGRATIONS", args: {} },
      { name: "NANGO_CREATE_CONNECT_SESSION", args: { tags: { end_user_id: "ada", plan: "pro" } } },
    ],
    strict: [
      {},
      {
        tags: [
          { key: "end_user_id", value: "ada" },
          { key: "plan", value: "pro" },
        ],
        end_user: null,
        organization: null,
        allowed_integrations: null,
        integrations_config_defaults: null,
        overrides: null,
        webhook_url_override: null,
      },
    ],
    sees: [
      ({ data }) => assert.ok(Array.isArray(data.data) && data.data.length > 3),
      ({ data }) => assert.match(data.data.connect_link, /^https?:/),
    ],
  },
];

/** A policy that wants a person to confirm what deletes connections, and what a model then sees of such a call. */
export const CONFIRM = { default: "allow", rules: [{ id: "ask-first", then: "confirm", tool: DELETE.name }] };
const UNCONFIRMED = {
  title: "a call that policy wants confirmed",
  calls: [DELETE],
  sees: [
    ({ error }) => {
      assert.equal(error.kind, "confirmation_required");
      assert.equal(error.details.token, undefined, "what confirms a call is for people");
    },
  ],
  fails: [true],
};
const turnsOf = (confirm) => (confirm ? [...TURNS, UNCONFIRMED] : TURNS);

/** The turns of the model: lists of calls, then the final text. `confirm` adds a call that needs confirmation. */
export const script = ({ strict = false, confirm = true } = {}) => [
  ...turnsOf(confirm).map(({ calls, strict: forms }) =>
    calls.map((call, at) => (strict && forms ? { ...call, args: forms[at] } : call)),
  ),
  "done",
];

/**
 * Checks what the model saw: `{ tools, turns, text }` with the tools by name (`schema` of each), for each turn the
 * results it saw as `{ name, value, failed }`, and the last text. `failed` is what the framework marks as an error;
 * undefined where it marks none. `schema` is the form of the schemas; `own` says that the framework itself refused the
 * wrong arguments, in its own words; `confirm` that the toolkit has {@link CONFIRM}; `meta` that it shows the whole
 * result; `events` are those of the toolkit, where the framework tells the ids of calls.
 */
export function judge(
  { tools, turns, text },
  nango,
  { schema, confirm = true, own = false, meta = false, events } = {},
) {
  const script = turnsOf(confirm);
  const listed = nango.tools(schema ? { schema } : {});
  assert.ok(listed.length >= 23);
  assert.deepEqual(Object.keys(tools).sort(), listed.map((tool) => tool.slug).sort(), "all tools are accepted");
  for (const tool of listed) {
    const { schema: given, description } = tools[tool.slug];
    if (given !== undefined) assert.deepEqual(given, tool.inputSchema, tool.slug);
    if (description !== undefined) assert.equal(description, tool.description);
  }
  assert.equal(turns.length, script.length, "every turn was answered");
  for (const [at, { title, calls, sees, fails = [], wrong }] of script.entries()) {
    assert.deepEqual(
      turns[at].map((one) => one.name),
      calls.map((one) => one.name),
      title,
    );
    for (const [i, see] of sees.entries()) {
      const { value, failed } = turns[at][i];
      if (own && wrong) {
        assert.match(value, wrong, title);
        continue;
      }
      assert.equal(value.successful, !fails[i], `${title}: ${JSON.stringify(value)}`);
      see(value);
      if (!meta) assert.equal(value.meta, undefined, "what a model has no use for is left out");
      if (failed !== undefined) assert.equal(failed, Boolean(fails[i]), `${title}: marked as an error`);
    }
  }
  if (events) {
    const ids = events.filter((event) => event.type === "call.started").map((event) => event.upstreamCallId);
    assert.ok(
      ids.length > 6 && ids.every(Boolean) && new Set(ids).size === ids.length,
      "events name the model's calls",
    );
  }
  assert.equal(text, "done");
  assert.doesNotMatch(JSON.stringify(turns), /"(access_token|refresh_token)":"(?!\[redacted)/);
}
