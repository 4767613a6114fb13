//! The name of an identity.

/// A name as the user reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityName(String);

impl IdentityName {
    /// The name as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
