//! The issuer's X25519 key as a link carries it.
//!
//! The points of small order are refused (RFC 7748 section 6.1): with one of them the handshake's
//! Diffie-Hellman result would be zero for every device, and known to everyone.

use super::state::FieldProblem;
use crate::error::{Part, Problem};

/// A public key that can take part in a handshake. Not a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuerKey([u8; 32]);

impl IssuerKey {
    /// Refuses the points of small order in any spelling (RFC 7748: the top bit is ignored).
    pub fn new(bytes: [u8; 32]) -> Result<Self, FieldProblem> {
        let mut masked = bytes;
        if let Some(last) = masked.last_mut() {
            *last &= 0x7f;
        }
        if SMALL_ORDER.contains(&masked) {
            return Err(FieldProblem::whole(Part::IssuerKey, Problem::OutOfRange));
        }
        Ok(Self(bytes))
    }

    /// The 32 bytes, as in RFC 7748.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The u-coordinates 0, 1, two of order 8, p-1, p and p+1, little-endian.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    edge(1, 0, 0),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
        0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04,
        0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
    ],
    edge(0xec, 0xff, 0x7f),
    edge(0xed, 0xff, 0x7f),
    edge(0xee, 0xff, 0x7f),
];

const fn edge(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}
