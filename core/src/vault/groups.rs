//! Groups: identities that one unlock code opens together (ACTIVATION.md D).
//!
//! A group has a random id and a random key. The key is wrapped under VMK; what the group *is* can be
//! read with the device alone, because the lock screen names the issuers that can unlock.

use rusqlite::{Connection, params};

use super::keys::{GroupId, OpenKeys};
use super::seal::{Place, Table, open, seal};
use super::{Sealer, Vault, VaultError, version_from, version_to};
use crate::identity::encoding::{EncodingError, Fields, MapWriter};
use crate::secret::{Key, SecretBytes};

/// To which group a new identity goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupChoice {
    /// The one group of identities without an issuer, and of legacy ones.
    Local,
    /// A user at an issuer, proven in a handshake: the group of the same three that is open, or a new one.
    Issuer {
        /// The issuer's canonical address.
        address: String,
        /// The issuer's Ed25519 key.
        key: [u8; 32],
        /// The user at the issuer.
        holder: [u8; 16],
        /// The key that this address was known with, which has named `key` its successor.
        succeeds: Option<[u8; 32]>,
    },
    /// A group of its own, until the first online contact proves more.
    Single {
        /// The issuer's canonical address.
        address: String,
        /// The issuer key that came with the activation: a claim, never a proof.
        claimed_key: Option<[u8; 32]>,
    },
}

/// What a group is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    /// A user at an issuer, proven in a handshake.
    Issuer {
        /// The issuer's canonical address.
        address: String,
        /// The issuer's Ed25519 key.
        key: [u8; 32],
        /// The user at the issuer.
        holder: [u8; 16],
    },
    /// One identity that was activated offline.
    Single {
        /// The issuer's canonical address.
        address: String,
        /// The issuer key that came with the activation.
        claimed_key: Option<[u8; 32]>,
    },
    /// Everything without an issuer.
    Local,
}

impl Group {
    pub(super) fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let mut map;
        match self {
            Self::Issuer { address, key, holder } => {
                map = MapWriter::new(4);
                map.number(KIND, ISSUER).text(ADDRESS, address).bytes(KEY, key).bytes(HOLDER, holder);
            }
            Self::Single { address, claimed_key } => {
                map = MapWriter::new(2 + u64::from(claimed_key.is_some()));
                map.number(KIND, SINGLE).text(ADDRESS, address);
                if let Some(key) = claimed_key {
                    map.bytes(KEY, key);
                }
            }
            Self::Local => {
                map = MapWriter::new(1);
                map.number(KIND, LOCAL);
            }
        }
        map.finish()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &[KIND, ADDRESS, KEY, HOLDER])?;
        let key = |bytes: &[u8]| bytes.try_into().map_err(|_| EncodingError::BadValue(KEY));
        match fields.number(KIND)? {
            ISSUER => Ok(Self::Issuer {
                address: fields.text(ADDRESS)?.to_owned(),
                key: key(fields.bytes(KEY)?)?,
                holder: fields.bytes(HOLDER)?.try_into().map_err(|_| EncodingError::BadValue(HOLDER))?,
            }),
            SINGLE => Ok(Self::Single {
                address: fields.text(ADDRESS)?.to_owned(),
                claimed_key: fields.optional_bytes(KEY)?.map(key).transpose()?,
            }),
            LOCAL => Ok(Self::Local),
            _ => Err(EncodingError::BadValue(KIND)),
        }
    }
}

impl Vault {
    /// The Ed25519 key that an issuer's address was proven with; the newest, should there be several.
    pub fn issuer_key(&self, of: &str) -> Result<Option<[u8; 32]>, VaultError> {
        let (db, sealer) = (&self.store()?.db, self.sealer()?);
        let mut known = None;
        for id in sealer.group_ids(db)? {
            match sealer.group(db, id)? {
                Group::Issuer { address, key, .. } if address == of => known = Some(key),
                _ => {}
            }
        }
        Ok(known)
    }
}

impl Sealer<'_> {
    /// Adds a group with a fresh key, which the caller keeps after the commit.
    pub(super) fn insert_group(
        &self,
        db: &Connection,
        id: GroupId,
        group: &Group,
        vmk: &Key<32>,
    ) -> Result<Key<32>, VaultError> {
        let key = self.random.key::<32>()?;
        let info = group.encode()?;
        let info = seal(
            self.random,
            self.meta.groups.expose(),
            &self.place(Table::GroupInfo, id, 1),
            info.expose(),
        )?;
        let wrap = seal(self.random, vmk.expose(), &self.place(Table::GroupKey, id, 1), key.expose())?;
        db.prepare_cached("INSERT INTO groups(id, version, info, key) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![id, version_to(1)?, info, wrap])?;
        Ok(key)
    }

    /// Unwraps the keys of all groups but those that wait for their unlock code.
    pub(super) fn unwrap_groups(&self, db: &Connection, keys: &mut OpenKeys) -> Result<(), VaultError> {
        let mut statement = db.prepare_cached("SELECT id, version, key FROM groups")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id: GroupId = row.get(0)?;
            if row.get_ref(2)?.as_blob().is_ok_and(<[u8]>::is_empty) {
                continue;
            }
            let place: Place<'_> = self.place(Table::GroupKey, id, version_from(row.get(1)?)?);
            let key =
                open(keys.vmk.expose(), &place, row.get_ref(2)?.as_blob().map_err(|_| VaultError::DAMAGED)?)?;
            keys.groups.insert(id, Key::from_slice(key.expose()).ok_or(VaultError::DAMAGED)?);
        }
        Ok(())
    }

    /// Ids of all groups, oldest first.
    pub(super) fn group_ids(&self, db: &Connection) -> Result<Vec<GroupId>, VaultError> {
        let mut statement = db.prepare_cached("SELECT id FROM groups ORDER BY rowid")?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Seals a group's key under another VMK; without the key the group waits for its unlock code.
    pub(super) fn rewrap(
        &self,
        db: &Connection,
        id: GroupId,
        key: Option<&Key<32>>,
        vmk: &Key<32>,
    ) -> Result<(), VaultError> {
        self.rewrite(db, id, &self.group(db, id)?, key, vmk)
    }

    /// The same with what the group is from now on.
    pub(super) fn rewrite(
        &self,
        db: &Connection,
        id: GroupId,
        group: &Group,
        key: Option<&Key<32>>,
        vmk: &Key<32>,
    ) -> Result<(), VaultError> {
        let version: i64 = db
            .prepare_cached("SELECT version FROM groups WHERE id = ?1")?
            .query_row([id], |row| row.get(0))?;
        let version = version_from(version)?.checked_add(1).ok_or(VaultError::Internal)?;
        let info = group.encode()?;
        let place = self.place(Table::GroupInfo, id, version);
        let info = seal(self.random, self.meta.groups.expose(), &place, info.expose())?;
        let place = self.place(Table::GroupKey, id, version);
        let wrap = match key {
            Some(key) => seal(self.random, vmk.expose(), &place, key.expose())?,
            None => Vec::new(),
        };
        db.prepare_cached("UPDATE groups SET version = ?2, info = ?3, key = ?4 WHERE id = ?1")?
            .execute(params![id, version_to(version)?, info, wrap])?;
        Ok(())
    }

    /// The open group that is exactly this one.
    pub(super) fn open_group(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        wanted: &Group,
    ) -> Result<Option<GroupId>, VaultError> {
        for id in self.group_ids(db)? {
            if keys.groups.contains_key(&id) && self.group(db, id)? == *wanted {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// The issuer at `address` has another key from now on, for all of its groups.
    pub(super) fn succeed(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        of: &str,
        [old, new]: [&[u8; 32]; 2],
    ) -> Result<(), VaultError> {
        for id in self.group_ids(db)? {
            if let Group::Issuer { address, key, holder } = self.group(db, id)?
                && (address.as_str(), &key) == (of, old)
            {
                let group = Group::Issuer { address, key: *new, holder };
                self.rewrite(db, id, &group, keys.groups.get(&id), &keys.vmk)?;
            }
        }
        Ok(())
    }

    /// Deletes a group that nothing is in, with its arming; true when it did. The device key of the
    /// arming is swept later.
    pub(super) fn drop_if_empty(&self, db: &Connection, id: GroupId) -> Result<bool, VaultError> {
        if id == self.local_group || !self.members(db, id)?.is_empty() {
            return Ok(false);
        }
        super::arming::disarm(db, id)?;
        db.prepare_cached("DELETE FROM groups WHERE id = ?1")?.execute([id])?;
        Ok(true)
    }

    /// What a group is.
    pub(super) fn group(&self, db: &Connection, id: GroupId) -> Result<Group, VaultError> {
        let (version, info): (i64, Vec<u8>) = db
            .prepare_cached("SELECT version, info FROM groups WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let place = self.place(Table::GroupInfo, id, version_from(version)?);
        Ok(Group::decode(open(self.meta.groups.expose(), &place, &info)?.expose())?)
    }
}

const KIND: u32 = 1;
const ADDRESS: u32 = 2;
const KEY: u32 = 3;
const HOLDER: u32 = 4;
const ISSUER: u64 = 1;
const SINGLE: u64 = 2;
const LOCAL: u64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_group_reads_back() {
        let address = "id.example".to_owned();
        for group in [
            Group::Issuer { address: address.clone(), key: [1; 32], holder: [2; 16] },
            Group::Single { address: address.clone(), claimed_key: None },
            Group::Single { address, claimed_key: Some([3; 32]) },
            Group::Local,
        ] {
            assert_eq!(Group::decode(group.encode().unwrap().expose()), Ok(group));
        }
    }
}
