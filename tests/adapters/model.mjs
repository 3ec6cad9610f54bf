// The AI SDK's mock model, which Mastra accepts, too: it follows a script and keeps what it saw.
import { simulateReadableStream } from "ai";
import { MockLanguageModelV4 } from "ai/test";

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/** The model and what it saw: `tools` by name, `turns` of results. */
export function scripted(turns) {
  const seen = { tools: {}, turns: [], text: undefined };
  let at = 0;
  const next = ({ prompt, tools = [] }) => {
    for (const { name, description, inputSchema, strict } of tools)
      seen.tools[name] = { schema: inputSchema, description, strict };
    const last = prompt.at(-1);
    if (last.role === "tool") {
      seen.turns.push(
        last.content
          .filter((part) => part.type === "tool-result")
          .map(({ toolName, output }) => ({
            name: toolName,
            value: output.value,
            failed: output.type === "error-json",
          })),
      );
    }
    const turn = turns[at++];
    if (typeof turn === "string")
      return { content: [{ type: "text", text: turn }], finishReason: { unified: "stop", raw: "stop" } };
    const content = turn.map(({ name, args }, i) => ({
      type: "tool-call",
      toolCallId: `call-${at}-${i}`,
      toolName: name,
      input: JSON.stringify(args),
    }));
    return { content, finishReason: { unified: "tool-calls", raw: "tool_calls" } };
  };
  const model = new MockLanguageModelV4({
    doGenerate: async (options) => ({ ...next(options), usage, warnings: [] }),
    doStream: async (options) => {
      const { content, finishReason } = next(options);
      const parts = content.flatMap((part) =>
        part.type === "text"
          ? [
              { type: "text-start", id: "t" },
              { type: "text-delta", id: "t", delta: part.text },
              { type: "text-end", id: "t" },
            ]
          : [part],
      );
      return {
        stream: simulateReadableStream({
          chunks: [{ type: "stream-start", warnings: [] }, ...parts, { type: "finish", finishReason, usage }],
          initialDelayInMs: null,
          chunkDelayInMs: null,
        }),
      };
    },
  });
  return { model, seen };
}
