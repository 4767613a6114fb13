//! One changed bit anywhere in a vault or backup file: a typed error with the file kept, or nothing at all.
//!
//! | After the flip | Allowed |
//! |---|---|
//! | opening | `Damaged`, the file set aside with the flip in it; or it opens |
//! | the same, the file untouched | `TooNew`; for the vault's id `DeviceKeyLost`; for SQLite's mark of read-only files `NoAccess` |
//! | what opens | the same content before and after the PIN, after a change, and after opening it again; no try is lost |
//! | which bytes may open | counters of SQLite and unused space, computed from its file format |
#![allow(clippy::disallowed_methods)]

mod sqlite_layout;
mod vault_common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use softtoken_core::activation::request::Refusal;
use softtoken_core::codec::hex;
use softtoken_core::identity::{Credential, IdentityId, Record};
use softtoken_core::ports::{DeviceKey, Elapsed};
use softtoken_core::random::Random;
use softtoken_core::secret::SecretBytes;
use softtoken_core::testing::{KeyCopy, MemoryDeviceKey};
use softtoken_core::transfer::backup::SealedBackup;
use softtoken_core::vault::{self, Event, Vault, VaultError};
use softtoken_figures::Effort;
use std::cell::RefCell;
use vault_common::{Home, PIN, answer, identity, issued, pin};
use zeroize::Zeroizing;

/// A vault at rest: the file, the device keys, everything that can be read.
struct Sample {
    file: Vec<u8>,
    keys: KeyCopy,
    locked: String,
    open: String,
}

impl Sample {
    /// Blocked once: three identities of issuers, of which one waits for its code, local ones, drafts, a
    /// biometric slot, events, one wrong try.
    fn new() -> Self {
        let home = Home::new();
        let mut vault = home.create();
        let new = [("A", 0xaa), ("B", 0xbb), ("C", 0xcc)];
        let issued = new.map(|(name, key)| issued(name, &format!("{name}.example"), "4824413456", key));
        vault.add(issued.into_iter().chain([identity("Local"), identity("Other")]).collect()).unwrap();
        home.settle(&mut vault).unwrap();
        let recovery = vault.recovery_code().unwrap().unwrap().shown();
        home.forget_pin(&mut vault).unwrap();
        let codes = [answer(&vault.waiting().unwrap()[0], 0xaa), answer(&vault.waiting().unwrap()[2], 0xcc)];
        home.redeem(&mut vault, &codes[0], Some(PIN)).unwrap();
        home.redeem(&mut vault, &codes[1], None).unwrap();
        home.redeem(&mut vault, &recovery, None).unwrap();
        for name in ["Pending", "Later"] {
            let draft = vault.new_draft_id().unwrap();
            let body = SecretBytes::copy_of(&[b'd'; 3000]);
            vault.put_draft(draft, Some(&identity(name)), &body).unwrap();
        }
        home.settle(&mut vault).unwrap();
        let ids: Vec<_> = vault.labels().unwrap().into_iter().map(|(id, _)| id).collect();
        vault.move_to(ids[4], 0).unwrap();
        vault.remove(ids[3]).unwrap();
        let now = Elapsed { boot_id: 1, millis: 1000 };
        let cell = RefCell::new(&mut vault);
        let ask = vault::begin_biometrics(&cell, &home.device).unwrap();
        let eval = home.device.eval(&ask.alias, &ask.input).unwrap();
        vault::enable_biometrics(&cell, &home.device, &eval, Some(now)).unwrap();
        vault.lock();
        home.unlock(&mut vault, "8064").unwrap_err();
        drop(vault);
        let (file, keys) = (std::fs::read(home.db()).unwrap(), home.device.copy());
        let mut sample = Self { file, keys, locked: String::new(), open: String::new() };
        let lab = Lab::new(&sample);
        let mut vault = lab.open().unwrap();
        sample.locked = locked_content(&vault).unwrap();
        lab.unlock(&mut vault).unwrap();
        sample.open = open_content(&vault).unwrap();
        for word in ["\"Local\"", "\"Pending\"", "\"B.example\"", "WrongPin"] {
            assert_eq!(sample.open.contains(word), word != "\"Local\"", "{word}: {}", sample.open);
        }
        sample
    }

    /// The sixteen bytes of the header's row, which name the device keys.
    fn is_vault_id(&self, at: usize) -> bool {
        let alias = self.keys.iter().next().unwrap().0;
        let id = hex::decode(alias.split('/').next().unwrap()).unwrap();
        let place = self.file.windows(16).position(|window| window == id.expose()).unwrap();
        (place..place + 16).contains(&at)
    }

    fn idle(&self) -> std::collections::BTreeSet<usize> {
        let lab = Lab::new(self);
        let db = rusqlite::Connection::open(lab.db()).unwrap();
        let mut roots = db.prepare("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0").unwrap();
        let roots = roots.query_map([], |row| row.get::<_, u32>(0)).unwrap();
        let roots: Vec<_> = roots.map(|root| usize::try_from(root.unwrap()).unwrap()).collect();
        sqlite_layout::idle(&self.file, &roots)
    }
}

/// A place in which one sample is broken again and again.
struct Lab {
    dir: tempfile::TempDir,
    device: MemoryDeviceKey,
}

impl Lab {
    fn new(sample: &Sample) -> Self {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let lab = Self { dir, device: MemoryDeviceKey::seeded(1) };
        lab.put(sample, &sample.file);
        lab
    }

    fn db(&self) -> PathBuf {
        self.dir.path().join("vault.db")
    }

    fn put(&self, sample: &Sample, file: &[u8]) {
        let _gone = std::fs::remove_file(self.dir.path().join("vault.db-journal"));
        std::fs::write(self.db(), file).unwrap();
        self.device.restore(&sample.keys);
    }

    fn open(&self) -> Result<Vault, VaultError> {
        Vault::open(self.dir.path(), &self.device, Random::seeded(3))
    }

    fn unlock(&self, vault: &mut Vault) -> Result<(), VaultError> {
        vault::unlock(&RefCell::new(vault), &self.device, &pin(PIN), None)
    }

    /// What becomes of the sample with one bit changed.
    fn flip(&self, sample: &Sample, at: usize, bit: u8, thorough: bool) -> Result<Outcome, String> {
        let mut file = sample.file.clone();
        file[at] ^= 1 << bit;
        self.put(sample, &file);
        let mut vault = match self.open() {
            Ok(vault) => vault,
            Err(VaultError::Damaged { kept_at: Some(kept) }) => {
                let same = std::fs::read(&kept).is_ok_and(|kept| kept == file);
                std::fs::remove_file(kept).unwrap();
                return if same { Ok(Outcome::AtOpen) } else { Err("the file set aside is another".into()) };
            }
            Err(VaultError::TooNew { .. }) if std::fs::read(self.db()).unwrap() == file => {
                return Ok(Outcome::TooNew);
            }
            // Another vault's id: the keys of that vault are not here. Nothing is touched.
            Err(VaultError::DeviceKeyLost)
                if sample.is_vault_id(at) && std::fs::read(self.db()).unwrap() == file =>
            {
                return Ok(Outcome::AnotherVault);
            }
            Err(error) => return Err(format!("open: {error:?}")),
        };
        let same = |what, expected: &String, found: Result<String, VaultError>| match found {
            Ok(found) if found == *expected => Ok(()),
            Ok(found) => Err(format!("{what}: {found}")),
            Err(error) => Err(format!("{what}: {error:?}")),
        };
        same("locked", &sample.locked, locked_content(&vault))?;
        if !thorough {
            return Ok(Outcome::Nothing);
        }
        self.unlock(&mut vault).map_err(|error| format!("unlock: {error:?}"))?;
        same("open", &sample.open, open_content(&vault))?;
        self.changes(&mut vault).map_err(|error| format!("change: {error:?}"))?;
        drop(vault);
        let mut vault = self.open().map_err(|error| format!("open again: {error:?}"))?;
        self.unlock(&mut vault).map_err(|error| format!("unlock again: {error:?}"))?;
        same("again", &without_events(&sample.open), open_content(&vault).map(|all| without_events(&all)))?;
        Ok(Outcome::Nothing)
    }

    /// Something of every table, undone.
    fn changes(&self, vault: &mut Vault) -> Result<(), VaultError> {
        let added = vault.add(vec![issued("New", "new.example", "1002003000", 0xdd)])?;
        vault::arm(&RefCell::new(&mut *vault), &self.device, softtoken_core::lock::KdfProfile::cheap())?;
        vault.remove(added[0])?;
        vault.note(Event::Locked)
    }
}

/// What a flip came to.
enum Outcome {
    AtOpen,
    TooNew,
    AnotherVault,
    Nothing,
}

/// Everything that the device alone reveals.
fn locked_content(vault: &Vault) -> Result<String, VaultError> {
    let labels = vault.labels()?;
    let taken: Result<Vec<bool>, _> =
        labels.iter().map(|(_, label)| vault.is_name_taken(&label.name)).collect();
    let groups: Result<Vec<_>, _> = labels.iter().map(|(id, _)| vault.group_of(*id)).collect();
    let names: Vec<_> = labels.iter().map(|(id, label)| (id, shown(label))).collect();
    let tries = (vault.attempts()?, vault.count()?, vault.state(), vault.has_biometrics()?);
    Ok(format!("{names:?} {:?} {:?} {tries:?} {:?}", taken?, groups?, vault.waiting()?))
}

/// And what the PIN does.
fn open_content(vault: &Vault) -> Result<String, VaultError> {
    let labels = vault.labels()?;
    let names: Vec<_> = labels.iter().map(|(id, label)| (id, shown(label))).collect();
    let records: Vec<_> = vault.records()?.iter().map(|(id, record)| (*id, plain(record))).collect();
    let sealed: Vec<IdentityId> = vault.sealed()?.into_iter().map(|(id, _)| id).collect();
    for (id, record) in &records {
        assert_eq!(plain(&vault.record(*id)?), *record, "one by one");
    }
    let groups: Result<Vec<_>, _> = labels.iter().map(|(id, _)| vault.group_of(*id)).collect();
    let drafts = vault.drafts()?;
    let drafts: Vec<_> = drafts
        .iter()
        .map(|draft| {
            (
                draft.id,
                draft.name.as_ref().map(|name| name.as_str().to_owned()),
                hex::encode(draft.body.expose()),
            )
        })
        .collect();
    let recovery = vault.recovery_code()?.map(|code| code.shown());
    let rest = (sealed, vault.sealed_drafts()?.len(), vault.pin_digits()?, vault.waiting()?, recovery);
    let events = vault.events()?;
    Ok(format!(
        "{names:?} {records:?} {:?} {drafts:?} {rest:?} {:?}{EVENTS}{events:?}",
        groups?,
        vault.attempts()?.left()
    ))
}

fn without_events(content: &str) -> String {
    content.split(EVENTS).next().unwrap().to_owned()
}

fn shown(label: &softtoken_core::identity::Label) -> Vec<Option<&str>> {
    let softtoken_core::identity::Label { name, issuer, account, address, serial } = label;
    vec![Some(name.as_str()), Some(issuer), Some(account), address.as_deref(), serial.as_deref()]
}

/// A record with its secrets: those of a test are none.
fn plain(record: &Record) -> String {
    let Record { credential, recovery_key, policy, origin, clock_offset, added_at } = record;
    let Credential { spec, secret, otp_pin, counter } = credential;
    let key = recovery_key.as_ref().map(|key| hex::encode(key.expose()));
    let secrets = (hex::encode(secret.expose()), otp_pin.as_ref().map(|pin| hex::encode(pin.expose())), key);
    format!("{spec:?} {secrets:?} {counter} {policy:?} {origin:?} {clock_offset} {added_at:?}")
}

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
const EVENTS: &str = " events ";
