//! A pretended device: keys, clock, and a folder in memory.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use softtoken_core::TokenError;
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState,
};
use softtoken_core::codec::hex;
use softtoken_core::lock::{KdfProfile, Pin};
use softtoken_core::random::Random;
use softtoken_core::testing::{Fakes, KeyCopy};
use softtoken_core::token::{OpenConfig, SoftToken};
use softtoken_core::vault::{self, Vault};
use tempfile::TempDir;
use zeroize::Zeroizing;

/// A vault file with the keys of its device.
pub struct Image {
    /// The content of `vault.db`.
    pub bytes: Vec<u8>,
    keys: KeyCopy,
}

/// A device that one input may use and break.
pub struct Device {
    folder: TempDir,
    pub fakes: Fakes,
    starts: Cell<u64>,
}

impl Device {
    /// The PIN of every vault here.
    pub const PIN: &[u8] = b"7294";

    /// A device without a vault.
    pub fn new() -> Self {
        let fakes = Fakes::new(5);
        fakes.clock.set(1_800_000_000);
        // Memory where there is some to have: nothing here is to last, and every input needs a folder.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self { folder: folder.expect("a folder"), fakes, starts: Cell::new(11) }
    }

    /// A device with a copy of [`current`].
    pub fn with_vault() -> Self {
        Self::holding(current(), &current().bytes)
    }

    /// A device that has the keys of `image`, and `bytes` for a vault.
    pub fn holding(image: &Image, bytes: &[u8]) -> Self {
        let device = Self::new();
        device.fakes.device_key.restore(&image.keys);
        // The image's own runs came before.
        device.starts.set(1000);
        std::fs::write(device.folder().join("vault.db"), bytes).expect("a writable folder");
        device
    }

    /// Where the vault is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the token, as a program does.
    pub fn start(&self) -> Result<Arc<SoftToken>, TokenError> {
        let config = OpenConfig { folder: self.folder().to_owned() };
        // Each run draws its own ids.
        self.starts.set(self.starts.get() + 1);
        let random = Random::seeded(self.starts.get());
        SoftToken::open_for_tests(config, self.fakes.hooks(), KdfProfile::cheap(), random)
    }

    /// Opens `vault` with the PIN.
    pub fn unlock_vault(&self, vault: &mut Vault) {
        let pin = Pin::new(Self::PIN).expect("a PIN");
        let opened = vault::unlock(&RefCell::new(vault), self.fakes.device_key.as_ref(), &pin, None);
        opened.expect("the PIN is right");
    }
}

/// The answer, which must not be an excuse for a bug.
pub fn never_internal<T>(answer: Result<T, TokenError>) -> Result<T, TokenError> {
    if let Err(error) = &answer {
        assert_ne!(*error, TokenError::Internal, "an internal error");
        let _ = format!("{error:?} {error}");
    }
    answer
}

/// A vault of this version with four identities.
pub fn current() -> &'static Image {
    &CURRENT
}

/// The frozen vault of schema 1.
pub fn first() -> &'static Image {
    &FIRST
}

static CURRENT: LazyLock<Image> = LazyLock::new(|| {
    let device = Device::new();
    let token = device.start().expect("an empty folder");
    token.set_pin(Device::PIN).expect("a good PIN");
    for link in LINKS {
        let source = ActivationSource::Text(Zeroizing::new((*link).to_owned()));
        let activation = token.begin_activation(source, ActivationOptions::default()).expect("a good link");
        let ticket = activation.step().expect("a state").ticket;
        let step = activation.advance(ticket, ActivationInput::Consent { name: None }).expect("a free name");
        assert!(matches!(step.state, ActivationState::Done { .. }));
    }
    token.lock().expect("an open vault");
    drop(token);
    let bytes = std::fs::read(device.folder().join("vault.db")).expect("a vault");
    Image { bytes, keys: device.fakes.device_key.copy() }
});

static FIRST: LazyLock<Image> = LazyLock::new(|| {
    let folder = crate::seeds::root().join("tests/vaults/v1");
    let keys = std::fs::read_to_string(folder.join("device_keys.json")).expect("the fixture's keys");
    let keys: std::collections::BTreeMap<String, String> = serde_json::from_str(&keys).expect("a table");
    let keys = keys.into_iter().map(|(alias, key)| {
        let key = hex::decode(&key).expect("hexadecimal");
        (alias, key.expose().try_into().expect("32 bytes"))
    });
    Image { bytes: std::fs::read(folder.join("vault.db")).expect("the fixture"), keys: KeyCopy::of(keys) }
});

/// One of each kind that an app meets most.
const LINKS: &[&str] = &[
    "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&digits=8",
    "otpauth://hotp/Example:door?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=0",
    "otpauth://totp/Other:bob?secret=GEZDGNBVGY3TQOJQ&issuer=Other&algorithm=SHA256&period=60",
    "steam://GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
];
