//! The event log: what happened to the vault, for its user to read.
//!
//! Each event is sealed with the device alone, because wrong PINs are written while the vault is closed.
//! Whatever was written up to the last commit of the open vault is under the root MAC ([`super::whole`]):
//! an older event cannot be changed or dropped without the PIN. The newest ones since then are as safe as
//! the device. The log keeps [`MAX_EVENTS`] events; the open vault drops the oldest.

use rusqlite::{Connection, params};

use super::seal::{Table, open, seal};
use super::{EncodingError, Sealer, Vault, VaultError};
use crate::identity::IdentityId;
use crate::identity::encoding::{Fields, MapWriter};
use crate::secret::SecretBytes;
use crate::time::UnixTime;

/// What happened. Numbers and ids of our own: no name, no text, no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The vault was made.
    Created,
    /// A right PIN.
    Unlocked,
    /// A right fingerprint or face.
    UnlockedByBiometrics,
    /// A wrong PIN; this many tries were left.
    WrongPin(u32),
    /// The user or the app locked it.
    Locked,
    /// The fifth wrong PIN.
    Blocked,
    /// The user gave up the PIN.
    PinForgotten,
    /// The file was older than the device says, or edited: the PIN was destroyed.
    OlderFile,
    /// The user changed the PIN.
    PinChanged,
    /// An unlock code or the recovery code opened something.
    CodeRedeemed,
    /// A code that opened nothing; this many were left.
    WrongCode(u32),
    /// The user has read the recovery code.
    RecoveryCodeRead,
    /// An identity came in.
    IdentityAdded(IdentityId),
    /// An identity got another name.
    IdentityRenamed(IdentityId),
    /// An identity was deleted.
    IdentityRemoved(IdentityId),
    /// A backup with this many identities was handed out.
    BackupMade(u32),
    /// Biometric unlock was switched on.
    BiometricsOn,
    /// Biometric unlock was switched off.
    BiometricsOff,
    /// The app locks after this many seconds from here on.
    AutoLockChanged(u32),
    /// An identity has another seed, by a contact with its issuer or a new activation.
    SeedReplaced(IdentityId),
    /// The issuer takes no codes of an identity any more: deleted there.
    DeletedByIssuer(IdentityId),
    /// The issuer takes no codes of an identity any more: another seed has replaced its own.
    ReplacedElsewhere(IdentityId),
    /// The issuer takes no codes of an identity until it enables it again.
    DisabledByIssuer(IdentityId),
    /// The issuer takes the codes of an identity again.
    EnabledByIssuer(IdentityId),
}

/// An event, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logged {
    /// Wall clock of the device; `None` when it could not be read.
    pub at: Option<UnixTime>,
    /// What.
    pub event: Event,
}

impl Event {
    /// The identity it is about.
    pub fn identity(self) -> Option<IdentityId> {
        self.parts().2
    }

    /// The number that it carries: tries left, how many, or seconds.
    pub fn number(self) -> Option<u32> {
        self.parts().1
    }

    /// The stable name in machine-readable output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Unlocked => "unlocked",
            Self::UnlockedByBiometrics => "unlocked_by_biometrics",
            Self::WrongPin(_) => "wrong_pin",
            Self::Locked => "locked",
            Self::Blocked => "blocked",
            Self::PinForgotten => "pin_forgotten",
            Self::OlderFile => "older_file",
            Self::PinChanged => "pin_changed",
            Self::CodeRedeemed => "code_redeemed",
            Self::WrongCode(_) => "wrong_code",
            Self::RecoveryCodeRead => "recovery_code_read",
            Self::IdentityAdded(_) => "identity_added",
            Self::IdentityRenamed(_) => "identity_renamed",
            Self::IdentityRemoved(_) => "identity_removed",
            Self::BackupMade(_) => "backup_made",
            Self::BiometricsOn => "biometrics_on",
            Self::BiometricsOff => "biometrics_off",
            Self::AutoLockChanged(_) => "auto_lock_changed",
            Self::SeedReplaced(_) => "seed_replaced",
            Self::DeletedByIssuer(_) => "deleted_by_issuer",
            Self::ReplacedElsewhere(_) => "replaced_elsewhere",
            Self::DisabledByIssuer(_) => "disabled_by_issuer",
            Self::EnabledByIssuer(_) => "enabled_by_issuer",
        }
    }

    fn parts(self) -> (u64, Option<u32>, Option<IdentityId>) {
        match self {
            Self::Created => (1, None, None),
            Self::Unlocked => (2, None, None),
            Self::UnlockedByBiometrics => (3, None, None),
            Self::WrongPin(left) => (4, Some(left), None),
            Self::Locked => (5, None, None),
            Self::Blocked => (6, None, None),
            Self::PinForgotten => (7, None, None),
            Self::OlderFile => (8, None, None),
            Self::PinChanged => (9, None, None),
            Self::CodeRedeemed => (10, None, None),
            Self::WrongCode(left) => (11, Some(left), None),
            Self::RecoveryCodeRead => (12, None, None),
            Self::IdentityAdded(id) => (13, None, Some(id)),
            Self::IdentityRenamed(id) => (14, None, Some(id)),
            Self::IdentityRemoved(id) => (15, None, Some(id)),
            Self::BackupMade(identities) => (16, Some(identities), None),
            Self::BiometricsOn => (17, None, None),
            Self::BiometricsOff => (18, None, None),
            Self::AutoLockChanged(seconds) => (19, Some(seconds), None),
            Self::SeedReplaced(id) => (20, None, Some(id)),
            Self::DeletedByIssuer(id) => (21, None, Some(id)),
            Self::ReplacedElsewhere(id) => (22, None, Some(id)),
            Self::DisabledByIssuer(id) => (23, None, Some(id)),
            Self::EnabledByIssuer(id) => (24, None, Some(id)),
        }
    }

    fn of(kind: u64, number: Option<u32>, id: Option<IdentityId>) -> Option<Self> {
        Some(match kind {
            1 => Self::Created,
            2 => Self::Unlocked,
            3 => Self::UnlockedByBiometrics,
            4 => Self::WrongPin(number?),
            5 => Self::Locked,
            6 => Self::Blocked,
            7 => Self::PinForgotten,
            8 => Self::OlderFile,
            9 => Self::PinChanged,
            10 => Self::CodeRedeemed,
            11 => Self::WrongCode(number?),
            12 => Self::RecoveryCodeRead,
            13 => Self::IdentityAdded(id?),
            14 => Self::IdentityRenamed(id?),
            15 => Self::IdentityRemoved(id?),
            16 => Self::BackupMade(number?),
            17 => Self::BiometricsOn,
            18 => Self::BiometricsOff,
            19 => Self::AutoLockChanged(number?),
            20 => Self::SeedReplaced(id?),
            21 => Self::DeletedByIssuer(id?),
            22 => Self::ReplacedElsewhere(id?),
            23 => Self::DisabledByIssuer(id?),
            24 => Self::EnabledByIssuer(id?),
            _ => return None,
        })
    }
}

impl Logged {
    fn encode(self) -> Result<SecretBytes, EncodingError> {
        let (kind, number, id) = self.event.parts();
        let fields = [self.at.is_some(), number.is_some(), id.is_some()];
        let mut map = MapWriter::new(1 + fields.into_iter().map(u64::from).sum::<u64>());
        map.number(KIND, kind);
        if let Some(at) = self.at {
            map.number(AT, at.0);
        }
        if let Some(number) = number {
            map.number(NUMBER, number.into());
        }
        if let Some(id) = id {
            map.bytes(ID, &id.0);
        }
        map.finish()
    }

    /// `None` for a kind of event that this version does not know.
    fn decode(bytes: &[u8]) -> Result<Option<Self>, VaultError> {
        let fields = Fields::read(bytes, &[KIND, AT, NUMBER, ID])?;
        let number = fields.optional_number(NUMBER)?.map(u32::try_from).transpose();
        let id = fields.optional_bytes(ID)?.map(|id| id.try_into().map(IdentityId)).transpose();
        let number = number.map_err(|_| VaultError::DAMAGED)?;
        let event = Event::of(fields.number(KIND)?, number, id.map_err(|_| VaultError::DAMAGED)?);
        let at = fields.optional_number(AT)?.map(UnixTime);
        Ok(event.map(|event| Self { at, event }))
    }
}

impl Vault {
    /// The wall clock of what comes next, for the event log.
    pub fn tell_time(&mut self, now: Option<UnixTime>) {
        self.now = now;
    }

    /// Writes an event that belongs to no other change. On return it is on the disk.
    pub fn note(&mut self, event: Event) -> Result<(), VaultError> {
        let sealer = self.sealer()?;
        self.write(|db| sealer.note(db, event))
    }

    /// All events, oldest first. Needs the open vault.
    pub fn events(&self) -> Result<Vec<Logged>, VaultError> {
        self.keys()?;
        let (db, sealer) = (&self.store()?.db, self.sealer()?);
        let mut statement = db.prepare_cached("SELECT n, body FROM events ORDER BY n")?;
        let mut rows = statement.query([])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            let place = sealer.place(Table::Event, event_row(row.get(0)?), 1);
            let sealed = row.get_ref(1)?.as_blob().map_err(|_| VaultError::DAMAGED)?;
            events.extend(Logged::decode(open(sealer.meta.events.expose(), &place, sealed)?.expose())?);
        }
        Ok(events)
    }
}

impl Sealer<'_> {
    /// Appends an event in a transaction of the caller.
    pub(super) fn note(&self, db: &Connection, event: Event) -> Result<(), VaultError> {
        let n = newest(db)?.checked_add(1).ok_or(VaultError::Internal)?;
        let body = Logged { at: self.now, event }.encode()?;
        let place = self.place(Table::Event, event_row(n), 1);
        let sealed = seal(self.random, self.meta.events.expose(), &place, body.expose())?;
        db.prepare_cached("INSERT INTO events(n, body) VALUES (?1, ?2)")?.execute(params![n, sealed])?;
        Ok(())
    }
}

/// Number of the newest event; 0 when there is none.
pub(super) fn newest(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached("SELECT coalesce(max(n), 0) FROM events")?.query_row([], |row| row.get(0))
}

/// Drops the oldest events; only a transaction of the open vault may.
pub(super) fn trim(db: &Connection) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM events WHERE n <= (SELECT max(n) FROM events) - ?1")?
        .execute([MAX_EVENTS])?;
    Ok(())
}

fn event_row(n: i64) -> [u8; 16] {
    u128::from(n.unsigned_abs()).to_be_bytes()
}

/// Events that the log keeps.
pub const MAX_EVENTS: u32 = 1000;

const KIND: u32 = 1;
const AT: u32 = 2;
const NUMBER: u32 = 3;
const ID: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_event_reads_back() {
        let id = IdentityId([7; 16]);
        let kinds: Vec<Event> = (0..100).filter_map(|kind| Event::of(kind, Some(3), Some(id))).collect();
        assert_eq!(kinds.len(), 24);
        for event in kinds {
            for at in [None, Some(UnixTime(1_893_456_000))] {
                let logged = Logged { at, event };
                assert_eq!(Logged::decode(logged.encode().unwrap().expose()).unwrap(), Some(logged));
            }
        }
    }

    #[test]
    fn an_event_of_a_later_version_is_skipped_and_not_damage() {
        let mut map = MapWriter::new(2);
        map.number(KIND, 99).number(AT, 1_893_456_000);
        assert_eq!(Logged::decode(map.finish().unwrap().expose()), Ok(None));
        let mut map = MapWriter::new(1);
        map.number(AT, 1_893_456_000);
        assert_eq!(Logged::decode(map.finish().unwrap().expose()), Err(VaultError::DAMAGED));
    }
}
