//! Routes: method and path of every tool, from the tool table, with its handler; and the few endpoints
//! that are no tools. A test fails when a tool has no handler.

use std::sync::OnceLock;

use super::auth::Accepts;
use super::call::Call;
use super::query::decode;
use super::response::Handled;
use crate::emulator::endpoints::actions;
use crate::emulator::endpoints::connect;
use crate::emulator::endpoints::connections;
use crate::emulator::endpoints::environment;
use crate::emulator::endpoints::import;
use crate::emulator::endpoints::integrations;
use crate::emulator::endpoints::metadata;
use crate::emulator::endpoints::proxy;
use crate::emulator::endpoints::scripts;
use crate::emulator::endpoints::syncs;
use crate::emulator::model::providers;
use crate::emulator::model::state::State;
use crate::tool::Method;
use crate::tools;

/// The path parameter that stands for a provider's path.
pub(crate) const PROXY_PATH: &str = "anyPath";

/// What answers an endpoint.
#[derive(Debug)]
pub(crate) struct Handler {
    slug: &'static str,
    pub(crate) accepts: Accepts,
    /// Scopes of which one is needed; the server's own list, not the tool table's.
    pub(crate) scopes: &'static [&'static str],
    pub(crate) run: fn(&mut State, &Call) -> Handled,
}

const fn keyed(
    slug: &'static str,
    scopes: &'static [&'static str],
    run: fn(&mut State, &Call) -> Handled,
) -> Handler {
    Handler { slug, accepts: Accepts::Key, scopes, run }
}

const fn open(
    slug: &'static str,
    accepts: Accepts,
    scopes: &'static [&'static str],
    run: fn(&mut State, &Call) -> Handled,
) -> Handler {
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
const PROXY: &[&str] = &["environment:proxy"];

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
];

/// Endpoints that are not (yet) tools: method, path, handler.
static EXTRAS: &[(Method, &str, Handler)] = &[
    (Method::Post, "/proxy/{anyPath}", keyed("NANGO_POST_PROXY", PROXY, proxy::call)),
    (Method::Patch, "/proxy/{anyPath}", keyed("NANGO_PATCH_PROXY", PROXY, proxy::call)),
    (Method::Delete, "/proxy/{anyPath}", keyed("NANGO_DELETE_PROXY", PROXY, proxy::call)),
    (Method::Get, "/action/{id}", keyed("NANGO_GET_ACTION_RESULT", EXECUTE_ACTION, actions::result)),
    (Method::Get, "/connect/session", open("NANGO_GET_CONNECT_SESSION", Accepts::Session, &[], connect::get)),
    (
        Method::Delete,
        "/connect/session",
        open("NANGO_DELETE_CONNECT_SESSION", Accepts::Session, &[], connect::delete),
    ),
    (Method::Post, "/sync/start", keyed("NANGO_SYNC_START_POST", EXECUTE_SYNC, syncs::start)),
    (Method::Post, "/sync/pause", keyed("NANGO_SYNC_PAUSE_POST", EXECUTE_SYNC, syncs::pause)),
    // Deprecated names that older clients still use (contract section 14).
    (Method::Get, "/connection", keyed("", LIST_CONNECTIONS, connections::list)),
    (Method::Get, "/connection/{connectionId}", keyed("", READ_CONNECTION, connections::get)),
    (Method::Delete, "/connection/{connectionId}", keyed("", DELETE_CONNECTION, connections::delete)),
    (Method::Post, "/connection/metadata", keyed("", UPDATE_CONNECTION, metadata::set)),
    (Method::Patch, "/connection/metadata", keyed("", UPDATE_CONNECTION, metadata::merge)),
    (Method::Get, "/health", open("", Accepts::Anyone, &[], environment::health)),
    (Method::Get, "/ready", open("", Accepts::Anyone, &[], environment::health)),
];

/// A path parameter that is not valid percent-encoding.
#[derive(Debug)]
pub(crate) struct BadEscape;

#[derive(Debug)]
enum Segment {
    Word(&'static str),
    Param(&'static str),
    /// The rest of the path, not decoded.
    Rest(&'static str),
}

#[derive(Debug)]
struct Route {
    method: Method,
    segments: Vec<Segment>,
    handler: &'static Handler,
}

/// Every route; those with fewer parameters first.
fn routes() -> &'static [Route] {
    static ROUTES: OnceLock<Vec<Route>> = OnceLock::new();
    ROUTES.get_or_init(|| {
        let tools = tools::all().filter_map(|tool| {
            let handler = HANDLERS.iter().find(|h| h.slug == tool.slug)?;
            Some(Route { method: tool.method, segments: segments(tool.path), handler })
        });
        let is_tool = |handler: &Handler| !handler.slug.is_empty() && tools::find(handler.slug).is_some();
        let extras = EXTRAS
            .iter()
            .filter(|(_, _, handler)| !is_tool(handler))
            .map(|(method, path, handler)| Route { method: *method, segments: segments(path), handler });
        let mut routes: Vec<Route> = tools.chain(extras).collect();
        routes.sort_by_key(|r| r.segments.iter().filter(|s| !matches!(s, Segment::Word(_))).count());
        routes
    })
}

fn segments(path: &'static str) -> Vec<Segment> {
    let read = |part: &'static str| match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
        Some(PROXY_PATH) => Segment::Rest(PROXY_PATH),
        Some(name) => Segment::Param(name),
        None => Segment::Word(part),
    };
    path.split('/').skip(1).map(read).collect()
}

/// A handler with the path parameters of this request.
type Found = (&'static Handler, Vec<(&'static str, String)>);

/// The handler of a path. Words match in any case, and one slash at the end is tolerated.
pub(crate) fn find(method: Method, path: &str) -> Result<Option<Found>, BadEscape> {
    for route in routes().iter().filter(|r| r.method == method) {
        if let Some(given) = fits(&route.segments, path) {
            let decoded = given.into_iter().map(|(name, raw)| {
                let value = if name == PROXY_PATH { Some(raw.to_owned()) } else { decode(raw) };
                value.map(|v| (name, v)).ok_or(BadEscape)
            });
            return Ok(Some((route.handler, decoded.collect::<Result<_, _>>()?)));
        }
    }
    Ok(None)
}

fn fits<'a>(segments: &[Segment], path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let mut rest = path.strip_prefix('/')?;
    let mut params = Vec::new();
    for (i, segment) in segments.iter().enumerate() {
        if let Segment::Rest(name) = segment {
            params.push((*name, rest));
            return Some(params);
        }
        let (part, after) = match rest.split_once('/') {
            Some((part, after)) => (part, Some(after)),
            None => (rest, None),
        };
        match segment {
            Segment::Word(word) if part.eq_ignore_ascii_case(word) => {}
            Segment::Param(name) if !part.is_empty() => params.push((*name, part)),
            _ => return None,
        }
        match after {
            Some(after) => rest = after,
            None if i + 1 == segments.len() => return Some(params),
            None => return None,
        }
    }
    rest.is_empty().then_some(params)
}

#[cfg(test)]
mod tests {
    use super::{EXTRAS, HANDLERS, find};
    use crate::tool::Method;
    use crate::tools;

    #[test]
    fn every_tool_has_a_handler() {
        let has = |slug| {
            HANDLERS.iter().chain(EXTRAS.iter().map(|(_, _, h)| h)).filter(|h| h.slug == slug).count() == 1
        };
        let missing: Vec<&str> = tools::all().map(|t| t.slug).filter(|slug| !has(*slug)).collect();
        assert!(missing.is_empty(), "without a handler in src/emulator/http/router.rs: {missing:?}");
    }

    #[test]
    fn words_come_before_parameters() {
        let slug = |method, path| find(method, path).ok().flatten().map(|(h, _)| h.slug);
        assert_eq!(slug(Method::Delete, "/CONNECTIONS/a%20b/"), Some("NANGO_DELETE_CONNECTION"));
        assert_eq!(slug(Method::Delete, "/connections/a/b"), None);
        assert_eq!(slug(Method::Post, "/proxy/a/b//c"), Some("NANGO_POST_PROXY"));
        assert!(find(Method::Delete, "/connections/%E0%A4%A").is_err());
    }
}
