//! Matching a method and a path to a handler. The table of handlers is in [`crate::emulator::routes`].

use super::auth::Accepts;
use super::call::Call;
use super::query::decode;
use super::response::HandlerResult;
use crate::emulator::model::state::State;
use crate::tool::Method;

/// The path parameter that stands for a provider's path.
pub(crate) const PROXY_PATH: &str = "anyPath";

/// Handles one request.
pub(crate) type Run = fn(&mut State, &Call) -> HandlerResult;

/// The handler of an endpoint.
#[derive(Debug)]
pub(crate) struct Handler {
    /// Its slug in the tool table; empty if it is not a tool.
    pub(crate) slug: &'static str,
    pub(crate) accepts: Accepts,
    /// Scopes, one of which is required; the server's own list, not the tool table's.
    pub(crate) scopes: &'static [&'static str],
    pub(crate) run: Run,
}

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

/// Every route.
#[derive(Debug)]
pub(crate) struct Router {
    /// Those with fewer parameters first.
    routes: Vec<Route>,
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
pub(crate) type Found = (&'static Handler, Vec<(&'static str, String)>);

impl Router {
    /// A router of these endpoints: method, path with `{parameters}`, handler.
    pub(crate) fn new(endpoints: impl Iterator<Item = (Method, &'static str, &'static Handler)>) -> Router {
        let route = |(method, path, handler)| Route { method, segments: segments(path), handler };
        let mut routes: Vec<Route> = endpoints.map(route).collect();
        routes.sort_by_key(|r| r.segments.iter().filter(|s| !matches!(s, Segment::Word(_))).count());
        Router { routes }
    }

    /// The handler of a path. Words match in any case, and one trailing slash is tolerated.
    pub(crate) fn find(&self, method: Method, path: &str) -> Result<Option<Found>, BadEscape> {
        let fitting = |route: &Route| Some((route.handler, fits(&route.segments, path)?));
        let Some((handler, params)) = self.routes.iter().filter(|r| r.method == method).find_map(fitting)
        else {
            return Ok(None);
        };
        let decoded = params.into_iter().map(|(name, raw)| {
            let value = if name == PROXY_PATH { Some(raw.to_owned()) } else { decode(raw) };
            value.map(|v| (name, v)).ok_or(BadEscape)
        });
        Ok(Some((handler, decoded.collect::<Result<_, _>>()?)))
    }
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
        match (after, segments.get(i + 1..)) {
            (Some(after), _) => rest = after,
            (None, Some([])) => return Some(params),
            // The server removes its own prefix only before a slash, so this word stays.
            (None, Some([Segment::Rest(name)])) => {
                params.push((*name, part));
                return Some(params);
            }
            (None, _) => return None,
        }
    }
    rest.is_empty().then_some(params)
}
