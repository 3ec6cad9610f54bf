// The comparison itself: everything in which the tools and the package `@nangohq/types` differ, and which of it has a
// reason.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib.mjs";
import { readTypes } from "./package-types.mjs";
import { byType, differentProperties, merged } from "./shapes.mjs";
import { arranged, requestOf } from "./table.mjs";

/**
 * @typedef {{ where: string, what: string }} Finding `where`: an endpoint as the types write it, a tool or a scope
 * @typedef {{ where: string | string[], what: string | string[], as?: string, reason: string }} Reason every `what` at
 * every `where`; `as` is the endpoint of the types with which a tool is compared
 * @typedef {import("./table.mjs").ToolRequest & { shape: import("./shapes.mjs").ObjectShape }} ComparedTool
 * @typedef {{
 *   version: string,
 *   endpoints: number,
 *   tools: number,
 *   without: Finding[],
 *   unused: Finding[],
 * }} Outcome `without`: what has no reason; `unused`: reasons for what does not exist
 */

const NO_TOOL = "no tool";
const NO_ENDPOINT = "no such endpoint in the types";
const NO_SCOPE = "no such scope in the types";
const NO_USE = "no tool needs this scope";

/**
 * Compares the tools with the types in `folder`, a folder `@nangohq/types` of some `node_modules`.
 * @param {string} folder
 * @param {Reason[]} reasons
 * @returns {Outcome}
 */
export function check(folder, reasons) {
  const types = readTypes(folder);
  const tools = readTools(types.toolArguments);
  return {
    version: types.version,
    endpoints: types.endpoints.filter(({ isPublic }) => isPublic).length,
    tools: tools.length,
    ...settle(compare(types, tools, reasons), reasons),
  };
}

/**
 * The tools of the catalogue, with their requests.
 * @param {Record<string, import("./shapes.mjs").ObjectShape>} shapes the arguments of each tool
 * @returns {ComparedTool[]}
 */
export function readTools(shapes) {
  const catalogue = JSON.parse(readFileSync(join(root, "pkg", "catalogue.json"), "utf8"));
  return catalogue.map((tool) => ({ ...requestOf(tool), shape: shapes[tool.slug] }));
}

/**
 * Endpoints without a tool, tools without an endpoint, arguments, modes of authentication, scopes.
 * @param {ReturnType<typeof readTypes>} types
 * @param {ComparedTool[]} tools
 * @param {Reason[]} reasons
 * @returns {Finding[]}
 */
export function compare({ endpoints, scopes, modes }, tools, reasons) {
  const findings = [];
  const add = (where, ...all) => findings.push(...all.map((what) => ({ where, what })));
  const compared = new Set();
  for (const tool of tools) {
    const key = `${tool.method} ${tool.path}`;
    const own = endpoints.find((endpoint) => !endpoint.internal && endpoint.key.replace(/:\w+/g, "{}") === key);
    if (!own) add(tool.slug, NO_ENDPOINT);
    const named = own ? undefined : namedByReason(tool, reasons);
    const endpoint = own ?? endpoints.find((one) => one.key === named);
    if (named && !endpoint) add(tool.slug, `nothing to compare with: no ${named} in the types`);
    if (!endpoint) continue;
    compared.add(endpoint.key);
    add(endpoint.key, ...differentArguments(endpoint, tool));
    add(tool.slug, ...missingModes(tool, modes));
  }
  for (const { key, isPublic, internal } of endpoints)
    if ((isPublic || !internal) && !compared.has(key)) add(key, NO_TOOL);
  const used = new Set(tools.flatMap((tool) => tool.scopes));
  for (const scope of used) if (!scopes.includes(scope)) add(scope, NO_SCOPE);
  for (const scope of scopes) if (!used.has(scope)) add(scope, NO_USE);
  // Several tools may stand for one endpoint.
  return findings.filter((one, i) => findings.findIndex((other) => same(one, other)) === i);
}

/** The endpoint that a reason names for a tool whose own endpoint the types do not have. */
const namedByReason = ({ slug }, reasons) =>
  reasons.find(({ where, as }) => as !== undefined && [where].flat().includes(slug))?.as;

/** The differences of all arguments; each begins with the part of the request in which the argument is sent. */
function differentArguments({ key, parts }, tool) {
  const names = [...key.matchAll(/:(\w+)/g)].map(([, name]) => name);
  const ours = arranged(tool, names);
  return ["path", "query", "header", "body"].flatMap((part) => {
    if (parts[part].any) return [];
    const theirs = merged(parts[part].objects ?? [{ properties: {} }]);
    return differentProperties(theirs, ours[part], part, " ");
  });
}

/** If the tool takes credentials: the modes of authentication for which it has no form. */
function missingModes({ shape }, modes) {
  const forms = byType(shape.properties.credentials?.shape.objects ?? [{ properties: {} }]);
  return forms ? modes.filter((mode) => !forms.has(mode)).map((mode) => `credentials of type ${mode}: no form`) : [];
}

const same = (one, other) => one.where === other.where && one.what === other.what;

/**
 * What has no reason, and reasons for what does not exist.
 * @param {Finding[]} findings
 * @param {Reason[]} reasons
 */
export function settle(findings, reasons) {
  const lines = reasons.flatMap(({ where, what }) =>
    [where].flat().flatMap((place) => [what].flat().map((one) => ({ where: place, what: one }))),
  );
  return {
    without: findings.filter((finding) => !lines.some((line) => same(line, finding))),
    unused: lines.filter((line) => !findings.some((finding) => same(line, finding))),
  };
}

/**
 * The outcome as text.
 * @param {Outcome} outcome
 */
export function report({ version, endpoints, tools, without, unused }) {
  const lines = [`@nangohq/types ${version}: ${endpoints} public endpoints; ${tools} tools here`];
  const list = (title, findings) => {
    lines.push("", `${title}: ${findings.length}`);
    for (const where of new Set(findings.map((finding) => finding.where))) {
      lines.push(`  ${where}`);
      for (const finding of findings) if (finding.where === where) lines.push(`    ${finding.what}`);
    }
  };
  if (without.length > 0) list("differences without a reason", without);
  else lines.push("every difference has a reason");
  if (unused.length > 0) list("reasons for what is no longer different", unused);
  return `${lines.join("\n")}\n`;
}
