//! What a Rust program logs with `{:?}` contains no key, no argument and no answer; errors work with `?`.

use nango_toolkit::call::{Ask, Call, Options, Poll, key_format};
use nango_toolkit::error::{Error, ErrorKind, InvalidArguments};
use nango_toolkit::http::{Response, Scrub};
use nango_toolkit::schema::{self, Allow, Arguments};
use nango_toolkit::tool::{Method, StringFormat};
use nango_toolkit::tools;
use nango_toolkit::url::Url;
use serde_json::json;

const KEY: &str = "d59beb0a-3a8c-4d4a-9c4a-0f0e0d0c0b0a";

#[test]
fn nothing_that_is_formatted_holds_a_secret() {
    let tool = tools::find("NANGO_ADD_CONNECTION").unwrap();
    let args = || {
        json!({
            "provider_config_key": "k", "credentials": { "type": "API_KEY", "apiKey": "planted-secret" },
            "metadata": { "password": "planted-secret" },
        })
    };
    let mut shown = vec![format!("{:?}", Arguments::from(args()))];
    shown.push(format!("{:?}", Arguments::from_text(&args().to_string())));
    let checked = schema::check(tool, args(), &Allow::default()).unwrap();
    shown.push(format!("{checked:?} {:?}", Scrub::of(tool, &checked)));
    let options = Options { confirm: Some("planted-secret".to_owned()), ..Options::default() };
    shown.push(format!("{options:?}"));

    let mut call = Call::new(options, tool.slug, args(), 1);
    let response = Response {
        status: 200,
        headers: vec![("x-token".to_owned(), "planted-secret".to_owned())],
        body: r#"{ "credentials": { "type": "API_KEY", "apiKey": "planted-secret" } }"#.to_owned(),
    };
    shown.push(format!("{response:?}"));
    loop {
        let poll = call.poll(0);
        shown.push(format!("{call:?} {poll:?}"));
        match poll {
            Poll::Ask(Ask::Key) => call.handle_key(Ok(KEY), 0),
            Poll::Send { request, .. } => {
                shown.push(format!("{request:?} {:?}", call.take_events()));
                assert!(request.header("authorization").is_some_and(|value| value.contains(KEY)));
                call.handle_response(&response, 0);
            }
            Poll::Done(_) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(shown.len(), 9, "{shown:#?}");
    for text in shown {
        assert!(!text.contains("planted") && !text.contains(KEY), "{text}");
    }
}

/// The errors of pure functions, converted by `?`.
fn asked(what: usize) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let list = tools::find("NANGO_CONNECTION_LIST_GET").ok_or("no such tool")?;
    match what {
        0 => drop(schema::check(list, json!({ "limit": 0, "page": -1 }), &Allow::default())?),
        1 => drop(Url::parse("ftp://a.b")?),
        2 => StringFormat::Email.check("nobody")?,
        3 => key_format("")?,
        4 => drop("TRACE".parse::<Method>()?),
        5 => drop("nonsense".parse::<ErrorKind>()?),
        _ => return Err(Error::new(ErrorKind::Denied, "no").into()),
    }
    Ok(())
}

#[test]
fn every_error_works_with_the_question_mark_and_says_what_is_wrong() {
    let said: Vec<String> = (0..7).map(|what| asked(what).unwrap_err().to_string()).collect();
    assert_eq!(
        said,
        [
            "limit: expected a whole number from 1 to 2000, got 0\npage: expected a whole number from 0, got -1",
            "it must begin with https:// or http://",
            "it does not have the required format",
            "it is empty",
            "it is not GET, POST, PUT, PATCH or DELETE",
            "there is no error kind of that name",
            "denied: no",
        ]
    );
}

#[test]
fn names_are_read_as_they_are_shown() {
    for kind in ErrorKind::ALL {
        assert_eq!(kind.to_string().parse(), Ok(*kind));
    }
    for method in [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete] {
        assert_eq!(method.to_string().parse(), Ok(method));
    }
}

#[test]
fn what_programs_share_between_threads_can_be_shared() {
    fn is<T: Send + Sync + 'static>() {}
    is::<Call>();
    is::<Options>();
    is::<Arguments>();
    is::<Error>();
    is::<InvalidArguments>();
}
