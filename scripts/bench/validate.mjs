// Microseconds to check the same arguments against the same schema, and to build the request as well.
import { Validator } from "@cfworker/json-schema";
import Ajv from "ajv/dist/2020.js";
import { buildRequest, getTool, validate } from "nango-toolkit";
import { z } from "zod";

const SLUG = "NANGO_EDIT_CONNECTION";
const schema = getTool(SLUG).inputSchema;
const good = {
  connection_id: "hubspot-ada",
  provider_config_key: "hubspot",
  tags: { team: "red", end_user_email: "ada@example.com" },
};
const bad = { connection_id: 5, tags: { team: 7 } };

const since = (started) => performance.now() - started;
let started = performance.now();
const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
const compiling = { ajv: since(started) };
started = performance.now();
const zod = z.fromJSONSchema(schema);
compiling.zod = since(started);
started = performance.now();
const cfworker = new Validator(schema, "2020-12", false);
compiling["@cfworker/json-schema"] = since(started);

const contenders = {
  "nango-toolkit": (args) => validate(SLUG, args).valid,
  ajv: (args) => ajv(args),
  zod: (args) => zod.safeParse(args).success,
  "@cfworker/json-schema": (args) => cfworker.validate(args).valid,
};
for (const [name, check] of Object.entries(contenders)) {
  if (check(good) !== true || check(bad) !== false) throw new Error(`${name} judges otherwise`);
}

const microseconds = (work, count = 20_000) => {
  const started = performance.now();
  for (let i = 0; i < count; i++) work();
  return (since(started) / count) * 1000;
};
const rounds = [];
for (let round = 0; round < 9; round++) {
  const one = {};
  for (const [name, check] of Object.entries(contenders))
    one[name] = { good: microseconds(() => check(good)), bad: microseconds(() => check(bad)) };
  one["nango-toolkit"].build = microseconds(() => buildRequest(SLUG, good));
  if (round > 1) rounds.push(one); // the first two warm up
}
console.log(JSON.stringify({ rounds, compiling }));
