//! An issuer that wants a certificate, and what the command says until its user is at the page.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::Child;

use softtoken_e2e::browser::{Authority, Browser, Pair};
use tempfile::TempDir;

use super::stage::Stage;

/// An issuer that wants a certificate of this authority.
pub struct Desk {
    pub stage: Stage,
    pub authority: Authority,
    _files: TempDir,
}

impl Desk {
    /// The listener of certificates is `host`, a name of this machine; the authority is called `name`.
    pub fn new(host: &str, name: &str) -> Self {
        let (files, authority) = (tempfile::tempdir().unwrap(), Authority::new(name).unwrap());
        let server = authority.server(host).unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(files.path().join(name), text).unwrap();
            files.path().join(name).display().to_string()
        };
        // Free a moment ago; whoever takes it in between makes the start fail, not lie.
        let socket = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let settings = format!(
            "[policy]\nverifications = ['certificate']\n[certificates]\nlisten = '{socket}'\n\
             address = '{host}:{}'\ncertificate = '{}'\nkey = '{}'\nclient_ca = '{}'\n",
            socket.port(),
            write("server.pem", &server.certificate),
            write("server.key", &server.key),
            write("ca.pem", &authority.pem()),
        );
        Self { stage: Stage::with(&settings, false), authority, _files: files }
    }

    /// A browser without windows.
    #[allow(dead_code, reason = "shared with the journeys in a browser")]
    pub fn browser(&self, own: Option<&Pair>) -> Browser {
        Browser::new(&self.authority.pem(), own).unwrap()
    }
}

/// What the running command says on standard error until it has shown a page: the page, and all of it.
pub fn shown(child: &mut Child) -> (String, String) {
    let mut said = String::new();
    let mut url = None;
    for line in BufReader::new(child.stderr.as_mut().unwrap()).lines() {
        let line = line.unwrap();
        if line.contains("/verify/") {
            url = Some(line.trim().to_owned());
        }
        said = format!("{said}{line}\n");
        // The last line of what is shown.
        if line.starts_with("Waiting") {
            break;
        }
    }
    (url.unwrap_or_else(|| panic!("no page: {said}")), said)
}
