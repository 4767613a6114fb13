//! Certificates of a journey's organisation: the listener's own, and those of people.

use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, Result};
use softtoken_e2e::browser::{Authority, Browser};

/// The organisation that signs them.
pub struct Organisation(Authority);

impl Organisation {
    /// A new one, and the lines of an issuer's settings that make it ask for its certificates.
    pub fn found(folder: &Path) -> Result<(Self, String)> {
        let authority = Authority::new("Employees")?;
        let server = authority.server("localhost")?;
        let write = |name: &str, text: &str| -> Result<String> {
            std::fs::write(folder.join(name), text)?;
            Ok(folder.join(name).display().to_string())
        };
        // Free a moment ago; whoever takes it in between makes the start fail, not lie.
        let socket = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let settings = format!(
            "[certificates]\nlisten = '{socket}'\naddress = 'localhost:{}'\ncertificate = '{}'\nkey = '{}'\n\
             client_ca = '{}'\n",
            socket.port(),
            write("server.pem", &server.certificate)?,
            write("server.key", &server.key)?,
            write("ca.pem", &authority.pem())?,
        );
        Ok((Self(authority), settings))
    }

    /// What the page at `url` answers to the certificate of `person` who says `decision`.
    pub fn prove(&self, url: &str, person: &str, decision: &str) -> Result<u16> {
        let own = self.0.person(person, None)?;
        let (status, _) = Browser::new(&self.0.pem(), Some(&own))?.prove(url, decision)?;
        Ok(status)
    }
}

/// Sends a picture of a face from the page at `url`.
pub fn send_face(url: &str) -> Result<u16> {
    let browser = Browser::new(&Authority::new("nobody")?.pem(), None)?;
    let (origin, ticket) = softtoken_e2e::browser::split(url)?;
    let fields = [("ticket", ticket), ("decision", "send")];
    let (status, _) = browser
        .send_picture(
            &format!("{origin}/verify/face"),
            Some(origin),
            &fields,
            b"\x89PNG\r\n\x1a\n and a face",
        )
        .context("the page takes no picture")?;
    Ok(status)
}
