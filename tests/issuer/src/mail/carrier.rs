//! Carriers: an SMTP server (smtps, or smtp with STARTTLS, with or without AUTH), or a folder of .eml files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::error::{Error, Result};
use crate::settings::{MailSettings, Settings};

/// Where letters go.
pub enum Carrier {
    /// To a mail server.
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    /// Into a folder, for tests and for playing by hand.
    Folder(PathBuf),
    /// Nowhere: activations reach their holder through the portal or an administrator.
    Nowhere,
}

/// Why a letter was not taken.
pub struct NotSent {
    /// Trying again is useless.
    pub for_good: bool,
    /// What the server said, for the audit log.
    pub why: String,
}

impl Carrier {
    /// As the settings have it.
    pub fn new(settings: &MailSettings) -> Result<Self> {
        if let Some(folder) = &settings.mail_dir {
            std::fs::create_dir_all(folder)?;
            return Ok(Self::Folder(folder.clone()));
        }
        match &settings.smtp {
            Some(url) => Ok(Self::Smtp(Box::new(smtp(url, settings.smtp_ca.as_deref())?))),
            None => Ok(Self::Nowhere),
        }
    }

    /// Hands one letter over.
    pub async fn carry(&self, letter: &Message) -> std::result::Result<(), NotSent> {
        match self {
            Self::Smtp(server) => match tokio::time::timeout(WHOLE_TIME, server.send(letter.clone())).await {
                Err(_) => Err(NotSent { for_good: false, why: "the mail server took too long".into() }),
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(NotSent { for_good: error.is_permanent(), why: reason(&error) }),
            },
            Self::Folder(folder) => {
                write(folder, letter).map_err(|error| NotSent { for_good: false, why: error.to_string() })
            }
            Self::Nowhere => Ok(()),
        }
    }
}

/// Who letters are from: the setting, or `softtoken@` the issuer's host.
pub fn sender(settings: &Settings) -> Result<Mailbox> {
    let usual = format!("softtoken@{}", settings.address.host());
    let text = settings.mail.from.as_ref().unwrap_or(&usual);
    text.parse().map_err(|_| Error::Settings(format!("mail.from: {text:?} is no mail address")))
}

/// A client of the mail server at `url`: `smtps://`, or `smtp://…?tls=required` for STARTTLS.
pub fn smtp(url: &str, ca: Option<&Path>) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    // The URL may hold a password: the error does not repeat it.
    let unusable = || Error::Settings("mail.smtp is no URL of a mail server (smtp:// or smtps://)".into());
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| unusable())?;
    if let Some(ca) = ca {
        let bad = |_| Error::Settings(format!("{}: no certificate in PEM", ca.display()));
        let certificate = Certificate::from_pem(&std::fs::read(ca)?).map_err(bad)?;
        let host = host(url).ok_or_else(unusable)?;
        let parameters =
            TlsParameters::builder(host).add_root_certificate(certificate).build_rustls().map_err(bad)?;
        builder = match (url.starts_with("smtps:"), url.contains("tls=required")) {
            (true, _) => builder.tls(Tls::Wrapper(parameters)),
            (false, true) => builder.tls(Tls::Required(parameters)),
            (false, false) => builder,
        };
    }
    Ok(builder.timeout(Some(SMTP_TIME)).build())
}

/// What went wrong with a mail server, with its cause; no password is in it.
pub fn reason(error: &lettre::transport::smtp::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) if !error.to_string().contains(&cause.to_string()) => format!("{error}: {cause}"),
        _ => error.to_string(),
    }
}

fn host(url: &str) -> Option<String> {
    let authority = url.split_once("://")?.1.split(['/', '?']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(host.rsplit_once(':').map_or(host, |(host, _)| host).to_owned())
}

/// Under another name first, so that whoever watches the folder sees whole letters only.
fn write(folder: &Path, letter: &Message) -> std::io::Result<()> {
    use std::io::Write;
    let mut file = tempfile::Builder::new().prefix("letter-").suffix(".part").tempfile_in(folder)?;
    file.write_all(&letter.formatted())?;
    file.as_file().sync_all()?;
    let stamp = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let unique = file.path().file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = format!("{:017}-{unique}.eml", stamp.as_micros());
    file.persist(folder.join(name)).map(|_| ()).map_err(|error| error.error)
}

/// For one command.
const SMTP_TIME: Duration = Duration::from_secs(20);
/// For one letter.
const WHOLE_TIME: Duration = Duration::from_secs(60);
