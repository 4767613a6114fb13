//! What protects the values: AES-CBC (XML Encryption 1.0) under a pre-shared or derived key, each
//! value with an HMAC (RFC 6030 sections 6.1 and 6.2).
//!
//! | Step | Rule |
//! |---|---|
//! | key | pre-shared, or PBKDF2 (xmlenc11) of a password |
//! | MAC key | encrypted under that key; absent in old files: the key itself |
//! | MAC | HMAC over the whole `CipherValue`, IV included; in old files over the plaintext |
//! | padding | xmlenc: the last byte is the number of padding bytes, the others are arbitrary |
//!
//! The MAC is compared in constant time, and CBC without a MAC is refused: whoever can change such a
//! file can change the keys in it.

use std::num::NonZeroU32;

use aes::cipher::block_padding::Iso10126;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use ring::{hmac, pbkdf2};
use roxmltree::Node;
use zeroize::Zeroizing;

use super::document::{bytes, child, descend, text};
use crate::activation::request::Refusal;
use crate::codec::hex::{self, HexError};
use crate::error::{Part, Problem, Unsupported};
use crate::secret::SecretBytes;

/// What the container says about its keys.
pub(super) struct Protection {
    derivation: Option<Derivation>,
    mac: hmac::Algorithm,
    /// `None`: the encryption key itself.
    mac_key: Option<CipherText>,
}

struct Derivation {
    prf: pbkdf2::Algorithm,
    salt: SecretBytes,
    iterations: NonZeroU32,
    key_length: usize,
}

/// `EncryptionMethod` and `CipherValue`: an IV and at least one block.
struct CipherText {
    key_length: usize,
    bytes: SecretBytes,
}

/// An `EncryptedValue` with its `ValueMAC`.
pub(super) struct Sealed {
    cipher: CipherText,
    mac: SecretBytes,
}

/// The keys of a file.
pub(super) struct Keys {
    key: SecretBytes,
    mac_key: hmac::Key,
}

impl Protection {
    /// Reads `EncryptionKey` and `MACMethod` of the container.
    pub(super) fn read(container: Node<'_, '_>) -> Result<Self, Refusal> {
        let derived = descend(container, &["EncryptionKey", "DerivedKey"])?;
        let method = child(container, "MACMethod")?.ok_or(Refusal::part(Part::Mac, Problem::Missing))?;
        let (mac, _) = hash(method.attribute("Algorithm").unwrap_or_default())?;
        let mac_key = child(method, "MACKey")?.map(CipherText::read).transpose()?;
        if mac_key.is_none() && child(method, "MACKeyReference")?.is_some() {
            return Err(UNSUPPORTED);
        }
        Ok(Self { derivation: derived.map(Derivation::read).transpose()?, mac, mac_key })
    }

    /// True when the key is derived from a password.
    pub(super) fn has_password(&self) -> bool {
        self.derivation.is_some()
    }
}

impl Derivation {
    fn read(derived: Node<'_, '_>) -> Result<Self, Refusal> {
        let method = child(derived, "KeyDerivationMethod")?.ok_or(MISSING_PARAMETER)?;
        if method.attribute("Algorithm").and_then(fragment) != Some("pbkdf2") {
            return Err(UNSUPPORTED);
        }
        let params = child(method, "PBKDF2-params")?.ok_or(MISSING_PARAMETER)?;
        let number = |name| -> Result<u32, Refusal> {
            let node = child(params, name)?.ok_or(MISSING_PARAMETER)?;
            text(node, Part::Parameters)?.parse().map_err(|_| OUT_OF_RANGE)
        };
        let iterations = NonZeroU32::new(number("IterationCount")?).ok_or(OUT_OF_RANGE)?;
        let key_length = usize::try_from(number("KeyLength")?).unwrap_or(0);
        if iterations.get() > MAX_ITERATIONS || !AES_KEYS.contains(&key_length) {
            return Err(OUT_OF_RANGE);
        }
        let salt = descend(params, &["Salt", "Specified"])?.ok_or(MISSING_PARAMETER)?;
        let prf = child(params, "PRF")?;
        // XML Encryption 1.1 wants the attribute; some writers put the name into the text.
        let prf = match prf.and_then(|prf| prf.attribute("Algorithm")) {
            Some(name) => name.to_owned(),
            None => match prf {
                Some(prf) => text(prf, Part::Parameters)?.to_string(),
                None => String::new(),
            },
        };
        let (_, prf) = hash(if prf.is_empty() { "#hmac-sha1" } else { &prf })?;
        Ok(Self { prf, salt: bytes(salt, Part::Parameters)?, iterations, key_length })
    }

    fn derive(&self, password: &[u8]) -> SecretBytes {
        let mut key = Zeroizing::new(vec![0; self.key_length]);
        pbkdf2::derive(self.prf, self.iterations, self.salt.expose(), password, &mut key);
        SecretBytes::new(std::mem::take(&mut key))
    }
}

impl CipherText {
    fn read(node: Node<'_, '_>) -> Result<Self, Refusal> {
        let method = child(node, "EncryptionMethod")?.and_then(|method| method.attribute("Algorithm"));
        let key_length = match method {
            Some("http://www.w3.org/2001/04/xmlenc#aes128-cbc") => 16,
            Some("http://www.w3.org/2001/04/xmlenc#aes192-cbc") => 24,
            Some("http://www.w3.org/2001/04/xmlenc#aes256-cbc") => 32,
            _ => return Err(UNSUPPORTED),
        };
        let value = descend(node, &["CipherData", "CipherValue"])?
            .ok_or(Refusal::part(Part::Payload, Problem::Missing))?;
        let bytes = bytes(value, Part::Payload)?;
        if bytes.len() < 2 * BLOCK || !bytes.len().is_multiple_of(BLOCK) {
            return Err(Refusal::part(Part::Payload, Problem::Truncated));
        }
        Ok(Self { key_length, bytes })
    }

    /// `None` when the key has another length or the padding does not fit.
    fn decrypt(&self, key: &[u8]) -> Option<SecretBytes> {
        let (iv, blocks) = self.bytes.expose().split_at_checked(BLOCK)?;
        let mut blocks = Zeroizing::new(blocks.to_vec());
        let plain = match key.len() {
            len if len != self.key_length => return None,
            16 => unpad(cbc::Decryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?, &mut blocks),
            24 => unpad(cbc::Decryptor::<aes::Aes192>::new_from_slices(key, iv).ok()?, &mut blocks),
            _ => unpad(cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?, &mut blocks),
        };
        plain.map(SecretBytes::copy_of)
    }
}

impl Sealed {
    /// Reads an `EncryptedValue` and the `ValueMAC` beside it.
    pub(super) fn read(value: Node<'_, '_>, mac: Option<Node<'_, '_>>) -> Result<Self, Refusal> {
        let cipher = CipherText::read(value)?;
        let mac = bytes(mac.ok_or(Refusal::part(Part::Mac, Problem::Missing))?, Part::Mac)?;
        Ok(Self { cipher, mac })
    }
}

impl Keys {
    /// Derives or decodes the key and opens the MAC key with it.
    pub(super) fn unlock(protection: Protection, secret: &[u8]) -> Result<Self, Refusal> {
        let key = match &protection.derivation {
            Some(derivation) => derivation.derive(secret),
            None => pre_shared_key(secret)?,
        };
        let mac_key = match &protection.mac_key {
            Some(sealed) => &sealed.decrypt(key.expose()).ok_or(Refusal::WrongPassword)?,
            None => &key,
        };
        Ok(Self { mac_key: hmac::Key::new(protection.mac, mac_key.expose()), key })
    }

    /// The plaintext of a value whose MAC fits; [`MAC_MISMATCH`] otherwise.
    pub(super) fn open(&self, sealed: &Sealed) -> Result<SecretBytes, Refusal> {
        let fits = |data: &[u8]| hmac::verify(&self.mac_key, data, sealed.mac.expose()).is_ok();
        let over_cipher = fits(sealed.cipher.bytes.expose());
        match sealed.cipher.decrypt(self.key.expose()) {
            Some(plain) if over_cipher || fits(plain.expose()) => Ok(plain),
            None if over_cipher => Err(Refusal::part(Part::Plaintext, Problem::BadEncoding)),
            _ => Err(MAC_MISMATCH),
        }
    }
}

fn pre_shared_key(text: &[u8]) -> Result<SecretBytes, Refusal> {
    let bad = |problem| Refusal::part(Part::Password, problem);
    let text = std::str::from_utf8(text).map_err(|_| bad(Problem::BadEncoding))?.trim();
    let key = hex::decode(text).map_err(|error| match error {
        HexError::Empty => bad(Problem::Empty),
        HexError::BadCharacter { position } => Refusal::at(Part::Password, Problem::BadCharacter, position),
        HexError::OddLength => bad(Problem::Truncated),
        HexError::TooLong => bad(Problem::TooLong),
    })?;
    if AES_KEYS.contains(&key.len()) { Ok(key) } else { Err(bad(Problem::OutOfRange)) }
}

fn unpad(cipher: impl BlockModeDecrypt, blocks: &mut [u8]) -> Option<&[u8]> {
    cipher.decrypt_padded::<Iso10126>(blocks).ok()
}

/// The two uses of a hash named by a URI such as `http://www.w3.org/2000/09/xmldsig#hmac-sha1`.
fn hash(uri: &str) -> Result<(hmac::Algorithm, pbkdf2::Algorithm), Refusal> {
    match fragment(uri) {
        Some("hmac-sha1") => Ok((hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, pbkdf2::PBKDF2_HMAC_SHA1)),
        Some("hmac-sha256") => Ok((hmac::HMAC_SHA256, pbkdf2::PBKDF2_HMAC_SHA256)),
        Some("hmac-sha384") => Ok((hmac::HMAC_SHA384, pbkdf2::PBKDF2_HMAC_SHA384)),
        Some("hmac-sha512") => Ok((hmac::HMAC_SHA512, pbkdf2::PBKDF2_HMAC_SHA512)),
        _ => Err(UNSUPPORTED),
    }
}

fn fragment(uri: &str) -> Option<&str> {
    uri.split_once('#').map(|(_, name)| name)
}

/// Most PBKDF2 rounds: some seconds of work.
pub const MAX_ITERATIONS: u32 = 10_000_000;

/// A wrong key, or a damaged value.
pub(super) const MAC_MISMATCH: Refusal =
    Refusal::NotUnderstood { part: Part::Mac, problem: Problem::Mismatch, position: None };

const UNSUPPORTED: Refusal = Refusal::Unsupported(Unsupported::Encryption);
const MISSING_PARAMETER: Refusal =
    Refusal::NotUnderstood { part: Part::Parameters, problem: Problem::Missing, position: None };
const OUT_OF_RANGE: Refusal =
    Refusal::NotUnderstood { part: Part::Parameters, problem: Problem::OutOfRange, position: None };
/// Bytes of an AES block and of the IV.
const BLOCK: usize = 16;
/// Bytes of the keys of AES-128, -192 and -256.
const AES_KEYS: [usize; 3] = [16, 24, 32];
