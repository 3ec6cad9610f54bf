// What the tools send: method and path, and for each argument where it stands in the request. The catalogue does not
// say it, so that it is found by building requests that differ in one argument.

import { Problem } from "../lib.mjs";
import { Samples } from "./samples.mjs";

/** A name in objects of free names. Where it is the name in a query, a header or a body, every name may be. */
const FREE = "probe";

/** Allows the hosts of the samples to arguments that send credentials there. */
const OPTIONS = { proxy: { allowedHosts: ["probe-1.example.com", "probe-2.example.com"] } };

/**
 * @typedef {{ in: "path" | "query" | "header" | "body", name: string }} Place `name` of a segment of the path is its
 * index; `*` is a part that the argument fills with names of its own
 * @typedef {{
 *   slug: string,
 *   method: string,
 *   path: string,
 *   scopes: string[],
 *   places: Record<string, Place>,
 * }} ToolRequest `path` has `{}` for each argument; `places` are by name of the argument
 */

/**
 * The request of a tool.
 * @param {{ slug: string, scopes: string[], examples: { arguments: object }[] }} tool an entry of the catalogue
 * @param {import("./shapes.mjs").ObjectShape} shape its arguments
 * @param {Pick<typeof import("nango-toolkit"), "buildRequest" | "validate">} toolkit
 * @returns {ToolRequest}
 */
export function requestOf({ slug, scopes, examples }, shape, { buildRequest, validate }) {
  const known = examples.map((example) => example.arguments);
  const samples = new Samples(shape, known, (args) => validate(slug, args, OPTIONS));
  const build = (args) => parts(buildRequest(slug, args, OPTIONS));
  const names = Object.keys(shape.properties);
  const required = names.filter((name) => shape.properties[name].required);
  const places = {};
  for (const name of names) {
    const place = samples
      .pairs(name, required)
      .map(([one, other]) => placeOf(build(one), build(other)))
      .find(Boolean);
    if (!place) throw new Problem(`${slug}: no request shows where \`${name}\` is sent`);
    places[name] = place;
  }
  const { method, path } = build(samples.first(required));
  const filled = Object.values(places).flatMap((place) => (place.in === "path" ? Number(place.name) : []));
  const template = path.map((segment, i) => (filled.includes(i) ? "{}" : segment)).join("/");
  return { slug, scopes, method, path: `/${template}`, places };
}

/** A request in parts that can be compared. */
function parts({ method, url, headers, body }) {
  const { pathname, searchParams } = new URL(url);
  const query = {};
  // `tags[plan]=pro` is an entry of the object `tags`.
  for (const [name, value] of searchParams) (query[name.replace(/\[.*\]$/, "")] ??= []).push(value);
  const header = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  // It follows from the body.
  delete header["content-type"];
  return { method, path: pathname.split("/").slice(1), query, header, body: body === null ? {} : JSON.parse(body) };
}

/** The first place in which two requests differ. */
function placeOf(one, other) {
  for (const part of ["path", "query", "header", "body"]) {
    const names = [...new Set([...Object.keys(one[part]), ...Object.keys(other[part])])];
    const name = names.find((key) => JSON.stringify(one[part][key]) !== JSON.stringify(other[part][key]));
    if (name !== undefined) return { in: part, name: name.endsWith(FREE) ? "*" : name };
  }
  return undefined;
}

/**
 * The arguments of a tool as Nango's types arrange them: an object each for path, query, headers and body.
 * @param {ToolRequest & { shape: import("./shapes.mjs").ObjectShape }} tool
 * @param {string[]} names what the types call the parts of the path, in order
 */
export function arranged({ places, shape }, names) {
  const part = () => ({ properties: {} });
  const sent = { path: part(), query: part(), header: part(), body: part() };
  const inPath = Object.values(places).flatMap((place) => (place.in === "path" ? Number(place.name) : []));
  const order = inPath.sort((a, b) => a - b);
  for (const [argument, place] of Object.entries(places)) {
    const property = shape.properties[argument];
    if (place.name === "*") sent[place.in].rest = { any: true };
    else {
      const name = place.in === "path" ? names[order.indexOf(Number(place.name))] : place.name;
      sent[place.in].properties[name ?? argument] = property;
    }
  }
  return sent;
}
