//! The decoder crate behind a fence: counted steps, caught panics.
//!
//! `rqrr` can search for minutes: on a noisy frame it takes three specks for the corners of a code, and the
//! loop that looks for the fourth corner runs over an area without bound. It sees its picture only through
//! [`Canvas`], which counts every access and unwinds when the steps are used up. That unwinding is
//! `resume_unwind`, which no panic hook sees.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use image::{GenericImage, GenericImageView, Luma};
use rqrr::{Grid, PreparedImage};
use zeroize::Zeroizing;

use super::gray::Bitmap;
use super::text::Found;

/// What one attempt came to.
pub(super) enum Outcome {
    /// The decoder came to an end.
    Seen {
        /// The codes that were read.
        codes: Vec<Found>,
        /// How many look like codes and could not be read.
        unread: usize,
    },
    /// The decoder panicked.
    Panicked,
}

/// True while the decoder runs on this thread: a panic hook may stay silent, the panic is caught.
pub fn decoder_is_running() -> bool {
    RUNNING.get()
}

/// All codes in a black and white picture.
pub(super) fn decode(bitmap: &Bitmap) -> Outcome {
    guarded(|| decode_unguarded(bitmap))
}

/// Runs `attempt`, catching its panics and the end of its steps (which finds nothing).
pub(super) fn guarded(attempt: impl FnOnce() -> Outcome) -> Outcome {
    let _running = Running::start();
    match catch_unwind(AssertUnwindSafe(attempt)) {
        Ok(outcome) => outcome,
        Err(payload) if payload.is::<StepsUsedUp>() => Outcome::Seen { codes: Vec::new(), unread: 0 },
        Err(_) => Outcome::Panicked,
    }
}

fn decode_unguarded(bitmap: &Bitmap) -> Outcome {
    let mut picture = PreparedImage::without_preparation(Canvas::new(bitmap));
    let (mut codes, mut unread) = (Vec::new(), 0_usize);
    for grid in picture.detect_grids() {
        // Room for the longest text, so that the buffer never moves and leaves no copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(rqrr::MAX_PAYLOAD_SIZE));
        let corners = grid.bounds.map(|corner| (corner.x, corner.y));
        if Grid::decode_to(&grid, &mut *bytes).is_ok() {
            codes.push(Found::new(bytes, corners));
        } else {
            unread = unread.saturating_add(1);
        }
    }
    Outcome::Seen { codes, unread }
}

/// The payload of the unwinding that ends an attempt out of steps.
struct StepsUsedUp;

/// A picture that counts every access. Copies draw on the same count.
struct Canvas {
    width: u32,
    height: u32,
    row: usize,
    pixels: Vec<Luma<u8>>,
    outside: Luma<u8>,
    steps_left: Rc<Cell<u64>>,
}

impl Canvas {
    fn new(bitmap: &Bitmap) -> Self {
        let (width, height, pixels) = bitmap.parts();
        let area = u64::from(width).saturating_mul(u64::from(height));
        let steps = STEPS.saturating_add(area.saturating_mul(STEPS_PER_PIXEL));
        Self {
            width,
            height,
            row: usize::try_from(width).unwrap_or(0),
            pixels: pixels.iter().map(|pixel| Luma([*pixel])).collect(),
            outside: Luma([WHITE]),
            steps_left: Rc::new(Cell::new(steps)),
        }
    }

    fn spend(&self, steps: u64) {
        match self.steps_left.get().checked_sub(steps) {
            Some(left) => self.steps_left.set(left),
            None => resume_unwind(Box::new(StepsUsedUp)),
        }
    }

    fn slot(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        let index = self.index(x, y).unwrap_or(usize::MAX);
        self.pixels.get_mut(index).unwrap_or(&mut self.outside)
    }

    fn index(&self, x: u32, y: u32) -> Option<usize> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        y.checked_mul(self.row)?.checked_add(x)
    }
}

impl Clone for Canvas {
    fn clone(&self) -> Self {
        self.spend(u64::try_from(self.pixels.len()).unwrap_or(u64::MAX) / PIXELS_COPIED_PER_STEP);
        Self { pixels: self.pixels.clone(), steps_left: Rc::clone(&self.steps_left), ..*self }
    }
}

impl GenericImageView for Canvas {
    type Pixel = Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn width(&self) -> u32 {
        self.spend(1);
        self.width
    }

    fn height(&self) -> u32 {
        self.spend(1);
        self.height
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        self.spend(1);
        self.index(x, y).and_then(|index| self.pixels.get(index)).copied().unwrap_or(self.outside)
    }
}

impl GenericImage for Canvas {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        self.spend(1);
        self.slot(x, y)
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.spend(1);
        *self.slot(x, y) = pixel;
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.put_pixel(x, y, pixel);
    }
}

/// Marks this thread while the decoder runs, also through a panic.
struct Running;

impl Running {
    fn start() -> Self {
        RUNNING.set(true);
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.set(false);
    }
}

thread_local! {
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

const WHITE: u8 = 0;

/// Steps whatever the size: fitting the grid of a version 40 code takes some 25 million.
const STEPS: u64 = 64_000_000;

/// Steps for each pixel: pictures in which something is read take 3 to 7.
const STEPS_PER_PIXEL: u64 = 24;

/// A copy is a block move, far cheaper than single accesses.
const PIXELS_COPIED_PER_STEP: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qr::gray::Gray;

    #[test]
    fn an_attempt_out_of_steps_ends_and_finds_nothing() {
        let outcome = guarded(|| {
            let canvas = Canvas::new(&Gray::new(8, vec![0; 64]).threshold(4, 95));
            loop {
                canvas.get_pixel(0, 0);
            }
        });
        assert!(matches!(outcome, Outcome::Seen { codes, unread: 0 } if codes.is_empty()));
    }

    #[test]
    fn a_pixel_outside_the_canvas_is_white() {
        let mut canvas = Canvas::new(&Gray::new(8, vec![0; 64]).threshold(4, 95));
        canvas.put_pixel(u32::MAX, u32::MAX, Luma([WHITE]));
        assert_eq!(canvas.get_pixel(8, 8), Luma([WHITE]));
    }
}
