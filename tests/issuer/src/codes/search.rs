//! Which step or counter a typed code belongs to. Every candidate is computed and compared in constant
//! time; how long a search takes tells how many candidates there are, and nothing else.

use std::ops::RangeInclusive;

use softtoken_core::otp::Code;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::error::Result;

/// Where a code may lie: the candidates around `middle`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    middle: u64,
    back: u64,
    ahead: u64,
}

/// What a search has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// The candidate to store; of two codes the one of the second.
    At(u64),
    /// The right code of a step or counter that may not be used again.
    Used,
    /// Nothing.
    Nothing,
}

impl Window {
    /// So many before and after, as far as a search may go.
    pub(crate) fn around(middle: u64, distance: u64) -> Self {
        let distance = distance.min(FARTHEST);
        Self { middle, back: distance, ahead: distance }
    }

    /// `count` counters from `next` on.
    pub(crate) fn ahead(next: u64, count: u64) -> Self {
        Self { middle: next, back: 0, ahead: count.clamp(1, FARTHEST).saturating_sub(1) }
    }

    /// With the one before, when there is one: a used counter is told from a wrong code.
    pub(crate) fn and_before(self, before: bool) -> Self {
        Self { back: u64::from(before), ..self }
    }

    /// Without what lies outside of `bounds`. A window that lies beside them altogether moves to their end.
    pub(crate) fn within(self, bounds: &RangeInclusive<u64>) -> Self {
        let middle = self.middle.clamp(*bounds.start(), *bounds.end());
        let low = self.low().clamp(*bounds.start(), middle);
        let high = self.high().clamp(middle, *bounds.end());
        Self { middle, back: middle.saturating_sub(low), ahead: high.saturating_sub(middle) }
    }

    fn low(self) -> u64 {
        self.middle.saturating_sub(self.back)
    }

    fn high(self) -> u64 {
        self.middle.saturating_add(self.ahead)
    }

    /// Nearest first, the later one of two equally near.
    pub(crate) fn nearest_first(self) -> impl Iterator<Item = u64> {
        (0..=self.back.max(self.ahead)).flat_map(move |distance| {
            let after = self.middle.checked_add(distance).filter(|_| distance <= self.ahead);
            let before = self.middle.checked_sub(distance).filter(|_| distance <= self.back && distance > 0);
            [after, before].into_iter().flatten()
        })
    }
}

/// Looks for one code. `last` is the latest that was accepted: neither it nor an earlier one is again.
pub(crate) fn one(
    window: Window,
    last: Option<u64>,
    typed: &str,
    code: impl FnMut(u64) -> Result<Code>,
) -> Result<Found> {
    let same = compare(window.low()..=window.high(), [typed], code)?;
    let hit = |place: usize| same.get(place).map_or(Choice::from(0), |[first]| *first);
    Ok(choose(window, last, hit, 0))
}

/// Looks for two codes that follow one another.
pub(crate) fn two(
    window: Window,
    last: Option<u64>,
    typed: [&str; 2],
    code: impl FnMut(u64) -> Result<Code>,
) -> Result<Found> {
    let same = compare(window.low()..=window.high().saturating_add(1), typed, code)?;
    let hit = |place: usize| match (same.get(place), same.get(place.saturating_add(1))) {
        (Some([first, _]), Some([_, second])) => *first & *second,
        _ => Choice::from(0),
    };
    Ok(choose(window, last, hit, 1))
}

/// For each candidate, which of the typed codes is its own.
fn compare<const N: usize>(
    candidates: RangeInclusive<u64>,
    typed: [&str; N],
    mut code: impl FnMut(u64) -> Result<Code>,
) -> Result<Vec<[Choice; N]>> {
    candidates
        .map(|candidate| {
            let code = code(candidate)?;
            Ok(typed.map(|typed| code.as_str().as_bytes().ct_eq(typed.as_bytes())))
        })
        .collect()
}

/// The first hit that is not used, `and` so many candidates later, without a branch on where it is.
fn choose(window: Window, last: Option<u64>, hit: impl Fn(usize) -> Choice, and: u64) -> Found {
    let (mut found, mut at, mut used) = (Choice::from(0), 0_u64, Choice::from(0));
    for candidate in window.nearest_first() {
        let place = usize::try_from(candidate.saturating_sub(window.low())).unwrap_or(usize::MAX);
        let same = hit(place);
        // The last number of the database is not accepted: nothing could be stored after it.
        let fits = candidate.saturating_add(and) < LAST_STORED;
        let fresh = Choice::from(u8::from(fits && last.is_none_or(|last| candidate > last)));
        at.conditional_assign(&candidate, same & fresh & !found);
        found |= same & fresh;
        used |= same & !fresh;
    }
    match (bool::from(found), bool::from(used)) {
        (true, _) => Found::At(at.saturating_add(and)),
        (false, true) => Found::Used,
        (false, false) => Found::Nothing,
    }
}

/// Most steps to either side, whatever a policy says: a day of steps of thirty seconds.
pub(crate) const FARTHEST: u64 = 2_880;
/// The largest number that a column holds.
const LAST_STORED: u64 = i64::MAX.cast_unsigned();

#[cfg(test)]
mod tests {
    use softtoken_core::otp::{Algorithm, Digits, hotp};

    use super::*;

    fn code(counter: u64) -> Result<Code> {
        Ok(hotp(b"12345678901234567890", counter, Algorithm::Sha1, Digits::EIGHT))
    }

    fn text(counter: u64) -> String {
        code(counter).unwrap().as_str().to_owned()
    }

    #[test]
    fn a_window_is_searched_nearest_first_and_the_later_of_two_equally_near() {
        let order = |window: Window| window.nearest_first().collect::<Vec<_>>();
        assert_eq!(order(Window::around(10, 2)), [10, 11, 9, 12, 8]);
        assert_eq!(order(Window::ahead(10, 3)), [10, 11, 12]);
        assert_eq!(order(Window::around(1, 3).within(&(0..=2))), [1, 2, 0]);
        assert_eq!(order(Window::around(9, 3).within(&(0..=2))), [2]);
        assert_eq!(order(Window::around(0, 1)), [0, 1]);
        assert_eq!(order(Window::around(u64::MAX, 1)), [u64::MAX, u64::MAX - 1]);
    }

    #[test]
    fn every_candidate_is_found_and_none_outside() {
        let window = Window::around(100, 20);
        for counter in 70..=130 {
            let expected = if (80..=120).contains(&counter) { Found::At(counter) } else { Found::Nothing };
            assert_eq!(one(window, None, &text(counter), code).unwrap(), expected, "{counter}");
            let expected =
                if (80..=120).contains(&counter) { Found::At(counter + 1) } else { Found::Nothing };
            let pair = [text(counter), text(counter + 1)];
            assert_eq!(two(window, None, [&pair[0], &pair[1]], code).unwrap(), expected, "{counter}");
        }
    }

    #[test]
    fn a_used_step_is_told_from_a_wrong_code_and_never_accepted() {
        let window = Window::around(100, 20);
        assert_eq!(one(window, Some(100), &text(100), code).unwrap(), Found::Used);
        assert_eq!(one(window, Some(100), &text(101), code).unwrap(), Found::At(101));
        assert_eq!(two(window, Some(100), [&text(100), &text(101)], code).unwrap(), Found::Used);
        assert_eq!(two(window, Some(100), [&text(101), &text(102)], code).unwrap(), Found::At(102));
    }

    #[test]
    fn two_codes_that_are_swapped_or_apart_are_not_found() {
        let window = Window::around(100, 20);
        assert_eq!(two(window, None, [&text(101), &text(100)], code).unwrap(), Found::Nothing);
        assert_eq!(two(window, None, [&text(100), &text(102)], code).unwrap(), Found::Nothing);
        assert_eq!(two(window, None, [&text(100), &text(100)], code).unwrap(), Found::Nothing);
    }

    #[test]
    fn the_search_of_the_core_finds_the_same_pairs() {
        use softtoken_core::otp::{CodeSpec, Period, find_step};
        use softtoken_core::time::UnixTime;
        let spec = CodeSpec::Totp {
            algorithm: Algorithm::Sha1,
            digits: Digits::EIGHT,
            period: Period::THIRTY,
            t0: 0,
        };
        for first in [60, 80, 99, 100, 101, 120, 121] {
            let pair = [text(first), text(first + 1)];
            let pair = [pair[0].as_str(), pair[1].as_str()];
            let theirs = find_step(&spec, b"12345678901234567890", None, UnixTime(3000), 20, pair).unwrap();
            let ours = two(Window::around(100, 20), None, pair, code).unwrap();
            assert_eq!(theirs.map_or(Found::Nothing, Found::At), ours, "{first}");
        }
    }
}
