//! What an administrator does on the issuer's own computer.

use std::path::Path;

use softtoken_core::codec::decimal::SerialNumber;
use softtoken_core::random::Random;
use softtoken_issuer::keys::Keys;
use softtoken_issuer::portal::Role;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::tokens::NewUser;
use softtoken_issuer::{Error, Result, patterns};

use super::{ApiKey, beside};

pub(super) async fn api_key(file: &Path, command: ApiKey) -> Result<()> {
    let issuer = beside(file).await?;
    match command {
        ApiKey::Create { name, role } => {
            println!("{}", *issuer.create_api_key("command line", &name, role).await?)
        }
        ApiKey::Revoke { id } => issuer.revoke_api_key("command line", &id).await?,
        ApiKey::List => {
            for key in issuer.api_keys().await? {
                let state = if key.revoked_at.is_some() { "revoked" } else { "in use" };
                println!("{}  {:8}  {state:7}  {}", key.id, key.role.as_str(), key.name);
            }
        }
    }
    issuer.store.close().await;
    Ok(())
}

pub(super) async fn add_user(file: &Path, name: String, email: Option<String>, role: Role) -> Result<()> {
    if !patterns::is_user_name(&name) {
        return Err(Error::BadValue("The name"));
    }
    if !email.as_deref().is_none_or(patterns::is_email) {
        return Err(Error::BadValue("The mail address"));
    }
    let issuer = beside(file).await?;
    let user = issuer.create_user("command line", NewUser { name, email, phone: None }).await?;
    issuer.set_role("command line", &user.id, role).await?;
    println!("{}", user.id);
    issuer.store.close().await;
    Ok(())
}

pub(super) async fn rekey(file: &Path, token: &str) -> Result<()> {
    let issuer = beside(file).await?;
    let id = match patterns::is_id(token) {
        true => token.to_owned(),
        false => {
            // Apps show it in two groups.
            let serial = SerialNumber::parse(token).map(|serial| serial.digits().to_owned());
            issuer.token_by_serial(serial.as_deref().unwrap_or(token)).await?.id
        }
    };
    issuer.want_rekey("command line", &id).await?;
    issuer.store.close().await;
    Ok(())
}

pub(super) async fn password(file: &Path, name: &str) -> Result<()> {
    let issuer = beside(file).await?;
    let user = issuer.user_by_name(name).await?;
    let password = issuer.random_password()?;
    issuer.set_password("command line", &user.id, password.clone()).await?;
    println!("{}", *password);
    issuer.store.close().await;
    Ok(())
}

pub(super) fn rotate(file: &Path) -> Result<()> {
    Keys::rotate(&Settings::read(file)?.keys, &Random::system())
}
