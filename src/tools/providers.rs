//! Tools for the provider catalogue: everything that Nango can connect to. What an environment has set
//! up of it is in [`super::integrations`].

use super::common::{ANYTHING, INTEGRATION_KEY, LANGUAGE, PROVIDER};
use crate::tool::{Effect, Example, Field, Method, Property, Reach, ResponseType, Tool, Toolset, checked};

const AUTH_MODES: &[&str] = &[
    "OAUTH1",
    "OAUTH2",
    "OAUTH2_CC",
    "BASIC",
    "API_KEY",
    "CUSTOM",
    "APP",
    "NONE",
    "TBA",
    "JWT",
    "BILL",
    "TWO_STEP",
    "SIGNATURE",
    "MCP_OAUTH2",
    "MCP_OAUTH2_GENERIC",
    "INSTALL_PLUGIN",
    "AWS_SIGV4",
];

/// An entry of the catalogue. The list has summaries (contract section 16, rule 6), NANGO_PROVIDERS_GET_GET the rest.
const ENTRY: ResponseType = ResponseType::Object(&[
    Field::new("name", ResponseType::Text).summary(1).doc("The name other tools take as provider."),
    Field::new("display_name", ResponseType::Text).summary(2),
    Field::new("logo_url", ResponseType::Text).summary(6),
    Field::new("docs", ResponseType::Text).summary(5).doc("URL of Nango's page on the provider."),
    Field::new("docs_connect", ResponseType::Text).optional().doc("URL of the guide for end users."),
    Field::new("auth_mode", ResponseType::Choice(AUTH_MODES))
        .summary(3)
        .optional()
        .doc("Which type of credentials it takes."),
    Field::new("categories", ResponseType::List(&ResponseType::Text)).summary(4).optional(),
    Field::new("proxy", ANYTHING).optional().doc("base_url and headers of requests through the proxy."),
    Field::new("connection_config", ANYTHING).optional().doc("Settings that a connection needs, by name."),
    Field::new("credentials", ANYTHING).optional().doc("Credential fields to ask for, by name; no values."),
    Field::new("integration_config", ANYTHING).optional().doc("Settings that an integration needs, by name."),
]);

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_PROVIDERS_LIST_GET",
        title: "List Providers",
        doc: "List the providers that Nango supports: apps and APIs such as HubSpot, QuickBooks or Slack, each with its \
              auth mode and categories. Use it to learn whether an app is supported and the exact provider name that \
              NANGO_CREATE_INTEGRATION takes. Pass search: the whole catalogue has over 1,000 entries. Each is cut to a \
              summary; NANGO_PROVIDERS_GET_GET has OAuth URLs, the API base URL and required fields. No match is an empty \
              list. What is set up here is in NANGO_LIST_INTEGRATIONS.",
        toolset: Toolset::Providers,
        listed: true,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Catalogue,
        scopes: &[],
        method: Method::Get,
        path: "/providers",
        params: &[
            Property::new(
                "search",
                INTEGRATION_KEY,
                "Part of a provider's name, in any case; it matches the name (google-calendar), not the title.",
            )
            .query("search"),
            LANGUAGE,
        ],
        rules: &[],
        returns: ResponseType::Object(&[Field::new("data", ResponseType::List(&ENTRY))]),
        aliases: &[],
        examples: &[
            Example { title: "Does Nango support HubSpot?", args: r#"{"search":"hubspot"}"# },
            Example { title: "Which GitHub variants are there?", args: r#"{"search":"github","language":"en"}"# },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_PROVIDERS_GET_GET",
        title: "Get Provider Details",
        doc: "Get the details of one provider, such as QuickBooks or GitHub: auth mode, OAuth URLs, default scopes, API \
              base URL, documentation, and the credential and connection_config fields that connecting needs. Use it \
              before NANGO_CREATE_INTEGRATION or NANGO_ADD_CONNECTION. It shows the catalogue entry only: how an \
              integration is set up here is in NANGO_GET_INTEGRATION. Find names with NANGO_PROVIDERS_LIST_GET.",
        toolset: Toolset::Providers,
        listed: true,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Catalogue,
        scopes: &[],
        method: Method::Get,
        path: "/providers/{provider}",
        params: &[PROVIDER.path("provider"), LANGUAGE],
        rules: &[],
        returns: ResponseType::Object(&[Field::new("data", ENTRY)]),
        aliases: &[],
        examples: &[Example {
            title: "Show provider details for QuickBooks",
            args: r#"{"provider":"quickbooks"}"#,
        }],
        timeout_s: 60,
    },
]);
