//! The issuer's side of a contact's handshake. It does the same work, and says the same, for a serial number that it does
//! not know and for one whose seed the caller does not have.

use super::messages::Call;
use crate::activation::exchange::messages::{Accepted, Answer};
use crate::activation::exchange::noise::{HandshakeError, Responder};
use crate::activation::exchange::{Header, Refused, SessionKeys, Way};
use crate::identity::encoding::EncodingError;
use crate::random::Random;
use crate::secret::Key;

/// A message 1 that has opened. No `Debug`, no `Clone`.
pub struct Opened {
    /// Which of the keys has opened it.
    pub which: usize,
    /// What it says.
    pub call: Call,
    header: Header,
    responder: Responder,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// None of the keys fits: status 404, whatever the reason.
    #[error("nobody here")]
    Unknown,
    /// It opens and is not understood: status 400.
    #[error("not understood")]
    Malformed(#[from] EncodingError),
    /// No random bytes, or an answer that is too long.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
}

impl Opened {
    /// Opens message 1 with one of at most [`KEYS`] pre-shared keys: those of the living seeds, and of the one that died last.
    /// For an unknown serial number there are none, nor for a header with a key or an address that is not the issuer's;
    /// `private` may be any key then.
    pub fn read(
        header: Header,
        message: &[u8],
        private: &Key<32>,
        psks: &[Key<32>],
        random: &Random,
    ) -> Result<Self, NoAnswer> {
        let (prologue, nobody) = (header.prologue(), Key::new([0; 32]));
        let mut opened = None;
        for at in 0..KEYS {
            let psk = psks.get(at);
            match Responder::read(&prologue, private, psk.unwrap_or(&nobody), message, random) {
                // The key of nobody is known to everybody.
                Ok(read) if psk.is_some() && opened.is_none() => opened = Some((at, read)),
                Ok(_) | Err(HandshakeError::NotAuthentic) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let (which, (responder, payload)) =
            opened.filter(|_| header.way == Way::Contact).ok_or(NoAnswer::Unknown)?;
        Ok(Self { which, call: Call::decode(payload.expose())?, header, responder })
    }

    /// Message 2 and the keys of the session, which have to be stored before it leaves.
    pub fn accept(self, accepted: Accepted) -> Result<(Vec<u8>, SessionKeys), NoAnswer> {
        let (random, policy) = (accepted.random.duplicate(), accepted.policy.clone());
        let payload = Answer::Accepted(Box::new(accepted)).encode()?;
        let (message, hash) = self.responder.answer(payload.expose())?;
        let keys = SessionKeys::derive(&hash, &self.call.random, &random, &self.header.serial, &policy);
        Ok((message, keys))
    }

    /// Message 2 that refuses.
    pub fn refuse(self, refused: Refused) -> Result<Vec<u8>, NoAnswer> {
        Ok(self.responder.answer(Answer::Refused(refused).encode()?.expose())?.0)
    }
}

/// How many keys are tried, always.
pub const KEYS: usize = 3;
