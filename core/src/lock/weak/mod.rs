//! PINs that a thief tries first, each with the reason that the user reads.
//!
//! | Reason | What it is | Example |
//! |---|---|---|
//! | [`PinProblem::Repeated`] | one part repeated, the last time perhaps cut short | 1111, 1212, 723723, 12121 |
//! | [`PinProblem::Run`] | equal steps, 9 and 0 being neighbours; two runs of at least three | 1234, 8642, 789123 |
//! | [`PinProblem::Date`] | a year from 1900 to 2099, a day with month, either with the other | 1984, 2412, 240384 |
//! | [`PinProblem::Pattern`] | a palindrome, doubled digits, a figure on the key pad | 7227, 114477, 147258 |
//! | [`PinProblem::Common`] | whatever else the top of leaked lists has | 5683, 0007, 314159 |
//!
//! The rules know no PIN by what its owner is; they are the same for all and cost nothing to tell.

mod date;
mod pad;

use crate::error::PinProblem;

/// Why `digits` (ASCII) may not be chosen; the first reason of the table that fits.
pub(super) fn problem(digits: &[u8]) -> Option<PinProblem> {
    if is_repetition(digits) {
        Some(PinProblem::Repeated)
    } else if is_run(digits) {
        Some(PinProblem::Run)
    } else if date::is_date(digits) {
        Some(PinProblem::Date)
    } else if is_palindrome(digits) || is_doubled(digits) || pad::is_figure(digits) {
        Some(PinProblem::Pattern)
    } else if COMMON.iter().any(|pin| pin.as_bytes() == digits) {
        Some(PinProblem::Common)
    } else {
        None
    }
}

/// A part that is there at least twice, each digit being that of one part before it.
fn is_repetition(digits: &[u8]) -> bool {
    let repeats = |part: usize| digits.iter().zip(digits.iter().skip(part)).all(|(a, b)| a == b);
    (1..=digits.len() / 2).any(repeats)
}

/// One run, or two halves (an odd digit in the middle belongs to both) that are runs by one.
fn is_run(digits: &[u8]) -> bool {
    let half = digits.len().div_ceil(2);
    let by_one = |part: &[u8]| matches!(step(part), Some(1 | 9));
    let halves = digits.get(..half).zip(digits.get(digits.len().saturating_sub(half)..));
    step(digits).is_some() || half >= 3 && halves.is_some_and(|(a, b)| by_one(a) && by_one(b))
}

/// The step from each digit to the next, modulo 10, if it is always the same.
fn step(digits: &[u8]) -> Option<u8> {
    let mut steps = digits.windows(2).map(|pair| match pair {
        [a, b] => b.wrapping_sub(*a).wrapping_add(10).checked_rem(10),
        _ => None,
    });
    let first = steps.next()??;
    steps.all(|step| step == Some(first)).then_some(first)
}

fn is_palindrome(digits: &[u8]) -> bool {
    digits.iter().eq(digits.iter().rev())
}

/// 1144, 223399: every digit twice in a row.
fn is_doubled(digits: &[u8]) -> bool {
    digits.chunks(2).all(|pair| matches!(pair, [a, b] if a == b))
}

/// Words on the key pad, agents, aeroplanes, constants, and sums of money.
const COMMON: [&str; 39] = [
    "0007", "0070", "0747", "0800", "1314", "1337", "1342", "1423", "1590", "1618", "2718", "3000", "3141",
    "3142", "3825", "4000", "4200", "4711", "5000", "5150", "5201", "5683", "6000", "7000", "7277", "7410",
    "8000", "8520", "8675", "9000", "9110", "123450", "131452", "142857", "246810", "271828", "314159",
    "666999", "142536",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn why(pin: &str) -> Option<PinProblem> {
        problem(pin.as_bytes())
    }

    #[test]
    fn a_simple_pin_is_refused_with_its_reason() {
        for (reason, pins) in [
            (PinProblem::Repeated, "0000 1111 999999 1212 4545 123123 72947294 12121 7272727"),
            (
                PinProblem::Run,
                "1234 4321 0123 7890 8901 0987 1357 8642 1470 123456 987654321 123321 456123 789654",
            ),
            (
                PinProblem::Date,
                "1900 1984 2000 2099 2412 1224 1004 2902 3112 240384 032484 840324 198403 031984",
            ),
            (PinProblem::Date, "24031984 03241984 19840324 290200"),
            (
                PinProblem::Pattern,
                "7227 1551 83638 729927 1144 9922 114477 2580 0852 7896 1254 147896 963258",
            ),
            (PinProblem::Pattern, "159357 159753 147258 741369852 1379 9731 2486 4268"),
            (PinProblem::Common, "5683 0007 3000 8520 314159 131452"),
        ] {
            for pin in pins.split(' ') {
                assert_eq!(why(pin), Some(reason), "{pin}");
            }
        }
    }

    #[test]
    fn others_may_be_chosen() {
        for pin in ["7294", "8064", "1899", "2100", "3104", "3002", "1243", "2591", "1370", "5051"] {
            assert_eq!(why(pin), None, "{pin}");
        }
        for pin in
            ["72945", "18253", "729403", "133247", "198413", "320484", "7294031", "83920174", "729401836502"]
        {
            assert_eq!(why(pin), None, "{pin}");
        }
    }

    #[test]
    fn what_leads_every_leaked_list_is_refused() {
        // The twenty most frequent of four digits, and of six.
        let four = "1234 1111 0000 1212 7777 1004 2000 4444 2222 6969 9999 3333 5555 6666 1122 1313 8888 4321 2001 1010";
        let six = "123456 111111 123123 654321 000000 112233 121212 666666 123321 159753 222222 555555 789456 777777 \
                   131313 101010 999999 696969 147258 987654";
        for pin in four.split(' ').chain(six.split_whitespace()) {
            assert!(why(pin).is_some(), "{pin}");
        }
    }

    #[test]
    fn a_thousand_pins_are_refused_and_most_are_left() {
        let refused = |length: usize| {
            let count = if length == 4 {
                10_000
            } else if length == 5 {
                100_000
            } else {
                1_000_000_u32
            };
            let reasons: Vec<_> = (0..count).filter_map(|n| why(&format!("{n:0length$}"))).collect();
            for reason in REASONS {
                let these = reasons.iter().filter(|found| **found == reason).count();
                eprintln!("weak PINs of {length} digits, {reason:?}: {these}");
                assert!(
                    these > 0
                        || (length, reason) == (5, PinProblem::Date)
                        || (length, reason) == (5, PinProblem::Common)
                );
            }
            let share = reasons.len() as f64 * 100.0 / f64::from(count);
            eprintln!("weak PINs of {length} digits: {} of {count} ({share:.1} %)", reasons.len());
            (reasons.len(), 100.0 - share)
        };
        let [four, five, six] = [4, 5, 6].map(refused);
        assert!(four.0 >= 1_000 && four.1 >= 80.0, "{four:?}");
        assert!(five.0 >= 1_000 && five.1 >= 95.0, "{five:?}");
        assert!(six.0 >= 1_000 && six.1 >= 85.0, "{six:?}");
    }

    #[test]
    fn every_common_pin_needs_its_place_in_the_list() {
        let others: Vec<_> = COMMON.iter().filter(|pin| why(pin) != Some(PinProblem::Common)).collect();
        assert!(others.is_empty(), "these have another reason already: {others:?}");
    }

    const REASONS: [PinProblem; 5] =
        [PinProblem::Repeated, PinProblem::Run, PinProblem::Date, PinProblem::Pattern, PinProblem::Common];
}
