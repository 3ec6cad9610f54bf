// JSON that the command line gives: arguments of a tool, options of a toolkit, options of a session.
import { readFileSync } from "node:fs";
import { messageOf } from "../serialization.js";
import type { SessionOptions, ToolkitSettings } from "../types/options.js";
import { UsageError } from "./output.js";

/** What `--options`, `--session` and `--user` say. */
export interface GivenValues {
  options?: string | undefined;
  session?: string | undefined;
  user?: string | undefined;
}

/** How `parse` reads them. */
export const GIVEN = { options: { type: "string" }, session: { type: "string" }, user: { type: "string" } } as const;

/** The JSON value that a word stands for: the word itself, `@FILE` for a file, `-` for standard input. */
export function readJson(text: string, what: string, example: string): unknown {
  const source = text === "-" ? "standard input" : text.startsWith("@") ? `\`${text.slice(1)}\`` : what;
  let json = text;
  try {
    if (text === "-") json = readFileSync(0, "utf8");
    else if (text.startsWith("@")) json = readFileSync(text.slice(1), "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${source}: ${messageOf(error)}`);
  }
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`${source} is not JSON: ${messageOf(error)}; expected an object such as '${example}'`);
  }
}

function readObject(name: string, text: string, example: string): object {
  const value = readJson(text, `\`${name}\``, example);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new UsageError(`\`${name}\` is not a JSON object: expected one such as '${example}'`);
}

/** What has an option or a variable of its own, and the name of that. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  apiKey: "NANGO_SECRET_KEY",
  baseUrl: "`--base-url`",
  allowInsecureHttp: "`--allow-insecure-http`",
  session: "`--session`",
};

/** The options of a toolkit that `--options` gives. */
export function toolkitOptionsOf({ options }: GivenValues): ToolkitSettings {
  if (options === undefined) return {};
  const given = readObject("--options", options, '{"policy":{"default":"allow","rules":[]}}');
  const [name] = Object.keys(given).filter((one) => Object.hasOwn(ELSEWHERE, one));
  if (name !== undefined) throw new UsageError(`\`--options\` holds \`${name}\`: give it by ${ELSEWHERE[name]}`);
  return given as ToolkitSettings;
}

/** The session that `--session` and `--user` ask for. */
export function sessionOptionsOf({ session, user }: GivenValues): SessionOptions | undefined {
  const options = session === undefined ? {} : readObject("--session", session, '{"user":"ada","readOnly":true}');
  if (user !== undefined && Object.hasOwn(options, "user")) {
    throw new UsageError("`--user` and the `user` of `--session` exclude each other");
  }
  const all = user === undefined ? options : { ...options, user };
  return session === undefined && user === undefined ? undefined : (all as SessionOptions);
}
