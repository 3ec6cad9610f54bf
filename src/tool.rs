//! What a tool is: `const` data that everything else is derived from. No behaviour beyond
//! builders and the checks that stop a build; the tools themselves are in [`crate::tools`].

/// An HTTP method of Nango's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Create, run.
    Post,
    /// Replace.
    Put,
    /// Change in part.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// What running a tool does to the world, the coarsest question a policy asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Adds or changes, and overwrites nothing that was there.
    Write,
    /// Can overwrite or remove what was there, or act on a third party.
    Destroy,
}

impl Effect {
    /// The name used in JSON: `read`, `write`, `destroy`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Effect::Read => "read",
            Effect::Write => "write",
            Effect::Destroy => "destroy",
        }
    }
}

/// The widest thing one call can touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One connection (or several named ones).
    Connection,
    /// One integration with all its connections.
    Integration,
    /// The whole environment.
    Environment,
    /// Nothing of an end user's: the provider catalogue and what is set up for everyone, read only.
    Catalogue,
}

impl Reach {
    /// The name used in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reach::Connection => "connection",
            Reach::Integration => "integration",
            Reach::Environment => "environment",
            Reach::Catalogue => "catalogue",
        }
    }
}

/// The group a tool is listed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toolset {
    /// The provider catalogue.
    Providers,
    /// Configured integrations.
    Integrations,
    /// End users' connections and their metadata.
    Connections,
    /// Connect sessions: how an end user authorises.
    Connect,
    /// Syncs.
    Syncs,
    /// Deployed actions and functions.
    Actions,
    /// Requests to a provider's own API.
    Proxy,
    /// Settings of the environment.
    Environment,
}

impl Toolset {
    /// The name used in JSON, options and the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Toolset::Providers => "providers",
            Toolset::Integrations => "integrations",
            Toolset::Connections => "connections",
            Toolset::Connect => "connect",
            Toolset::Syncs => "syncs",
            Toolset::Actions => "actions",
            Toolset::Proxy => "proxy",
            Toolset::Environment => "environment",
        }
    }

    /// Every toolset, in the order of listings.
    pub const ALL: &'static [Toolset] = &[
        Toolset::Providers,
        Toolset::Integrations,
        Toolset::Connections,
        Toolset::Connect,
        Toolset::Syncs,
        Toolset::Actions,
        Toolset::Proxy,
        Toolset::Environment,
    ];
}

/// The character rule of a text (contract section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    Any,
    /// CID: a connection id.
    ConnectionId,
    /// PCK: an integration id, also called unique key or provider config key.
    IntegrationKey,
    /// NAME: a provider, function, sync or variant name.
    Name,
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

/// A text with its bounds, in UTF-16 units as the server counts them.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// The least length.
    pub min: u32,
    /// The greatest length; [`u32::MAX`] for none.
    pub max: u32,
    /// The character rule.
    pub form: Form,
}

/// The type of an argument or of a part of one.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole number within bounds, both included.
    Integer {
        /// The least value.
        min: i64,
        /// The greatest value; [`i64::MAX`] for none.
        max: i64,
    },
    /// A text.
    Text(Text),
    /// One of a few texts.
    Choice(&'static [&'static str]),
    /// A list.
    List {
        /// What each entry is.
        of: &'static Kind,
        /// The least number of entries.
        min: u32,
        /// The greatest number of entries; [`u32::MAX`] for none.
        max: u32,
        /// Whether an entry may stand only once.
        unique: bool,
    },
    /// One value, or a list of at least one of them.
    OneOrMany(&'static Kind),
    /// A text naming something, or an object that names it more exactly.
    NameOr {
        /// The plain form.
        name: &'static Kind,
        /// The exact form.
        object: &'static [Prop],
    },
    /// An object with these properties and no other.
    Object(&'static [Prop]),
    /// An object with these properties and any other, passed verbatim.
    Open(&'static [Prop]),
    /// An object whose property names are data.
    Map {
        /// The rule for names.
        keys: Text,
        /// What each value is.
        of: &'static Kind,
    },
    /// TAGS of the contract: at most ten, keys unique ignoring case, `end_user_email` an email address.
    Tags {
        /// The least length of a value.
        min: u32,
    },
    /// An object whose `type` decides its other properties.
    Tagged(&'static [Variant]),
    /// A text, number or boolean, or a list of them: a query value.
    QueryValue,
    /// Any JSON value, passed verbatim.
    Json,
    /// A request body: an object, an array, or a text sent raw; passed verbatim.
    Body,
}

/// One form of a [`Kind::Tagged`] object.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The values of `type` that mean this form.
    pub tags: &'static [&'static str],
    /// The properties beside `type`.
    pub props: &'static [Prop],
}

/// A property of an object: an argument, or a part of one.
#[derive(Debug, Clone, Copy)]
pub struct Prop {
    /// The name as arguments carry it.
    pub name: &'static str,
    /// The type.
    pub kind: Kind,
    /// What it means, written for a model. Bounds and allowed values are added by [`crate::schema`].
    pub doc: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// Whether its value, or anything inside it, is a secret that no message may show.
    pub secret: bool,
    /// Whether Nango has deprecated it.
    pub deprecated: bool,
    /// The value that Nango assumes when it is absent, as JSON text.
    pub default: Option<&'static str>,
}

impl Prop {
    /// An optional property.
    pub const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Prop {
        Prop { name, kind, doc, required: false, secret: false, deprecated: false, default: None }
    }
    /// The same under another name.
    pub const fn named(self, name: &'static str) -> Prop {
        Prop { name, ..self }
    }
    /// The same with another meaning.
    pub const fn doc(self, doc: &'static str) -> Prop {
        Prop { doc, ..self }
    }
    /// The same, required.
    pub const fn required(self) -> Prop {
        Prop { required: true, ..self }
    }
    /// The same, secret.
    pub const fn secret(self) -> Prop {
        Prop { secret: true, ..self }
    }
    /// The same, deprecated.
    pub const fn deprecated(self) -> Prop {
        Prop { deprecated: true, ..self }
    }
    /// The same with the value Nango assumes when it is absent, as JSON text.
    pub const fn default(self, json: &'static str) -> Prop {
        Prop { default: Some(json), ..self }
    }
    /// As a top-level argument sent at `place`.
    pub const fn at(self, place: Place) -> Param {
        Param { prop: self, place }
    }
    /// As an argument sent in the path, in place of `{name}`.
    pub const fn path(self, name: &'static str) -> Param {
        self.at(Place::Path(name))
    }
    /// As an argument sent in the query string.
    pub const fn query(self, name: &'static str) -> Param {
        self.at(Place::Query(name))
    }
    /// As an argument sent in a header.
    pub const fn header(self, name: &'static str) -> Param {
        self.at(Place::Header(name))
    }
    /// As an argument sent in the JSON body under its own name.
    pub const fn body(self) -> Param {
        let name = self.name;
        self.at(Place::Body(name))
    }
}

/// Where and how an argument is sent (`placement` of the contract).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
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
    /// Each property is a query parameter of its own.
    QuerySpread,
    /// A header.
    Header(&'static str),
    /// A header `a,b`.
    HeaderJoined(&'static str),
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
    pub prop: Prop,
    /// Where it is sent.
    pub place: Place,
}

/// A rule over several arguments (`checks` of the contract).
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// At least one of these must be given.
    AtLeastOne(&'static [&'static str]),
    /// The first excludes all of the others.
    Excludes(&'static str, &'static [&'static str]),
    /// The first has a meaning only together with the second.
    Needs(&'static str, &'static str),
    /// Credentials of type TBA need `connection_config.accountId`.
    TbaAccount,
}

/// The form of a part of an answer. Answers may always carry more than is declared.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Any JSON value.
    Any,
    /// A text.
    Text,
    /// An ISO 8601 date and time.
    Time,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// One of a few texts.
    Choice(&'static [&'static str]),
    /// This, or `null`.
    Maybe(&'static Shape),
    /// A list.
    List(&'static Shape),
    /// An object whose property names are data.
    Map(&'static Shape),
    /// An object with at least these properties.
    Object(&'static [Field]),
    /// One of several forms.
    OneOf(&'static [Shape]),
}

/// A property of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// The form.
    pub shape: Shape,
    /// Whether it is always there.
    pub always: bool,
    /// What it means, where the name does not say it.
    pub doc: &'static str,
}

impl Field {
    /// A property that is always there.
    pub const fn new(name: &'static str, shape: Shape) -> Field {
        Field { name, shape, always: true, doc: "" }
    }
    /// The same, sometimes absent.
    pub const fn optional(self) -> Field {
        Field { always: false, ..self }
    }
    /// The same with its meaning.
    pub const fn doc(self, doc: &'static str) -> Field {
        Field { doc, ..self }
    }
}

/// A place in a successful answer that holds secrets, and how they are masked.
#[derive(Debug, Clone, Copy)]
pub struct Secret {
    /// Dotted path from the root of the body; `*` stands for every entry of a list or object.
    pub path: &'static str,
    /// How what is found there is masked.
    pub mask: Mask,
}

/// How a secret is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// The whole value, whatever it is, becomes a marker of this kind.
    Whole(&'static str),
    /// An object of credentials: everything in it but `type`, `expires_at` and other plainly public
    /// properties becomes a marker named after its property.
    Credentials,
    /// An open object in which properties that look like secrets are masked.
    Suspicious,
}

/// A sample call.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What the call is for, as a user would ask it.
    pub title: &'static str,
    /// The arguments, as JSON text. They work against the emulator's first world.
    pub args: &'static str,
}

/// One tool: an operation of Nango's API as an agent sees it.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// The name that models call, unique.
    pub slug: &'static str,
    /// The name that people read.
    pub title: &'static str,
    /// What it does, when to use it, what it cannot do: written for a model.
    pub doc: &'static str,
    /// The group it is listed under.
    pub toolset: Toolset,
    /// What it does to the world.
    pub effect: Effect,
    /// Whether running it twice leaves the same state as running it once; only then is a failed
    /// attempt repeated when its outcome is unknown.
    pub idempotent: bool,
    /// Whether it can reach a third party.
    pub open_world: bool,
    /// The widest thing it can touch.
    pub reach: Reach,
    /// API key scopes of which one is needed; none for what every key may do.
    pub scopes: &'static [&'static str],
    /// The HTTP method.
    pub method: Method,
    /// The path below the base URL, with `{name}` for path parameters.
    pub path: &'static str,
    /// The arguments, required ones first.
    pub params: &'static [Param],
    /// Rules over several arguments.
    pub rules: &'static [Rule],
    /// The form of a successful answer.
    pub returns: Shape,
    /// Where a successful answer holds secrets.
    pub secrets: &'static [Secret],
    /// Where a list in the answer is too long to hand over whole: the properties that stay of each
    /// entry of `data`. All of them where this is empty.
    pub keeps: &'static [&'static str],
    /// Other names it can be called by; they are not listed.
    pub aliases: &'static [&'static str],
    /// Sample calls, the simplest first.
    pub examples: &'static [Example],
    /// How long one attempt may take unless the caller says otherwise, in seconds.
    pub timeout_s: u32,
}

impl Tool {
    /// Whether the answer is a third party's, relayed.
    pub fn is_proxy(&self) -> bool {
        matches!(self.toolset, Toolset::Proxy)
    }

    /// The argument named `name`.
    pub fn param(&self, name: &str) -> Option<&'static Param> {
        self.params.iter().find(|p| p.prop.name == name)
    }
}

/// Stops the build on a table that could not work: a bad slug, a missing description, a path
/// placeholder without its argument, a body on a GET.
#[expect(clippy::indexing_slicing, reason = "runs in the compiler, where a fault stops the build")]
pub(crate) const fn checked(tools: &'static [Tool]) -> &'static [Tool] {
    let mut i = 0;
    while i < tools.len() {
        check_tool(&tools[i]);
        i += 1;
    }
    tools
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, where a fault stops the build")]
const fn check_tool(tool: &Tool) {
    let slug = tool.slug.as_bytes();
    assert!(slug.len() > 6 && slug.len() <= 50, "slug: 7 to 50 characters");
    let mut i = 0;
    while i < slug.len() {
        assert!(matches!(slug[i], b'A'..=b'Z' | b'0'..=b'9' | b'_'), "slug: A-Z, 0-9 and _ only");
        i += 1;
    }
    assert!(!tool.title.is_empty() && tool.doc.len() >= 80, "a tool needs a title and a description");
    assert!(!tool.examples.is_empty(), "a tool needs an example");
    assert!(tool.timeout_s > 0, "a tool needs a timeout");
    let mut i = 0;
    let mut in_path = 0;
    while i < tool.params.len() {
        let param = &tool.params[i];
        assert!(!param.prop.doc.is_empty(), "an argument needs a description");
        match param.place {
            Place::Path(name) | Place::PathTail(name) => {
                assert!(has_placeholder(tool.path, name), "a path argument needs its placeholder");
                assert!(param.prop.required, "a path argument is required");
                in_path += 1;
            }
            Place::Body(_) | Place::WholeBody => {
                assert!(!matches!(tool.method, Method::Get), "a GET has no body");
            }
            _ => {}
        }
        i += 1;
    }
    assert!(in_path == placeholders(tool.path), "a placeholder needs its path argument");
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, where a fault stops the build")]
const fn placeholders(path: &str) -> usize {
    let (bytes, mut i, mut n) = (path.as_bytes(), 0, 0);
    while i < bytes.len() {
        if bytes[i] == b'{' {
            n += 1;
        }
        i += 1;
    }
    n
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, where a fault stops the build")]
const fn has_placeholder(path: &str, name: &str) -> bool {
    let (path, name) = (path.as_bytes(), name.as_bytes());
    let mut start = 0;
    while start < path.len() {
        if path[start] == b'{' {
            let mut i = 0;
            while i < name.len() && start + 1 + i < path.len() && path[start + 1 + i] == name[i] {
                i += 1;
            }
            if i == name.len() && start + 1 + i < path.len() && path[start + 1 + i] == b'}' {
                return true;
            }
        }
        start += 1;
    }
    false
}
