//! The keys of a session, and the registration code that two people compare.
//!
//! | Value | Made of |
//! |---|---|
//! | K_x | HKDF-SHA256(salt = handshake hash, ikm = r_d ‖ r_i, info = "softtoken/2 x" ‖ serial number ‖ SHA-256(policy)) |
//! | x | `seed`, `rec`, `sas`, `c2s`, `s2c` |
//! | session id | the first 16 bytes of the handshake hash |
//! | registration code | HMAC-SHA256(K_sas, n_d): first 8 bytes as a number modulo 10^9, and its Luhn digit |
//!
//! The handshake hash covers the header and everything both sides said, so a session with other words
//! has other keys. Normative text: `core/PROTOCOL.md` section 7.

use ring::hmac::{HMAC_SHA256, Key as HmacKey, Tag, sign};

use crate::activation::link::serial_to_bytes;
use crate::codec::decimal::{RegistrationCode, SerialNumber};
use crate::secret::{Key, sha256};

/// What both sides have after message 2. No `Debug`, no `Clone`.
pub struct SessionKeys {
    /// Names the session in clear.
    pub session: [u8; 16],
    /// The seed of the identity: 32 bytes for every algorithm.
    pub seed: Key<32>,
    /// K_rec, from which the issuer makes unlock codes.
    pub recovery: Key<32>,
    /// From which the registration code is made.
    pub sas: Key<32>,
    /// Seals what the device says.
    pub to_issuer: Key<32>,
    /// Seals what the issuer says.
    pub to_device: Key<32>,
}

impl SessionKeys {
    /// Derives all of them. `policy` is the bytes as message 2 carries them.
    pub fn derive(
        handshake_hash: &[u8; 32],
        device_random: &Key<32>,
        issuer_random: &Key<32>,
        serial: &SerialNumber,
        policy: &[u8],
    ) -> Self {
        let ikm = Key::<64>::new(concat(device_random.expose(), issuer_random.expose()));
        let policy = sha256(&[policy]);
        let serial = serial_to_bytes(serial);
        let key = |x: &[u8]| hkdf(handshake_hash, ikm.expose(), &[KEY_LABEL, x, &serial, policy.expose()]);
        let mut session = [0; 16];
        session.iter_mut().zip(handshake_hash).for_each(|(to, from)| *to = *from);
        Self {
            session,
            seed: key(b"seed"),
            recovery: key(b"rec"),
            sas: key(b"sas"),
            to_issuer: key(b"c2s"),
            to_device: key(b"s2c"),
        }
    }

    /// What the device shows and the issuer compares, once the device's nonce n_d is on the table.
    pub fn registration_code(&self, nonce: &Key<32>) -> Option<RegistrationCode> {
        let tag = hmac(self.sas.expose(), &[nonce.expose()]);
        let number = tag.as_ref().first_chunk().map(|first| u64::from_be_bytes(*first))?;
        RegistrationCode::from_value(number % CODES)
    }
}

/// What the device promises in message 1 and opens in message 3.
pub fn commitment(nonce: &Key<32>) -> [u8; 32] {
    *sha256(&[COMMIT_LABEL, nonce.expose()]).expose()
}

/// 32 bytes of HKDF-SHA256 (RFC 5869): one block, so expanding is one HMAC over info ‖ 01, and unlike
/// the general function it cannot fail.
pub(in crate::activation) fn hkdf(salt: &[u8], ikm: &[u8], info: &[&[u8]]) -> Key<32> {
    let root = hmac(salt, &[ikm]);
    let info = info.concat();
    let block = hmac(root.as_ref(), &[&info, &[1]]);
    let mut key = [0; 32];
    key.iter_mut().zip(block.as_ref()).for_each(|(to, from)| *to = *from);
    Key::new(key)
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Tag {
    let data = zeroize::Zeroizing::new(parts.concat());
    sign(&HmacKey::new(HMAC_SHA256, key), &data)
}

fn concat(a: &[u8; 32], b: &[u8; 32]) -> [u8; 64] {
    let mut both = [0; 64];
    both.iter_mut().zip(a.iter().chain(b)).for_each(|(to, from)| *to = *from);
    both
}

/// Begins the HKDF info of every key of a session.
pub const KEY_LABEL: &[u8] = b"softtoken/2 ";
/// Begins the hash of the device's nonce.
pub const COMMIT_LABEL: &[u8] = b"softtoken/2 commit";
const CODES: u64 = 1_000_000_000;
