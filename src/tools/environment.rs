//! Tools for settings of the environment.

use crate::tool::{Effect, Example, Field, Method, Reach, ResponseType, Tool, Toolset, checked};

pub(crate) const TOOLS: &[Tool] = checked(&[Tool {
    slug: "NANGO_GET_ENVIRONMENT_VARIABLES",
    title: "Get Environment Variables",
    doc: "Get the environment variables that deployed functions can read: a list of names and values, empty where none \
          are set. Use it to check that a variable a script needs is defined. Values are secrets and come back masked \
          unless the caller reveals them. It cannot set or change variables, and holds no credentials of end users: \
          those belong to connections (NANGO_GET_CONNECTION).",
    toolset: Toolset::Environment,
    effect: Effect::Read,
    idempotent: true,
    open_world: false,
    reach: Reach::Environment,
    scopes: &["environment:variables:read"],
    method: Method::Get,
    path: "/environment-variables",
    params: &[],
    rules: &[],
    returns: ResponseType::List(&ResponseType::Object(&[
        Field::new("name", ResponseType::Text),
        Field::new("value", ResponseType::Text).secret("environment_variable"),
    ])),
    aliases: &[],
    examples: &[Example { title: "Which variables are defined?", args: "{}" }],
    timeout_s: 60,
}]);
