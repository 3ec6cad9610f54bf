//! How rules apply to a request, and the result of all of them. The request itself is in [`super::request`].

use std::collections::BTreeSet;

use super::decision::{Decision, Verdict};
use super::facts::Claims;
use super::request::{Completeness, Owner, PolicyRequest, without_empty_segments};
use super::rule::{Attribute, DESTROY, DefaultEffect, Document, Pattern, Patterns, Rule, RuleEffect, glob};
use crate::json::Object;
use crate::tool::{Effect, Tool};
use crate::tools;

/// A three-valued result. `Unknown` means that it depends on a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tri {
    No,
    Unknown,
    Yes,
}

/// How closely a rule must match a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Every value of the request must match: for rules that allow.
    Strict,
    /// One value that could match is enough: for rules that deny or require confirmation.
    Lenient,
}

/// The effect of one rule on a request.
#[derive(Debug, Clone, Copy)]
struct RuleResult {
    denies: Tri,
    confirms: Tri,
    grants: Tri,
}

/// The result of all rules for one target of a request.
pub(super) struct RuleEvaluation {
    pub(super) verdict: Verdict,
    /// The positions of the rules that decided; empty if the default did.
    decisive: Vec<usize>,
    /// Whether a rule that grants the request names its tool without a wildcard.
    pub(super) named: bool,
}

/// Evaluates the rules for one target of a request.
pub(super) fn evaluate(document: &Document, request: &PolicyRequest<'_>) -> RuleEvaluation {
    let mut named = false;
    let mut results = Vec::new();
    for rule in &document.rules {
        let result = result_of(rule, request);
        named |= result.grants != Tri::No && names(rule, request.tool);
        results.push(result);
    }
    let most = |part: fn(&RuleResult) -> Tri| results.iter().map(part).max().unwrap_or(Tri::No);
    let (denied, confirmed) = (most(|result| result.denies), most(|result| result.confirms));
    // If the default allows it, no rule is needed.
    let granted = match document.default {
        DefaultEffect::Allow => Tri::Yes,
        DefaultEffect::Deny => most(|result| result.grants),
    };
    let decisive = |part: fn(&RuleResult) -> Tri, value: Tri| -> Vec<usize> {
        let with_result = results.iter().enumerate();
        with_result.filter(|(_, result)| part(result) == value).map(|(at, _)| at).collect()
    };
    let (verdict, decisive) = match (denied, granted, confirmed) {
        (Tri::Yes, ..) => (Verdict::Deny, decisive(|result| result.denies, Tri::Yes)),
        (_, Tri::No, _) => (Verdict::Deny, Vec::new()),
        (Tri::Unknown, ..) => (Verdict::Undetermined, decisive(|result| result.denies, Tri::Unknown)),
        (_, Tri::Unknown, _) => (Verdict::Undetermined, decisive(|result| result.grants, Tri::Unknown)),
        (_, _, Tri::Yes) => (Verdict::Confirm, decisive(|result| result.confirms, Tri::Yes)),
        (_, _, Tri::Unknown) => (Verdict::Undetermined, decisive(|result| result.confirms, Tri::Unknown)),
        (Tri::No, Tri::Yes, Tri::No) => (Verdict::Allow, decisive(|result| result.grants, Tri::Yes)),
    };
    RuleEvaluation { verdict, decisive, named }
}

fn result_of(rule: &Rule, request: &PolicyRequest<'_>) -> RuleResult {
    let lenient = || applies(rule, request, Fit::Lenient);
    let strict = || applies(rule, request, Fit::Strict);
    match rule.then {
        RuleEffect::Allow => RuleResult { denies: Tri::No, confirms: Tri::No, grants: strict() },
        RuleEffect::Confirm => RuleResult { denies: Tri::No, confirms: lenient(), grants: strict() },
        RuleEffect::Deny => RuleResult { denies: lenient(), confirms: Tri::No, grants: Tri::No },
    }
}

/// Whether some call of some tool by some caller could meet all conditions of a rule.
pub(super) fn can_apply(rule: &Rule) -> bool {
    let (args, claims) = (&Object::new(), &Claims::default());
    tools::all().any(|tool| {
        let request = PolicyRequest {
            tool,
            args,
            claims,
            integration: "",
            connection: "",
            owner: Owner::Given,
            listing: true,
        };
        rule.conditions.iter().all(|(attribute, patterns)| match attribute {
            // The caller can be anyone.
            Attribute::User | Attribute::Organization | Attribute::Agent | Attribute::Role => true,
            // Arguments of a proxy call can make it a destructive one.
            Attribute::Effect if tool.is_proxy() && tool.effect == Effect::Read => true,
            _ => meets(*attribute, patterns, &request, Fit::Lenient) != Tri::No,
        })
    })
}

/// Whether a rule names the tool without a wildcard.
fn names(rule: &Rule, tool: &Tool) -> bool {
    rule.patterns(Attribute::Tool)
        .is_some_and(|patterns| patterns.name_one_of(&[tool.slug]) || patterns.name_one_of(tool.aliases))
}

/// Combines the evaluations of several targets: the strictest wins.
pub(super) fn combine(document: &Document, tool: &Tool, evaluations: &[RuleEvaluation]) -> Decision {
    let verdict = evaluations.iter().map(|one| one.verdict).max().unwrap_or(Verdict::Deny);
    let deciding = evaluations.iter().filter(|one| one.verdict == verdict);
    let decisive: BTreeSet<usize> = deciding.flat_map(|one| &one.decisive).copied().collect();
    let mut rules = Vec::new();
    for (at, rule) in document.rules.iter().enumerate().filter(|(at, _)| decisive.contains(at)) {
        rules.push(rule.id.clone().unwrap_or_else(|| format!("rule {}", at + 1)));
    }
    let by = if rules.is_empty() {
        "the default".to_owned()
    } else {
        format!("the rule `{}`", rules.join("`, `"))
    };
    if rules.is_empty() {
        rules.push("default".to_owned());
    }
    let slug = tool.slug;
    let reason = match verdict {
        Verdict::Deny => format!("{slug} is denied by {by}"),
        Verdict::Undetermined => format!("{slug} needs a look-up before {by} can decide"),
        Verdict::Confirm => format!("{by} requires confirmation of {slug}"),
        Verdict::Allow => format!("{slug} is allowed by {by}"),
    };
    let named = evaluations.iter().all(|one| one.named);
    Decision { verdict, rules, reason, needs: Vec::new(), named }
}

/// Whether a request meets all conditions of a rule.
fn applies(rule: &Rule, request: &PolicyRequest<'_>, fit: Fit) -> Tri {
    let conditions = rule.conditions.iter();
    conditions
        .map(|(attribute, patterns)| meets(*attribute, patterns, request, fit))
        .min()
        .unwrap_or(Tri::Yes)
}

/// Whether a request meets one condition.
fn meets(attribute: Attribute, patterns: &Patterns, request: &PolicyRequest<'_>, fit: Fit) -> Tri {
    let (values, completeness) = request.values(attribute);
    match fit {
        Fit::Strict => meets_strictly(attribute, &patterns.0, request, &values, completeness),
        Fit::Lenient => {
            let each = patterns.0.iter();
            each.map(|pattern| could_meet(attribute, pattern, request, &values, completeness))
                .max()
                .unwrap_or(Tri::No)
        }
    }
}

/// Whether the values match the patterns, whatever further values there may be.
fn meets_strictly(
    attribute: Attribute,
    patterns: &[Pattern],
    request: &PolicyRequest<'_>,
    values: &[Vec<u8>],
    completeness: Completeness,
) -> Tri {
    let fits = |value: &Vec<u8>| {
        patterns.iter().any(|pattern| matches(attribute, pattern, request, value, Fit::Strict))
    };
    // Of several values of a caller, a tool or a connection, one is enough; of a call, all must match.
    let one_is_enough = matches!(attribute, Attribute::Tool | Attribute::Role | Attribute::Tags);
    let fit =
        if one_is_enough { values.iter().any(fits) } else { values.iter().all(fits) && !values.is_empty() };
    match completeness {
        // Further tags do not change whether a known tag matches.
        _ if fit && attribute == Attribute::Tags => Tri::Yes,
        Completeness::Complete if fit => Tri::Yes,
        Completeness::Unknown if fit || values.is_empty() => Tri::Unknown,
        _ => Tri::No,
    }
}

/// Whether one of the values, known or not, could match the pattern.
fn could_meet(
    attribute: Attribute,
    pattern: &Pattern,
    request: &PolicyRequest<'_>,
    values: &[Vec<u8>],
    completeness: Completeness,
) -> Tri {
    let fit = values.iter().any(|value| matches(attribute, pattern, request, value, Fit::Lenient));
    let excluded =
        attribute == Attribute::Tags && values.iter().any(|value| has_another_value(pattern.as_str(), value));
    match completeness {
        _ if fit => Tri::Yes,
        Completeness::Unknown => Tri::Unknown,
        Completeness::Unbounded if !excluded => Tri::Yes,
        _ => Tri::No,
    }
}

/// Whether a value matches a pattern.
fn matches(
    attribute: Attribute,
    pattern: &Pattern,
    request: &PolicyRequest<'_>,
    value: &[u8],
    fit: Fit,
) -> bool {
    // For an unknown caller, `$user` could be anybody.
    let own = |claim: &Option<String>| match claim {
        Some(claim) => claim.as_bytes() == value,
        None => fit == Fit::Lenient,
    };
    let ignore_case = match attribute {
        Attribute::Tool | Attribute::ProxyMethod | Attribute::ProxyHost => true,
        Attribute::Tags | Attribute::ProxyPath => fit == Fit::Lenient,
        _ => false,
    };
    match pattern {
        Pattern::CallingUser => own(&request.claims.user),
        Pattern::CallingOrganization => own(&request.claims.organization),
        Pattern::Glob(text) if attribute == Attribute::ProxyPath => {
            glob(without_empty_segments(text.as_bytes()), value, ignore_case)
        }
        Pattern::Glob(text)
            if attribute == Attribute::Effect && value == Effect::Destructive.as_str().as_bytes() =>
        {
            glob(text, value, ignore_case) || glob(text, DESTROY.as_bytes(), ignore_case)
        }
        Pattern::Glob(text) => glob(text, value, ignore_case),
    }
}

/// Whether `value` is another value of the tag that a pattern is about: a list narrowed to it holds nothing that
/// the pattern means.
fn has_another_value(pattern: &str, value: &[u8]) -> bool {
    let Some((key, _)) = pattern.split_once('=').filter(|(key, _)| !key.contains('*')) else { return false };
    value.get(key.len()) == Some(&b'=')
        && value.get(..key.len()).is_some_and(|own| own.eq_ignore_ascii_case(key.as_bytes()))
}
