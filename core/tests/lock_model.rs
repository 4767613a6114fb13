//! Random lives of a vault against a small model: tries, crashes at any call, older files, codes.
//!
//! | Invariant | Checked |
//! |---|---|
//! | the device answers at most five wrong guesses between two right ones | always |
//! | it blocks only after five started tries, a given-up PIN, or an older file | always |
//! | a right PIN or a right code opens it in the end | unless an older file was put back or the codes are used up |
//! | an open vault shows only what its codes opened | always |

mod vault_common;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use softtoken_core::vault::{MAX_CODES, Vault, VaultError, VaultState};
use vault_common::{Home, answer, identity, issued};

const PINS: [&str; 3] = ["7294", "806423", "551739"];
const NOBODYS: &str = "3164";
const ISSUERS: [(&str, &str, &str, u8); 2] =
    [("A", "a.example", "4824413456", 0xaa), ("B", "b.example", "1002003000", 0xbb)];

#[derive(Debug, Clone)]
enum Step {
    Unlock {
        right: bool,
        crash: Option<u64>,
    },
    ChangePin {
        crash: Option<u64>,
    },
    Forget {
        crash: Option<u64>,
    },
    Redeem {
        issuer: usize,
        right: bool,
        crash: Option<u64>,
    },
    Reopen,
    Lock,
    Keep,
    PutBack,
    /// The plug is pulled in the middle of a wrong try, and the file put back before the next start.
    GuessAndPutBack {
        calls: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let crash = || prop_oneof![3 => Just(None), 2 => (0_u64..30).prop_map(Some)];
    prop_oneof![
        6 => (any::<bool>(), crash()).prop_map(|(right, crash)| Step::Unlock { right, crash }),
        2 => (Just(false), crash()).prop_map(|(right, crash)| Step::Unlock { right, crash }),
        1 => crash().prop_map(|crash| Step::ChangePin { crash }),
        1 => crash().prop_map(|crash| Step::Forget { crash }),
        4 => (0_usize..2, any::<bool>(), crash())
            .prop_map(|(issuer, right, crash)| Step::Redeem { issuer, right, crash }),
        2 => Just(Step::Reopen),
        1 => Just(Step::Lock),
        1 => Just(Step::Keep),
        1 => Just(Step::PutBack),
    ]
}

/// A thief without the PIN, who copies the file and puts it back, and pulls the plug.
fn theft() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Unlock { right: false, crash: None }),
        6 => (5_u64..10).prop_map(|calls| Step::GuessAndPutBack { calls }),
        1 => Just(Step::Reopen),
        2 => Just(Step::Keep),
        3 => Just(Step::PutBack),
    ]
}

/// What somebody would know who watched.
struct World {
    home: Home,
    vault: Option<Vault>,
    /// PINs that may be the right one: two after a change or redemption that was cut off.
    pins: Vec<usize>,
    next_pin: usize,
    started: u32,
    wrong_answers: usize,
    excused: bool,
    older: bool,
    codes: u32,
    kept: Option<Vec<u8>>,
    put_back_first: bool,
}

impl World {
    fn new() -> Self {
        let home = Home::new();
        let mut vault = home.create();
        let [a, b] = ISSUERS.map(|(name, address, serial, key)| issued(name, address, serial, key));
        vault.add(vec![a, b, identity("Local")]).unwrap();
        home.settle(&mut vault).unwrap();
        vault.lock();
        home.device.take_calls();
        let (pins, kept) = (vec![0], None);
        Self {
            home,
            vault: Some(vault),
            pins,
            next_pin: 1,
            started: 0,
            wrong_answers: 0,
            excused: false,
            older: false,
            codes: 0,
            kept,
            put_back_first: false,
        }
    }

    fn vault(&mut self) -> &mut Vault {
        self.vault.as_mut().unwrap()
    }

    fn reopen(&mut self) {
        self.home.device.revive();
        self.vault = None;
        self.vault = Some(self.home.open().unwrap());
    }

    fn try_pin(&mut self, pin: usize, crash: Option<u64>) -> Option<Result<(), VaultError>> {
        let digits = PINS.get(pin).copied().unwrap_or(NOBODYS);
        let before = self.vault().attempts().unwrap();
        self.home.device.take_calls();
        if let Some(calls) = crash {
            self.home.device.die_after(calls);
        }
        let mut vault = self.vault.take().unwrap();
        let result = self.home.unlock(&mut vault, digits);
        let died = self.home.device.revive();
        let calls = self.home.device.take_calls();
        let asked = calls.iter().filter(|call| call.starts_with("eval pin.")).count();
        self.started += u32::from(vault.attempts().unwrap() != before);
        self.vault = Some(vault);
        // The pin may be wrong although it is a candidate: then the answer was a wrong guess.
        let right = self.pins.contains(&pin) && !matches!(result, Err(VaultError::WrongPin { .. }));
        match asked {
            0 => {}
            _ if right => self.wrong_answers = 0,
            guesses => self.wrong_answers += guesses,
        }
        assert!(self.wrong_answers <= 5, "a sixth guess");
        if result.is_ok() {
            (self.started, self.pins, self.excused) = (0, vec![pin], false);
            let mut vault = self.vault.take().unwrap();
            self.home.settle(&mut vault).unwrap();
            self.vault = Some(vault);
        }
        if died {
            self.restart();
            return None;
        }
        Some(result)
    }

    fn restart(&mut self) {
        if self.put_back_first {
            self.put_back();
        }
        self.reopen();
    }

    fn put_back(&mut self) {
        let Some(kept) = self.kept.clone() else { return };
        self.vault = None;
        if std::fs::read(self.home.db()).unwrap() != kept {
            std::fs::write(self.home.db(), kept).unwrap();
            (self.excused, self.older) = (true, true);
            self.pins = (0..PINS.len()).collect();
        }
    }

    fn redeem(&mut self, issuer: usize, right: bool, crash: Option<u64>) {
        let (name, _, _, key) = ISSUERS[issuer];
        let waiting = self.vault().waiting().unwrap();
        let Some(waiting) = waiting.iter().find(|one| one.contact.issuer == name) else { return };
        let code = answer(waiting, if right { key } else { 0x11 });
        let blocked = self.vault().state() == VaultState::Blocked;
        let pin = self.next_pin % PINS.len();
        if let Some(calls) = crash {
            self.home.device.die_after(calls);
        }
        let mut vault = self.vault.take().unwrap();
        let result = self.home.redeem(&mut vault, &code, blocked.then_some(PINS[pin]));
        let died = self.home.device.revive();
        self.vault = Some(vault);
        self.codes += u32::from(result.is_err());
        match result {
            Ok(_) => {
                assert!(right, "a wrong code opened something");
                self.codes = 0;
                if blocked {
                    (self.started, self.wrong_answers, self.pins) = (0, 0, vec![pin]);
                    (self.excused, self.next_pin) = (false, self.next_pin + 1);
                }
                let records = self.vault().records().unwrap();
                assert!(records.iter().any(|(_, record)| record.credential.secret.ct_eq(name.as_bytes())));
            }
            Err(_) if died && blocked => {
                self.reopen();
                if self.vault().state() != VaultState::Blocked {
                    (self.started, self.wrong_answers, self.pins) = (0, 0, vec![pin]);
                    self.excused = false;
                }
            }
            Err(_) if died => self.reopen(),
            Err(_) => {}
        }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Unlock { right, crash } => {
                let pin = if right { self.pins[0] } else { PINS.len() };
                self.try_pin(pin, crash);
            }
            Step::ChangePin { crash } => {
                let pin = self.next_pin % PINS.len();
                if let Some(calls) = crash {
                    self.home.device.die_after(calls);
                }
                let mut vault = self.vault.take().unwrap();
                let result = self.home.change_pin(&mut vault, PINS[pin]);
                let died = self.home.device.revive();
                self.vault = Some(vault);
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
            Step::Forget { crash } => {
                if let Some(calls) = crash {
                    self.home.device.die_after(calls);
                }
                let mut vault = self.vault.take().unwrap();
                self.excused |= !matches!(self.home.forget_pin(&mut vault), Err(VaultError::NoWayBack));
                let died = self.home.device.revive();
                self.vault = Some(vault);
                if died {
                    self.reopen();
                }
            }
            Step::Redeem { issuer, right, crash } => self.redeem(issuer, right, crash),
            Step::Reopen => self.reopen(),
            Step::Lock => self.vault().lock(),
            Step::Keep => {
                self.vault = None;
                self.kept = Some(std::fs::read(self.home.db()).unwrap());
                self.reopen();
            }
            Step::PutBack => {
                self.put_back();
                self.reopen();
            }
            Step::GuessAndPutBack { calls } => {
                self.put_back_first = true;
                self.try_pin(PINS.len(), Some(calls));
                self.put_back_first = false;
            }
        }
        if self.vault().state() == VaultState::Blocked {
            assert!(self.started >= 5 || self.excused, "blocked after {} tries", self.started);
            let pins = self.home.device.aliases().into_iter().filter(|alias| alias.contains("/pin."));
            assert!(pins.count() == 0 || self.excused || self.started >= 5);
        }
    }

    /// Whoever knows PIN and issuers gets in.
    fn get_in(&mut self) {
        self.reopen();
        for pin in self.pins.clone() {
            if self.vault().state() == VaultState::Locked && self.try_pin(pin, None) == Some(Ok(())) {
                return;
            }
        }
        for issuer in 0..ISSUERS.len() {
            if self.vault().state() == VaultState::Blocked {
                self.redeem(issuer, true, None);
            }
        }
        assert!(
            self.vault().state() == VaultState::Open || self.older || self.codes >= MAX_CODES,
            "{:?} after {} codes",
            self.vault().state(),
            self.codes
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_life_of_a_vault_gives_a_sixth_guess_or_locks_its_owner_out(
        steps in proptest::collection::vec(step(), 1..40),
    ) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        world.get_in();
    }

    #[test]
    fn no_thief_gets_a_sixth_guess(steps in proptest::collection::vec(theft(), 8..24)) {
        let mut world = World::new();
        world.take(&Step::Keep);
        for step in &steps {
            world.take(step);
        }
    }
}
