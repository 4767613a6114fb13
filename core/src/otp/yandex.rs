//! Yandex Key: HMAC-SHA-256 under a key made of PIN and secret; eight letters, 30 s.
//!
//! A secret has 16 bytes. The portal hands out 26: the secret, ten bytes that do not enter the code,
//! and in their last 12 bits a checksum, the remainder of all bits before it modulo
//! x^12+x^11+x^7+x^6+x^5+x^4+x+1 over GF(2). QR codes carry the bare 16 bytes.

use super::mac::hmac;
use super::truncate::truncate_long;
use super::{Algorithm, Code};
use crate::secret::sha256;

/// Why bytes are no Yandex secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum YandexSecretError {
    /// Neither 16 nor 26 bytes.
    #[error("the Yandex secret has a wrong length")]
    Length,
    /// The checksum of the 26 bytes does not fit.
    #[error("the checksum of the Yandex secret does not fit")]
    Checksum,
}

/// The 16 bytes that make the codes, from 16 bytes or from 26 with their checksum.
pub fn secret(bytes: &[u8]) -> Result<&[u8; 16], YandexSecretError> {
    match bytes.len() {
        16 => {}
        26 if remainder(bytes) == stated_checksum(bytes) => {}
        26 => return Err(YandexSecretError::Checksum),
        _ => return Err(YandexSecretError::Length),
    }
    bytes.first_chunk().ok_or(YandexSecretError::Length)
}

/// The eight letters for `step` (Unix time / 30).
pub(super) fn code(bytes: &[u8], pin: &[u8], step: u64) -> Result<Code, YandexSecretError> {
    let secret = secret(bytes)?;
    let digest = sha256(&[pin, secret]);
    // Yandex's own program makes the key from a big integer and so loses one leading zero byte.
    let key = digest.expose().strip_prefix(&[0]).unwrap_or(digest.expose());
    let mut rest = hmac(Algorithm::Sha256, key, &[&step.to_be_bytes()], truncate_long);
    Ok(Code::backwards(8, || {
        let letter = rest % 26;
        rest /= 26;
        // Below 26 by the line above.
        b'a'.wrapping_add(letter.to_le_bytes()[0])
    }))
}

const POLYNOMIAL: u16 = 0x18f3;

fn remainder(bytes: &[u8]) -> u16 {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| u16::from(byte >> at & 1)));
    let data = bytes.len().saturating_mul(8).saturating_sub(12);
    bits.take(data).fold(0, |rest, bit| {
        let rest = rest << 1 | bit;
        if rest & 0x1000 == 0 { rest } else { rest ^ POLYNOMIAL }
    })
}

fn stated_checksum(bytes: &[u8]) -> u16 {
    bytes.last_chunk().map_or(0, |tail| u16::from_be_bytes(*tail) & 0x0fff)
}
