//! Tools for integrations: providers that an environment has set up, with a developer app's
//! credentials where they need them.

use super::common::{
    INTEGRATION_KEY, LABEL, MAYBE_TEXT, PROVIDER, SOME_TEXT, STRINGS, SUCCESS, TEXT, UNIQUE_KEY, map, text,
};
use crate::tool::{
    Effect, Example, Field, Method, ParamLocation, ParamType, Property, Reach, ResponseType, Role,
    StringFormat, StringSpec, Tool, Toolset, Variant, checked,
};

const CLIENT_ID: Property = Property::new("client_id", LABEL, "Client ID of the developer app.").required();
const CLIENT_SECRET: Property =
    Property::new("client_secret", SOME_TEXT, "Client secret of the developer app.").required().secret();
const APP_ID: Property = Property::new("app_id", LABEL, "ID of the app.").required();
const APP_LINK: Property =
    Property::new("app_link", SOME_TEXT, "Public page where the app is installed.").required();
const PRIVATE_KEY: Property = Property::new(
    "private_key",
    ParamType::Text(StringSpec { min: 0, max: u32::MAX, form: StringFormat::Pem }),
    "Private key of the app: an RSA key in PEM text (PKCS#1) without a newline at the end.",
)
.required()
.secret();

const CREDENTIALS: Property = Property::new(
    "credentials",
    ParamType::Tagged(&[
        Variant {
            tags: &["OAUTH1", "OAUTH2", "TBA"],
            props: &[
                CLIENT_ID,
                CLIENT_SECRET,
                Property::new(
                    "scopes",
                    ParamType::Text(StringSpec { min: 0, max: u32::MAX, form: StringFormat::Scopes }),
                    "OAuth scopes to ask end users for, separated by commas without spaces.",
                ),
                Property::new("webhook_secret", text(0, 255), "Secret that proves the provider's webhooks.")
                    .secret(),
            ],
        },
        Variant { tags: &["APP"], props: &[APP_ID, APP_LINK, PRIVATE_KEY] },
        Variant { tags: &["CUSTOM"], props: &[CLIENT_ID, CLIENT_SECRET, APP_ID, APP_LINK, PRIVATE_KEY] },
    ]),
    "Credentials of your developer app with the provider; type must equal the provider's auth_mode.",
)
.secret();
const DISPLAY_NAME: Property = Property::new("display_name", LABEL, "Name that people see.");
const FORWARD_WEBHOOKS: Property = Property::new(
    "forward_webhooks",
    ParamType::Boolean,
    "Whether the provider's webhooks are passed on to your application.",
);
const CONFIG: Property = Property::new(
    "integration_config",
    map(&text(0, 8192)),
    "Settings by name, for providers whose details (NANGO_PROVIDERS_GET_GET) list integration_config.",
)
.secret();
const CUSTOM: Property =
    Property::new("custom", map(&TEXT), "Free settings by name, for providers without integration_config.")
        .secret();

const SUMMARY: [Field; 10] = [
    Field::new("unique_key", ResponseType::Text)
        .role(Role::Integration)
        .doc("The ID; other tools call it provider_config_key or integration_id."),
    Field::new("provider", ResponseType::Text),
    Field::new("display_name", MAYBE_TEXT),
    Field::new("logo", ResponseType::Text),
    Field::new("forward_webhooks", ResponseType::Boolean),
    Field::new("created_at", ResponseType::Time),
    Field::new("updated_at", ResponseType::Time),
    Field::new("credentials_label", STRINGS).optional().doc("What to call a credential field."),
    Field::new("preconfigured_credentials", ResponseType::List(&ResponseType::Text)).optional(),
    Field::new("preconfigured_connection_config", ResponseType::List(&ResponseType::Text))
        .optional()
        .doc("Settings that connections need not give."),
];
const ONE: ResponseType = ResponseType::Object(&[Field::new("data", ResponseType::Object(&SUMMARY))]);

const APP_FORM: [Field; 3] = [
    Field::new("app_id", MAYBE_TEXT),
    Field::new("app_link", MAYBE_TEXT),
    Field::new("private_key", MAYBE_TEXT),
];
const CLIENT_FORM: [Field; 2] =
    [Field::new("client_id", MAYBE_TEXT), Field::new("client_secret", MAYBE_TEXT)];
const STORED: ResponseType = ResponseType::Maybe(&ResponseType::OneOf(&[
    ResponseType::Object(&[
        Field::new("type", ResponseType::Choice(&["OAUTH1", "OAUTH2", "TBA"])),
        CLIENT_FORM[0],
        CLIENT_FORM[1],
        Field::new("scopes", MAYBE_TEXT),
        Field::new("webhook_secret", MAYBE_TEXT),
    ]),
    ResponseType::Object(&[
        Field::new("type", ResponseType::Choice(&["APP"])),
        APP_FORM[0],
        APP_FORM[1],
        APP_FORM[2],
    ]),
    ResponseType::Object(&[
        Field::new("type", ResponseType::Choice(&["CUSTOM"])),
        CLIENT_FORM[0],
        CLIENT_FORM[1],
        APP_FORM[0],
        APP_FORM[1],
        APP_FORM[2],
    ]),
]));

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_LIST_INTEGRATIONS",
        title: "List Integrations",
        doc: "List all integrations set up in this environment: unique_key, provider, display name, webhook forwarding \
              and dates. Use it to learn which apps can be connected and the exact unique_key, which other tools take \
              as provider_config_key or integration_id. No filter, no pages, never credentials. The accounts that end \
              users connected are in NANGO_CONNECTION_LIST_GET; apps not set up yet in NANGO_PROVIDERS_LIST_GET.",
        toolset: Toolset::Integrations,
        listed: true,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Catalogue,
        scopes: &["environment:integrations:list", "environment:integrations:list_credentials"],
        method: Method::Get,
        path: "/integrations",
        params: &[],
        rules: &[],
        returns: ResponseType::Object(&[Field::new(
            "data",
            ResponseType::List(&ResponseType::Object(&SUMMARY)),
        )]),
        aliases: &[],
        examples: &[Example { title: "Which apps are set up?", args: "{}" }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_GET_INTEGRATION",
        title: "Get Integration",
        doc: "Get one integration by its unique_key: provider, display name, dates and, only where include asks for it, \
              the webhook URL to register with the provider or the credentials of the developer app (client ID, secret, \
              scopes). Use it to inspect how one app is set up. It does not show end users' accounts \
              (NANGO_CONNECTION_LIST_GET) or the provider in general (NANGO_PROVIDERS_GET_GET).",
        toolset: Toolset::Integrations,
        listed: true,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Integration,
        scopes: &["environment:integrations:read", "environment:integrations:read_credentials"],
        method: Method::Get,
        path: "/integrations/{uniqueKey}",
        params: &[
            UNIQUE_KEY.path("uniqueKey"),
            Property::new(
                "include",
                ParamType::List {
                    of: &ParamType::Choice(&["webhook", "credentials"]),
                    min: 0,
                    max: 2,
                    unique: true,
                },
                "What to return in addition to the basics; credentials need a key with the read_credentials \
                 scope.",
            )
            .role(Role::IntegrationSettings)
            .at(ParamLocation::QueryRepeated("include")),
        ],
        rules: &[],
        returns: ResponseType::Object(&[Field::new(
            "data",
            ResponseType::Object(&[
                SUMMARY[0],
                SUMMARY[1],
                SUMMARY[2],
                SUMMARY[3],
                SUMMARY[4],
                SUMMARY[5],
                SUMMARY[6],
                SUMMARY[7],
                SUMMARY[8],
                SUMMARY[9],
                Field::new("webhook_url", MAYBE_TEXT)
                    .optional()
                    .doc("null where the provider sends no webhooks."),
                Field::new("credentials", STORED).optional().role(Role::Credentials),
            ]),
        )]),
        aliases: &[],
        examples: &[
            Example { title: "How is GitHub set up?", args: r#"{"unique_key":"github"}"# },
            Example {
                title: "Which webhook URL do I give to HubSpot?",
                args: r#"{"unique_key":"hubspot","include":["webhook"]}"#,
            },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_CREATE_INTEGRATION",
        title: "Create Integration",
        doc: "Create an integration: set up a provider such as Slack or Salesforce in this environment under a \
              unique_key of your choice, so that accounts can be connected. Look at the auth_mode first \
              (NANGO_PROVIDERS_GET_GET): OAUTH1, OAUTH2, APP and CUSTOM need credentials of that type from your \
              developer app, TBA may have them, every other mode must have none. A unique_key in use is refused: change \
              that one with NANGO_UPDATE_INTEGRATION. Returns the integration without credentials.",
        toolset: Toolset::Integrations,
        listed: true,
        effect: Effect::Write,
        idempotent: false,
        open_world: false,
        reach: Reach::Integration,
        scopes: &["environment:integrations:create"],
        method: Method::Post,
        path: "/integrations",
        params: &[
            PROVIDER.body(),
            UNIQUE_KEY
                .doc("New ID for the integration, not yet in use here; often the provider's name.")
                .body(),
            DISPLAY_NAME.body(),
            FORWARD_WEBHOOKS.body(),
            CREDENTIALS.body(),
            CONFIG.body(),
            CUSTOM.body(),
        ],
        rules: &[],
        returns: ONE,
        aliases: &[],
        examples: &[
            Example {
                title: "Set up PostHog, which takes API keys",
                args: r#"{"provider":"posthog","unique_key":"posthog-eu","display_name":"PostHog (EU)"}"#,
            },
            Example {
                title: "Set up a second GitHub OAuth app",
                args: r#"{"provider":"github","unique_key":"github-dev","credentials":{"type":"OAUTH2","client_id":"sample-client-id","client_secret":"sample-client-secret","scopes":"repo,read:user"}}"#,
            },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_UPDATE_INTEGRATION",
        title: "Update Integration",
        doc: "Update an integration: change its display name, rotate or replace the developer app's credentials, switch \
              webhook forwarding, edit settings, or re-key it with new_unique_key. Only what is sent changes, but \
              credentials have to be complete: client_id and client_secret again, even for new scopes. A new key is \
              refused while connections exist. The provider stays: for another one use NANGO_CREATE_INTEGRATION. \
              Returns the integration without credentials.",
        toolset: Toolset::Integrations,
        listed: true,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Integration,
        scopes: &["environment:integrations:update"],
        method: Method::Patch,
        path: "/integrations/{uniqueKey}",
        params: &[
            UNIQUE_KEY.path("uniqueKey"),
            Property::new(
                "new_unique_key",
                INTEGRATION_KEY,
                "New ID for the integration, not yet in use here.",
            )
            .role(Role::NewIntegration)
            .at(ParamLocation::Body("unique_key")),
            DISPLAY_NAME.body(),
            CREDENTIALS.body(),
            FORWARD_WEBHOOKS.body(),
            CONFIG.body(),
            CUSTOM.body(),
        ],
        rules: &[],
        returns: ONE,
        aliases: &[],
        examples: &[
            Example {
                title: "Call the Zendesk integration Helpdesk",
                args: r#"{"unique_key":"zendesk","display_name":"Helpdesk"}"#,
            },
            Example {
                title: "Rotate the client secret of HubSpot",
                args: r#"{"unique_key":"hubspot","credentials":{"type":"OAUTH2","client_id":"sample-client-id","client_secret":"sample-client-secret"}}"#,
            },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_DELETE_INTEGRATION",
        title: "Delete Integration",
        doc: "Delete an integration for good, together with everything under it: every end user's connections and \
              credentials, syncs, cached records and functions. It cannot be undone: ask for confirmation, and look \
              with NANGO_CONNECTION_LIST_GET (integration_id) who would be cut off. To disconnect a single account use \
              NANGO_DELETE_CONNECTION; to change a setting use NANGO_UPDATE_INTEGRATION.",
        toolset: Toolset::Integrations,
        listed: true,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Integration,
        scopes: &["environment:integrations:delete"],
        method: Method::Delete,
        path: "/integrations/{uniqueKey}",
        params: &[UNIQUE_KEY.path("uniqueKey")],
        rules: &[],
        returns: SUCCESS,
        aliases: &[],
        examples: &[Example { title: "Remove Zendesk altogether", args: r#"{"unique_key":"zendesk"}"# }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_CREATE_QUICKSTART_INTEGRATION",
        title: "Create Quickstart Integration",
        doc: "Create an integration that uses Nango's own developer app with the provider, so that an account can be \
              connected before you have registered an app. Use it to try an app out; end users see Nango's name when \
              they sign in. Only some OAuth providers have one, otherwise the answer is 400 and you need \
              NANGO_CREATE_INTEGRATION with credentials of your own. Provider names are in NANGO_PROVIDERS_LIST_GET. \
              Credentials can be set later with NANGO_UPDATE_INTEGRATION.",
        toolset: Toolset::Integrations,
        listed: false,
        effect: Effect::Write,
        idempotent: false,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["environment:integrations:create"],
        method: Method::Post,
        path: "/integrations/quickstart",
        params: &[
            PROVIDER.body(),
            Property::new(
                "unique_key",
                INTEGRATION_KEY,
                "ID for the new integration, often the provider's name.",
            )
            .required()
            .role(Role::NewIntegration)
            .body(),
            DISPLAY_NAME.body(),
            FORWARD_WEBHOOKS.body(),
        ],
        rules: &[],
        returns: ONE,
        aliases: &[],
        examples: &[Example {
            title: "Try GitHub without an app of our own",
            args: r#"{"provider":"github","unique_key":"github-quickstart"}"#,
        }],
        timeout_s: 60,
    },
]);
