//! One issuer of a journey, with everything real but time and the mail server.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::Value;
use softtoken_core::random::Random;
use softtoken_e2e::rest::Rest;
use softtoken_issuer::clock::Clock;
use softtoken_issuer::mail::{KeptMail, Mail};
use softtoken_issuer::rest::keys::Role;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::{Issuer, Ports, server, verify};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::certificates::Organisation;
use super::proxy::Proxy;

/// An issuer, its network, its mails, and what the journey has made there.
pub struct Desk {
    /// Its interface for programs.
    pub rest: Rest,
    /// The issuer itself.
    pub issuer: Arc<Issuer>,
    /// The way of devices to it.
    pub network: Proxy,
    /// Signs certificates, where the issuer wants them.
    pub organisation: Option<Organisation>,
    /// Ids of users by their names.
    pub users: BTreeMap<String, String>,
    /// Ids of each user's latest token.
    pub tokens: BTreeMap<String, String>,
    outbox: Arc<KeptMail>,
    mails: Vec<Mail>,
    handles: Vec<axum_server::Handle<SocketAddr>>,
    _folder: TempDir,
}

impl Desk {
    /// A new issuer with these rules (names of `[policy]` of its settings).
    pub fn open(runtime: &Runtime, clock: Arc<dyn Clock>, policy: &Value) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let inside = listener.local_addr()?;
        let network = Proxy::open(inside)?;
        let wants_certificates = policy["verifications"].to_string().contains("certificate");
        let (organisation, certificates) = match wants_certificates {
            true => Organisation::found(folder.path()).map(|(one, lines)| (Some(one), lines))?,
            false => (None, String::new()),
        };
        let rules = policy.as_object().context("the rules of an issuer are an object")?;
        // A JSON string, number, switch or list of strings is a TOML value as it stands.
        let rules: String = rules.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
        let text = format!(
            "address = '{}'\nlink_host = 'links.example'\nlisten = '{inside}'\ndatabase = 'issuer.db'\n\
             keys = 'keys'\n{certificates}[policy]\n{rules}",
            network.outside()
        );
        let settings = Settings::from_toml(&text, folder.path())?;
        let outbox = Arc::new(KeptMail::default());
        let ports = Ports { clock, random: Random::system(), outbox: Arc::clone(&outbox) as _ };
        let (issuer, rest, handles) = runtime.block_on(start(settings, ports, listener))?;
        let (users, tokens, mails) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Ok(Self {
            rest,
            issuer,
            network,
            organisation,
            users,
            tokens,
            outbox,
            mails,
            handles,
            _folder: folder,
        })
    }

    /// Its address, as devices know it.
    pub fn address(&self) -> String {
        self.network.outside().to_string()
    }

    /// All mails so far, oldest first.
    pub fn mails(&mut self) -> &[Mail] {
        self.mails.extend(self.outbox.take());
        &self.mails
    }

    /// The token of this user, made with the user at its first call; another one when `fresh`.
    pub fn token(&mut self, user: &str, fresh: bool) -> Result<String> {
        if !self.users.contains_key(user) {
            self.users.insert(user.to_owned(), self.rest.user(user)?);
        }
        if fresh || !self.tokens.contains_key(user) {
            self.tokens.insert(user.to_owned(), self.rest.soft_token(&self.users[user])?);
        }
        Ok(self.tokens[user].clone())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.handles.iter().for_each(axum_server::Handle::shutdown);
    }
}

async fn start(
    settings: Settings,
    ports: Ports,
    listener: TcpListener,
) -> Result<(Arc<Issuer>, Rest, Vec<axum_server::Handle<SocketAddr>>)> {
    let base = format!("http://{}", listener.local_addr()?);
    let issuer = Issuer::open(settings, ports).await?;
    let key = issuer.create_api_key("stand", "journeys", Role::Admin).await?;
    let handle = axum_server::Handle::<SocketAddr>::new();
    tokio::spawn(server::serve(Arc::clone(&issuer), listener, handle.clone()));
    handle.listening().await.context("the issuer does not listen")?;
    let mut handles = vec![handle];
    if let Some(own) = &issuer.settings.certificates {
        let (listener, handle) = (TcpListener::bind(own.listen)?, axum_server::Handle::new());
        tokio::spawn(verify::serve(Arc::clone(&issuer), listener, handle.clone()));
        handle.listening().await.context("the page of certificates does not listen")?;
        handles.push(handle);
    }
    Ok((issuer, Rest::new(&base, &key), handles))
}
