//! Tools for the metadata of connections: replace it, merge into it.

use super::common::{ANYTHING, CONNECTION_ID, INTEGRATION, INTEGRATION_FIELD, METADATA};
use crate::tool::{
    Effect, Example, Field, Method, Param, ParamType, Property, Reach, ResponseType, Role, Tool, Toolset,
    checked,
};

const PARAMS: &[Param] = &[
    Property::new(
        "connection_id",
        ParamType::OneOrMany(&CONNECTION_ID),
        "ID of the connection, or a list of IDs of one integration, as NANGO_CONNECTION_LIST_GET returns them.",
    ).role(Role::Connection)
    .required()
    .body(),
    INTEGRATION.body(),
    METADATA.required().body(),
];
const ECHO: ResponseType = ResponseType::Object(&[
    Field::new(
        "connection_id",
        ResponseType::OneOf(&[ResponseType::Text, ResponseType::List(&ResponseType::Text)]),
    )
    .role(Role::Connection),
    INTEGRATION_FIELD,
    Field::new("metadata", ANYTHING).role(Role::Metadata).doc("What was sent, not what is stored."),
]);

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_SET_CONNECTION_METADATA",
        title: "Set Connection Metadata",
        doc: "Set the custom metadata of one or several connections: the whole object is replaced, and {} clears it. \
              Metadata is your own data that syncs and actions read, such as field mappings or a customer's settings. \
              To change single keys and keep the others use NANGO_UPDATE_CONNECTION_METADATA; for tags \
              NANGO_EDIT_CONNECTION. If one of the connections is unknown, none is changed.",
        toolset: Toolset::Connections,
        listed: true,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Connection,
        scopes: &["environment:connections:update"],
        method: Method::Post,
        path: "/connections/metadata",
        params: PARAMS,
        rules: &[],
        returns: ECHO,
        aliases: &[],
        examples: &[Example {
            title: "Give Ada's HubSpot account a field mapping and nothing else",
            args: r#"{"connection_id":["hubspot-ada"],"provider_config_key":"hubspot","metadata":{"fields":{"company":"organisation"}}}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_UPDATE_CONNECTION_METADATA",
        title: "Update Connection Metadata",
        doc: "Update the custom metadata of one or several connections: the top-level keys sent are added or \
              overwritten, all others stay. Nested objects are replaced as a whole, and null is stored as null: to \
              remove a key send the whole object with NANGO_SET_CONNECTION_METADATA. Metadata is your own data that \
              syncs and actions read. If one of the connections is unknown, none is changed.",
        toolset: Toolset::Connections,
        listed: true,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Connection,
        scopes: &["environment:connections:update"],
        method: Method::Patch,
        path: "/connections/metadata",
        params: PARAMS,
        rules: &[],
        returns: ECHO,
        aliases: &[],
        examples: &[Example {
            title: "Note the time zone of Ada's HubSpot account",
            args: r#"{"connection_id":["hubspot-ada"],"provider_config_key":"hubspot","metadata":{"timezone":"Europe/London"}}"#,
        }],
        timeout_s: 60,
    },
]);
