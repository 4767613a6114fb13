//! Timing: the median of many batches, because a mean would follow the noise.

use std::hint::black_box;
use std::time::Instant;

/// One line of the table.
pub struct Row {
    what: &'static str,
    ours_ns: f64,
    target: &'static str,
    peer: &'static str,
    peer_ns: Option<f64>,
}

impl Row {
    pub fn new(
        what: &'static str,
        ours_ns: f64,
        target: &'static str,
        peer: &'static str,
        peer_ns: Option<f64>,
    ) -> Self {
        Self { what, ours_ns, target, peer, peer_ns }
    }
}

/// Median nanoseconds of one call, over batches of `batch` calls.
pub fn nanoseconds<T>(batch: u32, mut call: impl FnMut() -> T) -> f64 {
    let mut batches: Vec<f64> = (0..BATCHES)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..batch {
                black_box(call());
            }
            start.elapsed().as_nanos() as f64 / f64::from(batch)
        })
        .collect();
    batches.sort_by(f64::total_cmp);
    batches[batches.len() / 2]
}

/// Prints the table: ours, the target, the peer in the same run, and how many times faster we are.
pub fn print(rows: &[Row]) {
    println!(
        "\n{:<46} {:>12}  {:<12} {:<34} {:>12} {:>10}",
        "what", "ours", "target", "peer", "peer", "peer/ours"
    );
    for row in rows {
        let (peer, ratio) = match row.peer_ns {
            Some(ns) => (human(ns), format!("{:.2}x", ns / row.ours_ns)),
            None => ("skipped".to_owned(), "-".to_owned()),
        };
        println!(
            "{:<46} {:>12}  {:<12} {:<34} {:>12} {:>10}",
            row.what,
            human(row.ours_ns),
            row.target,
            row.peer,
            peer,
            ratio
        );
    }
}

/// A duration as people read it.
pub fn human(ns: f64) -> String {
    match ns {
        ns if ns < 1e4 => format!("{ns:.0} ns"),
        ns if ns < 1e7 => format!("{:.1} us", ns / 1e3),
        ns => format!("{:.1} ms", ns / 1e6),
    }
}

const BATCHES: usize = 31;
