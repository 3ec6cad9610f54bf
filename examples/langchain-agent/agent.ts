// An agent of LangChain that only reads, with the few tools that fit the question instead of all of them.
import { ToolMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import { NangoToolkit } from "nango-toolkit";
import { createEmulator } from "nango-toolkit/emulator";
import { toTools } from "nango-toolkit/langchain";

const emulator = process.env.NANGO_EMULATOR === "1" ? createEmulator() : undefined;
const apiKey = emulator?.apiKey ?? process.env.NANGO_SECRET_KEY;
if (!apiKey) throw new Error("set NANGO_SECRET_KEY, or NANGO_EMULATOR=1 for an in-memory Nango with made-up users");

const nango = new NangoToolkit({
  apiKey,
  baseUrl: emulator?.baseUrl ?? process.env.NANGO_HOST,
  fetch: emulator?.fetch,
  policy: { readOnly: true },
});

const question = process.argv[2] ?? "Who has connected HubSpot?";
const found = nango.searchTools(question, { limit: 5, readOnly: true }).map(({ slug }) => slug);
if (found.length === 0) throw new Error(`no tool fits the question: ${question}`);
console.error(`tools: ${found.join(", ")}`);

const agent = createAgent({
  model: new ChatOpenAI({ model: process.env.MODEL ?? "gpt-5" }),
  systemPrompt: "Answer questions about the users of this application and what they have connected, from the tools.",
  tools: toTools(nango, { ToolMessage, tools: found }),
});

const { messages } = await agent.invoke({ messages: question }, { recursionLimit: 20 });
for (const message of messages)
  if (ToolMessage.isInstance(message)) console.error(`-> ${message.name}: ${message.status}`);
console.log(messages.at(-1)?.text);
