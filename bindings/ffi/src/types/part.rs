//! Which part of an input is wrong, and how.

use super::*;

/// Which part of an input is wrong.
#[uniffi::remote(Enum)]
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

/// What is wrong with a `Part`.
#[uniffi::remote(Enum)]
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
