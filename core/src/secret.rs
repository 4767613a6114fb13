//! Bytes that must not leak: no `Debug`, no `Clone`, no `Display`, wiped when dropped.
//!
//! Equality is constant-time and explicit ([`SecretBytes::ct_eq`]); there is no `PartialEq`.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// Overwrites the part of this thread's stack that the calls before have used and left.
///
/// Values that are moved and compilers that spill registers leave copies there, which nothing else
/// wipes. [`STACK_WIPED`] bytes below the caller's frame; frames that still live are not touched.
#[inline(never)]
pub fn wipe_stack() {
    let mut left = [0_u8; STACK_WIPED];
    std::hint::black_box(&mut left);
}

/// SHA-256 of `parts` one after the other. The hasher stays in one place on the heap: it holds up to 63
/// bytes of its input as they are, and one that is moved leaves them behind.
pub(crate) fn sha256(parts: &[&[u8]]) -> Key<32> {
    let mut hash = Box::new(Sha256::new());
    parts.iter().for_each(|part| hash.update(part));
    Key::new(hash.finalize_reset().into())
}

/// More than any verb uses, less than the smallest stack that threads have where this runs (512 KiB).
pub const STACK_WIPED: usize = 64 * 1024;

/// Secret bytes of any length (a seed, a key, a password) on the heap, wiped on drop.
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes over `bytes`; the vector's buffer is wiped when this value is dropped.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Copies `bytes`; wiping the original stays the caller's duty.
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self::new(bytes.to_vec())
    }

    /// The bytes, borrowed: name every place that needs them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Constant-time comparison (for equal lengths; the length itself is not a secret).
    pub fn ct_eq(&self, other: &[u8]) -> bool {
        self.0.as_slice().ct_eq(other).into()
    }

    /// An explicit copy, for the few places that must hold a secret twice.
    pub fn duplicate(&self) -> Self {
        Self::copy_of(&self.0)
    }
}

/// A key of `N` bytes on the heap, wiped on drop.
pub struct Key<const N: usize>(Box<Zeroizing<[u8; N]>>);

impl<const N: usize> Key<N> {
    /// A key that `fill` writes in place, so that no copy stays on the stack of the caller.
    pub fn fill_with<E>(fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = Box::new(Zeroizing::new([0_u8; N]));
        fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Moves `bytes` in and wipes the argument's own copy.
    pub fn new(mut bytes: [u8; N]) -> Self {
        let key = Self(Box::new(Zeroizing::new(bytes)));
        bytes.zeroize();
        key
    }

    /// `None` when `bytes` has another length.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Self::fill_with(|out| {
            if bytes.len() == N {
                out.copy_from_slice(bytes);
                Ok(())
            } else {
                Err(())
            }
        })
        .ok()
    }

    /// The bytes, borrowed.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// An explicit copy, for the few places that must hold a key twice.
    pub fn duplicate(&self) -> Self {
        let mut bytes = Box::new(Zeroizing::new([0_u8; N]));
        bytes.copy_from_slice(self.expose());
        Self(bytes)
    }
}
