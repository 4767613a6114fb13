//! Key files, and what else holds secrets: there, and for their owner only.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::Finding;
use crate::settings::Settings;

/// The folder of keys, each key, the settings and the private keys for https.
pub(super) fn examine(settings: &Settings, file: &Path) -> Vec<Finding> {
    let mut findings = vec![private("keys", &settings.keys, "700")];
    for name in KEYS {
        let path = settings.keys.join(name);
        findings.push(match std::fs::metadata(&path).map(|found| found.len()) {
            Ok(KEY_BYTES) => private("keys", &path, "600"),
            Ok(bytes) => Finding::error("keys", format!("{} has {bytes} bytes", path.display()), FROM_BACKUP),
            Err(error) => Finding::error("keys", format!("{}: {error}", path.display()), FROM_BACKUP),
        });
    }
    findings.push(private("settings", file, "600"));
    findings.extend(settings.tls.iter().map(|tls| private("tls key", &tls.key, "600")));
    findings.extend(settings.certificates.iter().map(|own| private("proof key", &own.key, "600")));
    findings
}

fn private(check: &'static str, path: &Path, mode: &str) -> Finding {
    let shown = path.display();
    match std::fs::metadata(path) {
        Ok(found) if found.permissions().mode() & 0o077 == 0 => Finding::ok(check, format!("{shown}")),
        Ok(found) => {
            let open = found.permissions().mode() & 0o777;
            let found = format!("{shown} is open to others (mode {open:o})");
            Finding::error(check, found, format!("chmod {mode} {shown}"))
        }
        Err(error) => Finding::error(
            check,
            format!("{shown}: {error}"),
            "Run `softtoken-issuer init`, or correct the path.",
        ),
    }
}

const KEYS: &[&str] = &["x25519.key", "ed25519.key", "seeds.key", "recovery.key"];
const KEY_BYTES: u64 = 32;
const FROM_BACKUP: &str = "Bring it back from a backup; a new one would make every token unusable.";
