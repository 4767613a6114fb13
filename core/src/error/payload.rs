//! What the variants of [`TokenError`](super::TokenError) carry: closed enums, so that a text for people and a
//! program's decision can be chosen for every value.
//!
//! A new value is a change of the public surface: the kits switch over all of them without a default.

/// What only the user can supply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VerificationKind {
    /// A client certificate that the holder has on this device.
    Certificate,
    /// A picture of the holder's face.
    Face,
}

/// Why a verification was refused, by the issuer's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Which part of an input is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The text as a whole.
    Text,
    /// The type in an otpauth link (`totp`, `hotp`, …).
    Type,
    /// The label of an otpauth link.
    Label,
    /// The issuer.
    Issuer,
    /// The account.
    Account,
    /// A parameter as a whole, or the list of parameters.
    Parameters,
    /// The shared secret (typed key, `secret=`).
    Secret,
    /// The hash algorithm.
    Algorithm,
    /// The number of digits.
    Digits,
    /// The period in seconds.
    Period,
    /// The HOTP counter.
    Counter,
    /// The issuer's address.
    Address,
    /// The 10-digit serial number.
    SerialNumber,
    /// The 16-digit activation code.
    ActivationCode,
    /// The 10-digit registration code.
    RegistrationCode,
    /// The password.
    Password,
    /// The Base64 or binary payload of a link.
    Payload,
    /// The version of a format.
    Version,
    /// The mode of a v2 link.
    Mode,
    /// The flags of a v2 link.
    Flags,
    /// The expiry of a v2 link.
    Expiry,
    /// The issuer's key.
    IssuerKey,
    /// A message authentication code.
    Mac,
    /// What was decrypted.
    Plaintext,
    /// The policy.
    Policy,
    /// One entry of a list.
    Entry,
    /// A backup file.
    Backup,
    /// An XML document.
    Xml,
    /// A challenge.
    Challenge,
    /// An OCRA suite.
    Suite,
    /// A session of a challenge.
    Session,
    /// A MobilePASS activation code.
    MobilePassCode,
    /// The PIN of an mOTP, Yandex or OCRA identity.
    OtpPin,
    /// A name.
    Name,
    /// The two-step parameters of privacyIDEA.
    TwoStep,
    /// A picture or camera frame.
    Picture,
    /// An unlock code or recovery code.
    UnlockCode,
}

/// What is wrong with a [`Part`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    /// It is not there.
    Missing,
    /// It is there and empty.
    Empty,
    /// Longer than its limit.
    TooLong,
    /// Shorter than it must be.
    TooShort,
    /// A character that cannot be there; the position says which.
    BadCharacter,
    /// Broken percent-escapes, Base64, UTF-8 or binary structure.
    BadEncoding,
    /// The check digit does not fit. The position is the first of two neighbours whose swap would repair it, if any.
    CheckDigit,
    /// A number outside its range.
    OutOfRange,
    /// It appears twice.
    Duplicate,
    /// A value nobody defined (an algorithm, a type, a version).
    Unknown,
    /// It does not fit another part.
    Mismatch,
    /// It ends too early.
    Truncated,
}

/// Why an issuer takes no codes of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// Disabled, until the issuer enables it again and this device has heard of it.
    Disabled,
    /// Deleted at the issuer; the identity ends.
    Deleted,
    /// Another seed has replaced that of the identity, which ends.
    Replaced,
}

/// What is not trusted of an answer over the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untrusted {
    /// The connection: the certificate of the other side is not in order.
    Connection,
    /// The issuer: this address is known with another key, or its signature does not fit.
    Issuer,
    /// The answer: it does not open, belongs to another question, or contradicts what was agreed on.
    Reply,
}

/// Understood and not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Why a PIN is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Why the device's key store failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileProblem {
    /// No permission, or the folder is missing.
    NoAccess,
    /// The disk is full.
    Full,
    /// Any other failure of the file system.
    Other,
}
