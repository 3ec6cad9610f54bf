//! Arguments and answer parts that several tools share. No tools here.

use crate::tool::{
    Field, Param, ParamLocation, ParamType, Property, ResponseType, Role, StringFormat, StringSpec,
};

/// CID (contract section 6).
pub(crate) const CONNECTION_ID: ParamType =
    ParamType::Text(StringSpec { min: 1, max: 255, form: StringFormat::ConnectionId });
/// PCK.
pub(crate) const INTEGRATION_KEY: ParamType = ParamType::Text(PCK);
const PCK: StringSpec = StringSpec { min: 1, max: 255, form: StringFormat::IntegrationKey };
/// NAME.
pub(crate) const NAME: ParamType = ParamType::Text(StringSpec { min: 1, max: 255, form: StringFormat::Name });
/// UUID.
pub(crate) const UUID: ParamType =
    ParamType::Text(StringSpec { min: 0, max: u32::MAX, form: StringFormat::Uuid });
/// Any string.
pub(crate) const TEXT: ParamType = text(0, u32::MAX);
/// Any non-empty string.
pub(crate) const SOME_TEXT: ParamType = text(1, u32::MAX);
/// A name of 1 to 255 characters of any kind.
pub(crate) const LABEL: ParamType = text(1, 255);

/// A string of `min` to `max` characters.
pub(crate) const fn text(min: u32, max: u32) -> ParamType {
    ParamType::Text(StringSpec { min, max, form: StringFormat::Any })
}

/// An object from any names to `of`.
pub(crate) const fn map(of: &'static ParamType) -> ParamType {
    ParamType::Map { keys: StringSpec { min: 0, max: u32::MAX, form: StringFormat::Any }, of }
}

/// An object from integration IDs to `of`.
pub(crate) const fn by_integration(of: &'static ParamType) -> ParamType {
    ParamType::Map { keys: PCK, of }
}

/// The connection a call is about.
pub(crate) const CONNECTION: Property = Property::new(
    "connection_id",
    CONNECTION_ID,
    "ID of the connection, exactly as NANGO_CONNECTION_LIST_GET returns it.",
)
.required()
.role(Role::Connection);

/// The integration a connection belongs to.
pub(crate) const INTEGRATION: Property = Property::new(
    "provider_config_key",
    INTEGRATION_KEY,
    "ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS returns it.",
)
.required()
.role(Role::Integration);

/// An integration itself.
pub(crate) const UNIQUE_KEY: Property = Property::new(
    "unique_key",
    INTEGRATION_KEY,
    "ID of the integration, its unique_key as NANGO_LIST_INTEGRATIONS returns it.",
)
.required()
.role(Role::Integration);

/// A provider of the catalogue.
pub(crate) const PROVIDER: Property = Property::new(
    "provider",
    NAME,
    "Name of the provider as NANGO_PROVIDERS_LIST_GET returns it, for example quickbooks.",
)
.required();

/// Labels of a connection.
pub(crate) const TAGS: Property = Property::new(
    "tags",
    ParamType::Tags { min: 1 },
    "Labels that say who owns the connection, for example {\"end_user_id\": \"ada\"}. Keys are stored in \
     lower case.",
)
.role(Role::OwnerTags);

/// Who owns a connection.
pub(crate) const END_USER: Property = Property::new(
    "end_user",
    ParamType::Object(&[
        Property::new("id", LABEL, "The person's ID in your own application.").required(),
        Property::new(
            "email",
            ParamType::Text(StringSpec { min: 5, max: u32::MAX, form: StringFormat::Email }),
            "The person's mail address.",
        ),
        Property::new("display_name", text(0, 255), "The person's name."),
        Property::new("tags", ParamType::Tags { min: 0 }, "Labels of the person."),
    ]),
    "The person who owns the connection. Nango prefers tags to this; both work.",
)
.role(Role::OwnerUser);

/// The organization of an end user.
pub(crate) const ORGANIZATION: Property = Property::new(
    "organization",
    ParamType::Object(&[
        Property::new("id", text(0, 255), "The organization's ID in your own application.").required(),
        Property::new("display_name", text(0, 255), "The organization's name."),
    ]),
    "The organization of end_user; ignored without end_user. Nango prefers tags to this.",
)
.role(Role::OwnerOrganization);

/// Where webhooks about a connection go.
pub(crate) const WEBHOOK: Property = Property::new(
    "webhook_url_override",
    ParamType::Text(StringSpec { min: 0, max: u32::MAX, form: StringFormat::WebhookUrl }),
    "Where webhooks about this connection go instead of the usual URL.",
);

/// The user's own data on a connection.
pub(crate) const METADATA: Property = Property::new(
    "metadata",
    ParamType::Open(&[]),
    "Data of your own that syncs and actions read, for example a field mapping; sent as given.",
)
.role(Role::Metadata);

/// Languages of the provider catalogue.
pub(crate) const LANGUAGE: Param = Property::new(
    "language",
    ParamType::Choice(&["en", "es", "fr", "de"]),
    "Language of titles and descriptions.",
)
.default("\"en\"")
.at(ParamLocation::Header("Accept-Language"));

/// `{ "success": true }`.
pub(crate) const SUCCESS: ResponseType =
    ResponseType::Object(&[Field::new("success", ResponseType::Boolean)]);

/// An object with any properties.
pub(crate) const ANYTHING: ResponseType = ResponseType::Map(&ResponseType::Any);
/// A string, or `null`.
pub(crate) const MAYBE_TEXT: ResponseType = ResponseType::Maybe(&ResponseType::Text);
/// A time, or `null`.
pub(crate) const MAYBE_TIME: ResponseType = ResponseType::Maybe(&ResponseType::Time);
/// Strings by name.
pub(crate) const STRINGS: ResponseType = ResponseType::Map(&ResponseType::Text);

/// The connection that a part of an answer is about.
pub(crate) const CONNECTION_FIELD: Field =
    Field::new("connection_id", ResponseType::Text).role(Role::Connection);
/// The integration of that connection.
pub(crate) const INTEGRATION_FIELD: Field =
    Field::new("provider_config_key", ResponseType::Text).role(Role::Integration);

/// The types of functions that a caller can run.
pub(super) const RUNNABLE: ParamType = ParamType::Choice(&["action", "sync"]);
