//! The token as an activation sees it.

use std::collections::HashSet;

use super::desk::Desk;
use crate::TokenError;
use crate::activation::address::Address;
use crate::activation::draft::Draft;
use crate::activation::offline::{self, Stretch};
use crate::activation::online_draft::OnlineDraft;
use crate::activation::pending::Pending;
use crate::activation::world::{Phase, World};
use crate::codec::decimal::SerialNumber;
use crate::identity::{IdentityId, IdentityName};
use crate::random::Random;
use crate::time::UnixTime;
use crate::vault::{DraftId, Group, NewIdentity, VaultError};

/// The desk for the length of one step.
pub(super) struct DeskWorld<'a> {
    desk: &'a mut Desk,
    random: &'a Random,
    now: UnixTime,
}

impl<'a> DeskWorld<'a> {
    /// `now` was read before the token was locked.
    pub(super) fn new(desk: &'a mut Desk, random: &'a Random, now: UnixTime) -> Self {
        Self { desk, random, now }
    }
}

impl World for DeskWorld<'_> {
    fn phase(&self) -> Phase {
        self.desk.phase()
    }

    fn pin_digits(&self) -> Result<u8, TokenError> {
        Ok(self.desk.vault()?.pin_digits()?)
    }

    fn now(&self) -> UnixTime {
        self.now
    }

    fn random(&self) -> &Random {
        self.random
    }

    fn stretch(&self) -> &Stretch {
        &offline::argon2id
    }

    fn is_taken(&self, name: &IdentityName) -> Result<bool, TokenError> {
        self.desk.is_taken(name)
    }

    fn free_name(
        &self,
        wanted: &IdentityName,
        also_taken: &HashSet<String>,
    ) -> Result<IdentityName, TokenError> {
        self.desk.free_name(wanted, also_taken)
    }

    fn add(&mut self, identities: Vec<NewIdentity>) -> Result<Vec<IdentityId>, TokenError> {
        let ids = self.desk.vault_mut()?.add(identities)?;
        self.desk.forget_rows();
        Ok(ids)
    }

    fn pending(&self) -> Result<Vec<Pending>, TokenError> {
        self.desk.drafts()
    }

    fn is_identity(&self, id: IdentityId) -> Result<bool, TokenError> {
        match self.desk.vault()?.label(id) {
            Ok(_) => Ok(true),
            Err(VaultError::UnknownIdentity) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    fn known_issuer(&self, address: &Address) -> Result<Option<[u8; 32]>, TokenError> {
        Ok(self.desk.vault()?.issuer_key(address.ascii())?)
    }

    fn name_of(&self, address: &Address, serial: &SerialNumber) -> Result<Option<IdentityName>, TokenError> {
        if self.desk.phase() != Phase::Open {
            return Ok(None);
        }
        let vault = self.desk.vault()?;
        for (id, label) in vault.labels()? {
            let same = (label.address.as_deref(), label.serial.as_deref());
            if same == (Some(address.ascii()), Some(serial.digits()))
                && matches!(vault.group_of(id)?, Group::Issuer { .. })
            {
                return Ok(Some(label.name));
            }
        }
        Ok(None)
    }

    fn put_online(&mut self, draft: &mut OnlineDraft, grouped: bool) -> Result<(), TokenError> {
        let present = self.desk.drafts()?.into_iter().find_map(|pending| match pending {
            Pending::Online(present) if present.id == draft.id => Some(*present),
            _ => None,
        });
        if present.as_ref().and_then(|present| present.stored) != draft.stored {
            return Err(TokenError::StaleInput);
        }
        if let Some(present) = present {
            draft.name = present.name;
        }
        self.desk.write_online(draft, grouped)?;
        draft.stored = Some(draft.hash()?);
        Ok(())
    }

    fn put_draft(&mut self, draft: &Draft) -> Result<(), TokenError> {
        let plaintext = draft.encode().map_err(|_| TokenError::Internal)?;
        self.desk.vault_mut()?.put_draft(DraftId(draft.id.0), Some(&draft.identity), &plaintext)?;
        self.desk.forget_rows();
        Ok(())
    }

    fn finish_draft(&mut self, id: IdentityId) -> Result<(), TokenError> {
        // Decoded anew, so that the machine keeps its own copy until the write has succeeded.
        let identity = match self.desk.draft(id)? {
            Pending::Complete(draft) => draft.identity,
            Pending::Online(draft) => draft.identity(self.now).ok_or(TokenError::Internal)?,
        };
        self.desk.vault_mut()?.finish_draft(DraftId(id.0), identity)?;
        self.desk.forget_rows();
        Ok(())
    }

    fn delete_draft(&mut self, id: IdentityId) -> Result<(), TokenError> {
        self.desk.vault_mut()?.delete_draft(DraftId(id.0))?;
        self.desk.forget_rows();
        Ok(())
    }
}
