//! The text of a code. It lives inline for every kind that people type, so that a sheet of codes
//! costs no allocation; only OCRA answers without truncation (a whole HMAC in hexadecimal) need the heap.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// A one-time code as it is shown, ASCII without separators. Wiped on drop; neither `Debug` nor `Clone`.
pub struct Code(Text);

enum Text {
    Inline { bytes: [u8; INLINE as usize], len: u8 },
    Heap(Zeroizing<String>),
}

/// Characters that fit inline; the longest code that people type has ten.
const INLINE: u8 = 15;

impl Code {
    /// `number` in decimal, its last `digits` digits, zeros in front.
    pub(super) fn decimal(number: u32, digits: u8) -> Self {
        let mut rest = number;
        Self::backwards(digits, || {
            let digit = rest % 10;
            rest /= 10;
            // Below ten by the line above.
            b'0'.wrapping_add(digit.to_le_bytes()[0])
        })
    }

    /// `len` characters (at most 15) that `next` gives from the first to the last.
    pub(super) fn forwards(len: u8, next: impl FnMut() -> u8) -> Self {
        let mut bytes = [0; INLINE as usize];
        let len = len.min(INLINE);
        bytes.iter_mut().take(usize::from(len)).for_each(writing(next));
        Self(Text::Inline { bytes, len })
    }

    /// `len` characters (at most 15) that `next` gives from the last to the first.
    pub(super) fn backwards(len: u8, next: impl FnMut() -> u8) -> Self {
        let mut bytes = [0; INLINE as usize];
        let len = len.min(INLINE);
        bytes.iter_mut().take(usize::from(len)).rev().for_each(writing(next));
        Self(Text::Inline { bytes, len })
    }

    /// A text of any length.
    pub(super) fn long(text: Zeroizing<String>) -> Self {
        Self(Text::Heap(text))
    }

    /// The characters of the code.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Inline { bytes, len } => bytes
                .get(..usize::from(*len))
                .and_then(|used| std::str::from_utf8(used).ok())
                // Only ASCII is ever stored and the length was clamped, so this is never taken.
                .unwrap_or_default(),
            Text::Heap(text) => text,
        }
    }

    /// Constant-time comparison with what somebody typed (for equal lengths).
    pub fn ct_eq(&self, typed: &str) -> bool {
        self.as_str().as_bytes().ct_eq(typed.as_bytes()).into()
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        // The heap variant wipes itself.
        if let Text::Inline { bytes, .. } = &mut self.0 {
            bytes.zeroize();
        }
    }
}

fn writing(mut next: impl FnMut() -> u8) -> impl FnMut(&mut u8) {
    move |place| *place = next()
}
