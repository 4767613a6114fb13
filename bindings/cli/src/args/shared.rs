//! Arguments that several commands have, and those of `import`.

use std::path::PathBuf;

use clap::Args;

/// Options of every command.
#[derive(Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Everywhere {
    /// Folder of the vault
    #[arg(long, global = true, value_name = "DIR", env = "SOFTTOKEN_VAULT", hide_env_values = true)]
    pub vault: Option<PathBuf>,
    /// Folder of the device keys, kept apart so that a copied vault has none
    #[arg(long, global = true, value_name = "DIR", env = "SOFTTOKEN_KEYS", hide_env_values = true)]
    pub keys: Option<PathBuf>,
    /// One JSON document on standard output, nothing else
    #[arg(long, global = true)]
    pub json: bool,
    /// Read the PIN from a file ("-": standard input) instead of asking
    #[arg(long, global = true, value_name = "FILE")]
    pub pin_file: Option<PathBuf>,
    /// Accept files with secrets that others may read
    #[arg(long, global = true)]
    pub insecure_files: bool,
}

#[derive(Args)]
pub struct Named {
    /// Name or id
    pub name: String,
}

/// Verifications in the browser, where an issuer wants them.
#[derive(Args)]
pub struct VerifyArgs {
    /// Show the issuer's verification pages and do not open them
    #[arg(long)]
    pub no_browser: bool,
    /// Wait at most this long for a verification; 0 only shows the page. Without a terminal: 600
    #[arg(long, value_name = "SECONDS")]
    pub wait: Option<u64>,
}

#[derive(Args)]
pub struct Resume {
    /// Name or id
    pub name: String,
    #[command(flatten)]
    pub verify: VerifyArgs,
}

#[derive(Args)]
pub struct NewPin {
    /// Read the new PIN from a file ("-": standard input) instead of asking
    #[arg(long, value_name = "FILE")]
    pub new_pin_file: Option<PathBuf>,
}

#[derive(Args)]
pub struct BackupFile {
    /// The backup
    pub file: PathBuf,
    /// Read the backup's password from a file instead of asking
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

#[derive(Args)]
pub struct ImportArgs {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Read the files' password (or pre-shared key in hex digits) from a file
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Agree in advance; without a terminal nothing is added otherwise
    #[arg(long)]
    pub yes: bool,
}
