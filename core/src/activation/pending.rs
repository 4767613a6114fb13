//! Everything that can be pending: what the user finishes at the issuer, and what the network finishes.

use zeroize::Zeroizing;

use super::draft::Draft;
use super::online_draft::OnlineDraft;
use crate::identity::encoding::EncodingError;
use crate::identity::{IdentityId, IdentityName, Policy};

/// A pending identity. No `Debug`, no `Clone`.
pub(crate) enum Pending {
    /// Complete; it waits for the user's word.
    Complete(Box<Draft>),
    /// An activation over the network.
    Online(Box<OnlineDraft>),
}

impl Pending {
    /// Reads the body of the draft `id`, which reserves `name`.
    pub(crate) fn decode(
        id: IdentityId,
        name: Option<IdentityName>,
        bytes: &[u8],
    ) -> Result<Self, EncodingError> {
        match name {
            Some(name) if OnlineDraft::is_one(bytes) => {
                Ok(Self::Online(Box::new(OnlineDraft::decode(id, name, bytes)?)))
            }
            _ => Ok(Self::Complete(Box::new(Draft::decode(id, bytes)?))),
        }
    }

    /// Becomes the identity's id.
    pub(crate) fn id(&self) -> IdentityId {
        match self {
            Self::Complete(draft) => draft.id,
            Self::Online(draft) => draft.id,
        }
    }

    /// SHA-256 of what it began from.
    pub(crate) fn source(&self) -> &[u8; 32] {
        match self {
            Self::Complete(draft) => &draft.source,
            Self::Online(draft) => &draft.source,
        }
    }

    /// What the user types at the issuer, once there is something.
    pub(crate) fn registration_code(&self) -> Option<Zeroizing<String>> {
        match self {
            Self::Complete(draft) => Some(draft.registration_code.clone()),
            Self::Online(draft) => draft.registration_code(),
        }
    }

    /// What the issuer demands, as far as it is known.
    pub(crate) fn policy(&self) -> Option<Policy> {
        match self {
            Self::Complete(draft) => Some(draft.identity.record.policy),
            Self::Online(draft) => draft.policy(),
        }
    }
}
