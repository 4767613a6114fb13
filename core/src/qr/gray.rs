//! Grey pictures and what an attempt does to one before it is decoded: scale, sharpen, soften, threshold.
//!
//! Every operation is total: a picture of any size, even one pixel, gives a picture. Pixels beyond the edge
//! repeat the edge. Rows are walked with iterators, so there is no index to be out of range.

use std::ops::Range;

/// An owned grey picture: 0 is black, 255 is white.
pub(super) struct Gray {
    width: usize,
    pixels: Vec<u8>,
}

/// A picture of black (1) and white (0) pixels.
pub(super) struct Bitmap(Gray);

impl Bitmap {
    /// Width, height and pixels, row by row.
    pub(super) fn parts(&self) -> (u32, u32, &[u8]) {
        let side = |length: usize| u32::try_from(length).unwrap_or(0);
        (side(self.0.width), side(self.0.height()), &self.0.pixels)
    }

    /// Paints the part of a box that lies in the picture white.
    pub(super) fn whiten(&mut self, columns: Range<usize>, rows: Range<usize>) {
        let lines = self.0.pixels.chunks_exact_mut(self.0.width);
        for line in lines.skip(rows.start).take(rows.len()) {
            line.iter_mut().skip(columns.start).take(columns.len()).for_each(|pixel| *pixel = 0);
        }
    }
}

impl Gray {
    /// `pixels` are rows of `width`; `width` is not 0.
    pub(super) fn new(width: usize, pixels: Vec<u8>) -> Self {
        Self { width: width.max(1), pixels }
    }

    /// How many pixels there are.
    pub(super) fn area(&self) -> usize {
        self.pixels.len()
    }

    /// The rows from the top.
    pub(super) fn rows(&self) -> std::slice::ChunksExact<'_, u8> {
        self.pixels.chunks_exact(self.width)
    }

    fn height(&self) -> usize {
        self.pixels.len() / self.width
    }

    fn shorter_side(&self) -> usize {
        self.width.min(self.height())
    }

    /// Half the width and height, each pixel the mean of four.
    pub(super) fn halved(&self) -> Self {
        let mut pixels = Vec::with_capacity(self.area() / 4);
        for pair in self.pixels.chunks_exact(self.width.saturating_mul(2)) {
            let (upper, lower) = pair.split_at(self.width);
            for (above, below) in upper.chunks_exact(2).zip(lower.chunks_exact(2)) {
                pixels.push(mean(above.iter().chain(below)));
            }
        }
        Self::new(self.width / 2, pixels)
    }

    /// Twice the width and height, interpolated.
    pub(super) fn doubled(&self) -> Self {
        let mut pixels = Vec::with_capacity(self.area().saturating_mul(4));
        let wide: Vec<Vec<u16>> = self.rows().map(doubled_row).collect();
        for (above, row, below) in neighbours(&wide) {
            pixels.extend(row.iter().zip(above).map(|(near, far)| blend(*near, *far)));
            pixels.extend(row.iter().zip(below).map(|(near, far)| blend(*near, *far)));
        }
        Self::new(self.width.saturating_mul(2), pixels)
    }

    /// Smoothed by the kernel 1-2-1 in both directions.
    pub(super) fn softened(&self) -> Self {
        let mut pixels = Vec::with_capacity(self.area());
        let rows: Vec<&[u8]> = self.rows().collect();
        let mut column: Vec<u16> = Vec::with_capacity(self.width);
        for (above, row, below) in neighbours(&rows) {
            column.clear();
            column.extend(
                above
                    .iter()
                    .zip(*row)
                    .zip(*below)
                    .map(|((a, b), c)| weighted(*a).0 + weighted(*b).1 + weighted(*c).0),
            );
            let mut left = column.first().copied().unwrap_or(0);
            let mut middles = column.iter().copied().peekable();
            while let Some(middle) = middles.next() {
                let right = middles.peek().copied().unwrap_or(middle);
                pixels.push(narrow((left + 2 * middle + right + 8) / 16));
                left = middle;
            }
        }
        Self::new(self.width, pixels)
    }

    /// Edges made steeper: three times the pixel less twice its surroundings.
    pub(super) fn sharpened(&self) -> Self {
        let soft = self.softened().softened();
        let sharp = |(pixel, around): (&u8, &u8)| {
            let value = 3 * i32::from(*pixel) - 2 * i32::from(*around);
            u8::try_from(value.clamp(0, 255)).unwrap_or(255)
        };
        Self::new(self.width, self.pixels.iter().zip(&soft.pixels).map(sharp).collect())
    }

    /// Black and white swapped.
    pub(super) fn inverted(&self) -> Self {
        Self::new(self.width, self.pixels.iter().map(|pixel| 255 - pixel).collect())
    }

    /// Black where a pixel is below `percent` of the mean around it. The square of that mean reaches
    /// 1/`divisor` of the picture's shorter side in every direction.
    pub(super) fn threshold(&self, divisor: usize, percent: u64) -> Bitmap {
        let reach = (self.shorter_side() / divisor.max(1)).max(LEAST_REACH);
        let mut pixels = Vec::with_capacity(self.area());
        let mut columns = vec![0_u32; self.width];
        let mut sums: Vec<u64> = Vec::with_capacity(self.width.saturating_add(1));
        let mut entering = self.rows();
        let mut leaving = self.rows();
        let (mut first, mut end) = (0_usize, 0_usize);
        for (y, row) in self.rows().enumerate() {
            while end <= y.saturating_add(reach)
                && let Some(new) = entering.next()
            {
                columns.iter_mut().zip(new).for_each(|(sum, pixel)| *sum += u32::from(*pixel));
                end += 1;
            }
            while first < y.saturating_sub(reach)
                && let Some(old) = leaving.next()
            {
                columns.iter_mut().zip(old).for_each(|(sum, pixel)| *sum -= u32::from(*pixel));
                first += 1;
            }
            running_sums(&columns, &mut sums);
            let lines = end.saturating_sub(first);
            for (x, pixel) in row.iter().enumerate() {
                let from = x.saturating_sub(reach);
                let to = x.saturating_add(reach).saturating_add(1).min(self.width);
                let total = sums.get(to).unwrap_or(&0).saturating_sub(*sums.get(from).unwrap_or(&0));
                let count = as_u64((to - from).saturating_mul(lines));
                pixels.push(u8::from(u64::from(*pixel) * count * 100 < total * percent));
            }
        }
        Bitmap(Self::new(self.width, pixels))
    }
}

/// Every row with the one above and the one below; the edge rows stand in for what is beyond them.
fn neighbours<T>(rows: &[T]) -> impl Iterator<Item = (&T, &T, &T)> {
    let above = rows.iter().take(1).chain(rows);
    let below = rows.iter().skip(1).chain(rows.iter().rev().take(1));
    above.zip(rows).zip(below).map(|((above, row), below)| (above, row, below))
}

/// A row at twice its width, in quarters: three parts of the nearer pixel, one of the farther.
fn doubled_row(row: &[u8]) -> Vec<u16> {
    let mut wide = Vec::with_capacity(row.len().saturating_mul(2));
    for (left, pixel, right) in neighbours(row) {
        let near = 3 * u16::from(*pixel);
        wide.push(near + u16::from(*left));
        wide.push(near + u16::from(*right));
    }
    wide
}

fn blend(near: u16, far: u16) -> u8 {
    narrow((3 * near + far + 8) / 16)
}

/// A pixel once and twice.
fn weighted(pixel: u8) -> (u16, u16) {
    (u16::from(pixel), 2 * u16::from(pixel))
}

fn mean<'a>(four: impl Iterator<Item = &'a u8>) -> u8 {
    narrow((four.map(|pixel| u16::from(*pixel)).sum::<u16>() + 2) / 4)
}

fn narrow(value: u16) -> u8 {
    u8::try_from(value).unwrap_or(255)
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// `sums[i]` = the first `i` columns together.
fn running_sums(columns: &[u32], sums: &mut Vec<u64>) {
    let mut total = 0_u64;
    sums.clear();
    sums.push(0);
    for column in columns {
        total += u64::from(*column);
        sums.push(total);
    }
}

/// The least reach of the mean: a smaller square fits inside one module of a large code.
const LEAST_REACH: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(gray: &Gray) -> Vec<u8> {
        gray.pixels.clone()
    }

    #[test]
    fn doubling_then_halving_gives_an_even_picture_back() {
        let gray = Gray::new(3, vec![10, 10, 10, 90, 90, 90]);
        assert_eq!(gray.doubled().width, 6);
        assert_eq!(pixels(&Gray::new(3, vec![77; 9]).doubled().halved()), [77; 9]);
    }

    #[test]
    fn softening_keeps_an_even_picture_and_spreads_a_point() {
        assert_eq!(pixels(&Gray::new(4, vec![200; 16]).softened()), [200; 16]);
        let point = Gray::new(3, vec![0, 0, 0, 0, 160, 0, 0, 0, 0]);
        assert_eq!(pixels(&point.softened()), [10, 20, 10, 20, 40, 20, 10, 20, 10]);
    }

    #[test]
    fn the_threshold_follows_the_light_across_the_picture() {
        let row: Vec<u8> = (0..200_u8).map(|x| if x % 10 == 0 { x / 2 } else { x + 40 }).collect();
        let bitmap = Gray::new(200, row).threshold(8, 95);
        let (width, height, black) = bitmap.parts();
        assert_eq!((width, height), (200, 1));
        assert!(black.iter().enumerate().skip(10).all(|(x, pixel)| (*pixel == 1) == (x % 10 == 0)));
    }

    #[test]
    fn whitening_stays_in_the_picture() {
        let mut bitmap = Gray::new(3, vec![9; 9]).threshold(1, 200);
        bitmap.whiten(1..90, 2..90);
        bitmap.whiten(7..9, 0..9);
        assert_eq!(bitmap.parts().2, [1, 1, 1, 1, 1, 1, 1, 0, 0]);
    }

    #[test]
    fn one_pixel_survives_every_operation() {
        let one = Gray::new(1, vec![9]);
        assert_eq!(one.halved().area(), 0);
        assert_eq!(one.doubled().area(), 4);
        assert_eq!(pixels(&one.sharpened()), [9]);
        assert_eq!(one.inverted().threshold(24, 95).parts().2, [0]);
    }
}
