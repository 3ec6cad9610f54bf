//! What is particular to single recordings: those answered otherwise, what happened between two of them, and their keys.

use nango_toolkit::tool::Method::{self, Delete, Get, Patch, Post};

use crate::common::{NEWER, OLDER};

/// What the emulator answers otherwise, each with the reason: set, file, position, reason.
pub(crate) const EXCEPTIONS: &[(&str, &str, usize, &str)] = &[
    (
        OLDER,
        "connections-get.json",
        8,
        "the server asks Salesforce whether a token is still valid; here only its age counts",
    ),
    (
        OLDER,
        "connections-post.json",
        51,
        "GitHub could not be reached from the recorded server; here it always can",
    ),
    (
        OLDER,
        "connections-post.json",
        53,
        "GitHub could not be reached from the recorded server; here it always can",
    ),
    (OLDER, "connections-post.json", 58, "the emulated GitHub knows every installation"),
    (OLDER, "misc.json", 4, "there are no ETags here"),
    (
        OLDER,
        "proxy-delete.json",
        9,
        "a multipart body is rewritten with another boundary; here it is passed on unchanged",
    ),
    (
        OLDER,
        "proxy-get.json",
        52,
        "a path of the recorded stand-in that answers 429 once; here `/fail/1/429` does",
    ),
    (
        OLDER,
        "proxy-get.json",
        14,
        "the provider's host did not resolve where this was recorded; here it always does",
    ),
    (
        NEWER,
        "proxy-other.json",
        6,
        "a path of the recorded stand-in that fails once; here `/fail/1/409` does",
    ),
    (NEWER, "account.json", 0, "the UUID is answered, too, as since 0.71.10"),
    (NEWER, "functions.json", 8, "the server has renamed this code since: function_not_found"),
];

/// What happened between two recordings of a file, recorded elsewhere or not at all.
pub(crate) struct Unrecorded {
    pub(crate) set: &'static str,
    pub(crate) file: &'static str,
    /// The position before which it happened.
    pub(crate) before: usize,
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: &'static str,
    /// The job, or the key, that the recordings know by this id.
    pub(crate) job: &'static str,
    /// The cursors by which the recordings know the first records of the answer.
    pub(crate) cursors: &'static [&'static str],
}

const NO_STEP: Unrecorded = Unrecorded {
    set: OLDER,
    file: "",
    before: 0,
    method: Post,
    path: "",
    headers: &[],
    body: "{}",
    job: "",
    cursors: &[],
};
/// The connection whose syncs run, in each set.
const OLD_SYNC: &[(&str, &str)] = &[("connection-id", "air-sync"), ("provider-config-key", "airtable-pat")];
const NEW_SYNC: &[(&str, &str)] = &[("connection-id", "w-ada"), ("provider-config-key", "h1-none")];
/// A run of the sync whose records are read later.
const OLD_RUN: Unrecorded = Unrecorded {
    path: "/sync/trigger",
    headers: OLD_SYNC,
    body: r#"{"syncs":["contacts"],"opts":{"reset":true,"emptyCache":true}}"#,
    ..NO_STEP
};
const OLD_VARIANT: Unrecorded = Unrecorded {
    file: "functions-and-variants.json",
    path: "/sync/contacts/variant/v1",
    body: r#"{"provider_config_key":"airtable-pat","connection_id":"air-sync"}"#,
    ..NO_STEP
};
const QUEUED: &[(&str, &str)] =
    &[("connection-id", "air-1"), ("provider-config-key", "airtable-pat"), ("x-async", "true")];
const OLD_JOB: Unrecorded =
    Unrecorded { file: "action-get.json", path: "/action/trigger", headers: QUEUED, ..NO_STEP };
const OLD_SESSION: Unrecorded =
    Unrecorded { file: "connect-session-get.json", path: "/connect/sessions", ..NO_STEP };
const NEW_SESSION: Unrecorded =
    Unrecorded { set: NEWER, file: "connect-session.json", path: "/connect/sessions", ..NO_STEP };
const AS_ACCOUNT: &[(&str, &str)] = &[("authorization", "Bearer <account key>")];
/// Sent with the token of the session that was made last.
const AS_SESSION: &[(&str, &str)] = &[("authorization", "Bearer nango_connect_session_<64 hex>")];

pub(crate) const UNRECORDED: &[Unrecorded] = &[
    Unrecorded { file: "records-get.json", before: 4, ..OLD_RUN },
    Unrecorded {
        file: "records-get.json",
        before: 28,
        method: Patch,
        path: "/records/prune",
        headers: OLD_SYNC,
        // A cursor after all of them.
        body: r#"{"model":"Contact","limit":1,
            "until_cursor":"MjA5OS0wMS0wMVQwMDowMDowMFp8fDVkZGQwNzY1LTAyZTctNTg0MC04ODY3LTk0NDNmNWY4YWQ4Mw=="}"#,
        ..NO_STEP
    },
    Unrecorded { file: "records-get.json", before: 29, ..OLD_RUN },
    Unrecorded { file: "records-prune.json", before: 2, ..OLD_RUN },
    Unrecorded {
        file: "records-prune.json",
        before: 4,
        method: Get,
        path: "/records?model=Contact",
        headers: OLD_SYNC,
        cursors: &[
            "MjAyNi0xMS0yMlQxNDoyMTowMi4xMjg0NzgrMDA6MDB8fDVkZGQwNzY1LTAyZTctNTg0MC04ODY3LTk0NDNmNWY4YWQ4Mw==",
        ],
        ..NO_STEP
    },
    Unrecorded { before: 4, ..OLD_VARIANT },
    Unrecorded { before: 5, method: Delete, ..OLD_VARIANT },
    Unrecorded {
        set: NEWER,
        file: "records-get.json",
        before: 4,
        path: "/sync/trigger",
        headers: NEW_SYNC,
        body: r#"{"syncs":["contacts"]}"#,
        ..NO_STEP
    },
    Unrecorded {
        set: NEWER,
        file: "records-prune.json",
        before: 2,
        method: Patch,
        path: "/records/prune",
        headers: NEW_SYNC,
        body: r#"{"model":"Contact",
            "until_cursor":"MjAyNi0xMS0yOVQwMDo1Nzo1Ny4xMDIyNjkrMDA6MDB8fDlkMjQ0YTMzLThlMTItNTFlZi05YzQ0LWYwNDllMzU4ODNlZA=="}"#,
        ..NO_STEP
    },
    Unrecorded {
        file: "integrations-patch.json",
        before: 9,
        method: Patch,
        path: "/integrations/github-renamed",
        body: r#"{"unique_key":"github-demo"}"#,
        ..NO_STEP
    },
    Unrecorded {
        file: "sync-status.json",
        before: 7,
        path: "/sync/start",
        body: r#"{"provider_config_key":"airtable-pat","syncs":[],"connection_id":"air-sync"}"#,
        ..NO_STEP
    },
    Unrecorded {
        body: r#"{"action_name":"echo-input","input":{"async":1}}"#,
        job: "b7c7f304-e3cf-40da-942c-3790526b6a0c",
        ..OLD_JOB
    },
    Unrecorded {
        body: r#"{"action_name":"slow","input":{}}"#,
        job: "7ddf3eee-be32-42b1-bbb9-cf689910e355",
        ..OLD_JOB
    },
    Unrecorded {
        body: r#"{"action_name":"fails","input":{}}"#,
        job: "869cdffd-35fd-4f2b-9c22-8327fd00fd17",
        ..OLD_JOB
    },
    Unrecorded {
        before: 4,
        body: r#"{"end_user":{"id":"u-1","email":"u1@example.com","display_name":"U One","tags":{"plan":"pro"}},
            "organization":{"id":"org-1","display_name":"Org"},"allowed_integrations":["github-demo","slack"],
            "integrations_config_defaults":{"slack":{"connection_config":{"x":"y"}}}}"#,
        ..OLD_SESSION
    },
    Unrecorded {
        before: 5,
        path: "/connect/sessions/reconnect",
        body: r#"{"connection_id":"none-eu","integration_id":"unauthenticated"}"#,
        ..OLD_SESSION
    },
    Unrecorded { before: 7, method: Delete, path: "/connect/session", headers: AS_SESSION, ..OLD_SESSION },
    Unrecorded { file: "connect-session-delete.json", before: 3, body: r#"{"tags":{}}"#, ..OLD_SESSION },
    Unrecorded {
        before: 0,
        body: r#"{"tags":{},"allowed_integrations":["h1-posthog"],
            "integrations_config_defaults":{"h1-posthog":{"connection_config":{"subdomain":"eu"}}}}"#,
        ..NEW_SESSION
    },
    Unrecorded {
        before: 2,
        body: r#"{"end_user":{"id":"eu1","email":"eu1@example.com","display_name":"Eu One"},
            "organization":{"id":"org1","display_name":"Org One"}}"#,
        ..NEW_SESSION
    },
    Unrecorded {
        before: 5,
        path: "/connect/sessions/reconnect",
        body: r#"{"connection_id":"c-gh","integration_id":"h1-github"}"#,
        ..NEW_SESSION
    },
    Unrecorded {
        set: NEWER,
        file: "account.json",
        before: 2,
        path: "/environment/api-keys",
        headers: AS_ACCOUNT,
        body: r#"{"environment_id":4,"display_name":"agent"}"#,
        job: "11",
        ..NO_STEP
    },
];

/// Recordings of the newer set that were sent with another key than the usual one: file, position, scopes.
pub(crate) const OTHER_KEYS: &[(&str, usize, &str)] = &[
    ("account.json", 0, "account:*"),
    ("account.json", 1, "account:*"),
    ("account.json", 2, "account:*"),
    ("account.json", 3, "account:*"),
    ("account.json", 4, "account:*"),
    ("account.json", 5, "account:*"),
    ("account.json", 6, "account:*"),
    ("action-result.json", 7, "environment:connections:read"),
    ("records-prune.json", 0, "environment:records:read"),
    ("functions.json", 7, "environment:connections:read"),
];
