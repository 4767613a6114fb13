//! A vault folder with device keys in files, as the command has them, for more than one process.
#![allow(dead_code, unused_imports, reason = "each proof uses a part of it")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use softtoken_core::TokenError;
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState,
};
use softtoken_core::identity::IdentityId;
use softtoken_core::lock::KdfProfile;
use softtoken_core::otp::{Algorithm, CodeSpec, Digits, code_for_counter};
use softtoken_core::ports::{DeviceKey, Hooks};
use softtoken_core::random::Random;
use softtoken_core::testing::Fakes;
use softtoken_core::token::{OpenConfig, SoftToken};
use zeroize::Zeroizing;

// The command's own key store: what is killed here is what runs there. It names its neighbours by `crate`.
#[path = "../../../../bindings/cli/src/device_key_alias.rs"]
pub mod device_key_alias;
#[path = "../../../../bindings/cli/src/device_key_file.rs"]
mod device_key_file;
#[path = "../../../../bindings/cli/src/private_folder.rs"]
pub mod private_folder;

pub use device_key_file::DeviceKeyFiles;

pub const PINS: [&str; 4] = ["7294", "806423", "551739", "3164"];
/// Nobody's PIN.
pub const WRONG: &str = "940517";
/// The secret of every identity that is added here: RFC 4226, appendix D.
const SECRET: &[u8] = b"12345678901234567890";

/// An empty folder, in memory where there is such a place: where nobody dies, a disk shows nothing more.
pub fn folder_in_memory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// Opens the vault in `folder`, with the keys beside it.
pub fn open(folder: &Path, device_key: Arc<dyn DeviceKey>) -> Result<Arc<SoftToken>, TokenError> {
    let config = OpenConfig { folder: folder.to_owned() };
    let hooks = Hooks { device_key, ..Fakes::new(1).hooks() };
    SoftToken::open_for_tests(config, hooks, KdfProfile::cheap(), Random::system())
}

/// The device keys of the vault in `folder`.
pub fn keys(folder: &Path) -> DeviceKeyFiles {
    DeviceKeyFiles::new(folder.join("keys"))
}

/// Adds an identity through the front door. `None`: the name is taken.
pub fn add(token: &Arc<SoftToken>, name: &str, counts: bool) -> Result<Option<IdentityId>, TokenError> {
    let kind = if counts { "hotp" } else { "totp" };
    let link = format!("otpauth://{kind}/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=0");
    let source = ActivationSource::Text(Zeroizing::new(link));
    let activation = token.begin_activation(source, ActivationOptions::default())?;
    let name = Some(name.to_owned());
    let consent = ActivationInput::Consent { name };
    match activation.advance(activation.step()?.ticket, consent)?.state {
        ActivationState::Done { added, .. } => Ok(added.first().copied()),
        _ => Ok(None),
    }
}

/// What an event-based identity shows for a counter.
pub fn expected_code(counter: u64) -> String {
    let spec = CodeSpec::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX };
    code_for_counter(&spec, SECRET, counter).unwrap().as_str().to_owned()
}

/// This test program again, running only the test `name`, with `orders` in its environment.
pub fn again(name: &str, variable: &str, orders: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(variable, orders)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Random choices.
pub struct Dice(Random);

impl Dice {
    pub fn seeded(seed: u64) -> Self {
        Self(Random::seeded(seed))
    }

    /// A number below `bound`.
    pub fn below(&self, bound: u64) -> u64 {
        self.0.below(bound).unwrap()
    }

    /// One of them.
    pub fn one<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}
