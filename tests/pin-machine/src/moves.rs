//! What can happen next: a step of a process, something the user does, something the adversary does.

use std::fmt;

use crate::device::Device;
use crate::world::{At, Invariant, Process, Row, Rules, World};

/// One thing that happens. Processes are 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// A process is started.
    Start(u8),
    /// A process does its next step.
    Step(u8),
    /// A process is stopped where it is.
    Crash(u8),
    /// The device fails to delete a state key; the process goes on waiting for the user.
    Fail(u8),
    /// A PIN is entered.
    Try(u8, bool),
    /// A fingerprint is shown.
    Biometric(u8),
    /// The app is locked.
    Lock(u8),
    /// "Forgot PIN".
    Forgot(u8),
    /// An unlock code is entered.
    Code(u8, bool),
    /// The n-th copy of the file is put back.
    Restore(u8),
    /// The lock file is taken away.
    RemoveLock,
    /// The device keys are copied.
    CopyKeys,
    /// The copy of the device keys is put back.
    RestoreKeys,
}

impl World {
    /// Everything that can happen next, with what comes of it.
    pub(crate) fn successors(&self, rules: &Rules, mut found: impl FnMut(Move, Self)) {
        for n in 0..2 {
            self.of_process(n, rules, &mut found);
        }
        for (n, row) in (0..).zip(self.copies.iter()).filter(|(_, row)| *row != self.file) {
            found(Move::Restore(n), Self { file: row, tampered: true, ..*self });
        }
        if rules.lock_removed && !self.lock_gone {
            found(Move::RemoveLock, Self { lock_gone: true, tampered: true, ..*self });
        }
        match self.device_copy {
            None if rules.keys_restored => {
                found(Move::CopyKeys, Self { device_copy: Some(self.device), ..*self });
            }
            Some(device) if device != self.device => {
                found(Move::RestoreKeys, Self { device, tampered: true, ..*self });
            }
            _ => {}
        }
    }

    fn of_process(&self, n: u8, rules: &Rules, found: &mut impl FnMut(Move, Self)) {
        let place = usize::from(n);
        let me = self.processes[place];
        let with = |process: Process| {
            let mut world = *self;
            world.processes[place] = process;
            world
        };
        let go = |at: At| with(Process { at, ..me });
        if me.at == At::Off {
            let alone = self.processes[1 - place].at == At::Off;
            // Alone, the two are alike: only the first is started.
            let may = if alone { n == 0 } else { self.lock_gone };
            if may {
                found(Move::Start(n), go(At::Read));
            }
            return;
        }
        found(Move::Crash(n), with(Process::default()));
        if let Some(world) = self.step(place, rules) {
            found(Move::Step(n), world);
        }
        if let Some(at) = me.after_failed_deletion(rules) {
            found(Move::Fail(n), go(at));
        }
        match me.at {
            At::Locked => {
                found(Move::Try(n, false), with(Process { at: At::TryRead, ..Process::default() }));
                if self.successes < rules.successes {
                    let right = Process { at: At::TryRead, right: true, ..Process::default() };
                    found(Move::Try(n, true), with(right));
                }
                if self.device.biometric != 0 {
                    found(Move::Biometric(n), go(At::Open));
                }
                // The user asks for the lockout: as good as five tries.
                let old = self.file;
                let mut world = with(Process { at: At::BurnBiometric, old, new: old, ..me });
                world.started = rules.tries;
                found(Move::Forgot(n), world);
            }
            At::Open => found(Move::Lock(n), go(At::Locked)),
            At::Blocked if self.device.recoveries.contains(me.old.recovery) => {
                if self.redemptions < rules.redemptions {
                    let new = Row { fails: 0, pin: 0, codes: 0, ..me.old };
                    found(Move::Code(n, true), with(Process { at: At::CodeClear, new, ..me }));
                }
                let new = Row { codes: me.old.codes + 1, ..me.old };
                found(Move::Code(n, false), with(Process { at: At::WrongCodeCommit, new, ..me }));
            }
            _ => {}
        }
    }

    /// Checks what must hold in a state, whatever led there.
    pub(crate) fn check(&mut self, rules: &Rules) {
        let Device { pins, biometric, .. } = self.device;
        let old = |id: u8| id != 0 && id < self.locked_at;
        let way_back = old(biometric) || pins.iter().any(old);
        self.demand(!way_back, Invariant::NoWayBack, rules);
    }
}

impl fmt::Display for Move {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |n: &u8| ["A", "B"][usize::from(*n)];
        match self {
            Self::Start(n) => write!(out, "{}: started", name(n)),
            Self::Step(n) => write!(out, "{}: next step", name(n)),
            Self::Crash(n) => write!(out, "{}: killed", name(n)),
            Self::Fail(n) => write!(out, "{}: the device fails to delete the old state key", name(n)),
            Self::Try(n, right) => write!(out, "{}: {} PIN", name(n), if *right { "right" } else { "wrong" }),
            Self::Biometric(n) => write!(out, "{}: fingerprint", name(n)),
            Self::Lock(n) => write!(out, "{}: locked", name(n)),
            Self::Forgot(n) => write!(out, "{}: forgot PIN", name(n)),
            Self::Code(n, right) => {
                write!(out, "{}: {} unlock code", name(n), if *right { "right" } else { "wrong" })
            }
            Self::Restore(n) => write!(out, "copy {n} of the file is put back"),
            Self::RemoveLock => out.write_str("the lock file is taken away"),
            Self::CopyKeys => out.write_str("the device keys are copied"),
            Self::RestoreKeys => out.write_str("the device keys are put back"),
        }
    }
}
