//! What is wrong with options, collected so that all of it is reported at once.

use crate::error::{Error, ErrorKind, Issue};
use crate::json::{Object, Value};
use crate::nearest::nearest;
use crate::text::clip;

/// Problems of options.
#[derive(Default)]
pub(super) struct Problems(Vec<Issue>);

impl Problems {
    /// Notes a problem of the option `name`.
    fn add(&mut self, name: &str, message: String) {
        let path = if name.is_empty() { Vec::new() } else { vec![name.to_owned()] };
        self.0.push(Issue::new(path, "invalid_value", message));
    }

    /// Notes that there is no `what` of this name among `known`.
    pub(super) fn unknown(&mut self, what: &str, name: &str, known: &[&str]) {
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.join(", ")),
        };
        let message = format!("there is no {what} `{}` here", clip(name, 64));
        self.0.push(Issue::new(Vec::new(), "invalid_value", message).hint(hint));
    }

    /// One of several words.
    pub(super) fn one_of<T: Copy>(&mut self, name: &str, word: &str, known: &[(&str, T)]) -> Option<T> {
        let found = known.iter().find(|(one, _)| *one == word).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<String> = known.iter().map(|(one, _)| format!("`{one}`")).collect();
            self.add(name, format!("`{name}` must be {}, got `{}`", words.join(" or "), clip(word, 64)));
        }
        found
    }

    /// Takes the option `name` of `options`, if it is given: then it must be what `read` makes of it.
    pub(super) fn take<T>(
        &mut self,
        options: &mut Object,
        name: &str,
        expected: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Option<T> {
        let value = read(options.shift_remove(name)?);
        if value.is_none() {
            self.add(name, format!("`{name}` must be {expected}"));
        }
        value
    }

    /// Notes each option that nobody took.
    pub(super) fn rest(&mut self, options: &Object, known: &[&str]) {
        for name in options.keys() {
            self.unknown("option", name, known);
        }
    }

    /// The error that all of them are.
    ///
    /// # Errors
    /// `invalid_option`, if there is any.
    pub(super) fn done(self) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let messages: Vec<&str> = self.0.iter().map(|issue| issue.message.as_str()).collect();
        let mut error = Error::new(ErrorKind::InvalidOption, messages.join("; "));
        error.hint = self.0.iter().find_map(|issue| issue.hint.clone());
        error.issues = self.0;
        Err(error)
    }
}
