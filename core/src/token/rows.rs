//! The rows that the desk keeps from the unlock to the lock, and how code rules see them.

use crate::TokenError;
use crate::activation::pending::Pending;
use crate::error::{Needed, Unsupported};
use crate::identity::{IdentityId, IdentityName, Label, Policy, Record};

/// The rows read since the unlock.
pub(super) struct Rows {
    pub(super) identities: Vec<Opened>,
    pub(super) drafts: Vec<Pending>,
    /// Names of drafts that wait for their unlock code.
    pub(super) sealed_drafts: Vec<(IdentityId, IdentityName)>,
}

/// One identity.
pub(super) struct Opened {
    pub(super) id: IdentityId,
    pub(super) label: Label,
    /// `None` while it waits for its unlock code.
    pub(super) record: Option<Record>,
}

/// One identity as code rules see it.
pub(super) struct Row<'a> {
    pub(super) id: IdentityId,
    pub(super) name: &'a str,
    pub(super) issuer: &'a str,
    pub(super) record: &'a Record,
}

impl Rows {
    /// Why an identity is not among the open ones.
    pub(super) fn why_not(&self, id: IdentityId) -> TokenError {
        if self.drafts.iter().any(|pending| pending.id() == id) {
            return TokenError::Unsupported { what: Unsupported::ForThisKind };
        }
        let sealed = self.identities.iter().filter(|one| one.record.is_none()).map(|one| one.id);
        match sealed.chain(self.sealed_drafts.iter().map(|one| one.0)).any(|one| one == id) {
            true => TokenError::InputNeeded { what: Needed::UnlockCode },
            false => TokenError::UnknownIdentity,
        }
    }

    /// What the issuers demand, pending ones included.
    pub(super) fn policies(&self) -> impl Iterator<Item = Policy> {
        let active = self.identities.iter().filter_map(|one| Some(one.record.as_ref()?.policy));
        active.chain(self.drafts.iter().filter_map(Pending::policy))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        let active =
            self.identities.iter().filter_map(|one| Some((one.id, &one.label, one.record.as_ref()?)));
        let pending = self.drafts.iter().filter_map(|pending| match pending {
            Pending::Complete(draft) => Some((draft.id, &draft.identity.label, &draft.identity.record)),
            // No code of it would be accepted yet.
            Pending::Online(_) => None,
        });
        active.chain(pending).map(|(id, label, record)| Row {
            id,
            name: label.name.as_str(),
            issuer: &label.issuer,
            record,
        })
    }
}
