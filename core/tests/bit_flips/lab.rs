//! A vault with something in every table, and a place in which it is broken again and again.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use softtoken_core::codec::hex;
use softtoken_core::lock::KdfProfile;
use softtoken_core::ports::{DeviceKey, Elapsed};
use softtoken_core::random::Random;
use softtoken_core::secret::SecretBytes;
use softtoken_core::testing::{KeyCopy, MemoryDeviceKey};
use softtoken_core::vault::{self, Event, Vault, VaultError};

use crate::content::{locked_content, open_content, without_events};
use crate::sqlite_layout;
use crate::vault_common::{Home, PIN, answer, identity, issued, pin};

/// A vault at rest: the file, the device keys, everything that can be read.
pub struct Sample {
    pub file: Vec<u8>,
    keys: KeyCopy,
    locked: String,
    open: String,
}

impl Sample {
    /// Blocked once: three identities of issuers, of which one waits for its code, local ones, drafts, a
    /// biometric slot, events, one wrong try.
    pub fn new() -> Self {
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

    pub fn idle(&self) -> BTreeSet<usize> {
        let lab = Lab::new(self);
        let db = rusqlite::Connection::open(lab.db()).unwrap();
        let mut roots = db.prepare("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0").unwrap();
        let roots = roots.query_map([], |row| row.get::<_, u32>(0)).unwrap();
        let roots: Vec<_> = roots.map(|root| usize::try_from(root.unwrap()).unwrap()).collect();
        sqlite_layout::idle(&self.file, &roots)
    }
}

/// A place in which one sample is broken again and again.
pub struct Lab {
    dir: tempfile::TempDir,
    device: MemoryDeviceKey,
}

impl Lab {
    pub fn new(sample: &Sample) -> Self {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let lab = Self { dir, device: MemoryDeviceKey::seeded(1) };
        lab.put(sample, &sample.file);
        lab
    }

    fn db(&self) -> PathBuf {
        self.dir.path().join("vault.db")
    }

    pub fn put(&self, sample: &Sample, file: &[u8]) {
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
    pub fn flip(&self, sample: &Sample, at: usize, bit: u8, thorough: bool) -> Result<Outcome, String> {
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
        vault::arm(&RefCell::new(&mut *vault), &self.device, KdfProfile::cheap())?;
        vault.remove(added[0])?;
        vault.note(Event::Locked)
    }
}

/// What a flip came to.
pub enum Outcome {
    AtOpen,
    TooNew,
    AnotherVault,
    Nothing,
}
