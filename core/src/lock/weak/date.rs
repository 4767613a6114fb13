//! Digits that a calendar could have given: birthdays are the first guess of whoever knows the owner.
//!
//! | Digits | Read as |
//! |---|---|
//! | 4 | YYYY, DDMM, MMDD |
//! | 6 | DDMMYY, MMDDYY, YYMMDD, MMYYYY, YYYYMM |
//! | 8 | DDMMYYYY, MMDDYYYY, YYYYMMDD |

pub(super) fn is_date(digits: &[u8]) -> bool {
    let two = |place: usize| digits.get(place..place.checked_add(2)?).and_then(number);
    let four = |place: usize| digits.get(place..place.checked_add(4)?).and_then(number);
    // A day and a month that stand together, in either order.
    let day = |place: usize| match (two(place), place.checked_add(2).and_then(two)) {
        (Some(a), Some(b)) => is_day(a, b) || is_day(b, a),
        _ => false,
    };
    let month_first = |place: usize| match (two(place), place.checked_add(2).and_then(two)) {
        (Some(month), Some(day)) => is_day(day, month),
        _ => false,
    };
    let month = |place: usize| two(place).is_some_and(|month| (1..=12).contains(&month));
    let year = |place: usize| four(place).is_some_and(|year| YEARS.contains(&year));
    match digits.len() {
        4 => year(0) || day(0),
        6 => day(0) || month_first(2) || month(0) && year(2) || year(0) && month(4),
        8 => day(0) && year(4) || year(0) && month_first(4),
        _ => false,
    }
}

/// Whether the month has the day in some year.
fn is_day(day: u32, month: u32) -> bool {
    let last = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

fn number(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

const YEARS: std::ops::RangeInclusive<u32> = 1900..=2099;
