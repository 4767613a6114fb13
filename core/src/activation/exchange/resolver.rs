//! The primitives that the Noise library works with: SHA-256 and ChaCha20-Poly1305 as everywhere in this
//! crate, X25519 that refuses an all-zero result, and an ephemeral key that was drawn beforehand.
//!
//! | Noise name | Made with |
//! |---|---|
//! | `25519` | curve25519-dalek; a zero result is an error (RFC 7748 section 6.1) |
//! | `ChaChaPoly` | ring (RFC 8439); nonce = 4 zero bytes ‖ u64 little-endian (Noise section 12.3) |
//! | `SHA256` | sha2 |
//!
//! Anything else is not there, so no other protocol can be spoken by mistake.

use curve25519_dalek::MontgomeryPoint;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use sha2::{Digest, Sha256};
use snow::Error;
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::CryptoResolver;
use snow::types;
use zeroize::Zeroizing;

use crate::secret::Key;

/// Lends the primitives to one handshake, whose ephemeral private key it holds.
pub(super) struct Resolver {
    ephemeral: Key<32>,
}

impl Resolver {
    /// The ephemeral key must come from [`crate::random::Random`] and serve once.
    pub(super) fn new(ephemeral: Key<32>) -> Self {
        Self { ephemeral }
    }
}

/// The X25519 public key of a private one.
pub fn public_key(private: &Key<32>) -> [u8; 32] {
    MontgomeryPoint::mul_base_clamped(*private.expose()).to_bytes()
}

/// X25519 of a private and a public key; `None` where the result is all zeros.
pub fn agree(private: &Key<32>, public: &[u8; 32]) -> Option<Key<32>> {
    let shared = Key::new(MontgomeryPoint(*public).mul_clamped(*private.expose()).to_bytes());
    let zero: bool = subtle::ConstantTimeEq::ct_eq(&shared.expose()[..], &[0; 32][..]).into();
    (!zero).then_some(shared)
}

impl CryptoResolver for Resolver {
    fn resolve_rng(&self) -> Option<Box<dyn types::Random>> {
        Some(Box::new(Drawn(Some(self.ephemeral.duplicate()))))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn types::Dh>> {
        match choice {
            DHChoice::Curve25519 => {
                Some(Box::new(X25519 { private: Key::new([0; 32]), public: [0; 32] }) as Box<dyn types::Dh>)
            }
            _ => None,
        }
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn types::Hash>> {
        match choice {
            HashChoice::SHA256 => Some(Box::new(Hash(Sha256::new())) as Box<dyn types::Hash>),
            _ => None,
        }
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn types::Cipher>> {
        match choice {
            CipherChoice::ChaChaPoly => Some(Box::new(ChaChaPoly(None)) as Box<dyn types::Cipher>),
            _ => None,
        }
    }
}

/// Gives the drawn key once; a second wish is an error, because no handshake needs two.
struct Drawn(Option<Key<32>>);

impl types::Random for Drawn {
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
        match self.0.take() {
            Some(key) if dest.len() == key.expose().len() => {
                dest.copy_from_slice(key.expose());
                Ok(())
            }
            _ => Err(Error::Rng),
        }
    }
}

struct X25519 {
    private: Key<32>,
    public: [u8; 32],
}

impl X25519 {
    fn take(&mut self, private: Key<32>) {
        self.public = public_key(&private);
        self.private = private;
    }
}

impl types::Dh for X25519 {
    fn name(&self) -> &'static str {
        "25519"
    }

    fn pub_len(&self) -> usize {
        32
    }

    fn priv_len(&self) -> usize {
        32
    }

    fn set(&mut self, private: &[u8]) {
        // A key of another length stays unset, and the handshake fails at its first message.
        if let Some(private) = Key::from_slice(private) {
            self.take(private);
        }
    }

    fn generate(&mut self, random: &mut dyn types::Random) -> Result<(), Error> {
        let private = Key::fill_with(|out| random.try_fill_bytes(out))?;
        self.take(private);
        Ok(())
    }

    fn pubkey(&self) -> &[u8] {
        &self.public
    }

    fn privkey(&self) -> &[u8] {
        self.private.expose()
    }

    fn dh(&self, public: &[u8], out: &mut [u8]) -> Result<(), Error> {
        let public = public.first_chunk::<32>().ok_or(Error::Dh)?;
        let shared = agree(&self.private, public).ok_or(Error::Dh)?;
        out.get_mut(..32).ok_or(Error::Dh)?.copy_from_slice(shared.expose());
        Ok(())
    }
}

struct Hash(Sha256);

impl types::Hash for Hash {
    fn name(&self) -> &'static str {
        "SHA256"
    }

    fn block_len(&self) -> usize {
        64
    }

    fn hash_len(&self) -> usize {
        32
    }

    fn reset(&mut self) {
        Digest::reset(&mut self.0);
    }

    fn input(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn result(&mut self, out: &mut [u8]) {
        out.iter_mut().zip(self.0.finalize_reset()).for_each(|(to, from)| *to = from);
    }
}

struct ChaChaPoly(Option<LessSafeKey>);

impl ChaChaPoly {
    fn nonce(number: u64) -> Nonce {
        let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
        Nonce::assume_unique_for_key([0, 0, 0, 0, a, b, c, d, e, f, g, h])
    }
}

impl types::Cipher for ChaChaPoly {
    fn name(&self) -> &'static str {
        "ChaChaPoly"
    }

    fn set(&mut self, key: &[u8; 32]) {
        self.0 = UnboundKey::new(&CHACHA20_POLY1305, key).ok().map(LessSafeKey::new);
    }

    fn encrypt(&self, nonce: u64, ad: &[u8], plain: &[u8], out: &mut [u8]) -> usize {
        // The library leaves room for the tag. Where it did not, nothing goes out and nobody can read it.
        let mut sealed = Zeroizing::new(plain.to_vec());
        let Some(key) = &self.0 else { return 0 };
        let Ok(tag) = key.seal_in_place_separate_tag(Self::nonce(nonce), Aad::from(ad), &mut sealed) else {
            return 0;
        };
        sealed.extend_from_slice(tag.as_ref());
        let Some(out) = out.get_mut(..sealed.len()) else { return 0 };
        out.copy_from_slice(&sealed);
        sealed.len()
    }

    fn decrypt(&self, nonce: u64, ad: &[u8], sealed: &[u8], out: &mut [u8]) -> Result<usize, Error> {
        let key = self.0.as_ref().ok_or(Error::Decrypt)?;
        let mut opened = Zeroizing::new(sealed.to_vec());
        let plain =
            key.open_in_place(Self::nonce(nonce), Aad::from(ad), &mut opened).map_err(|_| Error::Decrypt)?;
        out.get_mut(..plain.len()).ok_or(Error::Decrypt)?.copy_from_slice(plain);
        Ok(plain.len())
    }
}
