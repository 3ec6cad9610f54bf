//! Rules on arguments in addition to their types: by role, by the location they are sent to, by other arguments,
//! by what is allowed here.

use super::objects::twins;
use super::{Check, SHOWN};
use crate::json::{Object, Value};
use crate::schema::words::{expected, join};
use crate::text::clip;
use crate::tool::{Param, ParamLocation, ParamRule, Role, Tool};
use crate::url::{AllowedHost, Mismatch, Url};

const INTERPOLATES: &str = "it contains ${, which Nango would replace with connection secrets";

/// Hop-by-hop headers and those about the framing of a message: the proxy would pass them on, and a wrong length
/// alone makes the request hang.
const HOP_BY_HOP: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// How closely a base URL matches an allowed host.
fn nearness(checked: &Result<(), Mismatch>) -> (bool, Option<Mismatch>) {
    (checked.is_ok(), checked.err())
}

impl Check<'_> {
    /// Rules on a value from the role of its argument and the location it is sent to.
    pub(super) fn placed(&mut self, param: &Param, value: &Value) {
        match (param.place, value) {
            (ParamLocation::Path(_), Value::String(text)) if text == "." || text == ".." => {
                self.report("invalid_format", format!("`{text}` is not allowed in a URL path"));
            }
            (ParamLocation::Header(_), Value::String(text))
                if text.starts_with(' ') || text.ends_with(' ') =>
            {
                self.report(
                    "invalid_format",
                    "it begins or ends with a space, which HTTP drops from a header",
                );
            }
            _ => {}
        }
        match (param.prop.role, value) {
            (Role::ProxyBaseUrl, Value::String(text)) => self.override_host(param.prop.name, text),
            (Role::ProxyHeaders, Value::Object(map)) => self.proxy_headers(map),
            (Role::ProxyQuery, Value::Object(map)) => self.query_values(map),
            (Role::Metadata, Value::Object(map)) => self.record(map),
            _ => {}
        }
    }

    fn override_host(&mut self, name: &str, text: &str) {
        let Ok(url) = Url::parse(text) else { return };
        let message = if url.rest.contains(['?', '#']) {
            "it must not contain a query or fragment"
        } else if !text.is_ascii() {
            "it contains characters that must be percent-encoded in a URL"
        } else if text.contains("${") {
            INTERPOLATES
        } else {
            return self.override_origin(name, &url);
        };
        self.report("invalid_format", message);
    }

    /// Refuses a base URL unless its host is allowed with its scheme and its port.
    fn override_origin(&mut self, name: &str, url: &Url<'_>) {
        let host = clip(url.host, SHOWN);
        // An entry that cannot be read allows nothing.
        let allowed = self.allow.override_hosts.iter().filter_map(|host| AllowedHost::parse(host).ok());
        let what = match allowed.map(|allowed| allowed.check(url)).max_by_key(nearness) {
            Some(Ok(())) => return,
            Some(Err(Mismatch::Scheme)) => {
                format!(
                    "the host `{host}` is only allowed with {}",
                    if url.secure { "http" } else { "https" }
                )
            }
            Some(Err(Mismatch::Port)) => format!("the host `{host}` is not allowed on this port"),
            Some(Err(Mismatch::Host)) | None => format!("the host `{host}` is not allowed"),
        };
        self.report(
            "not_allowed",
            format!("{what} here: the request would send the user's credentials to it"),
        );
        self.hint(format!(
            "leave {name} out; the operator of this toolkit can allow hosts with the option `proxy.allowedHosts`"
        ));
    }

    fn proxy_headers(&mut self, map: &Object) {
        for name in twins(map) {
            let shown = clip(&name.to_ascii_lowercase(), SHOWN);
            self.enter(&name, false);
            self.report("custom", format!("the header `{shown}` is given twice: its case does not matter"));
            self.leave(false);
        }
        for name in map.keys() {
            let lower = name.to_ascii_lowercase();
            if HOP_BY_HOP.contains(&lower.as_str()) {
                self.enter(name, false);
                self.report("not_allowed", format!("the header `{lower}` is set by the connection itself"));
                self.hint("leave it out");
                self.leave(false);
            }
            if matches!(lower.as_str(), "authorization" | "proxy-authorization" | "cookie")
                && !self.allow.proxy_authorization
            {
                self.enter(name, false);
                let message = format!("the header `{lower}` would replace the credentials that Nango adds");
                self.report("not_allowed", message);
                self.hint(
                    "leave it out, Nango adds the connection's credentials; the operator of this toolkit can \
                     allow it with `proxy.allowAuthorization`",
                );
                self.leave(false);
            }
        }
    }

    fn query_values(&mut self, map: &Object) {
        let interpolates = |value: &Value| value.as_str().is_some_and(|text| text.contains("${"));
        for (name, value) in map {
            let listed = value.as_array().is_some_and(|items| items.iter().any(interpolates));
            if name.contains("${") || interpolates(value) || listed {
                self.enter(&clip(name, SHOWN), false);
                self.report("invalid_format", INTERPOLATES);
                self.leave(false);
            }
        }
    }

    pub(super) fn rule(&mut self, tool: &Tool, rule: &ParamRule, args: &Object) {
        match *rule {
            ParamRule::AtLeastOne(names) => {
                if !names.iter().any(|&name| args.contains_key(name) || self.is_faulty(name)) {
                    self.report("custom", format!("expected at least one of {}, got none", join(names)));
                }
            }
            ParamRule::Excludes(one, others) => {
                let mut given = others.to_vec();
                given.retain(|&name| args.contains_key(name));
                if args.contains_key(one) && !given.is_empty() {
                    self.report("custom", format!("`{one}` and {} exclude each other", join(&given)));
                    self.hint(format!("keep `{one}`; the others are deprecated"));
                }
            }
            ParamRule::Needs(one, other) => {
                if args.contains_key(one) && !args.contains_key(other) && !self.is_faulty(other) {
                    self.enter(one, false);
                    self.report("custom", format!("`{one}` can only be given together with `{other}`"));
                    self.hint(format!("give `{other}` too"));
                    self.leave(false);
                }
            }
            ParamRule::Reserved(name, value) => {
                let given = args.get(name).and_then(Value::as_str);
                if given.is_some_and(|given| given.eq_ignore_ascii_case(value)) {
                    self.enter(name, false);
                    self.report("invalid_value", format!("`{value}` stands for the sync itself"));
                    self.hint("give the name of a variant");
                    self.leave(false);
                }
            }
            ParamRule::Case { name, value, needs, excludes } => {
                if args.get(name).and_then(Value::as_str) == Some(value) {
                    self.case(tool, name, value, needs, excludes, args);
                }
            }
            ParamRule::TbaAccount => {
                let text = |of: Role, name| args.get(tool.name_of(&[of])?)?.get(name)?.as_str();
                let account = text(Role::ConnectionSettings, "accountId").unwrap_or_default();
                if text(Role::Credentials, "type") == Some("TBA") && account.is_empty() {
                    self.enter(tool.name_of(&[Role::ConnectionSettings]).unwrap_or_default(), false);
                    self.enter("accountId", false);
                    let message = "expected the account id as a string: credentials of type TBA need it";
                    self.report("required", message);
                    self.leave(false);
                    self.leave(false);
                }
            }
        }
    }

    /// What must, and must not, be given if the argument `name` is `value`, which it is.
    fn case(
        &mut self,
        tool: &Tool,
        name: &str,
        value: &str,
        needs: &[&str],
        excludes: &[&str],
        args: &Object,
    ) {
        for one in needs.iter().filter(|one| !args.contains_key(**one)) {
            if self.is_faulty(one) {
                continue;
            }
            let what = tool.param(one).map(|param| expected(&param.prop.kind)).unwrap_or_default();
            self.enter(one, false);
            self.report("required", format!("expected {what}, got nothing: `{name}` is `{value}`"));
            self.leave(false);
        }
        for one in excludes.iter().filter(|one| args.contains_key(**one)) {
            self.enter(one, false);
            self.report("custom", format!("`{one}` cannot be given if `{name}` is `{value}`"));
            self.hint("leave it out");
            self.leave(false);
        }
    }

    /// Whether an argument already has an issue: rules on it are skipped then.
    fn is_faulty(&self, name: &str) -> bool {
        self.issues.iter().any(|issue| issue.path.first().is_some_and(|first| first == name))
    }
}
