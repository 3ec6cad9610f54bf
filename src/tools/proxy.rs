//! Tools that relay requests to a provider's own API with a connection's credentials.

use super::common::{CONNECTION, INTEGRATION};
use crate::tool::{
    Effect, Example, Method, Param, ParamLocation, ParamType, Property, Reach, ResponseType, Role,
    StringFormat, StringSpec, Tool, Toolset, checked,
};

const PROVIDER_CONFIG_KEY: Param = INTEGRATION.header("Provider-Config-Key");
const CONNECTION_ID: Param = CONNECTION.header("Connection-Id");
const ANY_PATH: Param = Property::new(
    "any_path",
    ParamType::Text(StringSpec { min: 1, max: 8192, form: StringFormat::ProxyPath }),
    "Path in the provider's API without host and query, for example crm/v3/objects/contacts.",
)
.required()
.role(Role::ProxyPath)
.at(ParamLocation::PathTail("anyPath"));
const QUERY_PARAMS: Param = Property::new(
    "query_params",
    ParamType::Map {
        keys: StringSpec { min: 0, max: u32::MAX, form: StringFormat::Any },
        of: &ParamType::QueryValue,
    },
    "Query parameters for the provider; a list repeats the parameter.",
)
.role(Role::ProxyQuery)
.at(ParamLocation::QuerySpread);
const PROXY_HEADERS: Param = Property::new(
    "proxy_headers",
    ParamType::Map {
        keys: StringSpec { min: 1, max: u32::MAX, form: StringFormat::HeaderName },
        of: &ParamType::Text(StringSpec { min: 0, max: 8192, form: StringFormat::HeaderValue }),
    },
    "Headers for the provider, for example Accept; its credentials are added by Nango.",
)
.role(Role::ProxyHeaders)
.at(ParamLocation::HeaderPrefix("Nango-Proxy-"));
const RETRIES: Param = Property::new(
    "retries",
    ParamType::Integer { min: 0, max: 5 },
    "How often Nango retries when the provider fails: after 3 seconds, then after twice as long each time.",
)
.default("0")
.header("Retries");
const RETRY_ON: Param = Property::new(
    "retry_on",
    ParamType::List { of: &ParamType::Integer { min: 100, max: 599 }, min: 1, max: u32::MAX, unique: true },
    "Status codes to retry on in addition to 401, 429 and 5xx.",
)
.at(ParamLocation::HeaderJoined("Retry-On"));
const BASE_URL: Param = Property::new(
    "base_url_override",
    ParamType::Text(StringSpec { min: 0, max: u32::MAX, form: StringFormat::HttpUrl }),
    "Another base URL for the provider; the account's credentials go there, so it works for allowed hosts only.",
).role(Role::ProxyBaseUrl).header("Base-Url-Override");
const DECOMPRESS: Param =
    Property::new("decompress", ParamType::Boolean, "Have Nango unpack a compressed answer.")
        .header("Decompress");
const FORWARD: Param = Property::new(
    "forward_headers_on_redirect",
    ParamType::Boolean,
    "Send all headers, credentials included, again when the provider redirects.",
)
.header("Forward-Headers-On-Redirect");
const BODY: Param = Property::new(
    "body",
    ParamType::Body,
    "What to send: an object or list as JSON; a string is sent unchanged, with a content-type in proxy_headers.",
)
.at(ParamLocation::WholeBody);

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_GET_PROXY",
        title: "Proxy GET Request",
        doc: "Send a GET request to a provider's own API, such as HubSpot's contacts or GitHub's repositories, with the \
              credentials of a connection filled in. Use it to read live data that no deployed action or sync covers; \
              you need to know the provider's API, whose base URL is in NANGO_PROVIDERS_GET_GET. connection_id and \
              provider_config_key must belong together (NANGO_CONNECTION_LIST_GET). Returns the provider's body; its \
              errors come back with its own status. To change data use NANGO_PUT_PROXY or NANGO_ACTION_TRIGGER_POST.",
        toolset: Toolset::Proxy,
        listed: true,
        effect: Effect::Read,
        idempotent: true,
        open_world: true,
        reach: Reach::Connection,
        scopes: &["environment:proxy"],
        method: Method::Get,
        path: "/proxy/{anyPath}",
        params: &[
            PROVIDER_CONFIG_KEY,
            CONNECTION_ID,
            ANY_PATH,
            QUERY_PARAMS,
            PROXY_HEADERS,
            RETRIES,
            RETRY_ON,
            BASE_URL,
            DECOMPRESS,
            FORWARD,
        ],
        rules: &[],
        returns: ResponseType::Any,
        aliases: &[],
        examples: &[Example {
            title: "Read contacts from Ada's HubSpot",
            args: r#"{"provider_config_key":"hubspot","connection_id":"hubspot-ada","any_path":"crm/v3/objects/contacts","query_params":{"limit":"5"}}"#,
        }],
        timeout_s: 120,
    },
    Tool {
        slug: "NANGO_PUT_PROXY",
        title: "Proxy PUT Request",
        doc: "Send a PUT request to a provider's own API, such as Zendesk's or GitHub's, to replace or update a resource, \
              with the credentials of a connection filled in. It overwrites data in the end user's account: read the \
              resource with NANGO_GET_PROXY first and confirm the change. Prefer NANGO_ACTION_TRIGGER_POST where a \
              deployed action does the same. connection_id and provider_config_key must belong together. Returns the \
              provider's body; its errors come back with its own status.",
        toolset: Toolset::Proxy,
        listed: true,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: true,
        reach: Reach::Connection,
        scopes: &["environment:proxy"],
        method: Method::Put,
        path: "/proxy/{anyPath}",
        params: &[
            PROVIDER_CONFIG_KEY,
            CONNECTION_ID,
            ANY_PATH,
            QUERY_PARAMS,
            PROXY_HEADERS,
            RETRIES,
            RETRY_ON,
            BASE_URL,
            DECOMPRESS,
            FORWARD,
            BODY,
        ],
        rules: &[],
        returns: ResponseType::Any,
        aliases: &[],
        examples: &[Example {
            title: "Solve a Zendesk ticket",
            args: r#"{"provider_config_key":"zendesk","connection_id":"zendesk-acme","any_path":"api/v2/tickets/1","body":{"ticket":{"status":"solved"}}}"#,
        }],
        timeout_s: 120,
    },
    Tool {
        slug: "NANGO_POST_PROXY",
        title: "Proxy POST Request",
        doc: "Send a POST request to a provider's own API, to create something in the end user's account or to run a query that \
              the provider takes by POST, with the credentials of a connection filled in. It is not repeated if its \
              outcome is unknown: look with NANGO_GET_PROXY before you send it again. Prefer NANGO_ACTION_TRIGGER_POST \
              where a deployed action does the same. Returns the provider's body; its errors come back with its own \
              status. To replace something that exists use NANGO_PUT_PROXY.",
        toolset: Toolset::Proxy,
        listed: false,
        effect: Effect::Destructive,
        idempotent: false,
        open_world: true,
        reach: Reach::Connection,
        scopes: &["environment:proxy"],
        method: Method::Post,
        path: "/proxy/{anyPath}",
        params: &[
            PROVIDER_CONFIG_KEY,
            CONNECTION_ID,
            ANY_PATH,
            QUERY_PARAMS,
            PROXY_HEADERS,
            RETRIES,
            RETRY_ON,
            BASE_URL,
            DECOMPRESS,
            FORWARD,
            BODY,
        ],
        rules: &[],
        returns: ResponseType::Any,
        aliases: &[],
        examples: &[Example {
            title: "Create a contact in Ada's HubSpot",
            args: r#"{"provider_config_key":"hubspot","connection_id":"hubspot-ada","any_path":"crm/v3/objects/contacts","body":{"properties":{"email":"new.person@example.com"}}}"#,
        }],
        timeout_s: 120,
    },
    Tool {
        slug: "NANGO_PATCH_PROXY",
        title: "Proxy PATCH Request",
        doc: "Send a PATCH request to a provider's own API, to change some fields of a resource and leave the others, with the \
              credentials of a connection filled in. Read the resource with NANGO_GET_PROXY first and confirm the \
              change. Prefer NANGO_ACTION_TRIGGER_POST where a deployed action does the same. Returns the provider's \
              body; its errors come back with its own status. To replace the whole resource use NANGO_PUT_PROXY.",
        toolset: Toolset::Proxy,
        listed: false,
        effect: Effect::Destructive,
        idempotent: false,
        open_world: true,
        reach: Reach::Connection,
        scopes: &["environment:proxy"],
        method: Method::Patch,
        path: "/proxy/{anyPath}",
        params: &[
            PROVIDER_CONFIG_KEY,
            CONNECTION_ID,
            ANY_PATH,
            QUERY_PARAMS,
            PROXY_HEADERS,
            RETRIES,
            RETRY_ON,
            BASE_URL,
            DECOMPRESS,
            FORWARD,
            BODY,
        ],
        rules: &[],
        returns: ResponseType::Any,
        aliases: &[],
        examples: &[Example {
            title: "Change the phone number of a contact in Ada's HubSpot",
            args: r#"{"provider_config_key":"hubspot","connection_id":"hubspot-ada","any_path":"crm/v3/objects/contacts/101","body":{"properties":{"phone":"+44 20 7946 0000"}}}"#,
        }],
        timeout_s: 120,
    },
    Tool {
        slug: "NANGO_DELETE_PROXY",
        title: "Proxy DELETE Request",
        doc: "Send a DELETE request to a provider's own API, to remove a resource from the end user's account, with the \
              credentials of a connection filled in. It usually cannot be undone: read the resource with NANGO_GET_PROXY \
              first and confirm. Returns the provider's body, often nothing; its errors come back with its own status. \
              To remove the connection itself use NANGO_DELETE_CONNECTION.",
        toolset: Toolset::Proxy,
        listed: false,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: true,
        reach: Reach::Connection,
        scopes: &["environment:proxy"],
        method: Method::Delete,
        path: "/proxy/{anyPath}",
        params: &[
            PROVIDER_CONFIG_KEY,
            CONNECTION_ID,
            ANY_PATH,
            QUERY_PARAMS,
            PROXY_HEADERS,
            RETRIES,
            RETRY_ON,
            BASE_URL,
            DECOMPRESS,
            FORWARD,
            BODY,
        ],
        rules: &[],
        returns: ResponseType::Any,
        aliases: &[],
        examples: &[Example {
            title: "Delete a contact from Ada's HubSpot",
            args: r#"{"provider_config_key":"hubspot","connection_id":"hubspot-ada","any_path":"crm/v3/objects/contacts/103"}"#,
        }],
        timeout_s: 120,
    },
]);
