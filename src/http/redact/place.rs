//! A place in an answer, with the declarations about it and about what stands below it.

use super::rules::{Given, Treatment};
use crate::tool::{Mask, ResponseType, Secret};

/// The rest of a path to a declared place; `order` is its position among the declarations.
#[derive(Clone, Copy)]
struct Path<'p> {
    order: usize,
    rest: &'p [&'static str],
    mask: Mask,
}

/// A place in an answer.
#[derive(Clone)]
pub(super) struct Place<'p> {
    pub(super) treatment: Treatment<'p>,
    /// The declared places here and below.
    paths: Vec<Path<'p>>,
    pub(super) form: Option<&'p ResponseType>,
}

impl<'p> Place<'p> {
    /// The whole answer.
    #[inline]
    pub(super) fn whole(
        treatment: Treatment<'p>,
        secrets: &'p [Secret],
        form: Option<&'p ResponseType>,
    ) -> Place<'p> {
        let paths = secrets.iter().enumerate();
        let paths = paths.map(|(order, secret)| Path { order, rest: &secret.path, mask: secret.mask });
        Place { treatment, paths: paths.collect(), form }
    }

    /// An item of an array.
    #[inline]
    pub(super) fn item<'q>(&self, treatment: Treatment<'q>) -> Place<'q>
    where
        'p: 'q,
    {
        let form = self.form.and_then(ResponseType::item);
        Place { treatment, paths: self.below(|step| step == "*"), form }
    }

    /// A property of an object.
    #[inline]
    pub(super) fn property<'q>(&self, treatment: Treatment<'q>, name: &str) -> Place<'q>
    where
        'p: 'q,
    {
        let form = self.form.and_then(|form| form.property(name));
        Place { treatment, paths: self.below(|step| step == "*" || step == name), form }
    }

    /// The declared places below the next step.
    #[inline]
    fn below(&self, is_next: impl Fn(&str) -> bool) -> Vec<Path<'p>> {
        let rest = |path: &Path<'p>| {
            let (step, rest) = path.rest.split_first()?;
            is_next(step).then_some(Path { rest, ..*path })
        };
        self.paths.iter().filter_map(rest).collect()
    }

    /// Whether nothing is declared about it, or about what stands below it.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.paths.is_empty()
    }

    /// What is declared about this place takes precedence over how it would be treated.
    #[inline]
    pub(super) fn declared(mut self, value: &Given<'_>) -> Place<'p> {
        let declared = self.paths.iter().filter(|path| path.rest.is_empty()).min_by_key(|path| path.order);
        if let Some(Path { order, mask, .. }) = declared.copied() {
            self.treatment = Treatment::Declared(mask);
            // What was declared before stands inside it.
            self.paths.retain(|path| path.order < order);
            return self;
        }
        let is_unexpected = self.paths.iter().any(|path| match value {
            Given::Text(_) => true,
            Given::Array => path.rest.first() != Some(&"*"),
            _ => false,
        });
        // The value is not as declared: no part of it is shown.
        if is_unexpected && !matches!(self.treatment, Treatment::Omitted) {
            self.treatment = Treatment::Marker("unexpected_form");
        }
        self
    }
}
