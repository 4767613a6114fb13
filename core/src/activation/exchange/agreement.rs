//! What both sides agree on in message 2, judged against the header, the known issuer and what this device can do.

use super::keys::SessionKeys;
use super::messages::{Accepted, decode_policy};
use super::order::Header;
use super::request::ExchangeError;
use crate::identity::Policy;
use crate::secret::Key;
use crate::time::UnixTime;

/// What both sides have agreed on in message 2. No `Debug`, no `Clone`.
pub struct Agreement {
    /// Seed, K_rec and the keys of the session.
    pub keys: SessionKeys,
    /// Equal for all tokens of one user at this issuer.
    pub holder: [u8; 16],
    /// What the issuer demands of the app.
    pub policy: Policy,
    /// The issuer's Ed25519 key, to be pinned with the address.
    pub issuer: [u8; 32],
    /// The issuer's clock when it answered.
    pub time: UnixTime,
}

/// Message 2 as it was taken.
pub(in crate::activation) struct Reached {
    pub(in crate::activation) agreement: Agreement,
    /// Bits of the verifications that come before message 3.
    pub(in crate::activation) wanted: u64,
}

impl Agreement {
    /// From message 2 and the handshake hash behind it, if it is for this header and from an issuer that may be
    /// `known`; `random` is r_d, `can_verify` what message 1 said.
    pub(in crate::activation) fn reach(
        header: &Header,
        known: Option<&[u8; 32]>,
        random: &Key<32>,
        accepted: &Accepted,
        hash: &[u8; 32],
        can_verify: u64,
    ) -> Result<Reached, ExchangeError> {
        if accepted.serial != header.serial {
            return Err(ExchangeError::AnotherSerial);
        }
        accepted.proof.check(&header.address, &header.issuer_key, known)?;
        if accepted.verifications & !can_verify != 0 {
            return Err(ExchangeError::Verification);
        }
        let policy = decode_policy(&accepted.policy).map_err(|_| ExchangeError::BadReply)?;
        let keys = SessionKeys::derive(hash, random, &accepted.random, &header.serial, &accepted.policy);
        let (holder, issuer, time) = (accepted.holder, accepted.proof.key, accepted.time);
        Ok(Reached { agreement: Self { keys, holder, policy, issuer, time }, wanted: accepted.verifications })
    }
}
