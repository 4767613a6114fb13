//! privacyIDEA's two-step enrolment: the link has the server's part of the secret, this device makes the other.
//!
//! The secret is PBKDF2-HMAC-SHA-1 whatever the hash of the codes; its password is the server's part
//! as lower-case hexadecimal *text*. The user carries the device's part to the server as
//! "base32check", and until then the token makes no codes that anybody accepts.

use std::num::NonZeroU32;

use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::request::{Offer, Refusal, Warning};
use super::uri::Query;
use crate::codec::{base32, hex};
use crate::error::{Part, Problem};
use crate::otp::{Algorithm, CodeSpec};
use crate::secret::SecretBytes;

/// An account whose secret is the server's part so far. No `Debug`, no `Clone`.
pub struct TwoStep {
    offer: Offer,
    salt_len: usize,
    output_len: usize,
    rounds: NonZeroU32,
}

impl TwoStep {
    /// From an offer that holds the server's part and the parameters `2step_salt`, `2step_output`
    /// and `2step_difficulty` of its link.
    pub(super) fn new(offer: Offer, query: &Query) -> Result<Self, Refusal> {
        let default_output = match &offer.credential.spec {
            CodeSpec::Totp { algorithm, .. } | CodeSpec::Hotp { algorithm, .. } => hash_len(*algorithm),
            _ => return Err(Refusal::part(Part::TwoStep, Problem::Mismatch)),
        };
        let length = |name, default: usize, least: usize, most: usize| {
            let length = match query.number(name, Part::TwoStep)? {
                Some(number) => usize::try_from(number).ok(),
                None => Some(default),
            };
            length
                .filter(|length| (least..=most).contains(length))
                .ok_or(Refusal::part(Part::TwoStep, Problem::OutOfRange))
        };
        let salt_len = length("2step_salt", DEFAULT_SALT, 1, MAX_SALT)?;
        let output_len = length("2step_output", default_output, MIN_OUTPUT, MAX_OUTPUT)?;
        let rounds = match query.number("2step_difficulty", Part::TwoStep)? {
            Some(number) => u32::try_from(number).ok().filter(|rounds| *rounds <= MAX_ROUNDS),
            None => Some(DEFAULT_ROUNDS),
        };
        let rounds =
            rounds.and_then(NonZeroU32::new).ok_or(Refusal::part(Part::TwoStep, Problem::OutOfRange))?;
        Ok(Self { offer, salt_len, output_len, rounds })
    }

    /// The account; its secret is the server's part, which makes no valid codes.
    pub fn offer(&self) -> &Offer {
        &self.offer
    }

    /// Number of random bytes that this device's part must have.
    pub fn salt_len(&self) -> usize {
        self.salt_len
    }

    /// Number of bytes of the final secret.
    pub fn output_len(&self) -> usize {
        self.output_len
    }

    /// Rounds of PBKDF2: a million take about a second, so nothing else should wait for it.
    pub fn rounds(&self) -> u32 {
        self.rounds.get()
    }

    /// The complete account, and this device's part as the user types it at the server. Refused when
    /// `client_part` has not [`salt_len`](Self::salt_len) bytes: the server would refuse it too.
    pub fn finish(&self, client_part: &[u8]) -> Result<(Offer, Zeroizing<String>), Refusal> {
        if client_part.len() != self.salt_len {
            return Err(Refusal::part(Part::TwoStep, Problem::Mismatch));
        }
        let mut offer = self.offer.duplicate();
        let password = hex::encode(offer.credential.secret.expose());
        let mut secret = Zeroizing::new(vec![0; self.output_len]);
        let method = ring::pbkdf2::PBKDF2_HMAC_SHA1;
        ring::pbkdf2::derive(method, self.rounds, client_part, password.as_bytes(), &mut secret);
        offer.credential.secret = SecretBytes::new(std::mem::take(&mut secret));
        // These spoke of the server's part; the final secret has 128 bits or more.
        offer.warnings.retain(|warning| !matches!(warning, Warning::ShortSecret | Warning::LeftoverBits));
        Ok((offer, base32check(client_part)))
    }
}

/// Base32 of the first four bytes of SHA-1 over `payload`, then `payload`. The server takes it
/// without separators only: show it in groups, copy it plain.
pub fn base32check(payload: &[u8]) -> Zeroizing<String> {
    let hash = Sha1::digest(payload);
    let checked: Zeroizing<Vec<u8>> = Zeroizing::new(hash.iter().take(4).chain(payload).copied().collect());
    base32::encode(&checked)
}

/// privacyIDEA's default output is the key length of the hash.
fn hash_len(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Sha1 => 20,
        Algorithm::Sha256 => 32,
        Algorithm::Sha512 => 64,
    }
}

/// Most bytes of this device's part; privacyIDEA's default is 8.
pub const MAX_SALT: usize = 64;
/// Fewest bytes of the final secret (RFC 4226 R6).
pub const MIN_OUTPUT: usize = 16;
/// Most bytes of the final secret: the block of HMAC-SHA-256.
pub const MAX_OUTPUT: usize = 64;
/// Most rounds of PBKDF2: a link must not stop the app.
pub const MAX_ROUNDS: u32 = 1_000_000;

const DEFAULT_SALT: usize = 8;
const DEFAULT_ROUNDS: u32 = 10_000;
