//! The attempts at one frame, in the order of what they read for their time.
//!
//! Why several: the decoder takes a corner of a code for one only if its ring is whole and touches nothing.
//! One threshold breaks a ring, another joins it to its neighbours; each attempt errs elsewhere.
//!
//! [`Effort::Quick`] ends with the first attempt that reads. [`Effort::Full`] is for pictures, which may hold
//! several codes: the cheap attempts are all made; codes that were read are painted over and the rest is
//! decoded again, because the decoder takes corners of different codes for one; and a code that is seen and
//! not read keeps the search going. Of 240 codes on 60 made sheets that reads 240, without both 135.
//!
//! Order and choice were measured on the ZXing black-box pictures (65 to 1000 pixels a side) and on made
//! camera frames (1920 by 1080, version 13); rotating, median filters, a global threshold and reading the
//! modules again from the grey picture did not pay.

use super::decoder::Outcome;
use super::gray::{Bitmap, Gray};
use super::text::{Found, in_reading_order};
use super::{Effort, LumaFrame, Scan};

/// Tries `decode` on one rendering of `frame` after another, as far as `effort` goes.
pub(super) fn climb(
    frame: &LumaFrame<'_>,
    effort: Effort,
    mut decode: impl FnMut(&Bitmap) -> Outcome,
) -> Scan {
    let mut gray = frame.to_gray();
    let full_size = gray.area();
    while gray.area() > MOST_PIXELS {
        gray = gray.halved();
    }
    let mut scan = Search { found: Vec::new(), decoder_panics: 0, effort };
    let steps = match effort {
        Effort::Quick => QUICK,
        Effort::Full => FULL,
    };
    for (number, step) in steps.iter().filter(|step| step.fits(&gray)).enumerate() {
        let enough = scan.attempt(step, &gray, &mut decode);
        if enough && (effort == Effort::Quick || number >= LAST_IN_ANY_CASE) {
            break;
        }
    }
    let was_halved = gray.area() < full_size;
    if scan.found.is_empty() && effort == Effort::Full && was_halved && full_size <= MOST_PIXELS_AT_FULL_SIZE
    {
        scan.attempt(&AT_FULL_SIZE, &frame.to_gray(), &mut decode);
    }
    scan.end()
}

/// What the attempts so far came to.
struct Search {
    found: Vec<Found>,
    decoder_panics: u32,
    effort: Effort,
}

impl Search {
    /// Makes one attempt; true when no other is needed.
    fn attempt(&mut self, step: &Step, gray: &Gray, decode: &mut impl FnMut(&Bitmap) -> Outcome) -> bool {
        let mut bitmap = step.render(gray);
        let scale = if step.double { 2 } else { 1 };
        let rounds = match self.effort {
            Effort::Quick => 1,
            Effort::Full => MOST_ROUNDS,
        };
        let mut all_read = false;
        for _ in 0..rounds {
            match decode(&bitmap) {
                Outcome::Seen { codes, unread } => {
                    all_read = unread == 0;
                    if codes.is_empty() {
                        break;
                    }
                    codes.iter().for_each(|code| bitmap.whiten(code.columns(), code.rows()));
                    let telling = codes.into_iter().filter(Found::says_something);
                    self.found.extend(telling.map(|code| code.shrunk(scale)));
                }
                Outcome::Panicked => {
                    self.decoder_panics = self.decoder_panics.saturating_add(1);
                    all_read = false;
                    break;
                }
            }
        }
        !self.found.is_empty() && (all_read || self.effort == Effort::Quick)
    }

    fn end(self) -> Scan {
        Scan { texts: in_reading_order(self.found), decoder_panics: self.decoder_panics }
    }
}

/// One rendering: scale, filter, threshold.
struct Step {
    double: bool,
    filter: Filter,
    invert: bool,
    divisor: usize,
    percent: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Filter {
    None,
    /// Lets the rings of a blurred code come apart.
    Sharpen,
    /// Takes the specks out of a noisy frame.
    Soften,
}

impl Step {
    fn fits(&self, gray: &Gray) -> bool {
        !self.double || gray.area() <= MOST_PIXELS_TO_DOUBLE
    }

    fn render(&self, gray: &Gray) -> Bitmap {
        let mut held: Option<Gray> = self.invert.then(|| gray.inverted());
        let filtered = match self.filter {
            Filter::None => None,
            Filter::Sharpen => Some(held.as_ref().unwrap_or(gray).sharpened()),
            Filter::Soften => Some(held.as_ref().unwrap_or(gray).softened()),
        };
        held = filtered.or(held);
        if self.double {
            held = Some(held.as_ref().unwrap_or(gray).doubled());
        }
        held.as_ref().unwrap_or(gray).threshold(self.divisor, self.percent)
    }
}

const fn plain(divisor: usize, percent: u64) -> Step {
    Step { double: false, filter: Filter::None, invert: false, divisor, percent }
}

const fn doubled(divisor: usize, percent: u64) -> Step {
    Step { double: true, ..plain(divisor, percent) }
}

const fn filtered(filter: Filter, step: Step) -> Step {
    Step { filter, ..step }
}

const fn inverted(step: Step) -> Step {
    Step { invert: true, ..step }
}

/// Together they read 129 of the 179 ZXing pictures and 81 of 183 made frames.
const QUICK: &[Step] = &[filtered(Filter::Soften, plain(8, 95)), filtered(Filter::Soften, plain(40, 97))];

/// What each read of those when all before it had read nothing: 155, 55, 29, 7, 11, 11, 17, 7.
const FULL: &[Step] = &[
    filtered(Filter::Soften, plain(8, 95)),
    filtered(Filter::Soften, plain(40, 97)),
    plain(12, 97),
    inverted(plain(24, 95)),
    plain(8, 95),
    filtered(Filter::Soften, plain(12, 97)),
    filtered(Filter::Sharpen, doubled(8, 95)),
    doubled(40, 97),
];

/// Attempts of [`FULL`] up to this one are made even when one before has read something: they are the cheap
/// ones, and what one does not see at all another reads.
const LAST_IN_ANY_CASE: usize = 2;

/// An end to painting over and decoding again.
const MOST_ROUNDS: u32 = 16;

/// For a small code in a large photograph, after nothing was read in the smaller rendering.
const AT_FULL_SIZE: Step = plain(24, 95);

/// Larger frames are halved until they fit: a code of a photograph has modules to spare, and coordinates
/// stay small enough for the decoder's 32-bit arithmetic.
const MOST_PIXELS: usize = 4 * 1024 * 1024;

/// Doubling makes four times as many.
const MOST_PIXELS_TO_DOUBLE: usize = 2_200_000;

const MOST_PIXELS_AT_FULL_SIZE: usize = 16 * 1024 * 1024;
