//! Durable code verifications a second, beside the fdatasyncs a second of the same disk in the same run.
//!
//! Every one reads the token, opens its seed, searches the window, stores the decision and a line of the
//! log, and is committed before it is answered. Callers wait for their answers, as browsers do.

use std::fs::OpenOptions;
use std::io::{Seek, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use softtoken_core::otp::{Algorithm, Digits, hotp};
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_issuer::clock::ManualClock;
use softtoken_issuer::mail::NoMail;
use softtoken_issuer::secrets::Purpose;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::{Issuer, Ports};
use tokio::sync::Barrier;

fn main() {
    // `cargo test --benches` runs this too; a measurement is no test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let disk = std::env::current_exe().ok().and_then(|program| program.parent().map(Path::to_owned));
    let folder = tempfile::tempdir_in(disk.expect("the bench has a folder")).expect("a folder on a disk");
    let before = syncs_a_second(folder.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let run = runtime.expect("a runtime").block_on(measure(folder.path()));
    let syncs = (before + syncs_a_second(folder.path())) / 2.0;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "durable code verifications: {:.0}/s by {CALLERS} callers (target >= 3,000), half within {:.1} ms, \
         99 of 100 within {:.1} ms (target < 50); {:.1} to a commit; peer: fdatasync of the same disk {syncs:.0}/s, \
         {:.1} verifications for each; {:.0} us of processor time each; load average {}",
        run.rate,
        run.latency(50),
        run.latency(99),
        run.to_a_commit,
        run.rate / syncs,
        run.processor.as_secs_f64() * 1e6 / run.latencies.len() as f64,
        load.split(' ').next().unwrap_or("unknown"),
    );
}

struct Run {
    rate: f64,
    latencies: Vec<Duration>,
    to_a_commit: f64,
    processor: Duration,
}

impl Run {
    /// Milliseconds within which so many of a hundred were answered.
    fn latency(&self, of_hundred: usize) -> f64 {
        self.latencies[self.latencies.len() * of_hundred / 100].as_secs_f64() * 1e3
    }
}

async fn measure(folder: &Path) -> Run {
    let settings =
        "address = 'issuer.example'\nlisten = '127.0.0.1:0'\ndatabase = 'issuer.db'\nkeys = 'keys'\n";
    let settings = Settings::from_toml(settings, folder).expect("settings");
    let clock = Arc::new(ManualClock::at(UnixTime(STEP * 30)));
    let ports = Ports { clock: Arc::clone(&clock) as _, random: Random::system(), outbox: Arc::new(NoMail) };
    let issuer = Issuer::open(settings, ports).await.expect("an issuer");
    let tokens = add_tokens(&issuer).await;
    let barrier = Arc::new(Barrier::new(CALLERS));
    let (changes, commits) = (issuer.store.counts().changes(), issuer.store.counts().commits());
    let (start, worked) = (Instant::now(), processor_time());
    let callers: Vec<_> = tokens
        .chunks(TOKENS / CALLERS)
        .map(|mine| {
            let (issuer, clock, barrier) = (Arc::clone(&issuer), Arc::clone(&clock), Arc::clone(&barrier));
            tokio::spawn(call(issuer, clock, barrier, mine.to_vec()))
        })
        .collect();
    let mut latencies = Vec::new();
    for caller in callers {
        latencies.extend(caller.await.expect("a caller"));
    }
    let processor = processor_time().saturating_sub(worked);
    let rate = latencies.len() as f64 / start.elapsed().as_secs_f64();
    latencies.sort();
    let counts = issuer.store.counts();
    let to_a_commit = (counts.changes() - changes) as f64 / (counts.commits() - commits) as f64;
    issuer.store.close().await;
    Run { rate, latencies, to_a_commit, processor }
}

/// Signs in with each of its tokens, once in every step.
async fn call(
    issuer: Arc<Issuer>,
    clock: Arc<ManualClock>,
    barrier: Arc<Barrier>,
    tokens: Vec<String>,
) -> Vec<Duration> {
    let mut latencies = Vec::new();
    for step in (STEP..).take(STEPS) {
        let code = hotp(SEED, step, Algorithm::Sha256, Digits::EIGHT);
        for token in &tokens {
            let start = Instant::now();
            issuer.verify_code("bench", token, code.as_str()).await.expect("the code is right");
            latencies.push(start.elapsed());
        }
        if barrier.wait().await.is_leader() {
            clock.pass(30);
        }
        barrier.wait().await;
    }
    latencies
}

async fn add_tokens(issuer: &Arc<Issuer>) -> Vec<String> {
    let insert = "INSERT INTO tokens (id, serial, class, state, kind, algorithm, digits, period, seed, created_at) \
                  VALUES (?, ?, 'SOFT', 'ACTIVE', 'TOTP', 'SHA256', 8, 30, ?, 0)";
    let ids: Vec<_> = (0..TOKENS).map(|_| issuer.new_id().expect("an id")).collect();
    let (rows, issuer_of_rows) = (ids.clone(), Arc::clone(issuer));
    let added = issuer.store.write(move |tx| {
        Box::pin(async move {
            let (secrets, random) = (&issuer_of_rows.secrets, &issuer_of_rows.ports.random);
            for id in rows {
                let sealed = secrets.seal(Purpose::Seed, id.as_bytes(), SEED, random)?;
                sqlx::query(insert).bind(id.clone()).bind(id).bind(sealed).execute(&mut *tx).await?;
            }
            Ok(())
        })
    });
    added.await.expect("tokens");
    ids
}

/// Small writes with their fdatasync, a second.
fn syncs_a_second(folder: &Path) -> f64 {
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
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name, which may have spaces: 11 fields, then ticks for itself and for the system.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

const CALLERS: usize = 64;
/// A multiple of the callers.
const TOKENS: usize = 3_200;
const STEPS: usize = 10;
const STEP: u64 = 60_000_000;
const SEED: &[u8] = b"12345678901234567890123456789012";
const SYNCS: u32 = 200;
