//! A fuzzer: every function that an agent, an MCP client or a server feeds, with generated inputs, for as long as
//! NANGO_TOOLKIT_FUZZ_SECONDS says. Nothing panics, and nothing takes longer than its bound. A run that fails names the
//! seed with which its case comes first.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![cfg(not(target_family = "wasm"))]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

mod common;
use common::random::{Random, seed};
use common::surface::{Kind, PIECES, Surface, bound, kinds, surfaces, text_of};

/// How long it runs when every change is tested.
const SECONDS: u64 = 15;

/// An input: of one kind, of several in a list or an object, or with something broken in it.
fn input(random: &mut Random, kinds: &[Kind]) -> String {
    let size = 1 << (4 + random.below(13));
    let one = |random: &mut Random, size: usize| kinds[random.below(kinds.len())].1(size);
    let mut text = match random.below(4) {
        0 => {
            let parts: Vec<String> = (0..=random.below(4)).map(|_| one(random, size / 4)).collect();
            format!("[{}]", parts.join(","))
        }
        1 => {
            let names = ["data", "error", "token", "name", "params", "body", "p1", "connections"];
            let property =
                |random: &mut Random| format!("\"{}\":{}", random.one(&names), one(random, size / 4));
            let parts: Vec<String> = (0..=random.below(4)).map(|_| property(random)).collect();
            format!("{{{}}}", parts.join(","))
        }
        _ => one(random, size),
    };
    for _ in 0..random.below(4) {
        text = broken(random, &text);
    }
    text
}

/// A string with a part taken out, put in or repeated.
fn broken(random: &mut Random, text: &str) -> String {
    let mut place = || {
        let mut at = random.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (a, b) = (place(), place());
    let (start, end) = (a.min(b), a.max(b));
    match random.below(4) {
        0 => format!("{}{}", &text[..start], &text[end..]),
        1 => format!("{}{}", &text[..end], &text[start..]),
        2 => text[..start].to_owned(),
        _ => {
            let pieces = 1 + random.below(20);
            let piece = random.pick(PIECES);
            format!("{}{}{}", &text[..start], text_of(piece, pieces), &text[start..])
        }
    }
}

/// Runs one case; returns its problem, if there is one.
fn fault(surface: &Surface, input: &str) -> Option<String> {
    let run = || {
        let start = ThreadTime::now();
        catch_unwind(AssertUnwindSafe(|| (surface.run)(input))).map(|()| start.elapsed())
    };
    let most = bound(input.len());
    // Whatever else the machine does makes a run slow now and then.
    let mut least = Duration::MAX;
    for _ in 0..3 {
        match run() {
            Err(_) => return Some("it panicked".to_owned()),
            Ok(time) => least = least.min(time),
        }
        if least <= most {
            return None;
        }
    }
    Some(format!("it took {least:?}"))
}

#[test]
fn nothing_panics_and_nothing_takes_long() {
    let seconds = std::env::var("NANGO_TOOLKIT_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(SECONDS));
    let (first, surfaces, kinds) = (seed(), surfaces(), kinds());
    let mut cases = 0;
    while Instant::now() < end {
        let own = first.wrapping_add(cases);
        let random = &mut Random::new(own);
        let surface = &surfaces[random.below(surfaces.len())];
        let input = input(random, &kinds);
        if let Some(fault) = fault(surface, &input) {
            let shown: String = input.chars().take(300).collect();
            panic!("{}: {fault} with {} bytes, NANGO_TOOLKIT_SEED={own}: {shown}", surface.name, input.len());
        }
        cases += 1;
    }
    println!("{cases} cases");
    assert!(cases > 0);
}
