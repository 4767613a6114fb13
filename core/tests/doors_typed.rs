//! What people type: keys with their code rule, MobilePASS activation codes.

mod doors_support;

use doors_support::*;
use softtoken_core::activation::foreign;
use softtoken_core::activation::request::{Offer, Refusal, Warning};
use softtoken_core::activation::typed::{TypedKeyOptions, mobilepass_code, typed_key};

fn refusal<T>(result: Result<T, Refusal>) -> String {
    result.err().map_or("accepted".into(), |refusal| describe(&refusal))
}

fn typed(key: &str, options: TypedKeyOptions<'_>) -> Result<Offer, Refusal> {
    typed_key(key, " Example ", "alice", options)
}

#[test]
fn a_typed_key_reads_lookalikes_and_names_the_bad_character() {
    let offer = typed("jbsw y3dp eopi 3pxp", TypedKeyOptions::default()).ok().unwrap();
    assert_eq!((offer.issuer.as_str(), offer.account.as_str()), ("Example", "alice"));
    assert_eq!(rule(&offer.credential.spec), ("totp", "SHA1", 6, Some(30)));
    assert_eq!(offer.warnings, [Warning::ShortSecret]);
    let again = typed("JBSWY3DPE0P13PXP", TypedKeyOptions::default()).ok().unwrap();
    assert_eq!(secret_hex(&again), secret_hex(&offer));
    let bad = typed("JBSW Y3D8", TypedKeyOptions::default());
    assert_eq!(refusal(bad), "NotUnderstood Secret BadCharacter 8");
    assert_eq!(typed("MY", TypedKeyOptions::default()).ok().unwrap().credential.secret.len(), 1);
    assert_eq!(refusal(typed("M", TypedKeyOptions::default())), "NotUnderstood Secret Empty");
}

#[test]
fn a_typed_key_takes_a_code_rule() {
    let key = "JBSWY3DPEHPK3PXP";
    let options = TypedKeyOptions { digits: Some(8), algorithm: Some("sha-256"), ..Default::default() };
    let totp = typed(key, TypedKeyOptions { period: Some(60), ..options }).ok().unwrap();
    assert_eq!(rule(&totp.credential.spec), ("totp", "SHA256", 8, Some(60)));
    let hotp = typed(key, TypedKeyOptions { counter: Some(u64::MAX), ..options }).ok().unwrap();
    assert_eq!(rule(&hotp.credential.spec), ("hotp", "SHA256", 8, None));
    assert_eq!(hotp.credential.counter, u64::MAX);
}

#[test]
fn every_mobilepass_code_of_the_table_is_read_with_its_policy() {
    let file = vectors("mobilepass_legacy.json");
    for row in rows(&file, "vectors") {
        let offer = mobilepass_code(text(row, "code"), text(row, "policy")).ok().unwrap();
        assert_eq!(rule(&offer.credential.spec).0, "mobilepass");
        assert_eq!(offer.warnings, [Warning::Legacy]);
        let index = serde_json::json!({ "counter": row["index"] });
        assert_eq!(code(&offer, &index), text(row, "otp"));
    }
    for bad in rows(&file, "bad_codes") {
        let result = mobilepass_code(bad.as_str().unwrap(), "");
        assert_eq!(refusal(result), "NotUnderstood MobilePassCode CheckDigit");
    }
    let plus = text(&file["mobilepass_plus_string_shape"], "string");
    assert_eq!(describe(&foreign::refusal(plus)), "Unsupported MobilePassPlus");
    let count = rows(&file, "vectors").len() + rows(&file, "bad_codes").len() + 1;
    eprintln!("vectors: mobilepass_legacy.json {count} rows");
}
