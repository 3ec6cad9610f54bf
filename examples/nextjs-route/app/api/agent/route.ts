// POST /api/agent: streams the answer of an agent that reads what the user who has signed in has connected.
import { anthropic } from "@ai-sdk/anthropic";
import {
  convertToModelMessages,
  createUIMessageStreamResponse,
  isStepCount,
  safeValidateUIMessages,
  streamText,
  toUIMessageStream,
} from "ai";
import { toTools } from "nango-toolkit/ai-sdk";
import { getNango, getUser } from "../../../lib/nango";

export async function POST(request: Request) {
  const user = await getUser();
  if (!user) return Response.json({ error: "sign in first" }, { status: 401 });

  const body = await request.json().catch(() => undefined);
  const sent = await safeValidateUIMessages({ messages: body?.messages });
  if (!sent.success) return Response.json({ error: `\`messages\`: ${sent.error.message}` }, { status: 400 });

  const tools = toTools(getNango().session({ user }));
  const result = streamText({
    model: anthropic(process.env.MODEL ?? "claude-sonnet-5"),
    instructions: "You help a user with the accounts that they have connected. Look things up with the tools.",
    messages: await convertToModelMessages(sent.data),
    tools,
    stopWhen: isStepCount(5),
    abortSignal: request.signal,
  });
  return createUIMessageStreamResponse({ stream: toUIMessageStream({ stream: result.stream, tools }) });
}
