//! A whole vault file: edits of a real one, or any bytes.
//!
//! The first byte chooses the file (an even one the current schema's, an odd one schema 1's, 255 the rest
//! of the input as it is), then every five bytes are an edit: offset, verb, value.

use softtoken_core::random::Random;
use softtoken_core::vault::{Vault, VaultError, VaultState};

use crate::device::{Device, current, first, never_internal};

/// Whatever is in the file: it opens, or is refused, or is kept aside, and the token goes on.
pub fn run(data: &[u8]) {
    let Some((&kind, edits)) = data.split_first() else { return };
    let image = if kind % 2 == 0 { current() } else { first() };
    let mut bytes = image.bytes.clone();
    match kind {
        255 => edits.clone_into(&mut bytes),
        _ => edits.as_chunks::<5>().0.iter().for_each(|edit| change(&mut bytes, *edit)),
    }
    let device = Device::holding(image, &bytes);
    if !can_be_opened(&device, &bytes) {
        return;
    }
    let Ok(token) = never_internal(device.start()) else { return };
    let _ = never_internal(token.status());
    if never_internal(token.unlock(Device::PIN)).is_ok() {
        for view in never_internal(token.identities()).unwrap_or_default() {
            let _ = never_internal(token.next_code(view.id));
            let _ = never_internal(token.rename(view.id, "Another name"));
        }
        let _ = (never_internal(token.codes(None)), never_internal(token.policy_view(None)));
        let _ = never_internal(token.change_pin(Device::PIN, b"8265"));
    }
    let _ = (never_internal(token.unlock_requests()), never_internal(token.lock()));
}

/// Opens it once as the vault alone. False when there is nothing to unlock, or when the file asks for a key
/// derivation that is allowed and slow.
fn can_be_opened(device: &Device, bytes: &[u8]) -> bool {
    let open = || Vault::open(device.folder(), device.fakes.device_key.as_ref(), Random::seeded(3));
    match open() {
        Err(VaultError::Damaged { kept_at }) => {
            let kept = kept_at.expect("a damaged file is kept");
            let kept = std::fs::read(kept).expect("the kept file");
            // An old schema climbs before it is looked at.
            assert!(kept == bytes || is_old(bytes), "a damaged file was changed");
            assert!(open().is_ok_and(|vault| vault.state() == VaultState::Fresh), "no new vault after it");
            false
        }
        Err(VaultError::Internal) => panic!("an internal error"),
        Err(_) => false,
        Ok(vault) => match vault.ask_pin() {
            Ok(ask) => ask.profile().parameters().0 <= 1024,
            // Blocked, or nothing there: the token has to live with it all the same.
            Err(_) => true,
        },
    }
}

/// Whether the file says that it has an older schema (`user_version`, at offset 60 of SQLite's head).
fn is_old(bytes: &[u8]) -> bool {
    bytes.get(60..64) != current().bytes.get(60..64)
}

fn change(bytes: &mut Vec<u8>, [low, middle, high, verb, value]: [u8; 5]) {
    let length = bytes.len().max(1);
    let offset = usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16;
    let offset = offset % length;
    let page = offset / PAGE * PAGE;
    match verb % 8 {
        0 => bytes.truncate(offset),
        1 => bytes.extend(std::iter::repeat_n(value, offset % 600)),
        2 => {
            let end = (page + PAGE).min(bytes.len());
            bytes[page..end].fill(value);
        }
        3 => {
            let from = usize::from(value) * PAGE % length / PAGE * PAGE;
            let end = (from + PAGE).min(bytes.len());
            let count = end.saturating_sub(from).min(bytes.len().saturating_sub(page));
            bytes.copy_within(from..from + count, page);
        }
        // The head of the file, and of each page, is where most is decided.
        4 => set(bytes, offset % 100, |_| value),
        5 => set(bytes, page + usize::from(high) % 16, |_| value),
        6 => set(bytes, offset, |byte| byte ^ value.max(1)),
        _ => set(bytes, offset, |_| value),
    }
}

fn set(bytes: &mut [u8], offset: usize, to: impl Fn(u8) -> u8) {
    if let Some(byte) = bytes.get_mut(offset) {
        *byte = to(*byte);
    }
}

const PAGE: usize = 4096;
