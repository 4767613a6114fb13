//! Identities and drafts: each change is one transaction, so there is no crash between.

use std::collections::HashSet;

use softtoken_core::identity::IdentityId;
use softtoken_core::secret::SecretBytes;
use softtoken_core::vault::{DraftId, NewIdentity, VaultError};

use super::step::{Step, Trouble};
use super::vault_common::{identity, issued, name as typed};
use super::world::{Entry, ISSUERS, Pending, World};

fn new(text: &str, issuer: Option<usize>) -> NewIdentity {
    let Some(issuer) = issuer else { return identity(text) };
    let (issuer, address, serial, key) = ISSUERS[issuer];
    let mut new = issued(issuer, address, serial, key);
    new.label.name = typed(text);
    new.record.credential = identity(text).record.credential;
    new
}

impl World {
    pub fn add(&mut self, issuer: Option<usize>) {
        let text = self.fresh_name();
        let id = self.vault().add(vec![new(&text, issuer)]).unwrap()[0];
        self.content.entries.push(Entry { id, name: text.clone(), secret: text, issuer, counter: 0 });
    }

    fn fresh_name(&mut self) -> String {
        self.names += 1;
        format!("N{}", self.names)
    }

    fn taken(&self) -> Option<String> {
        let drafts = self.content.drafts.iter().map(|one| &one.name);
        self.content.entries.iter().map(|one| &one.name).chain(drafts).next_back().cloned()
    }

    pub fn identities(&mut self, step: &Step) {
        // Only while everything is known to be open; the other states are for the flows.
        if !self.is_open() || !self.content.unsure.is_empty() {
            return;
        }
        let count = self.content.entries.len();
        let at = |at: usize| (count > 0).then(|| at % count);
        match *step {
            Step::Add { issuer } if count < 8 => {
                self.add(issuer);
                self.settle(Trouble::None);
            }
            Step::AddTaken => {
                let Some(taken) = self.taken() else { return };
                // All or nothing: the free name is not there either.
                let both = vec![new("Free", None), new(&taken, None)];
                assert_eq!(self.vault().add(both).err(), Some(VaultError::NameTaken));
                self.count("name refused");
            }
            Step::Rename { at: place } => {
                let (Some(place), fresh) = (at(place), self.fresh_name()) else { return };
                let id = self.content.entries[place].id;
                self.vault().rename(id, &typed(&fresh)).unwrap();
                self.content.entries[place].name = fresh;
            }
            Step::RenameTaken { at: place } => {
                let (Some(place), Some(taken)) = (at(place), self.taken()) else { return };
                let (id, own) = (self.content.entries[place].id, self.content.entries[place].name == taken);
                let refused = self.vault().rename(id, &typed(&taken));
                assert_eq!(refused.is_ok(), own, "{refused:?}");
                self.count("name refused");
            }
            Step::Remove { at: place } if count > 2 => {
                let place = place % count;
                let id = self.content.entries.remove(place).id;
                self.vault().remove(id).unwrap();
                self.content.closed.remove(&id);
            }
            Step::Move { at: place, to } => {
                let Some(place) = at(place) else { return };
                let entry = self.content.entries.remove(place);
                self.vault().move_to(entry.id, to).unwrap();
                let to = to.min(self.content.entries.len());
                self.content.entries.insert(to, entry);
            }
            Step::Count { at: place } => {
                let Some(place) = at(place) else { return };
                self.use_counter(place);
            }
            Step::PutDraft { issuer } => self.put_draft(issuer),
            Step::FinishDraft => self.finish_draft(),
            Step::DropDraft => {
                let Some(draft) = self.content.drafts.pop() else { return };
                self.vault().delete_draft(draft.id).unwrap();
            }
            Step::Acknowledge => self.vault().acknowledge_recovery_code().unwrap(),
            _ => {}
        }
    }

    fn use_counter(&mut self, place: usize) {
        let Entry { id, counter, .. } = self.content.entries[place];
        match self.vault().record(id) {
            Ok(mut record) => {
                assert_eq!(record.credential.counter, counter, "a counter went back");
                record.credential.counter += 1;
                self.vault().update_record(id, &record).unwrap();
                self.content.entries[place].counter += 1;
                self.count("counter used");
            }
            Err(error) => {
                assert_eq!(error, VaultError::NeedsUnlockCode);
                assert!(self.content.closed.contains(&id));
            }
        }
    }

    fn put_draft(&mut self, issuer: Option<usize>) {
        if self.content.drafts.len() < 3 && self.content.closed.is_empty() {
            let text = self.fresh_name();
            let mut id = [0; 16];
            id[..4].copy_from_slice(&self.names.to_be_bytes());
            let (id, draft) = (DraftId(id), new(&text, issuer));
            self.vault().put_draft(id, Some(&draft), &SecretBytes::copy_of(text.as_bytes())).unwrap();
            self.content.drafts.push(Pending { id, name: text, issuer });
            self.settle(Trouble::None);
        }
    }

    fn finish_draft(&mut self) {
        if !self.content.closed.is_empty() {
            return;
        }
        let Some(Pending { id, name, issuer }) = self.content.drafts.pop() else { return };
        self.vault().finish_draft(id, new(&name, issuer)).unwrap();
        let (id, secret) = (IdentityId(id.0), name.clone());
        self.content.entries.push(Entry { id, name, secret, issuer, counter: 0 });
        self.count("draft finished");
        self.settle(Trouble::None);
    }

    /// Compares what can be seen with what was done.
    pub fn look(&mut self) {
        let labels = self.vault().labels().unwrap();
        let labels: Vec<_> = labels.iter().map(|(id, label)| (*id, label.name.as_str())).collect();
        let expected: Vec<_> = self.content.entries.iter().map(|one| (one.id, one.name.as_str())).collect();
        assert_eq!(labels, expected, "names and order");
        if !self.is_open() {
            return;
        }
        let records = self.vault().records().unwrap();
        let open: HashSet<IdentityId> = records.iter().map(|(id, _)| *id).collect();
        for (id, record) in &records {
            let entry = self.content.entries.iter().find(|one| one.id == *id).unwrap();
            assert_eq!(record.credential.counter, entry.counter, "a counter");
            assert!(record.credential.secret.ct_eq(entry.secret.as_bytes()), "a secret");
        }
        for entry in &self.content.entries {
            let closed = !open.contains(&entry.id);
            let expected = self.content.closed.contains(&entry.id);
            assert!(closed == expected || self.content.unsure.contains(&entry.id), "closed: {closed}");
        }
        let all = self.content.entries.iter().map(|one| one.id);
        self.content.closed = all.filter(|id| !open.contains(id)).collect();
        self.content.unsure.clear();
    }
}
