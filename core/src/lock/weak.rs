//! PINs that a thief tries first.
//!
//! | Rule | Example |
//! |---|---|
//! | one part repeated | 1111, 1212, 723723 |
//! | a run up or down, 9 and 0 being neighbours | 1234, 9876, 7890 |
//! | a year from 1900 to 2099 | 1984 |
//! | the top of leaked lists | 2580, 159753 |

/// True when `digits` (ASCII) is too simple to be chosen.
pub(super) fn is_weak(digits: &[u8]) -> bool {
    is_repetition(digits)
        || is_run(digits)
        || is_year(digits)
        || COMMON.iter().any(|pin| pin.as_bytes() == digits)
}

fn is_repetition(digits: &[u8]) -> bool {
    (1..digits.len()).any(|part| {
        digits.len().checked_rem(part) == Some(0)
            && digits.chunks(part).all(|chunk| digits.get(..part) == Some(chunk))
    })
}

fn is_run(digits: &[u8]) -> bool {
    let step_is = |step: u8| {
        digits.windows(2).all(|pair| match pair {
            [a, b] => b.wrapping_sub(*a).wrapping_add(10).checked_rem(10) == Some(step),
            _ => false,
        })
    };
    step_is(1) || step_is(9)
}

fn is_year(digits: &[u8]) -> bool {
    digits.len() == 4 && (digits.starts_with(b"19") || digits.starts_with(b"20"))
}

/// Columns and figures on a key pad, pairs, and what leaked lists have at their top.
const COMMON: [&str; 40] = [
    "0007", "0070", "0852", "1004", "1122", "1221", "1230", "1342", "1357", "1423", "1470", "1590", "2468",
    "2580", "3698", "4200", "5683", "6996", "7410", "8520", "102030", "112233", "123321", "123654", "134679",
    "142536", "147258", "147852", "159753", "159357", "258369", "258456", "332211", "456123", "520131",
    "654123", "789456", "12344321", "11223344", "14725836",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_pins_are_weak() {
        for pin in [
            "0000",
            "1111",
            "999999",
            "1212",
            "4545",
            "123123",
            "72947294",
            "1234",
            "4321",
            "0123",
            "7890",
            "8901",
            "0987",
            "123456",
            "987654321",
            "1900",
            "1984",
            "2000",
            "2099",
            "2580",
            "159753",
            "12344321",
        ] {
            assert!(is_weak(pin.as_bytes()), "{pin}");
        }
    }

    #[test]
    fn others_are_not() {
        for pin in ["7294", "8064", "1899", "2100", "729403", "198401", "1243", "112234", "83920174"] {
            assert!(!is_weak(pin.as_bytes()), "{pin}");
        }
    }

    #[test]
    fn few_of_all_pins_of_four_digits_are_refused() {
        let weak = (0..10_000).filter(|n| is_weak(format!("{n:04}").as_bytes())).count();
        assert!((200..400).contains(&weak), "{weak}");
    }
}
