//! The state row {g, fails, e, u}: how many tries were started since the last success.
//!
//! | Field | Meaning | Covered by |
//! |---|---|---|
//! | `g` | generation: the number of the one device key `state.<g>` that there is | `mac` |
//! | `fails` | tries started since the last success | `mac` |
//! | `e` | epoch of the PIN slot and its device key `pin.<e>` | `mac` |
//! | `u` | `g` at the last success | root MAC |
//!
//! `mac` comes from the device key `state.<g>`, which is deleted as soon as its successor is on the
//! disk: a row of an older file has no key any more, and an edited row has no MAC. The root MAC over the
//! file covers `u` (`vault::whole`); `u_mac` is what schema 2 had instead.
//! When the last try began is advice for the screen.

use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::ports::Elapsed;
use crate::secret::Key;

/// Tries between two successes.
pub const MAX_TRIES: u32 = 5;

/// The state row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// Tries since the last success.
    pub fails: u32,
    pub(crate) g: u32,
    pub(crate) e: u32,
    pub(crate) u: u32,
    /// `None` in a vault of schema 1 that this version has not unlocked yet.
    pub(crate) mac: Option<[u8; 32]>,
    pub(crate) u_mac: Option<[u8; 32]>,
    pub(crate) tried: Option<Elapsed>,
}

impl Attempts {
    /// How many tries the user has left.
    pub fn left(&self) -> u32 {
        MAX_TRIES.saturating_sub(self.fails)
    }

    /// Seconds that the user is asked to wait before the next try: 0, 0, 5 and 30 before tries 2 to 5.
    pub fn retry_after(&self, now: Elapsed) -> u32 {
        let (Some(delay), Some(tried)) = (self.delay(), self.tried) else { return 0 };
        // After a reboot the time since then is the least that has passed.
        let since = if now.boot_id == tried.boot_id { tried.millis } else { 0 };
        let passed = u32::try_from(now.millis.saturating_sub(since) / 1000).unwrap_or(u32::MAX);
        delay.saturating_sub(passed)
    }

    /// The row of a new vault, without MACs.
    pub(crate) fn first(e: u32) -> Self {
        Self { fails: 0, g: 1, e, u: 1, mac: None, u_mac: None, tried: None }
    }

    /// The row of one try more, without its MAC; `None` when the generations are used up.
    pub(crate) fn after_try(self, now: Option<Elapsed>) -> Option<Self> {
        let (g, fails) = (self.g.checked_add(1)?, self.fails.checked_add(1)?);
        Some(Self { g, fails, mac: None, tried: now, ..self })
    }

    /// The row after a success, without its MACs.
    pub(crate) fn after_success(self, e: u32) -> Option<Self> {
        let g = self.g.checked_add(1)?;
        Some(Self { g, fails: 0, e, u: g, mac: None, u_mac: None, tried: None })
    }

    /// The row of a vault that shall be locked out: nothing can count it down.
    pub(crate) fn given_up(self) -> Option<Self> {
        Some(Self { g: self.g.checked_add(1)?, fails: MAX_TRIES, mac: None, ..self })
    }

    /// What the device key `state.<g>` is asked.
    pub(crate) fn input(&self, vault_id: &[u8; 16]) -> [u8; 32] {
        self.labelled(b"softtoken/3 state", vault_id)
    }

    /// The same in a file of schema 2, which has no MAC over all of its rows.
    pub(crate) fn input_of_schema_2(&self, vault_id: &[u8; 16]) -> [u8; 32] {
        self.labelled(b"softtoken/2 state", vault_id)
    }

    fn labelled(&self, label: &[u8], vault_id: &[u8; 16]) -> [u8; 32] {
        let numbers = [self.g, self.fails, self.e].map(u32::to_be_bytes);
        Sha256::new()
            .chain_update(label)
            .chain_update(vault_id)
            .chain_update(numbers.as_flattened())
            .finalize()
            .into()
    }

    /// The row with the MAC that the answer of the device key makes.
    pub(crate) fn signed(self, answer: &Key<32>) -> Self {
        Self { mac: mac(answer, &[b"state"]), ..self }
    }

    /// True when the answer of the device key makes the MAC of this row.
    pub(crate) fn is_signed(&self, answer: &Key<32>) -> bool {
        equal(self.mac, mac(answer, &[b"state"]))
    }

    /// Schema 2: true when `u` is the one of the last success.
    pub(crate) fn is_rooted(&self, root: &Key<32>, vault_id: &[u8; 16]) -> bool {
        equal(self.u_mac, mac(root, &[b"u", vault_id, &self.u.to_be_bytes()]))
    }

    /// True when the tries since the last success are all that happened since then.
    pub(crate) fn adds_up(&self) -> bool {
        self.u.checked_add(self.fails) == Some(self.g)
    }

    pub(crate) fn read(db: &Connection) -> rusqlite::Result<Self> {
        db.prepare_cached(
            "SELECT g, fails, e, u, mac, u_mac, tried_boot, tried_millis FROM state WHERE id = 1",
        )?
        .query_row([], |row| {
            let tried = elapsed_from(row.get(6)?, row.get(7)?);
            Ok(Self {
                g: row.get(0)?,
                fails: row.get(1)?,
                e: row.get(2)?,
                u: row.get(3)?,
                mac: row.get(4)?,
                u_mac: row.get(5)?,
                tried,
            })
        })
    }

    /// Writes the row; the first one of a vault too.
    pub(crate) fn write(&self, db: &Connection) -> rusqlite::Result<()> {
        let (boot, millis) = elapsed_to(self.tried);
        db.prepare_cached(
            "INSERT INTO state(id, g, fails, e, u, mac, u_mac, tried_boot, tried_millis)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT(id) DO UPDATE SET g = excluded.g, fails = excluded.fails, e = excluded.e,
             u = excluded.u, mac = excluded.mac, u_mac = excluded.u_mac,
             tried_boot = excluded.tried_boot, tried_millis = excluded.tried_millis",
        )?
        .execute(params![self.g, self.fails, self.e, self.u, self.mac, self.u_mac, boot, millis])?;
        Ok(())
    }

    fn delay(&self) -> Option<u32> {
        let place = usize::try_from(self.fails.checked_sub(1)?).ok()?;
        DELAYS.get(place).copied()
    }
}

/// A reading of the monotonic clock in two columns: boot id and milliseconds, or NULL.
pub(crate) fn elapsed_to(elapsed: Option<Elapsed>) -> (Option<i64>, Option<i64>) {
    elapsed.map(|at| (at.boot_id.cast_signed(), at.millis.cast_signed())).unzip()
}

/// The same back; half a reading is none.
pub(crate) fn elapsed_from(boot: Option<i64>, millis: Option<i64>) -> Option<Elapsed> {
    let (boot, millis) = boot.zip(millis)?;
    Some(Elapsed { boot_id: boot.cast_unsigned(), millis: millis.cast_unsigned() })
}

fn mac(key: &Key<32>, parts: &[&[u8]]) -> Option<[u8; 32]> {
    // HMAC takes keys of any length, so this is never `None`.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac.finalize().into_bytes().into())
}

fn equal(stored: Option<[u8; 32]>, computed: Option<[u8; 32]>) -> bool {
    stored.zip(computed).is_some_and(|(stored, computed)| stored.ct_eq(&computed).into())
}

/// Seconds before tries 2 to 5.
const DELAYS: [u32; 4] = [0, 0, 5, 30];

#[cfg(test)]
mod tests {
    use super::*;

    fn after(fails: u32, tried: Option<Elapsed>) -> Attempts {
        Attempts { fails, tried, ..Attempts::first(1) }
    }

    #[test]
    fn tries_left_stops_at_zero() {
        let left = |fails| after(fails, None).left();
        assert_eq!([0, 1, 4, 5, 6, u32::MAX].map(left), [5, 4, 1, 0, 0, 0]);
    }

    #[test]
    fn the_delays_before_the_tries_are_0_0_5_and_30_seconds() {
        let at = Elapsed { boot_id: 7, millis: 100_000 };
        let wait =
            |fails, later| after(fails, Some(at)).retry_after(Elapsed { millis: at.millis + later, ..at });
        assert_eq!([0, 1, 2, 3, 4, 5].map(|fails| wait(fails, 0)), [0, 0, 0, 5, 30, 0]);
        assert_eq!([0, 999, 1_000, 29_999, 30_000, 99_000].map(|ms| wait(4, ms)), [30, 30, 29, 1, 0, 0]);
        let rebooted = Elapsed { boot_id: 8, millis: 4_000 };
        assert_eq!(after(4, Some(at)).retry_after(rebooted), 26);
        assert_eq!(after(4, None).retry_after(at), 0);
    }

    #[test]
    fn every_number_of_the_row_is_covered() {
        let (device, root, vault) = (Key::new([1; 32]), Key::new([2; 32]), [3; 16]);
        let row = Attempts { g: 3, ..after(2, None) };
        assert!(
            row.adds_up() && !Attempts { u: 2, ..row }.adds_up() && !Attempts { fails: 1, ..row }.adds_up()
        );
        let rooted = Attempts { u_mac: mac(&root, &[b"u", &vault, &1_u32.to_be_bytes()]), ..row };
        assert!(rooted.is_rooted(&root, &vault) && !Attempts { u: 2, ..rooted }.is_rooted(&root, &vault));
        assert!(!rooted.is_rooted(&device, &vault) && !rooted.is_rooted(&root, &[4; 16]));
        assert_ne!(row.input(&vault), row.input_of_schema_2(&vault));
        let inputs = [row, Attempts { g: 4, ..row }, Attempts { fails: 3, ..row }, Attempts { e: 2, ..row }]
            .map(|row| row.input(&vault));
        let different: std::collections::HashSet<_> =
            inputs.into_iter().chain([row.input(&[4; 16])]).collect();
        assert_eq!(different.len(), 5);
        assert!(row.signed(&device).is_signed(&device) && !row.signed(&device).is_signed(&root));
        assert!(!row.is_signed(&device), "no MAC is no MAC");
    }
}
