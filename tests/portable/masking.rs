//! Text of any form with a secret under its name: the secret is never shown, and the words next to it stay.

use crate::common::random::Random;
use nango_toolkit::http::{Redaction, Response, Reveal, Scrub, decode, may_contain_secrets};
use nango_toolkit::tools;
use serde_json::json;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// How a secret is written where it stands.
#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    /// As it is: letters, digits and a few signs.
    Bare,
    /// In a JSON string.
    Json,
    /// In the JSON string of a JSON string.
    JsonTwice,
    /// In a URL or a form.
    Percent,
    /// In JSON in a URL.
    PercentJson,
    /// In a URL in a URL.
    PercentTwice,
    /// In XML or HTML.
    Xml,
    /// In XML in XML.
    XmlTwice,
    /// In a line of its own.
    Line,
}

use Encoding::{Bare, Json, JsonTwice, Line, Percent, PercentJson, PercentTwice, Xml, XmlTwice};

/// Text with `NAME` and `SECRET` in it.
const CARRIERS: &[(Encoding, &str)] = &[
    (Bare, "NAME=SECRET"),
    (Bare, "NAME: SECRET"),
    (Bare, "NAME:SECRET"),
    (Bare, "NAME = SECRET"),
    (Bare, "'NAME': 'SECRET'"),
    (Bare, "NAME='SECRET'"),
    (Bare, "`NAME`: `SECRET`"),
    (Bare, "{'NAME' => 'SECRET', 'limit' => 5}"),
    (Bare, "(NAME=SECRET)"),
    (Bare, "[NAME=SECRET] [limit=5]"),
    (Bare, "NAME=SECRET, limit=5; page=3"),
    (Bare, "{NAME:SECRET limit:5}"),
    (Bare, "Config { NAME: Some(\"SECRET\"), limit: 5 }"),
    (Bare, "--NAME SECRET --limit 5"),
    (Bare, "--NAME=SECRET"),
    (Bare, "the NAME provided: SECRET"),
    (Json, r#"{"NAME":"SECRET","limit":5}"#),
    (Json, r#"{ "limit": 5, "NAME" : "SECRET" }"#),
    (Json, r#"{"NAME": "SECRET"#),
    (Json, r#"{NAME: "SECRET", limit: 5}"#),
    (Json, r#"{"NAME":["SECRET"],"limit":5}"#),
    (Json, r#"{"NAME":{"inner":{"value":"SECRET"}},"limit":5}"#),
    (Json, r#"{"name":"NAME","value":"SECRET","limit":5}"#),
    (Json, r#"{"value":"SECRET","name":"NAME","limit":5}"#),
    (Json, r#"{"key": "NAME", "value": "SECRET"}"#),
    (Json, r#"[["NAME","SECRET"],["limit","5"]]"#),
    (JsonTwice, r#"{"body":"{\"NAME\":\"SECRET\",\"limit\":5}"}"#),
    (JsonTwice, r#"{\"limit\": 5, \"NAME\": \"SECRET\"}"#),
    (Percent, "https://api.example.com/v1/items?limit=5&NAME=SECRET&page=3"),
    (Percent, "https://api.example.com/?NAME=SECRET#top"),
    (Percent, "https://example.com/#NAME=SECRET&limit=5"),
    (Percent, "https://ada:SECRET@example.com/path"),
    (Percent, "postgres://SECRET@db.example.com:5432/main"),
    (Percent, "limit=5&NAME=SECRET&page=3"),
    (Percent, "user%5BNAME%5D=SECRET&limit=5"),
    (
        PercentTwice,
        "https://example.com/?next=https%3A%2F%2Fexample.com%2F%3FNAME%3DSECRET%26limit%3D5&page=3",
    ),
    (PercentJson, "q=%7B%22NAME%22%3A%22SECRET%22%7D&page=3"),
    (Line, "\nNAME: SECRET\nContent-Length: 5\n"),
    (Line, "\r\nAuthorization: Bearer SECRET\r\nContent-Length: 5\r\n"),
    (Line, "\nAuthorization: Token SECRET\nContent-Length: 5\n"),
    (Line, "\nAuthorization: SECRET\nContent-Length: 5\n"),
    (Line, "\nX-Api-Key: SECRET\nContent-Length: 5\n"),
    (Line, "\nCookie: theme=dark; sid=SECRET; lang=en\nContent-Length: 5\n"),
    (Line, "\nNAME=SECRET\nlimit=5\n"),
    (Bare, "-H 'Authorization: Bearer SECRET' -H 'Accept: text/plain'"),
    (Bare, "authorization: Bearer SECRET"),
    (Json, r#"["Authorization", "Bearer SECRET"]"#),
    (Json, r#"{"Authorization":"Bearer SECRET","limit":5}"#),
    (Xml, r#"<item NAME="SECRET" limit="5"/>"#),
    (Xml, "<NAME>SECRET</NAME><limit>5</limit>"),
    (Xml, r#"<ns:NAME type="text">SECRET</ns:NAME>"#),
    (Bare, "<NAME><![CDATA[SECRET]]></NAME>"),
    (Xml, r#"<input type="hidden" name="NAME" value="SECRET">"#),
    (Xml, r#"<input value="SECRET" name="NAME">"#),
    (Xml, r#"<header name="NAME">SECRET</header>"#),
    (Xml, r#"<add key="NAME" value="SECRET" />"#),
    (Xml, "<key>NAME</key><string>SECRET</string>"),
    (XmlTwice, "&lt;NAME&gt;SECRET&lt;/NAME&gt;"),
    (
        Line,
        "--x\r\nContent-Disposition: form-data; name=\"NAME\"\r\n\r\nSECRET\r\n--x\r\nContent-Disposition: form-data; name=\"limit\"\r\n\r\n5\r\n--x--",
    ),
];

const NAMES: &[&str] = &[
    "access_token",
    "accessToken",
    "api_key",
    "apiKey",
    "API-KEY",
    "client_secret",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pass",
    "db_pass",
    "pat",
    "githubPat",
    "jwt",
    "signature",
    "session_id",
    "sessionId",
    "private_key",
    "secretAccessKey",
    "X-Auth-Token",
    "credential",
    "cookie",
    "refresh_token",
];

/// Words of answers and of people; some contain the name of a secret but are not secret.
const WORDS: &[&str] = &[
    "production",
    "passenger",
    "path",
    "compass",
    "patient",
    "keyboard",
    "monkey",
    "author",
    "the",
    "request",
    "failed",
    "because",
    "contact",
    "was",
    "not",
    "found",
    "limit",
    "exceeded",
    "Berlin",
    "2026",
    "status",
    "tokenizer",
    "secretary",
    "bypass",
    "signal",
    "session",
    "signed",
    "user",
    "order",
    "unique",
    "invoice",
    "please",
    "retry",
    "later",
    "with",
    "another",
    "page",
    "id",
    "name",
    "value",
    "from",
    "created",
    "at",
];

fn secret(random: &mut Random, encoding: Encoding) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const SIGNS: &[u8] = b"abcdefghijkABCDEFGHI0123456789-_.~+/";
    const DIGITS: &[u8] = b"0123456789";
    const HEX: &[u8] = b"0123456789abcdef";
    let mut draw = |from: &[u8], least: usize, most: usize| -> String {
        let length = least + random.below(most - least + 1);
        (0..length).map(|_| char::from(from[random.below(from.len())])).collect()
    };
    match draw(DIGITS, 1, 1).as_str() {
        "0" | "1" => draw(LETTERS, 8, 64),
        "2" => format!("{}=", draw(SIGNS, 12, 40)),
        "3" => draw(HEX, 32, 64),
        "4" => draw(DIGITS, 18, 40),
        "5" => format!(
            "{}-{}-4{}-a{}-{}",
            draw(HEX, 8, 8),
            draw(HEX, 4, 4),
            draw(HEX, 3, 3),
            draw(HEX, 3, 3),
            draw(HEX, 12, 12)
        ),
        "6" => format!("eyJ{}.{}.{}", draw(LETTERS, 12, 20), draw(LETTERS, 20, 40), draw(SIGNS, 20, 40)),
        "7" => draw(&LETTERS[..26], 7, 12),
        _ if matches!(encoding, Bare | Line) => draw(SIGNS, 10, 30),
        "8" => format!(
            "{} {}\"{}\\{}",
            draw(LETTERS, 6, 9),
            draw(LETTERS, 6, 9),
            draw(LETTERS, 6, 9),
            draw(LETTERS, 6, 9)
        ),
        _ => format!(
            "{}{}&{}<{}:{}",
            draw(LETTERS, 6, 9),
            "ä€😀",
            draw(LETTERS, 6, 9),
            draw(LETTERS, 6, 9),
            draw(LETTERS, 6, 9)
        ),
    }
}

fn percent(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn encoded(secret: &str, encoding: Encoding) -> String {
    let inner = |text: &str| {
        let text = json!(text).to_string();
        text[1..text.len() - 1].to_owned()
    };
    match encoding {
        Bare | Line => secret.to_owned(),
        Json => inner(secret),
        JsonTwice => inner(&inner(secret)),
        Percent => percent(secret),
        PercentJson => percent(&inner(secret)),
        PercentTwice => percent(&percent(secret)),
        Xml => xml(secret),
        XmlTwice => xml(&xml(secret)),
    }
}

fn words(random: &mut Random) -> Vec<&'static str> {
    (0..3 + random.below(6)).map(|_| WORDS[random.below(WORDS.len())]).collect()
}

/// Every piece of eight letters and digits of a secret.
fn pieces(secret: &str) -> Vec<String> {
    let mut all = Vec::new();
    for run in secret.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| run.len() >= 6) {
        let length = run.len().min(8);
        all.extend((0..=run.len() - length).map(|at| run[at..at + length].to_owned()));
    }
    all
}

struct Tally {
    shown: Vec<String>,
    words: usize,
    lost: Vec<String>,
}

fn try_all(count: usize, mask: impl Fn(&str) -> String) -> Tally {
    let mut random = Random::new(20_260_729);
    let mut tally = Tally { shown: Vec::new(), words: 0, lost: Vec::new() };
    for at in 0..count {
        let (encoding, carrier) = CARRIERS[at % CARRIERS.len()];
        let secret = secret(&mut random, encoding);
        let name = NAMES[random.below(NAMES.len())];
        let body = carrier.replace("NAME", name).replace("SECRET", &encoded(&secret, encoding));
        let (before, after) = (words(&mut random), words(&mut random));
        let text = format!("{} {body} {}", before.join(" "), after.join(" "));
        let masked = mask(&text);
        if pieces(&secret).iter().any(|piece| masked.contains(piece.as_str())) {
            tally.shown.push(format!("{carrier}: {text}\n  -> {masked}"));
        }
        // A sentence that the secret breaks off in ends there.
        if carrier.ends_with("SECRET") && matches!(encoding, Json) {
            continue;
        }
        let start = masked.find(&before.join(" ")).is_some();
        let end = masked.ends_with(&after.join(" "));
        tally.words += before.len() + after.len();
        if !start || !end {
            let kept = |all: &[&str]| all.iter().filter(|word| masked.contains(**word)).count();
            let lost = before.len() + after.len() - kept(&before) - kept(&after);
            for _ in 0..lost.max(1) {
                tally.lost.push(format!("{carrier}: {text}\n  -> {masked}"));
            }
        }
    }
    tally
}

fn expect_clean(count: usize, mask: impl Fn(&str) -> String) {
    let Tally { shown, words, lost } = try_all(count, mask);
    println!("{count} texts: {} shown, {} of {words} words lost", shown.len(), lost.len());
    for text in shown.iter().take(12).chain(lost.iter().take(6)) {
        println!("{text}");
    }
    assert_eq!(shown.len(), 0);
    assert!(lost.len() * 50 <= words, "{} of {words} words lost", lost.len());
}

const COUNT: usize = if cfg!(target_family = "wasm") { 600 } else { 10_000 };

#[test]
fn no_carrier_shows_a_secret() {
    assert!(CARRIERS.len() >= 40);
    let scrub = Scrub::default();
    expect_clean(COUNT, |text| {
        let masked = scrub.text(text);
        // What a host parses by itself is not masked.
        let is_read = may_contain_secrets(&json!({ "text": text }).to_string());
        assert!(is_read || masked == text, "a host would show {text}");
        masked
    });
}

/// What an answer of this status and content type becomes for the proxy, as text.
fn answered(status: u16, content_type: &str, body: String) -> String {
    let headers = vec![("content-type".to_owned(), content_type.to_owned())];
    let response = Response { status, headers, body };
    let redaction = Redaction { reveal: Reveal::None, provider_data: true };
    match decode(tools::find("NANGO_GET_PROXY").unwrap(), &response, &redaction, &Scrub::default()) {
        Ok(data) => serde_json::to_value(data).unwrap().as_str().unwrap().to_owned(),
        Err(error) => match error.details.unwrap()["body"].as_str() {
            Some(text) => text.to_owned(),
            None => error.message,
        },
    }
}

#[test]
fn plain_text_answers_show_no_secret() {
    // The text of an error is cut to its beginning; no carrier is that long.
    expect_clean(COUNT / 5, |text| {
        answered(502, "text/plain", format!("{text}.")).trim_end_matches('.').to_owned()
    });
}

#[test]
fn strings_of_answers_in_json_show_no_secret() {
    expect_clean(COUNT / 5, |text| answered(200, "application/json", json!(text).to_string()));
    expect_clean(COUNT / 5, |text| {
        let said = answered(400, "application/json", json!({ "message": text }).to_string());
        said.split_once(": ").unwrap().1.to_owned()
    });
}

/// Natively only: elsewhere there is no clock for it.
#[cfg(not(target_family = "wasm"))]
#[test]
fn no_text_takes_longer_than_its_length() {
    for part in [
        "token:[",
        "token:{\"a\":",
        "token='",
        "token=\"",
        "token=a,",
        "\"value\":\"",
        "name=token&",
        "://",
        "<a>",
        "<token>",
        "\\",
        "%22",
        "&lt;",
        "-----BEGIN PRIVATE KEY-----",
        "cookie: a;",
        "[\"token\",",
        "Bearer ",
        "a\\\"",
        "key key ",
        "form-data; name=\"token\"\n\n",
        "<name>token</name>",
        "Authorization: Digest a=\"b\",",
        "token:Some(\"",
    ] {
        let text = part.repeat(400_000 / part.len());
        let started = std::time::Instant::now();
        let masked = Scrub::default().text(&text);
        let took = started.elapsed();
        assert!(!masked.is_empty() && took.as_secs() < 5, "{part}: {took:?}");
    }
}
