//! What the wiping allocator costs: two processes that differ in it alone take turns.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::measure::human;

/// Prints the cost of one unlock with 1,000 codes, in percent; the target is 5.
pub fn print() {
    let mut wiped = Worker::start(env!("CARGO_BIN_EXE_bench-wiped"));
    let mut plain = Worker::start(env!("CARGO_BIN_EXE_bench-unwiped"));
    let (mut with, mut without) = ([const { Vec::new() }; 2], [const { Vec::new() }; 2]);
    for _ in 0..ROUNDS {
        for (worker, times) in [(&mut wiped, &mut with), (&mut plain, &mut without)] {
            for (list, time) in times.iter_mut().zip(worker.round()) {
                list.push(time);
            }
        }
    }
    let [unlock, codes] = with.map(median);
    let [plain_unlock, plain_codes] = without.map(median);
    let more = |ours: f64, plain: f64| (ours / plain - 1.0) * 100.0;
    println!(
        "the wiping allocator costs {:+.1} % of an unlock with 1,000 codes (target <= 5 %): unlock {} beside {} \
         ({:+.1} %), 1,000 codes {} beside {} ({:+.1} %)",
        more(unlock + codes, plain_unlock + plain_codes),
        human(unlock),
        human(plain_unlock),
        more(unlock, plain_unlock),
        human(codes),
        human(plain_codes),
        more(codes, plain_codes),
    );
}

struct Worker {
    process: Child,
    tell: Option<ChildStdin>,
    hear: BufReader<ChildStdout>,
}

impl Worker {
    fn start(program: &str) -> Self {
        let mut process = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the worker starts");
        let hear = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut worker = Self { tell: process.stdin.take(), process, hear };
        worker.round();
        worker
    }

    /// Nanoseconds of the unlock and of the codes.
    fn round(&mut self) -> [f64; 2] {
        self.tell.as_mut().expect("a pipe").write_all(b"\n").expect("it listens");
        let mut line = String::new();
        self.hear.read_line(&mut line).expect("it answers");
        let mut numbers = line.split_whitespace().map(|word| word.parse().expect("a number"));
        [(); 2].map(|()| numbers.next().expect("two numbers"))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.tell = None;
        let _ended = self.process.wait();
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

const ROUNDS: usize = 31;
