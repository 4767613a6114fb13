//! mOTP (motp.sourceforge.net): MD5 of time, secret and PIN. The secret counts as its hexadecimal
//! text, in lower case as all generators write it.

use md5::{Digest, Md5};
use zeroize::Zeroize;

use super::Code;
use crate::codec::hex;

/// The six hexadecimal digits for `step` (Unix time / 10).
pub(super) fn code(secret: &[u8], pin: &[u8], step: u64) -> Code {
    let mut hash = Md5::new();
    hash.update(step.to_string());
    hash.update(hex::encode(secret).as_bytes());
    hash.update(pin);
    let mut bytes = hash.finalize();
    let mut nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let code = Code::forwards(6, || hex::digit(nibbles.next().unwrap_or_default()));
    bytes.zeroize();
    code
}
