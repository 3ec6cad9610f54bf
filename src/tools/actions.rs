//! Tools for deployed functions: list them, run them, and fetch what they returned. Running syncs is in
//! [`super::syncs`]; writing, deploying and deleting functions is in [`super::functions`].

use super::common::{ANYTHING, CONNECTION, INTEGRATION, MAYBE_TEXT, MAYBE_TIME, NAME, UUID};
use crate::tool::{
    Effect, Example, Field, Method, ParamLocation, ParamType, Property, Reach, ResponseType, Role, Tool,
    Toolset, checked,
};

const NAMES: ResponseType = ResponseType::List(&ResponseType::Text);
const ENDPOINT: ResponseType = ResponseType::Object(&[
    Field::new("method", ResponseType::Text).optional(),
    Field::new("path", ResponseType::Text).optional(),
    Field::new("group", MAYBE_TEXT).optional(),
]);
const FUNCTION: ResponseType = ResponseType::Object(&[
    Field::new("name", ResponseType::Text).doc("The action_name, or the name of the sync."),
    Field::new("type", ResponseType::Choice(&["sync", "action", "on-event"])),
    Field::new("returns", NAMES).doc("Models of the result, defined in json_schema."),
    Field::new("json_schema", ResponseType::Maybe(&ANYTHING)).doc("Definitions of all models."),
    Field::new("id", ResponseType::Integer).optional(),
    Field::new("description", ResponseType::Text).optional(),
    Field::new("input", ResponseType::Text).optional().doc("Model of the input, defined in json_schema."),
    Field::new("enabled", ResponseType::Boolean).optional(),
    Field::new("scopes", NAMES).optional().doc("OAuth scopes the connection needs."),
    Field::new("attributes", ANYTHING).optional(),
    Field::new("version", MAYBE_TEXT).optional(),
    Field::new("source", ResponseType::Choice(&["catalog", "standalone", "repo"])).optional(),
    Field::new("endpoints", ResponseType::List(&ENDPOINT)).optional(),
    Field::new("last_deployed", MAYBE_TIME).optional(),
    Field::new("webhookSubscriptions", NAMES).optional(),
    Field::new("sdk_version", MAYBE_TEXT).optional(),
    Field::new("models", ResponseType::List(&ANYTHING)).optional(),
    Field::new("features", NAMES).optional(),
    Field::new("sync_type", ResponseType::Text).optional().doc("Syncs only, like the three after it."),
    Field::new("auto_start", ResponseType::Boolean).optional(),
    Field::new("runs", MAYBE_TEXT).optional(),
    Field::new("track_deletes", ResponseType::Boolean).optional(),
]);
const NANGO_FORM: ResponseType = ResponseType::List(&ResponseType::Object(&[
    Field::new("providerConfigKey", ResponseType::Text)
        .role(Role::Integration)
        .doc("The provider's first integration."),
    Field::new("provider", ResponseType::Text),
    Field::new("syncs", ResponseType::List(&FUNCTION)),
    Field::new("actions", ResponseType::List(&FUNCTION)),
    Field::new("on-events", ResponseType::List(&ResponseType::Any)).doc("Always empty."),
]));
const PARAMETERS: ResponseType = ResponseType::Object(&[
    Field::new("type", ResponseType::Choice(&["object"])),
    Field::new("properties", ANYTHING),
    Field::new("required", NAMES),
]);
const OPENAI_FORM: ResponseType = ResponseType::Object(&[Field::new(
    "data",
    ResponseType::List(&ResponseType::Object(&[
        Field::new("name", ResponseType::Text),
        Field::new("description", ResponseType::Text),
        Field::new("parameters", PARAMETERS),
    ])),
)]);

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_SCRIPTS_CONFIG_GET",
        title: "Get Integration Functions Configuration",
        doc: "Get the configuration of all functions (scripts) deployed in this environment: syncs and actions, grouped \
              by provider, each with description, input and result models, JSON Schemas, OAuth scopes, schedule and \
              whether it is enabled. Use it to find the action_name for NANGO_ACTION_TRIGGER_POST and sync names for \
              NANGO_SYNC_TRIGGER_POST. Two integrations of one provider are merged under one key. It shows what is \
              deployed, not how it runs: that is NANGO_GET_SYNC_STATUS.",
        toolset: Toolset::Actions,
        listed: true,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Catalogue,
        scopes: &["environment:integrations:list_functions"],
        method: Method::Get,
        path: "/scripts/config",
        params: &[Property::new(
            "format",
            ParamType::Choice(&["nango", "openai"]),
            "nango lists everything; openai lists function definitions for a model, without integration.",
        )
        .default("\"nango\"")
        .query("format")],
        rules: &[],
        returns: ResponseType::OneOf(&[NANGO_FORM, OPENAI_FORM]),
        aliases: &[],
        examples: &[
            Example { title: "Get configuration for all available scripts", args: "{}" },
            Example { title: "The same as OpenAI functions", args: r#"{"format":"openai"}"# },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_ACTION_TRIGGER_POST",
        title: "Trigger Nango Action",
        doc: "Trigger a deployed action, such as creating a contact or sending a message, for one connection, and return \
              its result. action_name, connection_id and provider_config_key must all belong to the same integration \
              (NANGO_SCRIPTS_CONFIG_GET lists actions and their input). It may change data at the provider: confirm \
              what the user wants first. A run can take minutes; with async it returns id and statusUrl at once. For an \
              API call that no action covers use NANGO_GET_PROXY or NANGO_PUT_PROXY; for syncs NANGO_SYNC_TRIGGER_POST.",
        toolset: Toolset::Actions,
        listed: true,
        effect: Effect::Destructive,
        idempotent: false,
        open_world: true,
        reach: Reach::Connection,
        scopes: &["environment:actions:execute"],
        method: Method::Post,
        path: "/action/trigger",
        params: &[
            Property::new("action_name", NAME, "Name of the action, as NANGO_SCRIPTS_CONFIG_GET returns it.")
                .required()
                .body(),
            CONNECTION.header("Connection-Id"),
            INTEGRATION.header("Provider-Config-Key"),
            Property::new(
                "input",
                ParamType::Json,
                "Input of the action, mostly an object; NANGO_SCRIPTS_CONFIG_GET has its JSON Schema.",
            )
            .body(),
            Property::new(
                "async",
                ParamType::Boolean,
                "Queue the action and return its id at once, for long runs.",
            )
            .default("false")
            .at(ParamLocation::HeaderFlag("X-Async")),
            Property::new(
                "max_retries",
                ParamType::Integer { min: 0, max: 5 },
                "Retries of a queued run; only with async.",
            )
            .default("0")
            .at(ParamLocation::HeaderWith("X-Max-Retries", "async")),
        ],
        rules: &[],
        returns: ResponseType::Any,
        aliases: &[],
        examples: &[Example {
            title: "Create a contact in Ada's HubSpot",
            args: r#"{"action_name":"create-contact","connection_id":"hubspot-ada","provider_config_key":"hubspot","input":{"email":"new.person@example.com","first_name":"New","last_name":"Person"}}"#,
        }],
        timeout_s: 960,
    },
    Tool {
        slug: "NANGO_GET_ACTION_RESULT",
        title: "Get Action Result",
        doc: "Get the result of an action that was triggered with async, by the id that NANGO_ACTION_TRIGGER_POST \
              returned then. Use it to wait for a long run: 404 means that it is still queued or running, that the id \
              is unknown, or that the action returned nothing, all alike; wait a few seconds between \
              attempts and give up after a while. A failed action answers with its own error. For runs that \
              NANGO_INVOKE_FUNCTION started use NANGO_GET_FUNCTION_INVOCATION.",
        toolset: Toolset::Actions,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["environment:actions:execute"],
        method: Method::Get,
        path: "/action/{id}",
        params: &[Property::new("action_id", UUID, "The id that the trigger returned.")
            .required()
            .path("id")],
        rules: &[],
        returns: ResponseType::Any,
        aliases: &[],
        examples: &[Example {
            title: "What became of the action?",
            args: r#"{"action_id":"3f9d2c54-7a1b-4c8e-9f60-1d2e3f405162"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_INVOKE_FUNCTION",
        title: "Invoke Function",
        doc: "Invoke a deployed function of the unified kind for one connection: wait for its result, or start it and \
              return its id at once. Use it for functions that NANGO_LIST_ALL_FUNCTIONS lists, with trigger http or \
              schedule; a scheduled one cannot be waited for. It may change data at the provider: confirm what the \
              user wants first. For older actions use NANGO_ACTION_TRIGGER_POST, for older syncs \
              NANGO_SYNC_TRIGGER_POST. What no_wait started is fetched by NANGO_GET_FUNCTION_INVOCATION.",
        toolset: Toolset::Actions,
        listed: false,
        effect: Effect::Destructive,
        idempotent: false,
        open_world: true,
        reach: Reach::Connection,
        scopes: &["environment:functions:invocations"],
        method: Method::Post,
        path: "/functions/invocations",
        params: &[
            CONNECTION.body(),
            INTEGRATION.named("integration_id").body(),
            Property::new("name", NAME, "Name of the function, as NANGO_LIST_ALL_FUNCTIONS returns it.")
                .required()
                .body(),
            Property::new(
                "invocation_type",
                ParamType::Choice(&["wait", "no_wait"]),
                "Whether to wait for the result, or to return the id of the run at once.",
            )
            .required()
            .body(),
            Property::new("input", ParamType::Json, "Input of the function, mostly an object.").body(),
            Property::new("options", ParamType::Open(&[]), "Options of the run; Nango does not use any yet.")
                .body(),
        ],
        rules: &[],
        returns: ResponseType::Any,
        aliases: &[],
        examples: &[Example {
            title: "How likely is a contact of Ada's to buy?",
            args: r#"{"connection_id":"hubspot-ada","integration_id":"hubspot","name":"score-contact","invocation_type":"wait","input":{"email":"new.person@example.com"}}"#,
        }],
        timeout_s: 960,
    },
    Tool {
        slug: "NANGO_GET_FUNCTION_INVOCATION",
        title: "Get Function Invocation",
        doc: "Get the result of a function invocation that was not waited for, by the id that NANGO_INVOKE_FUNCTION \
              returned. While it runs the answer is the id and statusUrl again: wait a few seconds between attempts. \
              404 means that there is no such run; a failed function answers with its own error. For actions that were \
              triggered with async use NANGO_GET_ACTION_RESULT.",
        toolset: Toolset::Actions,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["environment:functions:invocations"],
        method: Method::Get,
        path: "/functions/invocations/{id}",
        params: &[Property::new("id", UUID, "The id that starting the run returned.").required().path("id")],
        rules: &[],
        returns: ResponseType::Any,
        aliases: &[],
        examples: &[Example {
            title: "Is that function done?",
            args: r#"{"id":"3f9d2c54-7a1b-4c8e-9f60-1d2e3f405162"}"#,
        }],
        timeout_s: 60,
    },
]);
