// JSON text for the WebAssembly module, and the values that JSON cannot represent.
import { NangoToolkitError } from "./errors.js";
import type { Issue } from "./types/results.js";

/** Deeper values are left to the module, which bounds the depth of what it reads. */
const MAX_DEPTH = 200;
/** No more problems are listed. */
const MAX_ISSUES = 50;

/** Objects that JSON writes as `{}`, although they have content. */
const UNWRITABLE = /^\[object (Map|Set|WeakMap|WeakSet|Promise|RegExp|Error|ArrayBuffer|SharedArrayBuffer|\w+Array)\]$/;

function isUnwritable(value: object): boolean {
  if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) return false;
  return UNWRITABLE.test(Object.prototype.toString.call(value));
}

/** JSON text of options. Throws `invalid_option` for what JSON would drop or change, such as `NaN` or a function. */
export function optionsJson(options: unknown): string {
  const { json, issues, problem } = write(options);
  if (json !== undefined) return json;
  const [place] = issues.map((issue) => issue.path.join("."));
  throw new NangoToolkitError({
    kind: "invalid_option",
    message: place ? `\`${place}\`: ${problem}` : problem,
    hint: "options are plain JSON values; leave out options that are not set",
    ...(issues.length > 0 && { issues }),
  });
}

/**
 * JSON text of arguments; a string is taken as JSON already. Throws `invalid_arguments` for values that JSON cannot
 * represent.
 */
export function argumentsJson(args: unknown): string {
  if (typeof args === "string") return args;
  const { json, issues, problem } = write(args);
  if (json !== undefined) return json;
  const [place] = issues.map((issue) => issue.path.join("."));
  throw new NangoToolkitError({
    kind: "invalid_arguments",
    message: `the arguments cannot be written as JSON: ${place ? `${place}: ` : ""}${problem}`,
    hint: "give an object of plain JSON values",
    ...(issues.length > 0 && { issues }),
  });
}

/** JSON text, or why there is none. */
interface Written {
  json?: string;
  issues: Issue[];
  problem: string;
}

/** Writes a value as JSON text. Its getters or `toJSON` may throw, or it may be too deep. */
function write(value: unknown): Written {
  try {
    const issues = problemsOf(value);
    const [first] = issues;
    if (first) return { issues, problem: first.message };
    return { json: JSON.stringify(value) ?? "null", issues, problem: "" };
  } catch {
    return { issues: [], problem: "a function in them, such as `toJSON`, failed, or they are nested too deeply" };
  }
}

/** The message of a thrown value of any type. */
export function messageOf(thrown: unknown): string {
  try {
    return String((thrown as { message?: unknown } | null | undefined)?.message ?? thrown);
  } catch {
    return "an error that cannot be read";
  }
}

const isSimple = (value: unknown): boolean =>
  typeof value === "string" || typeof value === "boolean" || value === null || Number.isFinite(value);

/** The places in a value that JSON cannot represent. */
function problemsOf(root: unknown): Issue[] {
  const issues: Issue[] = [];
  const path: string[] = [];
  const parents: object[] = [];
  const report = (found: string): void => {
    if (issues.length >= MAX_ISSUES) return;
    issues.push({ path: [...path], code: "invalid_type", message: `expected a JSON value, got ${found}` });
  };
  const visit = (value: unknown): void => {
    if (typeof value === "number" && !Number.isFinite(value)) report(String(value));
    else if (typeof value === "bigint") report("a BigInt");
    else if (typeof value === "function" || typeof value === "symbol") report(`a ${typeof value}`);
    else if (typeof value === "object" && value !== null) visitObject(value);
  };
  const visitObject = (value: object): void => {
    if ("toJSON" in value && typeof value.toJSON === "function") visit(value.toJSON(path.at(-1) ?? ""));
    else if (parents.includes(value)) report("a reference to an object around it");
    else if (isUnwritable(value)) report(`a ${Object.prototype.toString.call(value).slice(8, -1)}`);
    else if (parents.length < MAX_DEPTH) visitProperties(value);
  };
  const visitProperties = (value: object): void => {
    const visitProperty = (key: string | number, inner: unknown): void => {
      if (isSimple(inner)) return;
      path.push(String(key));
      visit(inner);
      path.pop();
    };
    parents.push(value);
    // Most values are simple, so the path is only kept for the others, and arrays are not turned into entries.
    if (Array.isArray(value)) for (let index = 0; index < value.length; index++) visitProperty(index, value[index]);
    else for (const [key, inner] of Object.entries(value)) visitProperty(key, inner);
    parents.pop();
  };
  visit(root);
  return issues;
}
