//! The registration code: ten digits that the app shows and the user types at the issuer.
//!
//! | Activation | Nine digits before the check digit |
//! |---|---|
//! | open profile, offline | uniform random (29.9 bits), all of them entropy |
//! | Entrust v1 | `upper · 65536 + rng`; `rng` is 16 uniform bits, `upper` is not public and drawn at random |
//!
//! It is secret until the issuer has it: never logged, shown on its own page only.

use super::state::FieldProblem;
use crate::codec::decimal::RegistrationCode;
use crate::error::Part;
use crate::random::{NoRandom, Random};

/// Draws the registration code of an offline activation.
pub fn draw(random: &Random) -> Result<RegistrationCode, NoRandom> {
    with_check_digit(random.below(VALUES)?)
}

/// Draws a registration code for a new Entrust v1 activation.
///
/// Each of the 65,536 values of `rng` is equally likely (`ffff` too), then each `upper` that still
/// fits into nine digits.
pub fn draw_v1(random: &Random) -> Result<RegistrationCode, NoRandom> {
    let rng = random.below(RNG_VALUES)?;
    let uppers = LARGEST.saturating_sub(rng) / RNG_VALUES;
    let upper = random.below(uppers.saturating_add(1))?;
    with_check_digit(upper.saturating_mul(RNG_VALUES).saturating_add(rng))
}

/// Reads a registration code as people write it.
pub fn read(text: &str) -> Result<RegistrationCode, FieldProblem> {
    RegistrationCode::parse(text).map_err(|error| FieldProblem::of_code(Part::RegistrationCode, error))
}

/// `value` has at most nine digits here, so the error is never taken.
fn with_check_digit(value: u64) -> Result<RegistrationCode, NoRandom> {
    RegistrationCode::from_value(value).ok_or(NoRandom)
}

const VALUES: u64 = 1_000_000_000;
const LARGEST: u64 = VALUES - 1;
const RNG_VALUES: u64 = 0x1_0000;
