//! `serve --demo`: an issuer on loopback in a folder of its own, with three users.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use softtoken_issuer::rest::keys::Role;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::tokens::NewUser;
use softtoken_issuer::{Error, Issuer, Result};

use super::serve::listen;

/// Settings for plain http on loopback; the address is the socket, so port 0 works.
pub(super) fn settings(socket: Option<SocketAddr>) -> Result<(Settings, TcpListener)> {
    let listener = listen(socket.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, PORT))))?;
    let socket = listener.local_addr()?;
    let folder = Path::new("softtoken-demo");
    std::fs::create_dir_all(folder)?;
    let text = format!(
        "address = '{socket}'\nlisten = '{socket}'\ndatabase = 'issuer.db'\nkeys = 'keys'\n[mail]\nmail_dir = 'mails'\n"
    );
    Ok((Settings::from_toml(&text, folder)?, listener))
}

/// The demo users, as far as they are missing, and a fresh API key, printed.
pub(super) async fn fill(issuer: &Issuer) -> Result<()> {
    for name in ["anna", "ben", "chris"] {
        let email = Some(format!("{name}@demo.example"));
        match issuer.create_user("demo", NewUser { name: name.to_owned(), email, phone: None }).await {
            Ok(_) | Err(Error::Exists(_)) => {}
            Err(error) => return Err(error),
        }
    }
    println!("api key {}", *issuer.create_api_key("demo", Role::Admin).await?);
    Ok(())
}

const PORT: u16 = 8088;
