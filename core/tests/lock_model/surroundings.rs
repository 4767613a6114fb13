//! What happens around the vault: older files, the clock, other processes and devices, lost keys.

use rusqlite::Connection;
use softtoken_core::ports::Elapsed;
use softtoken_core::vault::{VaultError, VaultState};

use super::step::{Step, Trouble};
use super::vault_common::Home;
use super::world::World;

impl World {
    pub fn surroundings(&mut self, step: &Step) {
        match *step {
            Step::Keep => {
                self.vault = None;
                self.kept = Some((std::fs::read(self.home.db()).unwrap(), self.content.clone()));
                self.reopen();
            }
            Step::PutBack => {
                self.put_back();
                self.reopen();
            }
            Step::Wait { seconds } => {
                self.clock.millis += seconds * 1000;
                self.asked_to_wait();
            }
            Step::Jump { reboot } => {
                let boot_id = self.clock.boot_id + u64::from(reboot);
                let millis = if reboot { 0 } else { self.clock.millis / 2 };
                self.clock = Elapsed { boot_id, millis };
                self.asked_to_wait();
            }
            Step::Intruder => {
                assert_eq!(self.home.open().err(), Some(VaultError::Busy));
                self.count("other handle refused");
            }
            Step::OtherDevice => self.other_device(),
            Step::Reinstall => self.reinstall(),
            Step::LoseCount => self.lose("/state."),
            Step::LosePinKey => self.lose("/pin."),
            Step::LoseCodeKeys => {
                if self.is_open() && self.content.closed.is_empty() && self.content.unsure.is_empty() {
                    self.lose_keys("/rec.");
                    self.settle(Trouble::None);
                }
            }
            _ => unreachable!("no surroundings"),
        }
    }

    /// Puts the kept file back while no process runs.
    pub fn put_back(&mut self) {
        let Some((file, content)) = self.kept.clone() else { return };
        self.vault = None;
        if std::fs::read(self.home.db()).unwrap() == file {
            return;
        }
        std::fs::write(self.home.db(), file).unwrap();
        self.content = content;
        (self.excused, self.older) = (true, true);
        self.pins = (0..super::world::PINS.len()).collect();
        // A count without its key must be noticed, whatever it says; one with its key is the present one.
        let g: u32 = Connection::open(self.home.db())
            .unwrap()
            .query_row("SELECT g FROM state", [], |row| row.get(0))
            .unwrap();
        let known = self.home.device.aliases().iter().any(|alias| alias.ends_with(&format!("/state.{g}")));
        self.home.device.revive();
        self.vault = Some(self.home.open().unwrap());
        if !known {
            assert!(self.is_blocked(), "an older file was taken for the present one");
            self.count("rollback found");
        } else {
            self.count("rollback unseen");
        }
    }

    /// The advice how long to wait is never longer than 30 seconds, and none before the fourth try.
    fn asked_to_wait(&mut self) {
        let (attempts, now) = (self.vault().attempts().unwrap(), self.clock);
        let wait = attempts.retry_after(now);
        let most = [0, 0, 0, 5, 30, 0][usize::try_from(attempts.fails.min(5)).unwrap()];
        assert!(wait <= most, "{wait} s after {} tries", attempts.fails);
        let later = Elapsed { millis: now.millis + 60_000, ..now };
        assert!(attempts.retry_after(later) <= wait);
        if wait > 0 && self.is_locked() {
            self.count("told to wait");
        }
    }

    /// The file on a device without its keys: nothing is changed, and at home everything is as before.
    fn other_device(&mut self) {
        self.vault = None;
        let (keys, file) = (self.home.device.copy(), std::fs::read(self.home.db()).unwrap());
        self.home.device.lose_all();
        assert_eq!(self.home.open().err(), Some(VaultError::DeviceKeyLost));
        assert_eq!(std::fs::read(self.home.db()).unwrap(), file, "untouched");
        self.count("device key lost");
        self.home.device.restore(&keys);
        self.reopen();
    }

    /// The vault's file is gone and the keys are not: a new vault is made beside the keys of the old one,
    /// which opens again when its file comes back.
    fn reinstall(&mut self) {
        self.vault = None;
        let file = std::fs::read(self.home.db()).unwrap();
        let Home { device, .. } = &self.home;
        let keys = device.aliases();
        std::fs::remove_file(self.home.db()).unwrap();
        assert_eq!(self.home.open().unwrap().state(), VaultState::Fresh);
        let mut other = self.home.create();
        assert!(other.labels().unwrap().is_empty());
        other.lock();
        drop(other);
        drop(self.home.reopen());
        let still = self.home.device.aliases();
        assert!(keys.iter().all(|alias| still.contains(alias)), "keys of another vault were swept");
        std::fs::write(self.home.db(), file).unwrap();
        self.reopen();
    }

    /// The device forgets a key of the vault: only a code is a way on.
    fn lose(&mut self, kind: &str) {
        if self.content.entries.is_empty() {
            return;
        }
        self.vault = None;
        self.lose_keys(kind);
        self.excused = true;
        self.reopen();
        assert!(self.is_blocked());
    }

    fn lose_keys(&mut self, kind: &str) {
        for alias in self.home.device.aliases() {
            if alias.contains(kind) {
                self.home.device.lose(&alias);
            }
        }
    }
}
