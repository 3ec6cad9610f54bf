//! What rules can speak of: the attributes of one call and their values. How rules meet them is in
//! [`super::rules`].

use super::{Claims, Fact};
use crate::json::{Object, Value, to_plain};
use crate::text::trim_end;
use crate::tool::{Effect, Reach, Role, Tool, Toolset};
use crate::url::{Url, decode};

/// What may stand in a rule: beside `id` and `then` the names of all attributes, of the caller, of the tool,
/// of what the call is aimed at.
pub(super) const RULE: &str = "id then user organization agent role tool toolset effect reach integration \
                               connection end_user owner_organization tags variable proxy_method proxy_path \
                               proxy_host";

/// What an attribute may be beside the values that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// Nothing.
    No,
    /// What a look-up, or arguments still to come, will tell.
    Unknown,
    /// Anything: the call leaves it out and so concerns all.
    Yes,
}

/// Whose word counts for the owner of a connection.
#[derive(Clone, Copy)]
pub(super) enum Owner<'a> {
    /// The arguments': the owner it will have, or that a list asks for.
    Given,
    /// A look-up's: the owner it has.
    Stored(&'a Fact),
    /// A look-up's that has not been made, or told nothing.
    Missing(Open),
}

/// What is told of the values of an attribute, one after the other.
type See<'s> = &'s mut dyn FnMut(&[u8]);

/// One call as far as it concerns one target.
pub(super) struct Subject<'a> {
    pub(super) tool: &'a Tool,
    pub(super) args: &'a Object,
    pub(super) claims: &'a Claims,
    /// The integration, or nothing.
    pub(super) integration: &'a str,
    /// The connection, or nothing.
    pub(super) connection: &'a str,
    pub(super) owner: Owner<'a>,
    /// Whether it is about calls that could be made, whatever their arguments.
    pub(super) listing: bool,
}

impl Subject<'_> {
    /// Shows the values of the attribute called `name`.
    pub(super) fn values(&self, name: &str, see: See<'_>) -> Open {
        let tool = self.tool;
        let mut one = |text: &str, otherwise: Open| {
            if text.is_empty() {
                return otherwise;
            }
            see(text.as_bytes());
            Open::No
        };
        let claims = self.claims;
        let known = match name {
            // Who is not known may be anyone.
            "user" => return one(claims.user.as_deref().unwrap_or_default(), Open::Yes),
            "organization" => return one(claims.organization.as_deref().unwrap_or_default(), Open::Yes),
            "agent" => return one(claims.agent.as_deref().unwrap_or_default(), Open::Yes),
            "integration" => {
                let nameable = tool.name_of(INTEGRATIONS).is_some();
                return one(self.integration, self.left_out(nameable, nameable));
            }
            "connection" => {
                let nameable = tool.name_of(CONNECTIONS).is_some();
                return one(self.connection, self.left_out(nameable, sweeps(tool)));
            }
            "role" => {
                claims.roles.iter().for_each(|role| see(role.as_bytes()));
                return Open::No;
            }
            "tool" => {
                tool.aliases.iter().for_each(|alias| see(alias.as_bytes()));
                tool.slug
            }
            "toolset" => tool.toolset.as_str(),
            "reach" => tool.reach.as_str(),
            "effect" => {
                if overrides(tool, self.args) {
                    see(Effect::Destroy.as_str().as_bytes());
                }
                tool.effect.as_str()
            }
            "variable" if tool.toolset == Toolset::Environment => return Open::Yes,
            "end_user" | "owner_organization" | "tags" => return self.owned(name, see),
            _ if !(tool.is_proxy() && name.starts_with("proxy_")) => return Open::No,
            "proxy_method" => {
                methods(tool, self.args, see);
                return self.left_out(true, false);
            }
            _ if self.listing => return Open::Unknown,
            "proxy_path" => return paths(tool, self.args, see),
            _ => return hosts(tool, self.args, see),
        };
        see(known.as_bytes());
        Open::No
    }

    /// What it means that the arguments leave something out.
    fn left_out(&self, nameable: bool, all: bool) -> Open {
        if self.listing && nameable {
            Open::Unknown
        } else if all {
            Open::Yes
        } else {
            Open::No
        }
    }

    /// The attributes of a connection's owner.
    fn owned(&self, name: &str, see: See<'_>) -> Open {
        let (prefix, filter) = match name {
            "tags" => ("", None),
            "end_user" => ("end_user_id=", Some(Role::OwnerUserFilter)),
            _ => ("organization_id=", Some(Role::OwnerOrganizationFilter)),
        };
        let mut none = true;
        let mut show = |value: &str| {
            none = false;
            see(value.as_bytes());
        };
        let mut tag = |tag: &str| {
            if let Some(value) = tag.strip_prefix(prefix) {
                show(value);
            }
        };
        let (direct, open) = match self.owner {
            Owner::Missing(open) => return open,
            Owner::Given => {
                tags(self.tool, self.args, &mut tag);
                let nameable = self.tool.name_of(TAGS).or(self.tool.name_of(CONNECTIONS)).is_some();
                let filter = filter.and_then(|role| argument(self.tool, self.args, role)?.as_str());
                (filter, self.left_out(nameable, sweeps(self.tool)))
            }
            Owner::Stored(fact) => {
                fact.tags.iter().for_each(|text| tag(text));
                let direct = match name {
                    "tags" => &None,
                    "end_user" => &fact.end_user,
                    _ => &fact.organization,
                };
                (direct.as_deref(), Open::No)
            }
        };
        if let Some(id) = direct {
            show(id);
        }
        if none || name == "tags" { open } else { Open::No }
    }
}

/// The arguments that name integrations.
const INTEGRATIONS: &[Role] = &[Role::Integration, Role::NewIntegration, Role::IntegrationFilter];
/// The arguments that name connections.
const CONNECTIONS: &[Role] = &[Role::Connection, Role::NewConnection, Role::ConnectionFilter];
/// The arguments that hold tags.
const TAGS: &[Role] = &[Role::OwnerTags, Role::OwnerTagsFilter];
/// The arguments that say who shall own a connection.
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
fn sweeps(tool: &Tool) -> bool {
    let wide = matches!(tool.reach, Reach::Integration | Reach::Environment);
    tool.lists_connections()
        || (wide && (tool.effect == Effect::Destroy || tool.name_of(CONNECTIONS).is_some()))
}

/// Whether the tool creates a connection if there is none yet.
pub(super) fn creates(tool: &Tool) -> bool {
    tool.has_role(Role::NewConnection)
}

/// Whether the arguments say who shall own a connection.
pub(super) fn gives_owner(tool: &Tool, args: &Object) -> bool {
    arguments(tool, args, OWNERS).next().is_some()
}

/// The tags that arguments give to a connection or ask for, as `key=value`. Nango makes tags of an end user and
/// of an organization (contract section 15): their properties, with this prefix.
fn tags(tool: &Tool, args: &Object, see: &mut dyn FnMut(&str)) {
    for (role, value) in arguments(tool, args, OWNERS) {
        let prefix = match role {
            Role::OwnerUser => "end_user_",
            Role::OwnerOrganization => "organization_",
            _ => "",
        };
        each(Some(value), &mut |key, value| match value {
            // The tags of an end user become the connection's.
            Value::Object(_) => each(Some(value), &mut |key, value| tag("", key, value, see)),
            _ => tag(prefix, key, value, see),
        });
    }
}

fn tag(prefix: &str, key: &str, value: &Value, see: &mut dyn FnMut(&str)) {
    see(&format!("{prefix}{key}={}", to_plain(value)));
}

/// The properties of an object, their names in lower case.
fn each(value: Option<&Value>, see: &mut dyn FnMut(&str, &Value)) {
    if let Some(Value::Object(map)) = value {
        map.iter().for_each(|(key, value)| see(&key.to_ascii_lowercase(), value));
    }
}

/// The HTTP methods by which a provider may read a proxy call: the tool's, and in lower case those that
/// arguments ask it to take instead.
fn methods(tool: &Tool, args: &Object, see: See<'_>) {
    see(tool.method.as_str().as_bytes());
    for (role, value) in arguments(tool, args, &[Role::ProxyHeaders, Role::ProxyQuery]) {
        let mark = if role == Role::ProxyHeaders { "method" } else { "http-method" };
        each(Some(value), &mut |key, value| {
            let key = key.replace("_", "-");
            if key.contains(mark) || key.contains("method-override") || key.starts_with("-method") {
                let words = to_plain(value).to_ascii_lowercase();
                words.as_bytes().split(|b| !b.is_ascii_alphabetic()).for_each(&mut *see);
            }
        });
    }
}

/// Whether a proxy call asks the provider to read it as one that changes something.
pub(super) fn overrides(tool: &Tool, args: &Object) -> bool {
    let mut changes = false;
    methods(tool, args, &mut |method| {
        changes |= !matches!(method, b"GET" | b"get" | b"head" | b"options" | b"");
    });
    changes && tool.is_proxy() && tool.effect == Effect::Read
}

/// A path as paths are compared: without empty segments.
pub(super) fn plain(path: &[u8]) -> Vec<u8> {
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

/// How many layers of percent-encoding are taken off, and how many bytes of path are looked at: what is deeper or
/// longer may be any path.
const LAYERS: usize = 8;
const LONGEST: usize = 8192;

/// The paths by which a provider may read that of a proxy call, behind the path of another base URL too. Each
/// hop on the way may take off a layer of percent-encoding, or read an encoded slash as no slash.
fn paths(tool: &Tool, args: &Object, see: See<'_>) -> Open {
    let text = |role| argument(tool, args, role).map(to_plain).unwrap_or_default();
    let (path, base) = (text(Role::ProxyPath), text(Role::ProxyBaseUrl));
    if path.len().max(base.len()) > LONGEST {
        return Open::Yes;
    }
    let base = Url::parse(&base).map_or("", |url| url.rest);
    // The check of arguments lets neither dots nor endless escapes pass in a path, but in a base URL.
    let odd = base.contains("/.") || base.contains("%");
    for base in ["", base] {
        let mut bytes = format!("{base}/{path}").into_bytes();
        if bytes.windows(3).any(|escape| escape.eq_ignore_ascii_case(b"%2f")) {
            see(&plain(&bytes));
        }
        let mut deep = false;
        for layer in 0..=LAYERS {
            deep = layer == LAYERS;
            let plainer = decode(&bytes);
            see(&plain(&plainer));
            // What stands behind these is no path to some.
            if let Some(path) = plainer.split(|b| matches!(b, b'?' | b'#' | b';')).next() {
                see(&plain(path));
            }
            if plainer.len() == bytes.len() {
                deep = false;
                break;
            }
            bytes = plainer;
        }
        if deep {
            return Open::Yes;
        }
    }
    if odd { Open::Yes } else { Open::No }
}

/// The hosts that a proxy call names; `provider` stands for the provider's own.
fn hosts(tool: &Tool, args: &Object, see: See<'_>) -> Open {
    let mut open = Open::No;
    match argument(tool, args, Role::ProxyBaseUrl).map(to_plain) {
        None => see(b"provider"),
        Some(url) => match Url::parse(&url) {
            Ok(url) => see(trim_end(url.host, b".").as_bytes()),
            Err(_) => open = Open::Yes,
        },
    }
    each(argument(tool, args, Role::ProxyHeaders), &mut |key, value| {
        if key.contains("host") {
            let host = to_plain(value);
            see(host.split_once(":").map_or(&*host, |(host, _)| host).trim().as_bytes());
        }
    });
    open
}
