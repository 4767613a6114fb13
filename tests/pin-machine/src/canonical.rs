//! Two states that differ only in names have one canonical form.
//!
//! - A key instance that is neither on the device nor in a copy of its keys never answers again; it
//!   becomes 0. A row whose state key is such an instance never verifies again, so that only its
//!   recovery wraps still matter. All those rows stay available: every copy is kept, so that a process
//!   that has read one can always be shown it again.
//! - Instances are numbered by age without gaps, alias numbers start at 1: a program compares them and
//!   adds 1, nothing else.
//! - Memory that a process will not read before it writes it is cleared.

use crate::device::Id;
use crate::world::{At, MAX_CODES, Process, Row, World};

impl World {
    pub(crate) fn canonical(mut self) -> Self {
        self.processes.iter_mut().for_each(forget);
        let live = self.device.live() | self.device_copy.map_or(0, |device| device.live());
        for process in &mut self.processes {
            process.old = bury(process.old, live);
            process.new = drop_dead(process.new, live);
        }
        self.rename(live)
    }

    /// Numbers instances by age, aliases from 1.
    fn rename(mut self, live: u64) -> Self {
        let marked = live | if self.locked_at == 0 { 0 } else { 1 << self.locked_at };
        let rank = |id: Id| -> Id {
            if id == 0 { 0 } else { u8::try_from((marked & ((2 << id) - 1)).count_ones()).unwrap_or(Id::MAX) }
        };
        let devices = self.device_copy.iter().chain([&self.device]);
        let aliases = devices.flat_map(|device| device.states.iter().map(|key| key.g));
        let copies = self.copies.iter().map(|row| bury(row, live));
        let rows = copies.chain(self.processes.iter().flat_map(|process| [process.old, process.new]));
        let shift =
            aliases.chain(rows.map(|row| row.g)).filter(|g| *g != 0).min().map_or(0, |least| least - 1);
        let rename = |row: Row| Row {
            g: row.g.saturating_sub(shift),
            mac: rank(row.mac),
            pin: rank(row.pin),
            recovery: rank(row.recovery),
            ..row
        };
        self.device.rename(shift, rank);
        if let Some(device) = &mut self.device_copy {
            device.rename(shift, rank);
        }
        self.file = rename(bury(self.file, live));
        self.copies = self.copies.map(|row| rename(bury(row, live)));
        for process in &mut self.processes {
            (process.old, process.new) = (rename(process.old), rename(process.new));
        }
        self.locked_at = rank(self.locked_at);
        self.next_id = u8::try_from(marked.count_ones()).unwrap_or(Id::MAX) + 1;
        self
    }
}

/// Clears what the process will not read again.
fn forget(process: &mut Process) {
    let fresh = Process { at: process.at, ..Process::default() };
    match process.at {
        At::Off | At::Read | At::Locked | At::Open => *process = fresh,
        At::Verify => *process = Process { old: process.old, ..fresh },
        At::TryRead => *process = Process { right: process.right, ..fresh },
        At::BurnBiometric | At::BurnPins | At::Blocked | At::BurnRecovery => {
            // From here on only the recovery wraps count, and the row itself for the next commit.
            *process = Process { old: process.old, ..fresh };
        }
        At::Sweep | At::CodeSweep => *process = Process { new: process.new, ..fresh },
        _ => {}
    }
}

/// A row whose state key is gone: only its recovery wraps still matter.
fn bury(row: Row, live: u64) -> Row {
    let row = drop_dead(row, live);
    if row.mac == 0 {
        Row { recovery: row.recovery, codes: row.codes, there: row.there, ..Row::default() }
    } else {
        row
    }
}

/// Instances that are gone become 0; without a recovery key the count of wrong codes means nothing.
fn drop_dead(row: Row, live: u64) -> Row {
    let alive = |id: Id| if live & (1 << id) == 0 { 0 } else { id };
    let recovery = alive(row.recovery);
    let codes = if recovery == 0 { 0 } else { row.codes.min(MAX_CODES) };
    Row { mac: alive(row.mac), pin: alive(row.pin), recovery, codes, ..row }
}
