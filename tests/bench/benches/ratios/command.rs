//! The `softtoken` command as a process: time over starting any program, and size.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use softtoken_core::ports::{
    AssuranceLevel, DeviceKey, DeviceKeyCaps, DeviceKeyKind, HookError, Hooks, KeyStore,
};
use softtoken_core::random::Random;
use softtoken_core::secret::Key;

use crate::measure::{Row, human, nanoseconds};
use crate::peers;
use crate::token::Fixture;

/// `softtoken codes` on a vault on tmpfs with the cheap key derivation; nothing without the command.
pub fn rows() -> Vec<Row> {
    let Some(program) = std::env::var_os("SOFTTOKEN_COMMAND").map(PathBuf::from) else {
        return Vec::new();
    };
    let fixture = Fixture::new(5, |folder, hooks| Hooks {
        device_key: Arc::new(KeyFiles(folder.join("keys"))),
        ..hooks
    });
    let pin = fixture.folder().join("pin");
    fs::write(&pin, crate::token::PIN).expect("a PIN file");
    let run = || {
        let mut codes = Command::new(&program);
        codes.arg("--vault").arg(fixture.folder()).arg("--keys").arg(fixture.folder().join("keys"));
        codes.args(["--insecure-files", "--pin-file"]).arg(&pin).arg("codes").stdout(Stdio::null());
        assert!(codes.status().expect("the command starts").success(), "the command failed");
    };
    let ours = nanoseconds(5, run);
    let nothing = peers::bin_true();
    println!(
        "`softtoken codes` takes {} more than /bin/true",
        nothing.map_or("?".into(), |ns| human(ours - ns))
    );
    println!("the command has {:.2} MB stripped (target <= 6)", stripped(&program) / 1e6);
    vec![Row::new("`softtoken codes` of 5 identities", ours, "<= true+5 ms", "/bin/true", nothing)]
}

/// Bytes of a stripped copy.
fn stripped(program: &Path) -> f64 {
    let copy = std::env::temp_dir().join(format!("softtoken-bench-{}", std::process::id()));
    let done = Command::new("strip").arg("-o").arg(&copy).arg(program).status();
    let measured = if done.is_ok_and(|status| status.success()) { copy.as_path() } else { program };
    let bytes = fs::metadata(measured).map_or(f64::NAN, |file| file.len() as f64);
    let _ = fs::remove_file(copy);
    bytes
}

/// Device keys in files, laid out as the command lays them out.
struct KeyFiles(PathBuf);

impl KeyFiles {
    fn path(&self, alias: &str) -> PathBuf {
        self.0.join(format!("{alias}.key"))
    }
}

impl DeviceKey for KeyFiles {
    fn caps(&self) -> Result<DeviceKeyCaps, HookError> {
        Ok(DeviceKeyCaps {
            level: AssuranceLevel::Software,
            kind: DeviceKeyKind::HmacSha256,
            single_use: false,
            store: KeyStore::Files,
        })
    }

    fn create(&self, alias: &str) -> Result<(), HookError> {
        let key = Random::system().key::<32>().map_err(|_| HookError::Transient)?;
        let path = self.path(alias);
        fs::create_dir_all(path.parent().ok_or(HookError::Unsupported)?).map_err(|_| HookError::Transient)?;
        fs::write(path, key.expose()).map_err(|_| HookError::Transient)
    }

    fn eval(&self, alias: &str, input: &[u8; 32]) -> Result<Key<32>, HookError> {
        let key = fs::read(self.path(alias)).map_err(|_| HookError::Lost)?;
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).map_err(|_| HookError::Unsupported)?;
        Key::from_slice(&mac.chain_update(input).finalize().into_bytes()).ok_or(HookError::Unsupported)
    }

    fn delete(&self, alias: &str) -> Result<(), HookError> {
        let _ = fs::remove_file(self.path(alias));
        Ok(())
    }

    fn list(&self, vault: &str) -> Result<Vec<String>, HookError> {
        let files = fs::read_dir(self.0.join(vault)).map_err(|_| HookError::Lost)?;
        let names = files.flatten().map(|file| file.file_name().to_string_lossy().into_owned());
        Ok(names.filter_map(|name| Some(format!("{vault}/{}", name.strip_suffix(".key")?))).collect())
    }
}
