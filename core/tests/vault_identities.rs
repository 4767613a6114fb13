//! Identities and drafts in the vault.

mod vault_common;

use softtoken_core::identity::IdentityId;
use softtoken_core::secret::SecretBytes;
use softtoken_core::vault::{Group, GroupChoice, MAX_DRAFT, NewIdentity, VaultError};
use vault_common::{Home, identity, label, name, names, record};

const NOBODY: IdentityId = IdentityId([0xee; 16]);

#[test]
fn identities_are_kept_in_the_users_order() {
    let home = Home::new();
    let mut vault = home.create();
    let ids = vault.add(["A", "B", "C"].map(identity).into()).unwrap();
    vault.add(vec![identity("D")]).unwrap();
    assert_eq!(names(&vault), ["A", "B", "C", "D"]);
    vault.move_to(ids[2], 0).unwrap();
    assert_eq!(names(&vault), ["C", "A", "B", "D"]);
    vault.move_to(ids[2], 2).unwrap();
    assert_eq!(names(&vault), ["A", "B", "C", "D"]);
    vault.move_to(ids[0], usize::MAX).unwrap();
    assert_eq!(vault.move_to(NOBODY, 0), Err(VaultError::UnknownIdentity));
    drop(vault);
    let mut vault = home.reopen();
    assert_eq!(names(&vault), ["B", "C", "D", "A"]);
    vault.remove(ids[1]).unwrap();
    assert_eq!(names(&vault), ["C", "D", "A"]);
    assert_eq!(vault.remove(ids[1]), Err(VaultError::UnknownIdentity));
    let seen: Vec<_> =
        vault.records().unwrap().into_iter().map(|(_, r)| r.credential.secret.expose().to_vec()).collect();
    assert_eq!(seen, [b"C", b"D", b"A"]);
    let mut each = Vec::new();
    vault.each_record(|_, r| each.push(r.credential.secret.expose().to_vec())).unwrap();
    assert_eq!(each, seen);
}

#[test]
fn a_locked_vault_shows_labels_and_nothing_else() {
    let home = Home::new();
    let mut vault = home.create();
    let id = vault.add(vec![identity("Bank")]).unwrap()[0];
    vault.lock();
    assert_eq!(vault.labels().unwrap(), [(id, label("Bank"))]);
    assert_eq!(vault.label(id).unwrap(), label("Bank"));
    assert!(vault.is_name_taken(&name("BANK")).unwrap());
    let locked = Some(VaultError::Locked);
    assert_eq!(vault.record(id).err(), locked);
    assert_eq!(vault.records().err(), locked);
    assert_eq!(vault.drafts().err(), locked);
    assert_eq!(vault.add(vec![identity("X")]).err(), locked);
    assert_eq!(vault.rename(id, &name("X")).err(), locked);
    assert_eq!(vault.move_to(id, 0).err(), locked);
    assert_eq!(vault.remove(id).err(), locked);
    assert_eq!(vault.update_record(id, &record(b"x")).err(), locked);
    assert_eq!(
        vault.put_draft(softtoken_core::vault::DraftId([1; 16]), None, &SecretBytes::new(vec![])).err(),
        locked
    );
}

#[test]
fn names_are_unique_however_they_are_written() {
    let home = Home::new();
    let mut vault = home.create();
    vault.add(vec![identity("Bank")]).unwrap();
    for taken in [" bank ", "BANK", "B\u{430}nk", "Ｂａｎｋ", "Ba\u{200d}nk"] {
        assert!(vault.is_name_taken(&name(taken)).unwrap());
        assert_eq!(vault.add(vec![identity(taken)]).err(), Some(VaultError::NameTaken), "{taken:?}");
    }
    assert!(!vault.is_name_taken(&name("Bank 2")).unwrap());
    // One name of three is taken: none is added.
    assert_eq!(vault.add(["X", "bank", "Y"].map(identity).into()).err(), Some(VaultError::NameTaken));
    assert_eq!(vault.add(["X", "x"].map(identity).into()).err(), Some(VaultError::NameTaken));
    assert_eq!(names(&vault), ["Bank"]);
    assert!(!vault.is_name_taken(&name("X")).unwrap());
}

#[test]
fn a_rename_frees_the_old_name() {
    let home = Home::new();
    let mut vault = home.create();
    let ids = vault.add(["A", "B"].map(identity).into()).unwrap();
    assert_eq!(vault.rename(ids[0], &name("b")), Err(VaultError::NameTaken));
    assert!(vault.is_name_taken(&name("A")).unwrap(), "a refused rename keeps the old name");
    vault.rename(ids[0], &name("C")).unwrap();
    vault.rename(ids[1], &name("b")).unwrap();
    vault.rename(ids[1], &name("a")).unwrap();
    assert_eq!(vault.rename(NOBODY, &name("Z")), Err(VaultError::UnknownIdentity));
    drop(vault);
    assert_eq!(names(&home.reopen()), ["C", "a"]);
}

#[test]
fn a_removed_identity_frees_its_name_and_its_group() {
    let home = Home::new();
    let mut vault = home.create();
    let group = GroupChoice::Single { address: "id.example".to_owned(), claimed_key: Some([9; 32]) };
    let alone = NewIdentity { label: label("Work"), record: record(b"work"), group };
    let ids = vault.add(vec![alone, identity("Bank")]).unwrap();
    let kept = Group::Single { address: "id.example".to_owned(), claimed_key: Some([9; 32]) };
    assert_eq!(vault.group_of(ids[0]), Ok(kept));
    assert_eq!(vault.group_of(ids[1]), Ok(Group::Local));
    drop(vault);
    assert_eq!(count(&home, "groups"), 2);
    let mut vault = home.reopen();
    assert!(vault.record(ids[0]).unwrap().credential.secret.ct_eq(b"work"));
    vault.remove(ids[0]).unwrap();
    vault.remove(ids[1]).unwrap();
    vault.add(vec![identity("work"), identity("bank")]).unwrap();
    drop(vault);
    assert_eq!((count(&home, "groups"), count(&home, "names"), count(&home, "identities")), (1, 2, 2));
}

#[test]
fn an_updated_record_rises_in_version_and_survives() {
    let home = Home::new();
    let mut vault = home.create();
    let id = vault.add(vec![identity("Bank")]).unwrap()[0];
    for counter in 1..=3 {
        let mut changed = vault.record(id).unwrap();
        changed.credential.counter = counter;
        vault.update_record(id, &changed).unwrap();
    }
    assert_eq!(vault.update_record(NOBODY, &record(b"x")), Err(VaultError::UnknownIdentity));
    drop(vault);
    let db = rusqlite::Connection::open(home.db()).unwrap();
    let versions: (i64, i64) = db
        .query_row("SELECT version, label_version FROM identities", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(versions, (4, 1));
    drop(db);
    assert_eq!(home.reopen().record(id).unwrap().credential.counter, 3);
}

#[test]
fn a_draft_reserves_its_name_until_it_is_gone() {
    let home = Home::new();
    let mut vault = home.create();
    let body = SecretBytes::copy_of(b"draft body");
    let draft = vault.new_draft_id().unwrap();
    vault.put_draft(draft, Some(&identity("Bank")), &body).unwrap();
    assert!(vault.is_name_taken(&name("bank")).unwrap());
    assert_eq!(vault.add(vec![identity("BANK")]).err(), Some(VaultError::NameTaken));
    let other = vault.new_draft_id().unwrap();
    assert_eq!(vault.put_draft(other, Some(&identity("bank")), &body), Err(VaultError::NameTaken));
    vault.put_draft(other, None, &body).unwrap();
    // Written again under another name: the first is free.
    vault.put_draft(draft, Some(&identity("Bank 2")), &SecretBytes::copy_of(b"more")).unwrap();
    vault.add(vec![identity("BANK")]).unwrap();
    drop(vault);
    let mut vault = home.reopen();
    let drafts = vault.drafts().unwrap();
    let shown: Vec<_> = drafts.iter().map(|d| (d.id, d.name.clone(), d.body.expose().to_vec())).collect();
    assert_eq!(
        shown,
        [(draft, Some(name("Bank 2")), b"more".to_vec()), (other, None, b"draft body".to_vec())]
    );
    vault.delete_draft(draft).unwrap();
    assert_eq!(vault.delete_draft(draft), Err(VaultError::UnknownDraft));
    assert!(!vault.is_name_taken(&name("Bank 2")).unwrap());
    let huge = SecretBytes::new(vec![0; MAX_DRAFT + 1]);
    assert_eq!(vault.put_draft(other, None, &huge), Err(VaultError::TooLarge));
}

#[test]
fn finishing_a_draft_happens_whole_or_not_at_all() {
    let home = Home::new();
    let mut vault = home.create();
    vault.add(vec![identity("Taken")]).unwrap();
    let draft = vault.new_draft_id().unwrap();
    vault.put_draft(draft, Some(&identity("Bank")), &SecretBytes::copy_of(b"body")).unwrap();
    assert_eq!(vault.finish_draft(draft, identity("taken")).err(), Some(VaultError::NameTaken));
    assert_eq!(vault.drafts().unwrap().len(), 1, "the draft stays");
    assert!(vault.is_name_taken(&name("Bank")).unwrap(), "and its name");
    let id = vault.finish_draft(draft, identity("Bank")).unwrap();
    assert_eq!(id.0, draft.0, "the identity keeps the id");
    assert!(vault.drafts().unwrap().is_empty());
    assert_eq!(names(&vault), ["Taken", "Bank"]);
    assert_eq!(vault.finish_draft(draft, identity("Other")).err(), Some(VaultError::UnknownDraft));
    assert!(!vault.is_name_taken(&name("Other")).unwrap());
    vault.remove(id).unwrap();
    assert!(!vault.is_name_taken(&name("Bank")).unwrap());
}

#[test]
fn an_oversized_identity_is_refused_whole() {
    let home = Home::new();
    let mut vault = home.create();
    let mut huge = identity("Huge");
    huge.label.account = "a".repeat(70_000);
    assert_eq!(vault.add(vec![identity("Small"), huge]).err(), Some(VaultError::TooLarge));
    assert!(names(&vault).is_empty());
}

fn count(home: &Home, table: &str) -> i64 {
    let db = rusqlite::Connection::open(home.db()).unwrap();
    db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}
