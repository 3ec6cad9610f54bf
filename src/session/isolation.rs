//! Which tools a session can limit to one user's connections, according to the roles of their arguments, and the
//! connections that a call names. A tool that names connections in an unknown way is refused, not run unchecked.

use super::pins::is_set;
use crate::error::{Error, ErrorKind};
use crate::http::Data;
use crate::json::{Object, Value};
use crate::policy::{Fact, Lookup};
use crate::schema::Checked;
use crate::text::clip;
use crate::tool::{Effect, ParamType, Property, Reach, Role, Tool};
use crate::tools;

/// The tool whose answer is the list of connections: it looks connections up, and a session narrows what it returns.
pub(crate) fn list_tool() -> Option<&'static Tool> {
    tools::all().find(|tool| tool.lists_connections())
}

/// Whether `tool` is a list of connections with the owner of each, so that a session can narrow it.
pub(crate) fn is_list_tool(tool: &Tool) -> bool {
    tool.connection_list().is_some()
}

/// Whether a session can determine from the arguments of `tool` which connections a call is about, and can set their
/// owner: each connection is named by one argument, together with its integration, so that it can be looked up; owners
/// are set by at most one argument with tags; filters for connections exist only on a list of connections.
pub(crate) fn can_be_isolated(tool: &Tool) -> bool {
    let with_role = |roles: &[Role]| {
        tool.params.iter().filter(|param| roles.contains(&param.prop.role)).collect::<Vec<_>>()
    };
    let connections = with_role(&[Role::Connection, Role::NewConnection]);
    let integrations = with_role(&[Role::Integration]);
    let connection_can_be_looked_up = match (&connections[..], &integrations[..]) {
        ([], _) => true,
        ([_], [integration]) => integration.prop.required,
        _ => false,
    };
    let filters = with_role(&[
        Role::ConnectionFilter,
        Role::OwnerUserFilter,
        Role::OwnerOrganizationFilter,
        Role::OwnerTagsFilter,
    ]);
    connection_can_be_looked_up
        && (filters.is_empty() || is_list_tool(tool))
        && with_role(&[Role::OwnerTags, Role::OwnerTagsFilter]).len() <= 1
        && !tool.params.iter().any(|param| {
            !is_set(param.prop.role) && parts(&param.prop.kind).into_iter().any(names_connections)
        })
}

/// Whether a property, or a part of it, names the connection of a call or its owner.
fn names_connections(prop: &Property) -> bool {
    let says = matches!(
        prop.role,
        Role::Connection
            | Role::NewConnection
            | Role::ConnectionFilter
            | Role::OwnerTags
            | Role::OwnerTagsFilter
            | Role::OwnerUser
            | Role::OwnerUserId
            | Role::OwnerUserFilter
            | Role::OwnerOrganization
            | Role::OwnerOrganizationId
            | Role::OwnerOrganizationFilter
    );
    says || parts(&prop.kind).into_iter().any(names_connections)
}

/// The properties of the objects that a type is or contains.
fn parts(kind: &ParamType) -> Vec<&'static Property> {
    match kind {
        ParamType::Object(props) | ParamType::Open(props) => props.iter().collect(),
        ParamType::NameOr { object, .. } => object.iter().collect(),
        ParamType::Tagged(variants) => variants.iter().flat_map(|variant| variant.props).collect(),
        ParamType::List { of, .. }
        | ParamType::OneOrMany(of)
        | ParamType::Nullable(of)
        | ParamType::Map { of, .. } => parts(of),
        _ => Vec::new(),
    }
}

/// Whether a call touches more than connections that it names: the environment, or an integration for everyone.
/// Reading an integration does not, unless its settings are asked for. Without arguments: whether every call does.
pub(crate) fn reaches_beyond(tool: &Tool, args: Option<&Checked>) -> bool {
    match tool.reach {
        Reach::Integration if tool.has_role(Role::Connection) => false,
        Reach::Integration => {
            let asks = |value: &Value| value.as_array().is_none_or(|all| !all.is_empty());
            let settings = tool.name_of(&[Role::IntegrationSettings]);
            tool.effect != Effect::Read
                || args.zip(settings).and_then(|(args, name)| args.get(name)).is_some_and(asks)
        }
        // A connection that can neither be looked up nor be assigned to the user.
        Reach::Connection => tool
            .name_of(&[
                Role::Connection,
                Role::NewConnection,
                Role::ConnectionFilter,
                Role::OwnerTags,
                Role::OwnerTagsFilter,
            ])
            .is_none(),
        Reach::Catalogue => false,
        Reach::Environment => true,
    }
}

/// The connections that a call names, each with its integration.
pub(crate) fn named(tool: &Tool, args: &Checked) -> Vec<Lookup> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let argument = |roles: &[Role]| tool.name_of(roles).and_then(|name| args.get(name));
    let mut out = Vec::new();
    let Some(provider_config_key) = argument(&[Role::Integration]).and_then(text) else { return out };
    let connections = match argument(&[Role::Connection, Role::NewConnection]) {
        Some(Value::Array(ids)) => ids.as_slice(),
        Some(id) => std::slice::from_ref(id),
        None => &[],
    };
    let mut seen = Object::new();
    for connection_id in connections.iter().filter_map(text) {
        if seen.insert(connection_id.clone(), Value::Null).is_none() {
            out.push(Lookup { connection_id, provider_config_key: provider_config_key.clone() });
        }
    }
    out
}

/// The error for a connection that is not the user's, and for one that does not exist.
pub(crate) fn absent(lookup: &Lookup) -> Error {
    let message = format!(
        "there is no connection `{}` of integration `{}`",
        clip(&lookup.connection_id, 255),
        clip(&lookup.provider_config_key, 255)
    );
    Error::new(ErrorKind::NotFound, message).hint(
        "list connections with NANGO_CONNECTION_LIST_GET; connection_id and integration must both match one of them",
    )
}

/// The fact from the response to a look-up: the connection with exactly that ID and integration.
pub(crate) fn found(data: &Data, lookup: &Lookup) -> Option<Fact> {
    let Data::Value(value) = data else { return None };
    let list = list_tool()?.connection_list()?;
    let mut facts = list.entries(value)?.iter().filter_map(|entry| Fact::from_entry(entry, list.fields));
    facts.find(|fact| {
        fact.connection_id == lookup.connection_id && fact.provider_config_key == lookup.provider_config_key
    })
}
