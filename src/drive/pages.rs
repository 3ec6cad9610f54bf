//! The pages of a list, one call each.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::{Transport, drive};
use crate::call::{Call, Options};
use crate::error::{Error, ErrorKind};
use crate::http::{Data, Outcome, Page};
use crate::json::{Value, parse};
use crate::paging::Paging;
use crate::random;
use crate::schema::Arguments;

/// How many pages are read unless the caller says otherwise.
const MAX_PAGES: u32 = 1000;

/// The pages of a list, from the first one or from where the arguments say. It ends after the last page, where a page
/// would be read a second time, after an error, and after 1000 pages, which is an error unless that number was asked
/// for.
///
/// ```
/// use nango_toolkit::call::Options;
/// use nango_toolkit::drive::Pages;
/// use serde_json::json;
///
/// let args = json!({ "connection_id": "c1", "provider_config_key": "hubspot", "model": "Contact" });
/// let mut pages = Pages::new(Options::default(), "NANGO_LIST_RECORDS", args, 42);
/// let mut read = 0;
/// while let Some(call) = pages.next_call()? {
///     // Here a program drives the call; `pages.next(&transport)` does both.
/// #   use nango_toolkit::http::{Data, Outcome, Meta};
/// #   let mut call = call;
/// #   call.cancel(0);
/// #   let nango_toolkit::call::Poll::Done(outcome) = call.poll(0) else { panic!() };
///     match pages.handle_outcome(*outcome) {
///         Ok(records) => read += records.len(),
///         Err(error) => println!("{error}"),
///     }
/// }
/// assert_eq!(read, 0);
/// # Ok::<(), nango_toolkit::error::Error>(())
/// ```
pub struct Pages {
    options: Arc<Options>,
    slug: String,
    args: Arguments,
    /// What asks for the next page, nothing for the first one; `None` after the last page.
    next: Option<Option<String>>,
    /// What asked for the pages so far.
    seen: BTreeSet<Option<String>>,
    most: Option<u32>,
    seed: u64,
}

/// Without what asks for pages, which may be secret.
impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("slug", &self.slug)
            .field("has_next", &self.next.is_some())
            .field("read", &self.seen.len())
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

impl Pages {
    /// The pages of the tool named `slug` with `args`, as [`Call::new`] takes them. For a list of a provider,
    /// [`Options::paging`] says how it continues. `seed` is that of the first call; the others follow from it.
    pub fn new(options: Options, slug: &str, args: impl Into<Arguments>, seed: u64) -> Pages {
        let paging = Some(options.paging.clone().unwrap_or(Paging::Own));
        Pages {
            options: Arc::new(Options { paging, ..options }),
            slug: slug.to_owned(),
            args: args.into(),
            next: Some(None),
            seen: BTreeSet::new(),
            most: None,
            seed,
        }
    }

    /// Ends after this many pages.
    #[must_use]
    pub fn max_pages(self, most: u32) -> Pages {
        Pages { most: Some(most), ..self }
    }

    /// The call that reads the next page, whose outcome [`Pages::handle_outcome`] takes; `None` after the last one.
    ///
    /// # Errors
    /// `too_many_pages` after 1000 pages, unless [`Pages::max_pages`] was called.
    pub fn next_call(&mut self) -> Result<Option<Call>, Error> {
        let Some(page) = self.next.take() else { return Ok(None) };
        if self.seen.len() >= self.most.unwrap_or(MAX_PAGES) as usize {
            return if self.most.is_some() { Ok(None) } else { Err(too_many()) };
        }
        if !self.seen.insert(page.clone()) {
            return Ok(None);
        }
        let options = Options { page, ..(*self.options).clone() };
        let seed = random::next(&mut self.seed);
        Ok(Some(Call::new(options, &self.slug, self.args.clone(), seed)))
    }

    /// The entries of a page.
    ///
    /// # Errors
    /// That of the call.
    pub fn handle_outcome(&mut self, outcome: Outcome) -> Result<Vec<Value>, Error> {
        let data = match outcome.result? {
            Data::Value(value) => value,
            Data::Json(text) => parse(&text).unwrap_or_default(),
            Data::Held => Value::Null,
        };
        let Page { items, next } = outcome.meta.page.unwrap_or_default();
        self.next = next.map(Some);
        Ok(entries(data, &items))
    }

    /// Reads the next page: its entries, or the error of its call; `None` after the last one.
    pub async fn next<T: Transport>(&mut self, transport: &T) -> Option<Result<Vec<Value>, Error>> {
        let call = match self.next_call() {
            Ok(call) => call?,
            Err(error) => return Some(Err(error)),
        };
        let outcome = drive(call, transport).await;
        Some(self.handle_outcome(outcome))
    }
}

fn entries(mut data: Value, path: &[String]) -> Vec<Value> {
    let found = path.iter().try_fold(&mut data, |value, step| match value {
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        value => value.get_mut(step),
    });
    match found.map(Value::take) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(one) => vec![one],
    }
}

fn too_many() -> Error {
    let message = format!("there are more than {MAX_PAGES} pages; the others were not read");
    let hint = "narrow the list, ask for more entries a page, or say how many pages to read";
    Error::new(ErrorKind::InvalidResponse, message).code("too_many_pages").hint(hint)
}
