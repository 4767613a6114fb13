//! What contacts need of the vault: who calls, what the issuer has said, what is queued.

use super::contact::ContactEnd;
use super::desk::Desk;
use crate::TokenError;
use crate::activation::address::Address;
use crate::activation::contact::{Caller, ContactError, Known, QueuedDeletion, contact_psk};
use crate::activation::exchange::Agreement;
use crate::activation::online::answers::exchange_error;
use crate::activation::profile::Profile;
use crate::codec::decimal::SerialNumber;
use crate::error::{StopReason, Unsupported, Untrusted};
use crate::identity::{Credential, IdentityId, Origin, PinRules, Policy, Record, Stopped};
use crate::secret::{Key, SecretBytes};
use crate::time::UnixTime;
use crate::vault::{Contacted, DraftId, Event, Group, GroupChoice};

/// An identity that can call its issuer.
pub(super) struct Calling {
    pub(super) caller: Caller,
    /// Its seed came without network.
    pub(super) offline: bool,
    /// An older seed may live at the issuer.
    pub(super) old_pair: bool,
}

/// What a contact has come to.
pub(super) enum Outcome {
    /// The issuer takes codes of the agreement's seed.
    Renewed(Profile),
    /// The last word; `disabled` when the issuer takes no codes, and when that was heard.
    Said { policy: Policy, clock_offset: Option<i64>, alone: bool, disabled: Option<UnixTime> },
}

impl Desk {
    /// Who calls for an identity.
    ///
    /// # Errors
    /// `Unsupported{ForThisKind}` without an issuer of the profile; `Stopped` when the issuer has ended it.
    pub(super) fn calling(&self, id: IdentityId) -> Result<Calling, TokenError> {
        let vault = self.vault()?;
        let (label, record) = (vault.label(id)?, vault.record(id)?);
        if let Some(stopped) = record.stopped.filter(Stopped::is_final) {
            return Err(stopped.into());
        }
        let address = label.address.as_deref().and_then(|address| Address::from_canonical(address).ok());
        let serial = label.serial.as_deref().and_then(|serial| SerialNumber::parse(serial).ok());
        let of_profile = matches!(record.origin, Origin::Offline | Origin::Online);
        let (Some(address), Some(serial), true, true) =
            (address, serial, of_profile, record.recovery_key.is_some())
        else {
            return Err(NO_ISSUER);
        };
        let known = match vault.group_of(id)? {
            Group::Issuer { key, holder, .. } => Some(Known { issuer: key, holder: Some(holder) }),
            Group::Single { .. } => {
                let key = vault.issuer_key(address.ascii())?;
                key.map(|issuer| Known { issuer, holder: None })
            }
            Group::Local => return Err(NO_ISSUER),
        };
        let caller = Caller::new(address, serial, record.credential.secret.expose(), known);
        let offline = record.origin == Origin::Offline;
        Ok(Calling { caller, offline, old_pair: vault.has_old_pair(id)? })
    }

    /// Stores what a contact that `caller` began has come to. Doing it again changes nothing.
    ///
    /// # Errors
    /// `StaleInput` when the identity has another seed by now, or proved to be somebody else's.
    pub(super) fn contacted(
        &mut self,
        id: IdentityId,
        caller: &Caller,
        agreement: &Agreement,
        outcome: Outcome,
    ) -> Result<i64, TokenError> {
        let mut record = self.vault()?.record(id)?;
        let renewed = record.credential.secret.expose() == agreement.keys.seed.expose();
        let began_with = contact_psk(record.credential.secret.expose(), caller.serial());
        if !renewed && !caller.is_keyed(&began_with) {
            return Err(TokenError::StaleInput);
        }
        let (mut keep_old, mut gone) = (false, false);
        let event;
        match outcome {
            Outcome::Renewed(_) if renewed => return Ok(record.clock_offset),
            Outcome::Renewed(profile) => {
                let seed = SecretBytes::copy_of(agreement.keys.seed.expose());
                record = Record {
                    credential: Credential::new(profile.spec(), seed),
                    recovery_key: Some(agreement.keys.recovery.duplicate()),
                    origin: Origin::Online,
                    ..record
                };
                (keep_old, event) = (true, Some(Event::SeedReplaced(id)));
            }
            Outcome::Said { policy, clock_offset, alone, disabled } => {
                let was = record.stopped;
                let now = disabled.map(|since| Stopped { why: StopReason::Disabled, since });
                record.stopped = now.and(was).or(now);
                event = match (was, now) {
                    (None, Some(_)) => Some(Event::DisabledByIssuer(id)),
                    (Some(_), None) => Some(Event::EnabledByIssuer(id)),
                    (None, None) | (Some(_), Some(_)) => None,
                };
                record.policy = policy;
                record.clock_offset = clock_offset.unwrap_or(record.clock_offset);
                gone = alone;
            }
        }
        let issuer = caller.known().map(|known| known.issuer);
        let group = GroupChoice::Issuer {
            address: caller.address().ascii().to_owned(),
            key: agreement.issuer,
            holder: agreement.holder,
            succeeds: issuer.filter(|known| *known != agreement.issuer),
        };
        let change = Contacted { record: &record, group: &group, keep_old, alone: gone, event };
        self.vault_mut()?.contacted(id, &change)?;
        self.forget_rows();
        Ok(record.clock_offset)
    }

    /// Stores that the issuer has ended an identity: a contact that `caller` began, and that may have agreed on a
    /// seed, was told so.
    ///
    /// # Errors
    /// `StaleInput` when the identity has another seed by now.
    pub(super) fn ended(
        &mut self,
        id: IdentityId,
        caller: &Caller,
        agreed: Option<&Key<32>>,
        (end, now): (ContactEnd, UnixTime),
    ) -> Result<(), TokenError> {
        let mut record = self.vault()?.record(id)?;
        let seed = record.credential.secret.expose();
        let renewed = agreed.is_some_and(|agreed| agreed.expose() == seed);
        if !renewed && !caller.is_keyed(&contact_psk(seed, caller.serial())) {
            return Err(TokenError::StaleInput);
        }
        let (why, event) = match end {
            ContactEnd::ReplacedElsewhere => (StopReason::Replaced, Event::ReplacedElsewhere(id)),
            ContactEnd::DeletedByIssuer => (StopReason::Deleted, Event::DeletedByIssuer(id)),
            ContactEnd::Told => return Ok(()),
        };
        record.stopped = Some(Stopped { why, since: now });
        self.vault_mut()?.end(id, &record, event)?;
        self.forget_rows();
        Ok(())
    }

    /// The rules of all issuers, if they demand a longer PIN than there is.
    pub(super) fn needs_pin(&mut self) -> Result<Option<PinRules>, TokenError> {
        let (digits, rules) = (self.vault()?.pin_digits()?, self.strictest_policy()?.pin);
        Ok((digits > 0 && digits < rules.min_digits).then_some(rules))
    }

    /// What the issuer of an identity is told when it is deleted; `None` where nobody waits for it (the issuer has ended
    /// it itself), or where it cannot be said: the record is sealed.
    pub(super) fn farewell(
        &self,
        id: IdentityId,
        now: Option<UnixTime>,
    ) -> Result<Option<SecretBytes>, TokenError> {
        match self.calling(id) {
            Ok(Calling { caller, .. }) => {
                let queued = QueuedDeletion { caller, at: now.unwrap_or(UnixTime(0)) };
                queued.encode().map(Some).map_err(|_| TokenError::Internal)
            }
            Err(
                TokenError::Unsupported { .. } | TokenError::InputNeeded { .. } | TokenError::Stopped { .. },
            ) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Deletions that were not acknowledged, oldest first, with the names of their identities.
    pub(super) fn deletions(&self) -> Result<Vec<(DraftId, String, QueuedDeletion)>, TokenError> {
        let drafts = self.vault()?.drafts()?.into_iter();
        let queued = drafts.filter(|one| QueuedDeletion::is_one(one.body.expose())).map(|one| {
            let name = one.name.map(|name| name.as_str().to_owned()).unwrap_or_default();
            Ok((one.id, name, QueuedDeletion::decode(one.body.expose())?))
        });
        let queued: Result<_, crate::identity::encoding::EncodingError> = queued.collect();
        queued.map_err(|_| TokenError::VaultDamaged)
    }

    /// A deletion needs no message any more.
    pub(super) fn drop_deletion(&mut self, id: DraftId) -> Result<(), TokenError> {
        match self.deletions()?.iter().any(|(queued, ..)| *queued == id) {
            true => Ok(self.vault_mut()?.delete_draft(id)?),
            false => Ok(()),
        }
    }

    /// Drops what was queued too long ago.
    pub(super) fn drop_old_deletions(&mut self, now: Option<UnixTime>) -> Result<(), TokenError> {
        let Some(now) = now else { return Ok(()) };
        for (id, _, queued) in self.deletions()? {
            if queued.is_too_old(now) {
                self.vault_mut()?.delete_draft(id)?;
            }
        }
        Ok(())
    }
}

/// What a contact's refusal of a reply means to the user.
pub(super) fn contact_error(error: ContactError) -> TokenError {
    match error {
        ContactError::Exchange(error) => exchange_error(error),
        ContactError::AnotherHolder => ISSUER,
    }
}

/// What was proven is not what is known by now.
pub(super) fn proof(error: TokenError) -> TokenError {
    if error == TokenError::StaleInput { ISSUER } else { error }
}

/// An answer that is none.
pub(super) const REPLY: TokenError = TokenError::Untrusted { what: Untrusted::Reply };
const ISSUER: TokenError = TokenError::Untrusted { what: Untrusted::Issuer };
const NO_ISSUER: TokenError = TokenError::Unsupported { what: Unsupported::ForThisKind };
