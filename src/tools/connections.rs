//! Tools for connections: list, read, import, edit, delete. Their metadata is in
//! [`super::metadata`], how an end user creates a connection in [`super::connect`].

use super::common::{
    ANYTHING, CONNECTION, CONNECTION_FIELD, CONNECTION_ID, END_USER, INTEGRATION, INTEGRATION_FIELD,
    INTEGRATION_KEY, LABEL, MAYBE_TEXT, MAYBE_TIME, METADATA, SOME_TEXT, STRINGS, SUCCESS, TAGS, TEXT,
    WEBHOOK, text,
};
use crate::tool::{
    Effect, Example, Field, Method, ParamLocation, ParamRule, ParamType, Property, Reach, ResponseType, Role,
    StringFormat, StringSpec, Tool, Toolset, Variant, checked,
};

const EXPIRES_AT: Property = Property::new(
    "expires_at",
    ParamType::Text(StringSpec { min: 0, max: u32::MAX, form: StringFormat::DateTime }),
    "When the token expires.",
);
const OVERRIDE: Property = Property::new(
    "config_override",
    ParamType::Object(&[
        Property::new("client_id", LABEL, "Client ID of that app."),
        Property::new("client_secret", text(1, 2048), "Client secret of that app.").secret(),
    ]),
    "The app that issued the tokens, if it is not the integration's.",
)
.secret();
const CLIENT_KEY: Property =
    Property::new("client_private_key", text(1, 10000), "Private key of the certificate.").secret();
const APP: &[Property] = &[
    Property::new("app_id", LABEL, "ID of the app.").required(),
    Property::new("installation_id", LABEL, "ID of its installation at the customer.").required(),
];

const CREDENTIALS: ParamType = ParamType::Tagged(&[
    Variant {
        tags: &["OAUTH2"],
        props: &[
            Property::new("access_token", text(1, 16384), "Access token.").required().secret(),
            Property::new(
                "refresh_token",
                text(1, 16384),
                "Refresh token; without it the token cannot be renewed.",
            )
            .secret(),
            EXPIRES_AT,
            OVERRIDE,
        ],
    },
    Variant {
        tags: &["OAUTH2_CC"],
        props: &[
            Property::new("token", text(1, 4096), "Access token.").required().secret(),
            Property::new("client_id", LABEL, "Client ID.").required(),
            Property::new("client_secret", text(1, 2048), "Client secret.").required().secret(),
            Property::new("client_certificate", text(1, 10000), "Client certificate in PEM text."),
            CLIENT_KEY,
            EXPIRES_AT,
        ],
    },
    Variant {
        tags: &["OAUTH1"],
        props: &[
            Property::new("oauth_token", text(1, 2048), "OAuth 1.0a token.").required().secret(),
            Property::new("oauth_token_secret", text(1, 2048), "Secret of the token.").required().secret(),
        ],
    },
    Variant {
        tags: &["API_KEY"],
        props: &[Property::new("apiKey", text(1, 4096), "API key; mind the capital K.").required().secret()],
    },
    Variant {
        tags: &["BASIC"],
        props: &[
            Property::new("username", text(0, 1024), "User name; may be empty.").required(),
            Property::new("password", text(0, 1024), "Password; may be empty.").required().secret(),
        ],
    },
    Variant { tags: &["NONE"], props: &[] },
    Variant {
        tags: &["TBA"],
        props: &[
            Property::new("token_id", SOME_TEXT, "ID of the token.").required().secret(),
            Property::new("token_secret", SOME_TEXT, "Secret of the token.").required().secret(),
            OVERRIDE,
        ],
    },
    Variant { tags: &["APP", "CUSTOM"], props: APP },
]);

const ORGANIZATION_FORM: ResponseType = ResponseType::Object(&[
    Field::new("id", ResponseType::Text).role(Role::OwnerOrganizationId),
    Field::new("display_name", MAYBE_TEXT),
]);
const END_USER_FORM: ResponseType = ResponseType::Object(&[
    Field::new("id", ResponseType::Text).role(Role::OwnerUserId),
    Field::new("display_name", MAYBE_TEXT),
    Field::new("email", MAYBE_TEXT),
    Field::new("tags", ResponseType::Maybe(&STRINGS)),
    Field::new("organization", ResponseType::Maybe(&ORGANIZATION_FORM)).role(Role::OwnerOrganization),
]);
const PROBLEM: ResponseType = ResponseType::Object(&[
    Field::new("type", ResponseType::Text).doc("auth: the credentials stopped working; sync: a sync fails."),
    Field::new("log_id", ResponseType::Text),
]);
const SUMMARY: [Field; 8] = [
    Field::new("id", ResponseType::Integer).doc("Internal number; calls take connection_id."),
    CONNECTION_FIELD,
    INTEGRATION_FIELD.doc("The integration's unique_key."),
    Field::new("provider", ResponseType::Text),
    Field::new("errors", ResponseType::List(&PROBLEM)).doc("Current problems; empty where all is well."),
    Field::new("end_user", ResponseType::Maybe(&END_USER_FORM)).role(Role::OwnerUser),
    Field::new("tags", STRINGS).role(Role::OwnerTags),
    Field::new("metadata", ResponseType::Maybe(&ANYTHING)).role(Role::Metadata),
];
const FULL: ResponseType = ResponseType::Object(&[
    SUMMARY[0],
    SUMMARY[1],
    SUMMARY[2],
    SUMMARY[3],
    SUMMARY[4],
    SUMMARY[5],
    SUMMARY[6],
    SUMMARY[7],
    Field::new("connection_config", ANYTHING).role(Role::ConnectionSettings),
    Field::new("webhook_url_override", MAYBE_TEXT),
    Field::new("created_at", ResponseType::Time),
    Field::new("updated_at", ResponseType::Time),
    Field::new("last_fetched_at", MAYBE_TIME),
    Field::new("credentials", ResponseType::Object(&[Field::new("type", ResponseType::Text).optional()]))
        .role(Role::Credentials)
        .doc("Fields depend on type; empty for NONE, or where the key lacks the read_credentials scope."),
]);

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_CONNECTION_LIST_GET",
        title: "List Connections",
        doc: "List connections, the accounts that end users have connected (CRM, accounting, HR, chat and so on), newest \
              first, without credentials. Use it to find the connection_id and provider_config_key that other tools \
              need, who connected what, and which accounts have auth or sync errors. Filters combine with AND; without \
              any it lists all. Narrow by app with integration_id, by customer with tags or end_user_id. No match is an \
              empty list. One connection in full: NANGO_GET_CONNECTION.",
        toolset: Toolset::Connections,
        listed: true,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Connection,
        scopes: &["environment:connections:list", "environment:connections:list_credentials"],
        method: Method::Get,
        path: "/connections",
        params: &[
            Property::new(
                "connection_id",
                LABEL,
                "Exact connection ID; several integrations may have a connection with the same ID.",
            )
            .role(Role::ConnectionFilter)
            .query("connectionId"),
            Property::new(
                "search",
                LABEL,
                "Part of the connection ID or of the end user's name or email, in any case; % and _ are wildcards.",
            )
            .query("search"),
            Property::new("end_user_id", LABEL, "Exact ID of the end user in your application.").role(Role::OwnerUserFilter).query("endUserId"),
            Property::new("end_user_organization_id", LABEL, "Exact ID of the end user's organization.").role(Role::OwnerOrganizationFilter)
                .query("endUserOrganizationId"),
            Property::new(
                "integration_id",
                ParamType::OneOrMany(&INTEGRATION_KEY),
                "One integration ID or several (unique_key), as NANGO_LIST_INTEGRATIONS returns them.",
            ).role(Role::IntegrationFilter)
            .at(ParamLocation::QueryJoined("integrationId")),
            TAGS.doc("Labels that a connection must all have; values match exactly.").role(Role::OwnerTagsFilter).at(ParamLocation::QueryDeep("tags")),
            Property::new("limit", ParamType::Integer { min: 1, max: 2000 }, "Connections a page.").role(Role::PageSize).query("limit"),
            Property::new(
                "page",
                ParamType::Integer { min: 0, max: i64::MAX },
                "Page, from 0; needs limit. A page with fewer than limit connections is the last.",
            )
            .role(Role::PageNumber)
            .query("page"),
        ],
        rules: &[ParamRule::Needs("page", "limit")],
        returns: ResponseType::Object(&[Field::new(
            "connections",
            ResponseType::List(&ResponseType::Object(&[
                SUMMARY[0],
                SUMMARY[1],
                SUMMARY[2],
                SUMMARY[3],
                SUMMARY[4],
                SUMMARY[5],
                SUMMARY[6],
                SUMMARY[7],
                Field::new("created", ResponseType::Time),
            ])),
        )]),
        aliases: &["NANGO_CONNECTION_GET", "NANGO_LIST_CONNECTIONS"],
        examples: &[
            Example {
                title: "List all connected CRM accounts",
                args: r#"{"integration_id":["hubspot","salesforce"]}"#,
            },
            Example { title: "What has Ada connected?", args: r#"{"end_user_id":"ada"}"# },
            Example { title: "The ten newest connections", args: r#"{"limit":10,"page":0}"# },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_GET_CONNECTION",
        title: "Get Connection with Credentials",
        doc: "Get one connection in full: settings, metadata, tags, end user, errors and its credentials (OAuth access \
              token, API key), which Nango refreshes when they are about to expire. connection_id and \
              provider_config_key must belong together. Use it to check that an account still works or to force a \
              refresh. To call the app's API use NANGO_GET_PROXY, which needs no token. 404: no such connection; 424: \
              refreshing failed, the end user has to authorise again (NANGO_RECONNECT_SESSION_POST).",
        toolset: Toolset::Connections,
        listed: true,
        effect: Effect::Write,
        idempotent: true,
        open_world: true,
        reach: Reach::Connection,
        scopes: &["environment:connections:read", "environment:connections:read_credentials"],
        method: Method::Get,
        path: "/connections/{connectionId}",
        params: &[
            CONNECTION.path("connectionId"),
            INTEGRATION.query("provider_config_key"),
            Property::new("force_refresh", ParamType::Boolean, "Refresh the credentials now, even while they are valid.")
                .default("false")
                .query("force_refresh"),
            Property::new("refresh_token", ParamType::Boolean, "Return refresh tokens too.")
                .default("false")
                .query("refresh_token"),
            Property::new("refresh_github_app_jwt_token", ParamType::Boolean, "Also renew the JWT of a GitHub App.")
                .default("false")
                .query("refresh_github_app_jwt_token"),
        ],
        rules: &[],
        returns: FULL,
        aliases: &[],
        examples: &[
            Example {
                title: "Does Ada's HubSpot account still work?",
                args: r#"{"connection_id":"hubspot-ada","provider_config_key":"hubspot"}"#,
            },
            Example {
                title: "Refresh the token of Ada's HubSpot account",
                args: r#"{"connection_id":"hubspot-ada","provider_config_key":"hubspot","force_refresh":true}"#,
            },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_ADD_CONNECTION",
        title: "Add Connection",
        doc: "Add a connection from credentials you already hold, such as an API key or OAuth tokens imported from \
              another system, without the end user signing in again. credentials.type must equal the provider's \
              auth_mode (NANGO_PROVIDERS_GET_GET). A connection with the same connection_id and integration is \
              overwritten, and its metadata, tags and connection_config become what is sent here. To let a person sign \
              in use NANGO_CREATE_CONNECT_SESSION. Returns the connection as stored and starts its syncs.",
        toolset: Toolset::Connections,
        listed: true,
        effect: Effect::Destructive,
        idempotent: false,
        open_world: true,
        reach: Reach::Connection,
        scopes: &["environment:connections:create"],
        method: Method::Post,
        path: "/connections",
        params: &[
            INTEGRATION.body(),
            Property::new(
                "credentials",
                CREDENTIALS,
                "The end user's credentials with the provider; type must equal the provider's auth_mode.",
            )
            .required()
            .role(Role::Credentials)
            .body(),
            Property::new(
                "connection_id",
                CONNECTION_ID,
                "ID for the connection; generated when absent. An ID in use overwrites that connection.",
            ).role(Role::NewConnection)
            .body(),
            METADATA.body(),
            Property::new(
                "connection_config",
                ParamType::Open(&[Property::new(
                    "oauth_scopes_override",
                    ParamType::List { of: &TEXT, min: 0, max: u32::MAX, unique: false },
                    "OAuth scopes of this connection.",
                )]),
                "Settings by name that the provider's details ask for, for example subdomain; accountId for TBA.",
            )
            .role(Role::ConnectionSettings)
            .body(),
            TAGS.body(),
            END_USER.body(),
            WEBHOOK.body(),
        ],
        rules: &[ParamRule::TbaAccount],
        returns: FULL,
        aliases: &[],
        examples: &[Example {
            title: "Import the HubSpot tokens of Grace",
            args: r#"{"provider_config_key":"hubspot","credentials":{"type":"OAUTH2","access_token":"sample-access-token","refresh_token":"sample-refresh-token"},"connection_id":"hubspot-grace-import","tags":{"end_user_id":"grace"}}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_EDIT_CONNECTION",
        title: "Edit Connection",
        doc: "Edit the tags, end user or webhook address of a connection, for example to assign an account to another \
              customer. Tags are replaced as a whole: read them with NANGO_GET_CONNECTION and send all that should \
              stay; end_user alone replaces them too. It cannot change credentials (NANGO_RECONNECT_SESSION_POST), \
              metadata (NANGO_UPDATE_CONNECTION_METADATA) or connection_config.",
        toolset: Toolset::Connections,
        listed: true,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Connection,
        scopes: &["environment:connections:update"],
        method: Method::Patch,
        path: "/connections/{connectionId}",
        params: &[
            CONNECTION.path("connectionId"),
            INTEGRATION.query("provider_config_key"),
            TAGS.doc("All labels of the connection from now on; {} removes them.").body(),
            END_USER.body(),
            WEBHOOK.body(),
        ],
        rules: &[ParamRule::AtLeastOne(&["tags", "end_user", "webhook_url_override"])],
        returns: SUCCESS,
        aliases: &[],
        examples: &[Example {
            title: "Tag Ada's HubSpot account",
            args: r#"{"connection_id":"hubspot-ada","provider_config_key":"hubspot","tags":{"end_user_id":"ada","plan":"pro"}}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_DELETE_CONNECTION",
        title: "Delete Connection",
        doc: "Delete one connection for good, with its credentials, syncs and cached records. Use it when an end user \
              disconnects an account; it may also revoke access at the provider. It cannot be undone: the end user \
              would have to authorise again. To repair a broken account use NANGO_RECONNECT_SESSION_POST; to remove an \
              app for everyone NANGO_DELETE_INTEGRATION.",
        toolset: Toolset::Connections,
        listed: true,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: true,
        reach: Reach::Connection,
        scopes: &["environment:connections:delete"],
        method: Method::Delete,
        path: "/connections/{connectionId}",
        params: &[CONNECTION.path("connectionId"), INTEGRATION.query("provider_config_key")],
        rules: &[],
        returns: SUCCESS,
        aliases: &[],
        examples: &[Example {
            title: "Disconnect the HubSpot account of Ada",
            args: r#"{"connection_id":"hubspot-ada","provider_config_key":"hubspot"}"#,
        }],
        timeout_s: 60,
    },
]);
