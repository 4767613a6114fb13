//! One `KeyPackage` (RFC 6030 section 4): who it is for, how codes are made, and the values.
//!
//! | Offer | From, the first that is there |
//! |---|---|
//! | issuer | `Key/Issuer`, `DeviceInfo/Manufacturer` |
//! | account | `Key/UserId`, `DeviceInfo/UserId`, `Key/FriendlyName`, `Key@Id` |
//! | serial | `DeviceInfo/SerialNo` |
//! | hash | `Suite` (`HMAC-SHA256`), else SHA-1 |
//! | digits | `ResponseFormat@Length`, else 6 |
//! | period, t0 | `TimeInterval`, `Time`, else 30 and 0 |
//!
//! Dates of validity and numbers of transactions are the issuer's to enforce; `TimeDrift` describes
//! another device's clock.

use roxmltree::Node;

use super::document::{bytes, child, descend, text};
use super::encryption::{Keys, Sealed};
use crate::activation::account::{self, Names};
use crate::activation::request::{Offer, Refusal, Warning};
use crate::error::{Part, Problem, Unsupported};
use crate::identity::Credential;
use crate::otp::{Algorithm, CodeSpec, Digits, OcraSuite, Period};
use crate::secret::SecretBytes;

/// An entry that was read and not yet decrypted.
pub(super) struct Entry {
    names: Names,
    serial: Option<String>,
    spec: CodeSpec,
    secret: Value,
    counter: Option<Value>,
    time_interval: Option<Value>,
    time: Option<Value>,
    signed: bool,
}

/// A child of `Data`. Numbers are kept as the text they were.
enum Value {
    Plain(SecretBytes),
    Sealed(Sealed),
}

impl Entry {
    /// Reads a `KeyPackage`; `signed` tells that the file has a signature.
    pub(super) fn read(package: Node<'_, '_>, signed: bool) -> Result<Self, Refusal> {
        let key = child(package, "Key")?.ok_or(Refusal::part(Part::Entry, Problem::Missing))?;
        let spec = spec(key)?;
        obey_policy(key, &spec)?;
        let account =
            [(key, &["UserId"][..]), (package, &["DeviceInfo", "UserId"]), (key, &["FriendlyName"])];
        let issuer = [(key, &["Issuer"][..]), (package, &["DeviceInfo", "Manufacturer"])];
        let id = short_text(key.attribute("Id").unwrap_or_default(), Part::Account)?;
        let data = |name, part| -> Result<Option<Value>, Refusal> {
            descend(key, &["Data", name])?.map(|node| Value::read(node, part)).transpose()
        };
        Ok(Self {
            names: Names {
                issuer: first(&issuer, Part::Issuer)?.unwrap_or_default(),
                account: first(&account, Part::Account)?.or(id).unwrap_or_default(),
            },
            serial: first(&[(package, &["DeviceInfo", "SerialNo"])], Part::SerialNumber)?,
            spec,
            secret: data("Secret", Part::Secret)?.ok_or(Refusal::part(Part::Secret, Problem::Missing))?,
            counter: data("Counter", Part::Counter)?,
            time_interval: data("TimeInterval", Part::Period)?,
            time: data("Time", Part::Parameters)?,
            signed,
        })
    }

    /// True when a value of it is encrypted.
    pub(super) fn is_sealed(&self) -> bool {
        let numbers = [&self.counter, &self.time_interval, &self.time];
        numbers.into_iter().flatten().chain([&self.secret]).any(|value| matches!(value, Value::Sealed(_)))
    }

    /// Decrypts what is encrypted. `keys` are those of the file, and there when anything is sealed.
    pub(super) fn open(self, keys: Option<&Keys>) -> Result<Offer, Refusal> {
        let number = |value: Option<Value>, part| -> Result<Option<u64>, Refusal> {
            value.map(|value| value.number(keys, part)).transpose()
        };
        // The secret first: where a password is wrong, its MAC is what says so.
        let secret = self.secret.open(keys)?;
        if secret.is_empty() {
            return Err(Refusal::part(Part::Secret, Problem::Empty));
        }
        if secret.len() > MAX_SECRET {
            return Err(Refusal::part(Part::Secret, Problem::TooLong));
        }
        let counter = number(self.counter, Part::Counter)?;
        let seconds = number(self.time_interval, Part::Period)?;
        let time = number(self.time, Part::Parameters)?;
        let spec = match self.spec {
            CodeSpec::Totp { algorithm, digits, period, t0 } => {
                let period = account::period(seconds, period)?;
                CodeSpec::Totp { algorithm, digits, period, t0: time.unwrap_or(t0) }
            }
            spec => spec,
        };
        let counts = match &spec {
            CodeSpec::Ocra { suite } => suite.needs_counter(),
            spec => matches!(spec, CodeSpec::Hotp { .. }),
        };
        let credential = Credential { counter: counter.unwrap_or(0), ..Credential::new(spec, secret) };
        let mut offer = account::offer(self.names, credential);
        offer.serial = self.serial;
        if counts && counter.is_none() {
            offer.warnings.push(Warning::CounterMissing);
        }
        if self.signed {
            offer.warnings.push(Warning::SignatureNotChecked);
        }
        Ok(offer)
    }
}

impl Value {
    fn read(node: Node<'_, '_>, part: Part) -> Result<Self, Refusal> {
        match (child(node, "PlainValue")?, child(node, "EncryptedValue")?) {
            (Some(plain), None) if part == Part::Secret => Ok(Self::Plain(bytes(plain, part)?)),
            (Some(plain), None) => Ok(Self::Plain(SecretBytes::copy_of(text(plain, part)?.as_bytes()))),
            (None, Some(sealed)) => Ok(Self::Sealed(Sealed::read(sealed, child(node, "ValueMAC")?)?)),
            (None, None) => Err(Refusal::part(part, Problem::Missing)),
            (Some(_), Some(_)) => Err(Refusal::part(part, Problem::Duplicate)),
        }
    }

    fn open(self, keys: Option<&Keys>) -> Result<SecretBytes, Refusal> {
        match (self, keys) {
            (Self::Plain(bytes), _) => Ok(bytes),
            (Self::Sealed(sealed), Some(keys)) => keys.open(&sealed),
            (Self::Sealed(_), None) => Err(Refusal::part(Part::Password, Problem::Missing)),
        }
    }

    /// A number: decimal text, or (encrypted only) up to eight bytes, most significant first.
    fn number(self, keys: Option<&Keys>, part: Part) -> Result<u64, Refusal> {
        let sealed = matches!(self, Self::Sealed(_));
        let bytes = self.open(keys)?;
        match bytes.expose() {
            [] => Err(Refusal::part(part, Problem::Empty)),
            digits if digits.iter().all(u8::is_ascii_digit) => std::str::from_utf8(digits)
                .ok()
                .and_then(|digits| digits.parse().ok())
                .ok_or(Refusal::part(part, Problem::OutOfRange)),
            bytes if sealed && bytes.len() <= 8 => {
                Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
            }
            _ => Err(Refusal::part(part, Problem::BadCharacter)),
        }
    }
}

/// How codes are made, from the algorithm's name and its parameters.
fn spec(key: Node<'_, '_>) -> Result<CodeSpec, Refusal> {
    let name = key.attribute("Algorithm").ok_or(Refusal::part(Part::Type, Problem::Missing))?;
    let name = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    let suite = descend(key, &["AlgorithmParameters", "Suite"])?;
    let suite = suite.map(|suite| text(suite, Part::Suite)).transpose()?;
    let suite = suite.as_deref().map(String::as_str).filter(|suite| !suite.is_empty());
    let algorithm = || suite.map_or(Ok(Algorithm::Sha1), account::algorithm);
    // Drafts had the suite in the name: `pskc#OCRA-1:…`, `pskc:ocra#OCRA-1:…`.
    let (name, suite) = match name.find("OCRA-1:") {
        Some(at) => ("ocra", suite.or(name.get(at..))),
        None => (name, suite),
    };
    match name.to_ascii_lowercase().as_str() {
        "hotp" => Ok(CodeSpec::Hotp { algorithm: algorithm()?, digits: digits(key)? }),
        "totp" => Ok(CodeSpec::Totp {
            algorithm: algorithm()?,
            digits: digits(key)?,
            period: Period::THIRTY,
            t0: 0,
        }),
        "ocra" => {
            let suite = suite.ok_or(Refusal::part(Part::Suite, Problem::Missing))?;
            let suite = OcraSuite::parse(suite).map_err(|_| Refusal::part(Part::Suite, Problem::Unknown))?;
            Ok(CodeSpec::Ocra { suite })
        }
        _ => Err(TOKEN_KIND),
    }
}

fn digits(key: Node<'_, '_>) -> Result<Digits, Refusal> {
    let Some(format) = descend(key, &["AlgorithmParameters", "ResponseFormat"])? else {
        return Ok(Digits::SIX);
    };
    // A check digit would be appended to the code, and other alphabets are not those of HOTP.
    if format.attribute("Encoding").is_some_and(|encoding| encoding != "DECIMAL")
        || matches!(format.attribute("CheckDigits"), Some("true" | "1"))
    {
        return Err(TOKEN_KIND);
    }
    let length = format.attribute("Length").map(str::parse).transpose();
    account::digits(length.map_err(|_| Refusal::part(Part::Digits, Problem::OutOfRange))?)
}

/// RFC 6030 section 5: a key for something else makes no codes, nor one whose codes need a PIN mixed in.
fn obey_policy(key: Node<'_, '_>, spec: &CodeSpec) -> Result<(), Refusal> {
    let Some(policy) = child(key, "Policy")? else { return Ok(()) };
    let mut usages = policy.children().filter(|node| node.tag_name().name() == "KeyUsage").peekable();
    let wanted = if matches!(spec, CodeSpec::Ocra { .. }) { ["CR", "OTP"] } else { ["OTP", "OTP"] };
    let other = usages.peek().is_some()
        && !usages.any(|usage| usage.text().is_some_and(|text| wanted.contains(&text.trim())));
    let pin = child(policy, "PINPolicy")?.and_then(|pin| pin.attribute("PINUsageMode"));
    if other || pin == Some("Algorithmic") { Err(TOKEN_KIND) } else { Ok(()) }
}

/// The first text that is there and not empty.
fn first(sources: &[(Node<'_, '_>, &[&str])], part: Part) -> Result<Option<String>, Refusal> {
    for (node, path) in sources {
        if let Some(found) = descend(*node, path)?
            && let Some(found) = short_text(&text(found, part)?, part)?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// A text on one line; `None` when empty.
fn short_text(text: &str, part: Part) -> Result<Option<String>, Refusal> {
    let text = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    account::printable(&text, part)?;
    if text.chars().count() > MAX_TEXT {
        return Err(Refusal::part(part, Problem::TooLong));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

const TOKEN_KIND: Refusal = Refusal::Unsupported(Unsupported::TokenKind);

/// RFC 6030 and its drafts, the longest first; some makers write the bare name.
const PREFIXES: [&str; 4] = [
    "urn:ietf:params:xml:ns:keyprov:pskc:",
    "urn:ietf:params:xml:ns:keyprov:pskc#",
    "http://www.ietf.org/keyprov/pskc#",
    "#",
];

/// Most characters of an issuer, account or serial number.
const MAX_TEXT: usize = 256;
/// Most bytes of a secret; the longest HMAC key in use has 128.
const MAX_SECRET: usize = 1024;
