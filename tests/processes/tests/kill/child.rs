//! The process that is killed: it does one random thing after the other, for ever.

use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use softtoken_core::TokenError;
use softtoken_core::error::Unsupported;
use softtoken_core::identity::{CodeKind, IdentityView};
use softtoken_core::ports::{DeviceKey, DeviceKeyCaps, HookError};
use softtoken_core::secret::Key;
use softtoken_core::token::{SoftToken, TokenState};

use super::deed::{Deed, Line, Outcome};
use crate::common::{DeviceKeyFiles, Dice, PINS, WRONG, add, keys, open};
use crate::{ISSUED, issuer_code};

/// What a child is to do.
pub struct Orders {
    pub folder: PathBuf,
    pub seed: u64,
    pub pin: usize,
    /// The recovery code, or `-`.
    pub recovery: String,
    /// Nothing but opening the vault.
    pub opens_only: bool,
}

impl Orders {
    pub fn write(&self) -> String {
        let Self { folder, seed, pin, recovery, opens_only } = self;
        format!("{seed} {pin} {recovery} {opens_only} {}", folder.display())
    }

    pub fn read(text: &str) -> Self {
        let mut words = text.splitn(5, ' ');
        let mut word = || words.next().unwrap();
        let (seed, pin) = (word().parse().unwrap(), word().parse().unwrap());
        let (recovery, opens_only) = (word().to_owned(), word().parse().unwrap());
        Self { folder: word().into(), seed, pin, recovery, opens_only }
    }
}

/// The device keys, and a line before every guess: an evaluation of a PIN key that was there before.
pub struct Watched {
    keys: DeviceKeyFiles,
    made: Mutex<HashSet<String>>,
    pub guess: Box<dyn Fn() + Send + Sync>,
}

impl Watched {
    pub fn new(keys: DeviceKeyFiles, guess: impl Fn() + Send + Sync + 'static) -> Self {
        Self { keys, made: Mutex::default(), guess: Box::new(guess) }
    }

    /// What is made from here on is being made, until the next deed.
    pub fn begin(&self) {
        self.made.lock().unwrap().clear();
    }
}

impl DeviceKey for Watched {
    fn caps(&self) -> Result<DeviceKeyCaps, HookError> {
        self.keys.caps()
    }

    fn create(&self, alias: &str) -> Result<(), HookError> {
        self.made.lock().unwrap().insert(alias.to_owned());
        self.keys.create(alias)
    }

    fn eval(&self, alias: &str, input: &[u8; 32]) -> Result<Key<32>, HookError> {
        if alias.contains("/pin.") && !self.made.lock().unwrap().contains(alias) {
            (self.guess)();
        }
        self.keys.eval(alias, input)
    }

    fn delete(&self, alias: &str) -> Result<(), HookError> {
        self.keys.delete(alias)
    }

    fn list(&self, vault: &str) -> Result<Vec<String>, HookError> {
        self.keys.list(vault)
    }
}

/// Never comes back: the parent kills it.
pub fn run(orders: Orders) {
    let device = Arc::new(Watched::new(keys(&orders.folder), || say(&Line::Guess)));
    let dice = Dice::seeded(orders.seed);
    // The test runner has begun a line.
    println!();
    let mut life =
        Life { token: None, device, dice, pin: orders.pin, recovery: orders.recovery, wrong_codes: 0 };
    let start = || open(&orders.folder, life.device.clone()).unwrap();
    if orders.opens_only {
        loop {
            say(&Line::Begins(Deed::Reopen));
            drop(start());
            say(&Line::Ends(Outcome::Ok));
        }
    }
    say(&Line::Begins(Deed::Reopen));
    life.token = Some(start());
    say(&Line::Ends(Outcome::Ok));
    loop {
        let deed = life.choose();
        life.device.begin();
        say(&Line::Begins(deed.clone()));
        let outcome = if deed == Deed::Reopen {
            life.token = None;
            life.token = Some(open(&orders.folder, life.device.clone()).unwrap());
            Outcome::Ok
        } else {
            life.carry_out(&deed).unwrap_or_else(outcome_of)
        };
        life.show_recovery();
        say(&Line::Ends(outcome));
    }
}

struct Life {
    token: Option<Arc<SoftToken>>,
    device: Arc<Watched>,
    dice: Dice,
    pin: usize,
    recovery: String,
    wrong_codes: u32,
}

impl Life {
    fn token(&self) -> &Arc<SoftToken> {
        self.token.as_ref().unwrap()
    }

    fn choose(&mut self) -> Deed {
        let token = self.token().clone();
        let other = (self.pin + 1 + usize::try_from(self.dice.below(3)).unwrap()) % PINS.len();
        match token.state().unwrap() {
            TokenState::Fresh => Deed::Create { pin: other },
            // Nothing would open an empty one again.
            TokenState::Locked { .. } if token.status().unwrap().identities == 0 => {
                Deed::Unlock { pin: self.pin }
            }
            TokenState::Locked { .. } => match self.dice.below(10) {
                0..3 => Deed::Wrong,
                3 => Deed::Forget,
                4 => Deed::Reopen,
                _ => Deed::Unlock { pin: self.pin },
            },
            TokenState::Blocked { ask } => {
                let user = token.takes_recovery_code().unwrap();
                let issuer = !ask.is_empty() && (!user || self.dice.below(2) == 0);
                match self.dice.below(8) {
                    0 if self.wrong_codes < 4 => Deed::WrongCode { pin: other },
                    1 => Deed::Reopen,
                    _ => Deed::Redeem { pin: Some(other), issuer },
                }
            }
            TokenState::Ready => self.choose_open(&token, other),
            other => panic!("{other:?}"),
        }
    }

    fn choose_open(&self, token: &Arc<SoftToken>, other: usize) -> Deed {
        if !token.unlock_requests().unwrap().is_empty() {
            return Deed::Redeem { pin: None, issuer: true };
        }
        if token.takes_recovery_code().unwrap() {
            return Deed::Redeem { pin: None, issuer: false };
        }
        let rows = token.identities().unwrap();
        let any = |rows: &[&IdentityView]| (!rows.is_empty()).then(|| self.dice.one(rows).name.clone());
        let counting = any(&rows.iter().filter(|row| row.kind == Some(CodeKind::Hotp)).collect::<Vec<_>>());
        // The issuer's identity stays, so that there is always a way back.
        let own = any(&rows.iter().filter(|row| row.issuer != ISSUED.0).collect::<Vec<_>>());
        let row = any(&rows.iter().collect::<Vec<_>>());
        let fresh = format!("N{}", self.dice.below(1_000_000));
        let place = u32::try_from(self.dice.below(8)).unwrap();
        match (self.dice.below(20), counting, own, row) {
            (0..5, Some(name), _, _) => Deed::Next { name },
            (5, Some(name), _, _) => Deed::Twice { name },
            (6..9, _, _, _) if rows.len() < 8 => Deed::Add { name: fresh, counts: self.dice.below(3) > 0 },
            (9 | 10, _, _, Some(from)) => Deed::Rename { from, to: fresh },
            (11, _, Some(from), Some(to)) if from != to => Deed::Rename { from, to },
            (12, _, Some(name), _) => Deed::Remove { name },
            (13, _, _, Some(name)) => Deed::Move { name, to: place },
            (14 | 15, _, _, _) => Deed::Change { from: self.pin, to: other },
            (16, _, _, _) => Deed::Lock,
            (17, _, _, Some(_)) => Deed::Forget,
            (18, _, _, _) => Deed::Acknowledge,
            (19, _, _, Some(_)) => Deed::Wrong,
            _ => Deed::Unlock { pin: self.pin },
        }
    }

    fn carry_out(&mut self, deed: &Deed) -> Result<Outcome, TokenError> {
        let token = self.token().clone();
        let id = |name: &str| token.find(name).map(|view| view.id);
        match deed {
            Deed::Create { pin } => token.set_pin(PINS[*pin].as_bytes())?,
            Deed::Unlock { pin } => token.unlock(PINS[*pin].as_bytes())?,
            Deed::Wrong => token.unlock(WRONG.as_bytes())?,
            Deed::Lock => token.lock()?,
            Deed::Reopen => {}
            Deed::Next { name } => {
                let view = token.next_code(id(name)?)?;
                return Ok(Outcome::Code(view.counter.unwrap(), view.code.unwrap().to_string()));
            }
            Deed::Twice { name } => {
                let pair = token.resync_codes(id(name)?)?;
                return Ok(Outcome::Code(pair.current.number, pair.current.code.to_string()));
            }
            Deed::Add { name, counts } => {
                let added = add(&token, name, *counts)?;
                return Ok(if added.is_some() { Outcome::Ok } else { Outcome::NameTaken });
            }
            Deed::Rename { from, to } => drop(token.rename(id(from)?, to)?),
            Deed::Remove { name } => token.remove(id(name)?)?,
            Deed::Move { name, to } => drop(token.reorder(id(name)?, *to)?),
            Deed::Change { from, to } => {
                token.change_pin(PINS[*from].as_bytes(), PINS[*to].as_bytes())?;
                self.pin = *to;
            }
            Deed::Forget => token.forget_pin()?,
            Deed::Redeem { pin, issuer } => {
                let code = if *issuer { issuer_code(&token) } else { self.recovery.clone() };
                token.redeem_unlock_code(&code, pin.map(|pin| PINS[pin].as_bytes()))?;
                self.wrong_codes = 0;
            }
            Deed::WrongCode { pin } => {
                self.wrong_codes += 1;
                token.redeem_unlock_code("0000-0000-0000-0", Some(PINS[*pin].as_bytes()))?;
            }
            Deed::Acknowledge => token.acknowledge_recovery_code()?,
        }
        if let Deed::Create { pin } | Deed::Redeem { pin: Some(pin), .. } = deed {
            self.pin = *pin;
        }
        Ok(Outcome::Ok)
    }

    /// Says the recovery code when it is another one, before the deed is said to be done.
    fn show_recovery(&mut self) {
        if let Ok(Some(code)) = self.token().recovery_code()
            && *code != self.recovery
        {
            self.recovery = code.to_string();
            say(&Line::Recovery(self.recovery.clone()));
        }
    }
}

fn outcome_of(error: TokenError) -> Outcome {
    match error {
        TokenError::WrongPin { attempts_left } => Outcome::WrongPin(attempts_left),
        TokenError::WrongUnlockCode { tries_left } => Outcome::WrongCode(tries_left),
        TokenError::NameTaken { .. } => Outcome::NameTaken,
        TokenError::Unsupported { what: Unsupported::NoWayBack } => Outcome::NoWayBack,
        other => Outcome::Other(format!("{other:?}")),
    }
}

/// In one write, so that a kill leaves it whole or not at all.
fn say(line: &Line) {
    std::io::stdout().write_all(format!("{line}\n").as_bytes()).unwrap();
}
