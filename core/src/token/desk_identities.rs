//! Identities as the user keeps them: renamed, put in order, removed, pending ones included.

use std::collections::HashSet;

use super::desk::Desk;
use crate::TokenError;
use crate::activation::pending::Pending;
use crate::error::Unsupported;
use crate::identity::{IdentityId, IdentityName};
use crate::time::UnixTime;
use crate::vault::{DraftId, VaultError};

impl Desk {
    /// Renames an identity, or a pending one whose draft is then written anew.
    pub(super) fn rename(&mut self, id: IdentityId, name: IdentityName) -> Result<(), TokenError> {
        let renamed = match self.pending(id)? {
            false => self.vault_mut()?.rename(id, &name),
            true => match self.draft(id)? {
                Pending::Complete(mut draft) => {
                    draft.identity.label.name = name.clone();
                    let body = draft.encode().map_err(|_| TokenError::Internal)?;
                    self.vault_mut()?.put_draft(DraftId(id.0), Some(&draft.identity), &body)
                }
                Pending::Online(mut draft) => {
                    draft.name = name.clone();
                    let grouped = !self.vault()?.plain_drafts()?.contains(&DraftId(id.0));
                    self.put_online(&draft, grouped)?
                }
            },
        };
        match renamed {
            Err(VaultError::NameTaken) => {
                let suggestion = self.free_name(&name, &HashSet::new())?.as_str().to_owned();
                return Err(TokenError::NameTaken { suggestion });
            }
            other => other?,
        }
        self.forget_rows();
        Ok(())
    }

    pub(super) fn move_to(&mut self, id: IdentityId, position: u32) -> Result<(), TokenError> {
        if self.pending(id)? {
            // Pending ones stand behind the others until they are active.
            return Err(TokenError::Unsupported { what: Unsupported::ForThisKind });
        }
        self.vault_mut()?.move_to(id, usize::try_from(position).unwrap_or(usize::MAX))?;
        self.forget_rows();
        Ok(())
    }

    /// Removes it at once; what its issuer is to be told is queued at `now`.
    pub(super) fn remove(&mut self, id: IdentityId, now: Option<UnixTime>) -> Result<(), TokenError> {
        let rows = self.opened()?;
        let pending = rows.drafts.iter().map(Pending::id).chain(rows.sealed_drafts.iter().map(|one| one.0));
        let pending = pending.into_iter().any(|one| one == id);
        if pending {
            self.vault_mut()?.delete_draft(DraftId(id.0))?
        } else {
            let message = self.farewell(id, now)?;
            self.vault_mut()?.remove_and_queue(id, message.as_ref())?
        }
        self.forget_rows();
        Ok(())
    }
}
