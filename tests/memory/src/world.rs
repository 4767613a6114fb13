//! A seeded device and a vault folder on it, and the ledger of a player who wants to know every secret.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use softtoken_core::lock::KdfProfile;
use softtoken_core::ports::{DeviceKey, DeviceKeyCaps, HookError, Hooks};
use softtoken_core::random::{DrawnKeys, Random};
use softtoken_core::secret::Key;
use softtoken_core::testing::Fakes;
use softtoken_core::token::{OpenConfig, SoftToken};

/// Secrets by kind. A closed one (the process that is looked at) forgets everything at once.
pub struct Ledger {
    open: bool,
    notes: Mutex<Vec<(&'static str, Vec<u8>)>>,
    drawn: DrawnKeys,
}

impl Ledger {
    /// One that remembers, or one that does not.
    pub fn new(open: bool) -> Arc<Self> {
        Arc::new(Self { open, notes: Mutex::default(), drawn: DrawnKeys::default() })
    }

    /// Whether it remembers: deriving a secret only to note it would leave copies of its own.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Remembers `secret`.
    pub fn note(&self, what: &'static str, secret: &[u8]) {
        if self.open {
            self.notes.lock().unwrap_or_else(PoisonError::into_inner).push((what, secret.to_vec()));
        }
    }

    /// Everything noted, and the keys that were drawn (VMK, GK and recovery codes).
    pub fn secrets(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut all = self.notes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(drawn.iter().filter(|key| key.len() == 32).map(|key| ("drawn key", key.clone())));
        all.sort();
        all.dedup();
        all
    }
}

/// A device with a vault folder.
pub struct World {
    folder: PathBuf,
    seed: u64,
    /// The stand-ins of the platform.
    pub fakes: Fakes,
    /// The device key that the token is given.
    pub device_key: Arc<WitnessedKey>,
    /// Where secrets are noted.
    pub ledger: Arc<Ledger>,
    /// Called when the token is locked and still alive.
    pub locked: fn(),
    starts: AtomicU64,
}

impl World {
    /// A device whose vault is in `folder`, made if it is not there.
    pub fn new(folder: &Path, seed: u64, ledger: &Arc<Ledger>, locked: fn()) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        let fakes = Fakes::new(seed);
        let device_key = Arc::new(WitnessedKey {
            inner: fakes.device_key.clone(),
            ledger: Arc::clone(ledger),
            panics: AtomicBool::new(false),
        });
        Self {
            folder: folder.to_owned(),
            seed,
            fakes,
            device_key,
            ledger: Arc::clone(ledger),
            locked,
            starts: AtomicU64::new(0),
        }
    }

    /// A second device, next to the first.
    pub fn neighbour(&self) -> Self {
        Self::new(&self.folder.join("other"), self.seed + 1000, &self.ledger, self.locked)
    }

    /// Starts the program.
    pub fn start(&self) -> Arc<SoftToken> {
        // Each run draws its own: the salts of one must not be the keys of another.
        let seed = self.seed + 10_000 * self.starts.fetch_add(1, Ordering::Relaxed);
        let random = match self.ledger.is_open() {
            true => Random::witnessed(seed, Arc::clone(&self.ledger.drawn)),
            false => Random::seeded(seed),
        };
        let hooks = Hooks { device_key: self.device_key.clone(), ..self.fakes.hooks() };
        let config = OpenConfig { folder: self.folder.clone() };
        SoftToken::open_for_tests(config, hooks, KdfProfile::cheap(), random).expect("the vault opens")
    }
}

/// Device keys that tell the ledger what they were asked and what they answered.
pub struct WitnessedKey {
    inner: Arc<dyn DeviceKey>,
    ledger: Arc<Ledger>,
    panics: AtomicBool,
}

impl WitnessedKey {
    /// The next evaluation of a PIN's key panics.
    pub fn panic_at_the_next_pin(&self) {
        self.panics.store(true, Ordering::Relaxed);
    }
}

impl DeviceKey for WitnessedKey {
    fn caps(&self) -> Result<DeviceKeyCaps, HookError> {
        self.inner.caps()
    }

    fn create(&self, alias: &str) -> Result<(), HookError> {
        self.inner.create(alias)
    }

    fn eval(&self, alias: &str, input: &[u8; 32]) -> Result<Key<32>, HookError> {
        let stretched = alias.contains("/pin.") || alias.contains("/rec.");
        // A new key is tried with one byte 32 times; that is no secret.
        if stretched && input.iter().any(|byte| *byte != input[0]) {
            self.ledger.note("Argon2 output", input);
        }
        assert!(!(stretched && self.panics.swap(false, Ordering::Relaxed)), "a device key that panics");
        let answer = self.inner.eval(alias, input)?;
        self.ledger.note("device-key answer", answer.expose());
        Ok(answer)
    }

    fn delete(&self, alias: &str) -> Result<(), HookError> {
        self.inner.delete(alias)
    }

    fn list(&self, vault: &str) -> Result<Vec<String>, HookError> {
        self.inner.list(vault)
    }
}
