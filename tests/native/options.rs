//! Options of toolkits and calls, and filters, from JSON text: read strictly, all mistakes are reported together,
//! and missing options or `null` never allow more.

use std::collections::BTreeSet;

use nango_toolkit::call::Options;
use nango_toolkit::error::{Error, ErrorKind};
use nango_toolkit::http::Reveal;
use nango_toolkit::mcp::Mode;
use nango_toolkit::options::{CallOptions, Filter, FilterKind, ToolkitOptions, parse};
use nango_toolkit::policy::Policy;
use nango_toolkit::schema::Provider;
use nango_toolkit::tool::{Effect, Reach, StringFormat, Toolset};
use nango_toolkit::tools;
use serde_json::{Value, json};

fn places(error: &Error) -> Vec<String> {
    error.issues.iter().map(|issue| issue.path.join(".")).collect()
}

fn list(filter: &str) -> Result<Filter, Error> {
    Filter::parse(filter, FilterKind::List, &Options::default())
}

fn search(filter: &str) -> Result<Filter, Error> {
    Filter::parse(filter, FilterKind::Search, &Options::default())
}

#[test]
fn what_is_given_is_taken_and_the_rest_stays() {
    let text = json!({
        "baseUrl": "http://nango.example.org/", "allowInsecureHttp": true, "timeoutMs": 5, "schema": "gemini",
        "policy": { "readOnly": true }, "proxy": { "allowedHosts": ["a.example"], "allowAuthorization": true },
        "modify": { "NANGO_GET_PROXY": { "pin": { "base_url_override": "https://a.example" } } },
        "session": { "user": "ada" }, "retry": { "attempts": 9, "baseMs": 0 }, "revealSecrets": ["access_token"],
    });
    let mut options = parse(&text.to_string()).unwrap();
    assert_eq!(options.base.as_str(), "http://nango.example.org");
    assert_eq!((options.timeout_ms, options.provider), (Some(5), Some(Provider::Gemini)));
    assert_eq!(options.policy, Policy::read_only());
    assert_eq!(options.allow.override_hosts, ["a.example"]);
    assert!(options.allow.proxy_authorization && options.modify.is_some());
    assert_eq!(options.session.as_ref().unwrap().options().user, "ada");
    assert_eq!((options.retry.attempts, options.retry.base_ms, options.retry.most_ms), (9, 0, 8_000));
    assert_eq!(options.reveal, Reveal::Kinds(vec!["access_token".to_owned()]));

    let call = json!({ "retry": { "maxMs": 7 }, "revealSecrets": false, "confirm": "t", "calls": 3, "upstreamCallId": "u" });
    CallOptions::parse(&call.to_string()).unwrap().apply(&mut options);
    assert_eq!((options.retry.attempts, options.retry.base_ms, options.retry.most_ms), (9, 0, 7));
    assert_eq!((options.timeout_ms, &options.reveal), (Some(5), &Reveal::None));
    assert_eq!(
        (options.confirm.as_deref(), options.upstream.as_deref(), options.calls),
        (Some("t"), Some("u"), Some(3))
    );
    for nothing in ["{}", "null"] {
        assert_eq!(CallOptions::parse(nothing).unwrap(), CallOptions::default());
        assert!(list(nothing).unwrap().selects(tools::find("NANGO_DELETE_CONNECTION").unwrap()));
    }
}

/// Leaving out one of these would allow more than intended, so `null` is a mistake and does not mean unset.
#[test]
fn null_never_means_everything() {
    for (name, value) in [
        ("policy", json!({ "default": "deny" })),
        ("session", json!({ "user": "ada" })),
        ("proxy", json!({ "allowedHosts": [] })),
        ("modify", json!({})),
    ] {
        let text = |value: &Value| json!({ name: value }).to_string();
        assert!(parse(&text(&value)).is_ok(), "{name}");
        let error = parse(&text(&Value::Null)).unwrap_err();
        assert_eq!(
            (error.kind, places(&error)),
            (ErrorKind::InvalidOption, vec![name.to_owned()]),
            "{error}"
        );
        assert!(error.message.contains("expected an object, got null"), "{error}");
        assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("leave it out")), "{error}");
        assert!(serde_json::from_str::<ToolkitOptions>(&text(&Value::Null)).is_err(), "{name}");
    }
    for nested in [
        json!({ "policy": { "default": "allow", "readOnly": null } }),
        json!({ "policy": { "default": null } }),
        json!({ "policy": { "default": "allow", "rules": null } }),
        json!({ "policy": { "default": "allow", "limits": null } }),
        json!({ "policy": { "default": "allow", "scopes": null } }),
        json!({ "policy": { "default": "allow", "maxResultBytes": null } }),
        json!({ "policy": { "default": "allow", "rules": [null] } }),
        json!({ "policy": { "default": "allow", "rules": [{ "then": "allow", "user": null }] } }),
        json!({ "session": { "user": null } }),
        json!({ "session": { "user": "ada", "policy": null } }),
        json!({ "session": { "user": "ada", "tools": null } }),
        json!({ "session": { "user": "ada", "toolsets": null } }),
        json!({ "session": { "user": "ada", "readOnly": null } }),
        json!({ "session": { "user": "ada", "organization": null } }),
        json!({ "session": { "user": "ada", "tags": null } }),
        json!({ "proxy": { "allowedHosts": null } }),
        json!({ "proxy": { "allowAuthorization": null } }),
        json!({ "modify": { "NANGO_GET_PROXY": { "hide": null } } }),
        json!({ "modify": { "NANGO_GET_PROXY": null } }),
    ] {
        let error = parse(&nested.to_string()).unwrap_err();
        assert_eq!((error.kind, error.issues.len()), (ErrorKind::InvalidOption, 1), "{nested}: {error}");
        assert!(
            serde_json::from_value::<ToolkitOptions>(nested.clone()).is_err()
                || nested.get("modify").is_some()
        );
    }
    for name in ["toolsets", "tools", "readOnly"] {
        let text = json!({ name: null }).to_string();
        for error in [list(&text).unwrap_err(), search(&text).unwrap_err()] {
            assert_eq!(places(&error), [name], "{error}");
        }
    }
    assert_eq!(places(&CallOptions::parse(r#"{"calls":null}"#).unwrap_err()), ["calls"]);
    assert!(parse("null").is_err());
    for harmless in ["timeoutMs", "retry", "revealSecrets", "schema", "baseUrl", "allowInsecureHttp"] {
        assert!(parse(&json!({ harmless: null }).to_string()).is_ok(), "{harmless}");
    }
    for harmless in ["attempts", "totalMs", "baseMs", "maxMs"] {
        assert!(parse(&json!({ "retry": { harmless: null } }).to_string()).is_ok(), "{harmless}");
    }
    assert!(CallOptions::parse(r#"{"timeoutMs":null,"confirm":null,"upstreamCallId":null}"#).is_ok());
    assert!(list(r#"{"schema":null}"#).is_ok() && search(r#"{"limit":null}"#).is_ok());
}

#[test]
fn every_mistake_is_named_in_words_that_help() {
    for (text, code, path, said) in [
        (
            r#"{"baseURL":"https://x"}"#,
            "invalid_option",
            "baseURL",
            "there is no option `baseURL` did you mean `baseUrl`?",
        ),
        (r#"{"policie":{}}"#, "invalid_option", "policie", "did you mean `policy`?"),
        (
            r#"{"retry":{"attempts":"many"}}"#,
            "invalid_option",
            "retry.attempts",
            "expected a whole number from 1",
        ),
        (r#"{"retry":{"attempts":0}}"#, "invalid_option", "retry.attempts", "got 0"),
        (r#"{"retry":{"atempts":1}}"#, "invalid_option", "retry.atempts", "did you mean `attempts`?"),
        (r#"{"retry":3}"#, "invalid_option", "retry", "expected an object"),
        (r#"{"timeoutMs":"5"}"#, "invalid_option", "timeoutMs", "got `5`"),
        (r#"{"timeoutMs":0}"#, "invalid_option", "timeoutMs", "from 1"),
        (r#"{"schema":"openai"}"#, "invalid_option", "schema", "`openai-strict`, `gemini`"),
        (r#"{"revealSecrets":"yes"}"#, "invalid_option", "revealSecrets", "true, false or a list"),
        (r#"{"allowInsecureHttp":"true"}"#, "invalid_option", "allowInsecureHttp", "true or false"),
        (r#"{"proxy":{"allowedHosts":"a.example"}}"#, "invalid_option", "proxy.allowedHosts", "a list"),
        (
            r#"{"policy":{"default":"maybe"}}"#,
            "invalid_policy",
            "policy.default",
            "`allow`, `deny`, got `maybe`",
        ),
        (
            r#"{"session":{"user":"a","policy":{}}}"#,
            "invalid_policy",
            "session.policy.default",
            "got nothing",
        ),
        (
            r#"{"session":{"usr":"a","user":"a"}}"#,
            "invalid_option",
            "session.usr",
            "there is no option `session.usr`",
        ),
        (
            r#"{"session":{"user":"a","toolsets":["crm"]}}"#,
            "invalid_option",
            "session.toolsets.0",
            "no toolset `crm`",
        ),
        (r#"{"baseUrl":"http://nango.example.org"}"#, "invalid_base_url", "baseUrl", "allowInsecureHttp"),
        (r#"{"baseUrl":7}"#, "invalid_base_url", "baseUrl", "expected a string"),
        (
            r#"{"modify":{"NANGO_GET_CONECTION":{}}}"#,
            "invalid_option",
            "modify.NANGO_GET_CONECTION",
            "NANGO_GET_CONNECTION",
        ),
        (r#"{"calls":1}"#, "invalid_option", "calls", "there is no option `calls`"),
        ("[]", "invalid_option", "", "the options cannot be used: expected an object"),
        ("{", "invalid_option", "", "not JSON"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::InvalidOption, code), "{text}: {error}");
        assert_eq!(places(&error), [path], "{text}: {error}");
        let words = format!("{} {}", error.message, error.hint.as_deref().unwrap_or_default());
        assert!(words.contains(said), "{text}: {words}");
    }
    for widening in ["policy", "session", "baseUrl", "proxy", "modify", "allowInsecureHttp"] {
        let error = CallOptions::parse(&json!({ widening: {} }).to_string()).unwrap_err();
        assert!(error.message.contains(&format!("there is no option `{widening}`")), "{error}");
    }
    let error =
        parse(r#"{"tmeoutMs":1,"retry":{"maxMs":-1},"policy":{"default":"no"},"session":{}}"#).unwrap_err();
    assert_eq!(places(&error), ["retry.maxMs", "tmeoutMs", "policy.default", "session.user"]);
    assert_eq!(error.code, "invalid_option");
    assert!(error.message.ends_with("(and 3 more)"), "{error}");
}

#[test]
fn a_filter_selects_what_it_names() {
    let shown = |filter: Filter| tools::all().filter(|tool| filter.selects(tool)).collect::<Vec<_>>();
    let connections = shown(list(r#"{"toolsets":["connections"],"readOnly":true}"#).unwrap());
    assert!(!connections.is_empty());
    assert!(
        connections.iter().all(|tool| tool.toolset == Toolset::Connections && tool.effect == Effect::Read)
    );
    let named = shown(search(r#"{"tools":["nango_connection_get"],"limit":2}"#).unwrap());
    assert_eq!(named.len(), 1);
    assert_eq!(shown(list(r#"{"tools":[]}"#).unwrap()).len(), 0);
    assert_eq!(shown(list(r#"{"toolsets":[]}"#).unwrap()).len(), 0);
    for (error, path, said) in [
        (list(r#"{"limit":3}"#).unwrap_err(), "limit", "there is no option `limit`"),
        (search(r#"{"schema":"gemini"}"#).unwrap_err(), "schema", "there is no option `schema`"),
        (search(r#"{"limits":3}"#).unwrap_err(), "limits", "did you mean `limit`?"),
        (search(r#"{"limit":0}"#).unwrap_err(), "limit", "from 1"),
        (list(r#"{"toolsets":["connection"]}"#).unwrap_err(), "toolsets.0", "did you mean `connections`?"),
        (list(r#"{"tools":["NANGO_NOPE"]}"#).unwrap_err(), "tools.0", "there is no tool `NANGO_NOPE`"),
        (list(r#"{"tools":"NANGO_GET_PROXY"}"#).unwrap_err(), "tools", "a list"),
    ] {
        assert_eq!(
            (error.kind, places(&error)),
            (ErrorKind::InvalidOption, vec![path.to_owned()]),
            "{error}"
        );
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn names_are_read_and_written_alike() {
    for toolset in Toolset::ALL {
        assert_eq!(toolset.to_string().parse::<Toolset>().unwrap(), *toolset);
        assert_eq!(serde_json::to_value(toolset).unwrap(), toolset.as_str());
        assert_eq!(serde_json::from_value::<Toolset>(json!(toolset.as_str())).unwrap(), *toolset);
    }
    for effect in Effect::ALL {
        assert_eq!(effect.to_string().parse::<Effect>().unwrap(), *effect);
        assert_eq!(serde_json::to_value(effect).unwrap(), effect.as_str());
    }
    for reach in Reach::ALL {
        assert_eq!(reach.to_string().parse::<Reach>().unwrap(), *reach);
        assert_eq!(serde_json::to_value(reach).unwrap(), reach.as_str());
    }
    for provider in Provider::ALL {
        assert_eq!(provider.to_string().parse::<Provider>().unwrap(), *provider);
        assert_eq!(serde_json::to_value(provider).unwrap(), provider.as_str());
    }
    for mode in Mode::ALL {
        assert_eq!(mode.to_string().parse::<Mode>().unwrap(), *mode);
    }
    let mut names = BTreeSet::new();
    for format in StringFormat::ALL {
        assert_eq!(format.to_string().parse::<StringFormat>().unwrap(), *format);
        names.insert(format.as_str());
    }
    assert_eq!(names.len(), StringFormat::ALL.len());
    let error = "conection-id".parse::<StringFormat>().unwrap_err();
    assert_eq!(error.message, "there is no string format `conection-id`");
    assert_eq!(error.hint.as_deref(), Some("did you mean `connection-id`?"));
    let error = "connection".parse::<Toolset>().unwrap_err();
    assert_eq!(
        (error.kind, error.hint.as_deref()),
        (ErrorKind::InvalidOption, Some("did you mean `connections`?"))
    );
    assert_eq!("deny".parse::<nango_toolkit::policy::Verdict>().unwrap().to_string(), "deny");
    assert!("no".parse::<nango_toolkit::policy::Verdict>().is_err());
}
