//! Rules 1 to 3 of the contract's section 16, each with tests that try to break it: paths, expressions,
//! control characters. Rules 4 to 8 are in safety_hosts.rs and secrets.rs.

use crate::common::args::{arguments_at, holding, refused, with};
use crate::common::sound::unsound;
use nango_toolkit::http::{self, BaseUrl, Data, NeedsBody, Response, Reveal, Scrub};
use nango_toolkit::schema::{self, Allow};
use nango_toolkit::tool::ParamLocation;
use nango_toolkit::tools;
use serde_json::json;

#[test]
fn rule_1_dot_segments_cannot_stand_for_a_path_parameter() {
    for (tool, param) in arguments_at(|p| matches!(p, ParamLocation::Path(_))) {
        for dots in
            [".", "..", "%2e", "%2E%2e", ".%2e", "%2e.", "%252e%252e", "../x/..", "..\\", "./", "．．"]
        {
            let args = with(tool, param.prop.name, json!(dots));
            match schema::check(tool, args, &Allow::default()) {
                Err(issues) => assert_eq!(issues[0].path, [param.prop.name], "{} {dots:?}", tool.slug),
                // Anything but a dot segment may pass, as one segment: `../x/..` is a legal connection id.
                Ok(args) => {
                    assert!(!matches!(dots, "." | "..") && !dots.contains('%'), "{} {dots:?}", tool.slug);
                    let request = http::build(tool, &args, &BaseUrl::default());
                    assert_eq!(unsound(tool, &request, &BaseUrl::default()), None);
                }
            }
        }
    }
}

#[test]
fn rule_1_path_parameters_stay_one_segment() {
    let base = BaseUrl::default();
    for (tool, param) in arguments_at(|p| matches!(p, ParamLocation::Path(_))) {
        for text in ["a/b", "a/../b", "/", "//evil.example", "\\", "a?b#c", "@x", ":x", ";x=1", "a b", "${a}"]
        {
            let Ok(args) = schema::check(tool, with(tool, param.prop.name, json!(text)), &Allow::default())
            else {
                continue;
            };
            let request = http::build(tool, &args, &base);
            assert_eq!(unsound(tool, &request, &base), None, "{} {text:?}", tool.slug);
        }
    }
}

#[test]
fn rule_2_proxy_paths_cannot_leave_the_proxy() {
    let layers = |dots: &str| -> Vec<String> {
        let once = dots.replace('.', "%2e").replace('/', "%2f").replace('\\', "%5C");
        let mut all = vec![dots.to_owned(), dots.replace('.', "%2E"), once.clone()];
        let mut layer = once;
        for _ in 0..6 {
            layer = layer.replace('%', "%25");
            all.push(layer.clone());
        }
        all
    };
    for (tool, param) in arguments_at(|p| matches!(p, ParamLocation::PathTail(_))) {
        for shape in [
            "..",
            ".",
            "../connections",
            "../../x",
            "a/..",
            "a/../../b",
            "a/./b",
            "..\\x",
            "a/..\\..\\b",
            "/../x",
            "./../x",
        ] {
            for path in layers(shape) {
                let args = with(tool, param.prop.name, json!(path));
                assert!(refused(tool, args, &Allow::default(), "any_path"), "{} takes {path:?}", tool.slug);
            }
        }
        for path in [
            "https://evil.example/x",
            "HTTPS://evil.example",
            "http:///x",
            "ftp://x/y",
            "//evil.example/x",
            "///evil.example",
            "\\\\evil.example",
            "/\\evil.example",
            "a?b=c",
            "?b",
            "a#b",
            "#",
            "a b",
            " a",
            "a\u{a0}b",
            "a\u{2028}b",
            "a\tb",
        ] {
            let args = with(tool, param.prop.name, json!(path));
            assert!(refused(tool, args, &Allow::default(), "any_path"), "{} takes {path:?}", tool.slug);
        }
    }
}

#[test]
fn rule_2_no_place_takes_an_expression_that_nango_would_fill_in() {
    let allow = Allow { override_hosts: vec!["example.com".into()], proxy_authorization: true };
    for tool in tools::all().filter(|t| t.is_proxy()) {
        for text in ["${apiKey}", "x${credentials.access_token}y", "${", "$${a}", "\u{feff}${a}"] {
            for (name, value) in [
                ("any_path", json!(format!("x/{text}"))),
                ("any_path", json!(text.replace('$', "%24"))),
                ("any_path", json!(text.replace("${", "%24%7B"))),
                ("any_path", json!(text.replace("${", "$%7b"))),
                ("any_path", json!(text.replace("${", "%2524%257B"))),
                ("query_params", json!({ "a": text })),
                ("query_params", json!({ text: "a" })),
                ("query_params", json!({ "a": ["b", text] })),
                ("query_params", json!({ "a": [[text]] })),
                ("base_url_override", json!(format!("https://example.com/{text}"))),
                ("base_url_override", json!(format!("https://{text}.example.com/"))),
            ] {
                let args = with(tool, name, value.clone());
                assert!(refused(tool, args, &allow, name), "{} takes {name}: {value}", tool.slug);
            }
        }
    }
}

#[test]
fn rule_3_control_characters_are_refused_in_every_header_and_path() {
    let mut seen = 0;
    let bound = arguments_at(|p| {
        matches!(
            p,
            ParamLocation::Path(_)
                | ParamLocation::PathTail(_)
                | ParamLocation::Header(_)
                | ParamLocation::HeaderJoined(_)
                | ParamLocation::HeaderPrefix(_)
        )
    });
    let allow = Allow { override_hosts: vec!["example.com".into()], proxy_authorization: true };
    for (tool, param) in bound {
        let sound = if param.prop.name == "base_url_override" { "https://example.com/x" } else { "abc" };
        for control in (0..0x20u8).chain([0x7f]).map(char::from) {
            // A tab is allowed within a header's value, and nowhere else.
            let value = matches!(param.place, ParamLocation::HeaderPrefix(_)) && control == '\t';
            for text in
                [format!("{control}{sound}"), format!("{sound}{control}"), format!("{sound}{control}{sound}")]
            {
                for args in holding(param, &text) {
                    if value && args.get("x-name").is_some() {
                        continue;
                    }
                    let args = with(tool, param.prop.name, args);
                    assert!(
                        refused(tool, args, &allow, param.prop.name),
                        "{} takes {} {text:?}",
                        tool.slug,
                        param.prop.name
                    );
                    seen += 1;
                }
            }
        }
        let inject = format!("{sound}\r\nAuthorization: Bearer evil\r\n");
        for args in holding(param, &inject) {
            assert!(refused(tool, with(tool, param.prop.name, args), &allow, param.prop.name));
        }
    }
    println!("{seen} strings with control characters");
}

#[test]
fn rule_3_ids_in_headers_neither_begin_nor_end_with_a_space() {
    for (tool, param) in arguments_at(|p| matches!(p, ParamLocation::Header(_))) {
        for text in [" a", "a ", " ", "  ", "\u{a0}a", "a\u{3000}"] {
            let args = with(tool, param.prop.name, json!(text));
            assert!(refused(tool, args, &Allow::default(), param.prop.name), "{} {text:?}", tool.slug);
        }
    }
}

#[test]
fn rule_3_headers_hold_what_fetch_can_send() {
    let allow = Allow { override_hosts: vec!["example.com".into()], proxy_authorization: true };
    for (tool, param) in
        arguments_at(|p| matches!(p, ParamLocation::Header(_) | ParamLocation::HeaderPrefix(_)))
    {
        for text in ["漢", "😀", "\u{100}", "\u{ffff}"] {
            let text = if param.prop.name == "base_url_override" {
                format!("https://example.com/{text}")
            } else {
                text.into()
            };
            for args in holding(param, &text) {
                let args = with(tool, param.prop.name, args);
                assert!(refused(tool, args, &allow, param.prop.name), "{} {text:?}", tool.slug);
            }
        }
    }
}

#[test]
fn rule_6_the_long_list_of_providers_is_cut_to_a_summary() {
    let tool = tools::find("NANGO_PROVIDERS_LIST_GET").unwrap();
    let entry = |i: usize| {
        json!({
            "name": format!("provider-{i}"), "display_name": "P", "auth_mode": "OAUTH2", "categories": ["crm"],
            "docs": "https://nango.dev/docs", "logo_url": "https://example.com/p.svg",
            "authorization_url": "x".repeat(500), "credentials": { "apiKey": { "title": "x".repeat(300) } },
        })
    };
    let body = json!({ "data": (0..1000).map(entry).collect::<Vec<_>>(), "more": 1 }).to_string();
    assert!(body.len() > 900_000);
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let response = Response { status: 200, headers, body };
    for redaction in [Reveal::None.into(), Reveal::All.into()] {
        assert_eq!(http::needs_body(tool, 200, "application/json", &redaction), NeedsBody::Always);
        let data = http::decode(tool, &response, &redaction, &Scrub::default()).unwrap();
        let Data::Value(data) = data else { panic!("a value") };
        assert!(data.to_string().len() < 200_000, "{}", data.to_string().len());
        assert_eq!(data["data"].as_array().unwrap().len(), 1000);
        let names: Vec<&String> = data["data"][7].as_object().unwrap().keys().collect();
        assert_eq!(names, ["name", "display_name", "auth_mode", "categories", "docs", "logo_url"]);
        assert_eq!(data["more"], 1);
    }
}
