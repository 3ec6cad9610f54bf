//! Tools for the account: its environments and their API keys. They take an account key. Settings of one environment
//! are in [`super::environment`].

use super::common::{LABEL, MAYBE_TIME, NAME, SUCCESS, TEXT, UUID, text};
use crate::tool::{
    Effect, Example, Field, Method, ParamType, Property, Reach, ResponseType, StringFormat, StringSpec, Tool,
    Toolset, checked,
};

const ENVIRONMENT: Property =
    Property::new("environment_id", UUID, "UUID of the environment, as NANGO_LIST_ENVIRONMENTS returns it.")
        .required();
const ENVIRONMENT_OR_NUMBER: Property = Property::new(
    "environment_id",
    NAME,
    "UUID of the environment, as NANGO_LIST_ENVIRONMENTS returns it; its number on servers that have none.",
)
.required();
const KEY_ID: Property =
    Property::new("key_id", UUID, "UUID of the API key, as NANGO_LIST_API_KEYS returns it.").required();
const OTLP_HEADER: ParamType = ParamType::Object(&[
    Property::new("name", text(1, 256), "Name of the header.").required(),
    Property::new("value", text(1, 4000), "Value of the header.").required().secret(),
]);
const KEY: [Field; 5] = [
    Field::new("id", ResponseType::Integer).doc("Internal number; calls take uuid."),
    Field::new("uuid", ResponseType::Text).optional().doc("Absent on older servers."),
    Field::new("display_name", ResponseType::Text),
    Field::new("scopes", ResponseType::List(&ResponseType::Text)),
    Field::new("created_at", ResponseType::Time),
];
const USED: Field = Field::new("last_used_at", MAYBE_TIME);
const SECRET: Field = Field::new("secret", ResponseType::Text).secret("api_key");
const NEW_ENVIRONMENT: ResponseType = ResponseType::Object(&[Field::new(
    "data",
    ResponseType::Object(&[
        Field::new("id", ResponseType::Integer).doc("Internal number; calls take uuid."),
        Field::new("uuid", ResponseType::Text).optional().doc("Absent on older servers."),
        Field::new("name", ResponseType::Text),
    ]),
)]);
const ENVIRONMENTS: ResponseType = ResponseType::Object(&[Field::new(
    "data",
    ResponseType::List(&ResponseType::Object(&[
        Field::new("id", ResponseType::Integer).doc("Internal number; calls take uuid."),
        Field::new("uuid", ResponseType::Text),
        Field::new("name", ResponseType::Text),
        Field::new("is_production", ResponseType::Boolean),
    ])),
)]);
const KEYS: ResponseType = ResponseType::Object(&[Field::new(
    "data",
    ResponseType::List(&ResponseType::Object(&[KEY[0], KEY[1], KEY[2], KEY[3], USED, KEY[4]])),
)]);
const NEW_KEY: ResponseType = ResponseType::Object(&[Field::new(
    "data",
    ResponseType::Object(&[KEY[0], KEY[1], KEY[2], KEY[3], SECRET, KEY[4]]),
)]);
const ONE_KEY: ResponseType = ResponseType::Object(&[Field::new(
    "data",
    ResponseType::Object(&[KEY[0], KEY[1], KEY[2], KEY[3], SECRET, USED, KEY[4]]),
)]);

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_LIST_ENVIRONMENTS",
        title: "List Environments",
        doc: "List the environments of the account, such as dev and prod, each with its UUID and whether it is a \
              production one. Use it to find the environment_id that NANGO_LIST_API_KEYS, NANGO_CREATE_API_KEY and \
              NANGO_DELETE_ENVIRONMENT take. It needs an account key, and shows nothing of what is in an environment: \
              that takes a key of the environment itself.",
        toolset: Toolset::Account,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["account:environments:list"],
        method: Method::Get,
        path: "/environments",
        params: &[Property::new("name", LABEL, "Exact name of one environment.").query("name")],
        rules: &[],
        returns: ENVIRONMENTS,
        aliases: &[],
        examples: &[
            Example { title: "Which environments do we have?", args: r#"{}"# },
            Example { title: "The UUID of dev", args: r#"{"name":"dev"}"# },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_CREATE_ENVIRONMENT",
        title: "Create Environment",
        doc: "Create an environment in the account: a separate set of integrations, connections, functions and keys, \
              for example for staging. Use it with an account key; the new environment has no API key yet, which \
              NANGO_CREATE_API_KEY creates. The name prod makes it a production environment. What exists is in \
              NANGO_LIST_ENVIRONMENTS.",
        toolset: Toolset::Account,
        listed: false,
        effect: Effect::Write,
        idempotent: false,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["account:environments:create"],
        method: Method::Post,
        path: "/environments",
        params: &[
            Property::new(
                "name",
                ParamType::Text(StringSpec { min: 1, max: 255, form: StringFormat::EnvironmentName }),
                "Name of the new environment.",
            )
            .required()
            .body(),
            Property::new(
                "is_production",
                ParamType::Boolean,
                "Whether it is a production environment; needs a scope of its own.",
            )
            .body(),
            Property::new(
                "callback_url",
                ParamType::Text(StringSpec { min: 0, max: u32::MAX, form: StringFormat::HttpUrl }),
                "URL to which OAuth providers send end users back.",
            )
            .body(),
            Property::new(
                "hmac_key",
                text(0, 1000),
                "Key for the HMAC with which front ends prove who connects.",
            )
            .secret()
            .body(),
            Property::new("hmac_enabled", ParamType::Boolean, "Whether that HMAC is required.").body(),
            Property::new(
                "slack_notifications",
                ParamType::Boolean,
                "Whether failures are reported in Slack.",
            )
            .body(),
            Property::new("otlp_endpoint", TEXT, "URL that gets telemetry by OpenTelemetry; empty for none.")
                .body(),
            Property::new(
                "otlp_headers",
                ParamType::List { of: &OTLP_HEADER, min: 0, max: 100, unique: false },
                "Headers of that telemetry.",
            )
            .secret()
            .body(),
        ],
        rules: &[],
        returns: NEW_ENVIRONMENT,
        aliases: &[],
        examples: &[Example { title: "An environment for staging", args: r#"{"name":"staging"}"# }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_DELETE_ENVIRONMENT",
        title: "Delete Environment",
        doc: "Delete an environment of the account for good, with all its integrations, connections, credentials, \
              functions, syncs and records. Use it only when a person has asked for exactly this environment: end \
              users would have to authorise everything again. One named prod cannot be deleted. It needs an account \
              key; the UUID is in NANGO_LIST_ENVIRONMENTS. To remove one app use NANGO_DELETE_INTEGRATION.",
        toolset: Toolset::Account,
        listed: false,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["account:environments:delete"],
        method: Method::Delete,
        path: "/environments/{environmentUuid}",
        params: &[ENVIRONMENT_OR_NUMBER.path("environmentUuid")],
        rules: &[],
        returns: ResponseType::Nothing,
        aliases: &[],
        examples: &[Example {
            title: "Remove the staging environment",
            args: r#"{"environment_id":"9b2f1c7e-5d34-4a86-8c1f-2e7d6a5b4c3d"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_LIST_API_KEYS",
        title: "List API Keys",
        doc: "List the API keys of one environment: names, scopes, when each was last used; never the secrets. Use it \
              to see who has access, or to find the key_id that NANGO_GET_API_KEY and NANGO_DELETE_API_KEY take. It \
              needs an account key; environment_id is in NANGO_LIST_ENVIRONMENTS.",
        toolset: Toolset::Account,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["account:environments:api_keys:list"],
        method: Method::Get,
        path: "/environments/{environmentUuid}/api-keys",
        params: &[
            ENVIRONMENT.path("environmentUuid"),
            Property::new("display_name", LABEL, "Exact name of one key.").query("display_name"),
        ],
        rules: &[],
        returns: KEYS,
        aliases: &[],
        examples: &[Example {
            title: "Which keys does the environment have?",
            args: r#"{"environment_id":"9b2f1c7e-5d34-4a86-8c1f-2e7d6a5b4c3d"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_GET_API_KEY",
        title: "Get API Key",
        doc: "Get one API key of an environment with its scopes, when it was last used, and its secret, which comes \
              back masked unless the caller reveals it. Use it to hand the key to a server's settings; for an overview \
              without secrets use NANGO_LIST_API_KEYS, which also has the key_id. It needs an account key with a scope \
              of its own.",
        toolset: Toolset::Account,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["account:environments:api_keys:read"],
        method: Method::Get,
        path: "/environments/{environmentUuid}/api-keys/{keyUuid}",
        params: &[ENVIRONMENT.path("environmentUuid"), KEY_ID.path("keyUuid")],
        rules: &[],
        returns: ONE_KEY,
        aliases: &[],
        examples: &[Example {
            title: "Look up one key",
            args: r#"{"environment_id":"9b2f1c7e-5d34-4a86-8c1f-2e7d6a5b4c3d","key_id":"c0a8f1d2-3b4c-4d5e-8f6a-7b8c9d0e1f2a"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_CREATE_API_KEY",
        title: "Create API Key",
        doc: "Create an API key for one environment, with full access to it. Use it for a new server or service, under \
              a name that says which. Its secret comes back masked unless the caller reveals it; NANGO_GET_API_KEY \
              reads it again later. An environment has at most 50 keys, and each name once. It needs an account key; \
              environment_id is in NANGO_LIST_ENVIRONMENTS. To revoke a key use NANGO_DELETE_API_KEY.",
        toolset: Toolset::Account,
        listed: false,
        effect: Effect::Write,
        idempotent: false,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["account:environments:api_keys:create"],
        method: Method::Post,
        path: "/environments/{environmentUuid}/api-keys",
        params: &[
            ENVIRONMENT.path("environmentUuid"),
            Property::new("display_name", LABEL, "Name of the key, such as the server that gets it.")
                .required()
                .body(),
        ],
        rules: &[],
        returns: NEW_KEY,
        aliases: &[],
        examples: &[Example {
            title: "A key for the billing service",
            args: r#"{"environment_id":"9b2f1c7e-5d34-4a86-8c1f-2e7d6a5b4c3d","display_name":"billing-service"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_DELETE_API_KEY",
        title: "Delete API Key",
        doc: "Delete an API key of an environment: it stops working at once, and whatever still uses it fails with \
              401. Use it when a key was shown where it should not be, after its replacement from NANGO_CREATE_API_KEY \
              is in use. It needs an account key; key_id is in NANGO_LIST_API_KEYS.",
        toolset: Toolset::Account,
        listed: false,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["account:environments:api_keys:delete"],
        method: Method::Delete,
        path: "/environments/{environmentUuid}/api-keys/{keyUuid}",
        params: &[ENVIRONMENT.path("environmentUuid"), KEY_ID.path("keyUuid")],
        rules: &[],
        returns: SUCCESS,
        aliases: &[],
        examples: &[Example {
            title: "Revoke a key",
            args: r#"{"environment_id":"9b2f1c7e-5d34-4a86-8c1f-2e7d6a5b4c3d","key_id":"c0a8f1d2-3b4c-4d5e-8f6a-7b8c9d0e1f2a"}"#,
        }],
        timeout_s: 60,
    },
]);
