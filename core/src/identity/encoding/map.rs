//! Reading and writing one CBOR map with numeric keys, in memory that is wiped.

use std::convert::Infallible;

use minicbor::{Decoder, Encoder};
use zeroize::Zeroizing;

use super::{EncodingError, MAX_ENCODED};
use crate::secret::SecretBytes;

/// Writes a map of version 1, keys in rising order.
pub(crate) struct MapWriter {
    encoder: Encoder<Wiped>,
    failed: bool,
}

type Written<'e> = Result<&'e mut Encoder<Wiped>, minicbor::encode::Error<Infallible>>;

impl MapWriter {
    /// A map of `entries` entries, the version not counted.
    pub(crate) fn new(entries: u64) -> Self {
        let encoder = Encoder::new(Wiped(Zeroizing::new(Vec::with_capacity(256))));
        let mut map = Self { encoder, failed: false };
        map.put(|e| e.map(entries.saturating_add(1))?.u32(0)?.u32(VERSION));
        map
    }

    pub(crate) fn number(&mut self, key: u32, value: u64) -> &mut Self {
        self.put(|e| e.u32(key)?.u64(value))
    }

    pub(crate) fn signed(&mut self, key: u32, value: i64) -> &mut Self {
        self.put(|e| e.u32(key)?.i64(value))
    }

    pub(crate) fn flag(&mut self, key: u32, value: bool) -> &mut Self {
        self.put(|e| e.u32(key)?.bool(value))
    }

    pub(crate) fn text(&mut self, key: u32, value: &str) -> &mut Self {
        self.put(|e| e.u32(key)?.str(value))
    }

    pub(crate) fn bytes(&mut self, key: u32, value: &[u8]) -> &mut Self {
        self.put(|e| e.u32(key)?.bytes(value))
    }

    pub(crate) fn finish(self) -> Result<SecretBytes, EncodingError> {
        let mut bytes = self.encoder.into_writer().0;
        if self.failed {
            return Err(EncodingError::Malformed);
        }
        if bytes.len() > MAX_ENCODED {
            return Err(EncodingError::TooLong);
        }
        Ok(SecretBytes::new(std::mem::take(&mut *bytes)))
    }

    fn put(&mut self, write: impl for<'e> FnOnce(&'e mut Encoder<Wiped>) -> Written<'e>) -> &mut Self {
        self.failed |= write(&mut self.encoder).is_err();
        self
    }
}

/// The entries of a map of version 1, in any order.
pub(crate) struct Fields<'b> {
    known: Vec<(u32, Value<'b>)>,
}

enum Value<'b> {
    Number(u64),
    Negative(i64),
    Flag(bool),
    Text(&'b str),
    Bytes(&'b [u8]),
}

impl<'b> Fields<'b> {
    /// Reads the whole of `bytes`; keys not in `keys` are skipped.
    pub(crate) fn read(bytes: &'b [u8], keys: &[u32]) -> Result<Self, EncodingError> {
        if bytes.len() > MAX_ENCODED {
            return Err(EncodingError::TooLong);
        }
        let mut decoder = Decoder::new(bytes);
        let entries = decoder.map().map_err(malformed)?.ok_or(EncodingError::Malformed)?;
        let mut fields = Self { known: Vec::with_capacity(keys.len().saturating_add(1)) };
        for _ in 0..entries {
            let key = decoder.u64().map_err(malformed)?;
            match u32::try_from(key).ok().filter(|key| *key == 0 || keys.contains(key)) {
                Some(key) if fields.get(key).is_some() => return Err(EncodingError::Duplicate(key)),
                Some(key) => fields.known.push((key, Value::read(&mut decoder, key)?)),
                None => decoder.skip().map_err(malformed)?,
            }
        }
        if decoder.position() != bytes.len() {
            return Err(EncodingError::Malformed);
        }
        match fields.number(0)? {
            version if version == u64::from(VERSION) => Ok(fields),
            version => Err(EncodingError::Version(version)),
        }
    }

    pub(crate) fn number(&self, key: u32) -> Result<u64, EncodingError> {
        self.optional_number(key)?.ok_or(EncodingError::Missing(key))
    }

    pub(crate) fn optional_number(&self, key: u32) -> Result<Option<u64>, EncodingError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(*number)),
            Some(_) => Err(EncodingError::BadValue(key)),
        }
    }

    /// A number of the type that the caller needs.
    pub(crate) fn small<T: TryFrom<u64>>(&self, key: u32) -> Result<T, EncodingError> {
        T::try_from(self.number(key)?).map_err(|_| EncodingError::BadValue(key))
    }

    pub(crate) fn signed(&self, key: u32) -> Result<i64, EncodingError> {
        match self.get(key) {
            None => Err(EncodingError::Missing(key)),
            Some(Value::Number(number)) => i64::try_from(*number).map_err(|_| EncodingError::BadValue(key)),
            Some(Value::Negative(number)) => Ok(*number),
            Some(_) => Err(EncodingError::BadValue(key)),
        }
    }

    pub(crate) fn flag(&self, key: u32) -> Result<bool, EncodingError> {
        match self.get(key) {
            None => Err(EncodingError::Missing(key)),
            Some(Value::Flag(flag)) => Ok(*flag),
            Some(_) => Err(EncodingError::BadValue(key)),
        }
    }

    pub(crate) fn text(&self, key: u32) -> Result<&'b str, EncodingError> {
        self.optional_text(key)?.ok_or(EncodingError::Missing(key))
    }

    pub(crate) fn optional_text(&self, key: u32) -> Result<Option<&'b str>, EncodingError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(EncodingError::BadValue(key)),
        }
    }

    pub(crate) fn bytes(&self, key: u32) -> Result<&'b [u8], EncodingError> {
        self.optional_bytes(key)?.ok_or(EncodingError::Missing(key))
    }

    pub(crate) fn optional_bytes(&self, key: u32) -> Result<Option<&'b [u8]>, EncodingError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Bytes(bytes)) => Ok(Some(bytes)),
            Some(_) => Err(EncodingError::BadValue(key)),
        }
    }

    fn get(&self, key: u32) -> Option<&Value<'b>> {
        self.known.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }
}

impl<'b> Value<'b> {
    fn read(decoder: &mut Decoder<'b>, key: u32) -> Result<Self, EncodingError> {
        use minicbor::data::Type;
        match decoder.datatype().map_err(malformed)? {
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => {
                decoder.u64().map(Self::Number).map_err(malformed)
            }
            Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
                decoder.i64().map(Self::Negative).map_err(malformed)
            }
            Type::Bool => decoder.bool().map(Self::Flag).map_err(malformed),
            Type::String => decoder.str().map(Self::Text).map_err(malformed),
            Type::Bytes => decoder.bytes().map(Self::Bytes).map_err(malformed),
            _ => Err(EncodingError::BadValue(key)),
        }
    }
}

/// A growing buffer that wipes what it outgrows.
struct Wiped(Zeroizing<Vec<u8>>);

impl minicbor::encode::Write for Wiped {
    type Error = Infallible;

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        let needed = self.0.len().saturating_add(bytes.len());
        if needed > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.saturating_mul(2)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

fn malformed(_: minicbor::decode::Error) -> EncodingError {
    EncodingError::Malformed
}

/// Version of every map of this module.
const VERSION: u32 = 1;
