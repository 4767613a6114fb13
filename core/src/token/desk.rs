//! What the mutex protects: the vault, and the rows read from it since it was unlocked.
//!
//! Rows are read once after an unlock and kept until the lock, so that a sheet of codes is arithmetic.
//! Every change is written to the vault first and to the rows second: a failed write never shows.

use std::collections::HashSet;
use std::path::Path;

use super::found::{Closed, Found};
use super::rows::{Opened, Row, Rows};
use super::view::{ResetRequest, TokenState};
use crate::TokenError;
use crate::activation::pending::Pending;
use crate::activation::world::Phase;
use crate::error::Unsupported;
use crate::identity::{IdentityId, IdentityName, IdentityState, IdentityView, Label, Policy};
use crate::otp::CodeSpec;
use crate::ports::{DeviceKey, Elapsed};
use crate::random::Random;
use crate::time::UnixTime;
use crate::vault::{Event, NewIdentity, Vault, VaultError, VaultState};

/// The vault as it was found, and its opened rows.
pub(super) struct Desk {
    found: Found,
    rows: Option<Rows>,
}

impl Desk {
    pub(super) fn open(
        folder: &Path,
        device_key: &dyn DeviceKey,
        random: Random,
    ) -> Result<Self, TokenError> {
        Ok(Self { found: Found::of(Vault::open(folder, device_key, random))?, rows: None })
    }

    /// What has to be opened (again) before anything else works, taken out for it.
    pub(super) fn take_closed(&mut self) -> Option<Closed> {
        match &self.found {
            Found::Vault(vault) if vault.is_in_doubt() => {}
            Found::Closed => return Some(Closed::Folder),
            _ => return None,
        }
        self.rows = None;
        match std::mem::replace(&mut self.found, Found::Closed) {
            Found::Vault(vault) => Some(Closed::InDoubt(vault)),
            _ => None,
        }
    }

    /// What the disk had.
    pub(super) fn put_back(&mut self, opened: Result<Vault, VaultError>) -> Result<(), TokenError> {
        self.found = Found::of(opened)?;
        Ok(())
    }

    /// The time of what is written to the event log from here on.
    pub(super) fn tell_time(&mut self, now: Option<UnixTime>) {
        if let Found::Vault(vault) = &mut self.found {
            vault.tell_time(now);
        }
    }

    /// `now` for the advice how long to wait before the next PIN.
    pub(super) fn state(&self, now: Option<Elapsed>) -> Result<TokenState, TokenError> {
        Ok(match &self.found {
            Found::Damaged { kept_at } => TokenState::Damaged { kept_at: kept_at.clone() },
            Found::KeyLost => TokenState::DeviceKeyLost,
            Found::Closed => return Err(TokenError::VaultBusy),
            Found::Vault(vault) => match vault.state() {
                VaultState::Fresh => TokenState::Fresh,
                VaultState::Open => TokenState::Ready,
                VaultState::Blocked => TokenState::Blocked { ask: self.ask()? },
                VaultState::Locked => {
                    let attempts = vault.attempts()?;
                    let retry_after = now.map_or(0, |now| attempts.retry_after(now));
                    TokenState::Locked { attempts_left: attempts.left(), retry_after }
                }
            },
        })
    }

    /// Whether an activation needs a PIN first.
    pub(super) fn phase(&self) -> Phase {
        match &self.found {
            Found::Damaged { .. } => Phase::Fresh,
            Found::KeyLost | Found::Closed => Phase::Locked,
            Found::Vault(vault) => match vault.state() {
                VaultState::Fresh => Phase::Fresh,
                VaultState::Locked | VaultState::Blocked => Phase::Locked,
                VaultState::Open => Phase::Open,
            },
        }
    }

    pub(super) fn vault(&self) -> Result<&Vault, TokenError> {
        self.found.vault()
    }

    pub(super) fn vault_mut(&mut self) -> Result<&mut Vault, TokenError> {
        self.found.vault_mut()
    }

    /// Every issuer that can open something that is sealed now.
    pub(super) fn ask(&self) -> Result<Vec<ResetRequest>, TokenError> {
        let waiting = self.vault()?.waiting()?.into_iter();
        Ok(waiting
            .map(|one| ResetRequest {
                issuer: one.contact.issuer,
                serial: Some(one.contact.serial),
                reset_code: one.reset_code,
            })
            .collect())
    }

    /// Sets a vault aside that nothing can open any more, so that a new one can be made.
    pub(super) fn set_aside_if_beyond_help(&mut self) -> Result<(), TokenError> {
        if let Found::Vault(vault) = &self.found
            && vault.is_beyond_help()?
        {
            self.set_aside();
        }
        Ok(())
    }

    /// Keeps the file under another name. What cannot be moved stays in its place.
    pub(super) fn set_aside(&mut self) {
        if let Found::Vault(vault) = std::mem::replace(&mut self.found, Found::Damaged { kept_at: None }) {
            self.rows = None;
            self.found = Found::Damaged { kept_at: vault.set_aside() };
        }
    }

    pub(super) fn lock(&mut self) {
        if let Found::Vault(vault) = &mut self.found
            && vault.state() == VaultState::Open
        {
            // A full disk must not keep it open.
            let _ = vault.note(Event::Locked);
        }
        self.forget();
    }

    /// What [`lock`](Self::lock) does after a panic inside, too: the keys go, and the file stays as it is.
    pub(super) fn forget(&mut self) {
        self.rows = None;
        if let Found::Vault(vault) = &mut self.found {
            vault.lock();
        }
    }

    /// All identities that can make codes: active ones in the user's order, then pending ones.
    pub(super) fn rows(&mut self) -> Result<impl Iterator<Item = Row<'_>>, TokenError> {
        Ok(self.opened()?.iter())
    }

    /// What the issuers demand of the app, pending ones included.
    pub(super) fn strictest_policy(&mut self) -> Result<Policy, TokenError> {
        Ok(Policy::strictest(self.opened()?.policies()))
    }

    pub(super) fn row(&mut self, id: IdentityId) -> Result<Row<'_>, TokenError> {
        let rows = self.opened()?;
        rows.iter().find(|row| row.id == id).ok_or_else(|| rows.why_not(id))
    }

    /// The row of an identity whose codes may be shown.
    pub(super) fn code_row(&mut self, id: IdentityId) -> Result<Row<'_>, TokenError> {
        let row = self.row(id)?;
        match row.record.stopped {
            Some(stopped) => Err(stopped.into()),
            None => Ok(row),
        }
    }

    pub(super) fn views(&mut self) -> Result<Vec<IdentityView>, TokenError> {
        let rows = self.opened()?;
        let active = rows.identities.iter().map(|one| match &one.record {
            Some(record) => IdentityView::active(one.id, &one.label, record),
            None => IdentityView::closed(one.id, &one.label, IdentityState::NeedsUnlockCode),
        });
        let pending = rows.drafts.iter().map(|pending| {
            let code = pending.registration_code().map(|code| code.as_str().to_owned());
            match pending {
                Pending::Complete(draft) => {
                    let NewIdentity { label, record, .. } = &draft.identity;
                    IdentityView::pending(draft.id, label, record, code)
                }
                Pending::Online(draft) => {
                    let (label, spec) = (draft.label(), draft.profile().spec());
                    IdentityView::under_way(draft.id, &label, &spec, code)
                }
            }
        });
        let sealed = rows.sealed_drafts.iter().map(|(id, name)| {
            let (issuer, account) = (String::new(), String::new());
            let label = Label { name: name.clone(), issuer, account, address: None, serial: None };
            IdentityView::closed(*id, &label, IdentityState::NeedsUnlockCode)
        });
        Ok(active.chain(pending).chain(sealed).collect())
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
        if rows.drafts.iter().any(|pending| pending.id() == id) {
            return Err(TokenError::Unsupported { what: Unsupported::ForThisKind });
        }
        let refused = rows.why_not(id);
        let one = rows.identities.iter_mut().find(|one| one.id == id);
        let Some(record) = one.and_then(|one| one.record.as_mut()) else { return Err(refused) };
        let counts = match &record.credential.spec {
            CodeSpec::Hotp { .. } | CodeSpec::MobilePass => true,
            CodeSpec::Ocra { suite } => suite.needs_counter(),
            CodeSpec::Totp { .. } | CodeSpec::Steam | CodeSpec::Motp | CodeSpec::Yandex => false,
        };
        if !counts {
            return Err(TokenError::Unsupported { what: Unsupported::ForThisKind });
        }
        let first = record.credential.counter;
        let after =
            first.checked_add(count).ok_or(TokenError::Unsupported { what: Unsupported::ForThisKind })?;
        record.credential.counter = after;
        if let Err(error) = vault.update_record(id, record) {
            record.credential.counter = first;
            return Err(error.into());
        }
        Ok(first)
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

    /// The rows, read now if nobody has since the last change.
    pub(super) fn opened(&mut self) -> Result<&Rows, TokenError> {
        if self.rows.is_none() {
            let drafts = self.drafts()?;
            let vault = self.vault()?;
            let mut records = vault.records()?.into_iter().peekable();
            // Both come in the user's order; a sealed identity has a label only.
            let identities = vault
                .labels()?
                .into_iter()
                .map(|(id, label)| {
                    let record = records.next_if(|(open, _)| *open == id).map(|(_, record)| record);
                    Opened { id, label, record }
                })
                .collect();
            let sealed_drafts = vault.sealed_drafts()?;
            self.rows = Some(Rows { identities, drafts, sealed_drafts });
        }
        self.rows.as_ref().ok_or(TokenError::Internal)
    }
}
