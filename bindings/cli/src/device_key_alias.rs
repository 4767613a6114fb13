//! What every place of device keys shares: the form of an alias, and the function of a key.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use softtoken_core::ports::HookError;
use softtoken_core::secret::Key;

/// The vault id (32 hex digits) and the name of the key; an alias of another form is refused, so that
/// it leads nowhere as a path and means the same in every key store.
pub fn parts(alias: &str) -> Result<(&str, &str), HookError> {
    let (vault, name) = alias.split_once('/').ok_or(HookError::Unsupported)?;
    let vault_fits = vault.len() == 32 && vault.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let name_fits = (1..=MAX_NAME).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'z' | b'.' | b'_' | b'-'));
    if vault_fits && name_fits { Ok((vault, name)) } else { Err(HookError::Unsupported) }
}

/// HMAC-SHA256, the function behind `DeviceKey::eval`.
pub fn hmac(key: &Key<32>, input: &[u8; 32]) -> Result<Key<32>, HookError> {
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose()).map_err(|_| HookError::Unsupported)?;
    mac.update(input);
    let mut output = mac.finalize().into_bytes();
    let result = Key::from_slice(&output).ok_or(HookError::Unsupported);
    zeroize::Zeroize::zeroize(output.as_mut_slice());
    result
}

const MAX_NAME: usize = 64;
