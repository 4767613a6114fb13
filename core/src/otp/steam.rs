//! Steam Guard codes: the HOTP number written with an alphabet of 26, least significant character first.

use super::hotp::hotp_number;
use super::{Algorithm, Code};

/// Without the characters that look alike.
const ALPHABET: &[u8; 26] = b"23456789BCDFGHJKMNPQRTVWXY";

/// The five characters for `step` (Unix time / 30).
pub(super) fn code(secret: &[u8], step: u64) -> Code {
    let mut rest = hotp_number(secret, step, Algorithm::Sha1);
    Code::forwards(5, || {
        let place = (rest % 26) as usize;
        rest /= 26;
        // A remainder of 26 is always in the alphabet.
        ALPHABET.get(place).copied().unwrap_or_default()
    })
}
