//! Who an issuer is: an address and an Ed25519 key (RFC 8032), which signs the key of the handshake.
//!
//! For a known address only the key that was seen first is accepted, or one that it has signed itself.
//! Normative text: `core/PROTOCOL.md` section 7.

use ring::signature::{ED25519, UnparsedPublicKey};

use super::messages::array;
use crate::activation::address::Address;
use crate::activation::issuer_key::IssuerKey;
use crate::activation::offline::length;
use crate::identity::encoding::{EncodingError, Fields, MapWriter};
use crate::secret::SecretBytes;

/// What an issuer proves itself with in message 2. No secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerProof {
    /// The issuer's Ed25519 public key.
    pub key: [u8; 32],
    /// Its signature of [`handshake_key_text`].
    pub signature: [u8; 64],
    /// The key before it, with that one's signature of [`successor_text`].
    pub predecessor: Option<Handover>,
}

/// The key that an issuer had before, and its signature of [`successor_text`].
pub type Handover = ([u8; 32], [u8; 64]);

/// What an issuer's address answers at [`IssuerCard::PATH`]: the key for the handshake of a typed door.
///
/// It rests on TLS alone for an address that was never seen before; the registration code makes good for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerCard {
    /// The key for the handshake.
    pub handshake_key: IssuerKey,
    /// Who says so.
    pub proof: IssuerProof,
}

/// Why a proof is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A signature does not fit.
    #[error("a signature of the issuer does not fit")]
    Signature,
    /// This address belongs to another key, which has not named this one its successor.
    #[error("the address is known with another issuer key")]
    AnotherIssuer,
}

impl IssuerProof {
    /// Takes the proof for `address` and the key that the handshake was made with, or says why not.
    /// `known` is the key that was seen at this address before.
    pub fn check(
        &self,
        address: &Address,
        handshake_key: &IssuerKey,
        known: Option<&[u8; 32]>,
    ) -> Result<(), ProofError> {
        verify(&self.key, &handshake_key_text(address, handshake_key), &self.signature)?;
        match (known, &self.predecessor) {
            (None, _) => Ok(()),
            (Some(known), _) if *known == self.key => Ok(()),
            (Some(known), Some((key, signature))) if known == key => {
                verify(key, &successor_text(address, &self.key), signature)
            }
            (Some(_), _) => Err(ProofError::AnotherIssuer),
        }
    }
}

impl IssuerCard {
    /// The path under the issuer's address.
    pub const PATH: &str = "/.well-known/softtoken";

    /// The CBOR map.
    pub fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let IssuerProof { key, signature, predecessor } = &self.proof;
        let mut map = MapWriter::new(3 + 2 * u64::from(predecessor.is_some()));
        map.bytes(HANDSHAKE_KEY, self.handshake_key.bytes()).bytes(KEY, key).bytes(SIGNATURE, signature);
        if let Some((key, signature)) = predecessor {
            map.bytes(PREDECESSOR, key).bytes(HANDOVER, signature);
        }
        map.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote. Nothing is proven before [`IssuerProof::check`].
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &[HANDSHAKE_KEY, KEY, SIGNATURE, PREDECESSOR, HANDOVER])?;
        let handshake_key = IssuerKey::new(array(&fields, HANDSHAKE_KEY)?);
        Ok(Self {
            handshake_key: handshake_key.map_err(|_| EncodingError::BadValue(HANDSHAKE_KEY))?,
            proof: IssuerProof {
                key: array(&fields, KEY)?,
                signature: array(&fields, SIGNATURE)?,
                predecessor: handover(&fields, PREDECESSOR, HANDOVER)?,
            },
        })
    }
}

/// The key before and its signature: both or neither.
pub(super) fn handover(
    fields: &Fields<'_>,
    key: u32,
    signature: u32,
) -> Result<Option<Handover>, EncodingError> {
    match (fields.optional_bytes(key)?, fields.optional_bytes(signature)?) {
        (None, None) => Ok(None),
        _ => Ok(Some((array(fields, key)?, array(fields, signature)?))),
    }
}

/// What the issuer's key signs: this address speaks with this X25519 key.
pub fn handshake_key_text(address: &Address, key: &IssuerKey) -> Vec<u8> {
    let address = address.ascii().as_bytes();
    [ISSUER_LABEL, &length(address), address, key.bytes()].concat()
}

/// What a key signs to name the one after it.
pub fn successor_text(address: &Address, successor: &[u8; 32]) -> Vec<u8> {
    let address = address.ascii().as_bytes();
    [SUCCESSOR_LABEL, &length(address), address, successor].concat()
}

fn verify(key: &[u8; 32], text: &[u8], signature: &[u8; 64]) -> Result<(), ProofError> {
    UnparsedPublicKey::new(&ED25519, key).verify(text, signature).map_err(|_| ProofError::Signature)
}

/// Begins what an issuer signs about its X25519 key.
pub const ISSUER_LABEL: &[u8] = b"softtoken/2 issuer";
/// Begins what an issuer signs about its next Ed25519 key.
pub const SUCCESSOR_LABEL: &[u8] = b"softtoken/2 successor";
const HANDSHAKE_KEY: u32 = 1;
const KEY: u32 = 2;
const SIGNATURE: u32 = 3;
const PREDECESSOR: u32 = 4;
const HANDOVER: u32 = 5;
