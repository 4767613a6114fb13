//! The file as a whole: two MACs over its rows, so that none is changed, dropped, doubled or put back alone.
//!
//! | MAC | Key | Covers | Made | Checked |
//! |---|---|---|---|---|
//! | `root_mac` | root, which is under VMK and in every wrap | `u`, and all rows that only the open vault writes | commits of the open vault | unlock, redemption |
//! | `device_mac` | MK | `root_mac`, and all rows | every commit | when the file is opened |
//!
//! The device MAC finds a damaged file before a try is lost to it, and stops whoever has the file but
//! not the device. The root MAC stops whoever has both and lacks the PIN. Counts of tries, slots and
//! wraps change while the vault is closed, so the root MAC leaves them out: they have the state MAC,
//! their own seals, and device keys that are deleted with them. Files of schema 2 have no such row; the
//! first commit of this version makes it, and a state row signed since then does not fit without it.

use hmac::{Hmac, KeyInit, Mac};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::keys::OpenKeys;
#[cfg(any(test, feature = "testing"))]
use super::keys::{MetaKeys, VaultId, alias, meta_input};
use super::seal::{SealError, Table, derive, open, seal};
use super::{Sealer, VaultError, events};
use crate::lock::Attempts;
#[cfg(any(test, feature = "testing"))]
use crate::ports::DeviceKey;
#[cfg(any(test, feature = "testing"))]
use crate::random::Random;
use crate::secret::Key;

/// The row that holds both MACs, and the root key.
pub(super) struct Whole {
    device_mac: [u8; 32],
    /// `None` until a vault of an earlier schema was opened with its PIN.
    root_mac: Option<[u8; 32]>,
    /// The newest event that the root MAC covers.
    events: i64,
    /// The root key and the length of the PIN, sealed under VMK.
    root: Option<Vec<u8>>,
}

impl Whole {
    /// `None` in a file of an earlier schema.
    pub(super) fn read(db: &Connection) -> Result<Option<Self>, VaultError> {
        let mut statement =
            db.prepare_cached("SELECT device_mac, root_mac, events, root FROM whole WHERE id = 1")?;
        let found = statement.query_row([], |row| {
            Ok(Self {
                device_mac: row.get(0)?,
                root_mac: row.get(1)?,
                events: row.get(2)?,
                root: row.get(3)?,
            })
        });
        Ok(found.optional()?)
    }

    fn write(&self, db: &Connection) -> rusqlite::Result<()> {
        db.prepare_cached(
            "INSERT INTO whole(id, device_mac, root_mac, events, root) VALUES (1, ?1, ?2, ?3, ?4)
             ON CONFLICT(id) DO UPDATE SET device_mac = excluded.device_mac,
             root_mac = excluded.root_mac, events = excluded.events, root = excluded.root",
        )?
        .execute(params![self.device_mac, self.root_mac, self.events, self.root])?;
        Ok(())
    }
}

impl Sealer<'_> {
    /// The last step of every transaction. `keys`: the vault is open, or is being opened.
    pub(super) fn close(&self, db: &Connection, keys: Option<&OpenKeys>) -> Result<(), VaultError> {
        let nothing = Whole { device_mac: [0; 32], root_mac: None, events: 0, root: None };
        let mut whole = Whole::read(db)?.unwrap_or(nothing);
        if let Some(keys) = keys {
            events::trim(db)?;
            whole.events = events::newest(db)?;
            whole.root_mac = Some(self.root_mac(db, &keys.root, whole.events)?);
            if whole.root.is_none() {
                let place = self.place(Table::Root, [0; 16], 1);
                let content = Zeroizing::new([&keys.root.expose()[..], &[keys.pin_digits]].concat());
                whole.root = Some(seal(self.random, keys.vmk.expose(), &place, &content)?);
            }
        }
        whole.device_mac = self.device_mac(db, &whole)?;
        Ok(whole.write(db)?)
    }

    /// True when the rows are those of the last commit, as far as the device can tell.
    pub(super) fn fits_device(&self, db: &Connection, whole: &Whole) -> Result<bool, VaultError> {
        Ok(self.device_mac(db, whole)?.ct_eq(&whole.device_mac).into())
    }

    /// `Damaged` unless the rows are those of the last commit of the open vault.
    pub(super) fn check_root(&self, db: &Connection, root: &Key<32>) -> Result<(), VaultError> {
        let row = Attempts::read(db)?;
        let fits = match Whole::read(db)? {
            Some(Whole { root_mac: Some(mac), events, .. }) => {
                self.root_mac(db, root, events)?.ct_eq(&mac).into()
            }
            // Schema 1 had no such key, schema 2 used it for `u` alone.
            _ => row.mac.is_none() || row.is_rooted(root, self.vault_id),
        };
        if fits { Ok(()) } else { Err(VaultError::DAMAGED) }
    }

    /// Everything that VMK opens.
    pub(super) fn open_keys(&self, db: &Connection, vmk: Key<32>) -> Result<OpenKeys, VaultError> {
        let (root, pin_digits) = match Whole::read(db)?.and_then(|whole| whole.root) {
            Some(sealed) => {
                let content = open(vmk.expose(), &self.place(Table::Root, [0; 16], 1), &sealed)?;
                match content.expose().split_first_chunk::<32>() {
                    Some((root, [digits])) => (Key::new(*root), *digits),
                    _ => return Err(VaultError::DAMAGED),
                }
            }
            // Before schema 3.
            None => (derive(vmk.expose(), b"root")?, 0),
        };
        self.check_root(db, &root)?;
        let mut keys = OpenKeys { pin_digits, ..OpenKeys::new(vmk, root)? };
        self.unwrap_groups(db, &mut keys)?;
        Ok(keys)
    }

    /// Makes the next [`close`](Self::close) seal the root key anew: another VMK, another PIN.
    pub(super) fn unseal_root(&self, db: &Connection) -> Result<(), VaultError> {
        db.execute("UPDATE whole SET root = NULL", [])?;
        Ok(())
    }

    fn device_mac(&self, db: &Connection, whole: &Whole) -> Result<[u8; 32], VaultError> {
        let mut hash = Sha256::new();
        digest(&mut hash, db, OPEN_ROWS, i64::MAX)?;
        digest(&mut hash, db, CLOSED_ROWS, i64::MAX)?;
        column(&mut hash, optional(whole.root_mac.as_ref()));
        column(&mut hash, optional(whole.root.as_ref()));
        column(&mut hash, ValueRef::Integer(whole.events));
        mac(&self.meta.whole, &[b"device", self.vault_id, &hash.finalize()])
    }

    fn root_mac(&self, db: &Connection, root: &Key<32>, events: i64) -> Result<[u8; 32], VaultError> {
        let mut hash = Sha256::new();
        digest(&mut hash, db, OPEN_ROWS, events)?;
        column(&mut hash, ValueRef::Integer(Attempts::read(db)?.u.into()));
        column(&mut hash, ValueRef::Integer(events));
        mac(root, &[b"whole", self.vault_id, &hash.finalize()])
    }
}

/// Makes the device MAC fit a file that was changed behind the back of the vault: what a thief can do who
/// has the device and lacks the PIN.
#[cfg(any(test, feature = "testing"))]
pub fn forge_device_mac(db: &Connection, device: &dyn DeviceKey) -> Result<(), VaultError> {
    let vault_id: VaultId = db.query_row("SELECT vault_id FROM header", [], |row| row.get(0))?;
    let meta = MetaKeys::new(&device.eval(&alias(&vault_id, "meta"), &meta_input(&vault_id))?)?;
    let (random, local_group) = (Random::seeded(0), [0; 16]);
    Sealer { vault_id: &vault_id, meta: &meta, random: &random, local_group, now: None }.close(db, None)
}

/// Feeds the rows of tables: for every table a 3 and its name, for every row a 4 and its columns.
fn digest(
    hash: &mut Sha256,
    db: &Connection,
    tables: &[(&str, &str)],
    events: i64,
) -> Result<(), VaultError> {
    for (table, query) in tables {
        hash.update([TABLE]);
        hash.update(table);
        let mut statement = db.prepare_cached(query)?;
        let columns = statement.column_count();
        let mut rows = match *table {
            "events" => statement.query([events])?,
            _ => statement.query([])?,
        };
        while let Some(row) = rows.next()? {
            hash.update([ROW]);
            for n in 0..columns {
                column(hash, row.get_ref(n)?);
            }
        }
    }
    Ok(())
}

/// Feeds a column: its type, its length in eight bytes, its bytes.
fn column(hash: &mut Sha256, value: ValueRef<'_>) {
    let number;
    let (kind, bytes) = match value {
        ValueRef::Null => (0, &[][..]),
        ValueRef::Integer(value) => {
            number = value.to_be_bytes();
            (1, &number[..])
        }
        ValueRef::Blob(bytes) => (2, bytes),
        // STRICT tables without such columns have none.
        ValueRef::Text(bytes) => (5, bytes),
        ValueRef::Real(value) => {
            number = value.to_be_bytes();
            (6, &number[..])
        }
    };
    hash.update([kind]);
    hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(bytes);
}

fn optional<B: AsRef<[u8]>>(bytes: Option<&B>) -> ValueRef<'_> {
    bytes.map_or(ValueRef::Null, |bytes| ValueRef::Blob(bytes.as_ref()))
}

fn mac(key: &Key<32>, parts: &[&[u8]]) -> Result<[u8; 32], VaultError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).map_err(|_| SealError::TooLong)?;
    parts.iter().for_each(|part| mac.update(part));
    Ok(mac.finalize().into_bytes().into())
}

/// What only the open vault writes. The order of rows is the one that listings fall back on.
const OPEN_ROWS: &[(&str, &str)] = &[
    ("header", "SELECT * FROM header ORDER BY id"),
    ("groups", "SELECT rowid, * FROM groups ORDER BY rowid"),
    ("identities", "SELECT rowid, * FROM identities ORDER BY rowid"),
    ("names", "SELECT * FROM names ORDER BY tag"),
    ("listing", "SELECT * FROM listing ORDER BY id"),
    ("drafts", "SELECT rowid, * FROM drafts ORDER BY rowid"),
    ("recovery", "SELECT * FROM recovery ORDER BY id"),
    ("events", "SELECT * FROM events WHERE n <= ?1 ORDER BY n"),
];
/// What changes while it is closed.
const CLOSED_ROWS: &[(&str, &str)] = &[
    ("state", "SELECT * FROM state ORDER BY id"),
    ("pin_slot", "SELECT * FROM pin_slot ORDER BY e"),
    ("bio_slot", "SELECT * FROM bio_slot ORDER BY b"),
    ("armings", "SELECT * FROM armings ORDER BY a"),
    ("wraps", "SELECT rowid, * FROM wraps ORDER BY rowid"),
];
const TABLE: u8 = 3;
const ROW: u8 = 4;
