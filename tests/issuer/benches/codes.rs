//! Durable code verifications a second, beside the fdatasyncs a second of the same disk in the same run.
//!
//! Every one reads the token, opens its seed, searches the window, stores the decision and a line of the
//! log, and is committed before it is answered. Callers wait for their answers, as browsers do.

mod common;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{processor_time, syncs_a_second, within};
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
    if !common::is_asked_for() {
        return;
    }
    let folder = common::folder();
    let before = syncs_a_second(folder.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let run = runtime.expect("a runtime").block_on(measure(folder.path()));
    let syncs = (before + syncs_a_second(folder.path())) / 2.0;
    println!(
        "durable code verifications: {:.0}/s by {CALLERS} callers (target >= 3,000), half within {:.1} ms, \
         99 of 100 within {:.1} ms (target < 50); {:.1} to a commit; peer: fdatasync of the same disk {syncs:.0}/s, \
         {:.1} verifications for each; {:.0} us of processor time each; load average {}",
        run.rate,
        within(&run.latencies, 50),
        within(&run.latencies, 99),
        run.to_a_commit,
        run.rate / syncs,
        run.processor.as_secs_f64() * 1e6 / run.latencies.len() as f64,
        common::load_average(),
    );
}

struct Run {
    rate: f64,
    latencies: Vec<Duration>,
    to_a_commit: f64,
    processor: Duration,
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

const CALLERS: usize = 64;
/// A multiple of the callers.
const TOKENS: usize = 3_200;
const STEPS: usize = 10;
const STEP: u64 = 60_000_000;
const SEED: &[u8] = b"12345678901234567890123456789012";
