//! Tools for syncs: run them, get their status, their schedule and their variants. Their definitions are in
//! [`super::actions`], the records they cache in [`super::records`].

use super::common::{
    CONNECTION, CONNECTION_FIELD, INTEGRATION, MAYBE_TEXT, MAYBE_TIME, NAME, SOME_TEXT, SUCCESS,
};
use crate::tool::{
    Effect, Example, Field, Method, ParamLocation, ParamRule, ParamType, Property, Reach, ResponseType,
    StringFormat, StringSpec, Tool, Toolset, checked,
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
/// A sync, with or without its variant.
const SYNC: ParamType = ParamType::NameOr {
    name: &SOME_TEXT,
    object: &[
        Property::new("name", SOME_TEXT, "Name of the sync.").required(),
        Property::new("variant", SOME_TEXT, "Name of its variant.").required(),
    ],
};
const SCHEDULED: Property = Property::new(
    "syncs",
    ParamType::List { of: &SYNC, min: 0, max: 256, unique: false },
    "Names of syncs (NANGO_SCRIPTS_CONFIG_GET); empty for every sync. A variant is name::variant.",
)
.required();
const ONE_OR_EVERY: Property = Property { required: false, ..CONNECTION }
    .doc("ID of the connection, as NANGO_CONNECTION_LIST_GET returns it; every connection when absent.");
const SYNC_NAME: Property =
    Property::new("name", NAME, "Name of the sync, as NANGO_SCRIPTS_CONFIG_GET returns it.").required();
const VARIANT: Property =
    Property::new("variant", NAME, "Name of the variant; base is the sync itself.").required();

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_GET_SYNC_STATUS",
        title: "Get Sync Status",
        doc: "Get the status of syncs of one integration, for one connection or all: whether each is running, paused, \
              succeeded or failed, when it last finished and runs next, how often, and how many records it added, \
              updated and holds. Use it to see whether data is fresh or to follow NANGO_SYNC_TRIGGER_POST. An unknown \
              integration or sync name gives an empty list, not an error; names are in NANGO_SCRIPTS_CONFIG_GET.",
        toolset: Toolset::Syncs,
        listed: true,
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
        listed: true,
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
                ParamType::List { of: &SYNC, min: 0, max: u32::MAX, unique: false },
                "Names of syncs to run (NANGO_SCRIPTS_CONFIG_GET); empty for every sync. A variant is name::variant.",
            )
            .required()
            .body(),
            ONE_OR_EVERY.body(),
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
    Tool {
        slug: "NANGO_SYNC_START_POST",
        title: "Start Sync",
        doc: "Start the schedule of syncs, also again after a pause, so that they keep their records fresh by themselves. \
              Use it when an end user should be synced from now on, or when a pause is over. One that is started \
              already stays as it is. Without connection_id it starts them for every connection of the integration, and \
              an empty syncs list means every sync: name both unless you want all. To run them just once use \
              NANGO_SYNC_TRIGGER_POST, to stop them again NANGO_SYNC_PAUSE_POST.",
        toolset: Toolset::Syncs,
        listed: false,
        effect: Effect::Write,
        idempotent: true,
        open_world: false,
        reach: Reach::Integration,
        scopes: &["environment:syncs:execute"],
        method: Method::Post,
        path: "/sync/start",
        params: &[INTEGRATION.body(), SCHEDULED.body(), ONE_OR_EVERY.body()],
        rules: &[],
        returns: SUCCESS,
        aliases: &[],
        examples: &[Example {
            title: "Keep Ada's HubSpot contacts in sync again",
            args: r#"{"provider_config_key":"hubspot","syncs":["contacts"],"connection_id":"hubspot-ada"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_SYNC_PAUSE_POST",
        title: "Pause Sync",
        doc: "Pause the schedule of syncs: they do not run again by themselves, and a run that is going on or waiting is \
              cancelled. Their records stay. Use it to spare a provider, or while an account must not be read. Without \
              connection_id it pauses them for every connection of the integration, and an empty syncs list means every \
              sync: name both unless you want all. To go on use NANGO_SYNC_START_POST, to run them less often \
              NANGO_UPDATE_SYNC_FREQUENCY.",
        toolset: Toolset::Syncs,
        listed: false,
        effect: Effect::Write,
        idempotent: true,
        open_world: false,
        reach: Reach::Integration,
        scopes: &["environment:syncs:execute"],
        method: Method::Post,
        path: "/sync/pause",
        params: &[INTEGRATION.body(), SCHEDULED.body(), ONE_OR_EVERY.body()],
        rules: &[],
        returns: SUCCESS,
        aliases: &[],
        examples: &[Example {
            title: "Stop syncing Ada's HubSpot contacts for now",
            args: r#"{"provider_config_key":"hubspot","syncs":["contacts"],"connection_id":"hubspot-ada"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_UPDATE_SYNC_FREQUENCY",
        title: "Update Sync Frequency",
        doc: "Update how often a sync runs for one connection, or return to the frequency it was deployed with. Use it for \
              a customer who needs fresher data, or to spare a provider's rate limit. It does not start a paused sync \
              (NANGO_SYNC_START_POST) and runs nothing at once (NANGO_SYNC_TRIGGER_POST). Sync names and frequencies are \
              in NANGO_SCRIPTS_CONFIG_GET, the one in force in NANGO_GET_SYNC_STATUS.",
        toolset: Toolset::Syncs,
        listed: false,
        effect: Effect::Write,
        idempotent: true,
        open_world: false,
        reach: Reach::Connection,
        scopes: &["environment:syncs:update"],
        method: Method::Put,
        path: "/sync/update-connection-frequency",
        params: &[
            INTEGRATION.body(),
            CONNECTION.body(),
            SYNC_NAME.named("sync_name").body(),
            Property::new(
                "frequency",
                ParamType::Nullable(&ParamType::Text(StringSpec {
                    min: 0,
                    max: u32::MAX,
                    form: StringFormat::Frequency,
                })),
                "How often it runs from now on, at least every 30 seconds; null for the frequency it was deployed with.",
            )
            .required()
            .body(),
            Property { required: false, ..VARIANT }.named("sync_variant").body(),
        ],
        rules: &[],
        returns: ResponseType::Object(&[Field::new("frequency", ResponseType::Text).doc("Without every, for example 1h.")]),
        aliases: &[],
        examples: &[
            Example {
                title: "Sync Ada's HubSpot contacts every half hour",
                args: r#"{"provider_config_key":"hubspot","connection_id":"hubspot-ada","sync_name":"contacts","frequency":"every half hour"}"#,
            },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_CREATE_SYNC_VARIANT",
        title: "Create Sync Variant",
        doc: "Create a variant of a sync for one connection: a second instance with records, progress and schedule of its \
              own, for example one for each folder, repository or region that metadata of the connection names. A \
              variant whose sync starts by itself is started at once. Name it as name::variant in NANGO_GET_SYNC_STATUS \
              and NANGO_SYNC_TRIGGER_POST, and as variant in NANGO_LIST_RECORDS. It cannot be renamed: delete it with \
              NANGO_DELETE_SYNC_VARIANT.",
        toolset: Toolset::Syncs,
        listed: false,
        effect: Effect::Write,
        idempotent: false,
        open_world: false,
        reach: Reach::Connection,
        scopes: &["environment:syncs:variant:create"],
        method: Method::Post,
        path: "/sync/{name}/variant/{variant}",
        params: &[SYNC_NAME.path("name"), VARIANT.path("variant"), INTEGRATION.body(), CONNECTION.body()],
        rules: &[ParamRule::Reserved("variant", "base")],
        returns: ResponseType::Object(&[
            Field::new("id", ResponseType::Text),
            Field::new("name", ResponseType::Text),
            Field::new("variant", ResponseType::Text),
        ]),
        aliases: &[],
        examples: &[Example {
            title: "A second copy of Ada's contacts sync for Europe",
            args: r#"{"name":"contacts","variant":"europe","provider_config_key":"hubspot","connection_id":"hubspot-ada"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_DELETE_SYNC_VARIANT",
        title: "Delete Sync Variant",
        doc: "Delete a variant of a sync of one connection for good, with its schedule and cached records. Use it when the \
              folder, region or the like that it stood for is no longer wanted. The sync itself and its other variants \
              stay, and nothing changes at the provider. To stop it for a while use NANGO_SYNC_PAUSE_POST; variants are \
              listed by NANGO_GET_SYNC_STATUS.",
        toolset: Toolset::Syncs,
        listed: false,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Connection,
        scopes: &["environment:syncs:variant:delete"],
        method: Method::Delete,
        path: "/sync/{name}/variant/{variant}",
        params: &[SYNC_NAME.path("name"), VARIANT.path("variant"), INTEGRATION.body(), CONNECTION.body()],
        rules: &[ParamRule::Reserved("variant", "base")],
        returns: SUCCESS,
        aliases: &[],
        examples: &[Example {
            title: "Remove the European copy of Ada's contacts sync",
            args: r#"{"name":"contacts","variant":"europe","provider_config_key":"hubspot","connection_id":"hubspot-ada"}"#,
        }],
        timeout_s: 60,
    },
]);
