//! Tools for syncs: run them, get their status. Their definitions are in [`super::actions`].

use super::common::{CONNECTION, CONNECTION_FIELD, INTEGRATION, MAYBE_TEXT, MAYBE_TIME, SOME_TEXT, SUCCESS};
use crate::tool::{
    Effect, Example, Field, Method, ParamLocation, ParamRule, ParamType, Property, Reach, ResponseType, Tool,
    Toolset, checked,
};

const COUNTS: ResponseType = ResponseType::Object(&[
    Field::new("added", ResponseType::Integer).optional(),
    Field::new("updated", ResponseType::Integer).optional(),
    Field::new("deleted", ResponseType::Integer).optional(),
]);
const STATUS: ResponseType = ResponseType::Object(&[
    Field::new("id", ResponseType::Text),
    CONNECTION_FIELD,
    Field::new("name", ResponseType::Text),
    Field::new("variant", ResponseType::Text),
    Field::new("type", ResponseType::Text).doc("INITIAL or INCREMENTAL; deprecated."),
    Field::new("status", ResponseType::Choice(&["RUNNING", "PAUSED", "STOPPED", "SUCCESS", "ERROR"])),
    Field::new("frequency", MAYBE_TEXT),
    Field::new("finishedAt", MAYBE_TIME).optional().doc("End of the last run; absent before the first."),
    Field::new("nextScheduledSyncAt", MAYBE_TIME),
    Field::new("latestResult", ResponseType::Maybe(&ResponseType::Map(&COUNTS)))
        .optional()
        .doc("Records by model."),
    Field::new("latestExecutionStatus", MAYBE_TEXT).optional(),
    Field::new("recordCount", ResponseType::Map(&ResponseType::Integer)).doc("Cached records by model."),
    Field::new("checkpoint", ResponseType::Maybe(&ResponseType::Map(&ResponseType::Any))),
]);

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_GET_SYNC_STATUS",
        title: "Get Sync Status",
        doc: "Get the status of syncs of one integration, for one connection or all: whether each is running, paused, \
              succeeded or failed, when it last finished and runs next, how often, and how many records it added, \
              updated and holds. Use it to see whether data is fresh or to follow NANGO_SYNC_TRIGGER_POST. An unknown \
              integration or sync name gives an empty list, not an error; names are in NANGO_SCRIPTS_CONFIG_GET.",
        toolset: Toolset::Syncs,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Integration,
        scopes: &["environment:syncs:read"],
        method: Method::Get,
        path: "/sync/status",
        params: &[
            INTEGRATION.query("provider_config_key"),
            Property::new(
                "syncs",
                ParamType::OneOrMany(&SOME_TEXT),
                "Names of syncs (NANGO_SCRIPTS_CONFIG_GET), or * for all; a variant is written name::variant.",
            )
            .required()
            .at(ParamLocation::QueryJoined("syncs")),
            Property { required: false, ..CONNECTION }
                .doc("ID of the connection, as NANGO_CONNECTION_LIST_GET returns it; all connections when absent.")
                .query("connection_id"),
        ],
        rules: &[],
        returns: ResponseType::Object(&[Field::new("syncs", ResponseType::List(&STATUS))]),
        aliases: &[],
        examples: &[
            Example {
                title: "Are all Salesforce syncs healthy?",
                args: r#"{"provider_config_key":"salesforce","syncs":["*"]}"#,
            },
            Example {
                title: "When did Ada's HubSpot data last arrive?",
                args: r#"{"provider_config_key":"hubspot","syncs":["*"],"connection_id":"hubspot-ada"}"#,
            },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_SYNC_TRIGGER_POST",
        title: "Trigger Sync",
        doc: "Trigger a manual run of syncs now, outside their schedule, to pull fresh data from a provider such as \
              Salesforce. Without connection_id it runs for every connection of the integration, and an empty syncs \
              list means every sync: name both unless you want all. opts.reset starts over, with opts.emptyCache also \
              deleting cached records first. It returns at once: follow the run with NANGO_GET_SYNC_STATUS. For a \
              deployed action use NANGO_ACTION_TRIGGER_POST.",
        toolset: Toolset::Syncs,
        effect: Effect::Destructive,
        idempotent: false,
        open_world: true,
        reach: Reach::Integration,
        scopes: &["environment:syncs:execute"],
        method: Method::Post,
        path: "/sync/trigger",
        params: &[
            INTEGRATION.body(),
            Property::new(
                "syncs",
                ParamType::List {
                    of: &ParamType::NameOr {
                        name: &SOME_TEXT,
                        object: &[
                            Property::new("name", SOME_TEXT, "Name of the sync.").required(),
                            Property::new("variant", SOME_TEXT, "Name of its variant.").required(),
                        ],
                    },
                    min: 0,
                    max: u32::MAX,
                    unique: false,
                },
                "Names of syncs to run (NANGO_SCRIPTS_CONFIG_GET); empty for every sync. A variant is name::variant.",
            )
            .required()
            .body(),
            Property { required: false, ..CONNECTION }
                .doc("ID of the connection, as NANGO_CONNECTION_LIST_GET returns it; every connection when absent.")
                .body(),
            Property::new(
                "opts",
                ParamType::Object(&[
                    Property::new("reset", ParamType::Boolean, "Forget the progress, stop a running job and start over."),
                    Property::new("emptyCache", ParamType::Boolean, "Delete the cached records first; only with reset."),
                ]),
                "How to run; excludes sync_mode and full_resync.",
            )
            .body(),
            Property::new(
                "sync_mode",
                ParamType::Choice(&["incremental", "full_refresh", "full_refresh_and_clear_cache"]),
                "Older form of opts; use opts.",
            )
            .deprecated()
            .body(),
            Property::new("full_resync", ParamType::Boolean, "Older form of opts.reset; use opts.").deprecated().body(),
        ],
        rules: &[ParamRule::Excludes("opts", &["sync_mode", "full_resync"])],
        returns: SUCCESS,
        aliases: &[],
        examples: &[
            Example {
                title: "Trigger manual sync with Salesforce provider",
                args: r#"{"provider_config_key":"salesforce","syncs":[]}"#,
            },
            Example {
                title: "Sync Acme's Salesforce account from scratch",
                args: r#"{"provider_config_key":"salesforce","syncs":[],"connection_id":"salesforce-acme","opts":{"reset":true}}"#,
            },
        ],
        timeout_s: 60,
    },
]);
