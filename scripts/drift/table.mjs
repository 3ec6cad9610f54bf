// What the tools send: method and path, and for each argument where it stands in the request, from the catalogue.

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
 * @param {{
 *   slug: string,
 *   scopes: string[],
 *   request: { method: string, path: string, arguments: Record<string, Place> },
 * }} tool an entry of the catalogue
 * @returns {ToolRequest}
 */
export function requestOf({ slug, scopes, request }) {
  const segments = request.path.split("/").slice(1);
  const places = Object.entries(request.arguments).map(([argument, { in: part, name }]) => {
    // The case of a header's name does not matter.
    const sent = { path: String(segments.indexOf(`{${name}}`)), header: name.toLowerCase() }[part];
    return [argument, { in: part, name: sent ?? name }];
  });
  const path = request.path.replace(/\{\w+\}/g, "{}");
  return { slug, scopes, method: request.method, path, places: Object.fromEntries(places) };
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
