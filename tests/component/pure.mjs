// The cases that need no network, run by the JavaScript binding and by a component. They include the cases of the
// runtime suite (tests/runtimes/suite.mjs) for pure functions; each is `[name, run the binding, run a component]`.
import { u64 } from "./hosts.mjs";
import * as same from "./same.mjs";

const ADA = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
const UNICODE = 'Grüße, 東京, 👩‍👩‍👧 \u202e\u0000\ufeff \ud83d\ude00 "quoted" \\ back';
const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

/** The options of toolkits, by topic. */
export const OPTIONS = {
  none: {},
  readOnly: { policy: { readOnly: true } },
  rules: {
    policy: {
      default: "deny",
      rules: [
        { id: "reads", then: "allow", effect: "read" },
        { id: "own", then: "allow", toolset: "connections", end_user: "$user" },
        { id: "ask", then: "confirm", tool: "NANGO_DELETE_CONNECTION" },
      ],
    },
  },
  limited: { policy: { default: "allow", limits: [{ tool: "NANGO_SYNC_TRIGGER_POST", calls: 2 }] } },
  modified: {
    modify: {
      NANGO_GET_CONNECTION: {
        rename: "FETCH_CONNECTION",
        description: "Fetches.",
        hide: ["force_refresh"],
        pin: { provider_config_key: "hubspot" },
      },
    },
  },
  session: { session: { user: "ada", id: "session_1" } },
  strict: { schema: "openai-strict" },
  elsewhere: { baseUrl: "https://nango.example.com/" },
  open: { revealSecrets: ["access_token"] },
};

const WRONG = [
  "",
  "null",
  "[]",
  "{",
  '{"timeoutms":5}',
  '{"baseUrl":"nango"}',
  '{"baseUrl":"http://nango.example.com"}',
  '{"retry":5}',
  '{"retry":{"attempts":0}}',
  '{"revealSecrets":"all"}',
  '{"policy":{"rules":[]}}',
  '{"policy":{"default":"deny","rules":[{"then":"alow"}]}}',
  '{"session":{}}',
  '{"session":{"user":5}}',
  '{"modify":{"NANGO_NOTHING":{}}}',
  '{"schema":"grok"}',
  `{"baseUrl":${JSON.stringify(UNICODE)}}`,
];

const FILTERS = [
  {},
  { readOnly: true },
  { toolsets: ["connections", "syncs"] },
  { tools: ["NANGO_CONNECTION_GET"] },
  { schema: "gemini" },
  { toolsets: ["conections"] },
  { tools: ["NANGO_GET_CONECTION"] },
  { readonly: true },
  "{oops",
];
const API_TEXTS = [
  ...["index", "signatures", "types", "full"].map((level) => ({ tools: "all", level })),
  ...[{}, { tools: ["NANGO_CONNECTION_GET"] }, { untypedResults: true }, { level: "none" }, { schema: "gemini" }],
];
const WORDS = [
  "Who has connected Salesforce?",
  "colourless green ideas",
  "",
  "delete a customer's hubspot connection",
  UNICODE,
  "run the sync again",
  "call the github api",
];

const ARGUMENTS = [
  ["NANGO_GET_CONNECTION", ADA],
  ["NANGO_CONNECTION_GET", {}],
  [
    "NANGO_ADD_CONNECTION",
    { provider_config_key: "hub/spot", credentials: { type: "BASIC", username: "ada" }, colour: "red" },
  ],
  [
    "NANGO_SET_CONNECTION_METADATA",
    {
      ...ADA,
      metadata: { text: UNICODE, [UNICODE]: [UNICODE], number: 1.5e300, big: 12345678901234567890n.toString() },
    },
  ],
  ["NANGO_GET_INTEGRATION", { unique_key: "a b", include: ["webhook", "credentials"] }],
  ["NANGO_GET_INTEGRATION", {}],
  ["NANGO_GET_PROXY", { ...ADA, any_path: "../connections" }],
  ["NANGO_GET_PROXY", { ...ADA, any_path: "crm/v3/objects/contacts", "a/b~c": 1 }],
  ["NANGO_LIST_INTEGRATIONS", "{oops"],
  ["NANGO_LIST_INTEGRATIONS", "[]"],
  ["NANGO_LIST_INTEGRATIONS", "[".repeat(100_000)],
  ["NANGO_GET_CONECTION", {}],
  ["", {}],
  [UNICODE, {}],
];

const JSON_TYPE = { "content-type": "application/json" };
const SECRETS = {
  connection_id: "a",
  provider_config_key: "b",
  credentials: { type: "OAUTH2", access_token: "hunter2", refresh_token: "hunter3", raw: {} },
};
const ANSWERS = [
  ["NANGO_LIST_INTEGRATIONS", { status: 200, headers: {}, body: '{"data":[]}' }],
  [
    "NANGO_LIST_INTEGRATIONS",
    { status: 404, headers: JSON_TYPE, body: '{"error":{"code":"not_found","message":"gone"}}' },
  ],
  ["NANGO_LIST_INTEGRATIONS", { status: 502, headers: {}, body: "<html>" }],
  ["NANGO_LIST_INTEGRATIONS", { status: 200, headers: JSON_TYPE, body: '{"data":[' }],
  ["NANGO_LIST_INTEGRATIONS", { status: 302, headers: { location: "/" }, body: "" }],
  [
    "NANGO_LIST_INTEGRATIONS",
    { status: 429, headers: { "Retry-After": "7" }, body: '{"error":{"code":"rate_limit_exceeded","message":"slow"}}' },
  ],
  ["NANGO_GET_CONNECTION", { status: 200, headers: JSON_TYPE, body: JSON.stringify(SECRETS) }],
  [
    "NANGO_SET_CONNECTION_METADATA",
    {
      status: 400,
      headers: JSON_TYPE,
      body: JSON.stringify({
        error: { code: "invalid_body", errors: [{ code: "x", message: UNICODE, path: ["a", 0] }] },
      }),
    },
  ],
  ["", { status: 200, headers: JSON_TYPE, body: '{"success":true}' }],
  ["NANGO_NOTHING", { status: 200, headers: JSON_TYPE, body: "{}" }],
];

const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));
const short = (value) => (text(value).length > 60 ? `${text(value).slice(0, 60)}…` : text(value));

/** Every case. */
export function* cases({ toolkit, core }) {
  const {
    NangoToolkit,
    apiText,
    buildRequest,
    exactOutputSchema,
    getTool,
    listTools,
    parseResponse,
    searchTools,
    validate,
  } = toolkit;
  /** What the binding returns or throws. */
  const said = (work) => {
    try {
      return { ok: work() ?? null };
    } catch (error) {
      if (!(error instanceof toolkit.NangoToolkitError)) throw error;
      const { kind, code, message, status, retryable, issues, hint, details } = error;
      return {
        err: JSON.parse(
          JSON.stringify({
            kind: kind ?? "internal",
            code,
            message,
            status,
            retryable: retryable ?? false,
            issues: issues?.length > 0 ? issues : undefined,
            hint,
            details,
          }),
        ),
      };
    }
  };
  const opened = async (host, options) => (await host.call("[static]toolkit.open", text(options))).ok;
  const ask = async (host, options, method, ...given) =>
    host.call(`[method]toolkit.${method}`, await opened(host, options), ...given);
  const like = ({ ok, err, trap }, turn) => (trap ? { trap } : err ? { err: same.error(err) } : { ok: turn(ok) });

  for (const options of WRONG) {
    const binding = () => {
      try {
        core.checkOptions(options);
        return { ok: null };
      } catch (err) {
        return { err };
      }
    };
    yield [
      `options ${short(options)}`,
      binding,
      async (host) => like(await host.call("[static]toolkit.open", options), () => null),
    ];
  }
  for (const [about, options] of Object.entries(OPTIONS)) {
    const { session, ...ofToolkit } = options;
    const nango = () => {
      const toolkit = new NangoToolkit({ apiKey: KEY, ...ofToolkit });
      return session === undefined ? toolkit : toolkit.session(session);
    };
    const own = about === "none";
    for (const filter of own ? FILTERS : [{}, { readOnly: true }]) {
      yield [
        `catalog ${short(filter)}, ${about}`,
        () => said(() => (own ? listTools(filter) : nango().tools(filter))),
        async (host) => like(await ask(host, options, "catalog", JSON.stringify(filter)), (all) => all.map(same.tool)),
      ];
    }
    for (const filter of own ? API_TEXTS : [{}, { tools: "all", level: "full" }]) {
      yield [
        `API text ${short(filter)}, ${about}`,
        () => said(() => (own ? apiText(filter) : nango().apiText(filter))),
        async (host) => like(await ask(host, options, "api-text", text(filter)), (written) => written),
      ];
    }
    for (const words of WORDS) {
      for (const filter of [{}, { limit: 2, readOnly: true }]) {
        yield [
          `search ${short(words)} ${short(filter)}, ${about}`,
          () => said(() => (own ? searchTools(words, filter) : nango().searchTools(words, filter))),
          async (host) => like(await ask(host, options, "search", words, text(filter)), (hits) => hits),
        ];
      }
    }
    for (const [slug, args] of ARGUMENTS) {
      yield [
        `validate ${short(slug)} ${short(args)}, ${about}`,
        () => said(() => validate(slug, args, options)),
        async (host) => like(await ask(host, options, "validate", slug, text(args)), same.validity),
      ];
      yield [
        `build ${short(slug)} ${short(args)}, ${about}`,
        () => said(() => buildRequest(slug, args, options)),
        async (host) => like(await ask(host, options, "build-request", slug, text(args)), same.request),
      ];
      const explained = () => {
        const { error, ...told } = nango().explain(slug, args);
        return error ? { err: error } : { ok: told };
      };
      yield [
        `explain ${short(slug)} ${short(args)}, ${about}`,
        explained,
        async (host) => like(await ask(host, options, "explain", slug, text(args), u64(0)), same.decision),
      ];
    }
    for (const [slug, answer] of ANSWERS) {
      const { body, status, headers } = answer;
      // For an unknown tool the binding throws the error that a component returns in its result.
      const parsed = () => {
        const { ok, err } = said(() => parseResponse(slug || null, answer, options));
        return { ok: ok ?? { successful: false, data: null, error: err, meta: { tool: "", status, attempts: 0 } } };
      };
      yield [
        `parse ${short(slug)} ${status} ${short(body)}, ${about}`,
        parsed,
        async (host) =>
          like(
            await ask(host, options, "parse-response", slug, { status, headers: Object.entries(headers), body }),
            same.outcome,
          ),
      ];
    }
  }
  for (const name of ["NANGO_CONNECTION_GET", "NANGO_LIST_INTEGRATIONS", "NANGO_NOTHING"]) {
    // The binding has a function for one tool; a component lists that tool alone.
    const one = async (host) => {
      const { ok, err } = await ask(host, {}, "catalog", text({ tools: [name] }));
      return { ok: err?.kind === "invalid-option" ? null : same.tool(ok[0]) };
    };
    const schema = async (host) => {
      const { ok, err } = await ask(host, {}, "exact-output-schema", name);
      return { ok: err?.kind === "unknown-tool" ? null : JSON.parse(ok) };
    };
    yield [`exact schema of ${name}`, () => ({ ok: exactOutputSchema(name) ?? null }), schema];
    yield [`get ${name}`, () => ({ ok: getTool(name) ?? null }), one];
  }
}
