//! What the tests of the front doors share.
#![allow(dead_code)]

use serde_json::Value;
use softtoken_core::activation::otpauth::{self, Parsed};
use softtoken_core::activation::request::{Offer, Offers, Refusal};
use softtoken_core::codec::hex;
use softtoken_core::otp::{CodeSpec, code_at, code_for_counter};
use softtoken_core::time::UnixTime;

/// A vector file; every user prints how many rows it went through.
pub fn vectors(file: &str) -> Value {
    let path = format!("{}/../tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn rows<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap()
}

pub fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_else(|| panic!("{key} in {row}"))
}

/// Numbers above 2^53 are strings in the vectors.
pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

/// The account of a link; panics when it is refused.
pub fn account(link: &str) -> Offer {
    match otpauth::parse(link) {
        Ok(Parsed::Account(offer)) => offer,
        Ok(Parsed::TwoStep(_)) => panic!("two-step: {link}"),
        Err(refusal) => panic!("{}: {link}", describe(&refusal)),
    }
}

/// Why a link is refused; `accepted` when it is not.
pub fn refused(link: &str) -> String {
    otpauth::parse(link).err().map_or("accepted".into(), |refusal| describe(&refusal))
}

/// A refusal as the bad-input corpus writes it: `NotUnderstood Secret BadCharacter 8`.
pub fn describe(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotUnderstood { part, problem, position: Some(at) } => {
            format!("NotUnderstood {part:?} {problem:?} {at}")
        }
        Refusal::NotUnderstood { part, problem, position: None } => {
            format!("NotUnderstood {part:?} {problem:?}")
        }
        Refusal::NotYet(feature) => format!("NotYet {feature:?}"),
        Refusal::Unsupported(what) => format!("Unsupported {what:?}"),
        Refusal::NotForThisApp => "NotForThisApp".into(),
        Refusal::WrongPassword => "WrongPassword".into(),
    }
}

/// The entries that were refused, as `2: Unsupported Md5`.
pub fn refused_entries(offers: &Offers) -> Vec<String> {
    offers.refused.iter().map(|r| format!("{}: {}", r.entry, describe(&r.why))).collect()
}

pub fn secret_hex(offer: &Offer) -> String {
    hex::encode(offer.credential.secret.expose()).to_string()
}

/// The code at a time, or for a counter.
pub fn code(offer: &Offer, row: &Value) -> String {
    let (spec, secret) = (&offer.credential.spec, offer.credential.secret.expose());
    match row.get("time") {
        Some(time) => code_at(spec, secret, None, UnixTime(number(time))).ok().unwrap().code.as_str().into(),
        None => code_for_counter(spec, secret, number(&row["counter"])).ok().unwrap().as_str().into(),
    }
}

/// Type, algorithm, digits and period as the vectors write them.
pub fn rule(spec: &CodeSpec) -> (&'static str, &'static str, u64, Option<u64>) {
    match spec {
        CodeSpec::Totp { algorithm, digits, period, t0: 0 } => {
            ("totp", algorithm.name(), digits.get().into(), Some(period.seconds().into()))
        }
        CodeSpec::Hotp { algorithm, digits } => ("hotp", algorithm.name(), digits.get().into(), None),
        CodeSpec::Steam => ("steam", "SHA1", 5, Some(30)),
        CodeSpec::Yandex => ("yandex", "SHA256", 8, Some(30)),
        CodeSpec::Motp => ("motp", "MD5", 6, Some(10)),
        CodeSpec::MobilePass => ("mobilepass", "SHA256", 6, None),
        _ => panic!("no rule that a door makes"),
    }
}
