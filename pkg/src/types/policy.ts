// Types of policies and of decisions about calls. The names in a policy are those of policy.schema.json.
import type { ResultError } from "./results.js";
import type { ToolEffect } from "./tools.js";

/** A pattern, or several, one of which must match; `*` matches any characters. */
export type Glob = string | string[];

/** A rule: it applies if all of its attributes match. */
export interface PolicyRule {
  /** The name of the rule in decisions and events. */
  id?: string | undefined;
  /** What the rule decides. */
  then: "allow" | "confirm" | "deny";
  /** The user of the session. */
  user?: Glob | undefined;
  /** The organization of the session. */
  organization?: Glob | undefined;
  /** The agent that acts for the user. */
  agent?: Glob | undefined;
  /** The roles of the session. */
  role?: Glob | undefined;
  /** The slug of the tool. */
  tool?: Glob | undefined;
  /** The toolset of the tool. */
  toolset?: Glob | undefined;
  /** The effect of the tool: `read`, `write` or `destructive`. `destroy` means `destructive`. */
  effect?: Glob | undefined;
  /** The widest thing that a call of the tool can touch. */
  reach?: Glob | undefined;
  /** The integration that the call touches. Case matters, as in Nango. */
  integration?: Glob | undefined;
  /** The connection that the call touches. */
  connection?: Glob | undefined;
  /** The owner of that connection; `$user` is the user of the session. */
  end_user?: Glob | undefined;
  /** The owner's organization; `$organization` is that of the session. */
  owner_organization?: Glob | undefined;
  /** The connection's tags, as `key=value`. */
  tags?: Glob | undefined;
  /** The environment variable that the call reads. */
  variable?: Glob | undefined;
  /** The HTTP method of a proxy call. */
  proxy_method?: Glob | undefined;
  /** The path of a proxy call. */
  proxy_path?: Glob | undefined;
  /** The host of a proxy call. */
  proxy_host?: Glob | undefined;
}

/**
 * What callers may do: `deny` takes precedence over `confirm`, `confirm` over `allow`, and each of them over `default`.
 * `nango-toolkit/policy.schema.json` is its JSON Schema.
 *
 * @example
 * ```ts
 * import { NangoToolkit, type Policy } from "nango-toolkit";
 *
 * const policy: Policy = {
 *   default: "allow",
 *   rules: [{ id: "ask-before-deleting", then: "confirm", effect: "destructive" }],
 *   limits: [{ tool: "NANGO_ACTION_TRIGGER_POST", calls: 20 }],
 * };
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "", policy });
 * console.log(nango.explain("NANGO_DELETE_CONNECTION", { connection_id: "a", provider_config_key: "b" }).decision);
 * ```
 */
export type Policy =
  | {
      /** Only tools that change nothing, without reads through the proxy. */
      readOnly: true;
    }
  | {
      /** The decision on calls to which no rule applies. */
      default: "allow" | "deny";
      /**
       * Only tools that change nothing, whatever the rules say; reads through the proxy only where a rule names them.
       */
      readOnly?: boolean | undefined;
      /** The rules, in any order. */
      rules?: PolicyRule[] | undefined;
      /** How often a session may call each of these tools. */
      limits?: { tool: Glob; calls: number }[] | undefined;
      /** How large a result may be, in bytes of JSON. */
      maxResultBytes?: number | undefined;
      /** Scopes of the API key. Tools that need others are hidden and denied. */
      scopes?: Glob | undefined;
    };

/** What policy would decide about a call. */
export interface Explanation {
  /** The slug of the tool. */
  tool: string;
  /** The decision; `undetermined` if it depends on a look-up at the server. */
  decision: "allow" | "confirm" | "deny" | "undetermined";
  /** The IDs of the rules that decided. */
  rules: string[];
  /** The reason, as a sentence. */
  reason: string;
  /** If `undetermined`: the connections to look up, with `NANGO_CONNECTION_LIST_GET`. */
  lookups?: { connection_id: string; integration_id: string }[];
  /** The error that the call would end with before policy is asked: no such tool, wrong arguments. */
  error?: ResultError;
}

/** What a call would do, for its approver. Secrets are masked. */
export interface CallSummary {
  /** The slug of the tool. */
  tool: string;
  /** The title of the tool. */
  title: string;
  /** What the tool does to the world. */
  effect: ToolEffect;
  /** The connections that the call touches. */
  connections: { connection_id: string; integration_id: string }[];
  /** The arguments. */
  arguments: Record<string, unknown>;
  /** The IDs of the rules that require a confirmation. */
  rules: string[];
  /** The reason, as a sentence. */
  reason: string;
}

/**
 * The `error.details` of a result whose `error.kind` is `confirmation_required`.
 *
 * @example
 * ```ts
 * import { NangoToolkit, type Confirmation } from "nango-toolkit";
 *
 * const nango = new NangoToolkit({
 *   apiKey: process.env.NANGO_SECRET_KEY ?? "",
 *   policy: { default: "allow", rules: [{ then: "confirm", effect: "destructive" }] },
 * });
 * const args = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
 * const result = await nango.execute("NANGO_DELETE_CONNECTION", args);
 * if (result.error?.kind === "confirmation_required") {
 *   const { summary, token } = result.error.details as Confirmation;
 *   console.log(`${summary.title}: ${summary.reason}`); // ask a person, then:
 *   if (token) await nango.execute("NANGO_DELETE_CONNECTION", args, { confirm: token });
 * }
 * ```
 */
export interface Confirmation {
  /** What the call would do. */
  summary: CallSummary;
  /** Confirms exactly this call, once: `execute(slug, args, { confirm: token })`. Do not show it to a model. */
  token?: string;
  /** When the token expires, in milliseconds since the Unix epoch. */
  expiresAt?: number;
  /** Why the given token was not accepted. */
  reason?: string;
}
