//! The routes: method and path of every tool, from the tool table, with its handler; and the few endpoints that are
//! not tools. A test fails if a tool has no handler.

use std::sync::OnceLock;

use super::endpoints::{actions, agent_sessions, api_keys, connect, connections, environment, environments};
use super::endpoints::{function_jobs, functions, import, integrations, invocations, metadata, providers};
use super::endpoints::{proxy, quickstart, records, scripts, sync_settings, syncs, unified_functions};
use super::http::auth::Accepts;
use super::http::router::{Handler, Router, Run};
use crate::tool::Method;
use crate::tools;

const fn keyed(slug: &'static str, scopes: &'static [&'static str], run: Run) -> Handler {
    Handler { slug, accepts: Accepts::Key, scopes, run }
}

const fn open(slug: &'static str, accepts: Accepts, scopes: &'static [&'static str], run: Run) -> Handler {
    Handler { slug, accepts, scopes, run }
}

const LIST_CONNECTIONS: &[&str] =
    &["environment:connections:list", "environment:connections:list_credentials"];
const READ_CONNECTION: &[&str] =
    &["environment:connections:read", "environment:connections:read_credentials"];
const LIST_INTEGRATIONS: &[&str] =
    &["environment:integrations:list", "environment:integrations:list_credentials"];
const READ_INTEGRATION: &[&str] =
    &["environment:integrations:read", "environment:integrations:read_credentials"];
const UPDATE_CONNECTION: &[&str] = &["environment:connections:update"];
const DELETE_CONNECTION: &[&str] = &["environment:connections:delete"];
const WRITE_SESSION: &[&str] = &["environment:connect_sessions:write"];
const EXECUTE_ACTION: &[&str] = &["environment:actions:execute"];
const EXECUTE_SYNC: &[&str] = &["environment:syncs:execute"];
const CREATE_VARIANT: &[&str] = &["environment:syncs:variant:create"];
const DELETE_VARIANT: &[&str] = &["environment:syncs:variant:delete"];
const LIST_FUNCTIONS: &[&str] = &["environment:functions:list"];
const READ_FUNCTION: &[&str] = &["environment:functions:read"];
const INVOKE_FUNCTION: &[&str] = &["environment:functions:invocations"];
const PROXY: &[&str] = &["environment:proxy"];
const DRYRUN: &[&str] = &["environment:functions:dryrun"];
const DEPLOY: &[&str] = &["environment:deploy"];
const WRITE_AGENT_SESSION: &[&str] = &["environment:agent_sessions:write"];
const CREATE_KEY: &[&str] = &["account:environments:api_keys:create"];
const DELETE_KEY: &[&str] = &["account:environments:api_keys:delete"];

/// One handler per tool.
static HANDLERS: &[Handler] = &[
    open("NANGO_PROVIDERS_LIST_GET", Accepts::KeyOrSession, &[], providers::list),
    open("NANGO_PROVIDERS_GET_GET", Accepts::KeyOrSession, &[], providers::get),
    open("NANGO_LIST_INTEGRATIONS", Accepts::KeyOrSession, LIST_INTEGRATIONS, integrations::list),
    keyed("NANGO_GET_INTEGRATION", READ_INTEGRATION, integrations::get),
    keyed("NANGO_CREATE_INTEGRATION", &["environment:integrations:create"], integrations::create),
    keyed("NANGO_UPDATE_INTEGRATION", &["environment:integrations:update"], integrations::update),
    keyed("NANGO_DELETE_INTEGRATION", &["environment:integrations:delete"], integrations::delete),
    keyed("NANGO_CONNECTION_LIST_GET", LIST_CONNECTIONS, connections::list),
    keyed("NANGO_GET_CONNECTION", READ_CONNECTION, connections::get),
    keyed("NANGO_ADD_CONNECTION", &["environment:connections:create"], import::add),
    keyed("NANGO_EDIT_CONNECTION", UPDATE_CONNECTION, connections::edit),
    keyed("NANGO_DELETE_CONNECTION", DELETE_CONNECTION, connections::delete),
    keyed("NANGO_SET_CONNECTION_METADATA", UPDATE_CONNECTION, metadata::set),
    keyed("NANGO_UPDATE_CONNECTION_METADATA", UPDATE_CONNECTION, metadata::merge),
    keyed("NANGO_CREATE_CONNECT_SESSION", WRITE_SESSION, connect::create),
    keyed("NANGO_RECONNECT_SESSION_POST", WRITE_SESSION, connect::reconnect),
    keyed("NANGO_SYNC_TRIGGER_POST", EXECUTE_SYNC, syncs::trigger),
    keyed("NANGO_GET_SYNC_STATUS", &["environment:syncs:read"], syncs::status),
    keyed("NANGO_ACTION_TRIGGER_POST", EXECUTE_ACTION, actions::trigger),
    keyed("NANGO_SCRIPTS_CONFIG_GET", &["environment:integrations:list_functions"], scripts::config),
    keyed("NANGO_GET_ENVIRONMENT_VARIABLES", &["environment:variables:read"], environment::variables),
    keyed("NANGO_GET_PROXY", PROXY, proxy::call),
    keyed("NANGO_PUT_PROXY", PROXY, proxy::call),
    keyed("NANGO_POST_PROXY", PROXY, proxy::call),
    keyed("NANGO_PATCH_PROXY", PROXY, proxy::call),
    keyed("NANGO_DELETE_PROXY", PROXY, proxy::call),
    keyed("NANGO_GET_ACTION_RESULT", EXECUTE_ACTION, actions::result),
    open("NANGO_GET_CONNECT_SESSION", Accepts::Session, &[], connect::get),
    open("NANGO_DELETE_CONNECT_SESSION", Accepts::Session, &[], connect::delete),
    keyed("NANGO_SYNC_START_POST", EXECUTE_SYNC, syncs::start),
    keyed("NANGO_SYNC_PAUSE_POST", EXECUTE_SYNC, syncs::pause),
    keyed("NANGO_LIST_ENVIRONMENTS", &["account:environments:list"], environments::list),
    keyed("NANGO_CREATE_ENVIRONMENT", &["account:environments:create"], environments::create),
    keyed("NANGO_DELETE_ENVIRONMENT", &["account:environments:delete"], environments::delete),
    keyed("NANGO_LIST_API_KEYS", &["account:environments:api_keys:list"], api_keys::list),
    keyed("NANGO_GET_API_KEY", &["account:environments:api_keys:read"], api_keys::get),
    keyed("NANGO_CREATE_API_KEY", CREATE_KEY, api_keys::create),
    keyed("NANGO_DELETE_API_KEY", DELETE_KEY, api_keys::delete),
    keyed(
        "NANGO_ROTATE_WEBHOOK_SIGNING_KEY",
        &["environment:webhook_signing_key:rotate"],
        environment::rotate_signing_key,
    ),
    keyed("NANGO_CREATE_QUICKSTART_INTEGRATION", &["environment:integrations:create"], quickstart::create),
    keyed("NANGO_COMPILE_FUNCTION", &["environment:functions:compile"], function_jobs::compile),
    keyed("NANGO_CREATE_FUNCTION_DRYRUN", DRYRUN, function_jobs::create_dryrun),
    keyed("NANGO_GET_FUNCTION_DRYRUN", DRYRUN, function_jobs::dryrun),
    keyed("NANGO_CREATE_FUNCTION_DEPLOYMENT", DEPLOY, function_jobs::create_deployment),
    keyed("NANGO_GET_FUNCTION_DEPLOYMENT", DEPLOY, function_jobs::deployment),
    keyed("NANGO_CREATE_AGENT_SESSION", WRITE_AGENT_SESSION, agent_sessions::create),
    keyed("NANGO_DELETE_AGENT_SESSION", WRITE_AGENT_SESSION, agent_sessions::delete),
    keyed("NANGO_UPDATE_SYNC_FREQUENCY", &["environment:syncs:update"], sync_settings::update_frequency),
    keyed("NANGO_CREATE_SYNC_VARIANT", CREATE_VARIANT, sync_settings::create_variant),
    keyed("NANGO_DELETE_SYNC_VARIANT", DELETE_VARIANT, sync_settings::delete_variant),
    keyed("NANGO_LIST_RECORDS", &["environment:records:read"], records::list),
    keyed("NANGO_PRUNE_RECORDS", &["environment:records:write"], records::prune),
    keyed("NANGO_LIST_FUNCTIONS", LIST_FUNCTIONS, functions::list),
    keyed("NANGO_GET_FUNCTION", READ_FUNCTION, functions::get),
    keyed("NANGO_GET_FUNCTION_CODE", READ_FUNCTION, functions::code),
    keyed("NANGO_DELETE_FUNCTION", &["environment:functions:delete"], functions::delete),
    keyed("NANGO_LIST_ALL_FUNCTIONS", LIST_FUNCTIONS, unified_functions::list),
    keyed("NANGO_GET_FUNCTION_BY_UUID", READ_FUNCTION, unified_functions::get),
    keyed("NANGO_UPDATE_FUNCTION", &["environment:functions:update"], unified_functions::update),
    keyed("NANGO_INVOKE_FUNCTION", INVOKE_FUNCTION, invocations::create),
    keyed("NANGO_GET_FUNCTION_INVOCATION", INVOKE_FUNCTION, invocations::get),
    keyed("NANGO_LIST_PROVIDER_TEMPLATES", &[], providers::templates),
];

/// Endpoints that are not tools: method, path, handler.
static EXTRAS: &[(Method, &str, Handler)] = &[
    // Older paths of the account's keys.
    (Method::Post, "/environment/api-keys", keyed("", CREATE_KEY, api_keys::create_by_number)),
    (Method::Delete, "/environment/api-keys", keyed("", DELETE_KEY, api_keys::delete_by_number)),
    // Deprecated names that older clients still use (contract section 14).
    (Method::Get, "/connection", keyed("", LIST_CONNECTIONS, connections::list)),
    (Method::Get, "/connection/{connectionId}", keyed("", READ_CONNECTION, connections::get)),
    (Method::Delete, "/connection/{connectionId}", keyed("", DELETE_CONNECTION, connections::delete)),
    (Method::Post, "/connection/metadata", keyed("", UPDATE_CONNECTION, metadata::set)),
    (Method::Patch, "/connection/metadata", keyed("", UPDATE_CONNECTION, metadata::merge)),
    (Method::Get, "/health", open("", Accepts::Anyone, &[], environment::health)),
    (Method::Get, "/ready", open("", Accepts::Anyone, &[], environment::health)),
];

/// The router of all endpoints.
pub(super) fn router() -> &'static Router {
    static ROUTER: OnceLock<Router> = OnceLock::new();
    ROUTER.get_or_init(|| {
        let tools = tools::all().filter_map(|tool| {
            let handler = HANDLERS.iter().find(|h| h.slug == tool.slug)?;
            Some((tool.method, tool.path, handler))
        });
        let extras = EXTRAS.iter().map(|(method, path, handler)| (*method, *path, handler));
        Router::new(tools.chain(extras))
    })
}

#[cfg(test)]
mod tests {
    use super::{HANDLERS, router};
    use crate::tool::Method;
    use crate::tools;

    #[test]
    fn every_tool_has_a_handler() {
        let has = |slug| HANDLERS.iter().filter(|h| h.slug == slug).count() == 1;
        let missing: Vec<&str> = tools::all().map(|t| t.slug).filter(|slug| !has(*slug)).collect();
        assert!(missing.is_empty(), "without a handler in src/emulator/routes.rs: {missing:?}");
    }

    #[test]
    fn words_come_before_parameters() {
        let slug = |method, path| router().find(method, path).ok().flatten().map(|(h, _)| h.slug);
        assert_eq!(slug(Method::Delete, "/CONNECTIONS/a%20b/"), Some("NANGO_DELETE_CONNECTION"));
        assert_eq!(slug(Method::Delete, "/connections/a/b"), None);
        assert_eq!(slug(Method::Post, "/proxy/a/b//c"), Some("NANGO_POST_PROXY"));
        assert!(router().find(Method::Delete, "/connections/%E0%A4%A").is_err());
    }
}
