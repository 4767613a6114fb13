//! The test vectors of the documents that define the key derivations in use: RFC 5869 (HKDF),
//! RFC 6070 and 7914 (PBKDF2), RFC 9106 (Argon2id).

use std::num::NonZeroU32;

use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::pbkdf2;

use crate::Length;

#[test]
fn hkdf_sha256_gives_the_vectors_of_rfc_5869() {
    let long = |first: u8| (first..=first + 0x4f).collect::<Vec<u8>>();
    // Appendix A.1 to A.3.
    let rows = [
        (
            vec![0x0b; 22],
            (0..=0x0c).collect::<Vec<u8>>(),
            (0xf0..=0xf9).collect::<Vec<u8>>(),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            long(0),
            long(0x60),
            long(0xb0),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09\
             da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
        ),
        (
            vec![0x0b; 22],
            Vec::new(),
            Vec::new(),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ];
    for (key, salt, info, expected) in &rows {
        let mut out = vec![0; expected.len() / 2];
        let info = [&info[..]];
        let key = Salt::new(HKDF_SHA256, salt).extract(key);
        key.expand(&info, Length(out.len())).unwrap().fill(&mut out).unwrap();
        assert_eq!(hex(&out), *expected);
    }
    crate::report("RFC 5869, HKDF (ring)", rows.len(), 0);
}

#[test]
fn pbkdf2_gives_the_vectors_of_rfc_6070_and_7914() {
    let (sha1, sha256) = (pbkdf2::PBKDF2_HMAC_SHA1, pbkdf2::PBKDF2_HMAC_SHA256);
    // RFC 6070 section 2 but for the row of 16,777,216 rounds; RFC 7914 section 11.
    let rows: [(pbkdf2::Algorithm, &str, &str, u32, &str); 7] = [
        (sha1, "password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
        (sha1, "password", "salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
        (sha1, "password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"),
        (
            sha1,
            "passwordPASSWORDpassword",
            "saltSALTsaltSALTsaltSALTsaltSALTsalt",
            4096,
            "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
        ),
        (sha1, "pass\0word", "sa\0lt", 4096, "56fa6aa75548099dcc37d7f03425e0c3"),
        (
            sha256,
            "passwd",
            "salt",
            1,
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef31\
             7c71b845b1e30bd509112041d3a19783",
        ),
        (
            sha256,
            "Password",
            "NaCl",
            80_000,
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b317\
             6a272bdebba1d078478f62b397f33c8d",
        ),
    ];
    for (algorithm, password, salt, rounds, expected) in rows {
        let mut out = vec![0; expected.len() / 2];
        let rounds = NonZeroU32::new(rounds).unwrap();
        pbkdf2::derive(algorithm, rounds, salt.as_bytes(), password.as_bytes(), &mut out);
        assert_eq!(hex(&out), expected, "{password} {rounds}");
    }
    crate::report("RFC 6070, PBKDF2 (ring)", 5, 0);
    crate::report("RFC 7914, PBKDF2 (ring)", 2, 0);
}

#[test]
fn argon2id_gives_the_vector_of_rfc_9106() {
    // Section 5.3.
    let data = AssociatedData::new(&[4; 12]).unwrap();
    let params =
        ParamsBuilder::new().m_cost(32).t_cost(3).p_cost(4).data(data).output_len(32).build().unwrap();
    let argon = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
    let mut tag = [0; 32];
    argon.hash_password_into(&[1; 32], &[2; 16], &mut tag).unwrap();
    assert_eq!(hex(&tag), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
    crate::report("RFC 9106, Argon2id (argon2)", 1, 0);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
