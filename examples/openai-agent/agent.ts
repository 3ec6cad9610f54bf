// An agent on OpenAI's Responses API: the loop is yours, and a person at the terminal confirms what may destroy data.
import { createInterface } from "node:readline/promises";
import { type CallSummary, NangoToolkit } from "nango-toolkit";
import { createEmulator } from "nango-toolkit/emulator";
import { handleToolCalls, toTools } from "nango-toolkit/openai";
import OpenAI from "openai";

const MAX_TURNS = 10;

const emulator = process.env.NANGO_EMULATOR === "1" ? createEmulator() : undefined;
const apiKey = emulator?.apiKey ?? process.env.NANGO_SECRET_KEY;
if (!apiKey) throw new Error("set NANGO_SECRET_KEY, or NANGO_EMULATOR=1 for an in-memory Nango with made-up users");

const terminal = createInterface({ input: process.stdin, output: process.stderr });
const closed = new AbortController();
terminal.once("close", () => closed.abort());

/**
 * The arguments as they are shown: the model chose them, and characters that move the cursor, turn the direction of
 * the text or cannot be seen would disguise what is confirmed.
 */
const visible = (args: unknown) =>
  JSON.stringify(args).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);

/** Asks the person at the terminal whether a call may be made. Without a person it may not. */
async function confirm({ title, arguments: args }: CallSummary) {
  const question = `The agent wants to: ${title} ${visible(args)}\nAllow it? [y/N] `;
  const answer = await terminal.question(question, { signal: closed.signal }).catch(() => "");
  return answer.trim().toLowerCase() === "y";
}

let asked: Promise<unknown> = Promise.resolve();
const nango = new NangoToolkit({
  apiKey,
  baseUrl: emulator?.baseUrl ?? process.env.NANGO_HOST,
  fetch: emulator?.fetch,
  policy: { default: "allow", rules: [{ id: "ask-first", then: "confirm", effect: "destructive" }] },
  // The calls of one turn run at the same time: their questions are asked one at a time.
  onApproval: (summary) => {
    const answer = asked.then(() => confirm(summary));
    asked = answer;
    return answer;
  },
});

const client = new OpenAI();
const tools = toTools(nango);

/** Lets the model call tools until it answers. */
async function run(prompt: string) {
  const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: prompt }];
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const response = await client.responses.create({ model: process.env.MODEL ?? "gpt-5", input, tools });
    const outputs = await handleToolCalls(nango, response);
    if (outputs.length === 0) return response.output_text;
    input.push(...(response.output as OpenAI.Responses.ResponseInput), ...outputs);
  }
  throw new Error(`no answer after ${MAX_TURNS} turns`);
}

try {
  console.log(await run(process.argv[2] ?? "Which connections have errors? Delete those that cannot be repaired."));
} finally {
  terminal.close();
}
