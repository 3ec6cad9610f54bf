// A model on 127.0.0.1 for agents of the command line: it streams in the formats of Anthropic, OpenAI (Responses and
// Chat Completions) and Gemini. It calls one tool, found under any prefix or with the agent's own search, and stops
// when it has seen the result.
import { createServer } from "node:http";

/**
 * Starts it for one agent. `tool` is the end of the name of the tool; `search` is called if no such tool is listed:
 * from a list of names to a call, `{ name, args }`, or nothing; `done` says whether a result is that of the tool.
 * @returns the URL, what was seen (`tools`: names; `results`: what the tool returned; `paths`), and `close`
 */
export async function startModel({ tool, search = () => undefined, done }) {
  const seen = { tools: new Set(), results: [], paths: new Set() };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request.setEncoding("utf8")) text += part;
    const path = request.url.split("?")[0];
    seen.paths.add(path);
    const format = FORMATS.find(([pattern]) => pattern.test(path))?.[1];
    if (request.method !== "POST" || !format) return response.writeHead(404).end();
    const body = JSON.parse(text || "{}");
    const tools = format.tools(body);
    for (const name of tools) seen.tools.add(name);
    const results = format.results(body);
    if (results.some(done)) seen.results = results.filter(done);
    const listed = tools.find((name) => name.endsWith(tool));
    const asked = results.length < 6 && !results.some(done);
    const call = asked && (listed ? { name: listed, args: {} } : search(tools, results));
    const turn = call ? { id: `call_${results.length}`, ...call } : { text: "That is all." };
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of format.events(turn)) {
      if (event.type && !format.anonymous) response.write(`event: ${event.type}\n`);
      response.write(`data: ${JSON.stringify(event)}\n\n`);
    }
    response.end(format.end ?? "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
  return { url: `http://127.0.0.1:${server.address().port}`, seen, close };
}

/** A value as text, whatever its parts are. */
const textOf = (value) => (typeof value === "string" ? value : JSON.stringify(value ?? ""));

const anthropic = {
  tools: ({ tools = [] }) => tools.map(({ name }) => name),
  results: ({ messages }) =>
    messages
      .flatMap(({ content }) => (Array.isArray(content) ? content : []))
      .filter(({ type }) => type === "tool_result")
      .map(({ content }) => textOf(content)),
  events: ({ text, id, name, args }) => [
    {
      type: "message_start",
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "scripted",
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    },
    {
      type: "content_block_start",
      index: 0,
      content_block: text ? { type: "text", text: "" } : { type: "tool_use", id: `toolu_${id}`, name, input: {} },
    },
    {
      type: "content_block_delta",
      index: 0,
      delta: text ? { type: "text_delta", text } : { type: "input_json_delta", partial_json: JSON.stringify(args) },
    },
    { type: "content_block_stop", index: 0 },
    {
      type: "message_delta",
      delta: { stop_reason: text ? "end_turn" : "tool_use", stop_sequence: null },
      usage: { output_tokens: 1 },
    },
    { type: "message_stop" },
  ],
};

const responses = {
  // A namespace holds the tools of one server.
  tools: ({ tools = [] }) =>
    tools.flatMap(({ name, type, tools: inner }) => inner?.map((one) => `${name}.${one.name}`) ?? [name ?? type]),
  results: ({ input }) =>
    (Array.isArray(input) ? input : [])
      .filter(({ type }) => /_output$/.test(type))
      .map(({ output, tools }) => textOf(output ?? tools)),
  events({ text, id, name = "", args }) {
    const [namespace, inner] = name.includes(".") ? name.split(".") : [undefined, name];
    const call = { type: "function_call", id: `fc_${id}`, call_id: id, namespace, name: inner };
    const item = text
      ? { type: "message", id: "msg_1", role: "assistant", content: [{ type: "output_text", text }] }
      : { ...call, arguments: JSON.stringify(args) };
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    return [
      { type: "response.created", response: { id: "resp_1" } },
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: { id: "resp_1", output: [item], usage } },
    ];
  },
};

const chat = {
  anonymous: true,
  end: "data: [DONE]\n\n",
  tools: ({ tools = [] }) => tools.map(({ function: one }) => one.name),
  results: ({ messages }) => messages.filter(({ role }) => role === "tool").map(({ content }) => textOf(content)),
  events({ text, id, name, args }) {
    const chunk = (delta, finish_reason = null) => ({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1,
      model: "scripted",
      choices: [{ index: 0, delta, finish_reason }],
    });
    const call = { index: 0, id, type: "function", function: { name, arguments: JSON.stringify(args) } };
    return [
      chunk({ role: "assistant", ...(text ? { content: text } : { content: null, tool_calls: [call] }) }),
      chunk({}, text ? "stop" : "tool_calls"),
    ];
  },
};

const gemini = {
  tools: ({ tools = [] }) =>
    tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations.map(({ name }) => name)),
  results: ({ contents = [] }) =>
    contents
      .flatMap(({ parts = [] }) => parts)
      .filter((part) => part.functionResponse)
      .map((part) => textOf(part.functionResponse.response)),
  events: ({ text, name, args }) => [
    {
      candidates: [
        {
          index: 0,
          content: { role: "model", parts: [text ? { text } : { functionCall: { name, args } }] },
          finishReason: "STOP",
        },
      ],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    },
  ],
};

const FORMATS = [
  [/\/messages$/, anthropic],
  [/\/responses$/, responses],
  [/\/chat\/completions$/, chat],
  [/:(streamG|g)enerateContent$/, gemini],
];
