//! The comparisons of secrets, each with a wrong input that differs in the first, the last or every
//! place. `counted_work` is what callgrind counts; everything else only prepares.

use std::hint::black_box;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use softtoken_core::TokenError;
use softtoken_core::activation::entrust_v1::sealed::SealedQr;
use softtoken_core::activation::offline::OfflineInput;
use softtoken_core::activation::request::Refusal;
use softtoken_core::activation::state::TypedFields;
use softtoken_core::otp::{Algorithm, Digits, Period, totp};
use softtoken_core::random::Random;
use softtoken_core::secret::{Key, SecretBytes};
use softtoken_core::time::UnixTime;
use softtoken_core::transfer::backup::SealedBackup;
use zeroize::Zeroizing;

use crate::flows::{PIN, TOTP, add, ready};
use crate::world::{Ledger, World};

/// All comparisons by name.
pub const CASES: [&str; 7] =
    ["secret", "code", "completion", "v1-mac", "backup-commitment", "pin", "unlock-code"];
/// One that ends at the first difference, as ours must not.
pub const NAIVE: &str = "naive";
/// Where the wrong input differs.
pub const PLACES: [&str; 3] = ["first", "last", "every"];

/// What is counted, and nothing else; callgrind finds it by its name.
#[inline(never)]
pub fn counted_work(work: &mut dyn FnMut()) {
    work();
}

/// Compares once, in `folder` if it takes a vault.
pub fn compare(case: &str, place: &str, folder: &Path) {
    match case {
        "secret" => secret(place),
        "code" => code(place),
        "completion" => completion(place),
        "v1-mac" => v1_mac(place),
        "backup-commitment" => backup_commitment(place, folder),
        "pin" => pin(place, folder),
        "unlock-code" => unlock_code(place, folder),
        NAIVE => naive(place),
        _ => panic!("no comparison of this name"),
    }
}

fn secret(place: &str) {
    let (right, wrong) = (SecretBytes::new(BYTES.to_vec()), wrong(BYTES, place, |byte| byte ^ 1));
    let mut same = true;
    counted_work(&mut || same = right.ct_eq(&wrong));
    assert!(!same);
}

fn code(place: &str) {
    let right = totp(BYTES, UnixTime(59), 0, Period::THIRTY, Algorithm::Sha1, Digits::EIGHT);
    let wrong = digits(right.as_str(), place);
    let mut same = true;
    counted_work(&mut || same = right.ct_eq(&wrong));
    assert!(!same);
}

/// The issuer's search for the first code, over all steps of its window.
fn completion(place: &str) {
    let fields = TypedFields {
        address: "a.example.org".to_owned(),
        serial_number: "48244-13456".to_owned(),
        activation_code: Zeroizing::new("1745-7712-6942-8698".to_owned()),
    };
    let details = fields.check().expect("good fields");
    let quick = |_: &[u8], salt: &[u8; 32]| Ok(Key::new(*salt));
    let result = OfflineInput::from_typed(&details).start(&Random::seeded(3), &quick).expect("derived");
    let seed = result.seed.expose();
    let now = UnixTime(1_893_456_000);
    let right = totp(seed, now, 0, Period::THIRTY, Algorithm::Sha256, Digits::EIGHT);
    let wrong = digits(right.as_str(), place);
    let mut found = None;
    counted_work(&mut || found = result.complete(&wrong, now));
    assert!(found.is_none());
}

fn v1_mac(place: &str) {
    let (text, mac) = V1_LINK.rsplit_once("mac=").expect("a MAC");
    let mac = STANDARD.decode(mac.replace("%2B", "+")).expect("Base64");
    // Every character escaped: texts of one length, so that the heap is the same.
    let mac = STANDARD.encode(wrong(&mac, place, |byte| byte ^ 0x11));
    let mac: String = mac.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let sealed = SealedQr::parse(&format!("{text}mac={mac}")).expect("a sealed text");
    let mut result = None;
    counted_work(&mut || result = sealed.open(b"54998317").err());
    assert!(matches!(result, Some(Refusal::WrongPassword)));
}

/// The commitment of the file is changed and its digest made anew: to the reader a wrong password.
fn backup_commitment(place: &str, folder: &Path) {
    let token = ready(&world(folder));
    add(&token, TOTP, "Work");
    let password = b"correct horse, correct battery";
    let mut bytes = token.export_backup(password).expect("a backup").bytes;
    let commitment = COMMITMENT..COMMITMENT + 16;
    let changed = wrong(&bytes[commitment.clone()], place, |byte| byte ^ 1);
    bytes[commitment].copy_from_slice(&changed);
    let end = bytes.len() - 32;
    let digest = Sha256::digest(&bytes[..end]);
    bytes[end..].copy_from_slice(&digest);
    let sealed = SealedBackup::parse(bytes).expect("a backup");
    let mut result = None;
    counted_work(&mut || result = sealed.open(password).err());
    assert!(matches!(result, Some(Refusal::WrongPassword)));
}

fn pin(place: &str, folder: &Path) {
    let token = ready(&world(folder));
    token.lock().expect("locked");
    let wrong = digits(std::str::from_utf8(PIN).expect("digits"), place);
    let mut result = Ok(());
    counted_work(&mut || result = token.unlock(black_box(wrong.as_bytes())));
    assert_eq!(result, Err(TokenError::WrongPin { attempts_left: 4 }));
}

/// A wrong recovery code whose check character fits.
fn unlock_code(place: &str, folder: &Path) {
    let token = ready(&world(folder));
    add(&token, TOTP, "Work");
    let code = token.recovery_code().expect("open").expect("a code").replace('-', "");
    token.acknowledge_recovery_code().expect("read");
    token.forget_pin().expect("blocked");
    let next = |byte: u8| {
        let at = CROCKFORD.iter().position(|letter| *letter == byte).expect("a letter");
        CROCKFORD[(at + 1) % 32]
    };
    let body = wrong(&code.as_bytes()[..12], place, next);
    let body = String::from_utf8(body).expect("letters");
    let whole = |check: &u8| format!("{body}{}", char::from(*check));
    let fits = |code: &String| softtoken_core::lock::UnlockCode::parse(code).is_ok();
    let wrong = CROCKFORD.iter().map(whole).find(fits).expect("a check character");
    let mut result = None;
    counted_work(&mut || result = token.redeem_unlock_code(&wrong, Some(b"958264173058")).err());
    assert_eq!(result, Some(TokenError::WrongUnlockCode { tries_left: 9 }));
}

fn naive(place: &str) {
    let wrong = wrong(BYTES, place, |byte| byte ^ 1);
    let mut same = 0;
    counted_work(&mut || {
        same = 0;
        while same < BYTES.len() && black_box(BYTES[same]) == black_box(wrong[same]) {
            same += 1;
        }
    });
    assert!(same < BYTES.len());
}

fn world(folder: &Path) -> World {
    World::new(folder, 30, &Ledger::new(false), || {})
}

fn wrong(right: &[u8], place: &str, change: impl Fn(u8) -> u8) -> Vec<u8> {
    let last = right.len() - 1;
    let here = |at: usize| match place {
        "first" => at == 0,
        "last" => at == last,
        _ => true,
    };
    right.iter().enumerate().map(|(at, byte)| if here(at) { change(*byte) } else { *byte }).collect()
}

/// Other digits.
fn digits(right: &str, place: &str) -> String {
    String::from_utf8(wrong(right.as_bytes(), place, |digit| b'0' + (digit - b'0' + 3) % 10)).expect("digits")
}

const BYTES: &[u8; 32] = b"thirty-two bytes to be compared.";
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Behind the header and the salt of the sealing.
const COMMITMENT: usize = 38 + 32;
/// `entrust_v1.json`, the public sample.
const V1_LINK: &str = "igmobileotp://?action=secactivate&enc=VRUq6IoLWQRCMRITZEHtHUSWJiPwgu%2FN1BFyUHE5kxuHIEYoE3zmNTrAHeeUM5S3gzCnTy%2F%2Bdnbu%2FsjjQW%2BNEISx8C4ra8rLpxOl8E8w4KXHgjeBRgdvSzl%2BbzX5RYRrQlWgK8hsBT4pQYE0eFgW2TmRbzXu1Mu7XjKDcwsJLew32jQC2qyPLP8hljnv2rHwwsMfhQwgJUJYfctwLWWEDUFukEckaZ4O&v=1&mac=mhVL8BWKaishMa5%2B";
