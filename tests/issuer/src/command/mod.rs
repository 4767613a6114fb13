//! The command line: one file for each group of commands.

mod administer;
mod checkup;
mod demo;
mod init;
mod review;
mod serve;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use softtoken_core::random::Random;
use softtoken_issuer::clock::SystemClock;
use softtoken_issuer::mail::{NoMail, Outbox};
use softtoken_issuer::portal::Role;
use softtoken_issuer::rest::keys::Role as ApiRole;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::{Issuer, Ports, Result};

/// The reference identity provider of the softtoken project.
///
/// Start: `softtoken-issuer init --address issuer.example.org`, then look into the settings file that it
/// writes (certificate, mail server), then `softtoken-issuer doctor`, then `softtoken-issuer serve`.
/// To look around without any of this: `softtoken-issuer serve --demo`.
#[derive(Parser)]
#[command(name = "softtoken-issuer", version)]
pub struct Arguments {
    /// The settings file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "softtoken-issuer.toml",
        env = "SOFTTOKEN_ISSUER_SETTINGS"
    )]
    settings: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a settings file, make keys and database, and show the first API key once
    Init(Init),
    /// Answer devices and programs until Ctrl-C or SIGTERM
    Serve(Serve),
    /// Check clock, certificate, keys, mail server and database; exit code 1 when something is wrong
    Doctor(Doctor),
    /// API keys of programs
    #[command(subcommand)]
    ApiKey(ApiKey),
    /// Users
    #[command(subcommand)]
    User(User),
    /// Tokens
    #[command(subcommand)]
    Token(Token),
    /// Pictures of faces that wait for a person
    #[command(subcommand)]
    Review(Review),
    /// The issuer's own keys
    #[command(subcommand)]
    Keys(Keys),
}

#[derive(Args)]
struct Init {
    /// The issuer's address as devices know it: host, or host:port
    #[arg(long)]
    address: String,
    /// Where to listen
    #[arg(long, default_value = "0.0.0.0:8443")]
    listen: SocketAddr,
    /// Certificate chain, PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// URL of the mail server: `smtps://user:password@host`, or `smtp://…:587?tls=required` for STARTTLS
    #[arg(long, value_name = "URL", env = "SOFTTOKEN_ISSUER_SMTP", hide_env_values = true)]
    smtp: Option<String>,
    /// Sender of mails
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,
}

#[derive(Args)]
struct Serve {
    /// Without a settings file: users, keys and database in the folder softtoken-demo, plain http on
    /// loopback, mails as files. With one: only the demo users are added. The API key is printed
    #[arg(long)]
    demo: bool,
    /// Write mails into this folder as .eml files instead of sending them
    #[arg(long, value_name = "DIR")]
    mail_dir: Option<PathBuf>,
    /// Another address than the one in the settings
    #[arg(long)]
    address: Option<String>,
    /// Another socket than the one in the settings; port 0 takes a free one, for --demo
    #[arg(long)]
    listen: Option<SocketAddr>,
}

#[derive(Args)]
struct Doctor {
    /// One JSON object instead of lines
    #[arg(long)]
    json: bool,
    /// The time server that the clock is compared with
    #[arg(long, value_name = "HOST", default_value = "pool.ntp.org")]
    time_server: String,
    /// Do not ask a time server
    #[arg(long)]
    no_time_server: bool,
}

#[derive(Subcommand)]
enum ApiKey {
    /// Make a key and show it once
    Create {
        /// Says in the audit log who it was
        name: String,
        /// What it may
        #[arg(long, value_enum, default_value = "admin")]
        role: ApiRole,
    },
    /// List all keys
    List,
    /// Revoke a key for good
    Revoke {
        /// From the list
        id: String,
    },
}

#[derive(Subcommand)]
enum User {
    /// Add a user
    Add {
        /// How the user signs in
        name: String,
        /// Where activations are mailed to
        #[arg(long)]
        email: Option<String>,
        /// What the user may in the portal
        #[arg(long, value_enum, default_value = "user")]
        role: Role,
    },
    /// Give a user a new password for the portal and show it once; all sessions of the user end
    Password {
        /// How the user signs in
        name: String,
    },
}

#[derive(Subcommand)]
enum Token {
    /// Wish that the app of a soft token replaces its seed at its next contact; until then nothing changes
    Rekey {
        /// Serial number, or the id that the REST interface answers
        token: String,
    },
}

#[derive(Subcommand)]
enum Review {
    /// All that wait, oldest first: id, serial number, user, device
    List,
    /// Write a picture into a new file. Delete it after you have looked at it
    Picture {
        /// From the list
        id: String,
        /// The file
        file: PathBuf,
        /// Who looks, for the audit log
        #[arg(long)]
        by: String,
    },
    /// It is the user's face
    Approve {
        /// From the list
        id: String,
        /// Who decides, for the audit log
        #[arg(long)]
        by: String,
    },
    /// It is not
    Refuse {
        /// From the list
        id: String,
        /// Who decides, for the audit log
        #[arg(long)]
        by: String,
    },
}

#[derive(Subcommand)]
enum Keys {
    /// Give the issuer new keys, signed by the old ones; restart it afterwards. Devices follow at their
    /// next contact: rotate again only after all of them had one
    Rotate,
}

/// Does what was asked.
pub async fn run(arguments: Arguments) -> Result<ExitCode> {
    let file = arguments.settings;
    match arguments.command {
        Command::Init(init) => init::run(&file, &init).await?,
        Command::Serve(serve) => serve::run(&file, &serve).await?,
        Command::Doctor(doctor) => return checkup::run(&file, &doctor).await,
        Command::ApiKey(command) => administer::api_key(&file, command).await?,
        Command::User(User::Add { name, email, role }) => {
            administer::add_user(&file, name, email, role).await?
        }
        Command::User(User::Password { name }) => administer::password(&file, &name).await?,
        Command::Token(Token::Rekey { token }) => administer::rekey(&file, &token).await?,
        Command::Review(command) => review::run(&file, command).await?,
        Command::Keys(Keys::Rotate) => administer::rotate(&file)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The issuer beside a running one, for one command; it sends no mail.
async fn beside(file: &Path) -> Result<Arc<Issuer>> {
    open(Settings::read(file)?, Arc::new(NoMail)).await
}

async fn open(settings: Settings, outbox: Arc<dyn Outbox>) -> Result<Arc<Issuer>> {
    let ports = Ports { clock: Arc::new(SystemClock), random: Random::system(), outbox };
    Issuer::open(settings, ports).await
}
