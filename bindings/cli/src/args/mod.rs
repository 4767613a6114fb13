//! The command line: what exists, how it is called, and the help that people read.
//!
//! PIN and passwords are never arguments and never environment variables: they come from files,
//! from standard input or from a prompt without echo. What people paste anyway may be an argument
//! and takes `-` for standard input.

mod add;
pub mod help;
mod shared;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use add::AddArgs;
pub use shared::{BackupFile, Everywhere, ImportArgs, Named, NewPin, Resume, VerifyArgs};

/// An open soft token: codes for signing in, from any issuer that follows the standards.
#[derive(Parser)]
#[command(name = "softtoken", version, styles = help::STYLES, max_term_width = 100)]
#[command(disable_help_subcommand = true, infer_subcommands = false, after_help = help::AFTER)]
pub struct Cli {
    #[command(flatten)]
    pub everywhere: Everywhere,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Create the vault and set the PIN
    #[command(after_help = "Examples:\n  softtoken init\n  softtoken init --keyring")]
    Init {
        /// Keep the device keys in the desktop's key store (Secret Service)
        #[arg(long)]
        keyring: bool,
    },
    /// Add an identity: a link, the text of a QR code, a picture, typed values or a key
    #[command(after_help = add::EXAMPLES, override_usage = add::USAGE)]
    Add(Box<AddArgs>),
    /// The portal accepted the registration code: the identity becomes active
    #[command(after_help = "Example:\n  softtoken complete \"Example Bank: alice\"")]
    Complete(Named),
    /// Drop a pending identity
    #[command(after_help = "Example:\n  softtoken abandon \"Example Bank: alice\"")]
    Abandon(Named),
    /// Continue an interrupted activation
    #[command(after_help = "Example:\n  softtoken resume \"Example Bank: alice\"")]
    Resume(Resume),
    /// Show all identities, pending ones too
    #[command(after_help = "Example:\n  softtoken list --json | jq -r '.identities[].name'")]
    List,
    /// Show the current codes
    #[command(after_help = "Examples:\n  softtoken codes\n  softtoken codes GitHub\n  \
                            softtoken codes GitHub --json | jq -r '.codes[0].code'")]
    Codes {
        /// Only this identity (name or id)
        name: Option<String>,
        /// Codes for another time (Unix seconds), not for now
        #[arg(long, value_name = "UNIX")]
        at: Option<u64>,
    },
    /// A live view with countdown and search
    #[command(after_help = "Examples:\n  softtoken watch\n  softtoken watch --plain    for a screen reader")]
    Watch {
        /// Lines instead of a picture: one for each change
        #[arg(long)]
        plain: bool,
    },
    /// The next code of an event-based identity (HOTP)
    #[command(after_help = "Example:\n  softtoken next VPN")]
    Next(Named),
    /// The response to a challenge that the portal shows (OCRA)
    #[command(after_help = "Example:\n  softtoken respond Bank 48213907")]
    Respond {
        /// Name or id
        name: String,
        /// The challenge, as the portal shows it ("-": standard input)
        challenge: String,
        /// For another time (Unix seconds)
        #[arg(long, value_name = "UNIX")]
        at: Option<u64>,
        /// The PIN of the identity, where its suite wants one
        #[arg(long, value_name = "FILE")]
        otp_pin_file: Option<PathBuf>,
    },
    /// The current and the next code with their numbers, for the portal's Resync page
    #[command(after_help = "Example:\n  softtoken resync VPN")]
    Resync(Named),
    /// Give an identity another name
    #[command(after_help = "Example:\n  softtoken rename GitHub \"GitHub (work)\"")]
    Rename {
        /// Name or id
        name: String,
        /// The new name
        new: String,
    },
    /// Move an identity in the list
    #[command(name = "move", after_help = "Example:\n  softtoken move GitHub 1    to the top")]
    Move {
        /// Name or id
        name: String,
        /// New place, counted from 1
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        position: u32,
    },
    /// Remove an identity for good
    #[command(after_help = "Example:\n  softtoken remove GitHub")]
    Remove {
        /// Name or id
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// The state of the vault; needs no PIN
    #[command(after_help = "Example:\n  softtoken status --json | jq -r .state")]
    Status,
    /// Change the PIN
    #[command(after_help = "Example:\n  softtoken change-pin")]
    ChangePin(NewPin),
    /// The PIN is forgotten: show the PIN reset code for the issuer
    #[command(after_help = "Example:\n  softtoken forgot-pin")]
    ForgotPin {
        /// Agree in advance
        #[arg(long)]
        yes: bool,
    },
    /// Open a blocked vault with the issuer's unlock code, or with the recovery code
    #[command(
        after_help = "Example:\n  softtoken unlock -     then type the code, which is better than an argument"
    )]
    Unlock {
        /// The unlock code ("-": standard input, which keeps it out of the shell's history)
        code: String,
        #[command(flatten)]
        new_pin: NewPin,
    },
    /// Check the clock and the vault
    #[command(after_help = "Examples:\n  softtoken doctor\n  softtoken doctor idp.example.org")]
    Doctor {
        /// Ask this issuer for its time too; without it nothing is sent
        address: Option<String>,
    },
    /// What each issuer demands of this app
    #[command(after_help = "Example:\n  softtoken policy")]
    Policy {
        /// Only this identity (name or id)
        name: Option<String>,
    },
    /// What happened to the vault
    #[command(after_help = "Example:\n  softtoken log")]
    Log,
    /// Write an encrypted backup, and prove that it restores
    #[command(after_help = "Example:\n  softtoken backup desk.softtoken")]
    Backup(BackupFile),
    /// Bring back an encrypted backup; nothing is overwritten
    #[command(after_help = "Example:\n  softtoken restore desk.softtoken")]
    Restore(BackupFile),
    /// Add the identities of files: PSKC, lists of links, pictures of QR codes
    #[command(after_help = "Examples:\n  softtoken import tokens.pskc --password-file pw\n  \
                            softtoken import page1.png page2.png")]
    Import(ImportArgs),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  softtoken completions bash > ~/.local/share/bash-completion/completions/softtoken"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}
