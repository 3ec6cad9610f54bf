//! Arguments and answer parts that several tools share. No tools here.

use crate::tool::{Field, Form, Kind, Mask, Param, Place, Prop, Secret, Shape, Text};

/// CID (contract section 6).
pub(crate) const CONNECTION_ID: Kind = Kind::Text(Text { min: 1, max: 255, form: Form::ConnectionId });
/// PCK.
pub(crate) const INTEGRATION_KEY: Kind = Kind::Text(PCK);
const PCK: Text = Text { min: 1, max: 255, form: Form::IntegrationKey };
/// NAME.
pub(crate) const NAME: Kind = Kind::Text(Text { min: 1, max: 255, form: Form::Name });
/// Any text.
pub(crate) const TEXT: Kind = text(0, u32::MAX);
/// Any text but the empty one.
pub(crate) const SOME_TEXT: Kind = text(1, u32::MAX);
/// A name of 1 to 255 characters of any kind.
pub(crate) const LABEL: Kind = text(1, 255);

/// A text of `min` to `max` characters.
pub(crate) const fn text(min: u32, max: u32) -> Kind {
    Kind::Text(Text { min, max, form: Form::Any })
}

/// An object from any names to `of`.
pub(crate) const fn map(of: &'static Kind) -> Kind {
    Kind::Map { keys: Text { min: 0, max: u32::MAX, form: Form::Any }, of }
}

/// An object from integration IDs to `of`.
pub(crate) const fn by_integration(of: &'static Kind) -> Kind {
    Kind::Map { keys: PCK, of }
}

/// The connection a call is about.
pub(crate) const CONNECTION: Prop = Prop::new(
    "connection_id",
    CONNECTION_ID,
    "ID of the connection, exactly as NANGO_CONNECTION_LIST_GET returns it.",
)
.required();

/// The integration a connection belongs to.
pub(crate) const INTEGRATION: Prop = Prop::new(
    "provider_config_key",
    INTEGRATION_KEY,
    "ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS returns it.",
)
.required();

/// An integration itself.
pub(crate) const UNIQUE_KEY: Prop = Prop::new(
    "unique_key",
    INTEGRATION_KEY,
    "ID of the integration, its unique_key as NANGO_LIST_INTEGRATIONS returns it.",
)
.required();

/// A provider of the catalogue.
pub(crate) const PROVIDER: Prop = Prop::new(
    "provider",
    NAME,
    "Name of the provider as NANGO_PROVIDERS_LIST_GET returns it, for example quickbooks.",
)
.required();

/// Labels of a connection.
pub(crate) const TAGS: Prop = Prop::new(
    "tags",
    Kind::Tags { min: 1 },
    "Labels that say whose connection it is, for example {\"end_user_id\": \"ada\"}. Keys are stored in lower case.",
);

/// Who owns a connection.
pub(crate) const END_USER: Prop = Prop::new(
    "end_user",
    Kind::Object(&[
        Prop::new("id", LABEL, "The person's ID in your own application.").required(),
        Prop::new(
            "email",
            Kind::Text(Text { min: 5, max: u32::MAX, form: Form::Email }),
            "The person's mail address.",
        ),
        Prop::new("display_name", text(0, 255), "The person's name."),
        Prop::new("tags", Kind::Tags { min: 0 }, "Labels of the person."),
    ]),
    "The person who owns the connection. Nango prefers tags to this; both work.",
);

/// The organization of an end user.
pub(crate) const ORGANIZATION: Prop = Prop::new(
    "organization",
    Kind::Object(&[
        Prop::new("id", text(0, 255), "The organization's ID in your own application.").required(),
        Prop::new("display_name", text(0, 255), "The organization's name."),
    ]),
    "The organization of end_user; ignored without end_user. Nango prefers tags to this.",
);

/// Where webhooks about a connection go.
pub(crate) const WEBHOOK: Prop = Prop::new(
    "webhook_url_override",
    Kind::Text(Text { min: 0, max: u32::MAX, form: Form::WebhookUrl }),
    "Public http(s) URL that gets this connection's webhooks instead of the usual one; empty for no override.",
);

/// Data of the user's own on a connection.
pub(crate) const METADATA: Prop = Prop::new(
    "metadata",
    Kind::Open(&[]),
    "Data of your own that syncs and actions read, for example a field mapping; sent as given.",
);

/// Languages of the provider catalogue.
pub(crate) const LANGUAGE: Param =
    Prop::new("language", Kind::Choice(&["en", "es", "fr", "de"]), "Language of titles and descriptions.")
        .default("\"en\"")
        .at(Place::Header("Accept-Language"));

/// `{ "success": true }`.
pub(crate) const SUCCESS: Shape = Shape::Object(&[Field::new("success", Shape::Boolean)]);

/// An object with any properties.
pub(crate) const ANYTHING: Shape = Shape::Map(&Shape::Any);
/// A text, or `null`.
pub(crate) const MAYBE_TEXT: Shape = Shape::Maybe(&Shape::Text);
/// A time, or `null`.
pub(crate) const MAYBE_TIME: Shape = Shape::Maybe(&Shape::Time);
/// Texts by name.
pub(crate) const TEXTS: Shape = Shape::Map(&Shape::Text);

/// Where the answers with a connection in full hold secrets.
pub(crate) const CONNECTION_SECRETS: &[Secret] = &[
    Secret { path: "credentials", mask: Mask::Credentials },
    Secret { path: "connection_config", mask: Mask::Suspicious },
];
