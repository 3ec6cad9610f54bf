//! Keeping secrets: masks over an answer, in the places where its table declares secrets and wherever a name says that
//! one stands there. What keeps them out of errors is in [`super::scrub`].

mod facts;
mod place;
mod rules;
mod write;

use std::borrow::Cow;

use serde_json::Deserializer;

use super::integers::{BigIntegers, JsonText, Numbers};
use super::quick::NeedsBody;
use crate::json::{Value, is_beyond_64_bits, is_big, mark, parse_marked, to_text};
use crate::tool::{Reach, Tool, Toolset};
use facts::Facts;
use place::Place;
use rules::{Rules, Treatment};
use write::Masker;

/// The name of a property, or a string.
struct Text<'t>(Cow<'t, str>);

/// Which secrets a caller wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reveal {
    /// None: the default.
    #[default]
    None,
    /// All of them.
    All,
    /// Those of these kinds, such as `access_token`, as named by markers.
    Kinds(Vec<String>),
}

impl Reveal {
    fn shows(&self, kind: &str) -> bool {
        match self {
            Reveal::None => false,
            Reveal::All => true,
            Reveal::Kinds(kinds) => kinds.iter().any(|k| k == kind),
        }
    }
}

/// How an answer is masked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redaction {
    /// Which secrets are shown.
    pub reveal: Reveal,
    /// Whether names mask what providers, and functions of the operator's own, have answered: the results of proxy and
    /// action tools. Every other answer is masked anyway.
    pub provider_data: bool,
}

impl From<Reveal> for Redaction {
    fn from(reveal: Reveal) -> Redaction {
        Redaction { reveal, provider_data: false }
    }
}

impl Redaction {
    /// Whether the body of a success of `tool` must be read to mask it.
    pub(super) fn needs_body(&self, tool: &Tool) -> NeedsBody {
        match (self.leaves(tool), tool.secrets().is_empty()) {
            (true, _) => NeedsBody::Never,
            (false, true) => NeedsBody::IfSuspicious,
            (false, false) => NeedsBody::Always,
        }
    }

    /// Whether nothing in an answer of `tool` is masked.
    pub(super) fn leaves(&self, tool: &Tool) -> bool {
        let by_name = self.provider_data || !tool.relays();
        matches!(self.reveal, Reveal::All) || !by_name && tool.secrets().is_empty()
    }
}

/// JSON that can be read and written.
pub(super) struct Json<'t> {
    /// Its texts: one, or the items of a list. Numbers beyond 64 bits are marked strings in them.
    texts: Vec<Cow<'t, str>>,
    is_list: bool,
    facts: Facts,
    has_marks: bool,
}

impl<'t> Json<'t> {
    /// Reads one JSON value.
    pub(super) fn read(text: &'t str) -> Result<Json<'t>, serde_json::Error> {
        let mut json = Json { texts: Vec::new(), is_list: false, facts: Facts::default(), has_marks: false };
        json.add(text)?;
        Ok(json)
    }

    /// Reads a list of JSON values; `None` if one of them cannot be read.
    pub(super) fn read_list(texts: impl Iterator<Item = &'t str>) -> Option<Json<'t>> {
        let mut json = Json { texts: Vec::new(), is_list: true, facts: Facts::default(), has_marks: false };
        for text in texts {
            json.add(text).ok()?;
        }
        Some(json)
    }

    fn add(&mut self, text: &'t str) -> Result<(), serde_json::Error> {
        let (text, has_marks) = mark(text, is_beyond_64_bits)?;
        let mut reader = Deserializer::from_str(&text);
        self.facts.read(&mut reader)?;
        reader.end()?;
        self.texts.push(text);
        self.has_marks |= has_marks;
        Ok(())
    }
}

/// A successful answer, masked in the places that are declared and wherever names say that a secret stands. `tool` is
/// `None` if nothing is declared; then nothing is masked.
pub(super) fn answer(
    tool: Option<&Tool>,
    json: &Json<'_>,
    redaction: &Redaction,
    integers: BigIntegers,
) -> Result<JsonText, serde_json::Error> {
    let masked = tool.filter(|tool| !redaction.leaves(tool));
    let secrets = masked.map(Tool::secrets).unwrap_or_default();
    let by_name = masked.is_some_and(|tool| redaction.provider_data || !tool.relays());
    let treatment = if by_name { Treatment::Names } else { Treatment::Unchanged };
    let length = json.texts.iter().map(|text| text.len() + 1).sum::<usize>();
    // Markers are often longer than what they replace.
    let size = length + json.facts.in_order().len() * write::MARKER + 64;
    let numbers = Numbers { any: json.has_marks, integers };
    let rules = Rules { reveal: &redaction.reveal, describes: masked.is_some_and(describes) };
    let mut masker = Masker::new(rules, &json.facts, numbers, size);
    let form = tool.map(|tool| &tool.returns);
    let whole = Place::whole(treatment, &secrets, form);
    if !json.is_list {
        for text in &json.texts {
            masker.write(&mut Deserializer::from_str(text), whole.clone())?;
        }
        return Ok(masker.finish());
    }
    masker.raw("[");
    for (at, text) in json.texts.iter().enumerate() {
        masker.raw(if at == 0 { "" } else { "," });
        masker.write(&mut Deserializer::from_str(text), whole.item(treatment))?;
    }
    masker.raw("]");
    Ok(masker.finish())
}

impl JsonText {
    /// Changes the value, an answer of `tool`.
    pub(crate) fn edit<T>(
        &mut self,
        tool: &Tool,
        integers: BigIntegers,
        edit: impl FnOnce(&mut Value) -> T,
    ) -> T {
        let text = self.exact.as_ref().unwrap_or(&self.json);
        // It was written by this module, so that it can be read.
        let (mut value, any) = parse_marked(text, is_big).unwrap_or_default();
        let given = edit(&mut value);
        let edited = to_text(&value);
        *self = JsonText::settled(&edited, tool, Numbers { any, integers })
            .unwrap_or(JsonText { json: edited, exact: None });
        given
    }

    /// Integers beyond 2^53 are marked strings in `json` if there are `any`.
    fn settled(json: &str, tool: &Tool, numbers: Numbers) -> Result<JsonText, serde_json::Error> {
        let (rules, facts) = (Rules { reveal: &Reveal::None, describes: false }, Facts::default());
        let mut masker = Masker::new(rules, &facts, numbers, json.len());
        let whole = Place::whole(Treatment::Unchanged, &[], Some(&tool.returns));
        masker.write(&mut Deserializer::from_str(json), whole)?;
        Ok(masker.finish())
    }
}

/// Masks, at any depth, properties whose names say that they are secret, and secrets in text.
pub(super) fn suspicious(value: &mut Value, reveal: &Reveal) {
    let masked = || -> Result<Value, serde_json::Error> {
        let json = to_text(value);
        let mut facts = Facts::default();
        facts.read(&mut Deserializer::from_str(&json))?;
        let numbers = Numbers { any: false, integers: BigIntegers::Number };
        let mut masker = Masker::new(Rules { reveal, describes: false }, &facts, numbers, json.len());
        masker.write(&mut Deserializer::from_str(&json), Place::whole(Treatment::Names, &[], None))?;
        serde_json::from_str(&masker.finish().json)
    };
    // Only what is nested too deeply cannot be read.
    *value = masked().unwrap_or_else(|_| Value::from("[redacted: unexpected_form]"));
}

/// Whether the answer of a tool describes how to authenticate, in a public catalogue.
fn describes(tool: &Tool) -> bool {
    tool.reach == Reach::Catalogue && tool.toolset != Toolset::Integrations
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use serde_json::json;

    use super::*;
    use crate::tool::{Mask, Secret};

    /// A value with declared places.
    fn masked(value: &Value, secrets: &[Secret], treatment: Treatment<'_>, reveal: &Reveal) -> Value {
        let json = to_text(value);
        let mut facts = Facts::default();
        facts.read(&mut Deserializer::from_str(&json)).unwrap();
        let numbers = Numbers { any: false, integers: BigIntegers::Number };
        let mut masker = Masker::new(Rules { reveal, describes: false }, &facts, numbers, 0);
        masker.write(&mut Deserializer::from_str(&json), Place::whole(treatment, secrets, None)).unwrap();
        serde_json::from_str(&masker.finish().json).unwrap()
    }

    fn as_credentials(value: &Value, reveal: &Reveal) -> Value {
        let whole = [Secret { path: Vec::new(), mask: Mask::Credentials }];
        masked(value, &whole, Treatment::Unchanged, reveal)
    }

    #[test]
    fn credentials_keep_what_is_public() {
        let value = json!({
            "type": "OAUTH2", "access_token": "s1", "expires_at": "2030-01-01T00:00:00Z", "apiKey": "s2",
            "raw": { "anything": "s3" }, "user": { "refresh_token": "s4" }, "new_field": ["s5"], "jwtToken": "s6",
        });
        assert_eq!(
            as_credentials(&value, &Reveal::None),
            json!({
                "type": "OAUTH2", "access_token": "[redacted: access_token]", "expires_at": "2030-01-01T00:00:00Z",
                "apiKey": "[redacted: api_key]", "raw": "[redacted: raw]",
                "user": { "refresh_token": "[redacted: refresh_token]" }, "new_field": "[redacted: new_field]",
                "jwtToken": "[redacted: jwt_token]",
            })
        );
    }

    #[test]
    fn a_kind_can_be_asked_for() {
        let value = json!({ "access_token": "s1", "refresh_token": "s2" });
        let shown = as_credentials(&value, &Reveal::Kinds(vec!["access_token".into()]));
        assert_eq!(shown, json!({ "access_token": "s1", "refresh_token": "[redacted: refresh_token]" }));
    }

    #[test]
    fn suspicious_names_at_any_depth() {
        let mut value = json!({
            "subdomain": "acme", "oauth_client_secret": "s", "deep": [{ "API-KEY": "s", "token_url": "u" }],
            "credentials": { "type": "BASIC", "x": ["s", 7, true, ""] }, "tokens": {},
        });
        suspicious(&mut value, &Reveal::None);
        assert_eq!(
            value,
            json!({
                "subdomain": "acme", "oauth_client_secret": "[redacted: oauth_client_secret]",
                "deep": [{ "API-KEY": "[redacted: api_key]", "token_url": "u" }],
                "credentials": { "type": "BASIC", "x": ["[redacted: credentials]", "[redacted: credentials]", true, ""] },
                "tokens": {},
            })
        );
    }

    #[test]
    fn declared_places_take_precedence_over_names() {
        let place = |path: &[&'static str], mask| Secret { path: path.to_vec(), mask };
        let secrets = [
            place(&["list", "*", "ticket"], Mask::Whole("entry_ticket")),
            place(&["open", "token"], Mask::Disclosed),
            place(&["config"], Mask::Suspicious),
            place(&["credentials", "shown"], Mask::Disclosed),
        ];
        let value = json!({
            "list": [{ "ticket": { "token": ["s"] }, "password": "p" }, { "ticket": null }, { "ticket": 7 }],
            "open": { "token": "stays" }, "config": { "secret": ["s", { "b": "s" }] },
            "credentials": { "shown": "stays", "type": "stays", "other": "s" },
        });
        let expected = |password: &str, other: &str| {
            json!({
                "list": [
                    { "ticket": "[redacted: entry_ticket]", "password": password }, { "ticket": null },
                    { "ticket": "[redacted: entry_ticket]" },
                ],
                "open": { "token": "stays" },
                "config": { "secret": ["[redacted: secret]", { "b": "[redacted: secret]" }] },
                "credentials": { "shown": "stays", "type": "stays", "other": other },
            })
        };
        let by_name = masked(&value, &secrets, Treatment::Names, &Reveal::None);
        assert_eq!(by_name, expected("[redacted: password]", "[redacted: credentials]"));
        let declared = masked(&value, &secrets, Treatment::Unchanged, &Reveal::None);
        assert_eq!(declared, expected("p", "s"));
        // No part of what is not as declared is shown.
        for value in
            [json!({ "list": "s", "open": ["s"] }), json!({ "list": { "ticket": "s" }, "open": "s" })]
        {
            let shown = masked(&value, &secrets, Treatment::Unchanged, &Reveal::None);
            assert_eq!(shown["open"], "[redacted: unexpected_form]", "{shown}");
            assert_ne!(shown["list"], "s", "{shown}");
        }
    }

    #[test]
    fn what_is_labelled_is_masked_wherever_the_label_stands() {
        let value = json!([
            { "value": "s", "name": "password" }, { "name": "password", "value": { "a": ["s"], "type": "t" } },
            { "key": "abcdefgh12345678", "href": "https://example.com" }, { "key": "abcdefgh12345678" },
            ["Accept", "json", "Authorization", "s", "Date"], ["token", "s"], ["token", "s", "more", "t"],
            [["token", "s"], 1], { "field": "city", "value": "Rome" },
        ]);
        let expected = json!([
            { "value": "[redacted: password]", "name": "password" },
            { "name": "password", "value": { "a": ["[redacted: password]"], "type": "t" } },
            { "key": "[redacted: key]", "href": "https://example.com" }, { "key": "abcdefgh12345678" },
            ["Accept", "json", "Authorization", "[redacted: authorization]", "Date"],
            ["token", "[redacted: token]"], ["token", "s", "more", "t"],
            [["token", "[redacted: token]"], 1], { "field": "city", "value": "Rome" },
        ]);
        assert_eq!(masked(&value, &[], Treatment::Names, &Reveal::None), expected);
        // Inside what is masked as a whole, all are counted.
        let secrets = [Secret { path: vec!["a"], mask: Mask::Whole("a") }];
        let both = json!({ "a": value, "b": value });
        let shown = masked(&both, &secrets, Treatment::Names, &Reveal::None);
        assert_eq!(shown, json!({ "a": "[redacted: a]", "b": expected }));
    }
}
