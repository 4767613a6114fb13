//! The peers, measured in the same run on the same machine. One that cannot be had is `None` and shown
//! as skipped; `SOFTTOKEN_PYTHON` names the Python that has pyotp (`cargo xtask bench` sets it).

use std::process::Command;

/// pyotp's `TOTP.at`, one call.
pub fn pyotp() -> Option<f64> {
    python(
        "
import time, statistics, pyotp
totp = pyotp.TOTP('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
def batch():
    start = time.perf_counter_ns()
    for t in range(1800000000, 1800000000 + 60000, 30): totp.at(t)
    return (time.perf_counter_ns() - start) / 2000
print(statistics.median(batch() for _ in range(11)))
",
    )
}

/// SQLite alone, by Python's `sqlite3`: open a file of five rows on tmpfs, check it, read the rows, close it.
pub fn sqlite_open() -> Option<f64> {
    python(
        "
import os, sqlite3, statistics, tempfile, time
folder = tempfile.mkdtemp(dir='/dev/shm' if os.path.isdir('/dev/shm') else None)
file = os.path.join(folder, 'peer.db')
with sqlite3.connect(file) as db:
    db.execute('CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)')
    db.executemany('INSERT INTO t(body) VALUES (?)', [(b'x' * 900,)] * 5)
def once():
    start = time.perf_counter_ns()
    db = sqlite3.connect(file)
    db.execute('PRAGMA quick_check').fetchall()
    db.execute('SELECT body FROM t').fetchall()
    db.close()
    return time.perf_counter_ns() - start
print(statistics.median(once() for _ in range(101)))
os.remove(file); os.rmdir(folder)
",
    )
}

/// OpenSSL's own measurement of HMAC-SHA-1 over eight bytes with the key set up once: no formatting, no key set-up.
pub fn openssl_hmac() -> Option<f64> {
    let output = Command::new("openssl")
        .args(["speed", "-mr", "-hmac", "sha1", "-bytes", "8", "-seconds", "1"])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let bytes_per_second: f64 = text.lines().rev().find_map(|line| line.rsplit(':').next()?.parse().ok())?;
    Some(8.0 / bytes_per_second * 1e9)
}

/// Starting any program at all, median of many.
pub fn bin_true() -> Option<f64> {
    let program =
        ["/bin/true", "/usr/bin/true"].into_iter().find(|path| std::path::Path::new(path).exists())?;
    Some(crate::measure::nanoseconds(5, || Command::new(program).status().is_ok()))
}

fn python(script: &str) -> Option<f64> {
    let python = std::env::var("SOFTTOKEN_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python).args(["-c", script]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
