//! Tools for settings of the environment.

use crate::tool::{Effect, Example, Field, Method, Reach, ResponseType, Tool, Toolset, checked};

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_GET_ENVIRONMENT_VARIABLES",
        title: "Get Environment Variables",
        doc: "Get the environment variables that deployed functions can read: a list of names and values, empty where none \
          are set. Use it to check that a variable a script needs is defined. Values are secrets and come back masked \
          unless the caller reveals them. It cannot set or change variables, and holds no credentials of end users: \
          those belong to connections (NANGO_GET_CONNECTION).",
        toolset: Toolset::Environment,
        listed: true,
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
    },
    Tool {
        slug: "NANGO_ROTATE_WEBHOOK_SIGNING_KEY",
        title: "Rotate Webhook Signing Key",
        doc: "Rotate the webhook signing key of this environment: create a new one, with which Nango signs every \
              webhook from now on. Use it when the key was shown where it should not be. The old key stops signing at \
              once, so receivers must accept the new one, and the old one for a few minutes more. The new key is a \
              secret and comes back masked unless the caller reveals it. It changes no API key: that are \
              NANGO_CREATE_API_KEY and NANGO_DELETE_API_KEY.",
        toolset: Toolset::Environment,
        listed: false,
        effect: Effect::Destructive,
        idempotent: false,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["environment:webhook_signing_key:rotate"],
        method: Method::Post,
        path: "/environment/webhook-signing-key/rotate",
        params: &[],
        rules: &[],
        returns: ResponseType::Object(&[Field::new(
            "data",
            ResponseType::Object(&[
                Field::new("webhook_signing_key", ResponseType::Text).secret("webhook_signing_key")
            ]),
        )]),
        aliases: &[],
        examples: &[Example { title: "Replace the key that signs our webhooks", args: r#"{}"# }],
        timeout_s: 60,
    },
]);
