//! How each part of an answer is written, from where it stands, from its name and from what it is.

use std::borrow::Cow;

use super::Reveal;
use crate::http::names::{PUBLIC, counts, holds_labels, looks_secret, snake};
use crate::tool::Mask;

/// What the decisions depend on for the whole of an answer.
#[derive(Clone, Copy)]
pub(super) struct Rules<'r> {
    pub(super) reveal: &'r Reveal,
    /// Whether the answer describes how to authenticate: there, schemas and templates such as `Bearer ${apiKey}` stand
    /// under the names of secrets.
    pub(super) describes: bool,
}

impl Rules<'_> {
    /// What a name says about a value under it.
    #[inline]
    fn by_name(&self, name: &str, value: &Given<'_>) -> ByName {
        // How to call what each is: `credentials_label: { apiKey: "API key" }`.
        if matches!(value, Given::Object) && holds_labels(name) {
            return ByName::Labels;
        }
        let is_harmless = match value {
            Given::Null | Given::Bool => true,
            Given::Number => counts(name),
            Given::Text(_) => false,
            Given::Array | Given::Object => self.describes,
        };
        if is_harmless || !looks_secret(name) {
            return ByName::Nothing;
        }
        let kind = snake(name);
        if self.reveal.shows(&kind) { ByName::Shown } else { ByName::Secret(kind) }
    }

    /// Whether text is only a template of how a secret is sent: `Bearer ${accessToken}`.
    #[inline]
    pub(super) fn is_template(&self, text: &str) -> bool {
        self.describes && text.contains("${") && {
            let parts = text.split("${").enumerate();
            let mut around = parts
                .map(|(at, part)| if at == 0 { part } else { part.split_once('}').unwrap_or_default().1 });
            around.all(|part| part.len() <= 64 && !part.bytes().any(|b| b.is_ascii_digit()))
        }
    }

    /// How a value is written, from how its place is treated.
    #[inline]
    pub(super) fn writing<'n>(&self, treatment: Treatment<'n>, value: &Given<'_>) -> Writing<'n> {
        match treatment {
            Treatment::Names => Writing::Names,
            Treatment::Unchanged => Writing::Unchanged,
            Treatment::Omitted => Writing::Omitted,
            Treatment::Marker(kind) => Writing::Marker(kind.into()),
            Treatment::Secret { kind, public } => self.secret(kind.into(), public, value),
            Treatment::Property(name) => match self.by_name(name, value) {
                ByName::Nothing => Writing::Names,
                ByName::Shown => Writing::Unchanged,
                ByName::Labels => Writing::Labels,
                ByName::Secret(kind) => self.secret(kind.into(), Public::Unchanged, value),
            },
            Treatment::Labelled { label, name } => match self.by_name(label, value) {
                ByName::Secret(kind) => self.secret(kind.into(), Public::Names, value),
                _ => self.writing(Treatment::Property(name), value),
            },
            Treatment::Declared(mask) => self.declared(mask, value),
            Treatment::Credential(name) => match value {
                Given::Null => Writing::Unchanged,
                Given::Text(_) | Given::Number if PUBLIC.contains(&name) => Writing::Unchanged,
                // Nested credentials: app and user of CUSTOM, config_override.
                Given::Object if name != "raw" => Writing::Credentials,
                _ => self.unless_shown(snake(name).into()),
            },
        }
    }

    #[inline]
    fn unless_shown<'n>(&self, kind: Cow<'n, str>) -> Writing<'n> {
        if self.reveal.shows(&kind) { Writing::Unchanged } else { Writing::Marker(kind) }
    }

    #[inline]
    fn declared<'n>(&self, mask: Mask, value: &Given<'_>) -> Writing<'n> {
        match (mask, value) {
            (Mask::Suspicious, _) => Writing::Names,
            (_, Given::Null) | (Mask::Disclosed, _) => Writing::Unchanged,
            (Mask::Whole(kind), _) => self.unless_shown(kind.into()),
            (Mask::Credentials, Given::Object) => Writing::Credentials,
            (Mask::Credentials, _) => Writing::Marker("credentials".into()),
        }
    }

    /// Inside a secret: strings and numbers are masked, its structure stays visible.
    #[inline]
    fn secret<'n>(&self, kind: Cow<'n, str>, public: Public, value: &Given<'_>) -> Writing<'n> {
        match value {
            Given::Null | Given::Bool => Writing::Unchanged,
            Given::Text(text) if text.is_empty() || self.is_template(text) => Writing::Unchanged,
            Given::Text(text) if text.starts_with("[redacted") && text.ends_with(']') => Writing::Unchanged,
            Given::Text(_) | Given::Number => Writing::Marker(kind),
            Given::Array | Given::Object => Writing::Secret { kind, public },
        }
    }
}

/// What a name says about a value.
enum ByName {
    Nothing,
    /// It is a secret that the caller wants to see.
    Shown,
    /// It is a secret of this kind.
    Secret(String),
    /// It says how others are called.
    Labels,
}

/// What is found, as far as treatments depend on it.
pub(super) enum Given<'t> {
    Null,
    Bool,
    Number,
    Text(&'t str),
    Array,
    Object,
}

/// How what is public inside a secret is written.
#[derive(Clone, Copy)]
pub(super) enum Public {
    Unchanged,
    /// Masked by name.
    Names,
}

/// How a place is treated, before it is known what is there.
#[derive(Clone, Copy)]
pub(super) enum Treatment<'n> {
    /// Secrets are masked, by names and in strings.
    Names,
    /// Everything stays.
    Unchanged,
    /// It is only read.
    Omitted,
    /// It is replaced.
    Marker(&'n str),
    /// It is part of a secret of this kind.
    Secret { kind: &'n str, public: Public },
    /// It is a property with this name.
    Property(&'n str),
    /// The same, and the value of what another property names.
    Labelled { label: &'n str, name: &'n str },
    /// It is declared.
    Declared(Mask),
    /// It is a property of declared credentials.
    Credential(&'n str),
}

/// How a value is written.
pub(super) enum Writing<'n> {
    Names,
    Unchanged,
    Omitted,
    Marker(Cow<'n, str>),
    Secret {
        kind: Cow<'n, str>,
        public: Public,
    },
    /// An object with what others are called.
    Labels,
    /// An object with credentials.
    Credentials,
}
