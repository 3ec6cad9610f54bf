// A server on 127.0.0.1 with the wire formats of OpenAI (Chat Completions and Responses), Anthropic and Gemini
// that answers by a script. Like the real ones, it refuses tools with undocumented fields, calls without
// an answer, answers without a call.
import { createServer } from "node:http";

/**
 * Starts it. A turn is a list of calls, the final answer, or a function of the last results that returns one of these.
 * `seen` is what the model saw: `tools` by name, `turns` of results. `prefix` precedes tool names.
 */
export async function startModel(turns, { prefix = "" } = {}) {
  const seen = { tools: {}, turns: [], requests: 0, refused: [] };
  /** Messages that the server keeps for a client that continues them, by id. */
  const kept = new Map();
  let at = 0;
  const next = () => {
    const given = turns[at++] ?? "done";
    const turn = typeof given === "function" ? given(seen.turns.at(-1)) : given;
    return typeof turn === "string"
      ? turn
      : turn.map(({ name, args }, i) => ({ id: `call_${at}_${i}`, name: prefix + name, args }));
  };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request.setEncoding("utf8")) text += part;
    const body = JSON.parse(text || "{}");
    const path = request.url.split("?")[0];
    const handler = Object.entries(FORMATS).find(([end]) => path.endsWith(end))?.[1];
    const reply = (status, value) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (!handler) return reply(404, { error: { message: `no ${path}` } });
    try {
      const { tools, answered, pending, answer, stream, skip } = handler(body, prefix, kept);
      if (skip) return answer("ok", response);
      seen.requests += 1;
      for (const tool of tools) seen.tools[tool.name.slice(prefix.length)] = tool;
      // Every call of the last turn is answered, each once, in order.
      expect(
        JSON.stringify(answered.map((one) => one.id)) === JSON.stringify(pending),
        `answers to ${answered.map((one) => one.id)} for the calls ${pending}`,
      );
      if (answered.length > 0)
        seen.turns.push(
          answered.map(({ name, value, failed }) => ({ name: name?.slice(prefix.length), value, failed })),
        );
      const turn = next();
      if (stream) return stream(turn, response);
      reply(200, answer(turn));
    } catch (problem) {
      seen.refused.push(problem.message);
      reply(400, { error: { type: "invalid_request_error", message: problem.message } });
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
  return { url: `http://127.0.0.1:${server.address().port}`, seen, close };
}

const expect = (holds, message) => {
  if (!holds) throw new Error(message);
};

/** A value with these fields and no other. */
function fields(value, required, optional, what) {
  const names = Object.keys(value);
  const other = names.filter((name) => !required.includes(name) && !optional.includes(name));
  expect(other.length === 0, `${what}: unknown ${other}`);
  for (const name of required) expect(names.includes(name), `${what}: no ${name}`);
  return value;
}

const json = (text) => (text.startsWith("{") ? JSON.parse(text) : text);

function chat({ messages, tools = [] }) {
  const functions = tools.map((tool) => fields(tool, ["type", "function"], [], "tool").function);
  for (const one of functions) fields(one, ["name", "description", "parameters"], ["strict"], "function");
  const last = messages.findLastIndex((message) => message.role === "assistant");
  const calls = messages[last]?.tool_calls ?? [];
  const answered = messages.slice(last + 1).filter((message) => message.role === "tool");
  // LangChain adds the name, which OpenAI ignores.
  for (const one of answered) fields(one, ["role", "tool_call_id", "content"], ["name"], "message");
  return {
    tools: functions.map(({ name, description, parameters: schema, strict }) => ({
      name,
      description,
      schema,
      strict,
    })),
    pending: calls.map((call) => call.id),
    answered: answered.map(({ tool_call_id: id, content }) => ({
      id,
      name: calls.find((call) => call.id === id)?.function.name,
      value: json(content),
    })),
    answer: (turn) => {
      const said = typeof turn === "string";
      const tool_calls = said
        ? undefined
        : turn.map(({ id, name, args }) => ({
            id,
            type: "function",
            function: { name, arguments: JSON.stringify(args) },
          }));
      const message = {
        role: "assistant",
        content: said ? turn : null,
        refusal: null,
        ...(tool_calls && { tool_calls }),
      };
      return {
        id: `chatcmpl-${messages.length}`,
        object: "chat.completion",
        created: 1,
        model: "scripted",
        choices: [{ index: 0, finish_reason: said ? "stop" : "tool_calls", logprobs: null, message }],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      };
    },
  };
}

function responses({ input, tools = [] }) {
  for (const one of tools) fields(one, ["type", "name", "description", "parameters", "strict"], [], "tool");
  const items = typeof input === "string" ? [] : input;
  const answers = items.filter((item) => item.type === "function_call_output");
  const earlier = items.slice(0, items.findLastIndex((item) => item.type === "function_call") + 1);
  const calls = earlier.filter(
    (item) =>
      item.type === "function_call" &&
      !earlier.some((one) => one.type === "function_call_output" && one.call_id === item.call_id),
  );
  const answered = answers.filter(
    (one) => calls.some((call) => call.call_id === one.call_id) || !earlier.includes(one),
  );
  for (const one of answered) fields(one, ["type", "call_id", "output"], [], "item");
  return {
    tools: tools.map(({ name, description, parameters: schema, strict }) => ({ name, description, schema, strict })),
    pending: calls.map((call) => call.call_id),
    answered: answered.map(({ call_id: id, output }) => ({
      id,
      name: calls.find((call) => call.call_id === id)?.name,
      value: json(output),
    })),
    answer: (turn) => {
      const output =
        typeof turn === "string"
          ? [
              {
                type: "message",
                id: `msg_${items.length}`,
                role: "assistant",
                status: "completed",
                content: [{ type: "output_text", text: turn, annotations: [] }],
              },
            ]
          : turn.map(({ id, name, args }) => ({
              type: "function_call",
              id: `fc_${id}`,
              call_id: id,
              name,
              status: "completed",
              arguments: JSON.stringify(args),
            }));
      return {
        id: `resp_${items.length}`,
        object: "response",
        created_at: 1,
        model: "scripted",
        status: "completed",
        error: null,
        output,
        parallel_tool_calls: true,
        tools: [],
        usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
      };
    },
  };
}

function messages({ messages: given, tools = [], thread, stream }, prefix, kept) {
  const messages = thread?.type === "continue" ? [kept.get(thread.previous_message_id), ...given] : given;
  const mine = tools.filter((tool) => tool.name?.startsWith(prefix) && tool.input_schema);
  const optional = ["cache_control", "eager_input_streaming"];
  if (!prefix) for (const one of mine) fields(one, ["name", "description", "input_schema"], optional, "tool");
  const last = messages.findLastIndex((message) => message.role === "assistant");
  const calls =
    last < 0 || typeof messages[last].content === "string"
      ? []
      : messages[last].content.filter((block) => block.type === "tool_use");
  const blocks = messages
    .slice(last + 1)
    .flatMap((message) => (typeof message.content === "string" ? [] : message.content));
  const answered = blocks.filter((block) => block.type === "tool_result");
  if (!prefix) for (const one of answered) fields(one, ["type", "tool_use_id", "content"], ["is_error"], "block");
  const words = (content) => (typeof content === "string" ? content : content.map((part) => part.text).join(""));
  const message = (turn) => {
    const said = typeof turn === "string";
    const content = said
      ? [{ type: "text", text: turn }]
      : turn.map(({ id, name, args }) => ({ type: "tool_use", id: `toolu_${id}`, name, input: args }));
    const id = `msg_${kept.size + 1}`;
    kept.set(id, { role: "assistant", content });
    return {
      id,
      type: "message",
      role: "assistant",
      model: "scripted",
      content,
      stop_reason: said ? "end_turn" : "tool_use",
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    };
  };
  return {
    // Agents also request titles and the like: without tools, outside the script.
    skip: prefix && mine.length === 0,
    tools: mine.map(({ name, description, input_schema: schema, cache_control }) => ({
      name,
      description,
      schema,
      cache_control,
    })),
    pending: calls.map((call) => call.id),
    answered: answered.map(({ tool_use_id: id, content, is_error }) => ({
      id,
      name: calls.find((call) => call.id === id)?.name,
      value: json(words(content).replace(/^Error: /, "")),
      failed: is_error === true,
    })),
    answer: (turn, response) =>
      response
        ? stream
          ? sse(message(turn), response)
          : response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(message(turn)))
        : message(turn),
    ...(stream && { stream: (turn, response) => sse(message(turn), response) }),
  };
}

/** A message of Anthropic's as a stream of events. */
function sse({ content, stop_reason, ...message }, response) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (type, value) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`);
  send("message_start", { message: { ...message, content: [], stop_reason: null } });
  for (const [index, block] of content.entries()) {
    const [start, delta] =
      block.type === "text"
        ? [
            { type: "text", text: "" },
            { type: "text_delta", text: block.text },
          ]
        : [
            { ...block, input: {} },
            { type: "input_json_delta", partial_json: JSON.stringify(block.input) },
          ];
    send("content_block_start", { index, content_block: start });
    send("content_block_delta", { index, delta });
    send("content_block_stop", { index });
  }
  send("message_delta", { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 1 } });
  send("message_stop", {});
  response.end();
}

function gemini({ contents, tools = [] }) {
  const declarations = tools.flatMap((tool) => fields(tool, ["functionDeclarations"], [], "tool").functionDeclarations);
  for (const one of declarations)
    fields(one, ["name", "description"], ["parameters", "parametersJsonSchema"], "declaration");
  const last = contents.findLastIndex((content) => content.role === "model");
  const calls = (contents[last]?.parts ?? []).map((part) => part.functionCall).filter(Boolean);
  const answered = contents
    .slice(last + 1)
    .flatMap((content) => content.parts)
    .map((part) => part.functionResponse)
    .filter(Boolean);
  for (const one of answered) fields(one, ["id", "name", "response"], [], "functionResponse");
  return {
    tools: declarations.map(({ name, description, parameters, parametersJsonSchema }) => ({
      name,
      description,
      schema: parametersJsonSchema ?? parameters,
    })),
    pending: calls.map((call) => call.id),
    answered: answered.map(({ id, name, response: { output, error } }) => ({
      id,
      name,
      // Gemini distinguishes these by the name of the field.
      value: error ? { successful: false, error } : { successful: true, data: output },
      failed: error !== undefined,
    })),
    answer: (turn) => {
      const parts =
        typeof turn === "string"
          ? [{ text: turn }]
          : turn.map(({ id, name, args }) => ({ functionCall: { id, name, args } }));
      return {
        candidates: [{ index: 0, content: { role: "model", parts }, finishReason: "STOP" }],
        usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
      };
    },
  };
}

const FORMATS = {
  "/chat/completions": chat,
  "/responses": responses,
  "/messages": messages,
  ":generateContent": gemini,
};
