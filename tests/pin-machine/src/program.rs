//! What the program does: one durable step of one process.
//!
//! ```text
//! open    read the row → its state key and PIN key are there, fails < 5 → delete all other keys → locked
//!         otherwise → burn: delete the biometric key, all PIN keys → blocked
//! try     read and check again → delete all other keys → state key g+1 → authenticate (g+1, fails+1) with it → commit → delete
//!         state key g → evaluate the PIN key → wrong: locked, or burn at 5
//! right   the same ratchet once more with fails = 0 → open
//! code    recovery key answers → delete what an interrupted redemption left → new PIN, recovery and state
//!         key → commit → delete all others → open
//! ```
//! A step that finds another world than it left reads the row again, as if the process had been started anew.

use crate::device::StateKey;
use crate::world::{At, Invariant, MAX_CODES, Order, Process, Row, Rules, World};

/// A step of a try.
#[derive(Debug, Clone, Copy)]
enum TryStep {
    Make,
    Authenticate,
    Commit,
    Delete,
    Evaluate,
}

impl Order {
    fn steps(self) -> &'static [TryStep; 5] {
        use TryStep::{Authenticate, Commit, Delete, Evaluate, Make};
        match self {
            Self::Right => &[Make, Authenticate, Commit, Delete, Evaluate],
            Self::EvaluateBeforeDelete => &[Make, Authenticate, Commit, Evaluate, Delete],
            Self::EvaluateBeforeCount => &[Evaluate, Make, Authenticate, Commit, Delete],
            Self::DeleteBeforeCommit => &[Make, Authenticate, Delete, Commit, Evaluate],
        }
    }
}

impl Process {
    /// The step that comes next, in words for a trace.
    pub(crate) fn doing(&self, rules: &Rules) -> String {
        match self.at {
            At::Try(step) => format!("Try{:?}", rules.order.steps()[usize::from(step)]),
            at => format!("{at:?}"),
        }
    }

    /// Before the first step of a try the new row is the old one with one more failure.
    fn count(&mut self, next: At) -> At {
        if next == At::Try(0) {
            self.new = Row { g: self.new.g + 1, mac: 0, fails: self.old.fails + 1, ..self.old };
        }
        next
    }

    /// Where the process is left when the device fails to delete the old state key, without a restart.
    pub(crate) fn after_failed_deletion(&self, rules: &Rules) -> Option<At> {
        match self.at {
            At::Try(step) if matches!(rules.order.steps()[usize::from(step)], TryStep::Delete) => {
                Some(At::Locked)
            }
            At::ResetDelete => Some(At::Open),
            _ => None,
        }
    }
}

impl World {
    /// The next step of process `n`; `None` when it waits for the user or does not run.
    pub(crate) fn step(&self, n: usize, rules: &Rules) -> Option<Self> {
        let mut world = *self;
        let mut me = self.processes[n];
        let next = match me.at {
            At::Off | At::Locked | At::Open | At::Blocked => return None,
            At::Read | At::TryRead => {
                me.old = self.file;
                if me.at == At::Read { At::Verify } else { At::TryVerify }
            }
            At::Verify => self.verify(&mut me, rules, At::Sweep),
            At::Sweep => world.sweep(&me, At::Sweep, At::Locked),
            At::TryVerify if rules.swept_before_try => self.verify(&mut me, rules, At::TrySweep),
            At::TryVerify => {
                let next = self.verify(&mut me, rules, At::Try(0));
                me.count(next)
            }
            At::TrySweep => {
                let next = world.sweep(&me, At::TrySweep, At::Try(0));
                me.count(next)
            }
            At::Try(step) => world.try_step(&mut me, step, rules),
            At::ResetMake => world.make_state(&mut me, At::ResetAuthenticate),
            At::ResetAuthenticate => world.authenticate(&mut me, rules.old_key_checked, At::ResetCommit),
            At::ResetCommit => world.commit(&mut me, At::ResetDelete),
            At::ResetDelete => {
                world.device.delete_state(me.new.g - 1);
                At::Open
            }
            At::BurnBiometric => {
                world.device.biometric = 0;
                At::BurnPins
            }
            At::BurnPins => world.burn_pins(rules),
            At::CodeClear => world.sweep(&me, At::CodeClear, At::CodeMakePin),
            At::CodeMakePin => {
                me.new.pin = world.fresh();
                world.device.pins.insert(me.new.pin);
                At::CodeMakeRecovery
            }
            At::CodeMakeRecovery => {
                me.new.recovery = world.fresh();
                world.device.recoveries.insert(me.new.recovery);
                At::CodeMakeState
            }
            At::CodeMakeState => {
                me.new.g = self.device.newest() + 1;
                world.make_state(&mut me, At::CodeAuthenticate)
            }
            At::CodeAuthenticate => world.authenticate(&mut me, false, At::CodeCommit),
            At::CodeCommit => world.commit(&mut me, At::CodeSweep),
            At::CodeSweep => world.sweep(&me, At::CodeSweep, At::Open),
            At::WrongCodeCommit => world.commit(&mut me, At::Blocked),
            At::BurnRecovery => {
                world.device.recoveries.remove(me.old.recovery);
                At::Blocked
            }
        };
        me.at = next;
        world.processes[n] = me;
        Some(world)
    }

    /// Whether the row that was read is good for a PIN: then on, otherwise the slots are burnt.
    fn verify(&self, me: &mut Process, rules: &Rules, then: At) -> At {
        let row = me.old;
        me.new = row;
        let current = row.mac != 0 && self.device.state(row.g) == Some(row.mac);
        if current && self.device.pins.contains(row.pin) && row.fails < rules.tries {
            then
        } else {
            At::BurnBiometric
        }
    }

    /// Deletes one key that does not belong to the process's row; `then` when there is none.
    fn sweep(&mut self, me: &Process, again: At, then: At) -> At {
        let row = me.new;
        if let Some(key) = self.device.states.iter().find(|key| key.g != row.g) {
            self.device.states.remove(key);
        } else if let Some(id) = self.device.pins.iter().find(|id| *id != row.pin) {
            self.device.pins.remove(id);
        } else if let Some(id) = self.device.recoveries.iter().find(|id| *id != row.recovery) {
            self.device.recoveries.remove(id);
        } else {
            return then;
        }
        again
    }

    fn try_step(&mut self, me: &mut Process, step: u8, rules: &Rules) -> At {
        let steps = rules.order.steps();
        let then = At::Try(step + 1);
        let next = match steps[usize::from(step)] {
            TryStep::Make => self.make_state(me, then),
            TryStep::Authenticate => self.authenticate(me, rules.old_key_checked, then),
            TryStep::Commit => self.commit(me, then),
            TryStep::Delete => {
                let was_there = self.device.state(me.new.g - 1).is_some();
                self.device.delete_state(me.new.g - 1);
                if was_there || !rules.deletion_tells { then } else { At::Read }
            }
            TryStep::Evaluate => self.evaluate(me, rules, then),
        };
        if step == 0 {
            self.started = (self.started + 1).min(rules.tries);
        }
        if next == then && usize::from(step) + 1 == steps.len() { self.answer(me, rules) } else { next }
    }

    /// The moment when a PIN is tested.
    fn evaluate(&mut self, me: &mut Process, rules: &Rules, then: At) -> At {
        if !self.device.pins.contains(me.new.pin) {
            return At::Read;
        }
        self.guesses += 1;
        self.demand(self.guesses <= rules.tries, Invariant::FiveGuesses, rules);
        if me.right {
            self.guesses = 0;
            self.successes += 1;
        }
        me.answered = true;
        then
    }

    /// After the last step of a try.
    fn answer(&self, me: &mut Process, rules: &Rules) -> At {
        me.old = me.new;
        if me.right {
            me.new = Row { g: me.old.g + 1, mac: 0, fails: 0, ..me.old };
            At::ResetMake
        } else if me.old.fails >= rules.tries {
            At::BurnBiometric
        } else {
            At::Locked
        }
    }

    /// Makes state key `new.g`; a key of that alias is an error.
    fn make_state(&mut self, me: &mut Process, then: At) -> At {
        if self.device.state(me.new.g).is_some() {
            return At::Read;
        }
        let id = self.fresh();
        self.device.states.insert(StateKey { g: me.new.g, id });
        then
    }

    /// Authenticates the new row with its state key.
    fn authenticate(&mut self, me: &mut Process, old_checked: bool, then: At) -> At {
        let old_answers = me.old.mac != 0 && self.device.state(me.new.g - 1) == Some(me.old.mac);
        match self.device.state(me.new.g) {
            Some(id) if !old_checked || old_answers => {
                me.new.mac = id;
                then
            }
            _ => At::Read,
        }
    }

    /// Writes the new row if the file still has the old one.
    fn commit(&mut self, me: &mut Process, then: At) -> At {
        if self.file != me.old {
            return At::Read;
        }
        self.file = me.new;
        self.copies.insert(me.new);
        match then {
            At::ResetDelete => self.started = 0,
            At::CodeSweep => {
                (self.started, self.guesses, self.locked_at) = (0, 0, 0);
                self.redemptions += 1;
            }
            At::Blocked => {
                me.old = me.new;
                if me.new.codes >= MAX_CODES {
                    return At::BurnRecovery;
                }
            }
            _ => {}
        }
        then
    }

    /// Deletes one PIN key; when none is left, the lockout is complete.
    fn burn_pins(&mut self, rules: &Rules) -> At {
        if let Some(id) = self.device.pins.iter().next() {
            self.device.pins.remove(id);
            return At::BurnPins;
        }
        let earned = self.started >= rules.tries || self.tampered;
        self.demand(earned, Invariant::NoFalseLockout, rules);
        if self.locked_at == 0 {
            self.locked_at = self.fresh();
        }
        At::Blocked
    }
}
