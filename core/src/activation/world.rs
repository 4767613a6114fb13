//! What the state machine needs from the token around it. One implementation is the token, one a fake in the tests.

use std::collections::HashSet;

use super::draft::Draft;
use super::offline::Stretch;
use crate::TokenError;
use crate::identity::{IdentityId, IdentityName};
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
    /// The draft that began from the same source, if any.
    fn draft_from(&self, source: &[u8; 32]) -> Result<Option<Draft>, TokenError>;
    /// Stores a draft, which reserves its name.
    fn put_draft(&mut self, draft: &Draft) -> Result<(), TokenError>;
    /// Turns a draft into an identity of the same id and name, in one transaction.
    fn finish_draft(&mut self, id: IdentityId) -> Result<(), TokenError>;
    /// Drops a draft and frees its name.
    fn delete_draft(&mut self, id: IdentityId) -> Result<(), TokenError>;
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
