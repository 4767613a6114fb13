//! What all doors to complete accounts share: names from a label, the key, and the ranges of a code rule.

use zeroize::Zeroizing;

use super::request::{Offer, Refusal, Warning};
use super::uri::position;
use crate::codec::base32::Base32Error;
use crate::codec::hex::{self, HexError};
use crate::error::{Part, Problem, Unsupported};
use crate::identity::{Credential, Policy, WEAK_SECRET_BELOW};
use crate::otp::{Algorithm, AlgorithmError, CodeSpec, Digits, Period};
use crate::secret::SecretBytes;

/// Issuer and account as the user reads them.
pub(crate) struct Names {
    pub(crate) issuer: String,
    pub(crate) account: String,
}

impl Names {
    /// From a decoded label and a decoded issuer parameter. The parameter wins; a prefix that says
    /// something else stays part of the account, so that nothing the issuer wrote is lost.
    pub(super) fn from_label(label: &str, issuer: &str) -> Result<Self, Refusal> {
        printable(label, Part::Label)?;
        printable(issuer, Part::Issuer)?;
        let (label, issuer) = (label.trim(), issuer.trim());
        let (prefix, account) = match label.split_once(':') {
            Some((prefix, rest)) => (prefix.trim(), rest.trim_start()),
            None => ("", label),
        };
        let (issuer, account) = match (issuer, prefix) {
            ("", prefix) => (prefix, account),
            (issuer, "") => (issuer, account),
            (issuer, prefix) if issuer == prefix => (issuer, account),
            (issuer, _) => (issuer, label),
        };
        Ok(Self { issuer: issuer.into(), account: account.into() })
    }
}

/// An offer with the warnings that its credential calls for.
pub(crate) fn offer(names: Names, credential: Credential) -> Offer {
    let mut warnings = Vec::new();
    if credential.secret.len() < WEAK_SECRET_BELOW {
        warnings.push(Warning::ShortSecret);
    }
    if let CodeSpec::Totp { digits, .. } | CodeSpec::Hotp { digits, .. } = &credential.spec
        && digits.get() == 10
    {
        warnings.push(Warning::TenDigits);
    }
    let Names { issuer, account } = names;
    Offer { issuer, account, credential, policy: Policy::default(), serial: None, warnings }
}

/// No control characters: they never belong to a name, and a terminal would obey them.
pub(crate) fn printable(text: &str, part: Part) -> Result<(), Refusal> {
    match text.chars().position(char::is_control) {
        Some(bad) => Err(Refusal::at(part, Problem::BadCharacter, position(bad))),
        None => Ok(()),
    }
}

/// A Base32 key, and whether bits of it were left over.
pub(super) fn base32_key(
    text: Option<Zeroizing<String>>,
    read: fn(&str) -> Result<SecretBytes, Base32Error>,
) -> Result<(SecretBytes, bool), Refusal> {
    let text = text.ok_or(Refusal::part(Part::Secret, Problem::Missing))?;
    let key = read(&text).map_err(|error| match error {
        Base32Error::Empty => Refusal::part(Part::Secret, Problem::Empty),
        Base32Error::BadCharacter { position } => Refusal::at(Part::Secret, Problem::BadCharacter, position),
        Base32Error::TooLong => Refusal::part(Part::Secret, Problem::TooLong),
    })?;
    // Whole bytes end after 2, 4, 5, 7 or 8 characters.
    let characters = text.chars().filter(char::is_ascii_alphanumeric).count();
    Ok((key, matches!(characters % 8, 1 | 3 | 6)))
}

/// A key in hexadecimal.
pub(super) fn hex_key(text: Option<Zeroizing<String>>) -> Result<SecretBytes, Refusal> {
    let text = text.ok_or(Refusal::part(Part::Secret, Problem::Missing))?;
    hex::decode(&text).map_err(|error| match error {
        HexError::Empty => Refusal::part(Part::Secret, Problem::Empty),
        HexError::BadCharacter { position } => Refusal::at(Part::Secret, Problem::BadCharacter, position),
        HexError::OddLength => Refusal::part(Part::Secret, Problem::BadEncoding),
        HexError::TooLong => Refusal::part(Part::Secret, Problem::TooLong),
    })
}

/// A hash by name. An unknown name is an error, never SHA-1 in silence.
pub(crate) fn algorithm(name: &str) -> Result<Algorithm, Refusal> {
    if name.is_empty() {
        return Err(Refusal::part(Part::Algorithm, Problem::Empty));
    }
    Algorithm::parse(name).map_err(|error| match error {
        AlgorithmError::Md5 => Refusal::Unsupported(Unsupported::Md5),
        AlgorithmError::Unknown => Refusal::part(Part::Algorithm, Problem::Unknown),
    })
}

/// Six to ten digits; six when nothing is said.
pub(crate) fn digits(number: Option<u64>) -> Result<Digits, Refusal> {
    let Some(number) = number else { return Ok(Digits::SIX) };
    let digits = u8::try_from(number).ok().and_then(Digits::new);
    digits.ok_or(Refusal::part(Part::Digits, Problem::OutOfRange))
}

/// A step of 1 s to 2^31-1 s; `default` when nothing is said.
pub(crate) fn period(number: Option<u64>, default: Period) -> Result<Period, Refusal> {
    let Some(number) = number else { return Ok(default) };
    let period = u32::try_from(number).ok().and_then(Period::new);
    period.ok_or(Refusal::part(Part::Period, Problem::OutOfRange))
}
