//! The sealed QR code of Entrust v1: `SCHEME://?action=secactivate&enc=E&v=1&mac=M`.
//!
//! | Item | Definition |
//! |---|---|
//! | E | percent-encoded Base64 of salt (8 bytes) ‖ AES-128-CBC ciphertext, PKCS#7 |
//! | keys | PBKDF2-HMAC-SHA256(password, salt, 1000): AES key 16 ‖ MAC key 32 ‖ IV 16 |
//! | M | percent-encoded Base64 of the first 12 bytes of HMAC-SHA256 over the text between `?` and `&mac=` |
//! | plaintext | JSON with `sn`, `ac`, `policy` (JSON inside a string), `regurl` |
//!
//! Order: parse, limits, MAC in constant time, only then decrypt, padding, JSON. The MAC covers the
//! text as received; nothing is re-encoded before it is checked.

use std::num::NonZeroU32;

use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use ring::{hmac, pbkdf2};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{V1Details, host_of};
use crate::activation::qr_password;
use crate::activation::request::Refusal;
use crate::activation::state::FieldProblem;
use crate::codec::decimal::{ActivationCode, SerialNumber};
use crate::error::{Part, Problem, Unsupported};
use crate::secret::Key;

/// A well-formed sealed QR code, not opened yet. No `Debug`.
pub struct SealedQr {
    pub(super) salt: [u8; 8],
    pub(super) ciphertext: Vec<u8>,
    pub(super) mac: [u8; 12],
    pub(super) mac_input: String,
}

/// What a sealed QR code held. No `Debug`, no `Clone`.
pub struct OpenedV1 {
    /// Serial number, activation code and the issuer's host.
    pub details: V1Details,
    /// The policy as it was written, if there is one.
    pub policy_text: Option<String>,
    /// Where the vendor's app registers; never contacted.
    pub registration_url: Option<String>,
}

/// What a v1 policy says, where it says it in a way that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct V1Policy {
    /// `allowUnsecured`: a device without screen lock is accepted.
    pub allow_unsecured: Option<bool>,
    /// `trustedExecution` is `NOT_ALLOWED`, or something else.
    pub trusted_execution_allowed: Option<bool>,
}

impl SealedQr {
    /// The most bytes of a text that is looked at.
    pub const MAX_TEXT: usize = 2048;

    /// True when `text` begins as a v1 action of any kind; the scheme is the issuer's choice.
    pub fn looks_like(text: &str) -> bool {
        query(text).is_some()
    }

    /// Reads the text; white space around it is the caller's to remove.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > Self::MAX_TEXT {
            return Err(Refusal::part(Part::Text, Problem::TooLong));
        }
        let query = query(text).ok_or(Refusal::NotForThisApp)?;
        let parameters = Parameters::read(query)?;
        // A space is a `+` that some reader took for a form's space.
        let enc = strict_base64(Part::Payload, parameters.enc, |text| text.replace(' ', "+"))?;
        let mac = strict_base64(Part::Mac, parameters.mac, |text| text)?;
        let (salt, ciphertext) =
            enc.split_first_chunk().ok_or(FieldProblem::whole(Part::Payload, Problem::TooShort))?;
        match ciphertext.len() {
            0 => return Err(Refusal::part(Part::Payload, Problem::TooShort)),
            length if !length.is_multiple_of(BLOCK) => {
                return Err(Refusal::part(Part::Payload, Problem::Truncated));
            }
            _ => {}
        }
        let wrong_length = if mac.len() < MAC_BYTES { Problem::TooShort } else { Problem::TooLong };
        Ok(Self {
            salt: *salt,
            ciphertext: ciphertext.to_vec(),
            mac: mac.try_into().map_err(|_| FieldProblem::whole(Part::Mac, wrong_length))?,
            mac_input: parameters.mac_input.to_owned(),
        })
    }

    /// Opens it with the eight digits of the password. [`Refusal::WrongPassword`] also when the text was
    /// changed: the MAC cannot tell.
    pub fn open(&self, password: &[u8]) -> Result<OpenedV1, Refusal> {
        let password = qr_password::read(password)?;
        let keys = Keys::derive(password.expose(), &self.salt);
        let mac = keys.sign(&self.mac_input);
        let expected = mac.as_ref().first_chunk::<MAC_BYTES>().ok_or(Refusal::WrongPassword)?;
        if !bool::from(expected.ct_eq(&self.mac)) {
            return Err(Refusal::WrongPassword);
        }
        OpenedV1::from_json(&keys.decrypt(&self.ciphertext)?)
    }
}

impl OpenedV1 {
    fn from_json(plaintext: &[u8]) -> Result<Self, Refusal> {
        let malformed = Refusal::part(Part::Plaintext, Problem::BadEncoding);
        // The JSON reader looks neither into ignored texts nor, for a list, at the names of members.
        let Some(text) =
            std::str::from_utf8(plaintext).ok().filter(|text| text.trim_start().starts_with('{'))
        else {
            return Err(malformed);
        };
        let members: Members = serde_json::from_str(text).map_err(|_| malformed)?;
        let serial = members.sn.ok_or(Refusal::part(Part::SerialNumber, Problem::Missing))?;
        let code = members.ac.map(Zeroizing::new);
        let code = code.ok_or(Refusal::part(Part::ActivationCode, Problem::Missing))?;
        let details = V1Details {
            serial: SerialNumber::parse(&serial)
                .map_err(|error| FieldProblem::of_code(Part::SerialNumber, error))?,
            activation_code: ActivationCode::parse(&code)
                .map_err(|error| FieldProblem::of_code(Part::ActivationCode, error))?,
            issuer: members.regurl.as_deref().map_or_else(String::new, host_of),
        };
        Ok(Self { details, policy_text: members.policy, registration_url: members.regurl })
    }

    /// What the policy says; unknown members and texts that are no JSON say nothing.
    pub fn policy(&self) -> V1Policy {
        let value = |name: &str| {
            let policy = self.policy_text.as_deref()?;
            serde_json::from_str::<serde_json::Value>(policy).ok()?.get(name).cloned()
        };
        let as_text = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => Some(text.to_ascii_lowercase()),
            serde_json::Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        };
        V1Policy {
            allow_unsecured: value("allowUnsecured").and_then(as_text).and_then(|text| text.parse().ok()),
            trusted_execution_allowed: value("trustedExecution")
                .and_then(as_text)
                .map(|text| text != "not_allowed"),
        }
    }
}

/// The members that matter; others are ignored, a second one of the same name is malformed.
#[derive(Deserialize)]
struct Members {
    sn: Option<String>,
    ac: Option<String>,
    policy: Option<String>,
    regurl: Option<String>,
}

/// The three keys behind a password.
pub(super) struct Keys {
    pub(super) aes: Key<16>,
    pub(super) mac: Key<32>,
    pub(super) iv: Key<16>,
}

impl Keys {
    pub(super) fn derive(password: &[u8], salt: &[u8; 8]) -> Self {
        let mut bytes = Zeroizing::new([0; 64]);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, KEY_ROUNDS, salt, password, bytes.as_mut_slice());
        let mut places = bytes.iter();
        let mut next = || places.next().copied().unwrap_or_default();
        Self {
            aes: Key::new(std::array::from_fn(|_| next())),
            mac: Key::new(std::array::from_fn(|_| next())),
            iv: Key::new(std::array::from_fn(|_| next())),
        }
    }

    pub(super) fn sign(&self, text: &str) -> hmac::Tag {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.mac.expose()), text.as_bytes())
    }

    /// Only after the MAC was found right.
    pub(super) fn decrypt(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let length = cbc::Decryptor::<Aes128>::new(self.aes.expose().into(), self.iv.expose().into())
            .decrypt_padded::<Pkcs7>(&mut buffer)
            .map_err(|_| Refusal::part(Part::Plaintext, Problem::BadEncoding))?
            .len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

/// The text after `SCHEME://?` when it begins with an action.
fn query(text: &str) -> Option<&str> {
    let (scheme, query) = text.split_once("://?")?;
    let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (valid && query.starts_with("action=")).then_some(query)
}

/// The parameters as received.
struct Parameters<'a> {
    enc: &'a str,
    mac: &'a str,
    mac_input: &'a str,
}

impl<'a> Parameters<'a> {
    /// Exactly one of each, `mac` last; other parameters are the MAC's business. Nothing is known of
    /// other actions and versions, so nothing more is asked of them.
    fn read(query: &'a str) -> Result<Self, Refusal> {
        let one = |name: &str, part| {
            let mut values = query.split('&').filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            match (values.next(), values.next()) {
                (None, _) => Err(FieldProblem::whole(part, Problem::Missing)),
                (Some(_), Some(_)) => Err(FieldProblem::whole(part, Problem::Duplicate)),
                (Some(""), None) => Err(FieldProblem::whole(part, Problem::Empty)),
                (Some(value), None) => Ok(value),
            }
        };
        if one("action", Part::Type)? != "secactivate" || one("v", Part::Version)? != "1" {
            return Err(Refusal::Unsupported(Unsupported::ActivationType));
        }
        let (enc, mac) = (one("enc", Part::Payload)?, one("mac", Part::Mac)?);
        match query.rsplit_once("&mac=") {
            Some((mac_input, last)) if last == mac => Ok(Self { enc, mac, mac_input }),
            _ => Err(Refusal::part(Part::Mac, Problem::Mismatch)),
        }
    }
}

/// Percent-encoded Base64 with padding, strictly.
fn strict_base64(part: Part, value: &str, repair: fn(String) -> String) -> Result<Vec<u8>, FieldProblem> {
    let malformed = || FieldProblem::whole(part, Problem::BadEncoding);
    let broken_escape = value
        .split('%')
        .skip(1)
        .any(|after| !after.get(..2).is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit())));
    if broken_escape {
        return Err(malformed());
    }
    let text = percent_decode_str(value).decode_utf8().map_err(|_| malformed())?;
    STANDARD.decode(repair(text.into_owned())).map_err(|_| malformed())
}

const KEY_ROUNDS: NonZeroU32 = match NonZeroU32::new(1000) {
    Some(rounds) => rounds,
    None => NonZeroU32::MIN,
};
const BLOCK: usize = 16;
const MAC_BYTES: usize = 12;
