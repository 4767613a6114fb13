//! The token as a whole: opening, all codes, the command.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use softtoken_core::activation::state::{ActivationInput, ActivationOptions, ActivationSource};
use softtoken_core::lock::KdfProfile;
use softtoken_core::ports::Hooks;
use softtoken_core::random::Random;
use softtoken_core::testing::Fakes;
use softtoken_core::token::{OpenConfig, SoftToken};
use zeroize::Zeroizing;

use crate::measure::{Row, nanoseconds};
use crate::peers;

/// Opening a vault on tmpfs with a cheap key derivation, and the codes of 10,000 identities.
pub fn rows() -> Vec<Row> {
    let few = Fixture::new(5, |_, hooks| hooks);
    let open = nanoseconds(1, || {
        let token = few.start();
        token.unlock(PIN).expect("the PIN is right");
        token.codes(None).expect("codes").codes.len()
    });
    drop(few);
    let many = Fixture::new(10_000, |_, hooks| hooks);
    let token = many.start();
    token.unlock(PIN).expect("the PIN is right");
    let first = nanoseconds(1, || {
        token.lock().expect("lock");
        token.unlock(PIN).expect("the PIN is right");
        token.codes(None).expect("codes").codes.len()
    });
    let again = nanoseconds(1, || token.codes(None).expect("codes").codes.len());
    let pyotp_many = peers::pyotp().map(|one| one * 10_000.0);
    vec![
        Row::new(
            "open, unlock, codes of 5 identities",
            open,
            "<= 1 ms",
            "SQLite alone",
            peers::sqlite_open(),
        ),
        Row::new(
            "codes of 10,000 identities, unlocked",
            again,
            "<= 30 ms",
            "pyotp, one code each",
            pyotp_many,
        ),
        Row::new("the same, with unlock and reading them", first, "-", "pyotp, one code each", pyotp_many),
    ]
}

/// A vault on tmpfs with some identities.
pub struct Fixture {
    folder: tempfile::TempDir,
    hooks: Hooks,
}

impl Fixture {
    /// `platform` may replace hooks; it gets the vault's folder.
    pub fn new(identities: u32, platform: impl FnOnce(&Path, Hooks) -> Hooks) -> Self {
        Self::in_folder(&tmpfs(), identities, platform)
    }

    /// The same elsewhere.
    pub fn in_folder(parent: &Path, identities: u32, platform: impl FnOnce(&Path, Hooks) -> Hooks) -> Self {
        let folder = tempfile::tempdir_in(parent).expect("a folder");
        let hooks = platform(folder.path(), Fakes::new(1).hooks());
        let fixture = Self { folder, hooks };
        let token = fixture.start();
        token.set_pin(PIN).expect("a new PIN");
        let list: String = (0..identities)
            .map(|n| {
                format!("otpauth://totp/Bench:user{n}?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Bench\n")
            })
            .collect();
        let source = ActivationSource::Text(Zeroizing::new(list));
        let activation = token.begin_activation(source, ActivationOptions::default()).expect("a list");
        let ticket = activation.step().expect("consent").ticket;
        activation.advance(ticket, ActivationInput::Consent { name: None }).expect("added");
        drop((activation, token));
        fixture
    }

    /// Where the vault is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The token, locked.
    pub fn start(&self) -> Arc<SoftToken> {
        let config = OpenConfig { folder: self.folder.path().to_owned() };
        SoftToken::open_for_tests(config, self.hooks.clone(), KdfProfile::cheap(), Random::system())
            .expect("the vault opens")
    }
}

fn tmpfs() -> PathBuf {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() }
}

pub const PIN: &[u8] = b"7294";
