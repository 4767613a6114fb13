//! The payload enums of the core's errors in two languages: the word a script reads (`snake_case`,
//! stable) and the words a person reads. One exhaustive `match` each, so that a new variant in the
//! core stops the build here and nowhere later.

use softtoken_core::activation::request::Warning;
use softtoken_core::error::{
    DeviceKeyProblem, Feature, FileProblem, Needed, Part, PinProblem, Problem, Unsupported, Untrusted,
    VerificationKind, VerificationRefusal,
};

/// For scripts, for people.
pub type Words = (&'static str, &'static str);

/// Which part of an input is wrong.
pub fn part(part: Part) -> Words {
    match part {
        Part::Backup => ("backup", "the backup"),
        Part::UnlockCode => ("unlock_code", "the unlock code"),
        Part::Text => ("text", "the text"),
        Part::Type => ("type", "the type"),
        Part::Label => ("label", "the label"),
        Part::Issuer => ("issuer", "the issuer"),
        Part::Account => ("account", "the account"),
        Part::Parameters => ("parameters", "the list of parameters"),
        Part::Secret => ("secret", "the key"),
        Part::Algorithm => ("algorithm", "the algorithm"),
        Part::Digits => ("digits", "the number of digits"),
        Part::Period => ("period", "the period"),
        Part::Counter => ("counter", "the counter"),
        Part::Address => ("address", "the address"),
        Part::SerialNumber => ("serial_number", "the serial number"),
        Part::ActivationCode => ("activation_code", "the activation code"),
        Part::RegistrationCode => ("registration_code", "the registration code"),
        Part::Password => ("password", "the password"),
        Part::Payload => ("payload", "the content of the link"),
        Part::Version => ("version", "the version"),
        Part::Mode => ("mode", "the mode of the link"),
        Part::Flags => ("flags", "the flags of the link"),
        Part::Expiry => ("expiry", "the time of expiry"),
        Part::IssuerKey => ("issuer_key", "the issuer's key"),
        Part::Mac => ("mac", "the authentication code"),
        Part::Plaintext => ("plaintext", "the decrypted content"),
        Part::Policy => ("policy", "the policy"),
        Part::Entry => ("entry", "an entry of the list"),
        Part::Xml => ("xml", "the XML document"),
        Part::Challenge => ("challenge", "the challenge"),
        Part::Suite => ("suite", "the OCRA suite"),
        Part::Session => ("session", "the session"),
        Part::MobilePassCode => ("mobile_pass_code", "the MobilePASS activation code"),
        Part::OtpPin => ("otp_pin", "the PIN of the identity"),
        Part::Name => ("name", "the name"),
        Part::TwoStep => ("two_step", "the two-step parameters"),
        Part::Picture => ("picture", "the picture"),
    }
}

/// What an issuer wants to see.
pub fn verification(kind: VerificationKind) -> Words {
    match kind {
        VerificationKind::Certificate => ("certificate", "certificate"),
        VerificationKind::Face => ("face", "face"),
    }
}

/// Why it was refused.
pub fn verification_refusal(reason: VerificationRefusal) -> Words {
    match reason {
        VerificationRefusal::AnotherHolder => ("another_holder", "the certificate is somebody else's"),
        VerificationRefusal::ByPerson => ("by_person", "a person there has looked at it and said no"),
        VerificationRefusal::ByUser => ("by_user", "somebody said no on the page"),
        VerificationRefusal::Other => ("other", "ask the issuer's help desk"),
    }
}

/// What is wrong with it, as the end of a sentence about the part.
pub fn problem(problem: Problem) -> Words {
    match problem {
        Problem::Missing => ("missing", "is missing"),
        Problem::Empty => ("empty", "is empty"),
        Problem::TooLong => ("too_long", "is too long"),
        Problem::TooShort => ("too_short", "is too short"),
        Problem::BadCharacter => ("bad_character", "has a character that cannot be there"),
        Problem::BadEncoding => ("bad_encoding", "is damaged"),
        Problem::CheckDigit => ("check_digit", "is mistyped: its check digit does not fit"),
        Problem::OutOfRange => ("out_of_range", "is out of range"),
        Problem::Duplicate => ("duplicate", "is there twice"),
        Problem::Unknown => ("unknown", "is not one that softtoken knows"),
        Problem::Mismatch => ("mismatch", "does not fit the rest"),
        Problem::Truncated => ("truncated", "ends too early"),
    }
}

/// What only the user can supply.
pub fn needed(needed: Needed) -> Words {
    match needed {
        Needed::Vault => ("vault", "There is no vault yet. Run `softtoken init` to make one."),
        Needed::Pin => ("pin", "The PIN is needed. Run this on a terminal, or give --pin-file FILE."),
        Needed::NewPin => ("new_pin", "A new PIN is needed. Run this on a terminal, or give it in a file."),
        Needed::Password => {
            ("password", "A password is needed. Run this on a terminal, or give --password-file FILE.")
        }
        Needed::OtpPin => (
            "otp_pin",
            "This identity has a PIN of its own. Run this on a terminal, or give --otp-pin-file FILE.",
        ),
        Needed::Name => ("name", "The identity needs a name. Give --name NAME."),
        Needed::Choice => ("choice", "There are several QR codes in the picture. Choose one with --pick N."),
        Needed::UnlockCode => ("unlock_code", "It waits for its unlock code: `softtoken unlock -` takes it."),
        Needed::Details => (
            "details",
            "Address, serial number and activation code are needed. Run this on a terminal, or give \
             --address, --serial-number and --activation-code.",
        ),
    }
}

/// What a later version will do, as the beginning of a sentence.
pub fn feature(feature: Feature) -> Words {
    match feature {
        Feature::OnlineActivation => ("online_activation", "Contact with an issuer over the network"),
        Feature::Push => ("push", "privacyIDEA push tokens"),
        Feature::Container => ("container", "privacyIDEA containers"),
        Feature::Tiqr => ("tiqr", "tiqr"),
        Feature::ForeignExport => ("foreign_export", "Export files of this app"),
        Feature::UnlockCode => ("unlock_code", "PIN reset codes and unlock codes"),
        Feature::KeyStore => ("key_store", "Device keys in the desktop's key store"),
    }
}

/// What of an answer over the network is not trusted.
pub fn untrusted(what: Untrusted) -> (&'static str, &'static str) {
    match what {
        Untrusted::Connection => (
            "connection",
            "The connection to the issuer is not secure: its certificate is not in order. Try another network, \
             and check the clock of this device.",
        ),
        Untrusted::Issuer => (
            "issuer",
            "This address belongs to another issuer than the one known here. Ask the issuer's help desk before \
             you go on.",
        ),
        Untrusted::Reply => (
            "reply",
            "The answer did not come from the issuer, or was damaged. Nothing was taken of it; try again.",
        ),
    }
}

/// Understood and not supported.
pub fn unsupported(what: Unsupported) -> Words {
    match what {
        Unsupported::Md5 => ("md5", "MD5 is not supported for codes. Ask the issuer for SHA-1 or better."),
        Unsupported::ForThisKind => (
            "for_this_kind",
            "An identity of this kind cannot do that: `next` is for HOTP, `respond` for challenges.",
        ),
        Unsupported::Encryption => {
            ("encryption", "The file is encrypted in a way that softtoken cannot open.")
        }
        Unsupported::MobilePassPlus => {
            ("mobile_pass_plus", "This is a MobilePASS+ enrolment: only the vendor's own app can use it.")
        }
        Unsupported::Offline => (
            "offline",
            "This activation may not continue without network. Ask the portal for another way to activate.",
        ),
        Unsupported::Biometrics => (
            "biometrics",
            "Biometric unlock is not switched on, or the issuer of one of the identities forbids it.",
        ),
        Unsupported::NoWayBack => (
            "no_way_back",
            "Nothing that you have would open the vault afterwards, so the PIN is kept. Its recovery code counts \
             once you have read it: unlock on a terminal, and it is shown.",
        ),
        Unsupported::NewerVersion => {
            ("newer_version", "The file was written by a newer softtoken. Update softtoken.")
        }
        Unsupported::ActivationType => (
            "activation_type",
            "This version does not know this type of activation. Update softtoken, or choose another type at \
             the portal.",
        ),
        Unsupported::TokenKind => ("token_kind", "The file holds a kind of token that makes no codes here."),
    }
}

/// Why a PIN is refused.
pub fn pin_problem(problem: PinProblem) -> (&'static str, String) {
    match problem {
        PinProblem::TooShort { min } => ("too_short", format!("The PIN needs at least {min} digits.")),
        PinProblem::TooLong { max } => ("too_long", format!("The PIN may have {max} digits at most.")),
        PinProblem::NotDigits => ("not_digits", "The PIN may hold the digits 0 to 9 only.".into()),
        PinProblem::Repeated => ("repeated", first_tried("it repeats a digit or a part")),
        PinProblem::Run => ("run", first_tried("its digits count up or down")),
        PinProblem::Date => ("date", first_tried("it is a year or a date")),
        PinProblem::Pattern => (
            "pattern",
            first_tried("it reads the same backwards, doubles its digits, or is a figure on the key pad"),
        ),
        PinProblem::Common => ("common", first_tried("many people choose it")),
        PinProblem::Mismatch => ("mismatch", "The two PINs differ. Enter the same PIN twice.".into()),
    }
}

fn first_tried(because: &str) -> String {
    format!("A thief would try this PIN among the first: {because}.")
}

/// Why the device's key store failed.
pub fn device_key_problem(problem: DeviceKeyProblem) -> Words {
    match problem {
        DeviceKeyProblem::Transient => (
            "transient",
            "The device keys cannot be reached: check the permissions of their folder, or log in to the desktop \
             whose key store has them, and try again.",
        ),
        DeviceKeyProblem::Cancelled => ("cancelled", "The prompt of the key store was dismissed. Try again."),
        DeviceKeyProblem::Unsupported => ("unsupported", "The key store cannot do what the vault needs."),
        DeviceKeyProblem::Faulty => ("faulty", "The key store gives wrong answers. Do not use it."),
    }
}

/// Why a file cannot be read or written.
pub fn file_problem(problem: FileProblem) -> Words {
    match problem {
        FileProblem::NoAccess => {
            ("no_access", "The vault cannot be read or written. Check the permissions of its folder.")
        }
        FileProblem::Full => ("full", "The disk is full: the vault cannot be written. Free some space."),
        FileProblem::Other => {
            ("other", "The file system failed: the vault cannot be read or written. Check the disk.")
        }
    }
}

/// What the consent page warns of.
pub fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::ShortSecret => "The key is shorter than 128 bits.",
        Warning::CounterMissing => "No counter was given; it starts at 0.",
        Warning::LeftoverBits => "The key has an odd length; its last bits are ignored.",
        Warning::TenDigits => "The tenth digit adds almost nothing: it is 0, 1 or 2.",
        Warning::Legacy => {
            "A legacy activation: little stands between an attacker with the mail and the codes."
        }
        Warning::VendorMayRefuse => "The vendor's server may refuse the registration code.",
        Warning::LooksExpired => "It looks expired by this computer's clock. The issuer decides.",
        Warning::CounterMayBeBehind => {
            "Its counter may be behind: use the restored identity on one device only, or resync it."
        }
        Warning::SignatureNotChecked => "A signature in the file was not checked.",
    }
}
