// The tours of `npm start`: what a person would ask, the resulting call, its request, and a short form of the result.

import { NangoToolkit, buildRequest, listTools } from "../pkg/dist/entry/node.js";
import { pretty, style, table } from "../pkg/dist/bin/output.js";

const out = (text) => process.stdout.write(`${text}\n`);
const indent = (text) => text.replace(/^/gm, "    ");

/** Short forms of results: only the interesting fields. */
const connections = ({ connections: all }) =>
  rows(["connection", "integration", "end user", "problems"], all, (one) => [
    one.connection_id,
    one.provider_config_key,
    one.end_user?.display_name ?? one.end_user?.id ?? "",
    one.errors.map((error) => error.type).join(", "),
  ]);

const functions = (all) =>
  rows(["integration", "syncs", "actions"], all, ({ providerConfigKey, syncs, actions }) => [
    providerConfigKey,
    names(syncs),
    names(actions),
  ]);

const provider = ({ data: { name, display_name, auth_mode, categories, authorization_url, proxy, docs } }) =>
  pretty({ name, display_name, auth_mode, categories, authorization_url, api: proxy?.base_url, docs });

const providers = ({ data }) =>
  rows(["provider", "name", "auth mode"], data, (one) => [one.name, one.display_name, one.auth_mode]);
const integrations = ({ data }) =>
  rows(["integration", "provider", "name"], data, (one) => [one.unique_key, one.provider, one.display_name]);
const credentials = (data) => pretty({ credentials: data.credentials });

const names = (list) => list.map((one) => one.name).join(", ");

/** At most ten rows, and the number of the others. */
function rows(head, all, cells) {
  const text = table(head, all.slice(0, 10).map(cells));
  return all.length > 10 ? `${text}\n… ${all.length - 10} more` : all.length === 0 ? "none" : text;
}

/** The in-memory tour; one step must fail, and one must not show the secrets of its result. */
const EMULATED = [
  ["List all connected CRM accounts", "NANGO_CONNECTION_LIST_GET", { tags: { category: "crm" } }, connections],
  [
    "Trigger manual sync with Salesforce provider",
    "NANGO_SYNC_TRIGGER_POST",
    { provider_config_key: "salesforce", syncs: [] },
    pretty,
  ],
  ["Get configuration for all available scripts", "NANGO_SCRIPTS_CONFIG_GET", {}, functions],
  ["Show provider details for QuickBooks integration", "NANGO_PROVIDERS_GET_GET", { provider: "quickbooks" }, provider],
  [
    "A call that cannot work: every problem is named at once, and nothing is sent",
    "NANGO_ADD_CONNECTION",
    {
      provider_config_key: "hub/spot",
      credentials: { type: "BASIC", username: "ada" },
      tags: { end_user_email: "nobody" },
      colour: "red",
    },
    pretty,
  ],
  [
    "A call that returns secrets: they are masked unless asked for",
    "NANGO_GET_CONNECTION",
    { connection_id: "hubspot-ada", provider_config_key: "hubspot" },
    credentials,
  ],
];

/** The tour of a real server: only read calls. */
const REAL = [
  ["Which providers are about mail?", "NANGO_PROVIDERS_LIST_GET", { search: "mail" }, providers],
  ["Which integrations are configured?", "NANGO_LIST_INTEGRATIONS", {}, integrations],
  ["Which connections are there?", "NANGO_CONNECTION_LIST_GET", { limit: 10 }, connections],
  ["Which syncs and actions are deployed?", "NANGO_SCRIPTS_CONFIG_GET", {}, functions],
];

export async function emulatedTour(connection) {
  await tour(EMULATED, connection);
  return everyTool(connection);
}
export const realTour = (connection) => tour(REAL, connection);

/** @returns {Promise<boolean>} whether every call succeeded */
async function tour(stops, connection) {
  const nango = new NangoToolkit(connection);
  let allWell = true;
  for (const [prompt, slug, args, show] of stops) {
    out(`\n${style.bold(prompt)}\n  ${style.cyan(slug)} ${JSON.stringify(args)}`);
    const request = requestLine(slug, args, connection.baseUrl);
    if (request) out(style.dim(`  ${request}`));
    const { successful, data, error, meta } = await nango.execute(slug, args);
    allWell &&= successful;
    const answered = meta.attempts === 0 ? "nothing sent" : `status ${meta.status}`;
    const spent = `${answered}, ${Math.round(meta.durationMs)} ms`;
    out(`  ${successful ? style.green("successful") : style.red(error.kind)} ${style.dim(`(${spent})`)}`);
    out(indent(successful ? show(data) : problems(error)));
  }
  return allWell;
}

/** Every tool once with its first example, under its slug and its first alias; tools that delete come last. */
async function everyTool(connection) {
  const nango = new NangoToolkit(connection);
  const deletes = (tool) => Number(tool.slug.includes("DELETE"));
  const calls = listTools()
    .toSorted((a, b) => deletes(a) - deletes(b))
    .flatMap((tool) => [tool.slug, ...tool.aliases.slice(0, 1)].map((name) => ({ name, example: tool.examples[0] })));
  out(`\n${style.bold(`All ${calls.length} tools, the alias included, each with its first example`)}`);
  const lines = [];
  for (const { name, example } of calls) {
    const { successful, error, meta } = await nango.execute(name, example.arguments);
    lines.push([name, example.title, successful ? `${meta.status}` : error.code]);
  }
  const good = lines.filter(([, , status]) => status.startsWith("2")).length;
  out(indent(`${table(["tool", "example", "answer"], lines)}\n\n${good} of ${lines.length} answered`));
  return good === lines.length;
}

/** The request that would be sent; undefined if the arguments are invalid. */
function requestLine(slug, args, baseUrl) {
  try {
    const { method, url, body } = buildRequest(slug, args, { baseUrl });
    return `${method} ${url}${body ? ` ${body}` : ""}`;
  } catch {
    return undefined;
  }
}

const problems = ({ message, issues, hint }) =>
  [
    ...(issues?.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [message]),
    ...(hint ? [`hint: ${hint}`] : []),
  ].join("\n");
