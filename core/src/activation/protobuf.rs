//! A reader for protocol buffer messages: any bytes give fields or a typed error, nothing is copied.
//!
//! It knows the wire format only (<https://protobuf.dev/programming-guides/encoding>). Groups are
//! refused: they have been out of use since 2008, and nesting is the one way to make a reader recurse.

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WireError {
    /// The bytes end inside a field.
    Truncated,
    /// A field number 0, a group, or a number of more than 64 bits.
    Malformed,
}

/// One field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    /// 1 to 2^29-1.
    pub(super) number: u64,
    /// Its value.
    pub(super) value: Value<'a>,
}

/// A value as it is on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// Integers, enums and booleans; a negative number is its two's complement in 64 bits.
    Varint(u64),
    /// Strings, bytes and messages.
    Bytes(&'a [u8]),
    /// Four or eight bytes; nothing here uses them.
    Fixed,
}

/// The fields of `message` in order; ends after the first error.
pub(super) fn fields(message: &[u8]) -> impl Iterator<Item = Result<Field<'_>, WireError>> {
    let mut rest = message;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let field = field(&mut rest);
        if field.is_err() {
            rest = &[];
        }
        Some(field)
    })
}

fn field<'a>(rest: &mut &'a [u8]) -> Result<Field<'a>, WireError> {
    let tag = varint(rest)?;
    let number = tag >> 3;
    if !(1..=MAX_FIELD_NUMBER).contains(&number) {
        return Err(WireError::Malformed);
    }
    let value = match tag & 7 {
        0 => Value::Varint(varint(rest)?),
        1 => take(rest, 8).map(|_| Value::Fixed)?,
        2 => {
            let length = varint(rest)?;
            Value::Bytes(take(rest, length)?)
        }
        5 => take(rest, 4).map(|_| Value::Fixed)?,
        _ => return Err(WireError::Malformed),
    };
    Ok(Field { number, value })
}

fn varint(rest: &mut &[u8]) -> Result<u64, WireError> {
    let mut number = 0_u64;
    for at in 0..MAX_VARINT_BYTES {
        let (&byte, after) = rest.split_first().ok_or(WireError::Truncated)?;
        *rest = after;
        // The tenth byte has room for one bit.
        if at == MAX_VARINT_BYTES - 1 && byte > 1 {
            return Err(WireError::Malformed);
        }
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(WireError::Malformed)
}

fn take<'a>(rest: &mut &'a [u8], length: u64) -> Result<&'a [u8], WireError> {
    let length = usize::try_from(length).map_err(|_| WireError::Truncated)?;
    let (taken, after) = rest.split_at_checked(length).ok_or(WireError::Truncated)?;
    *rest = after;
    Ok(taken)
}

const MAX_FIELD_NUMBER: u64 = (1 << 29) - 1;
const MAX_VARINT_BYTES: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn all(message: &[u8]) -> Vec<Result<Field<'_>, WireError>> {
        fields(message).collect()
    }

    #[test]
    fn a_negative_number_takes_ten_bytes() {
        let message = [0x28, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(all(&message), [Ok(Field { number: 5, value: Value::Varint(u64::MAX) })]);
    }

    #[test]
    fn a_number_of_65_bits_is_refused() {
        let message = [0x28, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
        assert_eq!(all(&message), [Err(WireError::Malformed)]);
    }

    #[test]
    fn nothing_is_read_after_an_error() {
        assert_eq!(all(&[0x03, 0x10, 0x01]), [Err(WireError::Malformed)]);
    }

    #[test]
    fn a_length_beyond_the_end_is_truncation_even_when_it_is_absurd() {
        let absurd = [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00];
        assert_eq!(all(&absurd), [Err(WireError::Truncated)]);
    }
}
