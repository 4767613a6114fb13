//! What the variants of [`TokenError`] carry. The kits switch over all of them without a default.

use super::*;

/// What only the user can supply.
#[uniffi::remote(Enum)]
pub enum Needed {
    /// A vault (none was created yet).
    Vault,
    /// The vault's PIN.
    Pin,
    /// A new PIN.
    NewPin,
    /// The password of a QR code or file.
    Password,
    /// The PIN of an mOTP or Yandex identity.
    OtpPin,
    /// A name for the identity.
    Name,
    /// A choice among several QR codes in one picture.
    Choice,
    /// The issuer's address, serial number or activation code.
    Details,
    /// The unlock code of this identity's issuer, or the recovery code.
    UnlockCode,
}

/// What an issuer wants to see in the browser before an activation ends (`core/PROTOCOL.md` section 8).
#[uniffi::remote(Enum)]
pub enum VerificationKind {
    /// A client certificate that the holder has on this device.
    Certificate,
    /// A picture of the holder's face.
    Face,
}

/// Why a verification was refused, by the issuer's word.
#[uniffi::remote(Enum)]
pub enum VerificationRefusal {
    /// The certificate is somebody else's.
    AnotherHolder,
    /// A person at the issuer has looked at it and said no.
    ByPerson,
    /// The user said no on the page.
    ByUser,
    /// A reason that this version does not know.
    Other,
}

/// What a later version will do.
#[uniffi::remote(Enum)]
pub enum Feature {
    /// Activation over the network.
    OnlineActivation,
    /// privacyIDEA push tokens.
    Push,
    /// privacyIDEA containers.
    Container,
    /// tiqr enrolment and authentication.
    Tiqr,
    /// Export files of other apps.
    ForeignExport,
    /// PIN reset code and unlock code.
    UnlockCode,
    /// Device keys in the desktop's key store.
    KeyStore,
}

/// Why an issuer takes no codes of an identity.
#[uniffi::remote(Enum)]
pub enum StopReason {
    /// Disabled, until the issuer enables it again and this device has heard of it.
    Disabled,
    /// Deleted at the issuer; the identity ends.
    Deleted,
    /// Another seed has replaced that of the identity, which ends.
    Replaced,
}

/// What is not trusted of an answer over the network.
// Kotlin would take the variant of the same name of `TokenError` for it.
#[uniffi::remote(Enum)]
#[uniffi(name = "UntrustedKind")]
pub enum Untrusted {
    /// The connection: the certificate of the other side is not in order.
    Connection,
    /// The issuer: this address is known with another key, or its signature does not fit.
    Issuer,
    /// The answer: it does not open, belongs to another question, or contradicts what was agreed on.
    Reply,
}

/// Understood and not supported.
// Kotlin would take the variant of the same name of `TokenError` for it.
#[uniffi::remote(Enum)]
#[uniffi(name = "UnsupportedKind")]
pub enum Unsupported {
    /// MD5 as HMAC hash.
    Md5,
    /// An identity of this kind has no such operation (a challenge for a TOTP identity, `next` for one without counter).
    ForThisKind,
    /// An encryption method in a file.
    Encryption,
    /// The MobilePASS+ enrolment string: use the vendor's app.
    MobilePassPlus,
    /// Continuing without network is not allowed for this activation.
    Offline,
    /// An activation type that this version does not know.
    ActivationType,
    /// A kind of token in a file that makes no codes here.
    TokenKind,
    /// Biometric unlock: not enabled, or an issuer of one of the identities forbids it.
    Biometrics,
    /// Giving up the PIN while no unlock code and no recovery code would open anything.
    NoWayBack,
    /// A backup file, or an entry of one, that a newer version wrote.
    NewerVersion,
}

/// Why the device's key store failed.
#[uniffi::remote(Enum)]
pub enum DeviceKeyProblem {
    /// Try again.
    Transient,
    /// The user dismissed a system prompt.
    Cancelled,
    /// The platform cannot do it.
    Unsupported,
    /// The key does not work as it must (self-test), or the platform's code around it does not.
    Faulty,
}

/// Why a file cannot be read or written.
#[uniffi::remote(Enum)]
pub enum FileProblem {
    /// No permission, or the folder is missing.
    NoAccess,
    /// The disk is full.
    Full,
    /// Any other failure of the file system.
    Other,
}

/// Why a PIN is refused.
#[uniffi::remote(Enum)]
pub enum PinProblem {
    /// Shorter than the rules demand.
    TooShort {
        /// The least number of digits.
        min: u8,
    },
    /// Longer than 12 digits.
    TooLong {
        /// The greatest number of digits.
        max: u8,
    },
    /// Something else than the digits 0-9.
    NotDigits,
    /// Among the first that a thief tries: one digit or one part repeated (1111, 1212).
    Repeated,
    /// Among the first that a thief tries: digits in equal steps (1234, 8642, 789123).
    Run,
    /// Among the first that a thief tries: a year, or a day with its month (1984, 2412, 240384).
    Date,
    /// Among the first that a thief tries: a palindrome, doubled digits, a figure on the key pad (7227, 2580).
    Pattern,
    /// Among the first that a thief tries: at the top of leaked lists (5683, 3000).
    Common,
    /// The two entries differ.
    Mismatch,
}
