//! Activation without network: seed and recovery key out of the order's secret and nine random digits.
//!
//! | Value | Made of |
//! |---|---|
//! | salt | SHA-256 of [`SALT_LABEL`], address, serial number, S, profile |
//! | root | Argon2id of the secret's digits ‖ the registration code's nine digits, under the salt |
//! | seed, K_rec | HKDF-SHA256 of root under [`SEED_LABEL`] and [`RECOVERY_LABEL`] |
//!
//! Both sides run the same function: the device with digits it has drawn, the issuer with the
//! registration code it was told. Nothing tells a wrong password from a right one; the first code
//! does, at the issuer. Normative text: `core/PROTOCOL.md` section 5.

use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroizing;

use super::address::Address;
use super::link::{LinkPayload, Mode, serial_to_bytes};
use super::manual::TypedDetails;
use super::profile::Profile;
use super::request::Refusal;
use super::{qr_password, registration_code};
use crate::codec::decimal::{RegistrationCode, SerialNumber};
use crate::error::Unsupported;
use crate::otp::{CodeSpec, code_at};
use crate::random::{NoRandom, Random};
use crate::secret::{Key, SecretBytes, sha256};
use crate::time::UnixTime;

/// What an offline activation starts from. No `Debug`, no `Clone`.
pub struct OfflineInput {
    /// 15 digits of the activation code, or the 8 of the password.
    secret: SecretBytes,
    address: Address,
    serial: SerialNumber,
    /// S of a QR code.
    qr_secret: Option<Key<16>>,
    profile: Profile,
}

/// What an offline activation ends with. No `Debug`, no `Clone`.
pub struct OfflineResult {
    /// The seed of the identity: 32 bytes for every algorithm.
    pub seed: Key<32>,
    /// K_rec, from which the issuer makes unlock codes.
    pub recovery_key: Key<32>,
    /// What the user types at the issuer.
    pub registration_code: RegistrationCode,
    /// How codes are made.
    pub spec: CodeSpec,
}

/// Where the issuer found the first code, by its own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completion {
    /// The step of the code; no code of it or an earlier one may be accepted again.
    pub step: u64,
    /// Steps that the device is ahead.
    pub drift: i64,
}

/// The slow function: a password and a salt to 32 bytes. [`argon2id`] everywhere but in tests of states.
pub type Stretch = dyn Fn(&[u8], &[u8; 32]) -> Result<Key<32>, StretchFailed>;

/// The slow function found no memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no memory for the key derivation")]
pub struct StretchFailed;

/// Why an offline activation could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfflineError {
    /// No random digits.
    #[error(transparent)]
    NoRandom(#[from] NoRandom),
    /// No memory.
    #[error(transparent)]
    Stretch(#[from] StretchFailed),
}

impl OfflineResult {
    /// The issuer's check of the code that the device shows: within [`WINDOW`] steps, nearest first, of
    /// two equally near the later one. `None`: another password or activation code was used, or a digit is wrong.
    pub fn complete(&self, code: &str, now: UnixTime) -> Option<Completion> {
        let CodeSpec::Totp { period, .. } = self.spec else { return None };
        let seconds = u64::from(period.seconds());
        let seed = self.seed.expose();
        let current = code_at(&self.spec, seed, None, now).ok()?.step;
        let distances = (0..=WINDOW).flat_map(|distance| [distance, 0_i64.saturating_sub(distance)]);
        distances.filter_map(|drift| Some((drift, current.checked_add_signed(drift)?))).find_map(
            |(drift, step)| {
                let time = UnixTime(step.checked_mul(seconds)?);
                let fits = code_at(&self.spec, seed, None, time).ok()?.code.ct_eq(code);
                fits.then_some(Completion { step, drift })
            },
        )
    }
}

impl LinkPayload {
    /// Whether it may be activated without network: a QR code whose issuer allows it.
    pub fn check_offline(&self) -> Result<(), Refusal> {
        match self.mode {
            Mode::QrCode if self.flags.offline_allowed => Ok(()),
            _ => Err(Refusal::Unsupported(Unsupported::Offline)),
        }
    }
}

impl OfflineInput {
    /// From a QR code and its password. Any eight digits are accepted; only the issuer can tell.
    pub fn from_link(payload: &LinkPayload, password: &[u8]) -> Result<Self, Refusal> {
        payload.check_offline()?;
        Ok(Self {
            secret: SecretBytes::copy_of(qr_password::read(password)?.expose()),
            address: payload.address.clone(),
            serial: payload.serial.clone(),
            qr_secret: Some(Key::new(*payload.secret.expose())),
            profile: payload.profile,
        })
    }

    /// From typed values, with the profile of all typed activations.
    pub fn from_typed(details: &TypedDetails) -> Self {
        let digits = details.activation_code.digits().as_bytes();
        Self {
            secret: SecretBytes::copy_of(without_check_digit(digits)),
            address: details.address.clone(),
            serial: details.serial.clone(),
            qr_secret: None,
            profile: Profile::TYPED,
        }
    }

    /// The device's side: draws the registration code and derives.
    pub fn start(&self, random: &Random, stretch: &Stretch) -> Result<OfflineResult, OfflineError> {
        Ok(self.derive(registration_code::draw(random)?, stretch)?)
    }

    /// The issuer's side, and the rest of the device's: everything that follows from the registration code.
    pub fn derive(&self, code: RegistrationCode, stretch: &Stretch) -> Result<OfflineResult, StretchFailed> {
        let mut password = Zeroizing::new(Vec::with_capacity(MAX_PASSWORD_BYTES));
        password.extend(self.secret.expose());
        password.extend(without_check_digit(code.digits().as_bytes()));
        let root = stretch(&password, &self.salt())?;
        Ok(OfflineResult {
            seed: expand(&root, SEED_LABEL)?,
            recovery_key: expand(&root, RECOVERY_LABEL)?,
            registration_code: code,
            spec: self.profile.spec(),
        })
    }

    /// The salt binds the result to issuer, token, QR code and profile.
    fn salt(&self) -> [u8; 32] {
        let address = self.address.ascii().as_bytes();
        let qr_secret = self.qr_secret.as_ref().map_or(&[][..], |secret| secret.expose());
        let salt = sha256(&[
            SALT_LABEL,
            &length(address),
            address,
            &serial_to_bytes(&self.serial),
            &length(qr_secret),
            qr_secret,
            &self.profile.to_bytes(),
        ]);
        *salt.expose()
    }
}

/// Argon2id as the profile has it (RFC 9106, version 0x13): 64 MiB, three passes, one lane, 32 bytes.
pub fn argon2id(password: &[u8], salt: &[u8; 32]) -> Result<Key<32>, StretchFailed> {
    let params =
        argon2::Params::new(MEMORY_KIB, PASSES, LANES, Some(ROOT_BYTES)).map_err(|_| StretchFailed)?;
    let slow = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    Key::fill_with(|root| slow.hash_password_into(password, salt, root)).map_err(|_| StretchFailed)
}

/// HKDF-SHA256 (RFC 5869) without salt, 32 bytes; it cannot fail for such a length.
fn expand(root: &Key<32>, label: &[u8]) -> Result<Key<32>, StretchFailed> {
    let keys = Salt::new(HKDF_SHA256, &[]).extract(root.expose());
    let label = [label];
    let okm = keys.expand(&label, Bytes32).map_err(|_| StretchFailed)?;
    Key::fill_with(|out| okm.fill(out)).map_err(|_| StretchFailed)
}

struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

/// The digits that carry the value.
pub(super) fn without_check_digit(digits: &[u8]) -> &[u8] {
    digits.split_last().map_or(digits, |(_, significant)| significant)
}

/// The length in one byte, so that no two inputs have the same bytes. All fields are shorter than 256.
pub(super) fn length(field: &[u8]) -> [u8; 1] {
    [u8::try_from(field.len()).unwrap_or(u8::MAX)]
}

/// How many steps a device's clock may be off when the activation is completed.
pub const WINDOW: i64 = 120;
/// Begins the salt's input.
pub const SALT_LABEL: &[u8] = b"softtoken/2 offline";
/// HKDF info of the seed.
pub const SEED_LABEL: &[u8] = b"seed";
/// HKDF info of K_rec.
pub const RECOVERY_LABEL: &[u8] = b"rec";
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;
const ROOT_BYTES: usize = 32;
const MAX_PASSWORD_BYTES: usize = 24;
