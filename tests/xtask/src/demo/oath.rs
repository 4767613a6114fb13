//! Codes from `oathtool`, an implementation that shares nothing with this one.

use std::process::Command;

use anyhow::Result;

use crate::runner::capture;

/// A TOTP key as `oathtool` wants it.
pub struct Totp<'a> {
    pub key_hex: &'a str,
    /// `sha1`, `sha256` or `sha512`; case does not matter.
    pub algorithm: &'a str,
    pub digits: u64,
}

impl Totp<'_> {
    /// The code of the 30-second step that contains the UNIX time `at`.
    pub fn code(&self, at: u64) -> Result<String> {
        oathtool(&[
            &format!("--totp={}", self.algorithm.to_lowercase()),
            &format!("--digits={}", self.digits),
            &format!("--now=@{at}"),
            self.key_hex,
        ])
    }
}

/// The HOTP code (SHA-1) of `counter`.
pub fn hotp(key_hex: &str, digits: u64, counter: u64) -> Result<String> {
    oathtool(&["--hotp", &format!("--digits={digits}"), &format!("--counter={counter}"), key_hex])
}

fn oathtool(arguments: &[&str]) -> Result<String> {
    Ok(capture(Command::new("oathtool").args(arguments))?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B and RFC 4226 appendix D.
    #[test]
    fn oathtool_is_asked_for_the_right_code() {
        let key_hex = "3132333435363738393031323334353637383930";
        let key = Totp { key_hex, algorithm: "SHA1", digits: 8 };
        assert_eq!(key.code(59).unwrap(), "94287082");
        assert_eq!(hotp(key_hex, 6, 9).unwrap(), "520489");
    }
}
