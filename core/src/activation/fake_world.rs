//! A token that an activation can be tried against: names and drafts in memory, every write counted.

use std::collections::{BTreeMap, HashSet};

use super::address::Address;
use super::draft::Draft;
use super::offline::{Stretch, StretchFailed};
use super::online_draft::OnlineDraft;
use super::pending::Pending;
use super::world::{Phase, World};
use crate::TokenError;
use crate::error::FileProblem;
use crate::identity::{IdentityId, IdentityName};
use crate::random::Random;
use crate::secret::{Key, SecretBytes, sha256};
use crate::time::UnixTime;
use crate::vault::NewIdentity;

pub(super) struct FakeWorld {
    pub(super) phase: Phase,
    pub(super) pin_digits: u8,
    pub(super) now: UnixTime,
    pub(super) names: BTreeMap<String, IdentityId>,
    pub(super) identities: Vec<(IdentityId, NewIdentity)>,
    pub(super) drafts: BTreeMap<IdentityId, SecretBytes>,
    pub(super) online_names: BTreeMap<IdentityId, IdentityName>,
    pub(super) grouped: bool,
    pub(super) known_issuer: Option<[u8; 32]>,
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
            online_names: BTreeMap::new(),
            grouped: false,
            known_issuer: None,
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

    fn pending(&self) -> Result<Vec<Pending>, TokenError> {
        let read = |(id, bytes): (&IdentityId, &SecretBytes)| {
            let name = self.online_names.get(id).cloned();
            Pending::decode(*id, name, bytes.expose()).unwrap()
        };
        Ok(self.drafts.iter().map(read).collect())
    }

    fn is_identity(&self, id: IdentityId) -> Result<bool, TokenError> {
        Ok(self.identities.iter().any(|(one, _)| *one == id))
    }

    fn known_issuer(&self, _: &Address) -> Result<Option<[u8; 32]>, TokenError> {
        Ok(self.known_issuer)
    }

    fn put_online(&mut self, draft: &mut OnlineDraft, grouped: bool) -> Result<(), TokenError> {
        let hash = |bytes: &SecretBytes| *sha256(&[bytes.expose()]).expose();
        if self.drafts.get(&draft.id).map(hash) != draft.stored {
            return Err(TokenError::StaleInput);
        }
        self.write()?;
        let owner = *self.names.entry(draft.name.skeleton()).or_insert(draft.id);
        assert_eq!(owner, draft.id, "the name was taken");
        self.online_names.insert(draft.id, draft.name.clone());
        self.grouped = grouped;
        let body = draft.encode().unwrap();
        draft.stored = Some(hash(&body));
        self.drafts.insert(draft.id, body);
        Ok(())
    }

    fn put_draft(&mut self, draft: &Draft) -> Result<(), TokenError> {
        self.write()?;
        let name = draft.identity.label.name.skeleton();
        let before = self.names.insert(name, draft.id);
        assert!(before.is_none_or(|owner| owner == draft.id), "the name was taken");
        self.online_names.remove(&draft.id);
        self.drafts.insert(draft.id, draft.encode().unwrap());
        Ok(())
    }

    fn finish_draft(&mut self, id: IdentityId) -> Result<(), TokenError> {
        self.write()?;
        let bytes = self.drafts.remove(&id).unwrap();
        let identity = match Pending::decode(id, self.online_names.remove(&id), bytes.expose()).unwrap() {
            Pending::Complete(draft) => draft.identity,
            Pending::Online(draft) => draft.identity(self.now).unwrap(),
        };
        self.identities.push((id, identity));
        Ok(())
    }

    fn delete_draft(&mut self, id: IdentityId) -> Result<(), TokenError> {
        self.write()?;
        self.drafts.remove(&id);
        self.online_names.remove(&id);
        self.names.retain(|_, owner| *owner != id);
        Ok(())
    }
}

/// Not slow: the machine is what is tried here.
fn quick(password: &[u8], salt: &[u8; 32]) -> Result<Key<32>, StretchFailed> {
    use sha2::{Digest, Sha256};
    Ok(Key::new(Sha256::new().chain_update(password).chain_update(salt).finalize().into()))
}
