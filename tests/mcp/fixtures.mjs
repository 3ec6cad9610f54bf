// The tools that the official conformance suite calls by name, as `extraTools` of the handler, and a server of
// them: `node tests/mcp/fixtures.mjs` prints its URL. They prove the protocol, not Nango's tools.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";
import { serveHttp } from "../../pkg/dist/bin/mcp-serve.js";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const SILENCE = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";
const KEY = randomBytes(32);

const text = (words) => ({ type: "text", text: words });
const image = { type: "image", data: PIXEL, mimeType: "image/png" };
const says =
  (...content) =>
  () => ({ content });

/** A state that only this server can have created. */
const sealed = (state) => `${state}.${createHmac("sha256", KEY).update(state).digest("hex")}`;
function opened(sealedState) {
  const state = String(sealedState).split(".")[0];
  const [given, wanted] = [Buffer.from(String(sealedState)), Buffer.from(sealed(state))];
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? state : undefined;
}

const form = (message, name, type = "string") => ({
  method: "elicitation/create",
  params: { message, requestedSchema: { type: "object", properties: { [name]: { type } }, required: [name] } },
});
const sampling = {
  method: "sampling/createMessage",
  params: { messages: [{ role: "user", content: { type: "text", text: "Say something" } }], maxTokens: 50 },
};
const roots = { method: "roots/list", params: {} };
const needs = (inputRequests, state) => ({
  resultType: "input_required",
  inputRequests,
  ...(state !== undefined && { requestState: sealed(state) }),
});
const tampered = { code: -32602, message: "requestState was not made by this server" };

/** A tool that asks for `requests` first, with a state where `state` is given. */
const asking =
  (requests, state, answer) =>
  (_, { params }) => {
    const { inputResponses, requestState } = JSON.parse(params);
    if (!Object.keys(requests).every((key) => typeof inputResponses?.[key] === "object")) return needs(requests, state);
    if (state !== undefined && opened(requestState) !== state) return tampered;
    return { content: [text(answer(inputResponses))] };
  };

const capabilities = ({ params }) => JSON.parse(params)._meta?.["io.modelcontextprotocol/clientCapabilities"] ?? {};

const RUNS = {
  test_simple_text: says(text("This is a simple text response for testing.")),
  test_image_content: says(image),
  test_audio_content: says({ type: "audio", data: SILENCE, mimeType: "audio/wav" }),
  test_embedded_resource: says({
    type: "resource",
    resource: {
      uri: "test://embedded-resource",
      mimeType: "text/plain",
      text: "This is an embedded resource content.",
    },
  }),
  test_multiple_content_types: says(text("Multiple content types test:"), image, {
    type: "resource",
    resource: {
      uri: "test://mixed-content-resource",
      mimeType: "application/json",
      text: '{"test":"data","value":123}',
    },
  }),
  test_error_handling: () => ({
    isError: true,
    content: [text("This tool intentionally returns an error for testing")],
  }),
  test_missing_capability: (_, call) =>
    capabilities(call).sampling
      ? { content: [text("sampling is there")] }
      : { code: -32021, message: "this tool needs sampling", data: { requiredCapabilities: { sampling: {} } } },
  test_streaming_elicitation: asking({ user_name: form("What is your name?", "name") }, undefined, () => "thank you"),
  test_logging_tool: says(text("nothing was logged")),
  test_input_required_result_elicitation: asking(
    { user_name: form("What is your name?", "name") },
    undefined,
    ({ user_name: { content } }) => `Hello, ${content?.name}!`,
  ),
  test_input_required_result_sampling: asking(
    { capital_question: sampling },
    undefined,
    ({ capital_question: { content } }) => `The model said: ${content?.text}`,
  ),
  test_input_required_result_list_roots: asking(
    { client_roots: roots },
    undefined,
    ({ client_roots: { roots: given } }) => `Roots: ${JSON.stringify(given)}`,
  ),
  test_input_required_result_request_state: asking(
    { confirm: form("Please confirm", "ok", "boolean") },
    "confirming",
    () => "state-ok",
  ),
  test_input_required_result_multiple_inputs: asking(
    { user_name: form("What is your name?", "name"), greeting: sampling, client_roots: roots },
    "three",
    () => "all three came",
  ),
  test_input_required_result_tampered_state: asking(
    { confirm: form("Please confirm", "ok", "boolean") },
    "sealed",
    () => "the state was whole",
  ),
  test_input_required_result_capabilities(_, call) {
    const can = capabilities(call);
    return needs({
      ...(can.sampling && { question: sampling }),
      ...(can.elicitation && { name: form("What is your name?", "name") }),
    });
  },
  test_input_required_result_multi_round(_, { params }) {
    const { inputResponses = {}, requestState } = JSON.parse(params);
    if (requestState === undefined) return needs({ step1: form("Step 1: What is your name?", "name") }, "one");
    const state = opened(requestState);
    if (state === "one" && inputResponses.step1)
      return needs({ step2: form("Step 2: What is your favorite color?", "color") }, "two");
    return state === "two" && inputResponses.step2 ? { content: [text("both steps are done")] } : tampered;
  },
};

const SCHEMA_2020_12 = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
};

export const fixtures = [
  ...Object.entries(RUNS).map(([name, run]) => ({
    name,
    description: `Fixture: ${name.replaceAll("_", " ")}.`,
    inputSchema: { type: "object", properties: {} },
    run,
  })),
  {
    name: "json_schema_2020_12_tool",
    description: "Tool with JSON Schema 2020-12 features",
    inputSchema: SCHEMA_2020_12,
    run: says(text("ok")),
  },
];

/** Serves the tools on a free port: Nango's on the emulator, and with `all` the fixtures too. */
export function serve({ all = false, port = 0 } = {}) {
  const { fetch, apiKey, baseUrl } = createEmulator({ rateLimit: 1_000_000 });
  const handler = createMcpHandler({
    fetch,
    apiKey,
    baseUrl,
    allowAnonymous: true,
    localOnly: true,
    extraTools: all ? fixtures : [],
  });
  return serveHttp(handler, { port, host: "127.0.0.1" });
}

if (import.meta.main ?? process.argv[1] === import.meta.filename)
  console.log(`${(await serve({ all: true, port: Number(process.argv[2] ?? 0) })).url}/mcp`);
