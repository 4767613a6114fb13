//! What an activation starts from: a text, typed values or a file, and the choices made before it.

use super::*;

/// Where an activation starts. No `Debug`: texts hold secrets.
#[uniffi::remote(Enum)]
pub enum ActivationSource {
    /// Any text: a link, the content of a QR code, a list of links.
    Text(SecretText),
    /// Typed address, serial number and activation code; what is missing or wrong is asked.
    Typed(TypedFields),
    /// Typed serial number and activation code of an Entrust v1 activation.
    TypedV1(TypedFields),
    /// A typed key (Base32) and how it makes codes.
    Key(TypedKey),
    /// A legacy MobilePASS activation code, with its policy text if there is one.
    MobilePass {
        /// Four groups of five characters.
        code: SecretText,
        /// Policy text; usually empty.
        policy: String,
    },
    /// The bytes of a file: a backup, PSKC, or a list of links.
    File(SecretBytes),
}

/// What the user typed at the manual door; kept until the activation ends. No `Debug`.
#[uniffi::remote(Record)]
pub struct TypedFields {
    /// The issuer's address; empty for Entrust v1.
    pub address: String,
    /// Serial number, 10 digits.
    pub serial_number: String,
    /// Activation code, 16 digits.
    pub activation_code: SecretText,
}

/// A typed key. No `Debug`.
#[uniffi::remote(Record)]
pub struct TypedKey {
    /// Base32; 0 and 1 are read as O and I.
    pub key: SecretText,
    /// Issuer, may be empty.
    pub issuer: String,
    /// Account, may be empty.
    pub account: String,
    /// Digits, default 6.
    pub digits: Option<u8>,
    /// Period in seconds, default 30.
    pub period: Option<u32>,
    /// Hash name, default SHA1.
    pub algorithm: Option<String>,
    /// An HOTP counter: makes the identity event-based.
    pub counter: Option<u64>,
}

/// Choices made before the activation starts.
#[uniffi::remote(Record)]
pub struct ActivationOptions {
    /// The user chose to activate without network: nothing is sent.
    pub offline: bool,
    /// Digits of the codes where the activation does not say (Entrust v1).
    pub digits: Option<u8>,
    /// Entrust v1: the registration code of a token that was already completed, to bring it over.
    pub registration_code: Option<SecretText>,
    /// What the portal and the mails call this device; cut to 64 bytes, control characters left out.
    pub device: Option<String>,
}
