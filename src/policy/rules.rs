//! How rules meet a call: whether one applies, and what all of them come to. What they can speak of is in
//! [`super::subject`].

use super::subject::{Open, Subject, plain};
use super::{Decision, Policy, Verdict};
use crate::json::Value;
use crate::text::{fill, has, is_one};
use crate::tool::Tool;

/// Whether something holds; what only a look-up can tell lies between.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    No,
    Unknown,
    Yes,
}

// What a rule does to a call, in one bit each.
const DENIES: u8 = 1;
const CONFIRMS: u8 = 2;
const GRANTS: u8 = 4;
/// As many places higher: what it may do, once a look-up has told.
const MAY: u8 = 3;

/// What decides a call: the outcome, which of its bits brought it about, and what each rule does.
pub(super) struct Weighed {
    verdict: Verdict,
    by: u8,
    each: Vec<u8>,
    named: bool,
}

impl Policy {
    /// What the rules come to for one target of a call.
    pub(super) fn weigh(&self, subject: &Subject<'_>) -> Weighed {
        let (mut each, mut all, mut named) = (Vec::new(), 0, false);
        for rule in self.list("rules") {
            let restricts = match rule.get("then").and_then(Value::as_str) {
                Some("allow") => 0,
                Some("confirm") => CONFIRMS,
                _ => DENIES,
            };
            let mut does = bits(restricts, rule, subject, false);
            if restricts != DENIES {
                let grants = bits(GRANTS, rule, subject, true);
                named |= grants != 0 && names(rule.get("tool"), subject.tool, true);
                does |= grants;
            }
            each.push(does);
            all |= does;
        }
        // What the default grants needs no rule.
        let open = all | if self.closed { 0 } else { GRANTS };
        let (verdict, by) = if all & DENIES != 0 {
            (Verdict::Deny, DENIES)
        } else if open & (GRANTS | GRANTS << MAY) == 0 {
            (Verdict::Deny, 0)
        } else if all & (DENIES << MAY) != 0 {
            (Verdict::Undetermined, DENIES << MAY)
        } else if open & GRANTS == 0 {
            (Verdict::Undetermined, GRANTS << MAY)
        } else if all & CONFIRMS != 0 {
            (Verdict::Confirm, CONFIRMS)
        } else if all & (CONFIRMS << MAY) != 0 {
            (Verdict::Undetermined, CONFIRMS << MAY)
        } else {
            (Verdict::Allow, GRANTS)
        };
        Weighed { verdict, by, each, named }
    }

    /// What several targets come to, put into words.
    pub(super) fn conclude(&self, tool: &Tool, weighed: &[Weighed]) -> Decision {
        let verdict = weighed.iter().map(|one| one.verdict).max().unwrap_or(Verdict::Deny);
        let mut rules = Vec::new();
        for (at, rule) in self.list("rules").iter().enumerate() {
            let decides = |one: &Weighed| {
                one.verdict == verdict && one.each.get(at).is_some_and(|does| does & one.by != 0)
            };
            if weighed.iter().any(decides) {
                let id = rule.get("id").and_then(Value::as_str);
                rules.push(id.map_or_else(|| format!("rule {}", at as i64 + 1), str::to_owned));
            }
        }
        let form = match verdict {
            Verdict::Deny => "{} is denied by {}",
            Verdict::Undetermined => "{} takes a look-up, to be decided by {}",
            Verdict::Confirm => "{} has to be confirmed, says {}",
            Verdict::Allow => "{} is allowed by {}",
        };
        let by = if rules.is_empty() {
            "the default".to_owned()
        } else {
            format!("the rule `{}`", rules.join("`, `"))
        };
        if rules.is_empty() {
            rules.push("default".to_owned());
        }
        let named = weighed.iter().all(|one| one.named);
        Decision { verdict, rules, reason: fill(form, &[tool.slug, &by]), needs: Vec::new(), named }
    }

    /// The list called `name`.
    pub(super) fn list(&self, name: &str) -> &[Value] {
        let list = self.given.as_ref().and_then(|given| given.get(name)).and_then(Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }
}

impl Weighed {
    pub(super) fn is(&self, verdict: Verdict) -> bool {
        self.verdict == verdict
    }

    pub(super) fn names(&self) -> bool {
        self.named
    }
}

/// What a rule does that would do `bit`.
fn bits(bit: u8, rule: &Value, subject: &Subject<'_>, strict: bool) -> u8 {
    match applies(rule, subject, strict) {
        Holds::No => 0,
        Holds::Unknown => bit << MAY,
        Holds::Yes => bit,
    }
}

/// Whether a rule applies. One that allows must be met in every word; one that denies or asks to confirm
/// applies to whatever it could mean.
fn applies(rule: &Value, subject: &Subject<'_>, strict: bool) -> Holds {
    let mut holds = Holds::Yes;
    let Value::Object(rule) = rule else { return Holds::No };
    for (name, value) in rule {
        if holds != Holds::No && !is_one("id then", name) {
            let mut met = Holds::No;
            for some in globs(value).chunks(if strict { usize::MAX } else { 1 }) {
                met = met.max(meets(name, some, subject, strict));
            }
            holds = holds.min(met);
        }
    }
    holds
}

/// The texts of a value that is one or a list of them.
fn globs(value: &Value) -> &[Value] {
    value.as_array().map_or(core::slice::from_ref(value), Vec::as_slice)
}

/// Whether one of the globs meets the values of an attribute.
fn meets(name: &str, globs: &[Value], subject: &Subject<'_>, strict: bool) -> Holds {
    let fold = matches!(name, "tool" | "proxy_method" | "proxy_host")
        || (!strict && matches!(name, "tags" | "proxy_path"));
    let (mut some, mut all, mut any, mut elsewhere) = (false, true, false, false);
    let open = subject.values(name, &mut |value| {
        let mut hit = false;
        for wanted in globs.iter().filter_map(Value::as_str) {
            hit |= match wanted {
                // The caller's own; for one who is not known it may be anyone's.
                "$user" => own(&subject.claims.user, value, strict),
                "$organization" => own(&subject.claims.organization, value, strict),
                _ if name == "proxy_path" => glob(&plain(wanted.as_bytes()), value, fold),
                _ => glob(wanted.as_bytes(), value, fold),
            };
            elsewhere |= name == "tags" && another(wanted, value);
        }
        some = true;
        any |= hit;
        all &= hit;
    });
    // Of what a caller or a connection has several, one will do; of what a call does, all must fit.
    let one_will_do = !strict || matches!(name, "tool" | "role" | "tags");
    let fits = if one_will_do { any } else { all && some };
    match open {
        _ if fits && (!strict || open == Open::No || name == "tags") => Holds::Yes,
        Open::Unknown if fits || !some || !strict => Holds::Unknown,
        Open::Yes if !strict && !elsewhere => Holds::Yes,
        _ => Holds::No,
    }
}

fn own(claim: &Option<String>, value: &[u8], strict: bool) -> bool {
    claim.as_ref().map_or(!strict, |claim| claim.as_bytes() == value)
}

/// Whether `value` is another value of the tag that a glob wants: a list that is narrowed to it holds none
/// of what the glob is about.
fn another(wanted: &str, value: &[u8]) -> bool {
    let Some((key, _)) = wanted.split_once("=").filter(|(key, _)| !has(key, "*")) else { return false };
    value.get(key.len()) == Some(&b'=')
        && value.get(..key.len()).is_some_and(|own| own.eq_ignore_ascii_case(key.as_bytes()))
}

/// Whether a value names a tool, by a glob or, `exactly`, without one.
pub(super) fn names(value: Option<&Value>, tool: &Tool, exactly: bool) -> bool {
    value.is_some_and(|value| {
        globs(value).iter().any(|wanted| {
            let named = matches(wanted, &[tool.slug]) || matches(wanted, tool.aliases);
            named && !(exactly && wanted.as_str().unwrap_or_default().contains("*"))
        })
    })
}

/// Whether one of the globs of a value meets one of the texts, whatever the case.
pub(super) fn matches(value: &Value, texts: &[&str]) -> bool {
    let meets = |wanted: &Value| {
        let wanted = wanted.as_str().unwrap_or_default().as_bytes();
        texts.iter().any(|text| glob(wanted, text.as_bytes(), true))
    };
    globs(value).iter().any(meets)
}

/// Whether `pattern`, in which `*` stands for any characters, is the whole of `text`.
pub(super) fn glob(mut pattern: &[u8], mut text: &[u8], fold: bool) -> bool {
    // What to go on with when the shortest stretch for the last `*` was too short.
    let mut again: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern.split_first(), text.split_first()) {
            (Some((b'*', rest)), _) => {
                pattern = rest;
                again = Some((rest, text));
            }
            (Some((a, rest)), Some((b, behind))) if a == b || (fold && a.eq_ignore_ascii_case(b)) => {
                (pattern, text) = (rest, behind);
            }
            (None, None) => return true,
            _ => match again.and_then(|(rest, from)| Some((rest, from.get(1..)?))) {
                Some(longer) => {
                    again = Some(longer);
                    (pattern, text) = longer;
                }
                None => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("*", "abc"),
            ("abc", "abc"),
            ("a*", "a"),
            ("a*c", "abbc"),
            ("*b*", "abc"),
            ("a*b*c", "a--b--b-c"),
            ("*.example.com", "api.example.com"),
            ("**", "x"),
            ("é*", "éa"),
            ("*a", "aaa"),
            ("a*a", "aa"),
            ("*", "*"),
        ] {
            assert!(glob(pattern.as_bytes(), text.as_bytes(), false), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a", ""),
            ("a*a", "a"),
            ("abc", "ABC"),
            ("*.example.com", "example.com"),
            ("a*c", "abcd"),
            ("*b", "abc"),
            ("a?c", "abc"),
            ("é", "e"),
        ] {
            assert!(!glob(pattern.as_bytes(), text.as_bytes(), false), "{pattern} {text}");
        }
        assert!(glob(b"A*C", b"abc", true));
        // No pattern takes more than a step for each of its characters and each character of the text.
        assert!(!glob(&b"*a".repeat(2_000), &b"a".repeat(1_999), false));
    }
}
