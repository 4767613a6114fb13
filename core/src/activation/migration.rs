//! The export of Google Authenticator: `otpauth-migration://offline?data=BASE64`, a protocol buffer.
//!
//! ```text
//! Payload { repeated Entry otp = 1; int32 version = 2; batch_size = 3; batch_index = 4; batch_id = 5; }
//! Entry   { bytes secret = 1; string name = 2; issuer = 3; enum algorithm = 4; digits = 5; type = 6;
//!           int64 counter = 7; string unique_id = 8; }
//! ```
//! A bad entry is reported and the others are offered: an export is the user's only copy. An enum
//! that is not set means SHA-1, six digits, TOTP; the period is always 30 s. Unknown fields are skipped.

use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use base64::{DecodeError, Engine};
use zeroize::Zeroizing;

use super::account::{Names, offer};
use super::foreign;
use super::protobuf::{Value, WireError, fields};
use super::request::{Offer, Offers, Page, Refusal, RefusedEntry};
use super::uri::{Link, decode, position};
use crate::codec::base32::MAX_BYTES;
use crate::error::{Part, Problem, Unsupported};
use crate::identity::Credential;
use crate::otp::{Algorithm, CodeSpec, Digits, Period};
use crate::secret::SecretBytes;

/// Whether `text` has the scheme that [`parse`] reads. Says nothing about the rest.
pub fn is_ours(text: &str) -> bool {
    Link::split(text.trim()).is_some_and(|link| link.has_scheme(SCHEME))
}

/// Reads one page of an export. [`Offers::page`] is set whenever the page says how many there are,
/// also for a single one; [`PageCollector`](super::pages::PageCollector) puts several together.
pub fn parse(text: &str) -> Result<Offers, Refusal> {
    if text.len() > MAX_TEXT {
        return Err(Refusal::part(Part::Text, Problem::TooLong));
    }
    let text = text.trim();
    let link =
        Link::split(text).filter(|link| link.has_scheme(SCHEME)).ok_or_else(|| foreign::refusal(text))?;
    if !link.place.trim_end_matches('/').eq_ignore_ascii_case("offline") {
        return Err(Refusal::part(Part::Type, Problem::Unknown));
    }
    let raw = link.query.raw("data").ok_or(Refusal::part(Part::Payload, Problem::Missing))?;
    payload(&base64_bytes(raw)?)
}

/// Standard or URL alphabet, padded or not; a space is a `+` that went through a form.
fn base64_bytes(raw: &str) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let text = decode(raw, b'+', Part::Payload)?;
    let standard: Zeroizing<String> = Zeroizing::new(
        text.trim_end()
            .chars()
            .map(|c| match c {
                ' ' | '-' => '+',
                '_' => '/',
                other => other,
            })
            .collect(),
    );
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, config);
    engine.decode(standard.as_bytes()).map(Zeroizing::new).map_err(|error| match error {
        DecodeError::InvalidByte(offset, _) | DecodeError::InvalidLastSymbol { offset, .. } => {
            let before = standard.char_indices().take_while(|(at, _)| *at < offset).count();
            Refusal::at(Part::Payload, Problem::BadCharacter, position(before))
        }
        DecodeError::InvalidLength(_) => Refusal::part(Part::Payload, Problem::Truncated),
        DecodeError::InvalidPadding => Refusal::part(Part::Payload, Problem::BadEncoding),
    })
}

fn payload(bytes: &[u8]) -> Result<Offers, Refusal> {
    let mut offers = Offers { offers: Vec::new(), refused: Vec::new(), page: None };
    let (mut entries, mut size, mut index, mut batch_id) = (0_u32, 0, 0, 0);
    for field in fields(bytes) {
        let field = field.map_err(|error| broken(error, Part::Payload))?;
        match (field.number, field.value) {
            (1, Value::Bytes(message)) => {
                entries = entries.saturating_add(1);
                if entries > MAX_ENTRIES {
                    return Err(Refusal::part(Part::Payload, Problem::TooLong));
                }
                match entry(message) {
                    Ok(offer) => offers.offers.push(offer),
                    Err(why) => offers.refused.push(RefusedEntry { entry: entries, why }),
                }
            }
            (3, Value::Varint(number)) => size = int32(number),
            (4, Value::Varint(number)) => index = int32(number),
            (5, Value::Varint(number)) => batch_id = int32(number),
            _ => {}
        }
    }
    if entries == 0 {
        return Err(Refusal::part(Part::Payload, Problem::Empty));
    }
    offers.page = page(batch_id, index, size)?;
    Ok(offers)
}

/// A page that claims a place outside its own export would never be complete.
fn page(batch_id: i32, index: i32, size: i32) -> Result<Option<Page>, Refusal> {
    if size == 0 && index == 0 {
        return Ok(None);
    }
    let bad = Refusal::part(Part::Payload, Problem::OutOfRange);
    let (Ok(index), Ok(size)) = (u32::try_from(index), u32::try_from(size)) else { return Err(bad) };
    if size > MAX_PAGES || index >= size {
        return Err(bad);
    }
    Ok(Some(Page { batch_id, index, size }))
}

fn entry(message: &[u8]) -> Result<Offer, Refusal> {
    let (mut secret, mut name, mut issuer): (&[u8], &[u8], &[u8]) = (&[], &[], &[]);
    let (mut algorithm, mut digits, mut kind, mut counter) = (0, 0, 0, 0_u64);
    for field in fields(message) {
        let field = field.map_err(|error| broken(error, Part::Entry))?;
        match (field.number, field.value) {
            (1, Value::Bytes(bytes)) => secret = bytes,
            (2, Value::Bytes(bytes)) => name = bytes,
            (3, Value::Bytes(bytes)) => issuer = bytes,
            (4, Value::Varint(number)) => algorithm = int32(number),
            (5, Value::Varint(number)) => digits = int32(number),
            (6, Value::Varint(number)) => kind = int32(number),
            (7, Value::Varint(number)) => counter = number,
            _ => {}
        }
    }
    let secret = match secret.len() {
        0 => return Err(Refusal::part(Part::Secret, Problem::Missing)),
        length if length > MAX_BYTES => return Err(Refusal::part(Part::Secret, Problem::TooLong)),
        _ => SecretBytes::copy_of(secret),
    };
    let algorithm = match algorithm {
        0 | 1 => Algorithm::Sha1,
        2 => Algorithm::Sha256,
        3 => Algorithm::Sha512,
        4 => return Err(Refusal::Unsupported(Unsupported::Md5)),
        _ => return Err(Refusal::part(Part::Algorithm, Problem::Unknown)),
    };
    let digits = match digits {
        0 | 1 => Digits::SIX,
        2 => Digits::EIGHT,
        _ => return Err(Refusal::part(Part::Digits, Problem::Unknown)),
    };
    let names = Names::from_label(utf8(name, Part::Label)?, utf8(issuer, Part::Issuer)?)?;
    let credential = match kind {
        0 | 2 => Credential::new(CodeSpec::Totp { algorithm, digits, period: Period::THIRTY, t0: 0 }, secret),
        1 if counter.cast_signed() < 0 => return Err(Refusal::part(Part::Counter, Problem::OutOfRange)),
        1 => Credential { counter, ..Credential::new(CodeSpec::Hotp { algorithm, digits }, secret) },
        _ => return Err(Refusal::part(Part::Type, Problem::Unknown)),
    };
    Ok(offer(names, credential))
}

/// A string of proto3 is UTF-8.
fn utf8(bytes: &[u8], part: Part) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes).map_err(|_| Refusal::part(part, Problem::BadEncoding))
}

/// An int32 or enum: the low half of the number, whose sign was extended to 64 bits.
fn int32(number: u64) -> i32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    i32::from_le_bytes([a, b, c, d])
}

fn broken(error: WireError, part: Part) -> Refusal {
    match error {
        WireError::Truncated => Refusal::part(part, Problem::Truncated),
        WireError::Malformed => Refusal::part(part, Problem::BadEncoding),
    }
}

/// Longest link that is read, in bytes.
pub const MAX_TEXT: usize = 64 * 1024;
/// Most entries of one page.
pub const MAX_ENTRIES: u32 = 1000;
/// Most pages of one export; Google puts ten entries on a page.
pub const MAX_PAGES: u32 = 256;

const SCHEME: &str = "otpauth-migration";
