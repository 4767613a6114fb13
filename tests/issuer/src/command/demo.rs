//! `serve --demo`: an issuer on loopback in a folder of its own, with users and staff.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use softtoken_issuer::portal::Role;
use softtoken_issuer::rest::keys::Role as ApiRole;
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

/// The demo users, as far as they are missing, with fresh passwords, where they sign in, and a fresh API key: all printed.
pub(super) async fn fill(issuer: &Issuer) -> Result<()> {
    for (name, role) in USERS {
        let email = Some(format!("{name}@demo.example"));
        let user =
            match issuer.create_user("demo", NewUser { name: name.to_owned(), email, phone: None }).await {
                Ok(user) => user,
                Err(Error::Exists(_)) => issuer.user_by_name(name).await?,
                Err(error) => return Err(error),
            };
        issuer.set_role("demo", &user.id, role).await?;
        let password = issuer.random_password()?;
        issuer.set_password("demo", &user.id, password.clone()).await?;
        println!("user {name} password {} role {}", *password, role.word());
    }
    let scheme = if issuer.settings.tls.is_some() { "https" } else { "http" };
    let address = issuer.settings.address.ascii();
    println!("portal {scheme}://{address}/portal");
    println!("help desk {scheme}://{address}/desk");
    println!("api key {}", *issuer.create_api_key("demo", "demo", ApiRole::Admin).await?);
    Ok(())
}

const USERS: [(&str, Role); 5] = [
    ("anna", Role::User),
    ("ben", Role::User),
    ("chris", Role::User),
    ("dora", Role::HelpDesk),
    ("adam", Role::Admin),
];
const PORT: u16 = 8088;
