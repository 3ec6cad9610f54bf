// Reading a tool's schema: the node at a path, what a form shows first, what a value may become. Nothing here
// validates arguments: the core does.

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The schema of the value at a path, or undefined if any value is allowed. */
export function schemaAt(schema, path, value) {
  let [node, given] = [schema, value];
  for (const part of path) {
    if (!node) return undefined;
    node =
      node.type === "array"
        ? node.items
        : (fieldsOf(node, given).find(([name]) => name === String(part))?.[1] ??
          (isObject(node.additionalProperties) ? node.additionalProperties : undefined));
    given = given?.[part];
  }
  return node;
}

/**
 * The properties of an object: `[name, schema, required]`. Where a `type` decides which of them count (credentials),
 * the others are left out; the descriptions say which type each belongs to.
 */
export function fieldsOf(schema, value) {
  const required = schema?.required ?? [];
  const all = Object.entries(schema?.properties ?? {}).map(([name, node]) => [name, node, required.includes(name)]);
  if (!schema?.properties?.type?.enum) return all;
  const type = isObject(value) ? value.type : undefined;
  return all.flatMap(([name, node, must]) => {
    const rule = /(Required|Optional) for type ([A-Z0-9_, ]+)\./.exec(node.description ?? "");
    if (!rule) return [[name, node, must]];
    return rule[2].split(", ").includes(type) ? [[name, node, rule[1] === "Required"]] : [];
  });
}

/** How a value is edited. */
export function kindOf(schema) {
  if (!schema) return "json";
  if (schema.enum) return "choice";
  if (schema.type === "boolean") return "boolean";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "array") return ["string", "integer", "number"].includes(schema.items?.type) ? "list" : "json";
  if (schema.type === "object") {
    if (Object.keys(schema.properties ?? {}).length > 0) return "object";
    return schema.additionalProperties?.type === "string" ? "map" : "json";
  }
  return schema.type === "string" ? "text" : "json";
}

/** The initial value of a property that is added. */
export function blank(schema) {
  const kind = kindOf(schema);
  if (kind === "choice") return schema.enum[0];
  if (kind === "boolean") return true;
  if (kind === "number") return schema.minimum ?? 0;
  if (kind === "list") return schema.items.enum ? [schema.items.enum[0]] : [""];
  if (kind === "map" || kind === "object")
    return Object.fromEntries((schema.required ?? []).map((name) => [name, blank(schema.properties?.[name])]));
  return schema?.type === "array" ? [] : kind === "json" ? {} : "";
}

/** A copy of `value` with `path` set; undefined removes it. Any name is allowed, `__proto__` too. */
export function withValue(value, path, next) {
  if (path.length === 0) return next;
  const [first, ...rest] = path;
  if (Array.isArray(value)) {
    if (rest.length === 0 && next === undefined) return value.filter((_, index) => index !== Number(first));
    const copy = [...value];
    copy[first] = withValue(copy[first], rest, next);
    return copy;
  }
  const entries = isObject(value) ? Object.entries(value) : [];
  const index = entries.findIndex(([name]) => name === first);
  const changed = withValue(index < 0 ? undefined : entries[index][1], rest, next);
  if (changed === undefined) return Object.fromEntries(entries.filter(([name]) => name !== first));
  if (index < 0) entries.push([first, changed]);
  else entries[index] = [first, changed];
  return Object.fromEntries(entries);
}

/** Suggestions for an argument from the emulator's world; the other arguments of the call narrow them. */
export function suggestions(name, args, world) {
  if (!world) return [];
  const integration = args?.provider_config_key ?? args?.integration_id ?? args?.unique_key;
  const unique = (list) => [...new Set(list)].filter((one) => typeof one === "string" && one !== "");
  const ofIntegration = (key) =>
    typeof integration !== "string" ||
    key === integration ||
    !world.integrations.some((one) => one.unique_key === integration);
  switch (name) {
    case "provider_config_key":
    case "unique_key":
    case "integration_id":
    case "allowed_integrations":
      return unique(world.integrations.map((one) => one.unique_key));
    case "provider":
      return unique(world.integrations.map((one) => one.provider));
    case "connection_id":
      return unique(
        world.connections.filter((one) => ofIntegration(one.provider_config_key)).map((one) => one.connection_id),
      );
    case "end_user_id":
      return unique(world.endUsers.map((one) => one.id));
    case "end_user_organization_id":
    case "organization_id":
      return unique(world.endUsers.map((one) => one.organization?.id));
    case "action_name":
      return unique(
        world.functions.filter((one) => one.type === "action" && ofIntegration(one.integration)).map((one) => one.name),
      );
    case "syncs":
      return unique([
        "*",
        ...world.functions
          .filter((one) => one.type === "sync" && ofIntegration(one.integration))
          .map((one) => one.name),
      ]);
    default:
      return [];
  }
}

/** The argument that a path belongs to, for suggestions: the last name on it. */
export const nameOf = (path) => path.findLast((part) => typeof part === "string");
