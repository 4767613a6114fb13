//! OCRA, the challenge/response algorithm (RFC 6287 with its errata).
//!
//! The response is an HMAC over the suite's text and the inputs that the suite names:
//!
//! | Input | Bytes |
//! |---|---|
//! | suite | its text as it was written, then one zero byte |
//! | `C` counter | 8 |
//! | `Q` question | 128, padded with zeros on the right (`question.rs`) |
//! | `P` PIN | its hash, 20, 32 or 64 |
//! | `S` session | as many as the suite says, padded with zeros on the left |
//! | `T` time | 8, whole steps since 1970 (erratum 3899: a number, not its text) |
//!
//! The text is part of the message, so `QH10-S` and `QH10-S064` mean the same and answer differently.
//! tiqr apps put the hexadecimal digits of any question in as bytes, which is what a `QH` suite says;
//! a `QN` question is converted from decimal here as the RFC has it, and a server that does otherwise
//! has to say `QH`.

mod question;
mod suite;

pub use suite::{OcraSuite, Question, QuestionKind, SuiteError};

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use zeroize::{Zeroize, Zeroizing};

use super::mac::hmac;
use super::truncate::truncate;
use super::{Algorithm, Code, OtpError};
use crate::codec::hex;
use crate::time::UnixTime;

/// What a response may be made of. Inputs that the suite does not name are not used.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The counter, for suites with `C`.
    pub counter: Option<u64>,
    /// The challenge; in mutual mode both questions, one after the other (RFC 6287 section 7.2).
    pub question: &'a str,
    /// The PIN as the user types it, for suites with `P`; it is hashed here.
    pub pin: Option<&'a [u8]>,
    /// Session information, for suites with `S`.
    pub session: Option<&'a [u8]>,
    /// The time, for suites with `T`.
    pub time: Option<UnixTime>,
}

/// The response to `inputs` (RFC 6287 section 5): decimal digits, or the whole HMAC in lower-case
/// hexadecimal (40, 64 or 128 characters) for a suite of 0 digits (erratum 5625).
pub fn respond(suite: &OcraSuite, key: &[u8], inputs: &Inputs<'_>) -> Result<Code, OtpError> {
    let counter = match (suite.needs_counter(), inputs.counter) {
        (false, _) => None,
        (true, Some(counter)) => Some(counter.to_be_bytes()),
        (true, None) => return Err(OtpError::NeedsCounter),
    };
    let question = question::bytes(suite.question(), inputs.question)?;
    let pin = match (suite.pin_hash(), inputs.pin) {
        (None, _) => None,
        (Some(hash), Some(pin)) => Some(pin_digest(hash, pin)),
        (Some(_), None) => return Err(OtpError::NeedsPin),
    };
    let (padding, session) = match (suite.session_length(), inputs.session) {
        (None, _) => (0, &[][..]),
        (Some(length), Some(session)) => {
            let padding = usize::from(length).checked_sub(session.len()).ok_or(OtpError::SessionTooLong)?;
            (padding, session)
        }
        (Some(_), None) => return Err(OtpError::NeedsSession),
    };
    let step = match (suite.time_step(), inputs.time) {
        (None, _) => None,
        (Some(period), Some(time)) => Some(super::totp_step(time, 0, period).to_be_bytes()),
        (Some(_), None) => return Err(OtpError::NeedsTime),
    };
    let message = [
        suite.as_str().as_bytes(),
        &[0],
        counter.as_ref().map_or(&[][..], |counter| counter),
        question.as_slice(),
        pin.as_deref().map_or(&[][..], Vec::as_slice),
        // The longest session is 512 bytes, so the padding is always there to be cut.
        ZEROS.get(..padding).unwrap_or_default(),
        session,
        step.as_ref().map_or(&[][..], |step| step),
    ];
    Ok(hmac(suite.algorithm(), key, &message, |mac| match suite.digits() {
        0 => Code::long(hex::encode(mac)),
        digits => Code::decimal(truncate(mac), digits),
    }))
}

const ZEROS: [u8; suite::MAX_SESSION as usize] = [0; suite::MAX_SESSION as usize];

fn pin_digest(hash: Algorithm, pin: &[u8]) -> Zeroizing<Vec<u8>> {
    fn digest<D: Digest>(pin: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut digest = D::digest(pin);
        let bytes = Zeroizing::new(digest.to_vec());
        digest.as_mut_slice().zeroize();
        bytes
    }
    match hash {
        Algorithm::Sha1 => digest::<Sha1>(pin),
        Algorithm::Sha256 => digest::<Sha256>(pin),
        Algorithm::Sha512 => digest::<Sha512>(pin),
    }
}
