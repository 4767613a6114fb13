//! Names of hashes, and the ranges of digits and periods.

use softtoken_core::otp::{Algorithm, AlgorithmError, Digits, Period};

#[test]
fn a_hash_is_read_in_every_spelling_in_use() {
    for (algorithm, spellings) in [
        (Algorithm::Sha1, ["SHA1", "sha-1", "HmacSHA1", "HMAC-SHA-1", "hmacsha1"]),
        (Algorithm::Sha256, ["SHA256", "Sha-256", "HmacSHA256", "HMAC-SHA-256", "hmac-sha256"]),
        (Algorithm::Sha512, ["SHA512", "sHA-512", "HmacSHA512", "HMAC-SHA-512", "HMACSHA-512"]),
    ] {
        for spelling in spellings {
            assert_eq!(Algorithm::parse(spelling), Ok(algorithm), "{spelling}");
        }
        assert_eq!(Algorithm::parse(algorithm.name()), Ok(algorithm));
    }
}

#[test]
fn md5_is_told_from_what_nobody_knows() {
    for md5 in ["MD5", "md5", "HmacMD5", "HMAC-MD5"] {
        assert_eq!(Algorithm::parse(md5), Err(AlgorithmError::Md5), "{md5}");
    }
    for unknown in
        ["", "-", "SHA", "SHA2", "SHA224", "SHA384", "SHA3-256", "SHA--1", " SHA1", "1", "Hmac", "ä", "shä"]
    {
        assert_eq!(Algorithm::parse(unknown), Err(AlgorithmError::Unknown), "{unknown}");
    }
}

#[test]
fn digits_and_periods_have_bounds() {
    assert_eq!((5..=11).filter_map(Digits::new).map(Digits::get).collect::<Vec<_>>(), [6, 7, 8, 9, 10]);
    assert_eq!(Period::new(0), None);
    assert_eq!(Period::new(10), Some(Period::TEN));
    assert_eq!(Period::new(0x7fff_ffff).map(Period::seconds), Some(0x7fff_ffff));
    assert_eq!(Period::new(0x8000_0000), None);
}
