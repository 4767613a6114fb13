//! The vault, its device, and what somebody would know who watched.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use softtoken_core::identity::IdentityId;
use softtoken_core::lock::KdfProfile;
use softtoken_core::ports::Elapsed;
use softtoken_core::vault::{self, DraftId, MAX_CODES, Vault, VaultError, VaultState};

use super::step::{Step, Trouble};
use super::vault_common::{Faulty, Home};

pub const PINS: [&str; 3] = ["7294", "806423", "551739"];
pub const NOBODYS: &str = "3164";
/// Name, address, serial number, K_rec.
pub const ISSUERS: [(&str, &str, &str, u8); 2] =
    [("A", "a.example", "4824413456", 0xaa), ("B", "b.example", "1002003000", 0xbb)];

/// An identity as it was written.
#[derive(Clone)]
pub struct Entry {
    pub id: IdentityId,
    pub name: String,
    /// Its first name.
    pub secret: String,
    /// `None`: the local group, opened by the recovery code.
    pub issuer: Option<usize>,
    pub counter: u64,
}

/// A pending identity.
#[derive(Clone)]
pub struct Pending {
    pub id: DraftId,
    pub name: String,
    pub issuer: Option<usize>,
}

/// What is in the file: it goes back with it.
#[derive(Clone, Default)]
pub struct Content {
    pub entries: Vec<Entry>,
    pub drafts: Vec<Pending>,
    /// Identities that wait for a code.
    pub closed: HashSet<IdentityId>,
    /// A redemption was cut off: these may be open or closed.
    pub unsure: HashSet<IdentityId>,
}

pub struct World {
    pub home: Home,
    pub vault: Option<Vault>,
    /// PINs that may be the right one: two after a change or redemption that was cut off.
    pub pins: Vec<usize>,
    pub next_pin: usize,
    pub started: u32,
    pub wrong_answers: usize,
    /// Something else than five tries may have blocked it.
    pub excused: bool,
    /// An older file was put back, or a code was never shown, since everything was last open and armed.
    pub older: bool,
    /// Codes that failed since everything was last open.
    pub codes: u32,
    pub content: Content,
    pub kept: Option<(Vec<u8>, Content)>,
    pub put_back_first: bool,
    /// Recovery codes that were shown, the newest last.
    pub recovery: Vec<String>,
    /// The process died where it may have made a new one, and the vault was not open since.
    pub unseen: bool,
    pub clock: Elapsed,
    pub names: u32,
    pub counts: BTreeMap<String, u64>,
}

impl World {
    pub fn new() -> Self {
        let home = Home::in_memory();
        let vault = home.create();
        let mut world = Self {
            home,
            vault: Some(vault),
            pins: vec![0],
            next_pin: 1,
            started: 0,
            wrong_answers: 0,
            excused: false,
            older: false,
            codes: 0,
            content: Content::default(),
            kept: None,
            put_back_first: false,
            recovery: Vec::new(),
            unseen: false,
            clock: Elapsed { boot_id: 1, millis: 0 },
            names: 0,
            counts: BTreeMap::new(),
        };
        for issuer in [Some(0), Some(1), None] {
            world.add(issuer);
        }
        world.settle(Trouble::None);
        world.vault().lock();
        world.home.device.take_calls();
        world
    }

    /// Counts a step or an outcome.
    pub fn count(&mut self, name: &str) {
        *self.counts.entry(name.to_owned()).or_default() += 1;
    }

    pub fn vault(&mut self) -> &mut Vault {
        self.vault.as_mut().unwrap()
    }

    pub fn is_open(&mut self) -> bool {
        self.vault().state() == VaultState::Open
    }

    pub fn is_blocked(&mut self) -> bool {
        self.vault().state() == VaultState::Blocked
    }

    pub fn reopen(&mut self) {
        self.home.device.revive();
        self.vault = None;
        self.vault = Some(self.home.open().unwrap());
    }

    /// Runs a flow on a device with a trouble. True beside the result when the process died.
    pub fn run<T>(
        &mut self,
        trouble: Trouble,
        flow: impl FnOnce(&RefCell<&mut Vault>, &Faulty<'_>) -> Result<T, VaultError>,
    ) -> (Result<T, VaultError>, bool) {
        let device = &self.home.device;
        let faulty = match trouble {
            Trouble::None => Faulty::sound(device),
            Trouble::Dies(calls) => {
                device.die_after(calls);
                Faulty::sound(device)
            }
            Trouble::Fails(calls) => Faulty::once(device, "", calls),
            Trouble::NoDelete(calls) => Faulty::from(device, "delete", calls),
        };
        let mut vault = self.vault.take().unwrap();
        let result = flow(&RefCell::new(&mut vault), &faulty);
        let failed = faulty.has_failed();
        self.vault = Some(vault);
        let died = self.home.device.revive();
        if died {
            self.count("died");
        }
        if failed {
            self.count("device failed");
        }
        (result, died)
    }

    /// What the app does after every unlock and after adding.
    pub fn settle(&mut self, trouble: Trouble) {
        if !self.is_open() {
            return;
        }
        let (result, died) = self.run(trouble, |vault, device| {
            vault::arm(vault, device, KdfProfile::cheap())?;
            vault::adopt(vault, device)
        });
        if died {
            self.unseen = true;
            return self.restart();
        }
        self.see_recovery_code();
        if result.is_ok() && self.content.closed.is_empty() && self.content.unsure.is_empty() {
            // Everything is open and has its way back.
            (self.older, self.codes) = (false, 0);
        }
    }

    pub fn see_recovery_code(&mut self) {
        self.unseen = false;
        let Some(code) = self.vault().recovery_code().unwrap() else { return };
        let code = code.shown().to_string();
        if self.recovery.last() != Some(&code) {
            self.recovery.push(code);
        }
    }

    pub fn restart(&mut self) {
        if self.put_back_first {
            self.put_back();
        }
        self.reopen();
    }

    pub fn take(&mut self, step: &Step) {
        let blocked = self.is_blocked();
        match *step {
            Step::Unlock { right, trouble } => {
                let pin = if right { self.pins[0] } else { PINS.len() };
                self.try_pin(pin, trouble);
            }
            Step::ChangePin { trouble } => self.change_pin(trouble),
            Step::Forget { trouble } => self.forget(trouble),
            Step::Redeem { issuer, right, trouble } => self.redeem(issuer, right, trouble),
            Step::Recover { trouble } => self.recover(trouble),
            Step::Settle { trouble } => self.settle(trouble),
            Step::Reopen => self.reopen(),
            Step::Lock => self.vault().lock(),
            Step::GuessAndPutBack { calls } => {
                self.put_back_first = true;
                self.try_pin(PINS.len(), Trouble::Dies(calls));
                self.put_back_first = false;
            }
            Step::Keep | Step::PutBack | Step::Wait { .. } | Step::Jump { .. } | Step::Intruder => {
                self.surroundings(step);
            }
            Step::OtherDevice | Step::Reinstall => self.surroundings(step),
            Step::LoseCount | Step::LosePinKey | Step::LoseCodeKeys => self.surroundings(step),
            _ => self.identities(step),
        }
        if self.is_blocked() {
            assert!(self.started >= 5 || self.excused, "blocked after {} tries", self.started);
            let pins = self.home.device.aliases().into_iter().filter(|alias| alias.contains("/pin."));
            assert!(pins.count() == 0 || self.excused || self.started >= 5);
            if !blocked {
                self.count("blocked");
            }
            self.miss_recovery_code();
        }
        self.look();
    }

    /// The newest recovery code was never on a screen, and what could show it is gone: an honest limit.
    fn miss_recovery_code(&mut self) {
        if self.unseen && !self.older {
            self.older = true;
            self.count("recovery code never shown");
        }
    }

    /// Whoever knows PIN and issuers gets in, and finds everything.
    pub fn get_in(&mut self) {
        self.reopen();
        for pin in self.pins.clone() {
            if self.vault().state() == VaultState::Locked {
                self.try_pin(pin, Trouble::None);
            }
        }
        if self.is_blocked() {
            self.miss_recovery_code();
        }
        for issuer in 0..ISSUERS.len() {
            if self.is_blocked() {
                self.redeem(issuer, true, Trouble::None);
            }
        }
        if self.is_blocked() {
            self.recover(Trouble::None);
        }
        let excused = self.older || self.codes >= MAX_CODES;
        if !excused {
            self.finish();
        }
    }

    fn finish(&mut self) {
        let (state, codes) = (self.vault().state(), self.codes);
        let nothing = self.content.entries.is_empty() && self.content.drafts.is_empty();
        assert!(state == VaultState::Open || nothing, "{state:?} after {codes} codes");
        if nothing {
            return;
        }
        for _ in 0..self.content.entries.len() + self.content.drafts.len() {
            for issuer in 0..ISSUERS.len() {
                self.redeem(issuer, true, Trouble::None);
            }
        }
        if self.vault().takes_recovery_code().unwrap() {
            self.recover(Trouble::None);
        }
        self.look();
        assert!(
            self.content.closed.is_empty() && self.vault().waiting().unwrap().is_empty(),
            "not all is open"
        );
        let drafts: HashSet<_> = self.vault().drafts().unwrap().into_iter().map(|draft| draft.id).collect();
        assert_eq!(drafts, self.content.drafts.iter().map(|draft| draft.id).collect());
    }
}
