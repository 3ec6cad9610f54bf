//! How messages and schemas describe a declaration: what a type expects, which properties there are.

use crate::tool::{Param, ParamType, Property, StringFormat};

/// The properties of an object: a tool's arguments, or those of a part of one.
#[derive(Clone, Copy)]
pub(super) enum Props<'t> {
    Arguments(&'t [Param]),
    Of(&'t [Property]),
}

impl<'t> Props<'t> {
    pub(super) fn get(self, at: usize) -> Option<&'t Property> {
        match self {
            Props::Arguments(params) => params.get(at).map(|param| &param.prop),
            Props::Of(props) => props.get(at),
        }
    }

    pub(super) fn names(self) -> Vec<&'static str> {
        let mut names = Vec::new();
        while let Some(prop) = self.get(names.len()) {
            names.push(prop.name);
        }
        names
    }
}

/// A description of what a type expects: "a whole number from 1 to 2000".
pub(super) fn expected(kind: &ParamType) -> String {
    let words = match kind {
        ParamType::Boolean => "true or false",
        ParamType::Integer { min, max: i64::MAX } => return format!("a whole number from {min}"),
        ParamType::Integer { min, max } => return format!("a whole number from {min} to {max}"),
        ParamType::Text(text) => {
            let size = match (text.min, text.max) {
                (0, u32::MAX) => String::new(),
                (0, max) => format!(" of at most {max} characters"),
                (1, u32::MAX) => " that is not empty".to_owned(),
                (min, u32::MAX) => format!(" of at least {min} characters"),
                (min, max) => format!(" of {min} to {max} characters"),
            };
            return match text.form {
                StringFormat::Any => format!("a string{size}"),
                StringFormat::ConnectionId
                | StringFormat::IntegrationKey
                | StringFormat::Name
                | StringFormat::Model
                | StringFormat::EnvironmentName => {
                    format!("a string{size} made of {}", text.form.words())
                }
                form => form.words().to_owned(),
            };
        }
        ParamType::Choice(options) => return format!("one of {}", join(options)),
        ParamType::List { .. } => "a list",
        ParamType::OneOrMany(of) => return format!("{}, or a list of them", expected(of)),
        ParamType::NameOr { name, .. } => return format!("{}, or an object", expected(name)),
        ParamType::Nullable(of) => return format!("{}, or null", expected(of)),
        ParamType::Json => "any JSON value",
        ParamType::Body => "an object, a list or a string",
        ParamType::QueryValue => "a string, number or boolean, or a list of them",
        ParamType::Object(_)
        | ParamType::Open(_)
        | ParamType::Map { .. }
        | ParamType::Tags { .. }
        | ParamType::Tagged(_) => "an object",
    };
    words.to_owned()
}

/// Names in backticks, separated by commas.
pub(super) fn join(names: &[&str]) -> String {
    format!("`{}`", names.join("`, `"))
}

/// The length of a string as the server counts it: in UTF-16 code units, two for an emoji.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
