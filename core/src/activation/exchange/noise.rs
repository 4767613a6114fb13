//! The handshake: Noise_NKpsk0_25519_ChaChaPoly_SHA256 (Noise revision 34), two messages.
//!
//! The device knows the issuer's static key and the pre-shared key of its door; the issuer finds the
//! latter by the activation id that stands in clear in the prologue. Both payloads are encrypted.
//! A message that does not open leaves the waiting side as it was: the right one may still come.
//! The library's own state is on the heap and lives only while an answer is awaited; it is never stored.

use snow::{Builder, HandshakeState};
use zeroize::Zeroizing;

use super::resolver::Resolver;
use crate::random::{NoRandom, Random};
use crate::secret::{Key, SecretBytes};

/// Why a handshake does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// No random bytes.
    #[error(transparent)]
    NoRandom(#[from] NoRandom),
    /// The message is not from the other side of this handshake, damaged, or not in turn.
    #[error("the handshake message does not open")]
    NotAuthentic,
    /// Longer than [`MAX_MESSAGE`].
    #[error("the handshake message is too long")]
    TooLong,
}

/// The device's side, waiting for message 2. No `Debug`, no `Clone`.
pub struct Initiator(Box<HandshakeState>);

/// The issuer's side, with message 1 read. No `Debug`, no `Clone`.
pub struct Responder(Box<HandshakeState>);

impl Initiator {
    /// Message 1 with `payload` inside, over a fresh ephemeral key.
    pub fn start(
        prologue: &[u8],
        issuer: &[u8; 32],
        psk: &Key<32>,
        payload: &[u8],
        random: &Random,
    ) -> Result<(Self, Vec<u8>), HandshakeError> {
        Self::start_with(prologue, issuer, psk, payload, random.key()?)
    }

    /// [`start`](Self::start) over a given ephemeral key.
    fn start_with(
        prologue: &[u8],
        issuer: &[u8; 32],
        psk: &Key<32>,
        payload: &[u8],
        ephemeral: Key<32>,
    ) -> Result<(Self, Vec<u8>), HandshakeError> {
        let builder = builder(prologue, psk, ephemeral)?.remote_public_key(issuer).map_err(failed)?;
        let mut state = Box::new(builder.build_initiator().map_err(failed)?);
        let message = write(&mut state, payload)?;
        Ok((Self(state), message))
    }

    /// The payload of message 2 and the handshake hash. After an error it waits on.
    pub fn finish(&mut self, message: &[u8]) -> Result<(SecretBytes, [u8; 32]), HandshakeError> {
        let payload = read(&mut self.0, message)?;
        Ok((payload, hash(&self.0)?))
    }
}

impl Responder {
    /// Reads message 1; gives its payload.
    pub fn read(
        prologue: &[u8],
        private: &Key<32>,
        psk: &Key<32>,
        message: &[u8],
        random: &Random,
    ) -> Result<(Self, SecretBytes), HandshakeError> {
        Self::read_with(prologue, private, psk, message, random.key()?)
    }

    /// [`read`](Self::read) with a given ephemeral key for the answer.
    fn read_with(
        prologue: &[u8],
        private: &Key<32>,
        psk: &Key<32>,
        message: &[u8],
        ephemeral: Key<32>,
    ) -> Result<(Self, SecretBytes), HandshakeError> {
        let builder =
            builder(prologue, psk, ephemeral)?.local_private_key(private.expose()).map_err(failed)?;
        let mut state = Box::new(builder.build_responder().map_err(failed)?);
        let payload = read(&mut state, message)?;
        Ok((Self(state), payload))
    }

    /// Message 2 with `payload` inside, and the handshake hash.
    pub fn answer(mut self, payload: &[u8]) -> Result<(Vec<u8>, [u8; 32]), HandshakeError> {
        let message = write(&mut self.0, payload)?;
        Ok((message, hash(&self.0)?))
    }
}

fn builder<'a>(
    prologue: &'a [u8],
    psk: &'a Key<32>,
    ephemeral: Key<32>,
) -> Result<Builder<'a>, HandshakeError> {
    let params = PROTOCOL.parse().map_err(failed)?;
    let resolver = Box::new(Resolver::new(ephemeral));
    Builder::with_resolver(params, resolver)
        .prologue(prologue)
        .and_then(|builder| builder.psk(0, psk.expose()))
        .map_err(failed)
}

fn write(state: &mut HandshakeState, payload: &[u8]) -> Result<Vec<u8>, HandshakeError> {
    let length = payload.len().saturating_add(OVERHEAD);
    if length > MAX_MESSAGE {
        return Err(HandshakeError::TooLong);
    }
    let mut message = vec![0; length];
    let written = state.write_message(payload, &mut message).map_err(failed)?;
    // A cipher that failed has written less; such a message must not leave.
    if written == length { Ok(message) } else { Err(HandshakeError::NotAuthentic) }
}

fn read(state: &mut HandshakeState, message: &[u8]) -> Result<SecretBytes, HandshakeError> {
    if message.len() > MAX_MESSAGE {
        return Err(HandshakeError::TooLong);
    }
    let mut payload = Zeroizing::new(vec![0; message.len()]);
    let length = state.read_message(message, &mut payload).map_err(failed)?;
    payload.truncate(length);
    Ok(SecretBytes::new(std::mem::take(&mut *payload)))
}

fn hash(state: &HandshakeState) -> Result<[u8; 32], HandshakeError> {
    state.get_handshake_hash().try_into().map_err(|_| HandshakeError::NotAuthentic)
}

fn failed(_: snow::Error) -> HandshakeError {
    HandshakeError::NotAuthentic
}

/// The longest handshake message in bytes; either side refuses more before it looks.
pub const MAX_MESSAGE: usize = 4096;
/// The protocol's name.
pub const PROTOCOL: &str = "Noise_NKpsk0_25519_ChaChaPoly_SHA256";
/// An ephemeral key and a tag.
const OVERHEAD: usize = 48;

#[cfg(test)]
#[path = "noise_tests.rs"]
mod tests;
