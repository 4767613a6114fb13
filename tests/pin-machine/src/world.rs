//! One state of the world: file, copies of it, device keys, two processes, and what an observer has counted.

use crate::device::{Device, Id, Set, StateKey};

/// Wrong unlock codes until only reactivation is left: two stand for ten.
pub(crate) const MAX_CODES: u8 = 2;

/// What the program does and what the adversary may do.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// The order of the steps of a try.
    pub order: Order,
    /// Wrong PINs until the lockout: five in the product, fewer where two processes make the search too wide.
    pub tries: u8,
    /// The new state key is made first, then the old one must still answer.
    pub old_key_checked: bool,
    /// Other state keys are deleted before every try, not only when the vault is opened.
    pub swept_before_try: bool,
    /// A deletion says whether the key was there, and a try ends if it was not.
    pub deletion_tells: bool,
    /// The lock file can be taken away: two processes run at once.
    pub lock_removed: bool,
    /// A copy of the device keys can be made once and put back: what a software key store permits.
    pub keys_restored: bool,
    /// Right PINs entered.
    pub successes: u8,
    /// Unlock codes redeemed.
    pub redemptions: u8,
    /// The search ends at this invariant; the others are not looked at. All of them if `None`.
    pub only: Option<Invariant>,
}

/// The order of the steps of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Make the new state key, commit the count, delete the old key, evaluate.
    Right,
    /// Evaluates after the count and before the old state key is deleted.
    EvaluateBeforeDelete,
    /// Evaluates first and counts afterwards.
    EvaluateBeforeCount,
    /// Deletes the old state key before the count is committed.
    DeleteBeforeCommit,
}

/// What must hold in every state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Invariant {
    /// At most five PIN evaluations between two successes.
    FiveGuesses,
    /// No lockout without five started tries, unless someone tampered.
    NoFalseLockout,
    /// After a lockout no key that opens a PIN or biometric slot is left.
    NoWayBack,
}

/// What the vault file holds, as far as the PIN machine is concerned. A row whose state key is gone
/// is forged or old: all such rows are alike (see the module `canonical`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Row {
    /// Alias number of the state key.
    pub(crate) g: u8,
    /// Instance of the state key that authenticates `g`, `fails` and the epoch.
    pub(crate) mac: Id,
    pub(crate) fails: u8,
    /// Instance of the device key behind the PIN slot.
    pub(crate) pin: Id,
    /// Instance of the device key behind the recovery wraps.
    pub(crate) recovery: Id,
    /// Wrong unlock codes.
    pub(crate) codes: u8,
    /// Distinguishes a dead row from no row.
    pub(crate) there: bool,
}

/// Where a process is; each is one step that a crash can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum At {
    #[default]
    Off,
    Read,
    Verify,
    Sweep,
    /// Locked, waiting for the user.
    Locked,
    TryRead,
    TryVerify,
    TrySweep,
    /// The n-th step of [`Order`].
    Try(u8),
    ResetMake,
    ResetAuthenticate,
    ResetCommit,
    ResetDelete,
    Open,
    BurnBiometric,
    BurnPins,
    /// Locked out, waiting for an unlock code.
    Blocked,
    CodeClear,
    CodeMakePin,
    CodeMakeRecovery,
    CodeMakeState,
    CodeAuthenticate,
    CodeCommit,
    CodeSweep,
    WrongCodeCommit,
    BurnRecovery,
}

/// A process and its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Process {
    pub(crate) at: At,
    /// The PIN being tried is the right one.
    pub(crate) right: bool,
    /// An evaluation has answered.
    pub(crate) answered: bool,
    /// The row that was read; a commit demands that the file still has it.
    pub(crate) old: Row,
    /// The row about to be written.
    pub(crate) new: Row,
}

/// Everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) file: Row,
    /// Every row that was ever committed, `file` among them.
    pub(crate) copies: Set<Row, 16>,
    pub(crate) device: Device,
    /// A copy of the device keys, if the rules let one be made.
    pub(crate) device_copy: Option<Device>,
    pub(crate) processes: [Process; 2],
    pub(crate) lock_gone: bool,
    /// The file was put back or the lock taken away.
    pub(crate) tampered: bool,
    /// Evaluations since the last success.
    pub(crate) guesses: u8,
    /// Tries started since the count was last set to 0.
    pub(crate) started: u8,
    pub(crate) successes: u8,
    pub(crate) redemptions: u8,
    /// While locked out: every key instance with a smaller number is older than the lockout.
    pub(crate) locked_at: Id,
    /// The number of the next key instance.
    pub(crate) next_id: Id,
    pub(crate) broken: Option<Invariant>,
}

impl Rules {
    /// The program as designed, against everything but a copy of the device keys and a second process
    /// at the same time: the lock file keeps that out.
    pub fn designed() -> Self {
        Self {
            order: Order::Right,
            tries: 5,
            old_key_checked: false,
            swept_before_try: true,
            deletion_tells: false,
            lock_removed: false,
            keys_restored: false,
            successes: 1,
            redemptions: 1,
            only: None,
        }
    }
}

impl World {
    /// A vault with a PIN, a biometric slot and one armed unlock code; no process runs.
    pub(crate) fn new() -> Self {
        let mut device = Device { biometric: 4, ..Device::default() };
        device.states.insert(StateKey { g: 1, id: 1 });
        device.pins.insert(2);
        device.recoveries.insert(3);
        let file = Row { g: 1, mac: 1, fails: 0, pin: 2, recovery: 3, codes: 0, there: true };
        let mut copies = Set::default();
        copies.insert(file);
        Self {
            file,
            copies,
            device,
            device_copy: None,
            processes: [Process::default(); 2],
            lock_gone: false,
            tampered: false,
            guesses: 0,
            started: 0,
            successes: 0,
            redemptions: 0,
            locked_at: 0,
            next_id: 5,
            broken: None,
        }
    }

    /// A number for a new key instance.
    pub(crate) fn fresh(&mut self) -> Id {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Records the first broken invariant among those that are watched.
    pub(crate) fn demand(&mut self, holds: bool, invariant: Invariant, rules: &Rules) {
        if !holds && self.broken.is_none() && rules.only.is_none_or(|only| only == invariant) {
            self.broken = Some(invariant);
        }
    }
}
