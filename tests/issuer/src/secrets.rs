//! What the database keeps sealed, and the two keys that open it.
//!
//! | Key file | Opens |
//! |---|---|
//! | `seeds.key` | seeds, and the secrets of orders and sessions |
//! | `recovery.key` | recovery keys K_rec: whoever makes codes cannot make unlock codes with the other file alone |
//!
//! ```text
//! sealed = 1 ‖ salt 16 ‖ ChaCha20-Poly1305(key, nonce 0, associated data = row, plaintext)
//! key    = HMAC-SHA256(key file, "softtoken-issuer " ‖ purpose ‖ salt)
//! ```
//! A fresh salt gives every value a key of its own, so the nonce is used once. A value moved to another
//! row or column does not open.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hmac::{HMAC_SHA256, Key as HmacKey, sign};
use softtoken_core::random::Random;
use softtoken_core::secret::{Key, SecretBytes};
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// The keys of the sealed columns. No `Debug`.
pub struct Secrets {
    seeds: Key<32>,
    recovery: Key<32>,
}

/// What a sealed value is for; another purpose is another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A token's seed.
    Seed,
    /// K_rec.
    Recovery,
    /// Pre-shared key of a door.
    Psk,
    /// Password of a QR code.
    Password,
    /// S or the activation code, for completion without network.
    DoorSecret,
    /// Both keys of a session's sealed requests.
    Transport,
    /// K_sas.
    Sas,
    /// A registration code that is awaited.
    RegistrationCode,
    /// A ticket for a verification page.
    Ticket,
    /// A picture that a person looks at.
    Picture,
}

/// The value does not open: it is damaged, belongs elsewhere, or was sealed under another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open with this key")]
pub struct DoesNotOpen;

impl Secrets {
    /// From the two keys.
    pub fn new(seeds: Key<32>, recovery: Key<32>) -> Self {
        Self { seeds, recovery }
    }

    /// Seals `plain` for one column of the row that `row` names.
    pub fn seal(&self, purpose: Purpose, row: &[u8], plain: &[u8], random: &Random) -> Result<Vec<u8>> {
        let salt = random.array::<SALT>()?;
        let cipher = self.cipher(purpose, &salt).ok_or(Error::Internal("no cipher"))?;
        let mut sealed = Zeroizing::new(plain.to_vec());
        let tag = cipher
            .seal_in_place_separate_tag(nonce(), Aad::from(row), &mut sealed)
            .map_err(|_| Error::Internal("a value is too long to seal"))?;
        Ok([&[VERSION], &salt[..], &sealed, tag.as_ref()].concat())
    }

    /// Opens what [`seal`](Self::seal) made for the same column and row.
    pub fn open(
        &self,
        purpose: Purpose,
        row: &[u8],
        sealed: &[u8],
    ) -> std::result::Result<SecretBytes, DoesNotOpen> {
        let (&[VERSION], rest) = sealed.split_first_chunk::<1>().ok_or(DoesNotOpen)? else {
            return Err(DoesNotOpen);
        };
        let (salt, rest) = rest.split_first_chunk::<SALT>().ok_or(DoesNotOpen)?;
        let cipher = self.cipher(purpose, salt).ok_or(DoesNotOpen)?;
        let mut opened = Zeroizing::new(rest.to_vec());
        let plain = cipher.open_in_place(nonce(), Aad::from(row), &mut opened).map_err(|_| DoesNotOpen)?;
        Ok(SecretBytes::copy_of(plain))
    }

    /// [`open`](Self::open) for keys.
    pub fn open_key<const N: usize>(
        &self,
        purpose: Purpose,
        row: &[u8],
        sealed: &[u8],
    ) -> std::result::Result<Key<N>, DoesNotOpen> {
        Key::from_slice(self.open(purpose, row, sealed)?.expose()).ok_or(DoesNotOpen)
    }

    fn cipher(&self, purpose: Purpose, salt: &[u8; SALT]) -> Option<LessSafeKey> {
        let master = if purpose == Purpose::Recovery { &self.recovery } else { &self.seeds };
        let text = [LABEL, purpose.label(), salt].concat();
        let key = sign(&HmacKey::new(HMAC_SHA256, master.expose()), &text);
        UnboundKey::new(&CHACHA20_POLY1305, key.as_ref()).ok().map(LessSafeKey::new)
    }
}

impl Purpose {
    /// No label begins with another, so label ‖ salt is unambiguous.
    fn label(self) -> &'static [u8] {
        match self {
            Self::Seed => b"seed",
            Self::Recovery => b"recovery",
            Self::Psk => b"psk",
            Self::Password => b"password",
            Self::DoorSecret => b"door",
            Self::Transport => b"transport",
            Self::Sas => b"sas",
            Self::RegistrationCode => b"registration code",
            Self::Ticket => b"ticket",
            Self::Picture => b"picture",
        }
    }
}

/// Whether a value opens is the operator's affair; nobody else learns of it.
impl From<DoesNotOpen> for Error {
    fn from(_: DoesNotOpen) -> Self {
        Self::KeyMismatch
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

const VERSION: u8 = 1;
const SALT: usize = 16;
const LABEL: &[u8] = b"softtoken-issuer ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_in_its_own_place_only() {
        let random = Random::seeded(1);
        let secrets = Secrets::new(random.key().unwrap(), random.key().unwrap());
        let sealed = secrets.seal(Purpose::Seed, b"row", b"value", &random).unwrap();
        assert_eq!(secrets.open(Purpose::Seed, b"row", &sealed).unwrap().expose(), b"value");
        assert!(secrets.open(Purpose::Seed, b"other", &sealed).is_err());
        assert!(secrets.open(Purpose::Recovery, b"row", &sealed).is_err());
        assert!(secrets.open(Purpose::Sas, b"row", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(secrets.open(Purpose::Seed, b"row", &damaged).is_err(), "byte {at}");
            assert!(secrets.open(Purpose::Seed, b"row", &sealed[..at]).is_err(), "length {at}");
        }
    }

    #[test]
    fn equal_values_are_sealed_differently() {
        let random = Random::seeded(1);
        let secrets = Secrets::new(random.key().unwrap(), random.key().unwrap());
        let seal = || secrets.seal(Purpose::Psk, b"row", b"value", &random).unwrap();
        assert_ne!(seal(), seal());
    }

    #[test]
    fn the_recovery_key_is_a_key_of_its_own() {
        let random = Random::seeded(1);
        let (seeds, one, two) = (random.key().unwrap(), random.key().unwrap(), random.key().unwrap());
        let first = Secrets::new(seeds.duplicate(), one);
        let second = Secrets::new(seeds, two);
        let seed = first.seal(Purpose::Seed, b"row", b"value", &random).unwrap();
        let recovery = first.seal(Purpose::Recovery, b"row", b"value", &random).unwrap();
        assert!(second.open(Purpose::Seed, b"row", &seed).is_ok());
        assert!(second.open(Purpose::Recovery, b"row", &recovery).is_err());
    }
}
