//! Rules 4, 7 and 8 of the contract's section 16, and what the API key is never sent to: other hosts,
//! other paths, redirects, clear text. Each test tries to break its rule.

use crate::common::args::{arguments_at, broken, good, holding, refused, with};
use crate::common::random::{NASTY, Random, seed};
use crate::common::sound::unsound;
use nango_toolkit::call::key_format;
use nango_toolkit::error::ErrorKind;
use nango_toolkit::http::{self, BaseUrl, Response, Reveal, Scrub};
use nango_toolkit::schema::{self, Allow};
use nango_toolkit::tools;
use serde_json::json;
use url::Url;

/// Whether a proxy tool accepts `text` as base_url_override.
fn takes(text: &str, hosts: &[&str]) -> bool {
    let allow =
        Allow { override_hosts: hosts.iter().map(|h| (*h).to_owned()).collect(), proxy_authorization: false };
    let tool = tools::find("NANGO_GET_PROXY").unwrap();
    let args = with(tool, "base_url_override", json!(text));
    schema::check(tool, args, &allow).is_ok()
}

#[test]
fn rule_4_base_url_override_is_off_unless_its_host_is_allowed() {
    for text in [
        "https://api.hubapi.com",
        "https://example.com",
        "http://localhost:3003",
        "https://a.b.example.com/x",
    ] {
        assert!(!takes(text, &[]), "{text}");
        assert!(!takes(text, &["other.example"]), "{text}");
    }
    assert!(
        takes("https://example.com", &["example.com"])
            && takes("https://api.example.com/v1", &["example.com"])
    );
    assert!(
        takes("HTTPS://EXAMPLE.COM:443/", &["example.com"])
            && takes("https://example.com./", &["example.com"])
    );
    // Plain http, and other ports, only where they are allowed by name.
    for (text, allowed) in [
        ("http://example.com", "http://example.com"),
        ("https://example.com:8443/v1", "example.com:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://134744072/", "8.8.8.8"),
        ("https://[64:ff9b::808:808]/", "0x8080808"),
    ] {
        assert!(takes(text, &["x.example", allowed]), "{text}: {allowed}");
        let host = allowed.trim_start_matches("http://").split(':').next().unwrap();
        let secure = text.starts_with("https") && !text.contains(":8443");
        assert_eq!(takes(text, &[host]), secure, "{text}: {host}");
        assert!(!takes(text, &["http://example.com:1", "[::1]", "not a host", ""]), "{text}");
    }
    for text in [
        "https://evilexample.com",
        "https://example.com.evil.example",
        "https://example.comx",
        "https://xexample.com",
        "https://example.co",
        "https://com",
        "https://example.com@evil.example",
        "https://example.com:x@evil.example/",
        "https://evil.example\\.example.com",
        "https://evil.example\\@example.com",
        "https://evil.example#.example.com",
        "https://evil.example?.example.com",
        "https://evil.example/.example.com",
        "https://evil.example%2f.example.com",
        "https://evil.example%00.example.com",
        "https://evil.example\u{0}.example.com",
        "https://evil.example\t.example.com",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example/example.com",
        "https://[::1]",
        "https://example．com",
        "https://exampl\u{435}.com",
        "javascript://example.com/%0aalert(1)",
        "ftp://example.com",
        "file://example.com/",
        "//example.com",
        "example.com",
        "https://example.com/?a=b",
        "https://example.com/#x",
        "",
    ] {
        assert!(!takes(text, &["example.com"]), "{text:?}");
    }
}

#[test]
fn rule_4_an_allowed_override_names_an_allowed_host_to_every_parser() {
    let mut random = Random::new(seed());
    let parts = [
        "https://",
        "http://",
        "example.com",
        "evil.example",
        "a.",
        ".",
        "@",
        ":",
        "80",
        "/",
        "\\",
        "?",
        "#",
        "%2e",
        "%40",
        "[",
        "]",
        "é",
        "\t",
        " ",
        "-",
        "x",
        "127.0.0.1",
        "//",
    ];
    let mut taken = 0;
    for _ in 0..60_000 {
        let mut text = if random.one_in(5) { String::new() } else { "https://".to_owned() };
        for _ in 0..random.below(7) {
            text.push_str(random.pick(&parts));
        }
        if takes(&text, &["example.com"]) {
            taken += 1;
            let url = Url::parse(&text).unwrap_or_else(|e| panic!("{text:?} is accepted but not a URL: {e}"));
            let host = url.host_str().unwrap().trim_end_matches('.').to_owned();
            let fits = host == "example.com" || host.ends_with(".example.com");
            assert!(fits && url.username().is_empty() && url.password().is_none(), "{text:?} goes to {host}");
        }
    }
    println!("{taken} of 60000 overrides were taken");
    assert!(taken > 100);
}

#[test]
fn rule_4_credentials_of_the_proxy_cannot_be_replaced_unless_allowed() {
    for tool in tools::all().filter(|t| t.is_proxy()) {
        for name in
            ["authorization", "Authorization", "AUTHORIZATION", "proxy-authorization", "Cookie", "cOOKIE"]
        {
            let args = || with(tool, "proxy_headers", json!({ "accept": "a/b", name: "Bearer mine" }));
            let issues = schema::check(tool, args(), &Allow::default()).unwrap_err();
            assert_eq!(
                (issues[0].path.join("."), issues[0].code.as_ref()),
                (format!("proxy_headers.{name}"), "not_allowed")
            );
            assert!(!format!("{issues:?}").contains("mine"), "no value in {issues:?}");
            let allow = Allow { override_hosts: vec![], proxy_authorization: true };
            assert!(schema::check(tool, args(), &allow).is_ok());
        }
        for name in
            ["authorization ", "authorization:", "authori\u{a0}zation", "", "a b", "x\r\nauthorization"]
        {
            let args = with(tool, "proxy_headers", json!({ name: "x" }));
            let allow = Allow { override_hosts: vec![], proxy_authorization: true };
            assert!(refused(tool, args, &allow, "proxy_headers"), "{name:?}");
        }
    }
}

#[test]
fn rule_4_headers_of_the_connection_itself_are_nobodys_to_give() {
    let mut random = 1_u64;
    for tool in tools::all().filter(|t| t.is_proxy()) {
        for name in [
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
        ] {
            for _ in 0..16 {
                let spelt: String = name
                    .chars()
                    .map(|letter| {
                        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        if random >> 63 == 0 { letter.to_ascii_uppercase() } else { letter }
                    })
                    .collect();
                let args = with(tool, "proxy_headers", json!({ "accept": "a/b", &spelt: "1" }));
                let allow = Allow { override_hosts: vec![], proxy_authorization: true };
                let issues = schema::check(tool, args, &allow).unwrap_err();
                let found = (issues.len(), issues[0].path.join("."), issues[0].code.as_ref());
                assert_eq!(found, (1, format!("proxy_headers.{spelt}"), "not_allowed"));
            }
        }
        for name in ["x-host", "content-type", "content-length-hint", "accept-te", "tea"] {
            let args = with(tool, "proxy_headers", json!({ name: "1" }));
            assert!(schema::check(tool, args, &Allow::default()).is_ok(), "{name}");
        }
    }
}

#[test]
fn rule_7_attempts_may_take_as_long_as_the_server_may() {
    for tool in tools::all() {
        // Sixteen minutes for an action; at the proxy five waits of 3 s doubled, and the provider's time.
        let least = match tool.slug {
            "NANGO_ACTION_TRIGGER_POST" => 16 * 60,
            _ if tool.is_proxy() => 3 + 6 + 12 + 24 + 48 + 20,
            _ => 60,
        };
        assert!(tool.timeout_s >= least, "{} waits {} s", tool.slug, tool.timeout_s);
    }
}

#[test]
fn rule_8_no_redirect_is_a_success_or_followed() {
    for tool in tools::all() {
        for status in (300..400).filter(|s| *s != 304).chain([0]) {
            for location in ["https://evil.example/", "/other", "//evil.example", ""] {
                let headers = vec![("Location".to_owned(), location.to_owned())];
                for body in ["", "{}", "{\"successful\":true}", "<html>"] {
                    let response = Response { status, headers: headers.clone(), body: body.into() };
                    let error =
                        http::decode(tool, &response, &Reveal::All.into(), &Scrub::default()).unwrap_err();
                    assert_eq!(
                        (error.kind, error.code.as_str()),
                        (ErrorKind::InvalidResponse, "redirect"),
                        "{status}"
                    );
                    assert!(!error.retryable);
                }
            }
        }
    }
}

#[test]
fn the_key_goes_to_the_configured_origin_only() {
    let mut random = Random::new(seed());
    let allow = Allow { override_hosts: vec!["example.com".into()], proxy_authorization: true };
    let bases = [
        BaseUrl::default(),
        BaseUrl::parse("http://localhost:3003/").unwrap(),
        BaseUrl::parse("https://nango.example.org:8443/api/nango").unwrap(),
        BaseUrl::parse("http://[::1]:3003").unwrap(),
    ];
    let (mut built, mut tried) = (0, 0);
    for tool in tools::all() {
        for i in 0..1500 {
            let mut args = good(&mut random, tool);
            if i % 3 != 0 {
                args = broken(&mut random, args);
            }
            tried += 1;
            let Ok(args) = schema::check(tool, args, &allow) else { continue };
            built += 1;
            let base = &bases[random.below(bases.len())];
            let request = http::build(tool, &args, base);
            if let Some(why) = unsound(tool, &request, base) {
                panic!("{}: {why}\n{}\n{args:?}", tool.slug, request.to_json());
            }
        }
    }
    println!("{built} of {tried} arguments were built");
    assert!(built > tried / 4, "{built} of {tried}");
}

#[test]
fn no_text_anywhere_moves_the_request() {
    let base = BaseUrl::default();
    let allow = Allow { override_hosts: vec!["example.com".into()], proxy_authorization: true };
    let mut built = 0;
    for (tool, param) in arguments_at(|_| true) {
        for text in NASTY {
            for value in holding(param, text) {
                if let Ok(args) = schema::check(tool, with(tool, param.prop.name, value), &allow) {
                    let request = http::build(tool, &args, &base);
                    assert_eq!(
                        unsound(tool, &request, &base),
                        None,
                        "{} {}: {text:?}",
                        tool.slug,
                        param.prop.name
                    );
                    built += 1;
                }
            }
        }
    }
    println!("{built} requests with a hostile text in one argument");
}

#[test]
fn base_urls_are_plain_origins_and_never_clear_text_to_a_public_host() {
    for text in [
        "http://nango.example.org",
        "http://8.8.8.8",
        "ftp://api.nango.dev",
        "api.nango.dev",
        "https://",
        "https://key@api.nango.dev",
        "https://api.nango.dev?x=1",
        "https://api.nango.dev/#",
        "https://api.nango.dev/../x",
        "https://api.nango.dev/%2e%2e",
        "https://api.nango.dev\\@evil.example",
        "https://api.nango.dev\n",
        " https://api.nango.dev",
        "javascript:alert(1)",
        "",
    ] {
        let error = BaseUrl::parse(text).unwrap_err();
        assert_eq!(error.code, "invalid_base_url", "{text:?}");
        assert!(!error.to_json().contains("key@"), "{text:?}");
    }
    assert!(BaseUrl::parse_insecure("http://nango.example.org").is_ok());
    for text in [
        "https://api.nango.dev/",
        "http://localhost:3003",
        "http://127.0.0.1:1",
        "http://nango-server:3003",
        "http://10.0.0.7",
    ] {
        let base = BaseUrl::parse(text).unwrap();
        assert!(!base.as_str().ends_with('/') && Url::parse(base.as_str()).is_ok());
    }
}

#[test]
fn a_key_that_could_break_out_of_its_header_is_no_key() {
    const KEY: &str = "d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a";
    assert_eq!(key_format(KEY), Ok(()));
    assert_eq!(key_format("nango_sbx_v1_abc"), Ok(()));
    for bad in [
        "",
        " ",
        "x",
        "Bearer d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a",
        "d59beb0a-3a8c-1d4a-9c4a-0f0e0d0c0b0a",
        "d59beb0a-3a8c-4d4a-7c4a-0f0e0d0c0b0a",
        "d59beb0a3a8c4d4a9c4a0f0e0d0c0b0a",
        "nango_sbx_v1_",
        "nango_sbx_v1_a b",
        "nango_sbx_v1_a\r\nx: y",
        "nango_sbx_v1_é",
        "<key>",
    ] {
        let why = key_format(bad).unwrap_err();
        assert!(bad.len() < 5 || !why.as_str().contains(bad), "{why} shows the key");
    }
    for at in 0..=KEY.len() {
        for c in ['\r', '\n', '\0', ' ', '\t', '\u{85}', 'é', 'g', '-'] {
            let mut key = KEY.to_owned();
            key.insert(at, c);
            assert!(key_format(&key).is_err(), "{key:?}");
        }
    }
}
