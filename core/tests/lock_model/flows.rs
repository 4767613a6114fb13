//! The flows: PINs and codes.

use softtoken_core::identity::IdentityId;
use softtoken_core::lock::{KdfProfile, UnlockCode};
use softtoken_core::vault::{self, MAX_CODES, VaultError, VaultState};

use super::step::Trouble;
use super::vault_common::{answer, pin as typed};
use super::world::{ISSUERS, NOBODYS, PINS, World};

impl World {
    pub fn try_pin(&mut self, pin: usize, trouble: Trouble) {
        let digits = PINS.get(pin).copied().unwrap_or(NOBODYS);
        let before = self.vault().attempts().unwrap();
        self.home.device.take_calls();
        let now = self.clock;
        let (result, died) =
            self.run(trouble, |vault, device| vault::unlock(vault, device, &typed(digits), Some(now)));
        let calls = self.home.device.take_calls();
        let asked = calls.iter().filter(|call| call.starts_with("eval pin.")).count();
        self.started += u32::from(self.vault().attempts().unwrap() != before);
        // The pin may be wrong although it is a candidate: then the answer was a wrong guess.
        let right = self.pins.contains(&pin) && !matches!(result, Err(VaultError::WrongPin { .. }));
        match asked {
            0 => {}
            _ if right => self.wrong_answers = 0,
            guesses => self.wrong_answers += guesses,
        }
        assert!(self.wrong_answers <= 5, "a sixth guess");
        match result {
            Ok(()) => {
                self.count("opened by the PIN");
                (self.started, self.pins, self.excused) = (0, vec![pin], false);
                self.look();
                self.see_recovery_code();
                self.settle(Trouble::None);
            }
            Err(VaultError::WrongPin { .. }) => self.count("wrong PIN"),
            Err(_) => {}
        }
        if died {
            self.restart();
        }
    }

    pub fn change_pin(&mut self, trouble: Trouble) {
        let pin = self.next_pin % PINS.len();
        let (result, died) = self.run(trouble, |vault, device| {
            vault::change_pin(vault, device, &typed(PINS[pin]), KdfProfile::cheap())
        });
        match result {
            Ok(()) => (self.started, self.wrong_answers, self.pins) = (0, 0, vec![pin]),
            Err(VaultError::Locked) => return,
            Err(_) => self.pins.push(pin),
        }
        self.next_pin += 1;
        if died {
            self.reopen();
        }
    }

    pub fn forget(&mut self, trouble: Trouble) {
        let (result, died) = self.run(trouble, |vault, device| vault::forget_pin(vault, device));
        self.excused |= !matches!(result, Err(VaultError::NoWayBack));
        if died {
            self.reopen();
        }
    }

    /// The issuer answers one of the reset codes that are shown, or somebody guesses.
    pub fn redeem(&mut self, issuer: usize, right: bool, trouble: Trouble) {
        let (name, _, _, key) = ISSUERS[issuer];
        let waiting = self.vault().waiting().unwrap();
        let Some(waiting) = waiting.iter().find(|one| one.contact.issuer == name) else { return };
        let code = answer(waiting, if right { key } else { 0x11 });
        let opens: Vec<IdentityId> = self.of(Some(issuer));
        let result = self.enter(&code, &opens, trouble);
        assert!(right || result != Some(Ok(())), "a wrong code opened something");
        match result {
            Some(Ok(())) => self.count("opened by its issuer"),
            Some(Err(VaultError::WrongUnlockCode { tries_left })) => {
                self.count("wrong code");
                if tries_left == 0 {
                    self.count("codes used up");
                }
                assert!(!right || self.older || self.codes >= MAX_CODES, "a right code opened nothing");
            }
            _ => {}
        }
    }

    /// The user has all recovery codes on paper and begins with the newest.
    pub fn recover(&mut self, trouble: Trouble) {
        let opens: Vec<IdentityId> = self.of(None);
        for code in self.recovery.clone().iter().rev().take(3) {
            if !self.vault().takes_recovery_code().unwrap() {
                return;
            }
            if self.enter(code, &opens, trouble) == Some(Ok(())) {
                self.count("opened by the recovery code");
            }
        }
    }

    fn of(&self, issuer: Option<usize>) -> Vec<IdentityId> {
        self.content.entries.iter().filter(|one| one.issuer == issuer).map(|one| one.id).collect()
    }

    /// Enters a code that may open `opens`. `None`: the process died.
    fn enter(
        &mut self,
        code: &str,
        opens: &[IdentityId],
        trouble: Trouble,
    ) -> Option<Result<(), VaultError>> {
        let blocked = self.is_blocked();
        let pin = self.next_pin % PINS.len();
        let (code, new) = (UnlockCode::parse(code).unwrap(), blocked.then(|| typed(PINS[pin])));
        let (result, died) = self.run(trouble, |vault, device| {
            vault::redeem(vault, device, &code, new.as_ref(), KdfProfile::cheap()).map(drop)
        });
        self.codes += u32::from(result.is_err());
        let was_open = self.content.entries.iter().map(|one| one.id);
        let was_open: Vec<_> = was_open.filter(|id| !blocked && !self.content.closed.contains(id)).collect();
        if died {
            self.unseen |= blocked || result.is_ok();
            self.reopen();
        }
        let done = match blocked {
            true => !self.is_blocked(),
            false => result.is_ok(),
        };
        if done && blocked {
            (self.started, self.wrong_answers, self.pins) = (0, 0, vec![pin]);
            (self.excused, self.next_pin) = (false, self.next_pin + 1);
        }
        if done || died {
            // What was open stays open, what the code is for may be; everything else waits.
            let content = &mut self.content;
            let all = content.entries.iter().map(|one| one.id);
            if done {
                content.closed = all.filter(|id| !was_open.contains(id)).collect();
            }
            content.unsure = opens.iter().copied().filter(|id| content.closed.contains(id)).collect();
        }
        if self.is_open() {
            self.look();
            self.see_recovery_code();
            if result.is_ok() && !blocked {
                self.count("second group joined");
            }
        }
        (!died).then_some(result)
    }

    /// State of the lock screen.
    pub fn is_locked(&mut self) -> bool {
        self.vault().state() == VaultState::Locked
    }
}
