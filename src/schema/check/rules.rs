//! What is asked of arguments beyond the kind of each: by the place a value is sent to, by other
//! arguments, by what is allowed here.

use super::{Check, SHOWN};
use crate::json::{Object, Value};
use crate::schema::words::join;
use crate::text::clip;
use crate::tool::{Param, ParamLocation, ParamRule};
use crate::url::{Url, is_within};

const INTERPOLATES: &str = "it holds ${, which Nango would replace with connection secrets";

impl Check<'_> {
    /// What a place asks of a value beyond its kind.
    pub(super) fn placed(&mut self, param: &Param, value: &Value) {
        match (param.place, value) {
            (ParamLocation::Path(_), Value::String(text)) if text == "." || text == ".." => {
                self.report("invalid_format", "`{}` cannot stand in a URL path", &[text]);
            }
            (ParamLocation::Header(_), Value::String(text))
                if text.starts_with(' ') || text.ends_with(' ') =>
            {
                let message = "it begins or ends with a space, which HTTP drops from a header";
                self.report("invalid_format", message, &[]);
            }
            (ParamLocation::Header("Base-Url-Override"), Value::String(text)) => self.override_host(text),
            (ParamLocation::HeaderPrefix(_), Value::Object(map)) => self.proxy_headers(map),
            (ParamLocation::QuerySpread, Value::Object(map)) => self.query_values(map),
            _ => {}
        }
    }

    fn override_host(&mut self, text: &str) {
        let Ok(url) = Url::parse(text) else { return };
        let message = if url.rest.bytes().any(|b| matches!(b, b'?' | b'#')) {
            "it must not hold a query or fragment"
        } else if !text.is_ascii() {
            "it holds characters that must be percent-encoded in a URL"
        } else if text.contains("${") {
            INTERPOLATES
        } else {
            if !self.allow.override_hosts.iter().any(|host| is_within(url.host, host)) {
                let message =
                    "the host `{}` is not allowed here: the request would carry the user's credentials to it";
                self.report("not_allowed", message, &[&clip(url.host, SHOWN)]);
                self.hint("leave base_url_override out; whoever runs this toolkit can allow hosts with the option `proxy.allowedHosts`", &[]);
            }
            return;
        };
        self.report("invalid_format", message, &[]);
    }

    fn proxy_headers(&mut self, map: &Object) {
        self.no_twins(map, true, "the header `{}` is given twice: case matters not");
        for name in map.keys() {
            let lower = name.to_ascii_lowercase();
            if matches!(lower.as_str(), "authorization" | "proxy-authorization" | "cookie")
                && !self.allow.proxy_authorization
            {
                self.enter(name, false);
                let message = "the header `{}` would replace the credentials that Nango adds";
                self.report("not_allowed", message, &[&lower]);
                self.hint("leave it out, Nango adds the connection's credentials; whoever runs this toolkit can allow it with `proxy.allowAuthorization`", &[]);
                self.leave(false);
            }
        }
    }

    /// Reports names that differ in nothing but case, at the names themselves or at their object.
    pub(super) fn no_twins(&mut self, map: &Object, at_name: bool, message: &str) {
        let mut seen: Vec<String> = Vec::new();
        for name in map.keys() {
            let lower = name.to_ascii_lowercase();
            if seen.contains(&lower) {
                let shown = clip(&lower, SHOWN);
                if at_name {
                    self.enter(name, false);
                    self.report("custom", message, &[&shown]);
                    self.leave(false);
                } else {
                    self.report("custom", message, &[&shown]);
                    self.hint("keep one of them", &[]);
                }
            }
            seen.push(lower);
        }
    }

    fn query_values(&mut self, map: &Object) {
        let interpolates = |value: &Value| value.as_str().is_some_and(|text| text.contains("${"));
        for (name, value) in map {
            let listed = value.as_array().is_some_and(|items| items.iter().any(interpolates));
            if name.contains("${") || interpolates(value) || listed {
                self.enter(&clip(name, SHOWN), false);
                self.report("invalid_format", INTERPOLATES, &[]);
                self.leave(false);
            }
        }
    }

    pub(super) fn rule(&mut self, rule: &ParamRule, args: &Object) {
        match *rule {
            ParamRule::AtLeastOne(names) => {
                if !names.iter().any(|&name| args.contains_key(name) || self.is_faulty(name)) {
                    self.report("custom", "expected at least one of {}, got none", &[&join(names)]);
                }
            }
            ParamRule::Excludes(one, others) => {
                let mut given = others.to_vec();
                given.retain(|&name| args.contains_key(name));
                if args.contains_key(one) && !given.is_empty() {
                    self.report("custom", "`{}` and {} exclude each other", &[one, &join(&given)]);
                    self.hint("keep `{}`, the others are deprecated", &[one]);
                }
            }
            ParamRule::Needs(one, other) => {
                if args.contains_key(one) && !args.contains_key(other) && !self.is_faulty(other) {
                    self.enter(one, false);
                    self.report("custom", "`{}` has a meaning only together with `{}`", &[one, other]);
                    self.hint("give `{}` too", &[other]);
                    self.leave(false);
                }
            }
            ParamRule::TbaAccount => {
                let text = |of, name| args.get(of).and_then(|value| value.get(name)).and_then(Value::as_str);
                let account = text("connection_config", "accountId").unwrap_or_default();
                if text("credentials", "type") == Some("TBA") && account.is_empty() {
                    self.enter("connection_config", false);
                    self.enter("accountId", false);
                    let message = "expected the account id as a text: credentials of type TBA need it";
                    self.report("required", message, &[]);
                    self.leave(false);
                    self.leave(false);
                }
            }
        }
    }

    /// A rule speaks only where its parts were given in good form: no second message for one fault.
    fn is_faulty(&self, name: &str) -> bool {
        self.issues.iter().any(|issue| issue.path.first().is_some_and(|first| first == name))
    }
}
