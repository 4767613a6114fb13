//! Dates as they are typed and downloaded: `YYYY-MM-DD` in UTC, proleptic Gregorian, from 1970 on.

/// First second of a day.
pub(super) fn start_of(date: &str) -> Option<i64> {
    let mut parts = date.trim().split('-');
    let (year, month, day) =
        (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let days = days_before(year, month)?.checked_add(day.checked_sub(1)?)?;
    let fits = parts.next().is_none() && (1..=days_of(year, month)).contains(&day);
    fits.then(|| days.saturating_mul(DAY))
}

/// `2027-01-15T08:00:00Z` of Unix seconds.
pub(super) fn iso(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let mut year = 1970 + days.div_euclid(366).max(0);
    while days_before(year + 1, 1).is_some_and(|next| next <= days) {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days_before(year, month + 1).is_some_and(|next| next <= days) {
        month += 1;
    }
    let day = days - days_before(year, month).unwrap_or(0) + 1;
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let all = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| all)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970 to the first of a month.
fn days_before(year: i64, month: i64) -> Option<i64> {
    if year < 1970 || !(1..=12).contains(&month) {
        return None;
    }
    let before = year - 1;
    let leaps = before / 4 - before / 100 + before / 400 - LEAPS_BEFORE_1970;
    let months: i64 = (1..month).map(|month| days_of(year, month)).sum();
    Some((year - 1970) * 365 + leaps + months)
}

const DAY: i64 = 86_400;
const LEAPS_BEFORE_1970: i64 = 477;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_http_date() {
        for seconds in (0..8_000_000_000).step_by(40_000_009) {
            let time =
                std::time::UNIX_EPOCH + std::time::Duration::from_secs(u64::try_from(seconds).unwrap());
            let (http, iso) = (httpdate::fmt_http_date(time), iso(seconds));
            assert_eq!((&http[5..7], &http[12..16], &http[17..25]), (&iso[8..10], &iso[..4], &iso[11..19]));
            assert_eq!(start_of(&iso[..10]).unwrap(), seconds - seconds % DAY, "{iso}");
        }
        assert_eq!(iso(951_782_400), "2000-02-29T00:00:00Z");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for bad in [
            "",
            "2026",
            "2026-02-29",
            "2026-13-01",
            "2026-00-01",
            "1969-12-31",
            "26-01-01",
            "2026-01-32",
            "2026-1-1",
            "2026-01-00",
            "2026-01-01-01",
            "+026-01-01",
        ] {
            assert!(start_of(bad).is_none(), "{bad}");
        }
    }
}
