//! What a code says, and the order in which several codes are told.
//!
//! Bytes that are not UTF-8 are taken as ISO-8859-1, as the QR standard's default has it: every byte is a
//! character, so nothing is lost and any other charset can be recovered from the characters.

use std::ops::Range;

use zeroize::Zeroizing;

/// The text of one code. It may hold a secret: no `Debug`, wiped on drop.
pub struct QrText(Zeroizing<String>);

impl QrText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text itself, still wiped on drop.
    pub fn into_string(self) -> Zeroizing<String> {
        self.0
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        // Twice the length holds every ISO-8859-1 text, so the buffer never moves and leaves no copy.
        let mut text = Zeroizing::new(String::with_capacity(bytes.len().saturating_mul(2)));
        match std::str::from_utf8(bytes) {
            Ok(utf8) => text.push_str(utf8),
            Err(_) => text.extend(bytes.iter().copied().map(char::from)),
        }
        Self(text)
    }
}

/// One decoded code: its bytes and where its corners lie.
pub(super) struct Found {
    bytes: Zeroizing<Vec<u8>>,
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

impl Found {
    /// `corners` as (x, y) in any order.
    pub(super) fn new(bytes: Zeroizing<Vec<u8>>, corners: [(i32, i32); 4]) -> Self {
        let xs = corners.map(|(x, _)| x);
        let ys = corners.map(|(_, y)| y);
        let least = |values: [i32; 4]| values.into_iter().min().unwrap_or(0);
        let most = |values: [i32; 4]| values.into_iter().max().unwrap_or(0);
        Self { bytes, left: least(xs), right: most(xs), top: least(ys), bottom: most(ys) }
    }

    /// The columns it lies in, as far as they are in a picture.
    pub(super) fn columns(&self) -> Range<usize> {
        inside(self.left)..inside(self.right)
    }

    /// The rows it lies in, as far as they are in a picture.
    pub(super) fn rows(&self) -> Range<usize> {
        inside(self.top)..inside(self.bottom)
    }

    /// The same code in a picture of which this was an enlargement.
    pub(super) fn shrunk(self, scale: i32) -> Self {
        let scale = scale.max(1);
        Self {
            left: self.left / scale,
            right: self.right / scale,
            top: self.top / scale,
            bottom: self.bottom / scale,
            ..self
        }
    }

    /// False for an empty text, which is no finding.
    pub(super) fn says_something(&self) -> bool {
        !self.bytes.is_empty()
    }

    fn middle(&self) -> i32 {
        self.top.saturating_add(self.bottom) / 2
    }
}

fn inside(coordinate: i32) -> usize {
    usize::try_from(coordinate).unwrap_or(0)
}

/// Texts in reading order: lines from the top, each from the left. A code belongs to a line when its middle
/// is above the bottom of that line's highest code. Equal texts are told once.
pub(super) fn in_reading_order(mut found: Vec<Found>) -> Vec<QrText> {
    found.sort_by_key(|one| (one.middle(), one.left));
    let mut line_ends = i32::MIN;
    let mut line = 0_usize;
    let mut placed: Vec<(usize, Found)> = Vec::new();
    for one in found {
        if one.middle() >= line_ends {
            line = line.saturating_add(1);
            line_ends = one.bottom;
        }
        placed.push((line, one));
    }
    placed.sort_by_key(|(line, one)| (*line, one.left));

    let mut told: Vec<Found> = Vec::new();
    for (_, one) in placed {
        if !told.iter().any(|other| *other.bytes == *one.bytes) {
            told.push(one);
        }
    }
    told.iter().map(|one| QrText::from_bytes(&one.bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &[u8], left: i32, top: i32) -> Found {
        let (right, bottom) = (left + 10, top + 10);
        Found::new(text.to_vec().into(), [(left, top), (right, top), (right, bottom), (left, bottom)])
    }

    fn told(found: Vec<Found>) -> Vec<String> {
        in_reading_order(found).iter().map(|text| text.as_str().to_owned()).collect()
    }

    #[test]
    fn a_line_is_read_from_the_left_although_its_codes_stand_unevenly() {
        let found = vec![at(b"d", 40, 53), at(b"b", 50, 0), at(b"c", 0, 50), at(b"a", 0, 4)];
        assert_eq!(told(found), ["a", "b", "c", "d"]);
    }

    #[test]
    fn equal_texts_are_told_once() {
        assert_eq!(told(vec![at(b"x", 20, 0), at(b"y", 60, 0), at(b"x", 40, 0)]), ["x", "y"]);
    }

    #[test]
    fn bytes_that_are_not_utf8_become_one_character_each() {
        assert_eq!(told(vec![at(b"caf\xe9", 0, 0)]), ["caf\u{e9}"]);
        assert_eq!(told(vec![at("caf\u{e9}".as_bytes(), 0, 0)]), ["caf\u{e9}"]);
    }
}
