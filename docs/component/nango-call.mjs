// Calls one of Nango's tools through the WebAssembly component as jco transpiles it, with Node's own `fetch` and clock.
//
// NANGO_SECRET_KEY=… node nango-call.mjs NANGO_LIST_INTEGRATIONS '{}' ['{"policy":{"readOnly":true}}']
import { randomBytes } from "node:crypto";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { tools } from "./nango-toolkit/nango-toolkit.js";

const now = () => BigInt(Date.now());

/**
 * Runs a tool.
 * @param {tools.Toolkit} toolkit
 * @param {string} tool
 * @param {string} args JSON
 * @param {{ key: string, overrides?: string, log?: (event: string) => void }} options
 * @returns {Promise<tools.Outcome>} its `data` is JSON text, or describes the error
 */
export async function execute(toolkit, tool, args, { key, overrides = "{}", log = () => {} }) {
  const call = new tools.Call(toolkit, tool, args, overrides, randomBytes(8).readBigUInt64LE());
  for (;;) {
    const step = call.poll(now());
    call.takeEvents().forEach(log);
    if (step.tag === "send") {
      const { request, until } = step.val;
      const signal = AbortSignal.timeout(Math.max(Number(until - now()), 1));
      try {
        const { url, method, headers, body = null } = request;
        const answer = await fetch(url, { method, headers, body, redirect: "manual", signal });
        const response = { status: answer.status, headers: [...answer.headers], body: await answer.text() };
        call.handleResponse(response, now());
      } catch (error) {
        // After a timeout, the next poll reports it.
        if (!signal.aborted) call.handleTransportError(String(error), now());
        else await sleep(Math.max(Number(until - now()), 0));
      }
    } else if (step.tag === "wait") await sleep(Math.max(Number(step.val - now()), 0));
    else if (step.tag === "key") call.handleKey({ tag: "ok", val: key }, now());
    // Ask a person here; with the token, a later call can confirm this one.
    else if (step.tag === "approval")
      call.handleApproval({ tag: "pending", val: randomBytes(16).toString("hex") }, now());
    else return step.val;
  }
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const [tool = "NANGO_LIST_INTEGRATIONS", args = "{}", options = "{}"] = process.argv.slice(2);
  const { NANGO_HOST: baseUrl = "https://api.nango.dev", NANGO_SECRET_KEY: key = "" } = process.env;
  const toolkit = tools.Toolkit.open(JSON.stringify({ baseUrl, ...JSON.parse(options) }));
  const { data } = await execute(toolkit, tool, args, { key, log: (event) => console.error(event) });
  console.log(data.tag === "ok" ? data.val : JSON.stringify(data.val));
  process.exitCode = data.tag === "ok" ? 0 : 1;
}
