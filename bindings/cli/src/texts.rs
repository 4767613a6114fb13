//! From the core's error to one sentence (or two) that says what happened and what to do next.
//!
//! The sentences that the product promises word for word are constants; tests and documentation
//! quote them.

use softtoken_core::TokenError;
use softtoken_core::error::{Part, Problem};

use crate::{stopped, words};

/// Shown when a name is taken.
pub const NAME_TAKEN: &str = "An identity with the specified name already exists.";
/// Shown for a typed key that is no Base32.
pub const INVALID_KEY: &str = "Invalid key - The key sequence of numbers and letters is invalid.";
/// Shown when an activation has expired.
pub const EXPIRED: &str = "The soft token could not be activated because the activation code has expired. \
                           Return to your identity provider and attempt the action again.";

/// What happened, and what to do.
pub fn sentence(error: &TokenError) -> String {
    match error {
        TokenError::ActivationPending { .. } => {
            "Another activation is pending. Finish it with `softtoken resume`, or give it up with `softtoken \
             abandon`, then use this one."
                .into()
        }
        TokenError::AlreadyUsed => {
            "This activation was used already. Ask the portal for a new one (Reactivate).".into()
        }
        TokenError::ConsentNeeded => {
            "Nothing was changed: you have to agree first. Run this on a terminal, or add --yes.".into()
        }
        TokenError::Declined => {
            "The issuer has declined the activation. Ask the issuer's help desk.".into()
        }
        TokenError::DeviceKeyFailed { problem } => words::device_key_problem(*problem).1.into(),
        TokenError::DeviceKeyLost => {
            "The device keys of this vault are not on this device: the vault was copied, or its keys were \
             deleted. If they are elsewhere, point --keys to them; after `init --keyring`, log in to that \
             desktop; otherwise start with a new vault and reactivate at each portal."
                .into()
        }
        TokenError::Expired => EXPIRED.into(),
        TokenError::InputNeeded { what } => words::needed(*what).1.into(),
        TokenError::Internal => {
            "Something went wrong inside softtoken; nothing was lost. Please report what you did.".into()
        }
        TokenError::NameTaken { suggestion } => {
            format!("{NAME_TAKEN} Try --name {:?}.", printable(suggestion))
        }
        TokenError::NoNetwork => "The issuer cannot be reached. Check the network and try again.".into(),
        TokenError::NotForThisApp => "This text is meant for another program.".into(),
        TokenError::NotUnderstood { part, problem, position } => not_understood(*part, *problem, *position),
        TokenError::NotYet { feature } => {
            format!("{}: this version of softtoken cannot do that yet.", words::feature(*feature).1)
        }
        TokenError::PinBlocked => {
            "The PIN is blocked after too many wrong ones. `softtoken status` shows the PIN reset code for \
             your issuer, who answers with an unlock code."
                .into()
        }
        TokenError::PinRefused { problem } => words::pin_problem(*problem).1,
        TokenError::ServerRefused { status } => {
            format!("The issuer refused (answer {status}). Ask the issuer's help desk.")
        }
        TokenError::StaleInput => "That was no longer expected; nothing was changed. Start again.".into(),
        TokenError::Stopped { why, since } => stopped::sentence(*why, *since),
        TokenError::Superseded => {
            "A newer activation has replaced this one. Use the newest message from the portal.".into()
        }
        TokenError::UnknownIdentity => {
            "No identity has this name or id. `softtoken list` shows all of them.".into()
        }
        TokenError::Unsupported { what } => words::unsupported(*what).1.into(),
        TokenError::Untrusted { what } => words::untrusted(*what).1.into(),
        TokenError::VaultBusy => {
            "Another program has the vault open. Close it (a `softtoken watch`, perhaps) and try again."
                .into()
        }
        TokenError::VaultDamaged => {
            "The vault is damaged. It is kept, never deleted: restore a backup.".into()
        }
        TokenError::VaultExists => {
            "There is a vault here already; it is not touched. Use --vault DIR for another one.".into()
        }
        TokenError::VaultFile { problem } => words::file_problem(*problem).1.into(),
        TokenError::VaultLocked => "The vault is locked. Give the PIN first.".into(),
        TokenError::VaultTooNew { found, known } => format!(
            "The vault was written by a newer softtoken (format {found}; this one knows {known}). Update \
             softtoken."
        ),
        TokenError::VerificationOpen { kind } => format!(
            "The verification ({}) is not done. The activation stays pending: `softtoken resume NAME` goes on.",
            words::verification(*kind).1
        ),
        TokenError::VerificationRefused { kind, reason } => format!(
            "The issuer has refused the verification ({}): {}.",
            words::verification(*kind).1,
            words::verification_refusal(*reason).1
        ),
        TokenError::Void => {
            "Too many wrong passwords or registration codes: this activation is void. Ask the portal for a new \
             one (Reactivate)."
                .into()
        }
        TokenError::WrongPassword { tries_left } => match tries_left {
            Some(0) => "Wrong password. No tries are left: ask the portal for a new activation.".into(),
            Some(left) => format!("Wrong password. {}", left_over(*left)),
            None => "Wrong password. It comes with the QR code or the file; check every digit.".into(),
        },
        TokenError::WrongPin { attempts_left: 0 } => {
            "Wrong PIN. It was the last try: the PIN is blocked now. `softtoken status` shows the PIN reset \
             code for your issuer; `softtoken unlock -` takes the answer, or your recovery code."
                .into()
        }
        TokenError::WrongPin { attempts_left } => format!("Wrong PIN. {}", left_over(*attempts_left)),
        TokenError::WrongUnlockCode { tries_left: 0 } => {
            "This code opens nothing, and no tries are left. Ask the portal for a new activation.".into()
        }
        TokenError::WrongUnlockCode { tries_left } => {
            format!(
                "This code opens nothing here. Compare it character by character. {}",
                left_over(*tries_left)
            )
        }
    }
}

/// A sentence about one malformed part.
pub fn not_understood(part: Part, problem: Problem, position: Option<u32>) -> String {
    match (part, problem) {
        (Part::Picture, Problem::Missing) => {
            return "There is no QR code in the picture. Crop it to the code, or take a sharper one.".into();
        }
        (Part::Picture, Problem::Unknown) => {
            return "The file is not a picture that softtoken reads (PNG, JPEG, PGM or PPM).".into();
        }
        (Part::Text, Problem::Unknown) => {
            return "The text is none that softtoken understands. Copy the whole link or QR text.".into();
        }
        (Part::Secret, Problem::BadCharacter | Problem::BadEncoding | Problem::Truncated) => {
            return match position {
                Some(at) => format!("{INVALID_KEY} Look at character {}.", ordinal(at)),
                None => INVALID_KEY.into(),
            };
        }
        _ => {}
    }
    let (what, wrong) = (capital(words::part(part).1), words::problem(problem).1);
    match (problem, position) {
        (Problem::CheckDigit, Some(at)) => {
            let (first, second) = (ordinal(at), ordinal(at) + 1);
            format!("{what} {wrong}. Did you swap two digits ({first} and {second})?")
        }
        (Problem::CheckDigit, None) => format!("{what} {wrong}. Compare it digit by digit."),
        (_, Some(at)) => format!("{what} {wrong} (at character {}).", ordinal(at)),
        (Problem::BadEncoding | Problem::Truncated, None) => {
            format!("{what} {wrong}. Copy or scan it once more, whole.")
        }
        (_, None) => format!("{what} {wrong}."),
    }
}

/// A text of foreign origin, made safe for a terminal: control and direction characters are replaced.
pub fn printable(text: &str) -> String {
    let unsafe_here = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().map(|c| if unsafe_here(c) { '\u{fffd}' } else { c }).collect()
}

/// Ten digits as the mail has them: `48244-13456`.
pub fn serial(serial: &str) -> String {
    match serial.split_at_checked(5) {
        Some((first, second)) if serial.len() == 10 && serial.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{first}-{second}")
        }
        _ => printable(serial),
    }
}

fn left_over(tries: u32) -> String {
    if tries == 1 { "1 try is left.".into() } else { format!("{tries} tries are left.") }
}

/// People count from 1.
fn ordinal(position: u32) -> u64 {
    u64::from(position) + 1
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_key_gets_the_promised_text_and_a_position_counted_from_one() {
        let text = not_understood(Part::Secret, Problem::BadCharacter, Some(4));
        assert_eq!(text, format!("{INVALID_KEY} Look at character 5."));
    }

    #[test]
    fn a_check_digit_with_a_position_asks_for_a_swap() {
        let text = not_understood(Part::SerialNumber, Problem::CheckDigit, Some(7));
        assert!(text.starts_with("The serial number is mistyped"), "{text}");
        assert!(text.ends_with("Did you swap two digits (8 and 9)?"), "{text}");
    }

    #[test]
    fn an_escape_sequence_in_a_foreign_text_cannot_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\n"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}");
        assert_eq!(printable("Bücherei: 花子"), "Bücherei: 花子");
    }
}
