// Types of audit events and of statistics on them.
import type { ErrorKind, ResultError } from "./results.js";
import type { ToolEffect } from "./tools.js";

/** The fields of every audit event. */
export interface EventBase {
  /** When it happened, in milliseconds since the Unix epoch. */
  at: number;
  /** The ID of the call, the same in all of its events. */
  callId: string;
  /** The slug of the tool. */
  tool: string;
  /** The ID of the session, if the call was made by one. */
  session?: string;
  /** The user of the session. */
  user?: string;
  /** The organization of the session. */
  organization?: string;
  /** The agent that acts for the user. */
  agent?: string;
  /** The ID under which the caller knows the call, such as that of a model's tool call. */
  upstreamCallId?: string;
}

/** A call was requested. The arguments are masked; they are missing if the tool is unknown. */
export interface CallStarted {
  type: "call.started";
  /** What the tool does to the world. */
  effect?: ToolEffect;
  /** The arguments, with secrets masked. */
  arguments?: unknown;
}

/** The policy, or the approver, decided. */
export interface CallDecision {
  type: "call.decision";
  /** The decision. */
  decision: "allow" | "deny" | "confirm" | "undetermined" | "approved" | "refused";
  /** The IDs of the rules that decided. */
  rules: string[];
  /** The reason, as a sentence. */
  reason: string;
}

/** The owner of a connection was looked up at the server. */
export interface CallLookup {
  type: "call.lookup";
  /** The connection. */
  connection_id: string;
  /** Its integration. */
  provider_config_key: string;
}

/** A request was sent. */
export interface CallAttempt {
  type: "call.attempt";
  /** The number of the attempt, from 1. */
  attempt: number;
  /** The HTTP method. */
  method: string;
  /** The path of the URL, without its query. */
  path: string;
}

/** An attempt failed and will be repeated. */
export interface CallRetry {
  type: "call.retry";
  /** The number of the attempt that failed. */
  attempt: number;
  /** The delay before the next attempt, in milliseconds. */
  waitMs: number;
  /** The kind of the failure. */
  kind: ErrorKind;
  /** The HTTP status, if there was a response. */
  status?: number;
}

/** The call ended. */
export interface CallFinished {
  type: "call.finished";
  /** Whether it succeeded. */
  successful: boolean;
  /** The error, if it failed. */
  error?: ResultError;
  /** The HTTP status of the last response. */
  status?: number;
  /** How many requests were sent. */
  attempts: number;
  /** How long the call took, in milliseconds. */
  durationMs: number;
  /** The server's ID of the request. */
  requestId?: string;
}

/**
 * An audit event of a call. Secrets are masked in all of them.
 *
 * @example
 * ```ts
 * import { NangoToolkit, type AuditEvent } from "nango-toolkit";
 *
 * const onEvent = (event: AuditEvent): void => {
 *   if (event.type === "call.finished") console.log(event.tool, event.successful);
 * };
 * const nango = new NangoToolkit({ apiKey: process.env.NANGO_SECRET_KEY ?? "", onEvent });
 * await nango.execute("NANGO_LIST_INTEGRATIONS", {});
 * ```
 */
export type AuditEvent = EventBase & (CallStarted | CallDecision | CallLookup | CallAttempt | CallRetry | CallFinished);

/** Counts and durations of calls: those of a tool, of a session, or all. */
export interface CallStatistics {
  /** How many calls ended. */
  calls: number;
  /** How many of them succeeded. */
  successes: number;
  /** How many failed, by the code of their error. */
  errors: Record<string, number>;
  /** Percentiles of the duration in milliseconds, each within a sixteenth of the exact number. */
  latencyMs: { p50: number; p90: number; p99: number; max: number };
}

/** What `statistics` returns. */
export interface Statistics {
  /** All calls. */
  total: CallStatistics;
  /** By slug. */
  tools: Record<string, CallStatistics>;
  /** By the ID of the session. */
  sessions: Record<string, CallStatistics>;
  /** How many sessions are only in `total`, because too many were seen. */
  forgotten: number;
}
