//! One changed bit anywhere in a vault or backup file: a typed error with the file kept, or nothing at all.
//!
//! | After the flip | Allowed |
//! |---|---|
//! | opening | `Damaged`, the file set aside with the flip in it; or it opens |
//! | the same, the file untouched | `TooNew`; for the vault's id `DeviceKeyLost`; for SQLite's mark of read-only files `NoAccess` |
//! | what opens | the same content before and after the PIN, after a change, and after opening it again; no try is lost |
//! | which bytes may open | counters of SQLite and unused space, computed from its file format |
#![allow(clippy::disallowed_methods)]

#[path = "../sqlite_layout/mod.rs"]
mod sqlite_layout;
#[path = "../vault_common/mod.rs"]
mod vault_common;

mod content;
mod lab;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use softtoken_core::activation::request::Refusal;
use softtoken_core::random::Random;
use softtoken_core::transfer::backup::SealedBackup;
use softtoken_figures::Effort;
use zeroize::Zeroizing;

use lab::{Lab, Outcome, Sample};

/// Bits of every byte: one by chance in the short form, all in a campaign.
fn bits(effort: &Effort, at: usize) -> Vec<u8> {
    if effort.is_campaign() {
        return (0..8).collect();
    }
    let mut byte = [0];
    Random::seeded(effort.seed().wrapping_add(u64::try_from(at).unwrap())).fill(&mut byte).unwrap();
    vec![byte[0] % 8]
}

#[test]
fn one_changed_bit_is_noticed_or_means_nothing() {
    let sample = Sample::new();
    let idle = sample.idle();
    let backup = Backup::read();
    let bytes = sample.file.len() + backup.bytes.len();
    let effort = Effort::start("bit-flips", u64::try_from(bytes).unwrap(), 20_261_122);
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let seen = std::thread::scope(|scope| {
        let work = || {
            let (lab, mut seen) = (Lab::new(&sample), BTreeMap::new());
            let mut count = |what: &str| *seen.entry(what.to_owned()).or_insert(0) += 1;
            loop {
                let nth = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap();
                // All over the file, however early it ends: the stride is prime and divides no length.
                let at = nth * STRIDE % bytes;
                if nth >= bytes || !effort.goes_on(done.load(Ordering::Relaxed)) {
                    return seen;
                }
                // Where nothing is stored, every eighth byte in the short form.
                let thorough = effort.is_campaign() || !idle.contains(&at) || nth % 8 == 0;
                for bit in bits(&effort, at) {
                    done.fetch_add(1, Ordering::Relaxed);
                    if at >= sample.file.len() {
                        backup.flip(at - sample.file.len(), bit);
                        count("backup: refused");
                        continue;
                    }
                    match lab.flip(&sample, at, bit, thorough) {
                        Ok(Outcome::AtOpen) => count("noticed at open"),
                        Ok(Outcome::TooNew) => count("newer schema"),
                        Ok(Outcome::AnotherVault) => count("another vault's id"),
                        Ok(Outcome::Nothing) if idle.contains(&at) => {
                            count("means nothing");
                            if thorough {
                                count("means nothing after the PIN and a change either");
                            }
                        }
                        Ok(Outcome::Nothing) => count(&format!("VIOLATION byte {at} bit {bit}: not idle")),
                        Err(why) => {
                            count(&format!(
                                "VIOLATION byte {at} bit {bit}: {}",
                                why.chars().take(160).collect::<String>()
                            ));
                            lab.put(&sample, &sample.file);
                        }
                    }
                }
            }
        };
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        let mut all: BTreeMap<String, u64> = BTreeMap::new();
        for (what, n) in workers.into_iter().flat_map(|worker| worker.join().unwrap()) {
            *all.entry(what).or_default() += n;
        }
        all
    });
    let broken: Vec<_> = seen.keys().filter(|what| what.starts_with("VIOLATION")).collect();
    eprintln!("{} bytes, {} of them idle; {} flips", bytes, idle.len(), done.load(Ordering::Relaxed));
    assert!(broken.is_empty(), "{} of {bytes}:\n{broken:#?}", broken.len());
    let notes: Vec<_> = seen.iter().map(|(what, n)| (what.as_str(), *n)).collect();
    effort.end(done.load(Ordering::Relaxed), "flips", &notes);
}

/// The frozen backup file.
struct Backup {
    bytes: Vec<u8>,
}

impl Backup {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/backup_v1.softtoken");
        Self { bytes: std::fs::read(path).unwrap() }
    }

    /// Nothing of a backup is idle, and a digest tells damage from a wrong password before one is asked.
    fn flip(&self, at: usize, bit: u8) {
        let mut bytes = self.bytes.clone();
        bytes[at] ^= 1 << bit;
        let refused = SealedBackup::parse(Zeroizing::new(bytes)).err();
        assert!(
            matches!(refused, Some(Refusal::NotUnderstood { .. } | Refusal::Unsupported(_))),
            "byte {at} bit {bit} of a backup: {refused:?}"
        );
    }
}

const STRIDE: usize = 1_000_003;
