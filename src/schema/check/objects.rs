//! Objects with arbitrary property names, tags, and objects whose `type` decides their other properties.

use super::{Check, SHOWN, size};
use crate::json::{Object, Value};
use crate::schema::given::{describe_value, type_name};
use crate::schema::words::{Props, expected, join, units};
use crate::text::clip;
use crate::tool::{ParamType, StringFormat, StringSpec, Variant};

/// The names that differ from an earlier one only in case.
pub(super) fn twins(map: &Object) -> Vec<String> {
    let mut seen = Object::new();
    let mut repeats = |name: &&String| seen.insert(name.to_ascii_lowercase(), Value::Null).is_some();
    map.keys().filter(|name| repeats(name)).cloned().collect()
}

impl Check<'_> {
    pub(super) fn map(&mut self, keys: StringSpec, of: &ParamType, map: Object) -> Option<Object> {
        self.count(map.len(), 0, self.most(), "properties")?;
        let before = self.issues.count();
        let mut out = Vec::new();
        for (name, value) in map {
            self.enter(&clip(&name, SHOWN), false);
            let holds_nul = self.stores && name.contains('\0');
            if size(keys, units(&name)).is_some() || keys.form.check(&name).is_err() || holds_nul {
                let message = format!("the property name must be {}", expected(&ParamType::Text(keys)));
                self.report("invalid_key", message);
            } else if let Some(value) = self.value(of, value) {
                out.push((name, value));
            }
            self.leave(false);
        }
        (self.issues.count() == before).then(|| out.into_iter().collect())
    }

    pub(super) fn tags(&mut self, min: u32, map: Object) -> Option<Value> {
        let before = self.issues.count();
        self.count(map.len(), 0, 10, "tags")?;
        for name in twins(&map) {
            let shown = clip(&name.to_ascii_lowercase(), SHOWN);
            self.report("custom", format!("the tag `{shown}` is given twice: Nango ignores case"));
            self.hint("keep one of them");
        }
        self.record(&map);
        let keys = StringSpec { min: 1, max: 64, form: StringFormat::TagKey };
        let checked =
            self.map(keys, &ParamType::Text(StringSpec { min, max: 255, form: StringFormat::Any }), map)?;
        for (name, value) in &checked {
            if name.eq_ignore_ascii_case("end_user_email") {
                self.enter(name, false);
                self.value(
                    &ParamType::Text(StringSpec { min: 5, max: 255, form: StringFormat::Email }),
                    value.clone(),
                );
                self.leave(false);
            }
        }
        (self.issues.count() == before).then_some(Value::Object(checked))
    }

    /// Refuses a name with which the server does not recognise an object.
    pub(super) fn record(&mut self, map: &Object) {
        const REFUSED: &str = "constructor";
        if map.contains_key(REFUSED) {
            self.enter(REFUSED, false);
            self.report("invalid_key", "Nango does not accept a property of this name here");
            self.hint("give it another name");
            self.leave(false);
        }
    }

    pub(super) fn tagged(&mut self, variants: &[Variant], mut map: Object) -> Option<Value> {
        let tag = map.shift_remove("type");
        let text = tag.as_ref().and_then(Value::as_str).map(str::trim);
        let mut names = Vec::new();
        for variant in variants {
            for name in variant.tags {
                if text.is_some_and(|text| text.eq_ignore_ascii_case(name)) {
                    let mut out = Object::new();
                    out.insert("type".to_owned(), Value::from(*name));
                    out.extend(self.props(Props::Of(variant.props), map, false));
                    return Some(Value::Object(out));
                }
                names.push(*name);
            }
        }
        self.enter("type", false);
        let all = join(&names);
        let expected = |got: &str| format!("expected one of {all}, got {got}");
        match &tag {
            None => {
                self.report("required", expected("nothing"));
                self.hint("the type equals the provider's auth_mode; NANGO_PROVIDERS_GET_GET returns it");
            }
            Some(Value::String(tag)) => {
                self.report("invalid_value", expected(&describe_value(&Value::from(clip(tag, SHOWN)))));
                self.hint_near(
                    tag,
                    &names,
                    "the type equals the provider's auth_mode; other types are not allowed here",
                );
            }
            Some(other) => self.report("invalid_type", expected(type_name(other))),
        }
        self.leave(false);
        None
    }
}
