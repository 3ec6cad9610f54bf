//! Tools over connections: list, read, import, edit, delete, and their metadata.

use super::common::{CONNECTION, INTEGRATION, SUCCESS};
use crate::tool::{Effect, Example, Method, Reach, Tool, Toolset, checked};

pub(crate) static TOOLS: &[Tool] = checked(&[Tool {
    slug: "NANGO_DELETE_CONNECTION",
    title: "Delete connection",
    doc: "Delete one connection for good, with its credentials, syncs and cached records. Use it when an end user \
          disconnects an account. It cannot be undone; the end user has to authorise again.",
    toolset: Toolset::Connections,
    effect: Effect::Destroy,
    idempotent: true,
    open_world: true,
    reach: Reach::Connection,
    scopes: &["environment:connections:delete"],
    method: Method::Delete,
    path: "/connections/{connectionId}",
    params: &[CONNECTION.path("connectionId"), INTEGRATION.query("provider_config_key")],
    rules: &[],
    returns: SUCCESS,
    secrets: &[],
    aliases: &[],
    examples: &[Example {
        title: "Disconnect the HubSpot account of Ada",
        args: r#"{"connection_id":"hubspot-ada","provider_config_key":"hubspot"}"#,
    }],
    timeout_s: 60,
}]);
