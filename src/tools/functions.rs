//! Tools for functions as their developer sees them: what is deployed, source code, templates. Compiling, dry runs and
//! deployment are in [`super::function_jobs`]; running what is deployed is in [`super::actions`] and [`super::syncs`].

use super::common::{
    ANYTHING, INTEGRATION_KEY, LABEL, MAYBE_TEXT, NAME, PROVIDER, RUNNABLE, UNIQUE_KEY, UUID,
};
use crate::tool::{
    Effect, Example, Field, Method, Param, ParamType, Property, Reach, ResponseType, Role, Tool, Toolset,
    checked,
};

const FUNCTION_NAME: Property =
    Property::new("name", NAME, "Name of the function, as NANGO_LIST_FUNCTIONS returns it.").required();
const TYPE: Property = Property::new(
    "type",
    ParamType::Choice(&["sync", "action", "on-event"]),
    "Type of the function, where several have its name.",
);
const FUNCTION_UUID: Param =
    Property::new("uuid", UUID, "UUID of the function, as NANGO_LIST_ALL_FUNCTIONS returns it.")
        .required()
        .path("uuid");
const NAMES: ResponseType = ResponseType::List(&ResponseType::Text);
/// What every function has, then what those with models have, then what is known of a deployed one.
const ABOUT: [Field; 3] = [
    Field::new("name", ResponseType::Text),
    Field::new("description", ResponseType::Text).optional(),
    Field::new("scopes", NAMES).optional().doc("OAuth scopes that the connection needs."),
];
const MODELS: [Field; 3] = [
    Field::new("input", ResponseType::Text).optional().doc("Model of the input, defined in json_schema."),
    Field::new("returns", NAMES).doc("Models of the result, defined in json_schema."),
    Field::new("json_schema", ResponseType::Maybe(&ANYTHING)).doc("Definitions of all models."),
];
const DEPLOYED: [Field; 4] = [
    Field::new("id", ResponseType::Integer),
    Field::new("enabled", ResponseType::Boolean),
    Field::new("last_deployed", ResponseType::Time),
    Field::new("source", ResponseType::Choice(&["catalog", "standalone", "repo"])),
];
const SCHEDULE: [Field; 3] = [
    Field::new("runs", MAYBE_TEXT).doc("How often it runs."),
    Field::new("auto_start", ResponseType::Boolean),
    Field::new("track_deletes", ResponseType::Boolean),
];
const ACTION: Field = Field::new("type", ResponseType::Choice(&["action"]));
const SYNC: Field = Field::new("type", ResponseType::Choice(&["sync"]));
const EVENT: Field = Field::new("type", ResponseType::Choice(&["on-event"]));
const EVENTS: &[&str] = &["post-connection-creation", "pre-connection-deletion", "validate-connection"];
const TEMPLATE: ResponseType = ResponseType::OneOf(&[
    ResponseType::Object(&[ABOUT[0], ABOUT[1], ABOUT[2], ACTION, MODELS[0], MODELS[1], MODELS[2]]),
    ResponseType::Object(&[
        ABOUT[0],
        ABOUT[1],
        ABOUT[2],
        SYNC,
        MODELS[0],
        MODELS[1],
        MODELS[2],
        SCHEDULE[0],
        SCHEDULE[1],
        SCHEDULE[2],
    ]),
]);
const FUNCTION: ResponseType = ResponseType::OneOf(&[
    ResponseType::Object(&[
        ABOUT[0],
        ABOUT[1],
        ABOUT[2],
        ACTION,
        MODELS[0],
        MODELS[1],
        MODELS[2],
        DEPLOYED[0],
        DEPLOYED[1],
        DEPLOYED[2],
        DEPLOYED[3],
    ]),
    ResponseType::Object(&[
        ABOUT[0],
        ABOUT[1],
        ABOUT[2],
        SYNC,
        MODELS[0],
        MODELS[1],
        MODELS[2],
        SCHEDULE[0],
        SCHEDULE[1],
        SCHEDULE[2],
        DEPLOYED[0],
        DEPLOYED[1],
        DEPLOYED[2],
        DEPLOYED[3],
    ]),
    ResponseType::Object(&[
        ABOUT[0],
        ABOUT[1],
        ABOUT[2],
        EVENT,
        Field::new("event", ResponseType::Choice(EVENTS)),
        DEPLOYED[0],
        DEPLOYED[1],
        DEPLOYED[2],
        DEPLOYED[3],
    ]),
]);
const TRIGGER: ResponseType = ResponseType::Open(&[
    Field::new("kind", ResponseType::Choice(&["none", "schedule", "http", "event"])),
    Field::new("frequency", ResponseType::Text).optional(),
    Field::new("autoStart", ResponseType::Boolean).optional(),
    Field::new("subscriptions", ResponseType::List(&ResponseType::Text)).optional(),
    Field::new("events", ResponseType::List(&ResponseType::Text)).optional(),
]);
/// A unified function. Fields beyond these are passed on as the server has them.
const UNIFIED: ResponseType = ResponseType::Open(&[
    Field::new("uuid", ResponseType::Text),
    Field::new("integration_id", ResponseType::Text).role(Role::Integration),
    Field::new("provider", ResponseType::Text),
    Field::new("name", ResponseType::Text),
    Field::new("description", MAYBE_TEXT).optional(),
    Field::new("state", ResponseType::Choice(&["enabled", "disabled"])),
    Field::new("source", ResponseType::Text).optional(),
    Field::new("trigger", TRIGGER).optional(),
]);

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_LIST_FUNCTIONS",
        title: "List Functions",
        doc: "List the functions deployed for one integration: actions, syncs and event handlers, each with \
              description, models, JSON Schemas and whether it is enabled. Use it instead of NANGO_SCRIPTS_CONFIG_GET \
              where an environment has many functions: it has pages, and finds part of a name. Disabled functions are \
              listed, too. Their source is in NANGO_GET_FUNCTION_CODE; unified functions with a trigger are in \
              NANGO_LIST_ALL_FUNCTIONS.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Integration,
        scopes: &["environment:functions:list"],
        method: Method::Get,
        path: "/integrations/{uniqueKey}/functions",
        params: &[
            UNIQUE_KEY.path("uniqueKey"),
            TYPE.doc("Only functions of this type.").query("type"),
            Property::new("search", LABEL, "Part of the name, in any case.").query("search"),
            Property::new("page", ParamType::Integer { min: 0, max: 1_000_000 }, "Page, from 0.")
                .default("0")
                .role(Role::PageNumber)
                .query("page"),
            Property::new("limit", ParamType::Integer { min: 1, max: 100 }, "Functions a page.")
                .default("20")
                .role(Role::PageSize)
                .query("limit"),
        ],
        rules: &[],
        returns: ResponseType::Object(&[
            Field::new("data", ResponseType::List(&FUNCTION)),
            Field::new(
                "pagination",
                ResponseType::Object(&[
                    Field::new("total", ResponseType::Integer),
                    Field::new("page", ResponseType::Integer),
                    Field::new("limit", ResponseType::Integer),
                ]),
            ),
        ]),
        aliases: &[],
        examples: &[
            Example { title: "What is deployed for HubSpot?", args: r#"{"unique_key":"hubspot"}"# },
            Example { title: "Its actions alone", args: r#"{"unique_key":"hubspot","type":"action"}"# },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_GET_FUNCTION",
        title: "Get Function",
        doc: "Get one function deployed for an integration, by its name: description, input and result models with \
              their JSON Schemas, schedule, version and whether it is enabled. Use it to learn what \
              NANGO_ACTION_TRIGGER_POST needs as input. If an action and a sync have the same name give type. All of \
              an integration are in NANGO_LIST_FUNCTIONS, the source code in NANGO_GET_FUNCTION_CODE.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Integration,
        scopes: &["environment:functions:read"],
        method: Method::Get,
        path: "/integrations/{uniqueKey}/functions/{name}",
        params: &[UNIQUE_KEY.path("uniqueKey"), FUNCTION_NAME.path("name"), TYPE.query("type")],
        rules: &[],
        returns: ResponseType::Object(&[Field::new("data", FUNCTION)]),
        aliases: &[],
        examples: &[Example {
            title: "What input does create-contact need?",
            args: r#"{"unique_key":"hubspot","name":"create-contact"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_GET_FUNCTION_CODE",
        title: "Get Function Code",
        doc: "Get the TypeScript source code of one function deployed for an integration. Use it to explain what a \
              function does, or to change it and deploy it again with NANGO_CREATE_FUNCTION_DEPLOYMENT after a trial \
              with NANGO_CREATE_FUNCTION_DRYRUN. If several types have the same name the answer is 409: give type. For \
              its models and schemas alone use NANGO_GET_FUNCTION.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["environment:functions:read"],
        method: Method::Get,
        path: "/integrations/{uniqueKey}/functions/{name}/code",
        params: &[UNIQUE_KEY.path("uniqueKey"), FUNCTION_NAME.path("name"), TYPE.query("type")],
        rules: &[],
        returns: ResponseType::Object(&[
            Field::new("type", ResponseType::Choice(&["sync", "action", "on-event"])),
            Field::new("code", ResponseType::Text),
        ]),
        aliases: &[],
        examples: &[Example {
            title: "Show the code of create-contact",
            args: r#"{"unique_key":"hubspot","name":"create-contact"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_DELETE_FUNCTION",
        title: "Delete Function",
        doc: "Delete a function of an integration for good; with a sync also its schedules and cached records. It \
              happens in the background. Only functions from a template or deployed by \
              NANGO_CREATE_FUNCTION_DEPLOYMENT can be deleted: those of a repository are deleted through the nango \
              command line. To switch a unified function off for a while use NANGO_UPDATE_FUNCTION; names are in \
              NANGO_LIST_FUNCTIONS.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Integration,
        scopes: &["environment:functions:delete"],
        method: Method::Delete,
        path: "/integrations/{uniqueKey}/functions/{name}",
        params: &[
            UNIQUE_KEY.path("uniqueKey"),
            FUNCTION_NAME.path("name"),
            Property { kind: RUNNABLE, ..TYPE }.doc("Type of the function.").required().query("type"),
        ],
        rules: &[],
        returns: ResponseType::Object(&[Field::new(
            "data",
            ResponseType::Object(&[Field::new("success", ResponseType::Boolean)]),
        )]),
        aliases: &[],
        examples: &[Example {
            title: "Remove the action send-message of Slack",
            args: r#"{"unique_key":"slack","name":"send-message","type":"action"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_LIST_ALL_FUNCTIONS",
        title: "List All Functions",
        doc: "List the unified functions of the whole environment, with the trigger of each and whether it is enabled, \
              filtered by integration, provider, state or kind of trigger. Use it to find what NANGO_INVOKE_FUNCTION \
              can run, or the UUID that NANGO_UPDATE_FUNCTION takes. Repeat with next_cursor until it is null. Actions \
              and syncs of the older kinds are in NANGO_LIST_FUNCTIONS and NANGO_SCRIPTS_CONFIG_GET. Servers older \
              than 0.71.10 answer 404.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Catalogue,
        scopes: &["environment:functions:list"],
        method: Method::Get,
        path: "/functions",
        params: &[
            Property::new(
                "integration_id",
                INTEGRATION_KEY,
                "Only functions of this integration (unique_key).",
            )
            .role(Role::IntegrationFilter)
            .query("integration"),
            Property::new("provider", NAME, "Only functions of integrations with this provider.")
                .query("provider"),
            Property::new(
                "state",
                ParamType::Choice(&["enabled", "disabled"]),
                "Only functions in this state.",
            )
            .query("state"),
            Property::new(
                "trigger_kind",
                ParamType::Choice(&["none", "schedule", "http", "event"]),
                "Only functions with this kind of trigger.",
            )
            .query("trigger.kind"),
            Property::new("cursor", LABEL, "Where to continue: next_cursor of the page before.")
                .role(Role::PageCursor)
                .query("cursor"),
            Property::new("limit", ParamType::Integer { min: 1, max: 250 }, "Functions a page.")
                .default("50")
                .role(Role::PageSize)
                .query("limit"),
        ],
        rules: &[],
        returns: ResponseType::Object(&[
            Field::new("data", ResponseType::List(&UNIFIED)),
            Field::new("next_cursor", MAYBE_TEXT).role(Role::PageCursor),
        ]),
        aliases: &[],
        examples: &[Example { title: "Which functions are switched off?", args: r#"{"state":"disabled"}"# }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_GET_FUNCTION_BY_UUID",
        title: "Get Function by UUID",
        doc: "Get one unified function by its UUID: integration, description, trigger, and whether it is enabled. Use \
              it to check a function before or after NANGO_UPDATE_FUNCTION, or to find out what a UUID from a log \
              stands for. UUIDs are in NANGO_LIST_ALL_FUNCTIONS. A function that you know by name is in \
              NANGO_GET_FUNCTION.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Catalogue,
        scopes: &["environment:functions:read"],
        method: Method::Get,
        path: "/functions/{uuid}",
        params: &[FUNCTION_UUID],
        rules: &[],
        returns: UNIFIED,
        aliases: &[],
        examples: &[Example {
            title: "Which function is that?",
            args: r#"{"uuid":"3f9d2c54-7a1b-4c8e-9f60-1d2e3f405162"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_UPDATE_FUNCTION",
        title: "Update Function",
        doc: "Update the state of a unified function: enable or disable it for every connection of its integration. A \
              disabled one is not run by its schedule, by webhooks or by NANGO_INVOKE_FUNCTION, and keeps its records. \
              Use it to stop a faulty function until it is repaired. The UUID is in NANGO_LIST_ALL_FUNCTIONS. To pause a \
              sync for one connection use NANGO_SYNC_PAUSE_POST, to remove a function NANGO_DELETE_FUNCTION.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["environment:functions:update"],
        method: Method::Patch,
        path: "/functions/{uuid}",
        params: &[
            FUNCTION_UUID,
            Property::new("state", ParamType::Choice(&["enabled", "disabled"]), "Its state from now on.")
                .required()
                .body(),
        ],
        rules: &[],
        returns: UNIFIED,
        aliases: &[],
        examples: &[Example {
            title: "Switch that function off",
            args: r#"{"uuid":"3f9d2c54-7a1b-4c8e-9f60-1d2e3f405162","state":"disabled"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_LIST_PROVIDER_TEMPLATES",
        title: "List Provider Templates",
        doc: "List the function templates that Nango's catalogue has for a provider: actions and syncs ready to be \
              deployed, with models, JSON Schemas and the OAuth scopes that they need. Use it before you write a \
              function yourself; NANGO_CREATE_FUNCTION_DEPLOYMENT deploys one. An unknown provider gives an empty \
              list: names are in NANGO_PROVIDERS_LIST_GET. What is deployed already is in NANGO_LIST_FUNCTIONS.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Catalogue,
        scopes: &[],
        method: Method::Get,
        path: "/providers/{provider}/templates",
        params: &[PROVIDER.path("provider")],
        rules: &[],
        returns: ResponseType::Object(&[Field::new("data", ResponseType::List(&TEMPLATE))]),
        aliases: &[],
        examples: &[Example {
            title: "Which ready-made functions are there for GitHub?",
            args: r#"{"provider":"github"}"#,
        }],
        timeout_s: 60,
    },
]);
