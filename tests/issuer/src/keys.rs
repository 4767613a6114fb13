//! The issuer's key files: 32 random bytes each, mode 0600 in a folder of mode 0700.
//!
//! | File | Holds |
//! |---|---|
//! | `x25519.key`, `x25519.former` | key of the handshake, and the one before: orders made with it live on |
//! | `ed25519.key`, `ed25519.former` | who the issuer is, and the key that names this one its successor |
//! | `seeds.key`, `recovery.key` | what opens the database's sealed columns ([`crate::secrets`]) |
//!
//! They are made when the issuer first starts. A file that is missing beside a database with users or tokens is an
//! error: a new key would make every token unusable without saying so.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use ring::signature::{Ed25519KeyPair, KeyPair};
use softtoken_core::activation::address::Address;
use softtoken_core::activation::exchange::issuer_proof::{handshake_key_text, successor_text};
use softtoken_core::activation::exchange::{IssuerCard, IssuerProof, public_key};
use softtoken_core::activation::issuer_key::IssuerKey;
use softtoken_core::random::Random;
use softtoken_core::secret::Key;

use crate::error::{Error, Result};
use crate::secrets::Secrets;

/// The keys of the handshake and of the issuer's name. No `Debug`.
pub struct Keys {
    handshake: Key<32>,
    former_handshake: Option<Key<32>>,
    public: IssuerKey,
    former_public: Option<IssuerKey>,
    card: IssuerCard,
    former_card: Option<IssuerCard>,
}

impl Keys {
    /// Reads the folder. Missing files are made when `fresh`, and an error otherwise.
    pub fn open(folder: &Path, address: &Address, fresh: bool, random: &Random) -> Result<(Self, Secrets)> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let wanted = |name| key(folder, name, fresh, random);
        let secrets = Secrets::new(wanted(SEEDS)?, wanted(RECOVERY)?);
        let (handshake, signing) = (wanted(HANDSHAKE)?, wanted(SIGNING)?);
        let former_handshake = read(folder, FORMER_HANDSHAKE)?;
        let predecessor = read(folder, FORMER_SIGNING)?;
        let public = issuer_key(&handshake)?;
        let card = |public| card(address, public, &signing, predecessor.as_ref());
        let former_public = former_handshake.as_ref().map(issuer_key).transpose()?;
        let keys = Self {
            card: card(public)?,
            former_card: former_public.map(card).transpose()?,
            handshake,
            former_handshake,
            public,
            former_public,
        };
        Ok((keys, secrets))
    }

    /// Gives the issuer new keys for handshakes and its name; those before go on as the former ones. Takes
    /// effect when the issuer starts again. Devices know the new name by the old one's signature, so
    /// rotate again only when all of them have been in contact.
    pub fn rotate(folder: &Path, random: &Random) -> Result<()> {
        for (now, former) in [(HANDSHAKE, FORMER_HANDSHAKE), (SIGNING, FORMER_SIGNING)] {
            let key = read(folder, now)?.ok_or(Error::Settings(format!("{now} is missing")))?;
            write(folder, former, &key)?;
            write(folder, now, &random.key()?)?;
        }
        Ok(())
    }

    /// The key for new orders.
    pub fn public(&self) -> IssuerKey {
        self.public
    }

    /// What the issuer's address answers about it.
    pub fn card(&self) -> &IssuerCard {
        &self.card
    }

    /// Private key and proof for a handshake with this public key; `None` when it is none of ours.
    pub fn for_handshake(&self, public: &IssuerKey) -> Option<(&Key<32>, &IssuerProof)> {
        if *public == self.public {
            return Some((&self.handshake, &self.card.proof));
        }
        match (&self.former_handshake, &self.former_public, &self.former_card) {
            (Some(private), Some(former), Some(card)) if former == public => Some((private, &card.proof)),
            _ => None,
        }
    }
}

fn card(
    address: &Address,
    handshake_key: IssuerKey,
    signing: &Key<32>,
    predecessor: Option<&Key<32>>,
) -> Result<IssuerCard> {
    let pair = pair(signing)?;
    let key = public_half(&pair)?;
    let signature = sign(&pair, &handshake_key_text(address, &handshake_key))?;
    let handover = |before: &Key<32>| {
        let before = self::pair(before)?;
        Ok::<_, Error>((public_half(&before)?, sign(&before, &successor_text(address, &key))?))
    };
    let predecessor = predecessor.map(handover).transpose()?;
    Ok(IssuerCard { handshake_key, proof: IssuerProof { key, signature, predecessor } })
}

fn issuer_key(private: &Key<32>) -> Result<IssuerKey> {
    IssuerKey::new(public_key(private)).map_err(|_| UNUSABLE)
}

fn pair(seed: &Key<32>) -> Result<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| UNUSABLE)
}

fn public_half(pair: &Ed25519KeyPair) -> Result<[u8; 32]> {
    pair.public_key().as_ref().try_into().map_err(|_| UNUSABLE)
}

fn sign(pair: &Ed25519KeyPair, text: &[u8]) -> Result<[u8; 64]> {
    pair.sign(text).as_ref().try_into().map_err(|_| UNUSABLE)
}

fn key(folder: &Path, name: &str, fresh: bool, random: &Random) -> Result<Key<32>> {
    if let Some(key) = read(folder, name)? {
        return Ok(key);
    }
    if !fresh {
        return Err(Error::Settings(format!(
            "the key file {name} is missing, but there are users or tokens"
        )));
    }
    let key = random.key()?;
    write(folder, name, &key)?;
    Ok(key)
}

/// `None` when there is no such file; a file that others may read is refused.
fn read(folder: &Path, name: &str) -> Result<Option<Key<32>>> {
    let path = folder.join(name);
    let mode = match fs::metadata(&path) {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if mode & 0o077 != 0 {
        return Err(Error::Settings(format!("others may read the key file {name}: make it mode 0600")));
    }
    let bytes = zeroize::Zeroizing::new(fs::read(path)?);
    let key = Key::from_slice(&bytes);
    key.map(Some).ok_or_else(|| Error::Settings(format!("the key file {name} has not 32 bytes")))
}

/// Whole or not at all, and durable.
fn write(folder: &Path, name: &str, key: &Key<32>) -> Result<()> {
    let draft = folder.join(format!("{name}.new"));
    let _ = fs::remove_file(&draft);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(key.expose())?;
    file.sync_all()?;
    fs::rename(&draft, folder.join(name))?;
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

const HANDSHAKE: &str = "x25519.key";
const FORMER_HANDSHAKE: &str = "x25519.former";
const SIGNING: &str = "ed25519.key";
const FORMER_SIGNING: &str = "ed25519.former";
const SEEDS: &str = "seeds.key";
const RECOVERY: &str = "recovery.key";
const UNUSABLE: Error = Error::Internal("a key file holds an unusable key");

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path, fresh: bool) -> Result<Keys> {
        let address = Address::parse("issuer.example").unwrap();
        Ok(Keys::open(folder, &address, fresh, &Random::system())?.0)
    }

    #[test]
    fn keys_are_made_once_and_are_their_owners() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("keys");
        let card = open(&folder, true).unwrap().card().clone();
        assert!(open(&folder, false).unwrap().card() == &card);
        for file in fs::read_dir(&folder).unwrap() {
            assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::set_permissions(folder.join(SEEDS), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(open(&folder, true), Err(Error::Settings(_))));
    }

    #[test]
    fn a_missing_key_of_an_issuer_with_users_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), true).unwrap();
        fs::remove_file(folder.path().join(RECOVERY)).unwrap();
        assert!(matches!(open(folder.path(), false), Err(Error::Settings(_))));
    }

    #[test]
    fn after_a_rotation_both_handshake_keys_work_and_the_new_name_is_proven_by_the_old() {
        let folder = tempfile::tempdir().unwrap();
        let address = Address::parse("issuer.example").unwrap();
        let before = open(folder.path(), true).unwrap();
        Keys::rotate(folder.path(), &Random::system()).unwrap();
        let after = open(folder.path(), false).unwrap();
        assert!(after.public() != before.public());
        let known = Some(&before.card().proof.key);
        for public in [before.public(), after.public()] {
            let (_, proof) = after.for_handshake(&public).unwrap();
            proof.check(&address, &public, known).unwrap();
        }
        assert!(before.for_handshake(&after.public()).is_none());
    }
}
