// Programs as users write them, compiled and never run: what each adapter returns fits its framework's own types.
import type Anthropic from "@anthropic-ai/sdk";
import type { GoogleGenAI, Content } from "@google/genai";
import { ToolMessage } from "@langchain/core/messages";
import { Agent as MastraAgent } from "@mastra/core/agent";
import { Agent } from "@openai/agents";
import { type LanguageModel, generateText, isStepCount } from "ai";
import { createAgent } from "langchain";
import type OpenAI from "openai";
import { NangoToolkit } from "nango-toolkit";
import * as aiSdk from "nango-toolkit/ai-sdk";
import * as anthropic from "nango-toolkit/anthropic";
import * as google from "nango-toolkit/google";
import * as langchain from "nango-toolkit/langchain";
import * as mastra from "nango-toolkit/mastra";
import * as openai from "nango-toolkit/openai";
import * as openaiAgents from "nango-toolkit/openai-agents";

const nango = new NangoToolkit({ apiKey: "x" });

export async function responses(client: OpenAI): Promise<string> {
  const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: "go" }];
  for (;;) {
    const response = await client.responses.create({
      model: "m",
      input,
      tools: openai.toTools(nango, { strict: true }),
    });
    const outputs = await openai.handleToolCalls(nango, response, { strict: true });
    if (outputs.length === 0) return response.output_text;
    // OpenAI's own types of what it gives and what it takes differ.
    input.push(...(response.output as OpenAI.Responses.ResponseInput), ...outputs);
  }
}

export async function chat(client: OpenAI): Promise<string | null> {
  const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: "user", content: "go" }];
  const tools = openai.toTools(nango, { api: "chat", toolsets: ["connections"] });
  for (;;) {
    const response = await client.chat.completions.create({ model: "m", messages, tools });
    const message = response.choices[0]?.message;
    if (!message) return null;
    const replies = await openai.handleToolCalls(nango, message, { toolsets: ["connections"] });
    if (replies.length === 0) return message.content;
    messages.push(message, ...replies);
  }
}

export const runTools = (client: OpenAI) =>
  client.chat.completions
    .runTools({
      model: "m",
      messages: [{ role: "user", content: "go" }],
      tools: openai.toTools(nango, { api: "chat" }),
    })
    .finalContent();

export const agents = new Agent({
  name: "a",
  instructions: "b",
  tools: openaiAgents.toTools(nango, { needsApproval: (tool) => tool.effect === "destructive" }),
});

export async function messages(client: Anthropic): Promise<Anthropic.Message> {
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: "go" }];
  for (;;) {
    const message = await client.messages.create({
      model: "m",
      max_tokens: 1000,
      messages,
      tools: anthropic.toTools(nango, { cache: true }),
    });
    const results = await anthropic.handleToolCalls(nango, message);
    if (results.length === 0) return message;
    messages.push({ role: "assistant", content: message.content }, { role: "user", content: results });
  }
}

export const toolRunner = (client: Anthropic) =>
  client.beta.messages.toolRunner({
    model: "m",
    max_tokens: 1000,
    messages: [{ role: "user", content: "go" }],
    tools: anthropic.toTools(nango),
  });

export async function gemini(client: GoogleGenAI): Promise<string | undefined> {
  const contents: Content[] = [{ role: "user", parts: [{ text: "go" }] }];
  for (;;) {
    const response = await client.models.generateContent({
      model: "m",
      contents,
      config: { tools: google.toTools(nango, { schema: "gemini" }) },
    });
    const parts = await google.handleToolCalls(nango, response, { schema: "gemini" });
    if (parts.length === 0) return response.text;
    const content = response.candidates?.[0]?.content;
    if (content) contents.push(content, { role: "user", parts });
  }
}

export const automatic = (client: GoogleGenAI) =>
  client.models.generateContent({
    model: "m",
    contents: "go",
    config: { tools: google.toTools(nango, { automatic: true }) },
  });

export async function generate(model: LanguageModel): Promise<string> {
  const { text, steps } = await generateText({
    model,
    tools: aiSdk.toTools(nango, { strict: true }),
    prompt: "go",
    stopWhen: isStepCount(9),
  });
  return text + steps.length;
}

export const chain = createAgent({ model: "openai:m", tools: langchain.toTools(nango, { ToolMessage }) });

export const mastraAgent = new MastraAgent({
  id: "a",
  name: "a",
  instructions: "b",
  model: "openai/m",
  tools: mastra.toTools(nango, { needsApproval: true }),
});

export function mistakes(): void {
  // @ts-expect-error no such toolset
  openai.toTools(nango, { toolsets: ["everything"] });
  // @ts-expect-error no such option
  mastra.toTools(nango, { approve: true });
  // @ts-expect-error strict is OpenAI's
  anthropic.toTools(nango, { strict: true });
  // @ts-expect-error a toolkit is not optional
  aiSdk.toTools();
}
