//! Tools for Connect sessions, in which an end user authorises an account, also again. Importing
//! credentials that are already there is in [`super::connections`].

use super::common::{
    ANYTHING, CONNECTION, END_USER, INTEGRATION, INTEGRATION_KEY, MAYBE_TEXT, ORGANIZATION, STRINGS, TAGS,
    TEXT, WEBHOOK, by_integration, map,
};
use crate::tool::{
    Effect, Example, Field, Method, Param, ParamLocation, ParamRule, ParamType, Property, Reach,
    ResponseType, Role, StringFormat, StringSpec, Tool, Toolset, checked,
};

const DEFAULTS: Property = Property::new(
    "integrations_config_defaults",
    by_integration(&ParamType::Object(&[
        Property::new("user_scopes", TEXT, "Slack user scopes, separated by commas."),
        Property::new(
            "authorization_params",
            map(&TEXT),
            "Parameters to add to the OAuth authorisation URL.",
        ),
        Property::new(
            "connection_config",
            ParamType::Open(&[Property::new(
                "oauth_scopes_override",
                TEXT,
                "OAuth scopes, separated by commas.",
            )]),
            "Connection settings filled in beforehand, for example subdomain.",
        ),
    ])),
    "Defaults by integration ID (unique_key); every integration must exist.",
);
const OVERRIDES: Property = Property::new(
    "overrides",
    by_integration(&ParamType::Object(&[Property::new(
        "docs_connect",
        TEXT,
        "URL of the help page that the Connect UI links to; needs a plan that allows it.",
    )])),
    "Changes to the Connect UI by integration ID (unique_key).",
);
/// `connect_link` is not masked on purpose: the tools exist to hand it to the end user.
const RETURNS: ResponseType = ResponseType::Object(&[Field::new(
    "data",
    ResponseType::Object(&[
        Field::new("token", ResponseType::Text)
            .secret("connect_session_token")
            .doc("Session token for a front end; a secret."),
        Field::new("connect_link", ResponseType::Text)
            .doc("Link for the end user to open.")
            .role(Role::Disclosed),
        Field::new("expires_at", ResponseType::Time),
    ]),
)]);
/// The token stands in place of the API key.
const SESSION_TOKEN: Param = Property::new(
    "session_token",
    ParamType::Text(StringSpec { min: 0, max: u32::MAX, form: StringFormat::SessionToken }),
    "Token of the session, as creating it returned it.",
)
.required()
.secret()
.at(ParamLocation::Bearer);
const END_USER_FORM: ResponseType = ResponseType::Object(&[
    Field::new("id", ResponseType::Text),
    Field::new("display_name", MAYBE_TEXT),
    Field::new("email", MAYBE_TEXT),
    Field::new("tags", ResponseType::Maybe(&STRINGS)),
    Field::new(
        "organization",
        ResponseType::Maybe(&ResponseType::Object(&[
            Field::new("id", ResponseType::Text),
            Field::new("display_name", MAYBE_TEXT),
        ])),
    ),
]);
const SESSION: ResponseType = ResponseType::Object(&[Field::new(
    "data",
    ResponseType::Object(&[
        Field::new("endUser", ResponseType::Maybe(&END_USER_FORM)),
        Field::new("connectUISettings", ANYTHING).doc("How the Connect UI looks."),
        Field::new("allowed_integrations", ResponseType::List(&ResponseType::Text)).optional(),
        Field::new("integrations_config_defaults", ANYTHING).optional(),
        Field::new("overrides", ANYTHING).optional(),
        Field::new("webhook_url_override", MAYBE_TEXT).optional(),
        Field::new("websocketsPath", ResponseType::Text).optional(),
        Field::new("isReconnecting", ResponseType::Boolean).optional(),
    ]),
)]);

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_CREATE_CONNECT_SESSION",
        title: "Create Connect Session",
        doc: "Create a Connect session so that an end user can connect an account: returns connect_link, which that \
              person opens within 30 minutes to sign in, grant OAuth access or enter an API key. tags or end_user say \
              whose connection it becomes; allowed_integrations names the apps on offer. Nothing is connected until the \
              link has been used: look with NANGO_CONNECTION_LIST_GET. For an account that is already connected use \
              NANGO_RECONNECT_SESSION_POST; for credentials you hold NANGO_ADD_CONNECTION.",
        toolset: Toolset::Connect,
        listed: true,
        effect: Effect::Write,
        idempotent: false,
        open_world: false,
        reach: Reach::Connection,
        scopes: &["environment:connect_sessions:write"],
        method: Method::Post,
        path: "/connect/sessions",
        params: &[
            TAGS.body(),
            END_USER.body(),
            ORGANIZATION.body(),
            Property::new(
                "allowed_integrations",
                ParamType::List { of: &INTEGRATION_KEY, min: 0, max: u32::MAX, unique: false },
                "IDs of the integrations on offer (unique_key, NANGO_LIST_INTEGRATIONS); all when empty or absent.",
            ).role(Role::IntegrationFilter)
            .body(),
            DEFAULTS.body(),
            OVERRIDES.body(),
            WEBHOOK.body(),
        ],
        rules: &[ParamRule::AtLeastOne(&["end_user", "tags"])],
        returns: RETURNS,
        aliases: &[],
        examples: &[
            Example {
                title: "Let Ada connect Slack",
                args: r#"{"tags":{"end_user_id":"ada"},"allowed_integrations":["slack"]}"#,
            },
            Example {
                title: "Let Grace connect any app",
                args: r#"{"end_user":{"id":"grace","email":"grace@example.com","display_name":"Grace"}}"#,
            },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_RECONNECT_SESSION_POST",
        title: "Reconnect Session",
        doc: "Create a reconnect session, in which an end user authorises an existing connection again: returns \
              connect_link, which that person opens within 30 minutes. Use it when credentials expired, were revoked \
              or fail to refresh (errors of type auth, status 424), or when more OAuth scopes are needed. connection_id \
              and integration_id must belong together; the ID, metadata and syncs of the connection stay. To connect a \
              new account use NANGO_CREATE_CONNECT_SESSION.",
        toolset: Toolset::Connect,
        listed: true,
        effect: Effect::Write,
        idempotent: false,
        open_world: false,
        reach: Reach::Connection,
        scopes: &["environment:connect_sessions:write"],
        method: Method::Post,
        path: "/connect/sessions/reconnect",
        params: &[
            CONNECTION.body(),
            INTEGRATION.named("integration_id").body(),
            TAGS.body(),
            END_USER.body(),
            ORGANIZATION.body(),
            DEFAULTS.body(),
            OVERRIDES.body(),
            WEBHOOK.body(),
        ],
        rules: &[],
        returns: RETURNS,
        aliases: &[],
        examples: &[Example {
            title: "Let Ada sign in to HubSpot again",
            args: r#"{"connection_id":"hubspot-ada","integration_id":"hubspot"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_GET_CONNECT_SESSION",
        title: "Get Connect Session",
        doc: "Get the Connect session that a session token stands for: the end user, the integrations on offer, \
              defaults, and whether it reconnects an account. Use it in the server of a front end to see what a token \
              may do. It takes the token instead of an API key, and works for 30 minutes after \
              NANGO_CREATE_CONNECT_SESSION or NANGO_RECONNECT_SESSION_POST returned it. Whether the person has \
              connected shows NANGO_CONNECTION_LIST_GET.",
        toolset: Toolset::Connect,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &[],
        method: Method::Get,
        path: "/connect/session",
        params: &[SESSION_TOKEN],
        rules: &[],
        returns: SESSION,
        aliases: &[],
        examples: &[Example {
                title: "What may this session token do?",
                args: r#"{"session_token":"nango_connect_session_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}"#,
            }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_DELETE_CONNECT_SESSION",
        title: "Delete Connect Session",
        doc: "Delete the Connect session that a session token stands for, so that the token and its connect_link stop \
              working at once. Use it when an end user signs out, or when a token was shown where it should not be. \
              Accounts that were already connected stay. It takes the token instead of an API key. For a new link use \
              NANGO_CREATE_CONNECT_SESSION.",
        toolset: Toolset::Connect,
        listed: false,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &[],
        method: Method::Delete,
        path: "/connect/session",
        params: &[SESSION_TOKEN],
        rules: &[],
        returns: ResponseType::Nothing,
        aliases: &[],
        examples: &[Example {
                title: "Make this session token invalid",
                args: r#"{"session_token":"nango_connect_session_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}"#,
            }],
        timeout_s: 60,
    },
]);
