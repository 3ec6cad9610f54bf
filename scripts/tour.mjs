// The tours of `npm start`: what a person would ask, the call it becomes, the request, the result in short.

import { NangoToolkit, buildRequest } from "../pkg/entry/node.js";
import { pretty, style } from "../pkg/bin/output.js";

const out = (text) => process.stdout.write(`${text}\n`);

/** The prompts of the in-memory tour; one that must fail, and one whose secrets must not be seen. */
const EMULATED = [
  ["List all connected CRM accounts", "NANGO_CONNECTION_LIST_GET", { tags: { category: "crm" } }],
  ["Trigger manual sync with Salesforce provider", "NANGO_SYNC_TRIGGER_POST", { provider_config_key: "salesforce", syncs: [] }],
  ["Get configuration for all available scripts", "NANGO_SCRIPTS_CONFIG_GET", {}],
  ["Show provider details for QuickBooks integration", "NANGO_PROVIDERS_GET_GET", { provider: "quickbooks" }],
  [
    "A call that cannot work: every problem is named at once, and nothing is sent",
    "NANGO_ADD_CONNECTION",
    { provider_config_key: "hub/spot", credentials: { type: "BASIC", username: "ada" }, tags: { end_user_email: "nobody" }, colour: "red" },
  ],
  ["A call that returns secrets: they are masked unless asked for", "NANGO_GET_CONNECTION", { connection_id: "hubspot-ada", provider_config_key: "hubspot" }],
];

/** Reads only: what a tour may ask of a real server. */
const REAL = [
  ["Which providers are about mail?", "NANGO_PROVIDERS_LIST_GET", { search: "mail" }],
  ["Which integrations are configured?", "NANGO_LIST_INTEGRATIONS", {}],
  ["Which connections are there?", "NANGO_CONNECTION_LIST_GET", { limit: 5 }],
  ["Which syncs and actions are deployed?", "NANGO_SCRIPTS_CONFIG_GET", {}],
];

export const emulatedTour = (connection) => tour(EMULATED, connection);

/** @returns {Promise<number>} 1 when a call failed */
export const realTour = async (connection) => ((await tour(REAL, connection)) ? 0 : 1);

async function tour(stops, connection) {
  const nango = new NangoToolkit(connection);
  let allWell = true;
  for (const [prompt, slug, args] of stops) {
    out(`\n${style.bold(prompt)}\n  ${style.cyan(slug)} ${JSON.stringify(args)}`);
    const request = requestLine(slug, args, connection.baseUrl);
    if (request) out(style.dim(`  ${request}`));
    const result = await nango.execute(slug, args);
    allWell &&= result.successful;
    const { status, attempts, duration_ms: duration } = result.meta;
    const spent = `${attempts === 0 ? "nothing sent" : `status ${status}`}, ${Math.round(duration)} ms`;
    out(result.successful ? `  ${style.green("successful")} ${style.dim(spent)}` : `  ${style.red(result.error.kind)}: ${result.error.message} ${style.dim(spent)}`);
    out(indent(pretty(brief(result.successful ? result.data : (result.error.issues ?? result.error)))));
  }
  return allWell;
}

function requestLine(slug, args, baseUrl) {
  try {
    const { method, url, body } = buildRequest(slug, args, { baseUrl });
    return `${method} ${url}${body ? ` ${body}` : ""}`;
  } catch {
    return undefined; // refused arguments build no request; the result says why
  }
}

/** The same value with long lists, texts and depths cut, so that a tour fits a screen. */
function brief(value, depth = 0) {
  if (typeof value === "string") return value.length > 160 ? `${value.slice(0, 160)}…` : value;
  if (value === null || typeof value !== "object") return value;
  const size = Array.isArray(value) ? value.length : Object.keys(value).length;
  if (size === 0) return value;
  if (depth > 3) return `… ${size} ${Array.isArray(value) ? "entries" : "properties"}`;
  if (Array.isArray(value)) {
    const most = depth === 0 ? 5 : 2;
    return [...value.slice(0, most).map((item) => brief(item, depth + 1)), ...(size > most ? [`… ${size - most} more`] : [])];
  }
  const most = depth === 0 ? 12 : 8;
  const kept = Object.entries(value).slice(0, most).map(([key, item]) => [key, brief(item, depth + 1)]);
  return Object.fromEntries([...kept, ...(size > most ? [["…", `${size - most} more`]] : [])]);
}

const indent = (text) => text.replace(/^/gm, "  ");
