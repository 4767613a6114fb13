//! What people type: a key with its code rule, or a legacy MobilePASS activation code.
//!
//! Typing is where `0` stands for `O` and `1` for `I`; links never get that repair. Positions count
//! the characters of the text as it was typed, so that a form can point at the bad one.

use zeroize::Zeroizing;

use super::account::{self, Names, base32_key, offer, printable};
use super::otpauth::MAX_TEXT;
use super::request::{Offer, Refusal, Warning};
use crate::codec::base32;
use crate::error::{Part, Problem};
use crate::identity::Credential;
use crate::otp::mobilepass::{MobilePassCode, MobilePassError};
use crate::otp::{Algorithm, CodeSpec, Period};
use crate::secret::SecretBytes;

/// The code rule of a typed key; the default is TOTP with SHA-1, six digits and 30 s.
#[derive(Debug, Clone, Copy, Default)]
pub struct TypedKeyOptions<'a> {
    /// Digits of a code, 6 to 10.
    pub digits: Option<u8>,
    /// Step in seconds; not together with `counter`.
    pub period: Option<u32>,
    /// Name of the hash.
    pub algorithm: Option<&'a str>,
    /// An HOTP counter: makes the identity event-based.
    pub counter: Option<u64>,
}

/// An account from a typed Base32 key. A key under 128 bits is taken with a warning.
pub fn typed_key(
    secret: &str,
    issuer: &str,
    account: &str,
    options: TypedKeyOptions<'_>,
) -> Result<Offer, Refusal> {
    short_enough(secret, Part::Secret)?;
    let names = typed_names(issuer, account)?;
    let (secret, leftover) = base32_key(Some(Zeroizing::new(secret.into())), base32::decode_typed)?;
    let algorithm = options.algorithm.map_or(Ok(Algorithm::Sha1), account::algorithm)?;
    let digits = account::digits(options.digits.map(u64::from))?;
    let credential = match options.counter {
        Some(_) if options.period.is_some() => {
            return Err(Refusal::part(Part::Period, Problem::Mismatch));
        }
        Some(counter) => {
            Credential { counter, ..Credential::new(CodeSpec::Hotp { algorithm, digits }, secret) }
        }
        None => {
            let period = account::period(options.period.map(u64::from), Period::THIRTY)?;
            Credential::new(CodeSpec::Totp { algorithm, digits, period, t0: 0 }, secret)
        }
    };
    let mut offer = offer(names, credential);
    if leftover {
        offer.warnings.push(Warning::LeftoverBits);
    }
    Ok(offer)
}

/// An account from a legacy MobilePASS activation code and the issuer's policy text (usually empty).
/// The code has 80 bits, hence the warning.
pub fn mobilepass_code(code: &str, policy: &str) -> Result<Offer, Refusal> {
    short_enough(code, Part::MobilePassCode)?;
    short_enough(policy, Part::Policy)?;
    let code = MobilePassCode::parse(code).map_err(|error| {
        let refuse = |problem| Refusal::part(Part::MobilePassCode, problem);
        match error {
            MobilePassError::Empty => refuse(Problem::Empty),
            MobilePassError::BadCharacter { position } => {
                Refusal::at(Part::MobilePassCode, Problem::BadCharacter, position)
            }
            MobilePassError::TooShort => refuse(Problem::TooShort),
            MobilePassError::TooLong => refuse(Problem::TooLong),
            MobilePassError::CheckCharacter { .. } => refuse(Problem::CheckDigit),
        }
    })?;
    let secret = SecretBytes::copy_of(code.key(policy).expose());
    let names = Names { issuer: "MobilePASS".into(), account: String::new() };
    let mut offer = offer(names, Credential::new(CodeSpec::MobilePass, secret));
    offer.warnings.push(Warning::Legacy);
    Ok(offer)
}

fn typed_names(issuer: &str, account: &str) -> Result<Names, Refusal> {
    for (text, part) in [(issuer, Part::Issuer), (account, Part::Account)] {
        short_enough(text, part)?;
        printable(text, part)?;
    }
    Ok(Names { issuer: issuer.trim().into(), account: account.trim().into() })
}

fn short_enough(text: &str, part: Part) -> Result<(), Refusal> {
    if text.len() > MAX_TEXT { Err(Refusal::part(part, Problem::TooLong)) } else { Ok(()) }
}
