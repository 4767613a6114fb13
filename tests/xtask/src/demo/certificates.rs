//! The certificates of the demo: an authority, the listener that asks for one of its people, and anna's own, to be
//! imported into a browser.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use softtoken_e2e::browser::{Authority, Pair};

use super::picture;
use crate::runner::capture;

/// Opens anna's file in a browser; it protects nothing.
pub const PASSWORD: &str = "demo";

/// Files, and what an issuer's settings say of them.
pub struct Certificates {
    /// The section of the settings.
    pub settings: String,
    /// Certificate and key of a person, for browsers.
    pub own: PathBuf,
}

impl Certificates {
    /// Makes them in `folder`, with one for the person of this name and mail address.
    pub fn make(folder: &Path, name: &str, mail: &str) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let authority = Authority::new("softtoken demo")?;
        let (server, person) = (authority.server("localhost")?, authority.person(name, Some(mail))?);
        let ca = write(folder, "ca.pem", &authority.pem())?;
        let certificate = write(folder, "server.pem", &server.certificate)?;
        let key = write(folder, "server.key", &server.key)?;
        // Free a moment ago; whoever takes it in between makes the start fail, not lie.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let quoted = |path: &Path| picture::path(path).map(|path| format!("'{path}'"));
        let settings = format!(
            "[certificates]\nlisten = '127.0.0.1:{port}'\naddress = 'localhost:{port}'\ncertificate = {}\nkey = {}\n\
             client_ca = {}\n",
            quoted(&certificate)?,
            quoted(&key)?,
            quoted(&ca)?,
        );
        let own = pkcs12(folder, name, &person, &ca)?;
        Ok(Self { settings, own })
    }
}

/// Certificate and key as browsers import them (RFC 7292).
fn pkcs12(folder: &Path, name: &str, person: &Pair, ca: &Path) -> Result<PathBuf> {
    let certificate = write(folder, &format!("{name}.pem"), &person.certificate)?;
    let key = write(folder, &format!("{name}.key"), &person.key)?;
    let file = folder.join(format!("{name}.p12"));
    let mut openssl = Command::new("openssl");
    openssl.args(["pkcs12", "-export", "-name", name, "-passout", &format!("pass:{PASSWORD}"), "-in"]);
    openssl.arg(certificate).arg("-inkey").arg(key).arg("-certfile").arg(ca).arg("-out").arg(&file);
    capture(&mut openssl)?;
    Ok(file)
}

fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    file.write_all(text.as_bytes())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_can_open_the_file_with_certificate_key_and_authority() {
        let folder = tempfile::tempdir().unwrap();
        let made = Certificates::make(folder.path(), "anna", "anna@demo.example").unwrap();
        let mut openssl = Command::new("openssl");
        openssl.args(["pkcs12", "-nodes", "-passin", &format!("pass:{PASSWORD}"), "-in"]).arg(&made.own);
        let text = capture(&mut openssl).unwrap();
        assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 2, "{text}");
        assert!(text.contains("PRIVATE KEY") && text.contains("anna"), "{text}");
        assert!(made.settings.contains("client_ca = '"));
    }
}
