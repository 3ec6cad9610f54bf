// The arguments of a tool as words of the command line: `name=value`, `name:=json`, `outer.inner=value`.
import { messageOf } from "../serialization.js";
import type { JsonSchema } from "../types/tools.js";
import { UsageError } from "./output.js";

/** A word `name=value` or `name:=json`. JSON with an equals sign begins with a bracket or a quote. */
const PAIR = /^([A-Za-z_][^=]*?)(:?=)(.*)$/s;

/** Types whose values are written as JSON. */
const AS_JSON = ["number", "integer", "boolean", "object", "array", "null"];

type Fields = Record<string, unknown>;

/** Whether a word is `name=value` or `name:=json`. */
export const isPair = (word: string): boolean => PAIR.test(word);

/**
 * The arguments that words such as `name=value` stand for. The schema of the tool decides how a value is read: a string
 * is taken as it is, other types are JSON. What the schema does not know is left to validation.
 */
export function readPairs(words: string[], schema: JsonSchema): Fields {
  const fields: Fields = {};
  for (const word of words) {
    const [, name = "", operator, text = ""] = PAIR.exec(word) ?? [];
    const path = name.split(".");
    const last = path.pop() ?? "";
    let at = fields;
    let expected: JsonSchema = schema;
    for (const step of path) {
      expected = propertyOf(expected, step);
      at = inner(at, step, name);
    }
    expected = propertyOf(expected, last);
    put(at, last, operator === ":=" ? json(word, text) : read(word, text, expected), expected, name);
  }
  return fields;
}

/** The schema of a property; empty if any value is allowed or the property is unknown. */
function propertyOf({ properties, additionalProperties }: JsonSchema, name: string): JsonSchema {
  if (isObject(properties) && Object.hasOwn(properties, name)) return properties[name] as JsonSchema;
  return isObject(additionalProperties) ? additionalProperties : {};
}

/** The object at a property; creates it if it is missing. */
function inner(fields: Fields, name: string, whole: string): Fields {
  if (!Object.hasOwn(fields, name)) define(fields, name, {});
  const value = fields[name];
  if (isObject(value)) return value;
  throw new UsageError(`\`${whole}\`: \`${name}\` already has a value that is not an object`);
}

function put(fields: Fields, name: string, value: unknown, schema: JsonSchema, whole: string): void {
  const before = Object.hasOwn(fields, name) ? fields[name] : undefined;
  const isList = typeOf(schema) === "array" && Array.isArray(before);
  if (before !== undefined && !isList) throw new UsageError(`\`${whole}\` is given twice`);
  define(fields, name, isList ? before.concat(value) : value);
}

/** Also `__proto__` becomes an ordinary property, which validation refuses. */
function define(fields: Fields, name: string, value: unknown): void {
  Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
}

/** The value of a word: of a list, one entry, or all of them as JSON. */
function read(word: string, text: string, schema: JsonSchema): unknown {
  const type = typeOf(schema);
  if (type === "array" && !text.trimStart().startsWith("[")) {
    return [read(word, text, isObject(schema.items) ? schema.items : {})];
  }
  return type !== undefined && AS_JSON.includes(type) ? json(word, text, type) : text;
}

function json(word: string, text: string, type?: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const expected = type === undefined ? "" : `; expected JSON of the type ${type}`;
    throw new UsageError(`\`${word}\`: the value is not JSON: ${messageOf(error)}${expected}`);
  }
}

/** The type of a schema; the one beside `null` where two are allowed. */
function typeOf({ type }: JsonSchema): string | undefined {
  const types: unknown[] = Array.isArray(type) ? type : [type];
  return types.find((one): one is string => typeof one === "string" && one !== "null");
}

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
