//! What the mutex protects: the vault, and the rows read from it since it was unlocked.
//!
//! Rows are read once after an unlock and kept until the lock, so that a sheet of codes is arithmetic.
//! Every change is written to the vault first and to the rows second: a failed write never shows.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::view::TokenState;
use crate::TokenError;
use crate::activation::draft::Draft;
use crate::activation::world::Phase;
use crate::error::Unsupported;
use crate::identity::{IdentityId, IdentityName, IdentityView, Label, Record};
use crate::otp::CodeSpec;
use crate::ports::DeviceKey;
use crate::random::Random;
use crate::vault::{DraftId, NewIdentity, Vault, VaultError, VaultState};

/// The vault as it was found, and its opened rows.
pub(super) struct Desk {
    found: Found,
    rows: Option<Rows>,
}

enum Found {
    Vault(Box<Vault>),
    Damaged { kept_at: Option<PathBuf> },
    KeyLost,
}

struct Rows {
    identities: Vec<Opened>,
    drafts: Vec<Draft>,
}

struct Opened {
    id: IdentityId,
    label: Label,
    record: Record,
}

/// One identity as code rules see it.
pub(super) struct Row<'a> {
    pub(super) id: IdentityId,
    pub(super) name: &'a str,
    pub(super) issuer: &'a str,
    pub(super) record: &'a Record,
}

impl Desk {
    pub(super) fn open(
        folder: &Path,
        device_key: &dyn DeviceKey,
        random: Random,
    ) -> Result<Self, TokenError> {
        let found = match Vault::open(folder, device_key, random) {
            Ok(vault) => Found::Vault(Box::new(vault)),
            Err(VaultError::Damaged { kept_at }) => Found::Damaged { kept_at },
            Err(VaultError::DeviceKeyLost) => Found::KeyLost,
            Err(other) => return Err(other.into()),
        };
        Ok(Self { found, rows: None })
    }

    pub(super) fn state(&self) -> Result<TokenState, TokenError> {
        Ok(match &self.found {
            Found::Damaged { kept_at } => TokenState::Damaged { kept_at: kept_at.clone() },
            Found::KeyLost => TokenState::DeviceKeyLost,
            Found::Vault(vault) => match vault.state() {
                VaultState::Fresh => TokenState::Fresh,
                VaultState::Open => TokenState::Ready,
                VaultState::Locked => {
                    TokenState::Locked { attempts_left: vault.attempts()?.left(), retry_after: 0 }
                }
            },
        })
    }

    /// Whether an activation needs a PIN first.
    pub(super) fn phase(&self) -> Phase {
        match &self.found {
            Found::Damaged { .. } => Phase::Fresh,
            Found::KeyLost => Phase::Locked,
            Found::Vault(vault) => match vault.state() {
                VaultState::Fresh => Phase::Fresh,
                VaultState::Locked => Phase::Locked,
                VaultState::Open => Phase::Open,
            },
        }
    }

    pub(super) fn vault(&self) -> Result<&Vault, TokenError> {
        match &self.found {
            Found::Vault(vault) => Ok(vault),
            Found::Damaged { .. } => Err(TokenError::VaultDamaged),
            Found::KeyLost => Err(TokenError::DeviceKeyLost),
        }
    }

    pub(super) fn vault_mut(&mut self) -> Result<&mut Vault, TokenError> {
        match &mut self.found {
            Found::Vault(vault) => Ok(vault),
            Found::Damaged { .. } => Err(TokenError::VaultDamaged),
            Found::KeyLost => Err(TokenError::DeviceKeyLost),
        }
    }

    pub(super) fn lock(&mut self) {
        self.rows = None;
        if let Found::Vault(vault) = &mut self.found {
            vault.lock();
        }
    }

    /// All identities that can make codes: active ones in the user's order, then pending ones.
    pub(super) fn rows(&mut self) -> Result<impl Iterator<Item = Row<'_>>, TokenError> {
        Ok(self.opened()?.iter())
    }

    pub(super) fn row(&mut self, id: IdentityId) -> Result<Row<'_>, TokenError> {
        self.rows()?.find(|row| row.id == id).ok_or(TokenError::UnknownIdentity)
    }

    pub(super) fn views(&mut self) -> Result<Vec<IdentityView>, TokenError> {
        let rows = self.opened()?;
        let active = rows.identities.iter().map(|one| IdentityView::active(one.id, &one.label, &one.record));
        let pending = rows.drafts.iter().map(|draft| {
            let NewIdentity { label, record, .. } = &draft.identity;
            let code = draft.registration_code.as_str().to_owned();
            IdentityView::pending(draft.id, label, record, Some(code))
        });
        Ok(active.chain(pending).collect())
    }

    pub(super) fn view(&mut self, id: IdentityId) -> Result<IdentityView, TokenError> {
        self.views()?.into_iter().find(|view| view.id == id).ok_or(TokenError::UnknownIdentity)
    }

    /// Uses up `count` counters of an event-based identity, durably, and returns the first of them.
    pub(super) fn use_counters(&mut self, id: IdentityId, count: u64) -> Result<u64, TokenError> {
        self.opened()?;
        let (Found::Vault(vault), Some(rows)) = (&mut self.found, &mut self.rows) else {
            return Err(TokenError::Internal);
        };
        let Some(one) = rows.identities.iter_mut().find(|one| one.id == id) else {
            let pending = rows.drafts.iter().any(|draft| draft.id == id);
            let unsupported = TokenError::Unsupported { what: Unsupported::ForThisKind };
            return Err(if pending { unsupported } else { TokenError::UnknownIdentity });
        };
        let counts = match &one.record.credential.spec {
            CodeSpec::Hotp { .. } | CodeSpec::MobilePass => true,
            CodeSpec::Ocra { suite } => suite.needs_counter(),
            CodeSpec::Totp { .. } | CodeSpec::Steam | CodeSpec::Motp | CodeSpec::Yandex => false,
        };
        if !counts {
            return Err(TokenError::Unsupported { what: Unsupported::ForThisKind });
        }
        let first = one.record.credential.counter;
        let after =
            first.checked_add(count).ok_or(TokenError::Unsupported { what: Unsupported::ForThisKind })?;
        one.record.credential.counter = after;
        if let Err(error) = vault.update_record(id, &one.record) {
            one.record.credential.counter = first;
            return Err(error.into());
        }
        Ok(first)
    }

    /// Renames an identity, or a pending one whose draft is then written anew.
    pub(super) fn rename(&mut self, id: IdentityId, name: IdentityName) -> Result<(), TokenError> {
        let renamed = match self.pending(id)? {
            false => self.vault_mut()?.rename(id, &name),
            true => {
                let mut draft = self.draft(id)?;
                draft.identity.label.name = name.clone();
                let body = draft.encode().map_err(|_| TokenError::Internal)?;
                self.vault_mut()?.put_draft(DraftId(id.0), Some(&name), &body)
            }
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

    pub(super) fn remove(&mut self, id: IdentityId) -> Result<(), TokenError> {
        let pending = self.pending(id)?;
        let vault = self.vault_mut()?;
        if pending {
            vault.delete_draft(DraftId(id.0))?
        } else {
            vault.remove(id)?
        }
        self.forget_rows();
        Ok(())
    }

    /// True when an identity or a draft has this name; before there is a vault, none has.
    pub(super) fn is_taken(&self, name: &IdentityName) -> Result<bool, TokenError> {
        match &self.found {
            Found::Vault(vault) if vault.state() != VaultState::Fresh => Ok(vault.is_name_taken(name)?),
            _ => Ok(false),
        }
    }

    /// `wanted`, or a free name close to it.
    pub(super) fn free_name(
        &self,
        wanted: &IdentityName,
        also_taken: &HashSet<String>,
    ) -> Result<IdentityName, TokenError> {
        let mut failed = Ok(());
        let failure = std::cell::RefCell::new(&mut failed);
        let taken = |name: &IdentityName| {
            also_taken.contains(&name.skeleton())
                || self.is_taken(name).unwrap_or_else(|error| {
                    **failure.borrow_mut() = Err(error);
                    false
                })
        };
        let name = if taken(wanted) { IdentityName::suggest(wanted, taken) } else { wanted.clone() };
        failed.map(|()| name)
    }

    /// The next reader reads anew.
    pub(super) fn forget_rows(&mut self) {
        self.rows = None;
    }

    /// An own copy of a pending identity.
    pub(super) fn draft(&self, id: IdentityId) -> Result<Draft, TokenError> {
        self.drafts()?.into_iter().find(|draft| draft.id == id).ok_or(TokenError::UnknownIdentity)
    }

    /// Own copies of all pending identities.
    pub(super) fn drafts(&self) -> Result<Vec<Draft>, TokenError> {
        let sealed = self.vault()?.drafts()?;
        let drafts = sealed.iter().map(|one| Draft::decode(IdentityId(one.id.0), one.body.expose()));
        drafts.collect::<Result<_, _>>().map_err(|_| TokenError::VaultDamaged)
    }

    fn pending(&mut self, id: IdentityId) -> Result<bool, TokenError> {
        Ok(self.opened()?.drafts.iter().any(|draft| draft.id == id))
    }

    fn opened(&mut self) -> Result<&Rows, TokenError> {
        if self.rows.is_none() {
            let drafts = self.drafts()?;
            let vault = self.vault()?;
            let records = vault.records()?.into_iter();
            // Both come in the user's order.
            let identities = records
                .zip(vault.labels()?)
                .map(|((id, record), (_, label))| Opened { id, label, record })
                .collect();
            self.rows = Some(Rows { identities, drafts });
        }
        self.rows.as_ref().ok_or(TokenError::Internal)
    }
}

impl Rows {
    fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        let active = self.identities.iter().map(|one| (one.id, &one.label, &one.record));
        let pending =
            self.drafts.iter().map(|draft| (draft.id, &draft.identity.label, &draft.identity.record));
        active.chain(pending).map(|(id, label, record)| Row {
            id,
            name: label.name.as_str(),
            issuer: &label.issuer,
            record,
        })
    }
}
