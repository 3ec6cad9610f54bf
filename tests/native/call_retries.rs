//! Retries of a call with a fake clock: what is retried, the delays, the bounds.

use crate::common::args::least;
use crate::common::random::Random;
use crate::common::runs::{Act, KEY, START, answer, call, error, failed, fine, limited, run};
use nango_toolkit::call::{Call, Options, Poll, Retry};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::http::Response;
use nango_toolkit::tool::Tool;
use nango_toolkit::tools;
use serde_json::json;

fn idempotent() -> impl Iterator<Item = &'static Tool> {
    tools::all().filter(|t| t.idempotent)
}

fn once_only() -> impl Iterator<Item = &'static Tool> {
    tools::all().filter(|t| !t.idempotent)
}

#[test]
fn nangos_rate_limit_is_waited_out_for_every_tool() {
    for tool in tools::all() {
        for (retry_after, seconds) in [
            (Some("0"), 1),
            (Some("1"), 1),
            (Some("7"), 7),
            (Some(" 3 "), 3),
            (Some("soon"), 1),
            (Some("-5"), 1),
            (None, 1),
        ] {
            for seed in 0..20 {
                let args = least(&mut Random::new(1), tool);
                let mut call = Call::new(Options::default(), tool.slug, args, seed);
                let (sent, outcome) =
                    run(&mut call, |n| Act::Answer(if n == 1 { limited(retry_after) } else { fine() }));
                assert!(outcome.successful(), "{}", tool.slug);
                // Never earlier than requested, and at most a quarter or two seconds later.
                let least = seconds * 1000;
                assert!(
                    (least..=least + (least / 4).min(2000)).contains(&sent[1]),
                    "{sent:?} for {retry_after:?}"
                );
            }
        }
    }
}

#[test]
fn jitter_differs_from_seed_to_seed_and_not_within_one() {
    let tool = tools::find("NANGO_LIST_INTEGRATIONS").unwrap();
    let times = |seed: u64| {
        let mut call = Call::new(Options::default(), tool.slug, json!({}), seed);
        let (sent, outcome) = run(&mut call, |_| Act::Answer(failed(500)));
        (sent, outcome.meta.call_id.unwrap())
    };
    let all: std::collections::BTreeSet<_> = (0..200).map(times).collect();
    assert!(
        all.len() == 200
            && all.iter().map(|(sent, _)| sent).collect::<std::collections::BTreeSet<_>>().len() > 150
    );
    assert_eq!(times(9), times(9));
    let first: Vec<u64> = all.iter().map(|(sent, _)| sent[1]).collect();
    assert!(first.iter().all(|t| (250..=500).contains(t)), "the first wait is 250 to 500 ms: {first:?}");
    let second: Vec<u64> = all.iter().map(|(sent, _)| sent[2] - sent[1]).collect();
    assert!(second.iter().all(|t| (500..=1000).contains(t)), "the second is twice as long: {second:?}");
}

#[test]
fn a_providers_rate_limit_is_an_answer() {
    for tool in tools::all().filter(|t| t.is_proxy()) {
        for body in [
            json!({ "message": "slow down" }),
            json!({ "error": { "code": "too_many_request" } }),
            json!({ "error": "rate" }),
            json!([]),
        ] {
            let response = answer(429, &[("Retry-After", "1")], &body);
            let (sent, outcome) = run(&mut call(tool, Options::default()), |_| Act::Answer(response.clone()));
            let error = error(outcome);
            assert_eq!((sent.len(), error.kind, error.retryable), (1, ErrorKind::Provider, true), "{body}");
        }
    }
}

#[test]
fn failures_are_repeated_for_idempotent_tools_alone() {
    let acts = [
        Act::Answer(failed(500)),
        Act::Answer(failed(502)),
        Act::Answer(failed(503)),
        Act::Break,
        Act::Never,
    ];
    for act in acts {
        for tool in idempotent() {
            // Two attempts that never end use up the default time in all.
            let options = Options {
                retry: Retry { total_ms: Some(u64::MAX), ..Retry::default() },
                ..Options::default()
            };
            let (sent, outcome) = run(&mut call(tool, options), |_| act.clone());
            assert!(!outcome.successful());
            assert_eq!(sent.len(), 3, "{}", tool.slug);
        }
        for tool in once_only() {
            let (sent, outcome) = run(&mut call(tool, Options::default()), |_| act.clone());
            let error = error(outcome);
            assert_eq!(sent.len(), 1, "{}", tool.slug);
            if !matches!(act, Act::Answer(_)) {
                assert!(
                    !error.retryable && error.hint.unwrap().contains("may have reached"),
                    "{}",
                    tool.slug
                );
            }
        }
    }
}

#[test]
fn what_a_caller_can_mend_is_never_repeated() {
    for tool in tools::all() {
        for status in [400, 401, 402, 403, 404, 409, 410, 415, 424, 301, 0] {
            let (sent, outcome) = run(&mut call(tool, Options::default()), |_| Act::Answer(failed(status)));
            assert!(sent.len() == 1 && !outcome.successful(), "{} repeats {status}", tool.slug);
        }
    }
}

#[test]
fn attempts_and_times_are_bounded() {
    let tool = tools::find("NANGO_LIST_INTEGRATIONS").unwrap();
    for attempts in [0, 1, 2, 5, 10] {
        let retry = Retry { attempts, total_ms: Some(u64::MAX), ..Retry::default() };
        let options = Options { retry, ..Options::default() };
        let (sent, outcome) = run(&mut call(tool, options.clone()), |_| Act::Answer(failed(500)));
        assert_eq!((sent.len() as u32, outcome.meta.attempts), (attempts.max(1), attempts.max(1)));
        assert!(
            sent.windows(2).all(|w| w[1] - w[0] <= options.retry.most_ms),
            "no wait is longer than allowed"
        );
    }
    // The total time: no attempt starts or continues after it is used up.
    for total in [1, 100, 1_000, 59_000, 61_000, 100_000] {
        let retry = Retry { attempts: 50, total_ms: Some(total), ..Retry::default() };
        for act in [Act::Answer(failed(500)), Act::Break, Act::Never, Act::Answer(limited(Some("5")))] {
            let mut call = call(tool, Options { retry: retry.clone(), ..Options::default() });
            let (sent, outcome) = run(&mut call, |_| act.clone());
            assert!(sent.iter().all(|t| *t < total), "{sent:?} within {total}");
            assert!(outcome.meta.duration_ms.unwrap() <= total, "{:?} of {total}", outcome.meta);
        }
    }
    // One attempt: the tool's own time, or the caller's.
    for (asked, expected) in [(None, 60_000), (Some(5), 5), (Some(0), 1)] {
        let mut call = call(tool, Options { timeout_ms: asked, ..Options::default() });
        call.poll(START);
        call.handle_key(Ok(KEY), START);
        assert!(matches!(call.poll(START), Poll::Send { until, .. } if until == START + expected));
    }
    // Clocks at the end of time, or running backwards, end calls too.
    for start in [0, u64::MAX - 1, u64::MAX] {
        let mut call = call(tool, Options::default());
        call.poll(start);
        call.handle_key(Ok(KEY), start);
        call.poll(start);
        call.handle_response(&failed(500), 0);
        call.cancel(u64::MAX);
        assert!(matches!(call.poll(0), Poll::Done(_)));
    }
}

#[test]
fn a_long_action_that_times_out_names_async() {
    let tool = tools::find("NANGO_ACTION_TRIGGER_POST").unwrap();
    let (sent, outcome) = run(&mut call(tool, Options::default()), |_| Act::Never);
    let error = error(outcome);
    assert_eq!((sent.len(), error.kind, error.status), (1, ErrorKind::Timeout, None));
    assert!(error.hint.unwrap().contains("async"));
    assert_eq!(outcome_of_duration(tool), 16 * 60 * 1000);
}

fn outcome_of_duration(tool: &Tool) -> u64 {
    run(&mut call(tool, Options::default()), |_| Act::Never).1.meta.duration_ms.unwrap()
}

#[test]
fn a_providers_failure_is_an_answer() {
    // Nango itself retries those, as often as `retries` says.
    for tool in tools::all().filter(|t| t.is_proxy()) {
        for status in [500, 502, 503, 504] {
            let response = answer(status, &[], &json!({ "upstream": "down" }));
            let (sent, outcome) = run(&mut call(tool, Options::default()), |_| Act::Answer(response.clone()));
            let error = error(outcome);
            assert_eq!(
                (sent.len(), error.kind, error.retryable),
                (1, ErrorKind::Provider, tool.idempotent),
                "{}: {status}",
                tool.slug
            );
        }
    }
}

/// `n` seconds after the start, as HTTP writes it: `START` is Tuesday, 14 November 2023, 22:13:20.
fn date_after(n: u64) -> String {
    let second = 13 * 60 + 20 + n;
    format!("Tue, 14 Nov 2023 22:{:02}:{:02} GMT", second / 60, second % 60)
}

#[test]
fn a_retry_after_is_kept_in_both_forms() {
    let unavailable =
        |value: &str| answer(503, &[("Retry-After", value)], &json!({ "message": "maintenance" }));
    let gateway = |value: &str| answer(429, &[("Retry-After", value)], &json!({ "message": "slow down" }));
    let page = |value: &str| Response {
        body: "<html>Too many requests</html>".to_owned(),
        ..answer(429, &[("Retry-After", value)], &json!(null))
    };
    let own = |value: &str| limited(Some(value));
    type Answers<'a> = (&'a dyn Fn(&str) -> Response, bool);
    // Nango's own limit is waited out for every tool, everything else for those that may be repeated.
    let kinds: [Answers<'_>; 4] = [(&own, true), (&unavailable, false), (&gateway, false), (&page, false)];
    for tool in tools::all() {
        for (make, every_tool) in kinds {
            for (value, seconds) in [
                ("7".to_owned(), 7),
                (date_after(12), 12),
                (date_after(0), 1),
                ("Sun, 06 Nov 1994 08:49:37 GMT".to_owned(), 1),
            ] {
                let response = make(&value);
                let repeated = every_tool || tool.idempotent && !tool.is_proxy();
                let (sent, outcome) = run(&mut call(tool, Options::default()), |n| {
                    Act::Answer(if n == 1 { response.clone() } else { fine() })
                });
                assert_eq!((sent.len() == 2, outcome.successful()), (repeated, repeated), "{}", tool.slug);
                let least = seconds * 1000;
                let allowed = least..=least + (least / 4).min(2000);
                assert!(!repeated || allowed.contains(&sent[1]), "{sent:?} for {value} of {}", tool.slug);
            }
        }
    }
}

#[test]
fn a_wait_that_the_call_has_no_time_for_is_not_begun() {
    let tool = tools::find("NANGO_LIST_INTEGRATIONS").unwrap();
    for value in ["86400", "18446744073709551615", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        for status in [429, 503] {
            let response = answer(status, &[("Retry-After", value)], &json!({ "message": "later" }));
            let (sent, outcome) = run(&mut call(tool, Options::default()), |_| Act::Answer(response.clone()));
            let error = error(outcome);
            assert!(sent.len() == 1 && error.retryable, "{status} with {value}: {error:?}");
        }
    }
    let response = answer(429, &[("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")], &json!({}));
    let (_, outcome) = run(&mut call(tool, Options::default()), |_| Act::Answer(response.clone()));
    assert_eq!(error(outcome).hint.unwrap(), "wait until Fri, 31 Dec 9999 23:59:59 GMT and call again");
}
