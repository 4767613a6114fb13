//! A device and its disk that can be put back to any moment, and the ways into its vault.

use std::path::Path;
use std::sync::Arc;

use softtoken_core::TokenError;
use softtoken_core::lock::{KdfProfile, issuer_unlock_code};
use softtoken_core::random::Random;
use softtoken_core::secret::Key;
use softtoken_core::testing::{Fakes, KeyCopy, MemoryDeviceKey};
use softtoken_core::time::UnixTime;
use softtoken_core::token::{OpenConfig, SoftToken, TokenState};

use crate::device::Device;

pub const NOW: u64 = 1_800_000_000;
pub const PIN: &[u8] = b"7294";
pub const NEW_PIN: &[u8] = b"806423";
pub const WRONG: &[u8] = b"551739";
/// What blocked vaults that were opened by a code get.
const CODE_PIN: &[u8] = b"59263047";

/// Disk and device at one moment.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub db: Option<Vec<u8>>,
    pub journal: Option<Vec<u8>>,
    pub keys: KeyCopy,
}

impl Snapshot {
    pub fn empty() -> Self {
        Self { db: None, journal: None, keys: KeyCopy::of([]) }
    }
}

/// How the vault let us in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Fresh,
    Pin,
    NewPin,
    Code,
    /// Blocked, and no code opens anything.
    Shut,
}

/// Everything that a user sees of the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub way: Way,
    /// Name, state, serial number and code at [`NOW`], in order.
    pub rows: Vec<[String; 4]>,
    /// The recovery code still has to be shown.
    pub shows_recovery: bool,
}

/// The issuers' keys and the recovery code that the user wrote down.
#[derive(Clone, Default)]
pub struct Known {
    pub issuers: Vec<(String, Arc<Key<32>>)>,
    pub recovery: Vec<String>,
}

/// One device with one folder.
pub struct Home {
    folder: tempfile::TempDir,
    pub device: Arc<Device>,
    fakes: Fakes,
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Home {
    pub fn new() -> Self {
        crate::install();
        let fakes = Fakes::new(5);
        fakes.clock.set(NOW);
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let device = Arc::new(Device(MemoryDeviceKey::seeded(1)));
        Self { folder: folder.expect("a folder"), device, fakes }
    }

    pub fn put(&self, snapshot: &Snapshot) {
        let path = self.folder.path();
        for entry in path.read_dir().expect("our folder") {
            let name = entry.expect("our folder").file_name();
            if name.to_string_lossy().starts_with("vault.db.") {
                std::fs::remove_file(path.join(name)).expect("our file");
            }
        }
        for (name, content) in [("vault.db", &snapshot.db), ("vault.db-journal", &snapshot.journal)] {
            match content {
                Some(content) => std::fs::write(path.join(name), content).expect("our file"),
                None => drop(std::fs::remove_file(path.join(name))),
            }
        }
        self.device.0.restore(&snapshot.keys);
    }

    /// A file was taken for damaged, or given up.
    pub fn has_set_aside(&self) -> bool {
        // A journal alone is what an interrupted making of a vault leaves; no vault was ever there.
        let mut entries = self.folder.path().read_dir().expect("our folder");
        entries.any(|entry| {
            let name = entry.expect("our folder").file_name();
            let name = name.to_string_lossy();
            name.contains(".damaged-") && !name.ends_with("-journal")
        })
    }

    /// The vault must be closed.
    pub fn take(&self) -> Snapshot {
        let read = |name| std::fs::read(self.folder.path().join(name)).ok();
        let journal = read("vault.db-journal").filter(|journal| !journal.is_empty());
        Snapshot { db: read("vault.db"), journal, keys: self.device.0.copy() }
    }

    /// `run` tells the random bytes of one process from those of another.
    pub fn start(&self, run: u64) -> Result<Arc<SoftToken>, TokenError> {
        let config = OpenConfig { folder: self.folder.path().to_owned() };
        let mut hooks = self.fakes.hooks();
        hooks.device_key = self.device.clone();
        let random = Random::seeded(run.wrapping_mul(1_000_003));
        let token = SoftToken::open_for_tests(config, hooks, KdfProfile::cheap(), random);
        self.fakes.log.take();
        token
    }

    /// Opens the vault by whatever opens it; then by all codes that something still waits for.
    pub fn enter(&self, token: &Arc<SoftToken>, known: &Known) -> Result<View, String> {
        let way = match token.state().map_err(told("state"))? {
            TokenState::Fresh => {
                return Ok(View { way: Way::Fresh, rows: Vec::new(), shows_recovery: false });
            }
            TokenState::Locked { .. } => match token.unlock(PIN) {
                Ok(()) => Way::Pin,
                Err(TokenError::WrongPin { attempts_left }) if attempts_left > 0 => {
                    token.unlock(NEW_PIN).map_err(told("neither PIN opens it"))?;
                    Way::NewPin
                }
                Err(error) => return Err(told("the PIN does not open it")(error)),
            },
            TokenState::Blocked { .. } => match self.redeem_all(token, known, Some(CODE_PIN))? {
                true => Way::Code,
                false => return Ok(View { way: Way::Shut, rows: Vec::new(), shows_recovery: false }),
            },
            TokenState::Ready => return Err("open without a PIN".to_owned()),
            TokenState::Damaged { .. } => return Err("taken for damaged".to_owned()),
            TokenState::DeviceKeyLost => return Err("taken for another device's".to_owned()),
        };
        while self.redeem_all(token, known, None)? {}
        let shows_recovery = token.recovery_code().map_err(told("recovery_code"))?.is_some();
        Ok(View { way, rows: rows(token)?, shows_recovery: shows_recovery && way != Way::Code })
    }

    /// True when a code opened something.
    fn redeem_all(&self, token: &Arc<SoftToken>, known: &Known, pin: Option<&[u8]>) -> Result<bool, String> {
        let mut codes = Vec::new();
        for ask in token.unlock_requests().map_err(told("unlock_requests"))? {
            let serial = ask.serial.unwrap_or_default();
            let key = known.issuers.iter().find(|(issuer, _)| *issuer == ask.issuer);
            if let Some((issuer, key)) = key {
                let code = issuer_unlock_code(key, &ask.reset_code, issuer, &serial);
                codes.extend(code.map(|code| code.to_string()));
            }
        }
        if token.takes_recovery_code().map_err(told("takes_recovery_code"))? {
            codes.extend(known.recovery.iter().cloned());
        }
        for code in codes {
            match token.redeem_unlock_code(&code, pin) {
                Ok(_) => return Ok(true),
                Err(TokenError::WrongUnlockCode { .. }) => {}
                Err(error) => return Err(told("redeem_unlock_code")(error)),
            }
        }
        Ok(false)
    }
}

/// An error with the words for it.
pub fn told(what: &str) -> impl Fn(TokenError) -> String + '_ {
    move |error| format!("{what}: {error:?}")
}

fn rows(token: &SoftToken) -> Result<Vec<[String; 4]>, String> {
    let codes = token.codes(Some(UnixTime(NOW))).map_err(told("codes"))?.codes;
    let code = |id| {
        let row = codes.iter().find(|row| row.id == id);
        row.and_then(|row| row.code.as_ref()).map(|code| code.to_string()).unwrap_or_default()
    };
    let views = token.identities().map_err(told("identities"))?;
    Ok(views
        .into_iter()
        .map(|view| {
            let code = code(view.id);
            [view.name, format!("{:?}", view.state), view.serial.unwrap_or_default(), code]
        })
        .collect())
}
