use super::*;

const VAULT: &str = "00112233445566778899aabbccddeeff";

fn keys() -> (tempfile::TempDir, DeviceKeyFiles) {
    let folder = tempfile::tempdir().unwrap();
    let keys = DeviceKeyFiles::new(folder.path().join("state").join("keys"));
    (folder, keys)
}

fn alias(name: &str) -> String {
    format!("{VAULT}/{name}")
}

#[test]
fn a_key_is_a_function_that_stays_and_differs_from_every_other() {
    let (_folder, keys) = keys();
    keys.create(&alias("meta")).unwrap();
    keys.create(&alias("pin.1")).unwrap();
    let one = keys.eval(&alias("meta"), &[7; 32]).unwrap();
    assert_eq!(one.expose(), keys.eval(&alias("meta"), &[7; 32]).unwrap().expose());
    assert_ne!(one.expose(), keys.eval(&alias("meta"), &[8; 32]).unwrap().expose());
    assert_ne!(one.expose(), keys.eval(&alias("pin.1"), &[7; 32]).unwrap().expose());
}

#[test]
fn the_function_is_hmac_sha256() {
    let (_folder, keys) = keys();
    keys.create(&alias("meta")).unwrap();
    fs::write(keys.path(&alias("meta")).unwrap(), [0x0b; 32]).unwrap();
    let output = keys.eval(&alias("meta"), &[0; 32]).unwrap();
    let head = output.expose().iter().take(4).map(|b| format!("{b:02x}")).collect::<String>();
    // Computed with an independent implementation: HMAC-SHA256(32 × 0b, 32 × 00).
    assert_eq!(head, HEAD);
}

#[test]
fn an_existing_key_is_never_replaced() {
    let (_folder, keys) = keys();
    keys.create(&alias("meta")).unwrap();
    let before = keys.eval(&alias("meta"), &[0; 32]).unwrap();
    assert!(keys.create(&alias("meta")).is_err());
    assert_eq!(before.expose(), keys.eval(&alias("meta"), &[0; 32]).unwrap().expose());
}

#[test]
fn a_deleted_key_is_lost_and_deleting_it_again_is_fine() {
    let (_folder, keys) = keys();
    keys.create(&alias("state.7")).unwrap();
    keys.delete(&alias("state.7")).unwrap();
    keys.delete(&alias("state.7")).unwrap();
    assert_eq!(keys.eval(&alias("state.7"), &[0; 32]).err(), Some(HookError::Lost));
}

#[test]
fn the_list_names_finished_keys_of_one_vault_only() {
    let (_folder, keys) = keys();
    assert!(keys.list(VAULT).unwrap().is_empty());
    keys.create(&alias("meta")).unwrap();
    keys.create(&alias("pin.1")).unwrap();
    keys.create("ffffffffffffffffffffffffffffffff/meta").unwrap();
    fs::write(keys.path(&alias("half")).unwrap().with_extension("new"), [0; 3]).unwrap();
    assert_eq!(keys.list(VAULT).unwrap(), [alias("meta"), alias("pin.1")]);
}

#[test]
fn a_key_that_was_cut_short_is_not_used() {
    let (_folder, keys) = keys();
    keys.create(&alias("meta")).unwrap();
    fs::write(keys.path(&alias("meta")).unwrap(), [1; 31]).unwrap();
    assert_eq!(keys.eval(&alias("meta"), &[0; 32]).err(), Some(HookError::Invalidated));
}

#[test]
fn no_alias_leads_out_of_the_folder() {
    let (_folder, keys) = keys();
    let bad = ["meta", "../meta", "x/meta", &alias(""), &alias("../meta"), &alias(".hidden"), &alias("a/b")];
    assert!(bad.iter().all(|alias| keys.create(alias) == Err(HookError::Unsupported)));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_keys_or_see_their_names() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, keys) = keys();
    keys.create(&alias("meta")).unwrap();
    let path = keys.path(&alias("meta")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&keys.folder), 0o700);
}

const HEAD: &str = "abf0195c";
