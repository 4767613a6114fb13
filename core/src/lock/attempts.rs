//! The count of tries: one row of the vault file.
//!
//! `g` and `u` belong to the ratchet of device keys, which this version does not turn yet: both stay
//! 1 and `mac` stays empty. `e` is the epoch of the PIN slot.

use rusqlite::{Connection, params};

/// Tries between two successes.
pub const MAX_TRIES: u32 = 5;

/// The state row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// Tries since the last success.
    pub fails: u32,
    /// Epoch of the PIN slot.
    pub(crate) e: u32,
}

impl Attempts {
    /// How many tries the user is told to have left.
    pub fn left(&self) -> u32 {
        MAX_TRIES.saturating_sub(self.fails)
    }

    pub(crate) fn read(db: &Connection) -> rusqlite::Result<Self> {
        db.prepare_cached("SELECT fails, e FROM state WHERE id = 1")?
            .query_row([], |row| Ok(Self { fails: row.get(0)?, e: row.get(1)? }))
    }

    /// The row of a new vault.
    pub(crate) fn insert(db: &Connection, e: u32) -> rusqlite::Result<()> {
        db.execute("INSERT INTO state(id, g, fails, e, u, mac) VALUES (1, 1, 0, ?1, 1, NULL)", [e])?;
        Ok(())
    }

    /// Counts one try, durably, before it can be answered.
    pub(crate) fn count(self, db: &Connection) -> rusqlite::Result<Self> {
        let next = Self { fails: self.fails.saturating_add(1), ..self };
        next.write(db)?;
        Ok(next)
    }

    /// A success: the count starts again.
    pub(crate) fn reset(self, db: &Connection, e: u32) -> rusqlite::Result<()> {
        Self { fails: 0, e }.write(db)
    }

    fn write(self, db: &Connection) -> rusqlite::Result<()> {
        db.prepare_cached("UPDATE state SET fails = ?1, e = ?2 WHERE id = 1")?
            .execute(params![self.fails, self.e])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_left_stops_at_zero() {
        let left = |fails| Attempts { fails, e: 1 }.left();
        assert_eq!([0, 1, 4, 5, 6, u32::MAX].map(left), [5, 4, 1, 0, 0, 0]);
    }
}
