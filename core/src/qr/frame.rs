//! A borrowed grey frame: rows of luma bytes, each row `stride` bytes after the one before.
//!
//! [`LumaFrame::new`] is the only constructor and is total; after it no row is out of range. There is no
//! `Debug`: the pixels show a secret.

use super::QrError;
use super::gray::Gray;

/// The most pixels of a frame: 64 Mpixel.
pub const MAX_PIXELS: u64 = 64 * 1024 * 1024;

/// The longest side of a frame in pixels.
pub const MAX_SIDE: u32 = 32_767;

/// A grey picture or camera frame, borrowed: 0 is black, 255 is white.
#[derive(Clone, Copy)]
pub struct LumaFrame<'a> {
    width: usize,
    height: usize,
    stride: usize,
    luma: &'a [u8],
}

impl<'a> LumaFrame<'a> {
    /// `luma` holds `height` rows of `width` bytes, `stride` bytes from one row to the next. The last row
    /// needs no padding (cameras leave it out); bytes after it are ignored.
    pub fn new(width: u32, height: u32, stride: u32, luma: &'a [u8]) -> Result<Self, QrError> {
        if width == 0 || height == 0 {
            return Err(QrError::Empty);
        }
        if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
            return Err(QrError::TooLarge);
        }
        if stride < width {
            return Err(QrError::BadStride);
        }
        let size = |number: u32| usize::try_from(number).map_err(|_| QrError::TooLarge);
        let (width, height, stride) = (size(width)?, size(height)?, size(stride)?);
        let before_last = stride.checked_mul(height.saturating_sub(1)).ok_or(QrError::BadStride)?;
        let needed = before_last.checked_add(width).ok_or(QrError::BadStride)?;
        if luma.len() < needed {
            return Err(QrError::Truncated);
        }
        Ok(Self { width, height, stride, luma })
    }

    /// A copy without padding.
    pub(super) fn to_gray(self) -> Gray {
        let rows = self.luma.chunks(self.stride).take(self.height);
        let pixels = rows.filter_map(|row| row.get(..self.width)).flatten().copied().collect();
        Gray::new(self.width, pixels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(width: u32, height: u32, stride: u32, length: usize) -> Option<QrError> {
        LumaFrame::new(width, height, stride, &vec![0; length]).err()
    }

    #[test]
    fn frames_that_do_not_add_up_are_refused_by_kind() {
        assert_eq!(refusal(0, 4, 4, 16), Some(QrError::Empty));
        assert_eq!(refusal(4, 0, 4, 16), Some(QrError::Empty));
        assert_eq!(refusal(4, 4, 3, 16), Some(QrError::BadStride));
        assert_eq!(refusal(4, 4, 4, 15), Some(QrError::Truncated));
        assert_eq!(refusal(4, 4, u32::MAX, 16), Some(QrError::Truncated));
        assert_eq!(refusal(MAX_SIDE, MAX_SIDE, MAX_SIDE, 16), Some(QrError::TooLarge));
        assert_eq!(refusal(MAX_SIDE + 1, 1, MAX_SIDE + 1, 16), Some(QrError::TooLarge));
        assert_eq!(refusal(u32::MAX, u32::MAX, u32::MAX, 0), Some(QrError::TooLarge));
        assert_eq!(refusal(4, 4, 4, 16), None);
    }

    #[test]
    fn the_last_row_needs_no_padding_and_padding_is_no_pixel() {
        let bytes = [1, 2, 99, 3, 4];
        let gray = LumaFrame::new(2, 2, 3, &bytes).ok().unwrap().to_gray();
        assert_eq!(gray.rows().flatten().copied().collect::<Vec<_>>(), [1, 2, 3, 4]);
    }
}
