//! Nothing of an identity can be read from the files, in any usual spelling.

mod vault_common;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use softtoken_core::secret::SecretBytes;
use softtoken_core::vault::{GroupChoice, NewIdentity, Vault};
use vault_common::{Home, PIN, identity, label, name, record};

const CANARIES: [&str; 7] = [
    "CanaryNameQx7",
    "CanaryIssuerQx7",
    "canary.account@qx7.example",
    "4711099887",
    "canary-secret-bytes-qx7!",
    "canary.address.qx7.example",
    "CanaryDraftNameQx7",
];

#[test]
fn no_word_and_no_secret_is_readable_in_any_file() {
    let home = Home::new();
    let mut vault = home.create();
    let mut found = 0;
    let mut look = |home: &Home| {
        for file in home.files() {
            let bytes = std::fs::read(home.path().join(&file)).unwrap();
            for canary in CANARIES.iter().copied().chain([PIN, "Other"]).filter(|c| c.len() > 4) {
                for form in forms(canary.as_bytes()) {
                    assert!(!contains(&bytes, &form), "{canary} in {file}");
                }
            }
            found += bytes.len();
        }
    };
    let id = vault.add(vec![canary(), identity("Other")]).unwrap()[0];
    look(&home);
    let draft = vault.new_draft_id().unwrap();
    vault
        .put_draft(draft, Some(&identity(CANARIES[6])), &SecretBytes::copy_of(CANARIES[4].as_bytes()))
        .unwrap();
    look(&home);
    let changed = vault.record(id).unwrap();
    vault.update_record(id, &changed).unwrap();
    vault.rename(id, &name(CANARIES[1])).unwrap();
    vault.move_to(id, 1).unwrap();
    look(&home);
    drop(vault);
    let cut = home
        .interrupted("UPDATE identities SET label = zeroblob(9), record = zeroblob(9); DELETE FROM drafts");
    assert!(std::fs::metadata(cut.path().join("vault.db-journal")).unwrap().len() > 4096, "a full journal");
    look(&cut);
    let mut vault = home.reopen();
    vault.delete_draft(draft).unwrap();
    vault.remove(id).unwrap();
    home.change_pin(&mut vault, "806423").unwrap();
    look(&home);
    drop(vault);
    look(&home);
    assert!(found > 100_000, "the scan read the files");
}

#[test]
fn the_scan_would_find_a_canary() {
    for spelled in forms(b"canary") {
        let hidden = [b"\x00\x01".as_slice(), &spelled, b"\xff"].concat();
        assert!(forms(b"canary").iter().any(|form| contains(&hidden, form)));
    }
    assert!(!contains(b"harmless", b"canary"));
}

#[test]
fn sealed_bytes_of_two_equal_identities_have_nothing_in_common() {
    let home = Home::new();
    let mut vault = home.create();
    let same = |text: &str| NewIdentity { record: record(b"the same secret"), ..identity(text) };
    vault.add(vec![same("A"), same("B")]).unwrap();
    drop(vault);
    let db = rusqlite::Connection::open(home.db()).unwrap();
    let rows: Vec<(Vec<u8>, Vec<u8>)> = db
        .prepare("SELECT record, label FROM identities")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let ((a, la), (b, lb)) = (&rows[0], &rows[1]);
    assert_eq!((a.len(), la.len()), (64 + 512, 64 + 128), "one block each, whatever is in it");
    assert_eq!((b.len(), lb.len()), (a.len(), la.len()));
    assert!(a.iter().zip(b).filter(|(x, y)| x == y).count() < 30);
}

#[test]
fn a_removed_identity_is_overwritten() {
    let home = Home::new();
    let mut vault = home.create();
    let id = vault.add(vec![identity("Bank")]).unwrap()[0];
    let sealed = sealed_record(&home, vault);
    let mut vault = home.reopen();
    assert!(contains(&std::fs::read(home.db()).unwrap(), &sealed[..64]));
    vault.remove(id).unwrap();
    drop(vault);
    for file in home.files() {
        assert!(!contains(&std::fs::read(home.path().join(&file)).unwrap(), &sealed[..64]), "{file}");
    }
}

fn sealed_record(home: &Home, vault: Vault) -> Vec<u8> {
    drop(vault);
    let db = rusqlite::Connection::open(home.db()).unwrap();
    db.query_row("SELECT record FROM identities", [], |row| row.get(0)).unwrap()
}

fn canary() -> NewIdentity {
    let mut label = label(CANARIES[0]);
    label.issuer = CANARIES[1].to_owned();
    label.account = CANARIES[2].to_owned();
    label.serial = Some(CANARIES[3].to_owned());
    label.address = Some(CANARIES[5].to_owned());
    let group = GroupChoice::Single { address: CANARIES[5].to_owned(), claimed_key: Some([0x5c; 32]) };
    NewIdentity { label, record: record(CANARIES[4].as_bytes()), group }
}

/// Raw, both cases of hex, Base32, Base64 at its three offsets, UTF-16.
fn forms(text: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = text.iter().map(|byte| format!("{byte:02x}")).collect();
    let base32 = softtoken_core::codec::base32::encode(text);
    let mut forms = vec![text.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
    forms.push(base32.trim_end_matches('=').as_bytes().to_vec());
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        for skip in 0..3 {
            // Only the characters that do not depend on the neighbours.
            let whole = &text[skip..text.len() - (text.len() - skip) % 3];
            forms.push(engine.encode(whole).into_bytes());
        }
    }
    forms.push(text.iter().flat_map(|byte| [*byte, 0]).collect());
    forms.retain(|form| form.len() >= 4);
    forms
}

fn contains(bytes: &[u8], form: &[u8]) -> bool {
    bytes.windows(form.len()).any(|window| window == form)
}
