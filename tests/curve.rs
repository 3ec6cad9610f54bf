//! Nothing takes more than linear time: every function that an agent, an MCP client or a server feeds, with inputs of
//! every kind. First each pair of function and kind is tried at two sizes, then those that look steep are measured while
//! their input doubles, in the long run also some messages of MCP that take any time. For everything else,
//! `tests/component/instructions.test.mjs` counts instructions instead, up to four megabytes. The absolute bound holds
//! for the module as it ships, which `tests/node/curve.test.mjs` measures.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use cpu_time::ThreadTime;

mod common;
use common::surface::{Surface, bound, bound_as_shipped, kinds, surfaces};

const KB: usize = 1024;
/// The sizes at which every pair is tried, the next one only while the time is within its bound.
const TRIED: [usize; 2] = [16 * KB, 128 * KB];
/// How much longer a call may take if its input doubles.
const MOST_GROWTH: f64 = 2.7;
/// How much longer a call may take with the second size that is tried, where its input is eight times as long.
const MOST_STEEP: f64 = 16.0;
/// What takes less is not measured: noise would be.
const LEAST: Duration = Duration::from_millis(5);

/// The processor time of the fastest of some runs.
fn fastest(surface: &Surface, input: &str, runs: usize) -> Duration {
    let once = || {
        let start = ThreadTime::now();
        (surface.run)(input);
        start.elapsed()
    };
    (0..runs).map(|_| once()).min().unwrap()
}

/// The problem of the growth of one function over one kind of input: each doubling takes too much longer. One or two do
/// where the allocator begins to return its pages to the system.
fn too_steep(
    surface: &Surface,
    make: &dyn Fn(usize) -> String,
    sizes: [usize; 4],
    runs: usize,
) -> Option<String> {
    let times = sizes.map(|size| fastest(surface, &make(size), runs));
    let grows =
        |pair: &[Duration]| pair[1] >= LEAST && pair[1].as_secs_f64() > MOST_GROWTH * pair[0].as_secs_f64();
    let slow = sizes.iter().zip(times).any(|(bytes, time)| time > bound(*bytes));
    (slow || times.windows(2).all(grows)).then(|| format!("{times:?}"))
}

/// Which pairs are measured.
#[derive(PartialEq)]
enum Measured {
    /// Those of every tenth pair that look steep: together all functions, and all kinds of input.
    Steep,
    /// Those of all pairs that look steep, and every thirtieth message of MCP that takes any time.
    All,
}

/// Tries all pairs, and measures some at these sizes.
fn measure(measured: &Measured, sizes: [usize; 4], runs: usize) {
    let (surfaces, kinds) = (surfaces(), kinds());
    let (mut suspects, mut slow, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (at, (kind, make)) in kinds.iter().enumerate() {
        let inputs = TRIED.map(make);
        let (first, step) = if *measured == Measured::Steep { (at % 10, 10) } else { (0, 1) };
        for (place, surface) in surfaces.iter().enumerate().skip(first).step_by(step) {
            let tried = |input: &String| {
                let time = fastest(surface, input, 1);
                // Other programs can disturb one run, but not three more.
                let is_slow = time > bound(input.len());
                (input.len(), if is_slow { fastest(surface, input, 3) } else { time })
            };
            let [small, large] = inputs.each_ref().map(tried);
            let is_over = |(bytes, time): &(usize, Duration)| *time > bound(*bytes);
            if let Some(at) = [small, large].iter().position(is_over) {
                slow.push((surface, kind, make(TRIED[at])));
                continue;
            }
            let is_steep = large.1 > LEAST && large.1.as_secs_f64() > MOST_STEEP * small.1.as_secs_f64();
            let is_message = surface.name.starts_with("MCP") && (at + place) % 30 == 0;
            let is_slow = is_message && large.1 > bound_as_shipped(large.0);
            if is_steep || is_slow && *measured == Measured::All {
                suspects.push((surface, kind, make));
            }
        }
    }
    println!(
        "{} functions, {} kinds of input, {} pairs to measure",
        surfaces.len(),
        kinds.len(),
        suspects.len()
    );
    for (surface, kind, make) in suspects {
        // Other programs can disturb one measurement, but not three.
        let steep: Option<Vec<_>> = (0..3).map(|_| too_steep(surface, make, sizes, runs)).collect();
        if let Some(times) = steep {
            println!("fault: {}, {kind}: {}", surface.name, times.join(" "));
            faults.push(format!("{}, {kind}: {}", surface.name, times.join(" ")));
        }
    }
    // A busy machine can be slow for a while, but not at both times.
    for (surface, kind, input) in slow {
        let (bytes, time) = (input.len(), fastest(surface, &input, 5));
        println!("tried again: {}, {kind}: {time:?} for {bytes} bytes", surface.name);
        if time > bound(bytes) {
            faults.push(format!("{}, {kind}: {time:?} for {bytes} bytes", surface.name));
        }
    }
    assert!(faults.is_empty(), "{} functions take too long:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn no_function_takes_more_than_linear_time() {
    measure(&Measured::Steep, [128 * KB, 256 * KB, 512 * KB, 1024 * KB], 3);
}

#[test]
#[ignore = "it takes minutes: test:full runs it"]
fn no_function_takes_more_than_linear_time_up_to_four_megabytes() {
    measure(&Measured::All, [512 * KB, 1024 * KB, 2048 * KB, 4096 * KB], 2);
}
