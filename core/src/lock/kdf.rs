//! Stretching PINs and unlock codes with Argon2id.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

use crate::secret::Key;

/// Argon2id cost. Only [`KdfProfile::standard`] can be chosen in a shipped build; a file may hold another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KdfProfile {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl KdfProfile {
    /// 64 MiB, three passes, one lane.
    pub fn standard() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 }
    }

    /// What unlock codes of a vault with this profile cost: 19 MiB and two passes, never more than the
    /// PIN. A code has 60 bits, so it needs less.
    pub fn for_codes(self) -> Self {
        Self { memory_kib: self.memory_kib.min(19 * 1024), passes: self.passes.min(2), lanes: 1 }
    }

    /// The least that Argon2 allows; tests only.
    #[cfg(any(test, feature = "testing"))]
    pub fn cheap() -> Self {
        Self { memory_kib: 8, passes: 1, lanes: 1 }
    }

    /// A profile read from a file; `None` when Argon2 does not know it or it is above the caps.
    pub(crate) fn from_stored(memory_kib: u32, passes: u32, lanes: u32) -> Option<Self> {
        let known = (1..=MAX_PASSES).contains(&passes)
            && (1..=MAX_LANES).contains(&lanes)
            && (lanes.checked_mul(8)?..=MAX_MEMORY_KIB).contains(&memory_kib);
        known.then_some(Self { memory_kib, passes, lanes })
    }

    /// Memory in KiB, passes, lanes.
    pub fn parameters(self) -> (u32, u32, u32) {
        (self.memory_kib, self.passes, self.lanes)
    }

    /// The dearer of the two in every respect: a new PIN never lowers what the file has.
    pub(crate) fn at_least(self, other: Self) -> Self {
        Self {
            memory_kib: self.memory_kib.max(other.memory_kib),
            passes: self.passes.max(other.passes),
            lanes: self.lanes.max(other.lanes),
        }
    }

    /// About 100 ms with the standard profile. Needs no vault and no lock.
    pub(crate) fn stretch(self, secret: &[u8], salt: &[u8; 16]) -> Result<Stretched, KdfError> {
        let params =
            Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).map_err(|_| KdfError::Profile)?;
        let mut blocks = Vec::new();
        let count = params.block_count();
        blocks.try_reserve_exact(count).map_err(|_| KdfError::NoMemory)?;
        blocks.resize(count, Block::default());
        // A slice is wiped once, a vector twice: its elements, and then its capacity.
        let mut blocks: Zeroizing<Box<[Block]>> = Zeroizing::new(blocks.into_boxed_slice());
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Key::fill_with(|out| {
            argon
                .hash_password_into_with_memory(secret, salt, out, &mut blocks[..])
                .map_err(|_| KdfError::Profile)
        })
        .map(Stretched)
    }
}

/// A stretched PIN or code. Opens nothing without the device key. No `Debug`, no `Clone`.
pub struct Stretched(Key<32>);

impl Stretched {
    /// What the device key is asked.
    pub fn input(&self) -> &[u8; 32] {
        self.0.expose()
    }
}

/// Why a PIN or code could not be stretched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KdfError {
    /// Not enough memory; the try was not counted.
    #[error("not enough memory")]
    NoMemory,
    /// Argon2 refuses the parameters.
    #[error("bad key derivation parameters")]
    Profile,
}

/// 1 GiB: a file cannot make the app take more.
const MAX_MEMORY_KIB: u32 = 1024 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_profiles_have_caps() {
        for (memory, passes, lanes, fine) in [
            (65_536, 3, 1, true),
            (8, 1, 1, true),
            (7, 1, 1, false),
            (15, 1, 2, false),
            (1 << 20, 16, 1, true),
            ((1 << 20) + 1, 1, 1, false),
            (65_536, 17, 1, false),
            (65_536, 0, 1, false),
            (65_536, 3, 0, false),
            (65_536, 3, 17, false),
            (u32::MAX, u32::MAX, u32::MAX, false),
        ] {
            assert_eq!(
                KdfProfile::from_stored(memory, passes, lanes).is_some(),
                fine,
                "{memory} {passes} {lanes}"
            );
        }
    }

    #[test]
    fn a_new_pin_never_lowers_the_cost() {
        assert_eq!(KdfProfile::cheap().at_least(KdfProfile::standard()), KdfProfile::standard());
        assert_eq!(KdfProfile::standard().at_least(KdfProfile::cheap()), KdfProfile::standard());
    }

    #[test]
    fn unlock_codes_cost_less_than_a_pin() {
        assert_eq!(KdfProfile::standard().for_codes().parameters(), (19 * 1024, 2, 1));
        assert_eq!(KdfProfile::cheap().for_codes(), KdfProfile::cheap());
    }

    #[test]
    fn stretching_is_argon2id_of_pin_and_salt() {
        let stretched = KdfProfile::standard().stretch(b"8064", &[0x24; 16]).unwrap();
        let hex: String = stretched.input().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, STANDARD);
        let other = KdfProfile::cheap().stretch(b"8064", &[0x24; 16]).unwrap();
        assert_ne!(stretched.input(), other.input());
    }

    /// From the reference implementation (Python `argon2-cffi`): salt 16 × 0x24, version 0x13.
    const STANDARD: &str = "198127429e6673c3252f75d0e6c4b1d4b0d433092864949231b55bb391b6b187";
}
