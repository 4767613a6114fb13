//! A token that an activation can be tried against: names and drafts in memory, every write counted.

use std::collections::{BTreeMap, HashSet};

use super::draft::Draft;
use super::offline::{Stretch, StretchFailed};
use super::world::{Phase, World};
use crate::TokenError;
use crate::error::FileProblem;
use crate::identity::{IdentityId, IdentityName};
use crate::random::Random;
use crate::secret::{Key, SecretBytes};
use crate::time::UnixTime;
use crate::vault::NewIdentity;

pub(super) struct FakeWorld {
    pub(super) phase: Phase,
    pub(super) pin_digits: u8,
    pub(super) now: UnixTime,
    pub(super) names: BTreeMap<String, IdentityId>,
    pub(super) identities: Vec<(IdentityId, NewIdentity)>,
    pub(super) drafts: BTreeMap<IdentityId, SecretBytes>,
    pub(super) writes: u32,
    pub(super) fail_writes: bool,
    random: Random,
}

impl FakeWorld {
    pub(super) fn open() -> Self {
        Self {
            phase: Phase::Open,
            pin_digits: 4,
            now: UnixTime(1_800_000_000),
            names: BTreeMap::new(),
            identities: Vec::new(),
            drafts: BTreeMap::new(),
            writes: 0,
            fail_writes: false,
            random: Random::seeded(7),
        }
    }

    fn write(&mut self) -> Result<(), TokenError> {
        if self.fail_writes {
            return Err(TokenError::VaultFile { problem: FileProblem::Full });
        }
        self.writes += 1;
        Ok(())
    }
}

impl World for FakeWorld {
    fn phase(&self) -> Phase {
        self.phase
    }

    fn pin_digits(&self) -> Result<u8, TokenError> {
        Ok(self.pin_digits)
    }

    fn now(&self) -> UnixTime {
        self.now
    }

    fn random(&self) -> &Random {
        &self.random
    }

    fn stretch(&self) -> &Stretch {
        &quick
    }

    fn is_taken(&self, name: &IdentityName) -> Result<bool, TokenError> {
        Ok(self.names.contains_key(&name.skeleton()))
    }

    fn free_name(&self, wanted: &IdentityName, also: &HashSet<String>) -> Result<IdentityName, TokenError> {
        let taken = |name: &IdentityName| {
            also.contains(&name.skeleton()) || self.names.contains_key(&name.skeleton())
        };
        Ok(if taken(wanted) { IdentityName::suggest(wanted, taken) } else { wanted.clone() })
    }

    fn add(&mut self, identities: Vec<NewIdentity>) -> Result<Vec<IdentityId>, TokenError> {
        self.write()?;
        let mut ids = Vec::new();
        for identity in identities {
            let id = IdentityId(self.random.array().unwrap());
            assert!(self.names.insert(identity.label.name.skeleton(), id).is_none(), "the name was taken");
            self.identities.push((id, identity));
            ids.push(id);
        }
        Ok(ids)
    }

    fn draft_from(&self, source: &[u8; 32]) -> Result<Option<Draft>, TokenError> {
        let drafts = self.drafts.iter().map(|(id, bytes)| Draft::decode(*id, bytes.expose()).unwrap());
        Ok(drafts.into_iter().find(|draft| draft.source == *source))
    }

    fn put_draft(&mut self, draft: &Draft) -> Result<(), TokenError> {
        self.write()?;
        let name = draft.identity.label.name.skeleton();
        assert!(self.names.insert(name, draft.id).is_none(), "the name was taken");
        self.drafts.insert(draft.id, draft.encode().unwrap());
        Ok(())
    }

    fn finish_draft(&mut self, id: IdentityId) -> Result<(), TokenError> {
        self.write()?;
        let bytes = self.drafts.remove(&id).unwrap();
        self.identities.push((id, Draft::decode(id, bytes.expose()).unwrap().identity));
        Ok(())
    }

    fn delete_draft(&mut self, id: IdentityId) -> Result<(), TokenError> {
        self.write()?;
        self.drafts.remove(&id);
        self.names.retain(|_, owner| *owner != id);
        Ok(())
    }
}

/// Not slow: the machine is what is tried here.
fn quick(password: &[u8], salt: &[u8; 32]) -> Result<Key<32>, StretchFailed> {
    use sha2::{Digest, Sha256};
    Ok(Key::new(Sha256::new().chain_update(password).chain_update(salt).finalize().into()))
}
