//! Tools for sessions of agents with Nango's own MCP server. Connect sessions, in which a person authorises an account,
//! are in [`super::connect`].

use super::common::{CONNECTION_ID, INTEGRATION_KEY, NAME, UUID, by_integration, map};
use crate::tool::{
    Effect, Example, Field, Method, ParamType, Property, Reach, ResponseType, Role, StringFormat, StringSpec,
    Tool, Toolset, checked,
};

const NAMES: ParamType = ParamType::List { of: &NAME, min: 0, max: u32::MAX, unique: false };
const TOOL_LIST: ParamType =
    ParamType::Object(&[Property::new("tools", NAMES, "Names of actions.").required()]);
const TENANT: ParamType = ParamType::Object(&[Property::new(
    "connections",
    ParamType::Object(&[
        Property::new(
            "any",
            ParamType::List {
                of: &ParamType::Object(&[Property::new(
                    "tags",
                    ParamType::Tags { min: 1 },
                    "Tags that a connection must all have; at least one.",
                )
                .required()
                .role(Role::OwnerTagsFilter)]),
                min: 0,
                max: 10,
                unique: false,
            },
            "Connections with all tags of one of these entries; at most one may fit for each integration.",
        ),
        Property::new(
            "pinned",
            ParamType::List {
                of: &ParamType::Object(&[
                    Property::new("integration_id", INTEGRATION_KEY, "ID of the integration (unique_key).")
                        .required(),
                    Property::new("connection_id", CONNECTION_ID, "ID of its connection.")
                        .required()
                        .role(Role::Connection),
                ]),
                min: 0,
                max: u32::MAX,
                unique: false,
            },
            "Exact connections, one for each integration; they decide where any fits several.",
        ),
    ]),
    "Which connections the agent acts with; give any, pinned or both.",
)
.required()]);
const COUNTS: ResponseType = ResponseType::Object(&[
    Field::new("connected", ResponseType::Boolean),
    Field::new("tools_pinned", ResponseType::Integer),
    Field::new("tools_searchable", ResponseType::Integer),
]);

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_CREATE_AGENT_SESSION",
        title: "Create Agent Session",
        doc: "Create an agent session: an endpoint of Nango's own MCP server with a token, at which another agent \
              finds and runs the deployed actions of one tenant's connections. toolset says which actions, \
              pinned_tools which of them are listed at once, expires_in how long it lasts. It cannot be changed or \
              listed afterwards. The token is a secret and comes back masked unless the caller reveals it. To run an \
              action yourself use NANGO_ACTION_TRIGGER_POST; to end the session NANGO_DELETE_AGENT_SESSION.",
        toolset: Toolset::Agents,
        listed: false,
        effect: Effect::Write,
        idempotent: false,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["environment:agent_sessions:write"],
        method: Method::Post,
        path: "/sessions",
        params: &[Property::new("tenant", TENANT, "For whom the agent acts.").required().body(),
            Property::new(
                "toolset",
                by_integration(&ParamType::Object(&[
                    Property::new("allow", TOOL_LIST, "The only actions; every action when absent."),
                    Property::new("deny", TOOL_LIST, "Actions that are left out."),
                ])),
                "Actions by integration ID, {} for all of one; those of every connected integration when absent.",
            ).body(),
            Property::new("pinned_tools", by_integration(&NAMES), "Actions by integration ID that are listed at once, not only found.").body(),
            Property::new("meta_tools", map(&ParamType::Boolean), "Whether nango_tool_search, nango_execute, nango_proxy or nango_create_connection is offered.").body(),
            Property::new(
                "expires_in",
                ParamType::Text(StringSpec { min: 0, max: u32::MAX, form: StringFormat::Lifetime }),
                "How long it lasts, for example 12h.",
            ).body()],
        rules: &[],
        returns: ResponseType::Object(&[Field::new(
            "data",
            ResponseType::Object(&[
                Field::new("session_id", ResponseType::Text),
                Field::new("session_token", ResponseType::Text).secret("agent_session_token").doc("Bearer token for mcp_url."),
                Field::new("mcp_url", ResponseType::Text),
                Field::new("expires_at", ResponseType::Time),
                Field::new("toolset", ResponseType::Map(&COUNTS)).doc("By integration ID."),
                Field::new("meta_tools", ResponseType::Map(&ResponseType::Boolean)),
            ]),
        )]),
        aliases: &[],
        examples: &[Example {
                title: "Let an agent act for Ada for an hour",
                args: r#"{"tenant":{"connections":{"any":[{"tags":{"end_user_id":"ada"}}]}},"expires_in":"1h"}"#,
            }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_DELETE_AGENT_SESSION",
        title: "Delete Agent Session",
        doc: "Delete an agent session: its token stops working at once, and the agent at Nango's MCP server can run \
              nothing more. Use it when the agent's work is done or must stop; doing it twice does no harm. The \
              connections stay. session_id is what NANGO_CREATE_AGENT_SESSION returned.",
        toolset: Toolset::Agents,
        listed: false,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["environment:agent_sessions:write"],
        method: Method::Delete,
        path: "/sessions/{sessionId}",
        params: &[Property::new("session_id", UUID, "ID of the session, as creating it returned it.").required().path("sessionId")],
        rules: &[],
        returns: ResponseType::Object(&[Field::new(
            "data",
            ResponseType::Object(&[
                Field::new("session_id", ResponseType::Text),
                Field::new("ended_at", ResponseType::Time),
                Field::new("reason", ResponseType::Choice(&["terminated", "expired"])),
            ]),
        )]),
        aliases: &[],
        examples: &[Example {
                title: "End that agent's session",
                args: r#"{"session_id":"3f9d2c54-7a1b-4c8e-9f60-1d2e3f405162"}"#,
            }],
        timeout_s: 60,
    },
]);
