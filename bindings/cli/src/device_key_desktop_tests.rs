use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;

use keyring_core::Credential;
use keyring_core::api::{CredentialApi, CredentialStoreApi};

use super::*;

#[test]
fn a_key_is_a_function_that_stays_after_a_restart_and_differs_from_every_other() {
    let keys = DeviceKeyEntries::new(desktop);
    keys.create(&alias("meta")).unwrap();
    keys.create(&alias("pin.1")).unwrap();
    let one = keys.eval(&alias("meta"), &[7; 32]).unwrap();
    let restarted = DeviceKeyEntries::new(desktop);
    assert_eq!(one.expose(), restarted.eval(&alias("meta"), &[7; 32]).unwrap().expose());
    assert_ne!(one.expose(), keys.eval(&alias("meta"), &[8; 32]).unwrap().expose());
    assert_ne!(one.expose(), keys.eval(&alias("pin.1"), &[7; 32]).unwrap().expose());
}

#[test]
fn an_existing_key_is_never_replaced() {
    let keys = DeviceKeyEntries::new(desktop);
    keys.create(&alias("meta")).unwrap();
    let before = keys.eval(&alias("meta"), &[0; 32]).unwrap();
    assert_eq!(keys.create(&alias("meta")), Err(HookError::Unsupported));
    assert_eq!(before.expose(), keys.eval(&alias("meta"), &[0; 32]).unwrap().expose());
}

#[test]
fn a_deleted_key_is_lost_and_deleting_it_again_is_fine() {
    let keys = DeviceKeyEntries::new(desktop);
    keys.create(&alias("state.7")).unwrap();
    keys.delete(&alias("state.7")).unwrap();
    keys.delete(&alias("state.7")).unwrap();
    assert_eq!(keys.eval(&alias("state.7"), &[0; 32]).err(), Some(HookError::Lost));
}

#[test]
fn the_list_names_the_keys_of_one_vault_only() {
    let keys = DeviceKeyEntries::new(desktop);
    assert!(keys.list(VAULT).unwrap().is_empty());
    for alias in [&alias("pin.1"), &alias("meta"), "ffffffffffffffffffffffffffffffff/meta"] {
        keys.create(alias).unwrap();
    }
    assert_eq!(keys.list(VAULT).unwrap(), [alias("meta"), alias("pin.1")]);
}

#[test]
fn a_store_that_cannot_be_asked_never_says_that_a_key_is_lost() {
    let keys = DeviceKeyEntries::new(desktop);
    keys.create(&alias("meta")).unwrap();
    for (mood, expected) in [(Mood::Away, HookError::Transient), (Mood::Locked, HookError::UserCancelled)] {
        be(mood);
        assert_eq!(keys.eval(&alias("meta"), &[0; 32]).err(), Some(expected));
        assert_eq!(keys.create(&alias("pin.1")), Err(expected));
        assert_eq!(keys.delete(&alias("meta")), Err(expected));
        assert_eq!(keys.list(VAULT).err(), Some(expected));
    }
    be(Mood::Fine);
    assert_eq!(keys.list(VAULT).unwrap(), [alias("meta")]);
}

#[test]
fn an_entry_of_another_length_is_no_key() {
    let keys = DeviceKeyEntries::new(desktop);
    keys.entry(&alias("meta")).unwrap().set_secret(&[1; 31]).unwrap();
    assert_eq!(keys.eval(&alias("meta"), &[0; 32]).err(), Some(HookError::Invalidated));
}

pub const VAULT: &str = "00112233445566778899aabbccddeeff";

pub fn alias(name: &str) -> String {
    format!("{VAULT}/{name}")
}

/// How the store of this test answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Fine,
    /// No session, no service.
    Away,
    /// Locked, and the prompt was dismissed.
    Locked,
}

pub fn be(mood: Mood) {
    DESKTOP.with(|desktop| desktop.borrow_mut().0 = mood);
}

/// A store in memory; each test, being a thread, has its own.
pub fn desktop() -> keyring_core::Result<Arc<CredentialStore>> {
    with(|_| Ok(()))?;
    Ok(Arc::new(Memory))
}

type Entries = BTreeMap<(String, String), Vec<u8>>;

thread_local! {
    static DESKTOP: RefCell<(Mood, Entries)> = const { RefCell::new((Mood::Fine, BTreeMap::new())) };
}

fn with<T>(work: impl FnOnce(&mut Entries) -> keyring_core::Result<T>) -> keyring_core::Result<T> {
    DESKTOP.with(|desktop| {
        let (mood, entries) = &mut *desktop.borrow_mut();
        match mood {
            Mood::Fine => work(entries),
            Mood::Away => Err(Error::PlatformFailure("no bus".into())),
            Mood::Locked => Err(Error::NoStorageAccess("dismissed".into())),
        }
    })
}

struct Memory;

struct One(String, String);

impl One {
    fn place(&self) -> (String, String) {
        (self.0.clone(), self.1.clone())
    }
}

impl CredentialStoreApi for Memory {
    fn vendor(&self) -> String {
        "memory".into()
    }

    fn id(&self) -> String {
        "memory".into()
    }

    fn build(
        &self,
        service: &str,
        user: &str,
        _modifiers: Option<&HashMap<&str, &str>>,
    ) -> keyring_core::Result<Entry> {
        Ok(Entry::new_with_credential(Arc::new(One(service.into(), user.into()))))
    }

    fn search(&self, spec: &HashMap<&str, &str>) -> keyring_core::Result<Vec<Entry>> {
        let fits = |(service, _): &&(String, String)| spec.get("service") == Some(&service.as_str());
        let entry = |(service, user): &(String, String)| self.build(service, user, None);
        with(|entries| entries.keys().filter(fits).map(entry).collect())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl CredentialApi for One {
    fn set_secret(&self, secret: &[u8]) -> keyring_core::Result<()> {
        with(|entries| {
            entries.insert(self.place(), secret.to_vec());
            Ok(())
        })
    }

    fn get_secret(&self) -> keyring_core::Result<Vec<u8>> {
        with(|entries| entries.get(&self.place()).cloned().ok_or(Error::NoEntry))
    }

    fn get_attributes(&self) -> keyring_core::Result<HashMap<String, String>> {
        self.get_secret().map(|_| HashMap::new())
    }

    fn delete_credential(&self) -> keyring_core::Result<()> {
        with(|entries| entries.remove(&self.place()).map(drop).ok_or(Error::NoEntry))
    }

    fn get_credential(&self) -> keyring_core::Result<Option<Arc<Credential>>> {
        self.get_secret().map(|_| None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        Some(self.place())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
