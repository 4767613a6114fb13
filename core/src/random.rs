//! Random bytes. One type so that tests can be seeded; [`Random::system`] is the only source in a shipped binary.

use ring::rand::{SecureRandom, SystemRandom};

use crate::secret::Key;

/// A source of random bytes.
pub struct Random(Source);

enum Source {
    System(SystemRandom),
    #[cfg(any(test, feature = "testing"))]
    Seeded {
        seed: u64,
        block: std::sync::atomic::AtomicU64,
        drawn: Option<DrawnKeys>,
    },
}

/// Copies of the keys that a seeded source has made; tests only.
#[cfg(any(test, feature = "testing"))]
pub type DrawnKeys = std::sync::Arc<std::sync::Mutex<Vec<Vec<u8>>>>;

/// The operating system had no random bytes to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no random bytes from the operating system")]
pub struct NoRandom;

impl Random {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self(Source::System(SystemRandom::new()))
    }

    /// The same bytes for the same `seed` and the same order of calls; tests only.
    #[cfg(any(test, feature = "testing"))]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded { seed, block: std::sync::atomic::AtomicU64::new(0), drawn: None })
    }

    /// [`seeded`](Self::seeded), and every [`key`](Self::key) that it or a fork of it makes is copied to
    /// `drawn`: a test has to know a key to look for it. Tests only.
    #[cfg(any(test, feature = "testing"))]
    pub fn witnessed(seed: u64, drawn: DrawnKeys) -> Self {
        Self(Source::Seeded { seed, block: std::sync::atomic::AtomicU64::new(0), drawn: Some(drawn) })
    }

    /// Another source of the same kind; a seeded one gets a seed of its own.
    pub fn fork(&self) -> Self {
        match &self.0 {
            Source::System(_) => Self::system(),
            #[cfg(any(test, feature = "testing"))]
            Source::Seeded { seed, drawn, .. } => match drawn {
                Some(drawn) => Self::witnessed(seed.wrapping_add(1), drawn.clone()),
                None => Self::seeded(seed.wrapping_add(1)),
            },
        }
    }

    /// Fills `out` with random bytes.
    pub fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        match &self.0 {
            Source::System(system) => system.fill(out).map_err(|_| NoRandom),
            #[cfg(any(test, feature = "testing"))]
            Source::Seeded { seed, block, .. } => {
                use sha2::Digest;
                for chunk in out.chunks_mut(32) {
                    let n = block.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let bytes =
                        sha2::Sha256::new().chain_update(seed.to_be_bytes()).chain_update(n.to_be_bytes());
                    for (to, from) in chunk.iter_mut().zip(bytes.finalize()) {
                        *to = from;
                    }
                }
                Ok(())
            }
        }
    }

    /// A public random value (an id, a salt).
    pub fn array<const N: usize>(&self) -> Result<[u8; N], NoRandom> {
        let mut out = [0; N];
        self.fill(&mut out)?;
        Ok(out)
    }

    /// A random key.
    pub fn key<const N: usize>(&self) -> Result<Key<N>, NoRandom> {
        let key = Key::fill_with(|out| self.fill(out))?;
        #[cfg(any(test, feature = "testing"))]
        if let Source::Seeded { drawn: Some(drawn), .. } = &self.0 {
            let mut drawn = drawn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            drawn.push(key.expose().to_vec());
        }
        Ok(key)
    }

    /// A uniform number in `0..bound`, without modulo bias (rejection sampling); `bound` ≥ 1.
    pub fn below(&self, bound: u64) -> Result<u64, NoRandom> {
        let bound = bound.max(1);
        let limit = (u64::MAX / bound).saturating_mul(bound);
        loop {
            let candidate = u64::from_be_bytes(self.array::<8>()?);
            if candidate < limit {
                return Ok(candidate.checked_rem(bound).unwrap_or(0));
            }
        }
    }
}
