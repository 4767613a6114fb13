//! The arguments of `add`: one front door, and choices made in advance.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::VerifyArgs;

pub const USAGE: &str = "softtoken add [OPTIONS] <TEXT|->\n       softtoken add [OPTIONS] --qr <IMAGE>\n       \
                         softtoken add [OPTIONS] --manual\n       softtoken add [OPTIONS] --key <BASE32|->";

pub const EXAMPLES: &str = "\
Examples:
  softtoken add -                      paste a link; it stays out of the shell's history
  softtoken add - < mail.eml           find the link in a whole mail
  softtoken add --qr activation.png    read the QR code of a picture
  softtoken add --manual               type address, serial number and activation code
  softtoken add --key - --issuer GitHub --account alice
  softtoken add --manual --entrust-v1 --registration-code 12211-49352";

#[derive(Args)]
#[command(group(ArgGroup::new("door").required(true).args(["text", "qr", "manual", "key", "mobilepass"])))]
pub struct AddArgs {
    /// A link or the text of a QR code; better "-", which reads it from standard input
    #[arg(value_name = "TEXT", allow_hyphen_values = false)]
    pub text: Option<String>,
    /// A picture of the QR code (PNG, JPEG, PGM or PPM)
    #[arg(long, value_name = "IMAGE", help_heading = "Front doors")]
    pub qr: Option<PathBuf>,
    /// Typed address, serial number and activation code; what is missing is asked
    #[arg(long, help_heading = "Front doors")]
    pub manual: bool,
    /// A key in Base32; better "-", which reads it from standard input
    #[arg(long, value_name = "BASE32", help_heading = "Front doors")]
    pub key: Option<String>,
    /// A legacy MobilePASS activation code ("-": standard input)
    #[arg(long, value_name = "CODE", help_heading = "Front doors")]
    pub mobilepass: Option<String>,

    /// Among several QR codes in the picture, counted from 1 in reading order
    #[arg(long, value_name = "N", conflicts_with_all = NOT_QR, value_parser = clap::value_parser!(u32).range(1..))]
    pub pick: Option<u32>,
    /// An Entrust v1 activation
    #[arg(long, conflicts_with_all = NOT_MANUAL, help_heading = "With --manual")]
    pub entrust_v1: bool,
    /// The issuer's address
    #[arg(long, value_name = "A", conflicts_with_all = NOT_MANUAL, help_heading = "With --manual")]
    pub address: Option<String>,
    /// The serial number, 10 digits
    #[arg(long, value_name = "S", conflicts_with_all = NOT_MANUAL, help_heading = "With --manual")]
    pub serial_number: Option<String>,
    /// The activation code, 16 digits; better "-", which reads it from standard input
    #[arg(long, value_name = "C", conflicts_with_all = NOT_MANUAL, help_heading = "With --manual")]
    pub activation_code: Option<String>,
    #[command(flatten)]
    pub key_args: KeyArgs,
    /// The policy text of the MobilePASS activation
    #[arg(long, value_name = "P", conflicts_with_all = NOT_MOBILEPASS, help_heading = "With --mobilepass")]
    pub mobilepass_policy: Option<String>,

    /// What to call the identity
    #[arg(long)]
    pub name: Option<String>,
    /// Read the password that came with the QR code from a file ("-": standard input)
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Read the identity's own PIN (mOTP, Yandex) from a file
    #[arg(long, value_name = "FILE")]
    pub otp_pin_file: Option<PathBuf>,
    /// Entrust v1: bring over a token that was completed elsewhere, by its registration code
    #[arg(long, value_name = "R")]
    pub registration_code: Option<String>,
    /// Digits of a code, where the activation does not say
    #[arg(long, value_name = "N")]
    pub digits: Option<u8>,
    /// Activate without network: nothing is sent, not even when the issuer can be reached
    #[arg(long)]
    pub offline: bool,
    #[command(flatten)]
    pub verify: VerifyArgs,
    /// Agree in advance; without a terminal nothing is added otherwise
    #[arg(long)]
    pub yes: bool,
}

/// How a typed key makes codes.
#[derive(Args)]
pub struct KeyArgs {
    /// Whose key it is
    #[arg(long, value_name = "I", conflicts_with_all = NOT_KEY, help_heading = "With --key")]
    pub issuer: Option<String>,
    /// The account there
    #[arg(long, value_name = "A", conflicts_with_all = NOT_KEY, help_heading = "With --key")]
    pub account: Option<String>,
    /// Seconds that a code lives
    #[arg(long, value_name = "N", conflicts_with_all = NOT_KEY, help_heading = "With --key")]
    pub period: Option<u32>,
    /// SHA1, SHA256 or SHA512
    #[arg(long, value_name = "A", conflicts_with_all = NOT_KEY, help_heading = "With --key")]
    pub algorithm: Option<String>,
    /// Event-based, starting at this counter
    #[arg(long, value_name = "COUNTER", conflicts_with_all = NOT_KEY, help_heading = "With --key")]
    pub hotp: Option<u64>,
}

// An option of one door with another door is a mistake that must not be ignored. (`requires` would be:
// the parser waives it when what is required conflicts with what is there.)
const NOT_MANUAL: [&str; 4] = ["text", "qr", "key", "mobilepass"];
const NOT_KEY: [&str; 4] = ["text", "qr", "manual", "mobilepass"];
const NOT_QR: [&str; 4] = ["text", "manual", "key", "mobilepass"];
const NOT_MOBILEPASS: [&str; 4] = ["text", "qr", "manual", "key"];
