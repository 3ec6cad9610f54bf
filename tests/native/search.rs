//! Tool search: requests in users' words find their tool.

use nango_toolkit::search::{Hit, Index, SearchOptions, search};
use nango_toolkit::tool::Toolset;
use nango_toolkit::tools;
use serde_json::Value;

use crate::common::random::{Random, seed};

fn find(text: &str) -> Vec<Hit> {
    search(text, &SearchOptions::default(), tools::all())
}

/// The requests of a fixture, each with its tool.
fn fixture(name: &str) -> Vec<(String, String)> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let list: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let requests = list.iter().flat_map(|entry| {
        let tool = entry["tool"].as_str().unwrap();
        entry["requests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| (tool.to_owned(), r.as_str().unwrap().to_owned()))
    });
    requests.collect()
}

/// The requests for the tools that are listed by default, and for the others.
const FIXTURES: [&str; 2] = ["search.json", "search_more.json"];
/// As [`FIXTURES`]; the ranking was not tuned with them.
const HELD_OUT: [&str; 2] = ["search_heldout.json", "search_more_heldout.json"];

fn all_fixtures(names: [&str; 2]) -> Vec<(String, String)> {
    names.into_iter().flat_map(fixture).collect()
}

/// How many requests have their tool first and how many in the first three; the misses are printed,
/// but not those of a fixture that is held out, so that nobody tunes with them.
fn score(name: &str) -> (usize, usize, usize) {
    let requests = fixture(name);
    let (mut first, mut third) = (0, 0);
    for (tool, request) in &requests {
        let hits = find(request);
        let place = hits.iter().position(|h| h.tool.slug == tool);
        first += usize::from(place == Some(0));
        third += usize::from(place.is_some_and(|p| p < 3));
        if place != Some(0) && !HELD_OUT.contains(&name) {
            let found: Vec<_> = hits.iter().map(|h| format!("{} {}", h.tool.slug, h.score)).collect();
            let place = place.map_or("not found".to_owned(), |p| format!("place {}", p + 1));
            println!("{place}: {request}\n    wanted {tool}\n    found {}", found.join(", "));
        }
    }
    println!("{name}: {first} of {} first, {third} in the first three", requests.len());
    (first, third, requests.len())
}

#[test]
fn the_fixture_finds_its_tools() {
    for (name, requests) in FIXTURES.into_iter().zip([115, 195]) {
        let (first, third, of) = score(name);
        assert_eq!(of, requests, "{name}");
        assert!(first * 100 >= of * 85, "{name}: {first} of {of} have their tool first");
        assert!(third * 100 >= of * 95, "{name}: {third} of {of} have their tool in the first three");
    }
}

#[test]
fn the_prompts_of_the_hosted_toolkit_find_their_tools() {
    for (prompt, tool) in [
        ("List all connected CRM accounts", "NANGO_CONNECTION_LIST_GET"),
        ("Trigger manual sync with Salesforce provider", "NANGO_SYNC_TRIGGER_POST"),
        ("Get configuration for all available scripts", "NANGO_SCRIPTS_CONFIG_GET"),
        ("Show provider details for QuickBooks integration", "NANGO_PROVIDERS_GET_GET"),
    ] {
        assert_eq!(slugs(prompt).first(), Some(&tool), "{prompt}");
    }
}

#[test]
fn names_of_tools_find_them() {
    for tool in tools::all() {
        for text in [tool.slug.to_owned(), tool.slug.to_lowercase(), tool.title.to_owned()] {
            assert_eq!(slugs(&text).first(), Some(&tool.slug), "{text}");
        }
    }
}

#[test]
fn nonsense_finds_nothing() {
    for text in [
        "",
        " \n\t",
        "?!… -- __ ''",
        "é ü 日本語 🙂",
        "the of and to with",
        "could you please do it for me",
        "what is this",
        "which of them all",
        "list",
        "xqzt vvbnm plokij",
        "What is the weather in Paris tomorrow?",
        "Tell me a joke",
        "make me a sandwich",
        "delete my homework",
        "Who won the world cup in 1998?",
        "colourless green ideas sleep furiously",
        "Translate this sentence into German",
        "What is the capital of France?",
        "Write a poem about the sea",
        "1234567890",
    ] {
        assert_eq!(slugs(text), Vec::<&str>::new(), "{text}");
    }
}

fn slugs(text: &str) -> Vec<&'static str> {
    find(text).iter().map(|h| h.tool.slug).collect()
}

#[test]
fn spelling_matters_little() {
    for (text, tool) in [
        ("lst connectoins and conections", "NANGO_CONNECTION_LIST_GET"),
        ("delete an intergation", "NANGO_DELETE_INTEGRATION"),
        ("listConnections", "NANGO_CONNECTION_LIST_GET"),
        ("deleteIntegration", "NANGO_DELETE_INTEGRATION"),
        ("get_sync_status", "NANGO_GET_SYNC_STATUS"),
        ("REAUTHORIZE THE ACCOUNT", "NANGO_RECONNECT_SESSION_POST"),
        ("re-authorise the account", "NANGO_RECONNECT_SESSION_POST"),
        ("enviroment variables", "NANGO_GET_ENVIRONMENT_VARIABLES"),
    ] {
        assert_eq!(slugs(text).first(), Some(&tool), "{text}");
    }
}

#[test]
fn limits_and_toolsets_narrow() {
    let all = |limit| search("connection", &SearchOptions { limit, toolsets: &[] }, tools::all());
    assert_eq!(all(0).len(), 0);
    assert_eq!(all(2).len(), 2);
    assert!(all(100).len() > 5);
    let toolsets = &[Toolset::Syncs, Toolset::Proxy];
    let hits =
        search("get the status of a connection", &SearchOptions { limit: 100, toolsets }, tools::all());
    assert!(!hits.is_empty());
    assert!(hits.iter().all(|h| toolsets.contains(&h.tool.toolset)));
    assert!(search("delete connection", &SearchOptions::default(), [].into_iter()).is_empty());
}

#[test]
fn hits_say_what_matched() {
    let hits = find("Please DISCONNECT Ada's HubSpot account");
    assert_eq!(hits[0].tool.slug, "NANGO_DELETE_CONNECTION");
    assert_eq!(hits[0].matched, ["DISCONNECT", "Ada", "HubSpot", "account"]);
    let hits = find("sign in link");
    assert_eq!(hits[0].matched, ["sign", "in", "link"]);
}

/// The conditions on every result: order, bounds, words of the request, and repeatability.
fn sound(index: &Index, text: &str) {
    let hits = index.search(text, &SearchOptions { limit: 100, toolsets: &[] });
    assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score), "{text:?}");
    for hit in &hits {
        assert!((1..=1000).contains(&hit.score), "{text:?}");
        assert!(!hit.matched.is_empty(), "{text:?}");
        assert!(hit.matched.iter().all(|word| text.contains(word.as_str())), "{text:?}");
    }
    let again = index.search(text, &SearchOptions { limit: 100, toolsets: &[] });
    let plain =
        |hits: &[Hit]| -> Vec<_> { hits.iter().map(|h| (h.tool.slug, h.score, h.matched.clone())).collect() };
    assert_eq!(plain(&hits), plain(&again), "{text:?}");
}

#[test]
fn any_text_is_answered() {
    let index = Index::new(tools::all());
    let mut random = Random::new(seed());
    let known: Vec<String> = fixture("search.json").into_iter().map(|(_, request)| request).collect();
    let known: Vec<&str> = known.iter().flat_map(|request| request.split(' ')).collect();
    for _ in 0..300 {
        let mut text = String::new();
        for _ in 0..random.below(12) {
            match random.below(3) {
                0 => (0..random.below(40)).for_each(|_| text.push(random.char())),
                _ => text.push_str(random.pick(&known)),
            }
            text.push_str(random.pick(&[" ", "-", "'s ", "\u{2019}s ", "_", "+", "re-", ""]));
        }
        sound(&index, &text);
    }
    sound(&index, &"connection ".repeat(10_000));
    sound(&index, &"x".repeat(100_000));
    sound(&index, &"\u{2019}s".repeat(10_000));
}

#[test]
fn random_letters_find_nothing() {
    let index = Index::new(tools::all());
    let mut random = Random::new(seed());
    for _ in 0..200 {
        let mut text = String::new();
        for _ in 0..4 {
            (0..9).for_each(|_| text.push(random.one(&['b', 'k', 'q', 'v', 'w', 'x', 'y', 'z'])));
            text.push(' ');
        }
        assert!(index.search(&text, &SearchOptions::default()).is_empty(), "{text:?}");
    }
}

/// Requests that the ranking was not tuned with: how many it finds is reported, not required.
#[test]
fn the_requests_held_out_are_told() {
    for (name, requests) in HELD_OUT.into_iter().zip([46, 78]) {
        assert_eq!(score(name).2, requests, "{name}");
    }
}

/// The words of a string, in the singular.
fn plain(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    words.map(|w| w.to_lowercase().trim_end_matches('s').to_owned()).collect()
}

#[test]
fn the_fixtures_ask_for_every_tool_in_other_words_than_its_own() {
    let (fixed, held) = (all_fixtures(FIXTURES), all_fixtures(HELD_OUT));
    for tool in tools::all() {
        let mut own = plain(&format!("{} {}", tool.slug.replace('_', " "), tool.title));
        own.retain(|word| !["all", "by"].contains(&word.as_str()));
        let of = |list: &[(String, String)]| list.iter().filter(|(t, _)| t == tool.slug).count();
        assert_eq!((of(&fixed), of(&held)), (5, 2), "{}", tool.slug);
        let other = |request: &String| plain(request).iter().all(|word| !own.contains(word));
        let others = fixed.iter().filter(|(t, request)| t == tool.slug && other(request)).count();
        assert!(others >= 3, "{} has {others} requests without its own words", tool.slug);
    }
}
