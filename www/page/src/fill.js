// What the words of a search say about arguments: integrations, people, organisations, connections, a number.
import { EMPTY, exampleFor, words } from "./find.js";

const NUMBERS = { two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10, twenty: 20 };
/** Arguments of an example that narrow what is found. They are dropped where the words name something else. */
const FILTERS = [
  "connection_id",
  "integration_id",
  "end_user_id",
  "end_user_organization_id",
  "search",
  "limit",
  "page",
];
/** Arguments that only make sense for the integration that an example is about. */
const OF_INTEGRATION = ["action_name", "input", "any_path", "query_params", "body", "credentials", "display_name"];

/** The things of the world that words name: `{ integrations, people, organizations, connections, number }`. */
export function named(text, world) {
  const asked = words(text);
  const phrase = ` ${asked.join(" ")} `;
  const among = (list, namesOf) => {
    const hits = list.flatMap((one) => {
      const found = namesOf(one)
        .map((name) => words(name ?? "").join(" "))
        .filter((name) => name && phrase.includes(` ${name} `));
      return found.length > 0 ? [{ one, name: found.reduce((a, b) => (b.length > a.length ? b : a)) }] : [];
    });
    // `GitHub app` names one thing, although `GitHub` is another.
    const within = (name) => hits.some((other) => other.name !== name && ` ${other.name} `.includes(` ${name} `));
    return hits.filter(({ name }) => !within(name)).map(({ one }) => one);
  };
  const digits =
    asked.find((word) => /^\d{1,4}$/.test(word)) ?? NUMBERS[asked.find((word) => Object.hasOwn(NUMBERS, word))];
  const integrations = world?.integrations ?? [];
  const organizations = [
    ...new Map(
      (world?.endUsers ?? []).flatMap(({ organization }) => (organization ? [[organization.id, organization]] : [])),
    ).values(),
  ];
  return {
    integrations: among(integrations, ({ unique_key, provider, display_name = "" }) => {
      const short = display_name.replace(/\(.*\)/, "");
      const taken = integrations.some((other) => other.unique_key === short.trim().toLowerCase());
      return [unique_key, provider, display_name, ...(taken ? [] : [short])];
    }),
    people: among(world?.endUsers ?? [], (one) => [
      one.id,
      one.display_name,
      one.display_name?.split(" ")[0],
      one.email,
    ]),
    organizations: among(organizations, (one) => [one.id, one.display_name, one.display_name?.split(" ")[0]]),
    connections: among(world?.connections ?? [], (one) => [one.connection_id]),
    number: digits === undefined ? undefined : Number(digits),
  };
}

/** The arguments for a tool that is opened from a search: its fitting example, with what the words name put in. */
export function argumentsFor(tool, text, world) {
  const example = exampleFor(tool, text);
  const said = named(text, world);
  const { properties = {}, required = [] } = tool.inputSchema;
  const [integration] = said.integrations;
  const people = [...said.people, ...said.organizations, ...said.connections];
  if (!integration && people.length === 0 && said.number === undefined) return example.arguments;
  const args = fits(example, text, said)
    ? { ...example.arguments }
    : without(
        example.arguments,
        FILTERS.filter((name) => !required.includes(name)),
      );
  const has = (name) => Object.hasOwn(properties, name);
  const put = (name, value) => {
    args[name] = properties[name].type === "array" ? [value] : value;
  };
  if (has("end_user_id") && said.people.length > 0) put("end_user_id", said.people[0].id);
  if (has("end_user_organization_id") && said.organizations.length > 0)
    put("end_user_organization_id", said.organizations[0].id);
  if (said.people.length > 0) putPerson(args, said.people[0]);
  if (tool.slug === "NANGO_CREATE_INTEGRATION")
    return integration ? { provider: integration.provider, unique_key: integration.unique_key } : args;
  const before = keyIn(args);
  if (integration) putIntegration(args, said.integrations, properties);
  // Where a tool lists connections, its filters have been filled; what adds one names a new one.
  const one = has("connection_id") && !has("end_user_id") && tool.slug !== "NANGO_ADD_CONNECTION";
  if (one && (required.includes("connection_id") || args.connection_id !== undefined || people.length > 0))
    putConnection(args, said, world, put);
  if (has("limit") && said.number !== undefined) put("limit", said.number);
  const syncs = has("syncs") ? syncsIn(text, args, world) : [];
  if (syncs.length > 0) args.syncs = syncs;
  return keyIn(args) === before ? args : withAction(without(args, OF_INTEGRATION), text, has, world);
}

/** Whether the words are about what the example is about, apart from the names in both. */
function fits(example, text, said) {
  const names = new Set(words(JSON.stringify(said)));
  const about = new Set(words(example.title).filter((word) => !EMPTY.has(word) && !names.has(word)));
  return words(text).some((word) => about.has(word));
}

const without = (args, names) => Object.fromEntries(Object.entries(args).filter(([name]) => !names.includes(name)));
const keyIn = ({ provider_config_key, integration_id, unique_key }) =>
  JSON.stringify(provider_config_key ?? integration_id ?? unique_key);

function putIntegration(args, integrations, properties) {
  const keys = integrations.map(({ unique_key }) => unique_key);
  for (const name of ["provider_config_key", "integration_id", "unique_key"])
    if (properties[name]) args[name] = properties[name].type === "array" ? keys : keys[0];
  if (properties.provider) args.provider = integrations[0].provider;
  if (args.search !== undefined) args.search = integrations[0].provider;
  if (args.allowed_integrations) args.allowed_integrations = keys;
}

/** The person in the places where an example has another. */
function putPerson(args, { id, email, display_name }) {
  if (args.tags?.end_user_id) args.tags = { ...args.tags, end_user_id: id };
  if (args.end_user)
    args.end_user = Object.fromEntries(Object.entries({ id, email, display_name }).filter(([, value]) => value));
}

/** The connection that is meant; an unknown one stays empty, so that the field shows what is missing. */
function putConnection(args, said, world, put) {
  const owner = (one) => world.endUsers.find(({ id }) => id === (one.end_user_id ?? one.tags?.end_user_id));
  const meant = world.connections.filter(
    (one) =>
      (said.integrations.length === 0 || said.integrations.some((key) => key.unique_key === one.provider_config_key)) &&
      (said.people.length === 0 || said.people.some(({ id }) => id === owner(one)?.id)) &&
      (said.organizations.length === 0 || said.organizations.some(({ id }) => id === owner(one)?.organization?.id)) &&
      (said.connections.length === 0 || said.connections.includes(one)),
  );
  const integration = keyIn(args);
  const found = meant.find((one) => JSON.stringify(one.provider_config_key) === integration) ?? meant[0];
  if (!found) return void delete args.connection_id;
  put("connection_id", found.connection_id);
  if (args.provider_config_key !== undefined) put("provider_config_key", found.provider_config_key);
  if (args.integration_id !== undefined) put("integration_id", found.provider_config_key);
}

/** The syncs of the integration that the words name. */
function syncsIn(text, args, world) {
  const asked = new Set(words(text));
  return (world?.functions ?? [])
    .filter(({ type, integration }) => type === "sync" && integration === args.provider_config_key)
    .map(({ name }) => name)
    .filter((name) => words(name).every((word) => asked.has(word)));
}

/** An action of the integration whose words are in the text. */
function withAction(args, text, has, world) {
  if (!has("action_name")) return args;
  const asked = new Set(words(text));
  const action = world?.functions.find(
    ({ type, integration, name }) =>
      type === "action" && integration === args.provider_config_key && words(name).some((word) => asked.has(word)),
  );
  return action ? { ...args, action_name: action.name } : args;
}
