//! Arguments and answer parts that several tools share. No tools here.

use crate::tool::{Field, Form, Kind, Mask, Prop, Secret, Shape, Text};

/// CID (contract section 6).
pub(crate) const CONNECTION_ID: Kind = Kind::Text(Text { min: 1, max: 255, form: Form::ConnectionId });
/// PCK.
pub(crate) const INTEGRATION_KEY: Kind = Kind::Text(Text { min: 1, max: 255, form: Form::IntegrationKey });
/// NAME.
pub(crate) const NAME: Kind = Kind::Text(Text { min: 1, max: 255, form: Form::Name });
/// A text of `min` to `max` characters.
pub(crate) const fn text(min: u32, max: u32) -> Kind {
    Kind::Text(Text { min, max, form: Form::Any })
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

/// `{ "success": true }`.
pub(crate) const SUCCESS: Shape = Shape::Object(&[Field::new("success", Shape::Boolean)]);

/// Where the answers with a connection in full hold secrets.
pub(crate) const CONNECTION_SECRETS: &[Secret] = &[
    Secret { path: "credentials", mask: Mask::Credentials },
    Secret { path: "connection_config", mask: Mask::Suspicious },
];
