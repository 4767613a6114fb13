//! The key hierarchy of a vault, and the device keys behind it.
//!
//! ```text
//! device key <vault id>/meta   → MK = HKDF(eval(SHA-256("softtoken/2 meta" ‖ vault id)), "meta")
//!   MK → header, labels, groups, listing, draft names, events; MAC over the rows; tags of unique names = HMAC(MK, "name" ‖ skeleton)
//! device key <vault id>/pin.<e> + PIN → VMK (32 random bytes, see `lock`)
//!   VMK → group keys and root key (random, wrapped); root → MAC over the rows (see `whole`)
//! device key <vault id>/bio.<b> + fingerprint or face → VMK (see `biometric`)
//!   group key → the records and drafts of that group
//! device key <vault id>/state.<g> → MAC of the state row (see `lock`)
//! device key <vault id>/rec.<a> + unlock code → group key ‖ root key (see `arming`)
//! ```
//! MK needs the device and no PIN: a locked app can list names and refuse a taken one. Everything
//! that makes codes needs VMK.

use std::collections::HashMap;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::seal::{SealError, derive};
use crate::codec::hex;
use crate::ports::{DeviceKey, HookError};
use crate::secret::Key;

/// A random id of a vault; also the first part of the aliases of its device keys.
pub(crate) type VaultId = [u8; 16];
/// A random id of a group.
pub(crate) type GroupId = [u8; 16];

/// What can be read with the device alone.
pub(crate) struct MetaKeys {
    names: Key<32>,
    pub(crate) header: Key<32>,
    pub(crate) labels: Key<32>,
    pub(crate) groups: Key<32>,
    pub(crate) armings: Key<32>,
    pub(crate) events: Key<32>,
    pub(crate) whole: Key<32>,
}

impl MetaKeys {
    /// From the answer of the device key `meta` to [`meta_input`].
    pub(crate) fn new(answer: &Key<32>) -> Result<Self, SealError> {
        let names = derive(answer.expose(), b"meta")?;
        let from = |label: &[u8]| derive(names.expose(), label);
        Ok(Self {
            header: from(b"header")?,
            labels: from(b"labels")?,
            groups: from(b"groups")?,
            armings: from(b"armings")?,
            events: from(b"events")?,
            whole: from(b"whole")?,
            names,
        })
    }

    /// The tag that the database keeps unique.
    pub(crate) fn name_tag(&self, skeleton: &str) -> Result<[u8; 32], SealError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.names.expose()).map_err(|_| SealError::TooLong)?;
        mac.update(b"name");
        mac.update(skeleton.as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }
}

/// What needs the PIN; dropped (and wiped) by lock.
pub(crate) struct OpenKeys {
    pub(crate) vmk: Key<32>,
    pub(crate) drafts: Key<32>,
    pub(crate) root: Key<32>,
    pub(crate) groups: HashMap<GroupId, Key<32>>,
    /// Length of the PIN; 0 when the vault has not seen it since schema 3.
    pub(crate) pin_digits: u8,
}

impl OpenKeys {
    pub(crate) fn new(vmk: Key<32>, root: Key<32>) -> Result<Self, SealError> {
        let drafts = derive(vmk.expose(), b"drafts")?;
        Ok(Self { vmk, drafts, root, groups: HashMap::new(), pin_digits: 0 })
    }

    /// The same keys and some groups more, for as long as a step on the device takes.
    pub(crate) fn with_groups(&self, more: HashMap<GroupId, Key<32>>) -> Result<Self, SealError> {
        let mut keys = Self::new(self.vmk.duplicate(), self.root.duplicate())?;
        keys.pin_digits = self.pin_digits;
        keys.groups.extend(self.groups.iter().map(|(id, key)| (*id, key.duplicate())));
        keys.groups.extend(more);
        Ok(keys)
    }
}

/// The device keys of a vault that there are, by kind and number.
pub(crate) struct Present {
    prefix: String,
    aliases: Vec<String>,
}

impl Present {
    pub(crate) fn read(device: &dyn DeviceKey, vault_id: &VaultId) -> Result<Self, HookError> {
        let prefix = alias(vault_id, "");
        let aliases = device.list(prefix.trim_end_matches('/'))?;
        Ok(Self { prefix, aliases })
    }

    /// The numbers n of all keys `<kind>.<n>`.
    pub(crate) fn numbers(&self, kind: &str) -> impl Iterator<Item = u32> {
        self.aliases.iter().filter_map(move |alias| {
            alias.strip_prefix(&self.prefix)?.strip_prefix(kind)?.strip_prefix('.')?.parse().ok()
        })
    }

    /// Deletes the keys of a kind that `keep` does not want.
    pub(crate) fn delete(
        &self,
        device: &dyn DeviceKey,
        kind: &str,
        keep: impl Fn(u32) -> bool,
    ) -> Result<(), HookError> {
        self.numbers(kind)
            .filter(|n| !keep(*n))
            .try_for_each(|n| device.delete(&format!("{}{kind}.{n}", self.prefix)))
    }
}

/// The alias of one of the vault's device keys.
pub(crate) fn alias(vault_id: &VaultId, key: &str) -> String {
    format!("{}/{key}", hex::encode(vault_id).as_str())
}

/// The alias of the device key behind the PIN slot of epoch `e`.
pub(crate) fn pin_alias(vault_id: &VaultId, e: u32) -> String {
    alias(vault_id, &format!("{PIN}.{e}"))
}

/// The alias of the device key that signs the state row of generation `g`.
pub(crate) fn state_alias(vault_id: &VaultId, g: u32) -> String {
    alias(vault_id, &format!("{STATE}.{g}"))
}

/// The alias of the device key behind the unlock codes of one arming.
pub(crate) fn rec_alias(vault_id: &VaultId, a: u32) -> String {
    alias(vault_id, &format!("{REC}.{a}"))
}

/// The alias of the device key behind the biometric slot `b`.
pub(crate) fn bio_alias(vault_id: &VaultId, b: u32) -> String {
    alias(vault_id, &format!("{BIO}.{b}"))
}

/// What the device key `meta` is asked.
pub(crate) fn meta_input(vault_id: &VaultId) -> [u8; 32] {
    Sha256::new().chain_update(b"softtoken/2 meta").chain_update(vault_id).finalize().into()
}

/// Makes a device key and tests it: two inputs give two answers, one input gives one answer, none is zero.
///
/// `alias` must not be in use: what an interrupted attempt left there is deleted first.
pub(crate) fn make_device_key(device: &dyn DeviceKey, alias: &str) -> Result<(), MakeKeyError> {
    device.delete(alias)?;
    device.create(alias)?;
    let first = device.eval(alias, &[1; 32])?;
    let second = device.eval(alias, &[2; 32])?;
    let again = device.eval(alias, &[1; 32])?;
    let stable = first.expose().ct_eq(again.expose());
    let differs = !first.expose().ct_eq(second.expose());
    let zero = first.expose().ct_eq(&[0; 32]) | second.expose().ct_eq(&[0; 32]);
    if bool::from(stable & differs & !zero) {
        return Ok(());
    }
    device.delete(alias)?;
    Err(MakeKeyError::Faulty)
}

/// Why a device key could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MakeKeyError {
    #[error(transparent)]
    Hook(#[from] HookError),
    #[error("the device key failed its self-test")]
    Faulty,
}

/// Kinds of numbered device keys.
pub(crate) const PIN: &str = "pin";
/// Biometric slots; none is made yet, and a lockout deletes them.
pub(crate) const BIO: &str = "bio";
pub(crate) const STATE: &str = "state";
pub(crate) const REC: &str = "rec";
