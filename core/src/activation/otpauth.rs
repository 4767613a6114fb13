//! Links that hold a complete account: the Key Uri Format of Google Authenticator and its relatives.
//!
//! | Link | Codes |
//! |---|---|
//! | `otpauth://totp`, `hotp`, `daypassword`, `steam`, `yaotp` (also `apple-otpauth:`) | as the type says |
//! | `motp://[ISSUER:]ACCOUNT?secret=HEX` | mOTP |
//! | `steam://BASE32` | Steam |
//! | `oathtoken:///addToken?name=…&key=HEX` | HOTP or TOTP |
//!
//! Strict where leniency would give wrong codes in silence (key, hash, ranges, escapes), forgiving
//! elsewhere: unknown parameters are ignored and of two with the same name the first counts. What
//! contradicts the fixed rule of a type is refused. An image address is never looked at.

use zeroize::Zeroizing;

use super::account::{self, Names, base32_key, hex_key, offer, printable};
use super::foreign;
use super::request::{Offer, Refusal, Warning};
use super::two_step::TwoStep;
use super::uri::{Link, Query, decode};
use crate::codec::base32;
use crate::error::{Feature, Part, Problem, Unsupported};
use crate::identity::{Credential, Policy};
use crate::otp::yandex::{self, YandexSecretError};
use crate::otp::{Algorithm, CodeSpec, Period};
use crate::secret::SecretBytes;

/// What a link holds.
pub enum Parsed {
    /// A complete account. mOTP and Yandex still need the PIN of the identity.
    Account(Offer),
    /// An account whose secret needs a part of this device: privacyIDEA's two-step enrolment.
    TwoStep(TwoStep),
}

/// Longest link that is read, in bytes.
pub const MAX_TEXT: usize = 2048;

/// Whether `text` has a scheme that [`parse`] reads. Says nothing about the rest.
pub fn is_ours(text: &str) -> bool {
    Link::split(text.trim()).is_some_and(|link| OUR_SCHEMES.iter().any(|name| link.has_scheme(name)))
}

/// Reads a link with a complete account. Any other text is refused with the reason that
/// [`foreign::refusal`] finds. Positions count the characters of the decoded parameter.
pub fn parse(text: &str) -> Result<Parsed, Refusal> {
    if text.len() > MAX_TEXT {
        return Err(Refusal::part(Part::Text, Problem::TooLong));
    }
    let text = text.trim();
    let link = Link::split(text).ok_or_else(|| foreign::refusal(text))?;
    match link.scheme.to_ascii_lowercase().as_str() {
        "otpauth" | "apple-otpauth" => otpauth(&link),
        "motp" => motp(&link).map(Parsed::Account),
        "oathtoken" => oath_token(&link).map(Parsed::Account),
        // The game client has links of its own, all with a path.
        "steam" if !link.place.trim_end_matches('/').contains('/') => steam(&link).map(Parsed::Account),
        _ => Err(foreign::refusal(text)),
    }
}

fn otpauth(link: &Link) -> Result<Parsed, Refusal> {
    let (kind, label) = link.host_and_path();
    let query = &link.query;
    let kind = match kind.to_ascii_lowercase().as_str() {
        "totp" => Kind::Totp(Period::THIRTY),
        "daypassword" => Kind::Totp(Period::DAY),
        "hotp" => Kind::Hotp,
        "steam" => Kind::Steam,
        "yaotp" => Kind::Yandex,
        "pipush" => return Err(Refusal::NotYet(Feature::Push)),
        "" => return Err(Refusal::part(Part::Type, Problem::Missing)),
        _ => return Err(Refusal::part(Part::Type, Problem::Unknown)),
    };
    let label = decode(label, b'+', Part::Label)?;
    let issuer = query.text("issuer", Part::Issuer)?.unwrap_or_default();
    let names = Names::from_label(&label, &issuer)?;
    let (secret, leftover) = base32_key(query.text("secret", Part::Secret)?, base32::decode)?;
    let (credential, counter_missing) = kind.credential(query, secret)?;
    let mut offer = offer(names, credential);
    if leftover {
        offer.warnings.push(Warning::LeftoverBits);
    }
    if counter_missing {
        offer.warnings.push(Warning::CounterMissing);
    }
    offer.serial = serial(query)?;
    offer.policy = Policy { verify_user: wants_unlock(query)?, ..Policy::default() };
    if query.has_prefix("2step_") {
        return TwoStep::new(offer, query).map(Parsed::TwoStep);
    }
    Ok(Parsed::Account(offer))
}

fn motp(link: &Link) -> Result<Offer, Refusal> {
    let label = decode(link.place, b'+', Part::Label)?;
    let issuer = link.query.text("issuer", Part::Issuer)?.unwrap_or_default();
    let names = Names::from_label(label.trim_matches('/'), &issuer)?;
    let secret = hex_key(link.query.text("secret", Part::Secret)?)?;
    Ok(offer(names, Credential::new(CodeSpec::Motp, secret)))
}

fn steam(link: &Link) -> Result<Offer, Refusal> {
    let text = decode(link.place.trim_end_matches('/'), b' ', Part::Secret)?;
    let (secret, leftover) = base32_key(Some(text), base32::decode)?;
    let names = Names { issuer: "Steam".into(), account: String::new() };
    let mut offer = offer(names, Credential::new(CodeSpec::Steam, secret));
    if leftover {
        offer.warnings.push(Warning::LeftoverBits);
    }
    Ok(offer)
}

/// <https://github.com/archiecobbs/oathtoken/wiki/WebProvisioning>; privacyIDEA offers it beside otpauth.
fn oath_token(link: &Link) -> Result<Offer, Refusal> {
    let query = &link.query;
    if !link.place.trim_matches('/').eq_ignore_ascii_case("addToken") {
        return Err(Refusal::part(Part::Type, Problem::Unknown));
    }
    if query.flag("displayHex") {
        return Err(Refusal::Unsupported(Unsupported::TokenKind));
    }
    let account = query.text("name", Part::Account)?.unwrap_or_default();
    printable(&account, Part::Account)?;
    let names = Names { issuer: String::new(), account: account.trim().into() };
    let secret = hex_key(query.text("key", Part::Secret)?)?;
    let digits = account::digits(query.number("numDigits", Part::Digits)?)?;
    let algorithm = Algorithm::Sha1;
    if query.flag("timeBased") {
        let period = account::period(query.number("interval", Part::Period)?, Period::THIRTY)?;
        return Ok(offer(
            names,
            Credential::new(CodeSpec::Totp { algorithm, digits, period, t0: 0 }, secret),
        ));
    }
    let mut credential = Credential::new(CodeSpec::Hotp { algorithm, digits }, secret);
    credential.counter = query.number("counter", Part::Counter)?.unwrap_or(0);
    Ok(offer(names, credential))
}

/// The type of an otpauth link.
enum Kind {
    /// With the period that holds when the link has none.
    Totp(Period),
    Hotp,
    Steam,
    Yandex,
}

impl Kind {
    /// The credential, and whether an HOTP counter was missing.
    fn credential(self, query: &Query, secret: SecretBytes) -> Result<(Credential, bool), Refusal> {
        let algorithm = query
            .text("algorithm", Part::Algorithm)?
            .map(|name: Zeroizing<String>| account::algorithm(&name))
            .transpose()?;
        let number = query.number("digits", Part::Digits)?;
        let spec = match self {
            Self::Totp(default) => CodeSpec::Totp {
                algorithm: algorithm.unwrap_or(Algorithm::Sha1),
                digits: account::digits(number)?,
                period: account::period(query.number("period", Part::Period)?, default)?,
                t0: 0,
            },
            Self::Hotp => {
                let algorithm = algorithm.unwrap_or(Algorithm::Sha1);
                let spec = CodeSpec::Hotp { algorithm, digits: account::digits(number)? };
                let counter = query.number("counter", Part::Counter)?;
                let credential =
                    Credential { counter: counter.unwrap_or(0), ..Credential::new(spec, secret) };
                return Ok((credential, counter.is_none()));
            }
            Self::Steam => {
                fixed(query, (algorithm, Algorithm::Sha1), (number, 5))?;
                CodeSpec::Steam
            }
            Self::Yandex => {
                fixed(query, (algorithm, Algorithm::Sha256), (number, 8))?;
                let secret = yandex_secret(&secret)?;
                return Ok((Credential::new(CodeSpec::Yandex, secret), false));
            }
        };
        Ok((Credential::new(spec, secret), false))
    }
}

/// Refuses parameters that contradict a type whose rule is fixed.
fn fixed(
    query: &Query,
    algorithm: (Option<Algorithm>, Algorithm),
    digits: (Option<u64>, u64),
) -> Result<(), Refusal> {
    let period = query.number("period", Part::Period)?;
    let fits = |part, fits: bool| if fits { Ok(()) } else { Err(Refusal::part(part, Problem::Mismatch)) };
    fits(Part::Algorithm, algorithm.0.is_none_or(|said| said == algorithm.1))?;
    fits(Part::Digits, digits.0.is_none_or(|said| said == digits.1))?;
    fits(Part::Period, period.is_none_or(|said| said == u64::from(Period::THIRTY.seconds())))
}

fn yandex_secret(bytes: &SecretBytes) -> Result<SecretBytes, Refusal> {
    yandex::secret(bytes.expose()).map(|secret| SecretBytes::copy_of(secret)).map_err(|error| match error {
        YandexSecretError::Length => Refusal::part(Part::Secret, Problem::Mismatch),
        YandexSecretError::Checksum => Refusal::part(Part::Secret, Problem::CheckDigit),
    })
}

fn serial(query: &Query) -> Result<Option<String>, Refusal> {
    let serial = query.text("serial", Part::SerialNumber)?.unwrap_or_default();
    printable(&serial, Part::SerialNumber)?;
    let serial = serial.trim();
    Ok((!serial.is_empty()).then(|| serial.into()))
}

/// privacyIDEA: `pin=True`, or `app_force_unlock` with any value that does not say no.
fn wants_unlock(query: &Query) -> Result<bool, Refusal> {
    let how = query.text("app_force_unlock", Part::Policy)?.unwrap_or_default();
    let no = ["", "none", "false", "0"].iter().any(|no| how.trim().eq_ignore_ascii_case(no));
    Ok(query.flag("pin") || !no)
}

const OUR_SCHEMES: [&str; 5] = ["otpauth", "apple-otpauth", "motp", "steam", "oathtoken"];
