//! Arguments of a step as what the core takes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use softtoken_core::activation::state::TypedFields;
use softtoken_core::identity::IdentityId;
use softtoken_core::time::UnixTime;
use zeroize::Zeroizing;

use super::device::Trouble;

/// Arguments of a step, variables filled in.
pub struct Arguments<'a>(pub &'a Value);

impl Arguments<'_> {
    /// A text, if it is there.
    pub fn maybe(&self, name: &str) -> Option<&str> {
        self.0[name].as_str()
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<&str, Trouble> {
        self.maybe(name).ok_or_else(|| Trouble::Journey(format!("{name} must be a text")))
    }

    /// A number, if it is there.
    pub fn number<T: TryFrom<i64>>(&self, name: &str) -> Result<Option<T>, Trouble> {
        let number = self.0[name].as_i64().map(T::try_from).transpose();
        number.map_err(|_| Trouble::Journey(format!("{name} is out of range")))
    }

    /// A number.
    pub fn needed<T: TryFrom<i64>>(&self, name: &str) -> Result<T, Trouble> {
        self.number(name)?.ok_or_else(|| Trouble::Journey(format!("{name} must be a number")))
    }

    /// Whether it is `true`.
    pub fn is(&self, name: &str) -> bool {
        self.0[name] == true
    }

    /// The identity's id.
    pub fn id(&self) -> Result<IdentityId, Trouble> {
        IdentityId::from_hex(self.text("id")?).ok_or_else(|| Trouble::Journey("id is no id".into()))
    }

    /// A time, if it is there.
    pub fn at(&self) -> Result<Option<UnixTime>, Trouble> {
        Ok(self.number::<u64>("at")?.map(UnixTime))
    }

    /// Bytes, written in Base64.
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, Trouble> {
        STANDARD.decode(self.text(name)?).map_err(|_| Trouble::Journey(format!("{name} is no Base64")))
    }

    /// Typed values; what is missing is empty.
    pub fn typed(&self) -> TypedFields {
        let text = |name| self.maybe(name).unwrap_or_default().to_owned();
        TypedFields {
            address: text("address"),
            serial_number: text("serial_number"),
            activation_code: Zeroizing::new(text("activation_code")),
        }
    }
}
