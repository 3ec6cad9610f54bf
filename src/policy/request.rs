//! The attributes of a request to which rules refer, and their values. How rules apply to them is in
//! [`super::evaluate`].

use super::facts::{Claims, Fact};
use super::rule::Attribute;
use crate::json::{Object, Value, to_plain};
use crate::tool::{Effect, Reach, Role, Tool, Toolset};
use crate::url::{Url, address, decode};

/// Which values of an attribute there may be in addition to the known ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Completeness {
    /// None: all values are known.
    Complete,
    /// Values that depend on a look-up, or on arguments that are not known yet.
    Unknown,
    /// Any value: the call leaves it out and so applies to everything.
    Unbounded,
}

/// The values of an attribute, as bytes: a path may contain any.
pub(super) type Values = Vec<Vec<u8>>;

/// The source of a connection's owner.
#[derive(Clone, Copy)]
pub(super) enum Owner<'a> {
    /// The arguments: the owner that it will have, or that a list asks for.
    Given,
    /// A look-up: the owner that it has.
    Stored(&'a Fact),
    /// A look-up that has not been made, or that found nothing.
    Missing(Completeness),
}

/// One call, for one of its targets.
pub(super) struct PolicyRequest<'a> {
    pub(super) tool: &'a Tool,
    pub(super) args: &'a Object,
    pub(super) claims: &'a Claims,
    /// The integration; empty if there is none.
    pub(super) integration: &'a str,
    /// The connection; empty if there is none.
    pub(super) connection: &'a str,
    pub(super) owner: Owner<'a>,
    /// Whether it stands for all possible calls, whatever their arguments.
    pub(super) listing: bool,
}

impl PolicyRequest<'_> {
    /// The known values of an attribute, and which others there may be.
    pub(super) fn values(&self, attribute: Attribute) -> (Values, Completeness) {
        let tool = self.tool;
        let claims = self.claims;
        match attribute {
            // An unknown caller may be anyone.
            Attribute::User => one_or(claims.user.as_deref(), Completeness::Unbounded),
            Attribute::Organization => one_or(claims.organization.as_deref(), Completeness::Unbounded),
            Attribute::Agent => one_or(claims.agent.as_deref(), Completeness::Unbounded),
            Attribute::Role => complete(claims.roles.iter().map(String::as_str)),
            Attribute::Tool => complete(tool.aliases.iter().copied().chain([tool.slug])),
            Attribute::Toolset => complete([tool.toolset.as_str()]),
            Attribute::Reach => complete([tool.reach.as_str()]),
            Attribute::Effect => {
                let overridden = overrides_method(tool, self.args).then_some(Effect::Destructive.as_str());
                complete(overridden.into_iter().chain([tool.effect.as_str()]))
            }
            Attribute::Integration => {
                let nameable = tool.name_of(INTEGRATIONS).is_some();
                one_or(Some(self.integration), self.left_out(nameable, nameable))
            }
            Attribute::Connection => {
                let nameable = tool.name_of(CONNECTIONS).is_some();
                one_or(Some(self.connection), self.left_out(nameable, reaches_all_connections(tool)))
            }
            Attribute::EndUser | Attribute::OwnerOrganization | Attribute::Tags => self.owned(attribute),
            Attribute::Variable if tool.toolset == Toolset::Environment => {
                (Vec::new(), Completeness::Unbounded)
            }
            Attribute::ProxyMethod if tool.is_proxy() => {
                (methods(tool, self.args), self.left_out(true, false))
            }
            Attribute::ProxyPath | Attribute::ProxyHost if tool.is_proxy() && self.listing => {
                (Vec::new(), Completeness::Unknown)
            }
            Attribute::ProxyPath if tool.is_proxy() => paths(tool, self.args),
            Attribute::ProxyHost if tool.is_proxy() => hosts(tool, self.args),
            Attribute::Variable | Attribute::ProxyMethod | Attribute::ProxyPath | Attribute::ProxyHost => {
                (Vec::new(), Completeness::Complete)
            }
        }
    }

    /// The meaning of an argument that is left out. `all` says whether a call without it applies to
    /// everything.
    fn left_out(&self, nameable: bool, all: bool) -> Completeness {
        if self.listing && nameable {
            Completeness::Unknown
        } else if all {
            Completeness::Unbounded
        } else {
            Completeness::Complete
        }
    }

    /// The attributes of a connection's owner.
    fn owned(&self, attribute: Attribute) -> (Values, Completeness) {
        let (prefix, filter) = match attribute {
            Attribute::EndUser => ("end_user_id=", Some(Role::OwnerUserFilter)),
            Attribute::OwnerOrganization => ("organization_id=", Some(Role::OwnerOrganizationFilter)),
            _ => ("", None),
        };
        let (tags, direct, completeness) = match self.owner {
            Owner::Missing(completeness) => return (Vec::new(), completeness),
            Owner::Given => {
                let nameable = self.tool.name_of(TAGS).or(self.tool.name_of(CONNECTIONS)).is_some();
                let filter = filter.and_then(|role| argument(self.tool, self.args, role)?.as_str());
                let completeness = self.left_out(nameable, reaches_all_connections(self.tool));
                (given_tags(self.tool, self.args), filter, completeness)
            }
            Owner::Stored(fact) => {
                let direct = match attribute {
                    Attribute::EndUser => fact.end_user.as_deref(),
                    Attribute::OwnerOrganization => fact.organization.as_deref(),
                    _ => None,
                };
                (fact.tags.clone(), direct, Completeness::Complete)
            }
        };
        let tagged = tags.iter().filter_map(|tag| tag.strip_prefix(prefix));
        let values: Values = tagged.chain(direct).map(bytes).collect();
        // There is one owner, and any number of tags.
        let known = !values.is_empty() && attribute != Attribute::Tags;
        (values, if known { Completeness::Complete } else { completeness })
    }
}

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// The only value, or `None` and what that means.
fn one_or(value: Option<&str>, otherwise: Completeness) -> (Values, Completeness) {
    match value.filter(|value| !value.is_empty()) {
        Some(value) => (vec![bytes(value)], Completeness::Complete),
        None => (Vec::new(), otherwise),
    }
}

/// Complete values.
fn complete<'v>(values: impl IntoIterator<Item = &'v str>) -> (Values, Completeness) {
    (values.into_iter().map(bytes).collect(), Completeness::Complete)
}

/// The arguments that name integrations.
const INTEGRATIONS: &[Role] = &[Role::Integration, Role::NewIntegration, Role::IntegrationFilter];
/// The arguments that name connections.
const CONNECTIONS: &[Role] = &[Role::Connection, Role::NewConnection, Role::ConnectionFilter];
/// The arguments that contain tags.
const TAGS: &[Role] = &[Role::OwnerTags, Role::OwnerTagsFilter];
/// The arguments that set the owner of a connection.
const OWNERS: &[Role] = &[Role::OwnerTags, Role::OwnerTagsFilter, Role::OwnerUser, Role::OwnerOrganization];

/// The arguments that are given and have one of these roles.
fn arguments<'a>(
    tool: &'a Tool,
    args: &'a Object,
    roles: &'a [Role],
) -> impl Iterator<Item = (Role, &'a Value)> {
    let params = tool.params.iter().filter(|param| roles.contains(&param.prop.role));
    params.filter_map(|param| Some((param.prop.role, args.get(param.prop.name)?)))
}

/// The first argument that is given and has this role.
fn argument<'a>(tool: &Tool, args: &'a Object, role: Role) -> Option<&'a Value> {
    let mut params = tool.params.iter().filter(|param| param.prop.role == role);
    params.find_map(|param| args.get(param.prop.name))
}

/// The integrations that the arguments name, or an empty string.
pub(super) fn integrations<'a>(tool: &'a Tool, args: &'a Object) -> Vec<&'a str> {
    named(tool, args, INTEGRATIONS)
}

/// The connections that the arguments name, or an empty string.
pub(super) fn connections<'a>(tool: &'a Tool, args: &'a Object) -> Vec<&'a str> {
    named(tool, args, CONNECTIONS)
}

fn named<'a>(tool: &'a Tool, args: &'a Object, roles: &'a [Role]) -> Vec<&'a str> {
    let mut out = Vec::new();
    for (_, value) in arguments(tool, args, roles) {
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        out.extend(items.iter().filter_map(Value::as_str));
    }
    if out.is_empty() {
        out.push("");
    }
    out
}

/// Whether a call that names no connection concerns all of them.
fn reaches_all_connections(tool: &Tool) -> bool {
    let wide = matches!(tool.reach, Reach::Integration | Reach::Environment);
    tool.lists_connections()
        || (wide && (tool.effect == Effect::Destructive || tool.name_of(CONNECTIONS).is_some()))
}

/// Whether the tool creates a connection if there is none yet.
pub(super) fn creates(tool: &Tool) -> bool {
    tool.has_role(Role::NewConnection)
}

/// Whether the arguments set the owner of a connection.
pub(super) fn gives_owner(tool: &Tool, args: &Object) -> bool {
    arguments(tool, args, OWNERS).next().is_some()
}

/// The tags that arguments set or filter by, as `key=value` with the key in lower case. Nango derives
/// tags from an end user and an organization (contract section 15): their properties, with a prefix.
fn given_tags(tool: &Tool, args: &Object) -> Vec<String> {
    let mut out = Vec::new();
    for (role, value) in arguments(tool, args, OWNERS) {
        let prefix = match role {
            Role::OwnerUser => "end_user_",
            Role::OwnerOrganization => "organization_",
            _ => "",
        };
        for (key, value) in properties(Some(value)) {
            match value {
                // The tags of an end user become the connection's.
                Value::Object(_) => {
                    out.extend(properties(Some(value)).map(|(key, value)| tag("", &key, value)));
                }
                _ => out.push(tag(prefix, &key, value)),
            }
        }
    }
    out
}

fn tag(prefix: &str, key: &str, value: &Value) -> String {
    format!("{prefix}{key}={}", to_plain(value))
}

/// The properties of an object, their names in lower case.
fn properties(value: Option<&Value>) -> impl Iterator<Item = (String, &Value)> {
    let map = value.and_then(Value::as_object);
    map.into_iter().flatten().map(|(key, value)| (key.to_ascii_lowercase(), value))
}

/// The HTTP methods with which a provider may execute a proxy call: the tool's, and in lower case those
/// that arguments request instead.
fn methods(tool: &Tool, args: &Object) -> Values {
    let mut out = vec![bytes(tool.method.as_str())];
    for (role, value) in arguments(tool, args, &[Role::ProxyHeaders, Role::ProxyQuery]) {
        let mark = if role == Role::ProxyHeaders { "method" } else { "http-method" };
        for (key, value) in properties(Some(value)) {
            let key = key.replace('_', "-");
            if key.contains(mark) || key.contains("method-override") || key.starts_with("-method") {
                let words = to_plain(value).to_ascii_lowercase();
                out.extend(words.split(|c: char| !c.is_ascii_alphabetic()).map(bytes));
            }
        }
    }
    out
}

/// Whether a proxy call asks the provider to treat it as one that changes something.
pub(super) fn overrides_method(tool: &Tool, args: &Object) -> bool {
    let reads = |method: &Vec<u8>| matches!(&method[..], b"GET" | b"get" | b"head" | b"options" | b"");
    tool.is_proxy() && tool.effect == Effect::Read && !methods(tool, args).iter().all(reads)
}

/// A path in the form for comparisons: without empty segments.
pub(super) fn without_empty_segments(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in path {
        if *byte != b'/' || out.last().is_some_and(|last| *last != b'/') {
            out.push(*byte);
        }
    }
    if out.last() == Some(&b'/') {
        out.pop();
    }
    out
}

/// A path without the parameters after a `;` in each segment.
fn without_parameters(path: &[u8]) -> Vec<u8> {
    let names =
        path.split(|b| *b == b'/').map(|segment| segment.split(|b| *b == b';').next().unwrap_or_default());
    names.collect::<Vec<&[u8]>>().join(&b'/')
}

/// How many layers of percent-encoding are decoded, and how many bytes of a path are examined: with more layers or
/// bytes it may be any path.
const MAX_LAYERS: usize = 8;
const MAX_BYTES: usize = 8192;

/// The ways in which a provider may read the path of a proxy call, also after the path of another base URL. Each
/// hop on the way may decode a layer of percent-encoding, and may or may not treat an encoded slash as a slash.
fn paths(tool: &Tool, args: &Object) -> (Values, Completeness) {
    let text = |role| argument(tool, args, role).map(to_plain).unwrap_or_default();
    let (path, base) = (text(Role::ProxyPath), text(Role::ProxyBaseUrl));
    let mut values = Vec::new();
    if path.len().max(base.len()) > MAX_BYTES {
        return (values, Completeness::Unbounded);
    }
    let base = Url::parse(&base).map_or("", |url| url.rest);
    for base in ["", base] {
        let mut bytes = format!("{base}/{path}").into_bytes();
        if bytes.windows(3).any(|escape| escape.eq_ignore_ascii_case(b"%2f")) {
            values.push(without_empty_segments(&bytes));
        }
        let mut too_deep = false;
        for layer in 0..=MAX_LAYERS {
            too_deep = layer == MAX_LAYERS;
            let decoded = decode(&bytes);
            values.push(without_empty_segments(&decoded));
            // Some servers end the path at these characters, others remove parameters from each segment.
            if let Some(path) = decoded.split(|b| matches!(b, b'?' | b'#' | b';')).next() {
                values.push(without_empty_segments(path));
            }
            if decoded.contains(&b';') {
                values.push(without_empty_segments(&without_parameters(&decoded)));
            }
            if decoded.len() == bytes.len() {
                too_deep = false;
                break;
            }
            bytes = decoded;
        }
        if too_deep {
            return (values, Completeness::Unbounded);
        }
    }
    // The check of arguments refuses dots and endless escapes in a path, but not in a base URL.
    let odd = base.contains("/.") || base.contains('%');
    (values, if odd { Completeness::Unbounded } else { Completeness::Complete })
}

/// The hosts that a proxy call names; `provider` stands for the provider's own.
fn hosts(tool: &Tool, args: &Object) -> (Values, Completeness) {
    let mut values = Vec::new();
    let mut completeness = Completeness::Complete;
    match argument(tool, args, Role::ProxyBaseUrl).map(to_plain) {
        None => values.push(bytes("provider")),
        Some(url) => match Url::parse(&url) {
            Ok(url) => {
                values.push(bytes(url.host.trim_end_matches('.')));
                // A rule on an address applies to every spelling of it.
                values.extend(address(url.host).map(|ip| bytes(&ip.to_string())));
            }
            Err(_) => completeness = Completeness::Unbounded,
        },
    }
    for (key, value) in properties(argument(tool, args, Role::ProxyHeaders)) {
        if key.contains("host") {
            let host = to_plain(value);
            values.push(bytes(host.split_once(':').map_or(&*host, |(host, _)| host).trim()));
        }
    }
    (values, completeness)
}
