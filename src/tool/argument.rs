//! What an argument is: its type, its rules, where it is sent. The check itself is in [`crate::schema`].

use std::fmt;
use std::str::FromStr;

use super::named;
use crate::error::Error;

/// The format of a string (contract section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StringFormat {
    /// Any string.
    Any,
    /// CID: a connection id.
    ConnectionId,
    /// PCK: an integration id, also called unique key or provider config key.
    IntegrationKey,
    /// NAME: a provider, function, sync or variant name.
    Name,
    /// MODEL: the name of the model of a sync's records.
    Model,
    /// UUID.
    Uuid,
    /// FREQ: how often a sync runs.
    Frequency,
    /// ISO_Z: an ISO 8601 date and time in UTC, with `Z`.
    UtcTime,
    /// How long a session lasts: from `60s` to `15d`.
    Lifetime,
    /// ENVNAME: the name of an environment.
    EnvironmentName,
    /// The token of a connect session.
    SessionToken,
    /// SCOPES: comma-separated OAuth scopes without spaces, or empty.
    Scopes,
    /// A PKCS#1 PEM private key without trailing newline.
    Pem,
    /// EMAIL.
    Email,
    /// An ISO 8601 date and time.
    DateTime,
    /// WEBHOOK_URL: empty, or an http(s) URL of a public host other than Nango's.
    WebhookUrl,
    /// An http(s) URL.
    HttpUrl,
    /// A path of a provider's API that cannot leave `/proxy`.
    ProxyPath,
    /// An HTTP field name.
    HeaderName,
    /// An HTTP field value.
    HeaderValue,
    /// The key of a tag.
    TagKey,
}

impl StringFormat {
    /// The name: `any`, `connection-id`, and so on.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            StringFormat::Any => "any",
            StringFormat::ConnectionId => "connection-id",
            StringFormat::IntegrationKey => "integration-key",
            StringFormat::Name => "name",
            StringFormat::Model => "model",
            StringFormat::Uuid => "uuid",
            StringFormat::Frequency => "frequency",
            StringFormat::UtcTime => "utc-time",
            StringFormat::Lifetime => "lifetime",
            StringFormat::EnvironmentName => "environment-name",
            StringFormat::SessionToken => "session-token",
            StringFormat::Scopes => "scopes",
            StringFormat::Pem => "pem",
            StringFormat::Email => "email",
            StringFormat::DateTime => "date-time",
            StringFormat::WebhookUrl => "webhook-url",
            StringFormat::HttpUrl => "http-url",
            StringFormat::ProxyPath => "proxy-path",
            StringFormat::HeaderName => "header-name",
            StringFormat::HeaderValue => "header-value",
            StringFormat::TagKey => "tag-key",
        }
    }

    /// Every format.
    pub const ALL: &'static [StringFormat] = &[
        StringFormat::Any,
        StringFormat::ConnectionId,
        StringFormat::IntegrationKey,
        StringFormat::Name,
        StringFormat::Model,
        StringFormat::Uuid,
        StringFormat::Frequency,
        StringFormat::UtcTime,
        StringFormat::Lifetime,
        StringFormat::EnvironmentName,
        StringFormat::SessionToken,
        StringFormat::Scopes,
        StringFormat::Pem,
        StringFormat::Email,
        StringFormat::DateTime,
        StringFormat::WebhookUrl,
        StringFormat::HttpUrl,
        StringFormat::ProxyPath,
        StringFormat::HeaderName,
        StringFormat::HeaderValue,
        StringFormat::TagKey,
    ];
}

impl fmt::Display for StringFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for StringFormat {
    type Err = Error;

    fn from_str(name: &str) -> Result<StringFormat, Error> {
        named(name, StringFormat::ALL, StringFormat::as_str, "string format")
    }
}

/// A string with its bounds, in UTF-16 code units as the server counts them.
#[derive(Debug, Clone, Copy)]
pub struct StringSpec {
    /// The minimum length.
    pub min: u32,
    /// The maximum length; [`u32::MAX`] for none.
    pub max: u32,
    /// The format.
    pub form: StringFormat,
}

/// The type of an argument or of a part of one.
#[derive(Debug, Clone, Copy)]
pub enum ParamType {
    /// `true` or `false`.
    Boolean,
    /// A whole number within bounds, both included.
    Integer {
        /// The minimum value.
        min: i64,
        /// The maximum value; [`i64::MAX`] for none.
        max: i64,
    },
    /// A string.
    Text(StringSpec),
    /// One of a few strings.
    Choice(&'static [&'static str]),
    /// A list.
    List {
        /// What each entry is.
        of: &'static ParamType,
        /// The minimum number of entries.
        min: u32,
        /// The maximum number of entries; [`u32::MAX`] for none.
        max: u32,
        /// Whether entries must be unique.
        unique: bool,
    },
    /// One value, or a list of at least one of them.
    OneOrMany(&'static ParamType),
    /// This, or `null`, which is a value of its own here and is sent.
    Nullable(&'static ParamType),
    /// A string naming something, or an object that names it more exactly.
    NameOr {
        /// The plain form.
        name: &'static ParamType,
        /// The exact form.
        object: &'static [Property],
    },
    /// An object with these properties and no others.
    Object(&'static [Property]),
    /// An object with these properties and any others, passed verbatim.
    Open(&'static [Property]),
    /// An object with arbitrary property names.
    Map {
        /// The rule for names.
        keys: StringSpec,
        /// What each value is.
        of: &'static ParamType,
    },
    /// TAGS of the contract: at most ten, keys unique ignoring case, `end_user_email` an email address.
    Tags {
        /// The minimum length of a value.
        min: u32,
    },
    /// An object whose `type` decides its other properties.
    Tagged(&'static [Variant]),
    /// A string, number or boolean, or a list of them: a query value.
    QueryValue,
    /// Any JSON value, passed verbatim.
    Json,
    /// A request body: an object, an array, or a string sent raw; passed verbatim.
    Body,
}

/// One form of a [`ParamType::Tagged`] object.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The values of `type` that select this form.
    pub tags: &'static [&'static str],
    /// The properties in addition to `type`.
    pub props: &'static [Property],
}

/// What an argument, or a field of an answer, means for ownership, policy and redaction. This is the only source:
/// no module derives it from a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Nothing beyond its type.
    Plain,
    /// The connection that the call is about, or several of them.
    Connection,
    /// A connection that the call creates, or overwrites if it exists.
    NewConnection,
    /// Narrows a list to the connections of this ID.
    ConnectionFilter,
    /// The integration that the call is about, or to which its connection belongs.
    Integration,
    /// The new ID of an integration.
    NewIntegration,
    /// The integrations that a list, or a created object, is limited to.
    IntegrationFilter,
    /// Parts of an integration that only its operator should see.
    IntegrationSettings,
    /// The tags that a connection gets or has; some of them name its owner.
    OwnerTags,
    /// Narrows a list to connections with all of these tags.
    OwnerTagsFilter,
    /// The end user who owns, or will own, a connection.
    OwnerUser,
    /// The ID of that end user.
    OwnerUserId,
    /// Narrows a list to the connections of one end user, given by ID.
    OwnerUserFilter,
    /// The organization of the end user who owns, or will own, a connection.
    OwnerOrganization,
    /// The ID of that organization.
    OwnerOrganizationId,
    /// Narrows a list to the connections of one organization, given by ID.
    OwnerOrganizationFilter,
    /// The operator's own data on a connection.
    Metadata,
    /// Settings that a connection needs in addition to its credentials, such as a subdomain. In an answer, values
    /// that look like secrets are masked.
    ConnectionSettings,
    /// A secret, with everything inside it.
    Secret,
    /// Credentials, which are secret. As an argument: those of an end user, whose presence makes a call an import. In
    /// an answer: those of an end user or a developer app, of which type, expiry and the like stay readable.
    Credentials,
    /// Something with a secret in it that the tool exists to hand over, such as a link: it is never masked.
    Disclosed,
    /// The path of a request through the proxy.
    ProxyPath,
    /// The query of a request through the proxy.
    ProxyQuery,
    /// The headers of a request through the proxy.
    ProxyHeaders,
    /// Another base URL for a request through the proxy.
    ProxyBaseUrl,
    /// Where a list continues: the argument, and the field of an answer whose value it takes for the next page.
    PageCursor,
    /// The number of a page; its minimum is the first one.
    PageNumber,
    /// How many entries a page has.
    PageSize,
}

/// A property of an object: an argument, or a part of one.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    /// The name in the arguments.
    pub name: &'static str,
    /// The type.
    pub kind: ParamType,
    /// What it means, written for a model. Bounds and allowed values are added by [`crate::schema`].
    pub doc: &'static str,
    /// Whether it is required.
    pub required: bool,
    /// What it means for ownership, policy and redaction.
    pub role: Role,
    /// Whether Nango has deprecated it.
    pub deprecated: bool,
    /// The value that Nango assumes when it is absent, as JSON text.
    pub default: Option<&'static str>,
}

impl Property {
    /// An optional property.
    #[must_use]
    pub const fn new(name: &'static str, kind: ParamType, doc: &'static str) -> Property {
        Property { name, kind, doc, required: false, role: Role::Plain, deprecated: false, default: None }
    }
    /// Changes its name.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Property {
        Property { name, ..self }
    }
    /// Changes its description.
    #[must_use]
    pub const fn doc(self, doc: &'static str) -> Property {
        Property { doc, ..self }
    }
    /// Makes it required.
    #[must_use]
    pub const fn required(self) -> Property {
        Property { required: true, ..self }
    }
    /// Sets its role.
    #[must_use]
    pub const fn role(self, role: Role) -> Property {
        Property { role, ..self }
    }
    /// Makes it secret.
    #[must_use]
    pub const fn secret(self) -> Property {
        self.role(Role::Secret)
    }
    /// Whether its value, or anything inside it, is a secret that no message may show.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self.role, Role::Secret | Role::Credentials | Role::ProxyHeaders)
    }
    /// Marks it as deprecated.
    #[must_use]
    pub const fn deprecated(self) -> Property {
        Property { deprecated: true, ..self }
    }
    /// Sets the value that Nango assumes if it is absent, as JSON text.
    #[must_use]
    pub const fn default(self, json: &'static str) -> Property {
        Property { default: Some(json), ..self }
    }
    /// As a top-level argument sent at `place`.
    #[must_use]
    pub const fn at(self, place: ParamLocation) -> Param {
        Param { prop: self, place }
    }
    /// As an argument sent in the path, instead of `{name}`.
    #[must_use]
    pub const fn path(self, name: &'static str) -> Param {
        self.at(ParamLocation::Path(name))
    }
    /// As an argument sent in the query string.
    #[must_use]
    pub const fn query(self, name: &'static str) -> Param {
        self.at(ParamLocation::Query(name))
    }
    /// As an argument sent in a header.
    #[must_use]
    pub const fn header(self, name: &'static str) -> Param {
        self.at(ParamLocation::Header(name))
    }
    /// As an argument sent in the JSON body under its own name.
    #[must_use]
    pub const fn body(self) -> Param {
        let name = self.name;
        self.at(ParamLocation::Body(name))
    }
}

/// Where and how an argument is sent (`placement` of the contract).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamLocation {
    /// One percent-encoded path segment.
    Path(&'static str),
    /// The rest of the path: segments kept, each percent-encoded.
    PathTail(&'static str),
    /// `name=value`.
    Query(&'static str),
    /// `name=a,b`.
    QueryJoined(&'static str),
    /// `name=a&name=b`.
    QueryRepeated(&'static str),
    /// `name[key]=value`.
    QueryDeep(&'static str),
    /// Each property is a separate query parameter.
    QuerySpread,
    /// A header.
    Header(&'static str),
    /// A header `a,b`.
    HeaderJoined(&'static str),
    /// The header `Authorization`, instead of the API key.
    Bearer,
    /// A header sent only when the value is `true`.
    HeaderFlag(&'static str),
    /// A header sent only when the named boolean argument is `true`.
    HeaderWith(&'static str, &'static str),
    /// Each property is a header, its name prefixed.
    HeaderPrefix(&'static str),
    /// A property of the JSON body.
    Body(&'static str),
    /// The whole body.
    WholeBody,
}

/// A top-level argument: a property and where it is sent.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// The property.
    pub prop: Property,
    /// Where it is sent.
    pub place: ParamLocation,
}

/// A rule on several arguments (`checks` of the contract).
#[derive(Debug, Clone, Copy)]
pub enum ParamRule {
    /// At least one of these must be given.
    AtLeastOne(&'static [&'static str]),
    /// The first excludes all of the others.
    Excludes(&'static str, &'static [&'static str]),
    /// The first has an effect only together with the second.
    Needs(&'static str, &'static str),
    /// The argument must not have this value, in any case: it stands for something else.
    Reserved(&'static str, &'static str),
    /// If the first argument has this value, those of the first list must be given, and those of the second must not.
    Case {
        /// The argument that decides.
        name: &'static str,
        /// Its value.
        value: &'static str,
        /// What must be given then.
        needs: &'static [&'static str],
        /// What must not be given then.
        excludes: &'static [&'static str],
    },
    /// Credentials of type TBA need `accountId` among the settings of the connection.
    TbaAccount,
}
