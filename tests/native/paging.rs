//! Lists that are read page by page: those of the emulator against the same list in one page, those of providers against
//! a server that is made from a random description.

use std::collections::BTreeMap;
use std::sync::Arc;

use nango_toolkit::call::Options;
use nango_toolkit::drive::Pages;
use nango_toolkit::error::{Error, ErrorKind};
use nango_toolkit::http::{Outcome, Request, Response};
use nango_toolkit::paging::{Paging, ProviderPaging, of_provider};
use nango_toolkit::policy::Policy;
use nango_toolkit::session::{Session, SessionOptions};
use nango_toolkit::tool::{Effect, Role, Tool};
use nango_toolkit::tools;
use nango_toolkit::url;
use serde_json::{Map, Value, json};

use crate::common::host::Host;
use crate::common::random::Random;

/// Reads all pages with the answers of `answer`; the entries, and how many requests were sent.
fn read(
    mut pages: Pages,
    mut answer: impl FnMut(&mut nango_toolkit::call::Call) -> Outcome,
) -> Result<(Vec<Value>, usize), Error> {
    let (mut all, mut requests) = (Vec::new(), 0);
    while let Some(mut call) = pages.next_call()? {
        requests += 1;
        assert!(requests <= 2000, "it ends");
        all.extend(pages.handle_outcome(answer(&mut call))?);
    }
    Ok((all, requests))
}

fn of_emulator(host: &mut Host, options: &Options, slug: &str, args: Value) -> Result<Vec<Value>, Error> {
    let pages = Pages::new(options.clone(), slug, args, 5);
    read(pages, |call| host.drive(call)).map(|(all, _)| all)
}

/// The lists of the emulator that have several pages, with how many entries the fixture has at least.
fn lists() -> Vec<(&'static str, Value, usize)> {
    let of_ada =
        json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot", "model": "Contact" });
    vec![
        ("NANGO_CONNECTION_LIST_GET", json!({}), 20),
        ("NANGO_LIST_RECORDS", of_ada, 10),
        ("NANGO_LIST_FUNCTIONS", json!({ "unique_key": "hubspot" }), 2),
        ("NANGO_LIST_ALL_FUNCTIONS", json!({}), 2),
    ]
}

fn with(args: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut args = args.clone();
    args[name] = value.into();
    args
}

#[test]
fn every_list_has_the_same_entries_at_every_page_size() {
    let paged: Vec<&str> =
        tools::all().filter(|tool| tool.has_role(Role::PageSize)).map(|tool| tool.slug).collect();
    let known: Vec<&str> = lists().iter().map(|(slug, ..)| *slug).chain(["NANGO_PRUNE_RECORDS"]).collect();
    assert!(paged.iter().all(|slug| known.contains(slug)), "{paged:?} are tested here");
    let mut host = Host::new();
    for (slug, args, least) in lists() {
        let all = of_emulator(&mut host, &Options::default(), slug, args.clone()).unwrap();
        assert!(all.len() >= least, "{slug}: {}", all.len());
        for size in [1, 2, 3, all.len(), all.len() + 1] {
            let pages = Pages::new(Options::default(), slug, with(&args, "limit", size), 5);
            let (same, requests) = read(pages, |call| host.drive(call)).unwrap();
            assert_eq!(same, all, "{slug} with {size} a page");
            assert!(requests >= all.len().div_ceil(size) && requests <= all.len() / size + 1, "{requests}");
        }
    }
}

#[test]
fn every_list_without_pages_is_one_page_and_other_tools_have_none() {
    let mut host = Host::new();
    let (mut lists, mut others) = (0, 0);
    for tool in tools::all().filter(|tool| tool.effect == Effect::Read && !tool.is_proxy()) {
        let args: Value = serde_json::from_str(tool.examples[0].args).unwrap();
        let mut pages = Pages::new(Options::default(), tool.slug, args.clone(), 5);
        let mut call = pages.next_call().unwrap().unwrap();
        let outcome = host.drive(&mut call);
        match &outcome.meta.page {
            Some(page) => {
                lists += 1;
                let data = host.json(&Options::default(), tool.slug, args)["data"].clone();
                let list = page.items.iter().fold(&data, |value, name| &value[name]);
                let expected = list.as_array().unwrap_or_else(|| panic!("{}: {data}", tool.slug));
                assert_eq!(pages.handle_outcome(outcome).unwrap().len(), expected.len(), "{}", tool.slug);
            }
            None => {
                let error = outcome.result.unwrap_err();
                others += usize::from(error.message.ends_with("returns no list"));
                assert!(host.sent.is_empty() || error.status.is_some(), "{}: {error}", tool.slug);
            }
        }
    }
    assert!(lists >= 9 && others >= 9, "{lists} {others}");
}

#[test]
fn a_session_reads_all_of_its_own_though_pages_have_others_between_them() {
    let mut host = Host::new();
    let session = Session::new(SessionOptions::from_value(json!({ "user": "ada" })).unwrap()).unwrap();
    let options = Options { session: Some(session), ..Options::default() };
    let all = of_emulator(&mut host, &options, "NANGO_CONNECTION_LIST_GET", json!({})).unwrap();
    assert!(all.len() >= 3);
    for size in 1..=all.len() + 1 {
        let same =
            of_emulator(&mut host, &options, "NANGO_CONNECTION_LIST_GET", json!({ "limit": size })).unwrap();
        assert_eq!(same, all, "{size} a page");
    }
}

/// A provider: its list, and how it pages.
struct Provider {
    paging: Value,
    list: Vec<Value>,
    size: usize,
    /// Whether links are absolute, with a path before that of the arguments.
    absolute: bool,
    in_body: bool,
}

impl Provider {
    fn random(dice: &mut Random) -> Provider {
        let list: Vec<Value> = (0..dice.below(9)).map(|id| json!({ "id": id, "tags": [id, id] })).collect();
        let (in_body, absolute) = (dice.below(2) == 0, dice.below(2) == 0);
        let kind = dice.one(&["cursor", "link", "offset"]);
        let mut paging = match kind {
            "cursor" => json!({
                "cursor_name_in_request": if in_body { "paging.after" } else { dice.one(&["next_page_token", "after"]) },
                "cursor_path_in_response": dice.one(&["session_token", "meta.next"]),
            }),
            "link" => match dice.below(2) {
                0 => json!({ "link_rel_in_response_header": "next" }),
                _ => json!({ "link_path_in_response_body": "links[0].next" }),
            },
            _ => json!({ "offset_name_in_request": dice.one(&["skip", "page"]) }),
        };
        paging["type"] = kind.into();
        if kind == "offset" && dice.below(3) == 0 {
            paging["offset_calculation_method"] = "per-page".into();
        }
        if dice.below(2) == 0 {
            paging["response_path"] = dice.one(&["items", "data.items"]).into();
        }
        if paging.get("response_path").is_none() && paging.get("link_path_in_response_body").is_some() {
            // Else the list of links would be the longest one where there are no entries.
            paging["link_path_in_response_body"] = "links.next".into();
        }
        paging["limit_name_in_request"] = "size".into();
        let size = 1 + dice.below(4);
        Provider { paging, list, size, absolute, in_body: in_body && kind != "link" }
    }

    fn slug(&self) -> &'static str {
        if self.in_body { "NANGO_POST_PROXY" } else { "NANGO_GET_PROXY" }
    }

    fn args(&self) -> Value {
        let parameters = if self.in_body { "body" } else { "query_params" };
        let mut args = json!({
            "connection_id": "c1", "provider_config_key": "it", "any_path": "crm/v1/all%20things",
        });
        args[parameters] = json!({ "size": self.size, "kind": "a b&c" });
        args
    }

    fn counts_pages(&self) -> bool {
        match self.paging["offset_calculation_method"].as_str() {
            Some(method) => method == "per-page",
            None => self.paging["offset_name_in_request"] == "page",
        }
    }

    /// Where the page of a request starts in the list.
    fn start(&self, asked: &Value) -> usize {
        let number = |value: &Value| {
            value.as_u64().or_else(|| value.as_str()?.parse().ok()).map(|number| number as usize)
        };
        let named = |name: &Value| {
            let path = name.as_str().unwrap().split('.');
            number(path.fold(asked, |value, step| &value[step]))
        };
        match self.paging["type"].as_str().unwrap() {
            "cursor" => named(&self.paging["cursor_name_in_request"]).unwrap_or(0),
            "link" => number(&asked["from"]).unwrap_or(0),
            _ if self.counts_pages() => {
                (named(&self.paging["offset_name_in_request"]).unwrap_or(1) - 1) * self.size
            }
            _ => named(&self.paging["offset_name_in_request"]).unwrap_or(0),
        }
    }

    fn answer(&self, request: &Request) -> Response {
        let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
        assert_eq!(path, "https://api.nango.dev/proxy/crm/v1/all%20things");
        let asked: Value = match &request.body {
            Some(body) => serde_json::from_str(body).unwrap(),
            None => {
                let decoded = |text: &str| String::from_utf8(url::decode(text.as_bytes())).unwrap();
                let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
                pairs.map(|(name, value)| (decoded(name), Value::from(decoded(value)))).collect()
            }
        };
        assert_eq!(asked["kind"], "a b&c", "what else was asked for stays: {asked}");
        let start = self.start(&asked);
        let entries: Vec<Value> = self.list.iter().skip(start).take(self.size).cloned().collect();
        let next = (start + self.size < self.list.len()).then_some(start + self.size);
        let mut body = json!({ "errors": [], "total": self.list.len() });
        match self.paging["response_path"].as_str() {
            Some("data.items") => {
                body["data"] = json!({ "items": entries, "ids": [1, 2, 3, 4, 5, 6, 7, 8, 9] })
            }
            _ => body["items"] = entries.into(),
        }
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let link = next.map(|from| {
            let base = if self.absolute { "https://api.example.com/base" } else { "" };
            format!("{base}/crm/v1/all%20things?from={from}&size={}&kind=a+b%26c#top", self.size)
        });
        match self.paging["type"].as_str().unwrap() {
            "cursor" if self.paging["cursor_path_in_response"] == "meta.next" => {
                body["meta"] = json!({ "next": next })
            }
            "cursor" => body["session_token"] = next.map(|next| next.to_string()).unwrap_or_default().into(),
            "link" if self.paging.get("link_rel_in_response_header").is_some() => {
                let other = "<https://api.example.com/crm?from=0>; rel=\"first\"".to_owned();
                let next = link.map(|link| format!("{other}, <{link}>; title=\"a, b\"; rel=\"last next\""));
                headers.push(("Link".to_owned(), next.unwrap_or(other)));
            }
            "link" if self.paging["link_path_in_response_body"] == "links.next" => {
                body["links"] = json!({ "next": link });
            }
            "link" => body["links"] = json!([{ "next": link }]),
            _ => {}
        }
        Response { status: 200, headers, body: body.to_string() }
    }
}

/// An outcome for the answers of `answer`, without a server.
fn answered(call: &mut nango_toolkit::call::Call, answer: &mut dyn FnMut(&Request) -> Response) -> Outcome {
    use nango_toolkit::call::{Ask, Poll};
    loop {
        match call.poll(0) {
            Poll::Ask(Ask::Key) => call.handle_key(Ok("7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11"), 0),
            Poll::Send { request, .. } => call.handle_response(&answer(&request), 0),
            Poll::Done(outcome) => return *outcome,
            other => panic!("{other:?}"),
        }
    }
}

fn options(paging: &Value) -> Options {
    let paging = ProviderPaging::from_value(paging.clone()).unwrap();
    Options { paging: Some(Paging::Provider(Arc::new(paging))), ..Options::default() }
}

#[test]
fn lists_of_providers_are_read_once_and_whole_however_they_are_paged() {
    let mut dice = Random::new(20);
    let mut kinds = BTreeMap::new();
    for round in 0..2000 {
        let provider = Provider::random(&mut dice);
        // Names with `token` in them are masked, and followed nevertheless.
        let options = Options { mask_provider_data: Some(round % 2 == 0), ..options(&provider.paging) };
        let pages = Pages::new(options, provider.slug(), provider.args(), round);
        let (all, requests) = read(pages, |call| answered(call, &mut |request| provider.answer(request)))
            .unwrap_or_else(|error| panic!("{error}: {}", provider.paging));
        assert_eq!(all, provider.list, "{} {}", provider.slug(), provider.paging);
        assert!(requests <= provider.list.len() / provider.size + 1, "{requests}: {}", provider.paging);
        *kinds.entry(provider.paging["type"].to_string()).or_insert(0) += usize::from(requests > 1);
    }
    assert!(kinds.values().all(|count| *count > 200), "{kinds:?}");
}

#[test]
fn a_masked_cursor_is_followed_and_not_shown() {
    let paging = json!({ "type": "cursor", "cursor_name_in_request": "t", "cursor_path_in_response": "session_token" });
    let options = Options { mask_provider_data: Some(true), ..options(&paging) };
    let args = json!({ "connection_id": "c", "provider_config_key": "k", "any_path": "all" });
    let mut pages = Pages::new(options, "NANGO_GET_PROXY", args, 1);
    let mut call = pages.next_call().unwrap().unwrap();
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let body = r#"{"items":[1],"session_token":"ya29.a0AfH6SMBx"}"#.to_owned();
    let outcome =
        answered(&mut call, &mut |_| Response { status: 200, headers: headers.clone(), body: body.clone() });
    assert!(!outcome.to_json().contains("ya29"), "{}", outcome.to_json());
    assert!(!format!("{outcome:?}").contains("ya29"));
    assert!(outcome.meta.page.as_ref().unwrap().next.as_ref().unwrap().contains("ya29.a0AfH6SMBx"));
    pages.handle_outcome(outcome).unwrap();
    answered(&mut pages.next_call().unwrap().unwrap(), &mut |request| {
        assert!(request.url.ends_with("?t=ya29.a0AfH6SMBx"), "{}", request.url);
        Response { status: 200, headers: headers.clone(), body: "[]".to_owned() }
    });
}

#[test]
fn it_ends_where_a_cursor_comes_again_and_at_its_bound() {
    let json_type = || vec![("content-type".to_owned(), "application/json".to_owned())];
    let paging =
        json!({ "type": "cursor", "cursor_name_in_request": "c", "cursor_path_in_response": "next" });
    let args = json!({ "connection_id": "c", "provider_config_key": "k", "any_path": "all" });
    let pages = || Pages::new(options(&paging), "NANGO_GET_PROXY", args.clone(), 1);
    let mut cursors = ["a", "b", "a", "c"].iter();
    let (all, requests) = read(pages(), |call| {
        answered(call, &mut |_| {
            let body = json!({ "items": [1], "next": cursors.next() }).to_string();
            Response { status: 200, headers: json_type(), body }
        })
    })
    .unwrap();
    assert_eq!((all.len(), requests), (3, 3));

    let mut count = 0;
    let mut endless = |_: &Request| {
        count += 1;
        Response {
            status: 200,
            headers: json_type(),
            body: json!({ "items": [1], "next": count }).to_string(),
        }
    };
    let (all, _) = read(pages().max_pages(3), |call| answered(call, &mut endless)).unwrap();
    assert_eq!(all.len(), 3);
    let error = read(pages(), |call| answered(call, &mut endless)).unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::InvalidResponse, "too_many_pages"));
    assert_eq!(count, 3 + 1000);
}

#[test]
fn a_link_leads_nowhere_else() {
    let paging = json!({ "type": "link", "link_path_in_response_body": "next" });
    let args = json!({ "connection_id": "c", "provider_config_key": "k", "any_path": "v1/all" });
    for (link, url) in [
        ("https://evil.example/v1/all?from=1", Some("proxy/v1/all?from=1")),
        ("//evil.example/v1/all?from=1", Some("proxy/v1/all?from=1")),
        ("?from=1&from=2", Some("proxy/v1/all?from=1&from=2")),
        ("/v1/other%20things?x=%E2%82%AC", Some("proxy/v1/other%20things?x=%E2%82%AC")),
        ("https://evil.example", Some("proxy/v1/all")),
        ("../../connections", None),
        ("/v1/%2e%2e/%2e%2e/connections", None),
        ("\u{0}", None),
    ] {
        let mut pages = Pages::new(options(&paging), "NANGO_GET_PROXY", args.clone(), 1);
        let mut call = pages.next_call().unwrap().unwrap();
        let outcome = answered(&mut call, &mut |_| {
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            Response { status: 200, headers, body: json!({ "items": [], "next": link }).to_string() }
        });
        pages.handle_outcome(outcome).unwrap();
        let mut sent = None;
        if let Some(mut call) = pages.next_call().unwrap() {
            let outcome = answered(&mut call, &mut |request| {
                sent = Some(request.url.clone());
                Response { status: 200, headers: Vec::new(), body: String::new() }
            });
            if sent.is_none() {
                assert_eq!(outcome.result.unwrap_err().kind, ErrorKind::InvalidArguments, "{link}");
            }
        }
        let expected = url.map(|url| format!("https://api.nango.dev/{url}"));
        assert_eq!(sent, expected, "{link}");
    }
}

#[test]
fn a_link_may_lead_on_from_another_path() {
    let paging = json!({ "type": "link", "link_path_in_response_body": "next" });
    let args = json!({ "connection_id": "c", "provider_config_key": "k", "any_path": "v1/all" });
    let links = ["/v1/more?p=2", "?p=3", "more?p=4"].map(|link| json!({ "items": [1], "next": link }));
    let bodies = [links[0].clone(), links[1].clone(), links[2].clone(), json!({ "items": [1] })];
    let sent = requests(options(&paging), "NANGO_GET_PROXY", args, &bodies).unwrap();
    assert_eq!(sent, ["proxy/v1/all ", "proxy/v1/more?p=2 ", "proxy/v1/more?p=3 ", "proxy/v1/more?p=4 "]);
}

#[test]
fn a_policy_and_its_limits_hold_for_every_page() {
    let mut host = Host::new();
    let limits = json!([{ "tool": "NANGO_CONNECTION_LIST_GET", "calls": 3 }]);
    let policy = Policy::from_value(json!({ "default": "allow", "limits": limits })).unwrap();
    let options = Options { policy, ..Options::default() };
    let error =
        of_emulator(&mut host, &options, "NANGO_CONNECTION_LIST_GET", json!({ "limit": 1 })).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied, "{error}");
}

#[test]
fn wrong_descriptions_are_named() {
    for (described, path) in [
        (json!({}), "type"),
        (json!({ "type": "cursor", "cursor_name_in_request": "c" }), "cursor_path_in_response"),
        (json!({ "type": "offset" }), "offset_name_in_request"),
        (json!({ "type": "link" }), "link_path_in_response_body"),
        (
            json!({ "type": "link", "link_rel_in_response_header": "next", "limit": 5 }),
            "limit_name_in_request",
        ),
        (json!({ "type": "offset", "offset_name_in_request": "o", "offset_start": 1 }), "offset_start"),
        (json!({ "type": "offset", "offset_name_in_request": "o", "limit": 0 }), "limit"),
    ] {
        let error = ProviderPaging::from_value(described.clone()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidOption);
        assert!(error.issues.iter().any(|issue| issue.path == [path]), "{described}: {error:?}");
    }
    for value in [json!(null), json!([]), json!("cursor")] {
        assert!(ProviderPaging::from_value(value).is_err());
    }
}

#[test]
fn how_a_list_continues_must_fit_the_tool() {
    let mut host = Host::new();
    let own = Options { paging: Some(Paging::Own), ..Options::default() };
    let described = options(&json!({ "type": "offset", "offset_name_in_request": "o" }));
    let proxy = json!({ "connection_id": "hubspot-ada", "provider_config_key": "hubspot", "any_path": "a" });
    for (options, slug, args) in [
        (&own, "NANGO_GET_PROXY", proxy),
        (&own, "NANGO_GET_INTEGRATION", json!({ "unique_key": "hubspot" })),
        (&described, "NANGO_LIST_INTEGRATIONS", json!({})),
    ] {
        let outcome = host.call(options, slug, args, 1);
        assert_eq!(outcome.result.unwrap_err().kind, ErrorKind::InvalidOption, "{slug}");
        assert!(host.sent.is_empty());
    }
}

#[test]
fn every_description_of_the_catalogue_can_be_used() {
    let groups: Vec<Value> = serde_json::from_str(include_str!("../../src/paging/providers.json")).unwrap();
    let mut names = 0;
    for group in &groups {
        for name in group["providers"].as_array().unwrap() {
            names += 1;
            let paging = of_provider(name.as_str().unwrap()).unwrap_or_else(|| panic!("{name}"));
            let described: Map<String, Value> = serde_json::from_value(group["paging"].clone()).unwrap();
            assert_eq!(serde_json::to_value(&paging).unwrap(), Value::from(described), "{name}");
        }
    }
    assert!(names >= 65, "{names}");
    assert_eq!(of_provider("quickbooks"), None);
}

#[test]
fn roles_of_pages_are_in_pairs() {
    for tool in tools::all() {
        let of = |tool: &Tool, role| tool.has_role(role);
        let field = tool.returns.fields().iter().any(|field| field.role == Role::PageCursor);
        assert_eq!(of(tool, Role::PageCursor), field, "{}", tool.slug);
        if of(tool, Role::PageCursor) || of(tool, Role::PageNumber) {
            assert!(of(tool, Role::PageSize), "{}", tool.slug);
        }
    }
}

/// The requests of a list that is asked for with these arguments and options.
fn requests(options: Options, slug: &str, args: Value, bodies: &[Value]) -> Result<Vec<String>, Error> {
    let mut sent = Vec::new();
    read(Pages::new(options, slug, args, 1), |call| {
        answered(call, &mut |request| {
            let body = request.body.as_deref().unwrap_or_default();
            sent.push(format!("{} {body}", request.url.trim_start_matches("https://api.nango.dev/")));
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            Response {
                status: 200,
                headers,
                body: bodies[(sent.len() - 1).min(bodies.len() - 1)].to_string(),
            }
        })
    })?;
    Ok(sent)
}

#[test]
fn what_asks_for_a_page_is_added_to_the_arguments_as_they_are_sent() {
    let paging =
        json!({ "type": "cursor", "cursor_name_in_request": "c", "cursor_path_in_response": "next" });
    let pages = [json!({ "items": [1], "next": 9_007_199_254_740_993_u64 }), json!({ "items": [2] })];
    let proxy = |more: Value| {
        let mut args = json!({ "connection_id": "c", "provider_config_key": "k", "any_path": "all" });
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    for (slug, more, second) in [
        ("NANGO_GET_PROXY", json!({ "query_params": null }), "proxy/all?c=9007199254740993 "),
        ("NANGO_GET_PROXY", json!({ "query_params": "{\"a\":1}" }), "proxy/all?a=1&c=9007199254740993 "),
        ("NANGO_POST_PROXY", json!({}), "proxy/all {\"c\":9007199254740993}"),
        (
            "NANGO_POST_PROXY",
            json!({ "body": { "id": 9_007_199_254_740_995_u64 } }),
            "proxy/all {\"id\":9007199254740995,\"c\":9007199254740993}",
        ),
    ] {
        let sent = requests(options(&paging), slug, proxy(more.clone()), &pages).unwrap();
        assert_eq!((sent.len(), sent[1].as_str()), (2, second), "{more}");
    }
    for body in [json!("text"), json!([1])] {
        let error = requests(options(&paging), "NANGO_POST_PROXY", proxy(json!({ "body": body })), &pages);
        let error = error.unwrap_err();
        assert_eq!(
            (error.kind, error.issues[0].path[0].as_str()),
            (ErrorKind::InvalidArguments, "body"),
            "{body}"
        );
    }
    let strict = Options { provider: Some("openai-strict".parse().unwrap()), ..options(&paging) };
    let listed = json!({ "query_params": [{ "key": "a", "value": "b" }] });
    assert_eq!(
        requests(strict, "NANGO_GET_PROXY", proxy(listed), &pages).unwrap()[1],
        "proxy/all?a=b&c=9007199254740993 "
    );
    // An offset that cannot be continued is refused, not taken for the first one.
    let paging = json!({ "type": "offset", "offset_name_in_request": "skip" });
    let error = requests(
        options(&paging),
        "NANGO_GET_PROXY",
        proxy(json!({ "query_params": { "skip": "1.5" } })),
        &pages,
    );
    assert_eq!(error.unwrap_err().kind, ErrorKind::InvalidArguments);
}

#[test]
fn tools_are_paged_as_the_operator_changed_them() {
    let modified = |change: Value| {
        let allow = nango_toolkit::schema::Allow::default();
        Some(Arc::new(nango_toolkit::modify::Modifiers::new(&change, &allow).unwrap()))
    };
    let cursor =
        json!({ "type": "cursor", "cursor_name_in_request": "c", "cursor_path_in_response": "next" });
    let pages = [json!({ "items": [1], "next": "2" }), json!({ "items": [2] })];
    let args = json!({ "connection_id": "c", "provider_config_key": "k", "any_path": "all" });
    for kind in ["default", "pin"] {
        let change = json!({ "NANGO_GET_PROXY": { kind: { "query_params": { "status": "open" } } } });
        let options = Options { modify: modified(change), ..options(&cursor) };
        let sent = requests(options, "NANGO_GET_PROXY", args.clone(), &pages).unwrap();
        assert_eq!(sent, ["proxy/all?status=open ", "proxy/all?status=open&c=2 "], "{kind}");
    }
    let change = json!({ "NANGO_GET_PROXY": { "pin": { "any_path": "all" } } });
    let link = json!({ "type": "link", "link_path_in_response_body": "next" });
    let options = Options { modify: modified(change), ..options(&link) };
    let linked = [json!({ "items": [1], "next": "/all?p=2" }), json!({ "items": [2] })];
    let args = json!({ "connection_id": "c", "provider_config_key": "k" });
    assert_eq!(
        requests(options, "NANGO_GET_PROXY", args, &linked).unwrap(),
        ["proxy/all ", "proxy/all?p=2 "]
    );
    let connections = [json!({ "connections": [1, 2] }), json!({ "connections": [3] })];
    for (change, expected) in [
        (json!({ "pin": { "limit": 2 } }), "limit=2"),
        (json!({ "default": { "limit": 2 } }), "limit=2"),
        (json!({ "pin": { "limit": 2 }, "hide": ["page"] }), "limit=2"),
    ] {
        let modify = modified(json!({ "NANGO_CONNECTION_LIST_GET": change }));
        let options = Options { modify, ..Options::default() };
        let sent = requests(options, "NANGO_CONNECTION_LIST_GET", json!({}), &connections).unwrap();
        let all = [format!("connections?{expected} "), format!("connections?{expected}&page=1 ")];
        assert_eq!(sent, all, "{change}");
    }
    let sent =
        requests(Options::default(), "NANGO_CONNECTION_LIST_GET", json!({ "limit": null }), &connections);
    assert_eq!(sent.unwrap(), ["connections?limit=100 "]);
}

#[test]
fn a_list_that_was_found_is_not_looked_for_again() {
    let paging =
        json!({ "type": "cursor", "cursor_name_in_request": "c", "cursor_path_in_response": "next" });
    let bodies = [
        json!({ "data": [1, 2], "included": [9], "next": "2" }),
        json!({ "data": [], "included": [8, 7], "errors": [] }),
    ];
    let args = json!({ "connection_id": "c", "provider_config_key": "k", "any_path": "all" });
    let mut answers = bodies.iter();
    let (all, _) = read(Pages::new(options(&paging), "NANGO_GET_PROXY", args, 1), |call| {
        answered(call, &mut |_| {
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            Response { status: 200, headers, body: answers.next().unwrap().to_string() }
        })
    })
    .unwrap();
    assert_eq!(all, [1, 2]);
}

#[test]
fn what_continues_another_list_is_refused() {
    let paging =
        json!({ "type": "cursor", "cursor_name_in_request": "c", "cursor_path_in_response": "next" });
    let args = json!({ "connection_id": "c", "provider_config_key": "k", "any_path": "all" });
    for page in ["", "{", "[]", "{}", r#"{"number":1}"#, r#"{"path":"../x","query":{}}"#] {
        for (options, slug, args) in [
            (options(&paging), "NANGO_GET_PROXY", args.clone()),
            (
                Options { paging: Some(Paging::Own), ..Options::default() },
                "NANGO_LIST_ALL_FUNCTIONS",
                json!({}),
            ),
        ] {
            let mut call = nango_toolkit::call::Call::new(
                Options { page: Some(page.to_owned()), ..options },
                slug,
                args,
                1,
            );
            let outcome = answered(&mut call, &mut |request| panic!("{page}: {}", request.url));
            assert_eq!(outcome.result.unwrap_err().kind, ErrorKind::InvalidOption, "{page}");
        }
    }
}
