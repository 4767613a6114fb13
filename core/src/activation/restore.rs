//! A backup on its way into the vault.
//!
//! Nothing that is there is overwritten: every entry becomes a new identity with an id of its own, and
//! an entry whose name is taken takes a free name close to it. An entry whose name is free keeps it,
//! so the others make way for it and not the reverse.

use std::collections::HashSet;

use super::request::{Refusal, RefusedEntry, Warning};
use super::state::EntrySummary;
use super::summary::described;
use super::world::World;
use crate::TokenError;
use crate::error::{Part, Problem};
use crate::identity::{Credential, IdentityId, IdentityName, Policy};
use crate::otp::CodeSpec;
use crate::transfer::backup;
use crate::vault::NewIdentity;

/// The entries of an opened backup. No `Debug`: it holds secrets.
pub(crate) struct Restore {
    entries: Vec<NewIdentity>,
    refused: Vec<RefusedEntry>,
}

impl Restore {
    /// Sorts out what cannot be restored; refuses a backup of which nothing is left.
    pub(crate) fn of(found: Vec<Result<NewIdentity, Refusal>>) -> Result<Self, Refusal> {
        let (mut entries, mut refused) = (Vec::with_capacity(found.len()), Vec::new());
        let mut names = HashSet::new();
        for (entry, found) in (1..).zip(found) {
            let checked = found.and_then(|identity| {
                backup::check(&identity)?;
                match names.insert(identity.label.name.skeleton()) {
                    true => Ok(identity),
                    false => Err(Refusal::part(Part::Name, Problem::Duplicate)),
                }
            });
            match checked {
                Ok(identity) => entries.push(identity),
                Err(why) => refused.push(RefusedEntry { entry, why }),
            }
        }
        match (entries.as_slice(), refused.as_slice()) {
            ([], []) => Err(Refusal::part(Part::Entry, Problem::Missing)),
            ([], [only]) => Err(only.why.clone()),
            _ => Ok(Self { entries, refused }),
        }
    }

    /// Entries that cannot be restored.
    pub(crate) fn refused(&self) -> &[RefusedEntry] {
        &self.refused
    }

    /// What the issuers demand, the strictest of all.
    pub(crate) fn policy(&self) -> Policy {
        Policy::strictest(self.entries.iter().map(|identity| identity.record.policy))
    }

    /// The name that each entry gets.
    pub(crate) fn names(&self, world: &dyn World) -> Result<Vec<IdentityName>, TokenError> {
        let wanted = || self.entries.iter().map(|identity| &identity.label.name);
        let free = wanted().map(|name| Ok(!world.is_taken(name)?)).collect::<Result<Vec<_>, TokenError>>()?;
        let kept = wanted().zip(&free).filter(|(_, free)| **free);
        let mut chosen: HashSet<String> = kept.map(|(name, _)| name.skeleton()).collect();
        let choose = |(wanted, free): (&IdentityName, &bool)| {
            if *free {
                return Ok(wanted.clone());
            }
            let name = world.free_name(wanted, &chosen)?;
            chosen.insert(name.skeleton());
            Ok(name)
        };
        wanted().zip(&free).map(choose).collect()
    }

    /// What the consent page shows; `names` are those of [`names`](Self::names).
    pub(super) fn summaries(&self, names: &[IdentityName]) -> Vec<EntrySummary> {
        let mut names = names.iter();
        self.entries.iter().map(|identity| summary(identity, names.next())).collect()
    }

    /// Stores all of it, or nothing.
    pub(super) fn carry_out(&self, world: &mut dyn World) -> Result<Vec<IdentityId>, TokenError> {
        let named = self.entries.iter().zip(self.names(world)?).map(|(identity, name)| {
            let mut identity = backup::duplicate(identity);
            identity.label.name = name;
            identity
        });
        world.add(named.collect())
    }
}

fn summary(NewIdentity { label, record, .. }: &NewIdentity, name: Option<&IdentityName>) -> EntrySummary {
    let Credential { spec, .. } = &record.credential;
    let warnings = if counts(spec) { vec![Warning::CounterMayBeBehind] } else { Vec::new() };
    EntrySummary {
        name: Some(label.name.as_str().to_owned()),
        taken: name.filter(|name| **name != label.name).map(|name| name.as_str().to_owned()),
        ..described(spec, &label.issuer, &label.account, record.badge(), warnings)
    }
}

fn counts(spec: &CodeSpec) -> bool {
    match spec {
        CodeSpec::Hotp { .. } | CodeSpec::MobilePass => true,
        CodeSpec::Ocra { suite } => suite.needs_counter(),
        CodeSpec::Totp { .. } | CodeSpec::Steam | CodeSpec::Motp | CodeSpec::Yandex => false,
    }
}
