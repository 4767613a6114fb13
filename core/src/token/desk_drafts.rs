//! Pending identities: what the desk reads and writes of activations that are not over.

use super::desk::Desk;
use crate::TokenError;
use crate::activation::contact::QueuedDeletion;
use crate::activation::online_draft::OnlineDraft;
use crate::activation::pending::Pending;
use crate::error::Needed;
use crate::identity::IdentityId;
use crate::time::UnixTime;
use crate::vault::{DraftId, VaultError};

impl Desk {
    /// Seals drafts of an earlier schema in the groups of their identities.
    pub(super) fn group_drafts(&mut self) -> Result<(), TokenError> {
        for DraftId(id) in self.vault()?.plain_drafts()? {
            let pending = self.drafts()?.into_iter().find(|pending| pending.id() == IdentityId(id));
            // An activation over the network has no group before message 3, and a queued deletion never.
            let Some(Pending::Complete(draft)) = pending else { continue };
            let body = draft.encode().map_err(|_| TokenError::Internal)?;
            self.vault_mut()?.put_draft(DraftId(id), Some(&draft.identity), &body)?;
        }
        Ok(())
    }

    /// An own copy of a pending identity.
    pub(super) fn draft(&self, id: IdentityId) -> Result<Pending, TokenError> {
        self.drafts()?.into_iter().find(|pending| pending.id() == id).ok_or(TokenError::UnknownIdentity)
    }

    /// Own copies of all pending identities.
    pub(super) fn drafts(&self) -> Result<Vec<Pending>, TokenError> {
        let sealed = self.vault()?.drafts()?.into_iter();
        let drafts = sealed
            .filter(|one| !QueuedDeletion::is_one(one.body.expose()))
            .map(|one| Pending::decode(IdentityId(one.id.0), one.name, one.body.expose()));
        drafts.collect::<Result<_, _>>().map_err(|_| TokenError::VaultDamaged)
    }

    /// Writes an activation over the network, new or again.
    pub(super) fn write_online(&mut self, draft: &OnlineDraft, grouped: bool) -> Result<(), TokenError> {
        self.put_online(draft, grouped)??;
        self.forget_rows();
        Ok(())
    }

    /// The outer error is ours, the inner one the vault's.
    pub(super) fn put_online(
        &mut self,
        draft: &OnlineDraft,
        grouped: bool,
    ) -> Result<Result<(), VaultError>, TokenError> {
        let body = draft.encode().map_err(|_| TokenError::Internal)?;
        let (id, vault) = (DraftId(draft.id.0), self.vault_mut()?);
        // When it was added is said when it is: the draft keeps group, name and recovery key only.
        let identity = draft.identity(UnixTime(0)).filter(|_| grouped);
        Ok(match identity {
            Some(identity) => vault.put_draft(id, Some(&identity), &body),
            None => vault.reserve_draft(id, &draft.name, &body),
        })
    }

    /// True for one that is not over; those that wait for their code say so.
    pub(super) fn pending(&mut self, id: IdentityId) -> Result<bool, TokenError> {
        let rows = self.opened()?;
        if rows.sealed_drafts.iter().any(|(sealed, _)| *sealed == id) {
            return Err(TokenError::InputNeeded { what: Needed::UnlockCode });
        }
        Ok(rows.drafts.iter().any(|pending| pending.id() == id))
    }
}
