//! A vault file as it is found: whether it is whole, and what its count is worth.
//!
//! Asked in this order: the device key `meta`, the header, the MAC over all rows, the device key of the
//! count. Nothing here needs the PIN.

use rusqlite::Connection;

use super::header::Header;
use super::keys::{self, BIO, MetaKeys, PIN, Present, REC, STATE, VaultId};
use super::ratchet::{self, Standing};
use super::seal::{self, Place, Table};
use super::whole::Whole;
use super::{Event, Sealer, VaultError, arming, biometric, create, version_from};
use crate::lock::Attempts;
use crate::ports::DeviceKey;
use crate::random::Random;

/// An open file and what the device reveals of it.
pub(super) struct Store {
    pub(super) db: Connection,
    pub(super) vault_id: VaultId,
    pub(super) header_version: u64,
    pub(super) header: Header,
    pub(super) meta: MetaKeys,
    pub(super) standing: Standing,
}

impl Store {
    /// Reads the header, asks the device keys, and checks that all of it belongs together.
    ///
    /// A count that no device key vouches for is an older or edited file: what is left of the PIN is
    /// destroyed, as after the fifth try, and the event says why. Only a missing key `meta` says that the
    /// device is another one.
    pub(super) fn recognise(
        db: Connection,
        device: &dyn DeviceKey,
        random: &Random,
    ) -> Result<(Self, Option<Event>), VaultError> {
        let (vault_id, version, body): (VaultId, i64, Vec<u8>) =
            db.query_row("SELECT vault_id, version, body FROM header WHERE id = 1", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        create::check_kind(device)?;
        let answer = device.eval(&keys::alias(&vault_id, "meta"), &keys::meta_input(&vault_id))?;
        let meta = MetaKeys::new(&answer)?;
        let header_version = version_from(version)?;
        let place = Place {
            vault_id: &vault_id,
            table: Table::Header,
            row: [0; 16],
            version: header_version,
            context: &[],
        };
        let header = Header::decode(seal::open(meta.header.expose(), &place, &body)?.expose())?;
        let mut store = Self { db, vault_id, header_version, header, meta, standing: Standing::Blocked };
        let Self { db, header, .. } = &store;
        let whole = Whole::read(db)?;
        if let Some(whole) = &whole
            && !store.sealer(random).fits_device(db, whole)?
        {
            return Err(VaultError::DAMAGED);
        }
        let row = Attempts::read(db)?;
        let present = Present::read(device, &vault_id)?;
        let mut standing = ratchet::judge(device, &vault_id, &present, &row, whole.is_some())?;
        let mut destroyed = None;
        if matches!(standing, Standing::Exhausted | Standing::Blocked) {
            ratchet::destroy_slots(device, &vault_id)?;
            destroyed = Some(if standing == Standing::Exhausted { Event::Blocked } else { Event::OlderFile });
            standing = Standing::Blocked;
        } else if row.e != header.e {
            return Err(VaultError::DAMAGED);
        } else {
            // Nothing more is destroyed here: a key store may know the key again tomorrow.
            let slot = db.prepare("SELECT 1 FROM pin_slot WHERE e = ?1")?.exists([header.e])?;
            if !slot || !present.numbers(PIN).any(|e| e == header.e) {
                standing = Standing::Blocked;
            }
            // Keys that nothing refers to; one that stays is harmless until the next try.
            let armed = arming::armed(db)?;
            let bio = biometric::number(db)?;
            let _ = present.delete(device, PIN, |e| e == header.e);
            let _ = present.delete(device, STATE, |g| g == row.g && row.mac.is_some());
            let _ = present.delete(device, REC, |a| armed.contains(&a));
            let _ = present.delete(device, BIO, |b| bio == Some(b));
        }
        store.standing = standing;
        Ok((store, destroyed))
    }

    pub(super) fn sealer<'v>(&'v self, random: &'v Random) -> Sealer<'v> {
        let Self { vault_id, header, meta, .. } = self;
        Sealer { vault_id, meta, random, local_group: header.local_group, now: None }
    }
}
