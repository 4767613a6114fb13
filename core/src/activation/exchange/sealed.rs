//! Sealed requests: everything after message 2, under the keys of the session.
//!
//! `session id 16 ‖ number u32 ‖ ChaCha20-Poly1305(key, nonce = 8 zero bytes ‖ number, AD = the 20 bytes before)`,
//! in both directions, each with a key of its own. A number is sealed once in each direction: the device
//! stores number and bytes before it sends, the issuer stores its answer before it answers.
//!
//! Normative text: `core/PROTOCOL.md` section 7.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::messages::{DONE, OUTCOME, REFUSED_KIND, REFUSED_REASON, Refused, TRIES_LEFT, key};
use crate::identity::encoding::{EncodingError, Fields, MapWriter};
use crate::secret::{Key, SecretBytes};

/// What the device asks under a session. No `Debug`, no `Clone`.
pub enum Ask {
    /// Message 3: opens the commitment.
    Finish {
        /// n_d.
        nonce: Key<32>,
    },
    /// Was the registration code accepted?
    Status,
    /// How far are the verifications? Before message 3.
    Verifications {
        /// Bits of refused kinds for which another ticket is wanted.
        again: u64,
    },
}

/// What the issuer answers under a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The token is active.
    Active,
    /// The registration code has to be typed in at the issuer.
    CodeAwaited,
    /// It will not be.
    Refused(Refused),
}

impl Ask {
    /// The CBOR map.
    pub fn encode(&self) -> Result<SecretBytes, EncodingError> {
        match self {
            Self::Finish { nonce } => {
                let mut map = MapWriter::new(2);
                map.number(KIND, FINISH).bytes(NONCE, nonce.expose());
                map.finish()
            }
            Self::Status => {
                let mut map = MapWriter::new(1);
                map.number(KIND, STATUS);
                map.finish()
            }
            Self::Verifications { again } => {
                let mut map = MapWriter::new(2);
                map.number(KIND, VERIFICATIONS).number(AGAIN, *again);
                map.finish()
            }
        }
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &[KIND, NONCE, AGAIN])?;
        match fields.number(KIND)? {
            FINISH => Ok(Self::Finish { nonce: key(&fields, NONCE)? }),
            STATUS => Ok(Self::Status),
            VERIFICATIONS => Ok(Self::Verifications { again: fields.number(AGAIN)? }),
            _ => Err(EncodingError::BadValue(KIND)),
        }
    }
}

impl Standing {
    /// The CBOR map.
    pub fn encode(self) -> Result<SecretBytes, EncodingError> {
        let entries = if let Self::Refused(refused) = self { refused.entries() } else { 0 };
        let mut map = MapWriter::new(entries.saturating_add(1));
        match self {
            Self::Active => _ = map.number(OUTCOME, DONE),
            Self::CodeAwaited => _ = map.number(OUTCOME, CODE_AWAITED),
            Self::Refused(refused) => refused.write(&mut map),
        }
        map.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &[OUTCOME, TRIES_LEFT, REFUSED_KIND, REFUSED_REASON])?;
        if let Some(refused) = Refused::read(&fields)? {
            return Ok(Self::Refused(refused));
        }
        match fields.number(OUTCOME)? {
            DONE => Ok(Self::Active),
            CODE_AWAITED => Ok(Self::CodeAwaited),
            _ => Err(EncodingError::BadValue(OUTCOME)),
        }
    }
}

/// Session and number of a sealed body, in clear; `None` when it is too short or too long to be one.
pub fn head(body: &[u8]) -> Option<([u8; 16], u32)> {
    let (head, sealed) = body.split_first_chunk::<HEAD>()?;
    let (session, number) = head.split_first_chunk::<16>()?;
    let fits = (TAG..=MAX_SEALED).contains(&sealed.len());
    fits.then_some((*session, u32::from_be_bytes(number.try_into().ok()?)))
}

/// Seals `plain` as request or answer `number` of a session; `None` when it is too long.
pub fn seal(key: &Key<32>, session: &[u8; 16], number: u32, plain: &[u8]) -> Option<Vec<u8>> {
    let head = [&session[..], &number.to_be_bytes()].concat();
    let mut sealed = Zeroizing::new(Vec::with_capacity(plain.len().saturating_add(TAG)));
    sealed.extend_from_slice(plain);
    if sealed.len().saturating_add(TAG) > MAX_SEALED {
        return None;
    }
    let tag = cipher(key)?.seal_in_place_separate_tag(nonce(number), Aad::from(&head), &mut sealed).ok()?;
    Some([&head, &sealed[..], tag.as_ref()].concat())
}

/// Opens a body of this session and number; `None` for any other.
pub fn open(key: &Key<32>, session: &[u8; 16], number: u32, body: &[u8]) -> Option<SecretBytes> {
    if head(body)? != (*session, number) {
        return None;
    }
    let (head, sealed) = body.split_first_chunk::<HEAD>()?;
    let mut opened = Zeroizing::new(sealed.to_vec());
    let plain = cipher(key)?.open_in_place(nonce(number), Aad::from(head), &mut opened).ok()?;
    Some(SecretBytes::copy_of(plain))
}

fn cipher(key: &Key<32>) -> Option<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, key.expose()).ok().map(LessSafeKey::new)
}

fn nonce(number: u32) -> Nonce {
    let [a, b, c, d] = number.to_be_bytes();
    Nonce::assume_unique_for_key([0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d])
}

/// The most sealed bytes behind the head, tag included.
pub const MAX_SEALED: usize = 4096;
const HEAD: usize = 20;
const TAG: usize = 16;
const KIND: u32 = 1;
const NONCE: u32 = 2;
const AGAIN: u32 = 3;
const FINISH: u64 = 1;
const STATUS: u64 = 2;
// 3 to 5 are requests of contacts.
const VERIFICATIONS: u64 = 6;
const CODE_AWAITED: u64 = 100;
