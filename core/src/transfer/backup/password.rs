//! A backup's password.
//!
//! It is compared by no one: it derives the key. Normalised (NFC), so that a keyboard that composes
//! `é` from two characters gives the same key as one that has it on a key.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::activation::request::Refusal;
use crate::error::{Part, Problem, Unsupported};
use crate::lock::KdfProfile;
use crate::secret::Key;

/// A password in NFC, wiped on drop. No `Debug`, no `Clone`.
pub(crate) struct Password(Zeroizing<String>);

impl Password {
    /// Reads UTF-8 bytes without control characters; the caller wipes its own buffer.
    pub(crate) fn new(entered: &[u8]) -> Result<Self, Refusal> {
        let refused = |problem| Refusal::part(Part::Password, problem);
        if entered.len() > MAX_PASSWORD_BYTES {
            return Err(refused(Problem::TooLong));
        }
        let text = std::str::from_utf8(entered).map_err(|_| refused(Problem::BadEncoding))?;
        if let Some(bad) = text.chars().position(char::is_control) {
            let position = u32::try_from(bad).unwrap_or(u32::MAX);
            return Err(Refusal::at(Part::Password, Problem::BadCharacter, position));
        }
        // NFC makes at most three bytes of one: the string never grows and leaves no copy behind.
        let mut normal = Zeroizing::new(String::with_capacity(entered.len().saturating_mul(3)));
        normal.extend(text.nfc());
        match normal.chars().count() {
            0 => Err(refused(Problem::Empty)),
            1..MIN_PASSWORD_CHARS => Err(refused(Problem::TooShort)),
            MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS => Ok(Self(normal)),
            _ => Err(refused(Problem::TooLong)),
        }
    }

    /// Argon2id (RFC 9106, version 0x13), 32 bytes. About 100 ms with the standard profile.
    pub(super) fn stretch(&self, kdf: KdfProfile, salt: &[u8; 16]) -> Result<Key<32>, Refusal> {
        // This device cannot spend what the file demands.
        let refused = || Refusal::Unsupported(Unsupported::Encryption);
        let (memory_kib, passes, lanes) = kdf.parameters();
        let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(|_| refused())?;
        let mut blocks: Zeroizing<Vec<Block>> = Zeroizing::new(Vec::new());
        let count = params.block_count();
        blocks.try_reserve_exact(count).map_err(|_| refused())?;
        blocks.resize(count, Block::default());
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Key::fill_with(|out| {
            argon.hash_password_into_with_memory(self.0.as_bytes(), salt, out, blocks.as_mut_slice())
        })
        .map_err(|_| refused())
    }
}

/// Shortest password, in characters of its NFC form.
pub const MIN_PASSWORD_CHARS: usize = 8;
/// Longest password, in characters of its NFC form.
pub const MAX_PASSWORD_CHARS: usize = 1024;
/// Before anything is counted.
const MAX_PASSWORD_BYTES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(entered: &[u8]) -> Option<Refusal> {
        Password::new(entered).err()
    }

    #[test]
    fn eight_characters_are_enough_and_seven_are_not() {
        assert!(Password::new(b"12345678").is_ok());
        assert!(Password::new("пароль12".as_bytes()).is_ok(), "characters, not bytes");
        assert_eq!(problem(b"1234567"), Some(Refusal::part(Part::Password, Problem::TooShort)));
        assert_eq!(
            problem("e\u{301}e\u{301}e\u{301}e\u{301}".as_bytes()),
            Some(Refusal::part(Part::Password, Problem::TooShort)),
            "counted after normalisation"
        );
        assert_eq!(problem(b""), Some(Refusal::part(Part::Password, Problem::Empty)));
        assert!(Password::new(&[b'a'; MAX_PASSWORD_CHARS]).is_ok());
        for length in [MAX_PASSWORD_CHARS + 1, MAX_PASSWORD_BYTES + 1] {
            let problem = problem(&vec![b'a'; length]);
            assert_eq!(problem, Some(Refusal::part(Part::Password, Problem::TooLong)));
        }
    }

    #[test]
    fn a_line_end_is_no_part_of_a_password() {
        let refused = |position| Some(Refusal::at(Part::Password, Problem::BadCharacter, position));
        assert_eq!(problem(b"12345678\n"), refused(8));
        assert_eq!(problem("äöü\t45678".as_bytes()), refused(3), "the position counts characters");
        assert_eq!(problem(b"1234567\xff"), Some(Refusal::part(Part::Password, Problem::BadEncoding)));
    }

    #[test]
    fn both_spellings_of_an_accent_are_one_password() {
        let key = |text: &str| {
            let password = Password::new(text.as_bytes()).unwrap();
            *password.stretch(KdfProfile::cheap(), &[1; 16]).unwrap().expose()
        };
        assert_eq!(key("caf\u{e9} noir"), key("cafe\u{301} noir"));
        assert_ne!(key("cafe noir"), key("caf\u{e9} noir"));
    }

    #[test]
    fn the_longest_expansion_fits_the_buffer() {
        // U+1D160 decomposes into three characters of four bytes each and never composes again.
        let text = "\u{1d160}".repeat(300);
        let password = Password::new(text.as_bytes()).unwrap();
        assert_eq!(password.0.len(), text.len() * 3);
        assert_eq!(password.0.capacity(), text.len() * 3);
    }
}
