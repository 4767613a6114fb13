//! What tests in all three languages need and no shipped library has: the feature `testing`.

use std::sync::Arc;

use softtoken_core::lock::KdfProfile;
use softtoken_core::random::Random;

use crate::guard::{guarded, guarded_alone};
use crate::hooks::Hooks;
use crate::token::SoftToken;
use crate::types::{OpenConfig, TokenError};

#[uniffi::export]
impl SoftToken {
    /// `open` with seeded randomness and a cheap key derivation.
    #[uniffi::constructor]
    pub fn open_for_tests(config: OpenConfig, hooks: Hooks, seed: u64) -> Result<Arc<Self>, TokenError> {
        guarded_alone(|| {
            let (kdf, random) = (KdfProfile::cheap(), Random::seeded(seed));
            let core = softtoken_core::SoftToken::open_for_tests(config, hooks.into(), kdf, random)?;
            Ok(Arc::new(Self { core }))
        })
    }

    /// Panics inside the core with the vault under its mutex, as a fault of ours would: `Internal`, and the keys
    /// are gone. The token must be opened anew then.
    pub fn panic_inside(&self) -> Result<(), TokenError> {
        guarded(&self.core, || self.core.panic_inside())
    }
}
