//! Plaintexts of rows, as they come out of a sealed vault, and the rules of names.

use softtoken_core::activation::state::{ActivationInput, Ticket};
use softtoken_core::identity::encoding::{
    decode_credential, decode_label, decode_record, encode_credential, encode_label, encode_record,
};
use softtoken_core::identity::{IdentityName, MAX_NAME_CHARS, skeleton};
use softtoken_core::random::Random;
use softtoken_core::secret::SecretBytes;
use softtoken_core::vault::Vault;

use crate::device::{Device, never_internal};

/// A label, a record and a credential: what was read is written, and read again the same.
pub fn rows(data: &[u8]) {
    if let Ok(label) = decode_label(data) {
        let written = encode_label(&label).expect("what was read can be written");
        assert_eq!(decode_label(written.expose()).as_ref(), Ok(&label), "a label changed");
    }
    if let Ok(record) = decode_record(data) {
        let written = encode_record(&record).expect("what was read can be written");
        let again = decode_record(written.expose()).expect("what was written is read");
        let twice = encode_record(&again).expect("what was read can be written");
        assert!(written.ct_eq(twice.expose()), "a record changed");
        let _ = record.badge();
    }
    if let Ok(credential) = decode_credential(data) {
        let written = encode_credential(&credential).expect("what was read can be written");
        let again = decode_credential(written.expose()).expect("what was written is read");
        let twice = encode_credential(&again).expect("what was read can be written");
        assert!(written.ct_eq(twice.expose()), "a credential changed");
    }
}

/// A draft row with any plaintext: the token lives with it, and it can be resumed, dropped and removed.
pub fn drafts(data: &[u8]) {
    let device = Device::with_vault();
    {
        let keys = &device.fakes.device_key;
        let Ok(mut vault) = Vault::open(device.folder(), keys.as_ref(), Random::seeded(3)) else {
            panic!("a good vault does not open")
        };
        device.unlock_vault(&mut vault);
        let id = vault.new_draft_id().expect("random bytes");
        let name = IdentityName::new("Strange").expect("a name");
        // Too long is refused.
        if vault.reserve_draft(id, &name, &SecretBytes::copy_of(data)).is_err() {
            return;
        }
    }
    let token = never_internal(device.start()).expect("a vault with a strange draft opens");
    never_internal(token.unlock(Device::PIN)).expect("the PIN is right");
    let views = never_internal(token.identities()).unwrap_or_default();
    let _ = never_internal(token.codes(None));
    for view in views {
        let Ok(activation) = never_internal(token.resume_activation(view.id)) else { continue };
        let ticket = never_internal(activation.step()).map_or(Ticket(0), |step| step.ticket);
        let _ = never_internal(activation.advance(ticket, ActivationInput::Confirmed));
        let _ = never_internal(token.remove(view.id));
    }
    let _ = never_internal(token.lock());
}

/// Names: a skeleton is its own skeleton, a name that was taken is taken again, a suggestion is free.
pub fn names(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (first, second) = text.split_once('\n').unwrap_or((text, ""));
    let bare = skeleton(first);
    assert_eq!(skeleton(&bare), bare, "the skeleton of a skeleton differs");
    let _ = IdentityName::default_for(first, second, None);
    let _ = IdentityName::default_for(first, second, Some("4824413456"));
    let (one, two) = (IdentityName::new(first), IdentityName::new(second));
    if let Ok(name) = &one {
        assert!(name.as_str().chars().count() <= MAX_NAME_CHARS);
        let again = IdentityName::new(name.as_str());
        assert_eq!(again.as_ref().map(IdentityName::as_str), Ok(name.as_str()), "a name changed");
        assert!(name.clashes_with(name));
        let free = IdentityName::suggest(name, |other| other.clashes_with(name));
        assert!(!free.clashes_with(name), "the suggested name is taken");
    }
    if let (Ok(one), Ok(two)) = (&one, &two) {
        assert_eq!(one.clashes_with(two), one.skeleton() == two.skeleton());
        assert_eq!(one.clashes_with(two), two.clashes_with(one));
    }
}
