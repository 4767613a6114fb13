use super::*;
use crate::device_key_desktop::tests::{Mood, VAULT, alias, be, desktop};

fn state() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    (folder, keys)
}

fn keys(folder: &Path, new_vaults: Home) -> DeviceKeys {
    DeviceKeys::new(folder.to_owned(), desktop, new_vaults)
}

#[test]
fn a_vault_made_with_keyring_has_its_keys_in_the_key_store_and_keeps_to_it() {
    let (_state, folder) = state();
    keys(&folder, Home::KeyStore).create(&alias("meta")).unwrap();
    // Later commands do not say it again.
    let later = keys(&folder, Home::Files);
    later.eval(&alias("meta"), &[0; 32]).unwrap();
    later.create(&alias("state.2")).unwrap();
    assert_eq!(later.list(VAULT).unwrap(), [alias("meta"), alias("state.2")]);
    assert!(later.files.list(VAULT).unwrap().is_empty());
    later.delete(&alias("state.2")).unwrap();
    assert_eq!(later.entries.list(VAULT).unwrap(), [alias("meta")]);
}

#[test]
fn a_vault_made_without_never_asks_the_key_store() {
    be(Mood::Away);
    let (_state, folder) = state();
    let files = keys(&folder, Home::Files);
    // As the core makes a key: what an interrupted attempt left is deleted first.
    files.delete(&alias("meta")).unwrap();
    files.create(&alias("meta")).unwrap();
    let with_keyring = keys(&folder, Home::KeyStore);
    with_keyring.create(&alias("pin.1")).unwrap();
    assert_eq!(with_keyring.list(VAULT).unwrap(), [alias("meta"), alias("pin.1")]);
    assert_eq!(with_keyring.eval(&alias("pin.2"), &[0; 32]).err(), Some(HookError::Lost));
}

#[test]
fn keys_on_another_device_are_lost_and_keys_behind_a_closed_store_are_not() {
    let (_state, folder) = state();
    keys(&folder, Home::KeyStore).create(&alias("meta")).unwrap();
    be(Mood::Away);
    let here = keys(&folder, Home::Files).eval(&alias("meta"), &[0; 32]);
    assert_eq!(here.err(), Some(HookError::Transient));
    let (_state, elsewhere) = state();
    let there = keys(&elsewhere, Home::Files).eval(&alias("meta"), &[0; 32]);
    assert_eq!(there.err(), Some(HookError::Lost));
}

#[test]
fn a_lost_state_folder_is_found_again_in_the_key_store() {
    let (_state, folder) = state();
    let keys = keys(&folder, Home::KeyStore);
    keys.create(&alias("meta")).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let later = DeviceKeys::new(folder.clone(), desktop, Home::Files);
    be(Mood::Locked);
    assert_eq!(later.eval(&alias("meta"), &[0; 32]).err(), Some(HookError::UserCancelled));
    be(Mood::Fine);
    later.eval(&alias("meta"), &[0; 32]).unwrap();
    assert_eq!(later.known(VAULT).unwrap(), Some(Home::KeyStore));
    be(Mood::Away);
    assert_eq!(later.eval(&alias("meta"), &[0; 32]).err(), Some(HookError::Transient));
}

#[test]
fn a_key_store_that_refuses_leaves_nothing_behind() {
    for mood in [Mood::Away, Mood::Locked] {
        be(mood);
        let (_state, folder) = state();
        assert!(keys(&folder, Home::KeyStore).create(&alias("meta")).is_err());
        assert!(!folder.exists());
    }
}

#[test]
fn a_vault_that_was_not_made_leaves_nothing_behind() {
    let (_state, folder) = state();
    let keys = keys(&folder, Home::KeyStore);
    // The order in which the core takes them back.
    let aliases = [alias("meta"), alias("pin.1"), alias("state.1")];
    aliases.iter().for_each(|alias| keys.create(alias).unwrap());
    aliases.iter().for_each(|alias| keys.delete(alias).unwrap());
    assert!(keys.entries.list(VAULT).unwrap().is_empty());
    assert!(!folder.join(VAULT).exists());
}
