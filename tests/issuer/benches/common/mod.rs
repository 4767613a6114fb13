//! What the benches of the issuer share: the disk beside which they measure, processor time, latencies.
#![allow(dead_code, reason = "each bench uses a part of it")]

pub mod http;

use std::fs::OpenOptions;
use std::io::{Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// True when this is a measurement: `cargo test --benches` runs benches too, and a measurement is no test.
pub fn is_asked_for() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// A folder on the disk that the program is on; a temporary folder may be in memory.
pub fn folder() -> tempfile::TempDir {
    let disk = std::env::current_exe().ok().and_then(|program| program.parent().map(Path::to_owned));
    tempfile::tempdir_in(disk.expect("the bench has a folder")).expect("a folder on a disk")
}

/// Small writes with their fdatasync, a second.
pub fn syncs_a_second(folder: &Path) -> f64 {
    let path = folder.join("fdatasync");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(path).expect("a file");
    file.write_all(&[1; 65_536]).and_then(|()| file.sync_all()).expect("a disk");
    let start = Instant::now();
    for _ in 0..SYNCS {
        file.rewind().and_then(|()| file.write_all(&[2; 4096])).expect("a disk");
        file.sync_data().expect("a disk");
    }
    f64::from(SYNCS) / start.elapsed().as_secs_f64()
}

/// Of all threads of this process so far; callers and issuer alike. Nothing where there is no such file.
pub fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name, which may have spaces: 11 fields, then ticks for itself and for the system.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// How busy the machine is: runnable threads in the last minute.
pub fn load_average() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("unknown").to_owned()
}

/// Milliseconds within which so many of a hundred were answered.
pub fn within(sorted: &[Duration], of_hundred: usize) -> f64 {
    sorted[sorted.len() * of_hundred / 100].as_secs_f64() * 1e3
}

const SYNCS: u32 = 200;
