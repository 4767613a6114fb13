//! What Chromium chooses a certificate from: an NSS store in a HOME of its own, made with NSS's own tools; and the
//! policy that lets it choose without asking.
//!
//! Chromium on Linux reads policies from a system folder only. Ours names a host and an authority that nobody else
//! has, the same for every test, so it stays there and harms nobody.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use softtoken_e2e::browser::Pair;
use tempfile::TempDir;

/// The host of the listener that asks for certificates; browsers look for names below `localhost` on this machine.
pub const HOST: &str = "certificates.softtoken.localhost";
/// The authority of its users, as it calls itself.
pub const AUTHORITY: &str = "softtoken tests: employees";

/// A home with a store that trusts the authority (PEM) for servers and has a certificate with its key, or none.
pub fn home(authority: &str, own: Option<&Pair>) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name);
    let store = path(".pki/nssdb");
    std::fs::create_dir_all(&store).unwrap();
    let store = format!("sql:{}", store.display());
    run("certutil", &["-N", "--empty-password", "-d", &store], home.path());
    std::fs::write(path("authority.pem"), authority).unwrap();
    let trusted = ["-A", "-n", "authority", "-t", "C,,", "-i", "authority.pem", "-d", &store];
    run("certutil", &trusted, home.path());
    if let Some(own) = own {
        std::fs::write(path("own.pem"), format!("{}{}", own.certificate, own.key)).unwrap();
        let export = ["pkcs12", "-export", "-in", "own.pem", "-out", "own.p12", "-name", "own"];
        run("openssl", &[&export[..], &["-passout", "pass:own"]].concat(), home.path());
        run("pk12util", &["-i", "own.p12", "-W", "own", "-d", &store], home.path());
    }
    home
}

/// Makes Chromium choose at [`HOST`] what [`AUTHORITY`] has signed; why not, where that is not ours to say.
pub fn choose_silently() -> Result<(), String> {
    let rule = json!({ "pattern": format!("https://{HOST}:*"), "filter": { "ISSUER": { "CN": AUTHORITY } } });
    let policy = json!({ "AutoSelectCertificateForUrls": [rule.to_string()] }).to_string();
    let file = Path::new(POLICIES).join("managed").join(POLICY);
    if std::fs::read_to_string(&file).is_ok_and(|found| found == policy) {
        return Ok(());
    }
    let place = || {
        std::fs::create_dir_all(file.parent().unwrap_or(Path::new(POLICIES)))?;
        // Put there whole: browsers of other tests may be reading.
        let new = tempfile::NamedTempFile::new_in(POLICIES)?;
        std::fs::write(&new, &policy)?;
        std::fs::set_permissions(&new, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
        new.persist(&file)?;
        Ok(())
    };
    place().map_err(|problem: std::io::Error| format!("{} cannot be written: {problem}", file.display()))
}

fn run(program: &str, arguments: &[&str], folder: &Path) {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    let output = command.output().unwrap_or_else(|problem| panic!("{program}: {problem}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Where Debian's Chromium looks.
const POLICIES: &str = "/etc/chromium/policies";
const POLICY: &str = "softtoken-tests.json";
