//! Nothing takes more than linear time: every function that an agent, an MCP client or a server feeds, with inputs of
//! every kind. First each pair of function and kind is tried, then those that take any time are measured while their
//! input doubles. The absolute bound holds for the module as it ships, which `tests/node/curve.test.mjs` measures.
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

/// The problem of the growth of one function over one kind of input.
fn too_steep(
    surface: &Surface,
    make: &dyn Fn(usize) -> String,
    sizes: [usize; 3],
    runs: usize,
) -> Option<String> {
    let times = sizes.map(|size| fastest(surface, &make(size), runs));
    let grows =
        |pair: &[Duration]| pair[1] >= LEAST && pair[1].as_secs_f64() > MOST_GROWTH * pair[0].as_secs_f64();
    let slow = sizes.iter().zip(times).any(|(bytes, time)| time > bound(*bytes));
    (slow || times.windows(2).all(grows)).then(|| format!("{times:?}"))
}

/// Tries all pairs, and measures those that take any time at these sizes.
fn measure(sizes: [usize; 3], runs: usize) {
    let (surfaces, kinds) = (surfaces(), kinds());
    let (mut suspects, mut faults) = (Vec::new(), Vec::new());
    for (kind, make) in &kinds {
        let inputs = TRIED.map(make);
        for surface in &surfaces {
            let times = inputs.iter().map(|input| (input.len(), fastest(surface, input, 1)));
            let mut slow = times.filter(|(bytes, time)| *time > bound_as_shipped(*bytes)).peekable();
            match slow.peek() {
                Some((bytes, time)) if *time > bound(*bytes) => {
                    println!("fault: {}, {kind}: {time:?} for {bytes} bytes", surface.name);
                    faults.push(format!("{}, {kind}: {time:?} for {bytes} bytes", surface.name));
                }
                Some(_) => suspects.push((surface, kind, make)),
                None => {}
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
        let steep =
            too_steep(surface, make, sizes, runs).map(|times| format!("{}, {kind}: {times}", surface.name));
        faults.extend(steep.inspect(|fault| println!("fault: {fault}")));
    }
    assert!(faults.is_empty(), "{} functions take too long:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn no_function_takes_more_than_linear_time() {
    measure([256 * KB, 512 * KB, 1024 * KB], 3);
}

#[test]
#[ignore = "it takes minutes: test:full runs it"]
fn no_function_takes_more_than_linear_time_up_to_four_megabytes() {
    measure([1024 * KB, 2048 * KB, 4096 * KB], 5);
}
