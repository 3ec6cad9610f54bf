// Why the tools differ from `@nangohq/types`: one line for each difference that `npm run drift` may find. `where` and
// `what` are what it prints, exactly; a list stands for each of its entries. `as` names the endpoint of the types with
// which a tool is compared whose own endpoint they do not have. A line without a difference fails the test.

/** Endpoints that are not tools. */
const ENDPOINTS = [
  {
    where: ["POST /mcp", "GET /mcp"],
    what: "no tool",
    reason: "Nango's own MCP servers; this toolkit is an MCP server itself, and MCP is not spoken through a tool",
  },
  {
    where: ["POST /session/:sessionId/mcp", "GET /session/:sessionId/mcp"],
    what: "no tool",
    reason: "the MCP server of an agent session takes that session's token, not an API key: the agent connects to it",
  },
  {
    where: [
      "POST /api-auth/api-key/:providerConfigKey",
      "POST /api-auth/basic/:providerConfigKey",
      "POST /auth/aws-sigv4/:providerConfigKey",
      "POST /auth/bill/:providerConfigKey",
      "POST /auth/jwt/:providerConfigKey",
      "POST /auth/oauth-outbound/:providerConfigKey",
      "POST /auth/signature-based/:providerConfigKey",
      "POST /auth/tba/:providerConfigKey",
      "POST /auth/two-step/:providerConfigKey",
      "POST /auth/unauthenticated/:providerConfigKey",
    ],
    what: "no tool",
    reason:
      "the page on which a person connects an account sends it, with a connect session and what that person types; " +
      "NANGO_CREATE_CONNECT_SESSION makes the link to the page",
  },
  {
    where: "POST /connect/telemetry",
    what: "no tool",
    reason: "the same page reports what the person clicks",
  },
  {
    where: "POST /cli/telemetry",
    what: "no tool",
    reason: "Nango's command line reports which of its commands ran",
  },
  {
    where: ["POST /sync/deploy", "POST /sync/deploy/confirmation"],
    what: "no tool",
    reason:
      "Nango's command line deploys a project that it has compiled, unless its version is too old for the server; an " +
      "agent deploys source",
  },
  {
    where: ["POST /functions/deployments/bundle", "POST /functions/deployments/bundle/preview"],
    what: "no tool",
    reason:
      "the same for all functions of an environment or an integration at once: what the bundle of compiled code does " +
      "not have is deleted",
  },
  {
    where: "POST /sync/deploy/internal",
    what: "no tool",
    reason: "Nango deploys its own functions so; the server refuses every account but one of Nango's",
  },
  {
    where: ["POST /functions/dryruns/:id/result", "POST /functions/deployments/:id/result"],
    what: "no tool",
    reason: "the sandbox that ran the code reports the result, with a token that only it has",
  },
  {
    where: "POST /webhook/:environmentUuid/:providerConfigKey",
    what: "no tool",
    reason: "providers deliver their webhooks here; it takes no API key",
  },
  {
    where: "GET /oauth/client-metadata/:environmentUuid/:providerConfigKey",
    what: "no tool",
    reason: "authorization servers read Nango's client metadata here while they authorise; it takes no API key",
  },
  {
    where: "GET /v1/:path",
    what: "no tool",
    reason: "deprecated: runs an action or reads records, by their path; there are endpoints for both",
  },
  {
    where: "DELETE /api/v1/connections/:connectionId",
    what: "no tool",
    reason: "the dashboard's own endpoint, which the types list among the public ones; it takes no API key",
  },
  {
    where: [
      "POST /fleet/:fleetId/rollout",
      "POST /environment/:environmentId/log",
      "POST /environment/:environmentId/runner/telemetry",
      "PUT /environment/:environmentId/runner/task/:taskId/abort",
      "GET /environment/:environmentId/runner/task/:taskId/abort",
      "PUT /environment/:environmentId/runner/sync-conflict",
      "DELETE /environment/:environmentId/runner/sync-conflict",
      "POST /environment/:environmentId/runner/locks/try-acquire",
      "POST /environment/:environmentId/runner/locks/release",
      "POST /environment/:environmentId/runner/locks/release-all",
      "GET /environment/:environmentId/runner/locks",
      "POST /tasks/:taskId/heartbeat",
      "PUT /tasks/:taskId",
      "POST /runners/:nodeId/register",
      "POST /runners/:nodeId/idle",
    ],
    what: "no tool",
    reason: "Nango's services talk to each other; the public server has no such routes",
  },
];

const DEPRECATED_PATH =
  "the types have the older path, which the server counts as deprecated; /connections is handled by the same code";

/** Tools whose endpoint the types write differently, or not at all. */
const TOOLS = [
  {
    where: "NANGO_CONNECTION_LIST_GET",
    what: "no such endpoint in the types",
    as: "GET /connection",
    reason: DEPRECATED_PATH,
  },
  {
    where: "NANGO_GET_CONNECTION",
    what: "no such endpoint in the types",
    as: "GET /connection/:connectionId",
    reason: DEPRECATED_PATH,
  },
  {
    where: "NANGO_DELETE_CONNECTION",
    what: "no such endpoint in the types",
    as: "DELETE /connection/:connectionId",
    reason: DEPRECATED_PATH,
  },
  {
    where: "NANGO_SET_CONNECTION_METADATA",
    what: "no such endpoint in the types",
    as: "POST /connection/metadata",
    reason: DEPRECATED_PATH,
  },
  {
    where: "NANGO_UPDATE_CONNECTION_METADATA",
    what: "no such endpoint in the types",
    as: "PATCH /connection/metadata",
    reason: DEPRECATED_PATH,
  },
  {
    where: ["NANGO_PUT_PROXY", "NANGO_POST_PROXY", "NANGO_PATCH_PROXY", "NANGO_DELETE_PROXY"],
    what: "no such endpoint in the types",
    as: "GET /proxy/:anyPath",
    reason: "one type stands for the proxy with every method, and names GET",
  },
  {
    where: "NANGO_GET_ENVIRONMENT_VARIABLES",
    what: "no such endpoint in the types",
    as: "GET /api/v1/environment-variables",
    reason: "the types have a path of the dashboard; the public server answers at /environment-variables",
  },
  {
    where: ["NANGO_LIST_ALL_FUNCTIONS", "NANGO_GET_FUNCTION_BY_UUID", "NANGO_UPDATE_FUNCTION"],
    what: "no such endpoint in the types",
    reason: "Nango's changelog and the source of its server have it; the published types do not have it yet",
  },
];

/** Differences of arguments. */
const ARGUMENTS = [
  {
    where: ["GET /connect/session", "DELETE /connect/session"],
    what: "header authorization: required, only here",
    reason: "the types name no authorisation; these two take a session token, which is an argument, and no API key",
  },
  {
    where: "GET /records",
    what: "query delta: optional, only in the types",
    reason: "an older name of modified_after, which the tool has",
  },
  {
    where: "GET /records",
    what: [
      "query filter: string in the types, string or list here",
      "query filter: value ADDED only in the types",
      "query filter: value DELETED only in the types",
      "query filter: value UPDATED only in the types",
    ],
    reason: "several are sent with commas between them; capitals are another spelling, which is sent in small letters",
  },
  {
    where: "POST /sessions",
    what: [
      "body toolset: string or object in the types, object here",
      "body toolset.*: string or object in the types, object here",
      "body toolset.*.allow: string or object in the types, object here",
    ],
    reason: "`*` can be expressed without it: an integration without a list of allowed tools has all of them",
  },
  {
    where: "GET /providers",
    what: "query connect_session_token: optional, only in the types",
    reason: "the page on which a person connects an account sends its session so; the tool has an API key",
  },
  {
    where: ["GET /providers", "GET /providers/:provider"],
    what: "header accept-language: optional, only here",
    reason: "the server translates titles and descriptions; the types leave the header out",
  },
  {
    where: "GET /connection",
    what: "query integrationId: string in the types, string or list here",
    reason: "the server splits the string at commas, so that several IDs are sent as one string",
  },
  {
    where: "POST /connections",
    what: [
      "body connection_config.oauth_scopes: optional, only in the types",
      "body connection_config.authorization_params: optional, only in the types",
    ],
    reason:
      "the type is that of stored settings; both may be sent as settings of other names, unchecked as on the server",
  },
  {
    where: "GET /sync/status",
    what: "query syncs: string in the types, string or list here",
    reason: "the server splits the string at commas, so that several names are sent as one string",
  },
  {
    where: "POST /sync/trigger",
    what: [
      "header provider-config-key: optional, only in the types",
      "header connection-id: optional, only in the types",
    ],
    reason: "an older way to send what the tool sends in the body; the body wins",
  },
  {
    where: "POST /sync/trigger",
    what: "body provider_config_key: optional in the types, required here",
    reason: "the server refuses a request that has it neither in the body nor as a header",
  },
  {
    where: "GET /scripts/config",
    what: "query format: optional, only here",
    reason: "the types misspell the part of the request (`Query`), so that it is lost",
  },
  {
    where: "POST /action/trigger",
    what: "body input: required in the types, optional here",
    reason: "its type is `unknown`, and the server accepts that it is absent: some actions take no input",
  },
  {
    where: "GET /proxy/:anyPath",
    what: [
      "header decompress: string in the types, boolean here",
      "header forward-headers-on-redirect: string in the types, boolean here",
    ],
    reason: "the server accepts `true` and `false`, as which a boolean is sent",
  },
  {
    where: "GET /proxy/:anyPath",
    what: "header retry-on: string in the types, list here",
    reason: "the server accepts numbers with commas between them, as which a list is sent",
  },
  {
    where: "GET /proxy/:anyPath",
    what: [
      "header nango-activity-log-id: optional, only in the types",
      "header nango-is-sync: optional, only in the types",
      "header nango-is-dry-run: optional, only in the types",
    ],
    reason: "functions that run at Nango say so about themselves",
  },
  {
    where: "GET /proxy/:anyPath",
    what: "header: other names are allowed only here",
    reason: "headers for the provider are sent with the prefix `nango-proxy-`, which a type cannot list",
  },
];

/** Modes of authentication for which a tool that takes credentials has no form. */
const MODES = [
  {
    where: ["NANGO_CREATE_INTEGRATION", "NANGO_UPDATE_INTEGRATION"],
    what: [
      "credentials of type API_KEY: no form",
      "credentials of type BASIC: no form",
      "credentials of type BILL: no form",
      "credentials of type JWT: no form",
      "credentials of type OAUTH2_CC: no form",
      "credentials of type SIGNATURE: no form",
      "credentials of type TWO_STEP: no form",
    ],
    reason: "each connection brings its own credentials; those of an integration are refused by the server",
  },
  {
    where: ["NANGO_CREATE_INTEGRATION", "NANGO_UPDATE_INTEGRATION"],
    what: "credentials of type NONE: no form",
    reason: "there are no credentials, and the server refuses a form without any",
  },
  {
    where: ["NANGO_CREATE_INTEGRATION", "NANGO_UPDATE_INTEGRATION"],
    what: ["credentials of type AWS_SIGV4: no form", "credentials of type INSTALL_PLUGIN: no form"],
    reason: "the public API has no form for them: neither its types nor its server; the dashboard has one",
  },
  {
    where: ["NANGO_CREATE_INTEGRATION", "NANGO_UPDATE_INTEGRATION"],
    what: ["credentials of type MCP_OAUTH2: no form", "credentials of type MCP_OAUTH2_GENERIC: no form"],
    reason: "the types of the public API have no form for them either, only those of the dashboard",
  },
  {
    where: "NANGO_ADD_CONNECTION",
    what: [
      "credentials of type AWS_SIGV4: no form",
      "credentials of type BILL: no form",
      "credentials of type INSTALL_PLUGIN: no form",
      "credentials of type JWT: no form",
      "credentials of type MCP_OAUTH2: no form",
      "credentials of type MCP_OAUTH2_GENERIC: no form",
      "credentials of type SIGNATURE: no form",
      "credentials of type TWO_STEP: no form",
    ],
    reason: "the server does not import such credentials: a person connects the account (NANGO_CREATE_CONNECT_SESSION)",
  },
];

/** Scopes. */
const SCOPES = [
  {
    where: "environment:functions:update",
    what: "no such scope in the types",
    reason: "the tests of Nango's server use it for `PATCH /functions/{uuid}`, which the types do not have either",
  },
  {
    where: "environment:mcp",
    what: "no tool needs this scope",
    reason: "it is for Nango's own MCP server, `/mcp`, which is not a tool",
  },
  {
    where: "environment:logs:read",
    what: "no tool needs this scope",
    reason: "no endpoint of the public API needs it; Nango's own MCP server shows logs",
  },
  {
    where: "account:environments:set_production",
    what: "no tool needs this scope",
    reason: "`POST /environments` needs it in addition to its own scope, for `is_production: true` only",
  },
];

/** @type {import("./check.mjs").Reason[]} */
export const REASONS = [...ENDPOINTS, ...TOOLS, ...ARGUMENTS, ...MODES, ...SCOPES];
