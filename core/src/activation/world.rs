//! What the state machine needs from the token around it. One implementation is the token, one a fake in the tests.

use std::collections::HashSet;

use super::address::Address;
use super::draft::Draft;
use super::offline::Stretch;
use super::online_draft::OnlineDraft;
use super::pending::Pending;
use crate::TokenError;
use crate::codec::decimal::SerialNumber;
use crate::identity::{IdentityId, IdentityName, PinRules};
use crate::random::Random;
use crate::time::UnixTime;
use crate::vault::NewIdentity;

/// The token as an activation sees it.
pub(crate) trait World {
    /// Whether a PIN is needed first.
    fn phase(&self) -> Phase;
    /// Length of the PIN of the open vault; 0 when it is not known.
    fn pin_digits(&self) -> Result<u8, TokenError>;
    /// The device's clock, read before the token was locked for this step.
    fn now(&self) -> UnixTime;
    /// Random bytes.
    fn random(&self) -> &Random;
    /// The slow derivation of offline activations.
    fn stretch(&self) -> &Stretch;
    /// True when an identity or a draft has this name, however it is written.
    fn is_taken(&self, name: &IdentityName) -> Result<bool, TokenError>;
    /// A free name close to `wanted` (or `wanted` itself) whose skeleton is not among `also_taken`.
    fn free_name(
        &self,
        wanted: &IdentityName,
        also_taken: &HashSet<String>,
    ) -> Result<IdentityName, TokenError>;
    /// Stores identities in one transaction.
    fn add(&mut self, identities: Vec<NewIdentity>) -> Result<Vec<IdentityId>, TokenError>;
    /// Everything that is pending, oldest first.
    fn pending(&self) -> Result<Vec<Pending>, TokenError>;
    /// True when this is an identity, not pending any longer.
    fn is_identity(&self, id: IdentityId) -> Result<bool, TokenError>;
    /// The Ed25519 key that this address was proven with.
    fn known_issuer(&self, address: &Address) -> Result<Option<[u8; 32]>, TokenError>;
    /// The name of the identity with this serial number in a group whose holder is proven.
    fn name_of(&self, _: &Address, _: &SerialNumber) -> Result<Option<IdentityName>, TokenError> {
        Ok(None)
    }
    /// Stores a draft, which reserves its name.
    fn put_draft(&mut self, draft: &Draft) -> Result<(), TokenError>;
    /// Stores an activation over the network, which reserves its name; with `grouped` under the key of its
    /// group. Keeps its hash up to date, and takes over a name that the user has changed meanwhile.
    ///
    /// # Errors
    /// `StaleInput` when something else is stored than it says: another handle has gone on.
    fn put_online(&mut self, draft: &mut OnlineDraft, grouped: bool) -> Result<(), TokenError>;
    /// Turns a draft into an identity of the same id and name, in one transaction.
    fn finish_draft(&mut self, id: IdentityId) -> Result<(), TokenError>;
    /// Drops a draft and frees its name.
    fn delete_draft(&mut self, id: IdentityId) -> Result<(), TokenError>;
}

impl dyn World + '_ {
    /// True when the rules demand a longer PIN than the vault has.
    pub(super) fn pin_is_too_short(&self, rules: PinRules) -> Result<bool, TokenError> {
        let digits = self.pin_digits()?;
        Ok(digits > 0 && digits < rules.min_digits)
    }

    /// A free name close to `name`, if that is taken.
    pub(super) fn free_name_if_taken(&self, name: &IdentityName) -> Result<Option<String>, TokenError> {
        match self.is_taken(name)? {
            true => Ok(Some(self.free_name(name, &HashSet::new())?.as_str().to_owned())),
            false => Ok(None),
        }
    }
}

/// Whether a PIN is needed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No PIN was ever set.
    Fresh,
    /// The PIN is needed.
    Locked,
    /// The vault is open.
    Open,
}
