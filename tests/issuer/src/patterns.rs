//! What texts of the REST interface look like: each pattern is checked here and published in the OpenAPI file.

use std::sync::LazyLock;

use regex_lite::Regex;

/// Id of a user, token, key or challenge.
pub const ID: &str = "^[0-9a-f]{32}$";
/// User names: what people type, without white space.
pub const USER_NAME: &str = "^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$";
/// Mail addresses: the part of RFC 5321 that is in use.
pub const EMAIL: &str = "^[A-Za-z0-9_+-]{1,32}(\\.[A-Za-z0-9_+-]{1,15}){0,2}@[A-Za-z0-9]([A-Za-z0-9-]{0,40}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,40}[A-Za-z0-9])?){0,4}$";
/// Name of an API key.
pub const KEY_NAME: &str = "^[A-Za-z0-9][A-Za-z0-9 ._@+-]{0,99}$";

/// Whether `text` is an id.
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether `text` can be a user's name.
pub fn is_user_name(text: &str) -> bool {
    static CHECK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(USER_NAME).ok());
    CHECK.as_ref().is_some_and(|check| check.is_match(text))
}

/// Whether `text` can be a mail address.
pub fn is_email(text: &str) -> bool {
    static CHECK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(EMAIL).ok());
    CHECK.as_ref().is_some_and(|check| check.is_match(text))
}

/// Whether `text` can be the name of an API key.
pub fn is_key_name(text: &str) -> bool {
    static CHECK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(KEY_NAME).ok());
    CHECK.as_ref().is_some_and(|check| check.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile_and_tell_good_from_bad() {
        assert!(is_id("0123456789abcdef0123456789abcdef") && !is_id("0123456789ABCDEF0123456789abcdef"));
        assert!(is_user_name("anna") && is_user_name("anna@example.org"));
        for bad in ["", ".a", "a b", "a\n", "ä"] {
            assert!(!is_user_name(bad), "{bad:?}");
        }
        assert!(is_email("anna.b@mail.example.org") && is_email("root@localhost"));
        for bad in ["", "a", "a@", "@a", "a@b\r\nBcc: c@d", "a@-b", "a..b@c"] {
            assert!(!is_email(bad), "{bad:?}");
        }
        assert!(is_key_name("help desk") && !is_key_name(" a"));
    }
}
