//! HMAC (RFC 2104) under one of the three hashes, for a message in parts.

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroize;

use super::Algorithm;

/// Hands the HMAC of all `parts` (20, 32 or 64 bytes) to `read` and wipes it afterwards.
pub(super) fn hmac<R>(algorithm: Algorithm, key: &[u8], parts: &[&[u8]], read: impl FnOnce(&[u8]) -> R) -> R {
    match algorithm {
        Algorithm::Sha1 => hmac_with::<Sha1, R>(key, parts, read),
        Algorithm::Sha256 => hmac_with::<Sha256, R>(key, parts, read),
        Algorithm::Sha512 => hmac_with::<Sha512, R>(key, parts, read),
    }
}

fn hmac_with<D: EagerHash, R>(key: &[u8], parts: &[&[u8]], read: impl FnOnce(&[u8]) -> R) -> R {
    #[expect(clippy::expect_used, reason = "the trait is fallible, HMAC is not: a long key is hashed")]
    let mut mac = Hmac::<D>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    let mut bytes = mac.finalize().into_bytes();
    let result = read(&bytes);
    bytes.zeroize();
    result
}
