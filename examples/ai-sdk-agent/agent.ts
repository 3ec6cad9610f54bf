// An agent of the AI SDK that acts for one user. It sees only what that user has connected, and deletes nothing.
import { anthropic } from "@ai-sdk/anthropic";
import { isStepCount, ToolLoopAgent } from "ai";
import { NangoToolkit } from "nango-toolkit";
import { toTools } from "nango-toolkit/ai-sdk";
import { createEmulator } from "nango-toolkit/emulator";

const emulator = process.env.NANGO_EMULATOR === "1" ? createEmulator() : undefined;
const apiKey = emulator?.apiKey ?? process.env.NANGO_SECRET_KEY;
if (!apiKey) throw new Error("set NANGO_SECRET_KEY, or NANGO_EMULATOR=1 for an in-memory Nango with made-up users");

// In an application, the user comes from its sign-in, never from the prompt.
const user = process.env.NANGO_USER ?? (emulator && "ada");
if (!user) throw new Error("set NANGO_USER to the ID that your application gave the end user in Nango");

const nango = new NangoToolkit({
  apiKey,
  baseUrl: emulator?.baseUrl ?? process.env.NANGO_HOST,
  fetch: emulator?.fetch,
  policy: {
    default: "allow",
    rules: [{ id: "no-deletes", then: "deny", tool: "NANGO_DELETE_*" }],
    limits: [{ tool: "NANGO_*_PROXY", calls: 20 }],
  },
});

const agent = new ToolLoopAgent({
  model: anthropic(process.env.MODEL ?? "claude-sonnet-5"),
  instructions: "You help a user with the accounts that they have connected. Look things up with the tools.",
  tools: toTools(nango.session({ user })),
  stopWhen: isStepCount(10),
});

const prompt = process.argv[2] ?? "Which accounts have I connected, and does one of them need attention?";
const { stream } = await agent.stream({ prompt });
for await (const part of stream) {
  if (part.type === "text-delta") process.stdout.write(part.text);
  if (part.type === "text-end") process.stdout.write("\n");
  if (part.type === "tool-call") console.error(`-> ${part.toolName} ${JSON.stringify(part.input)}`);
  if (part.type === "error") throw part.error;
}
