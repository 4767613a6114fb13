//! Figures on a telephone's key pad.
//!
//! ```text
//! 1 2 3      a walk from key to neighbouring key, none twice      1236, 2580, 147896
//! 4 5 6      one line of three keys after the other               159357, 741369852
//! 7 8 9      the four corners or the four edges, in any order     1379, 2468
//!   0
//! ```

pub(super) fn is_figure(digits: &[u8]) -> bool {
    is_walk(digits) || is_lines(digits) || FOURS.iter().any(|four| is_permutation(digits, four))
}

/// Up, down, left or right at every step.
fn is_walk(digits: &[u8]) -> bool {
    let steps = || digits.iter().zip(digits.iter().skip(1));
    let distinct =
        digits.iter().enumerate().all(|(n, digit)| !digits.iter().take(n).any(|other| other == digit));
    distinct && steps().all(|(a, b)| distance(*a, *b) == Some(1))
}

/// Keys between two keys along rows and columns.
fn distance(a: u8, b: u8) -> Option<u8> {
    let ((row_a, column_a), (row_b, column_b)) = (place(a)?, place(b)?);
    row_a.abs_diff(row_b).checked_add(column_a.abs_diff(column_b))
}

/// Row and column of an ASCII digit.
fn place(digit: u8) -> Option<(u8, u8)> {
    let value = digit.checked_sub(b'0')?;
    match value {
        0 => Some((3, 1)),
        _ => value.checked_sub(1).and_then(|n| Some((n.checked_div(3)?, n.checked_rem(3)?))),
    }
}

/// Whole lines of three keys, each from either end.
fn is_lines(digits: &[u8]) -> bool {
    let is_line = |three: &[u8]| {
        LINES.iter().any(|line| three.iter().eq(line.iter()) || three.iter().eq(line.iter().rev()))
    };
    digits.len() >= 6 && digits.chunks(3).all(is_line)
}

fn is_permutation(digits: &[u8], keys: &[u8; 4]) -> bool {
    digits.len() == keys.len() && keys.iter().all(|key| digits.contains(key))
}

/// Rows, columns and diagonals.
const LINES: [&[u8; 3]; 9] = [b"123", b"456", b"789", b"147", b"258", b"369", b"580", b"159", b"357"];
/// Corners and edges.
const FOURS: [&[u8; 4]; 2] = [b"1379", b"2468"];
