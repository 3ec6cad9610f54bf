// Types of what calls return: results, errors, requests and responses.

/** One problem of the arguments, with its place. */
export interface Issue {
  /** Property names and array positions from the root. */
  path: string[];
  /**
   * A stable code: `required`, `invalid_type`, `invalid_format`, `too_small`, `too_big`, `invalid_value`,
   * `unrecognized_keys`, `not_allowed`, and others.
   */
  code: string;
  /** What was expected, and what was found. */
  message: string;
  /** What to do. */
  hint?: string;
}

/** The kind of a failure. The list is closed, so that a `switch` over it can be exhaustive. */
export type ErrorKind =
  | "unknown_tool"
  | "invalid_arguments"
  | "denied"
  | "confirmation_required"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "invalid_request"
  | "conflict"
  | "rate_limited"
  | "invalid_option"
  | "timeout"
  | "aborted"
  | "network"
  | "provider"
  | "server"
  | "invalid_response"
  | "internal";

/** Why a call did not succeed. It never contains a secret. */
export interface ResultError {
  /** The kind of the failure, to switch on. */
  kind: ErrorKind;
  /** Nango's own code if Nango sent one, otherwise equal to `kind`. */
  code: string;
  /** What went wrong. */
  message: string;
  /** The HTTP status of the response, if there was one. */
  status?: number;
  /** Whether the same call may succeed later without any change. */
  retryable: boolean;
  /** The problems of the arguments, if `kind` is `invalid_arguments` or `invalid_request`. */
  issues?: Issue[];
  /** What to do next. */
  hint?: string;
  /** Further details: for `confirmation_required` a `Confirmation`, otherwise the server's answer. */
  details?: unknown;
}

/** Data about a call. */
export interface ResultMeta {
  /** The slug of the tool. */
  tool: string;
  /** The ID of the call, as in its audit events. */
  callId?: string;
  /** The HTTP status of the last response. */
  status?: number;
  /** How many requests were sent for the call itself, look-ups not included. */
  attempts: number;
  /** How long the call took, in milliseconds. */
  durationMs?: number;
}

/**
 * The result of a call: `successful` says whether it has `data` or an `error`.
 *
 * @example
 * ```ts
 * import { parseResponse, type Result } from "nango-toolkit";
 *
 * const result: Result = parseResponse(null, { status: 404, body: { error: { code: "not_found", message: "no" } } });
 * console.log(result.successful ? result.data : `${result.error.kind}: ${result.error.message}`);
 * ```
 */
export type Result<Data = unknown> =
  | { successful: true; data: Data; error: null; meta: ResultMeta }
  | { successful: false; data: null; error: ResultError; meta: ResultMeta };

/** What `validate` returns. */
export interface Validation {
  /** Whether there are no issues. */
  valid: boolean;
  /** All problems of the arguments. */
  issues: Issue[];
}

/** A request as it would be sent, without the API key. */
export interface BuiltRequest {
  /** The HTTP method. */
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The absolute URL. */
  url: string;
  /** The headers, without `Authorization`. */
  headers: Record<string, string>;
  /** The body as JSON text; `null` for a request without a body. */
  body: string | null;
}

/** A response as it was received. */
export interface RawResponse {
  /** The HTTP status. */
  status: number;
  /** The headers. */
  headers?: Headers | Record<string, string> | undefined;
  /** The body: a string, or a value that is serialized as JSON. */
  body?: unknown;
}
