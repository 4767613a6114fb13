//! Text for people: grouped codes, aligned columns, short durations.

use ratatui::text::Span;

/// `123456` → `123 456`, so that a person can carry it in two glances.
pub fn grouped(code: &str) -> String {
    let chars: Vec<char> = code.chars().collect();
    let sizes: &[usize] = match chars.len() {
        0..6 => return code.to_owned(),
        6 => &[3, 3],
        7 => &[3, 4],
        8 => &[4, 4],
        9 => &[3, 3, 3],
        10 => &[3, 3, 4],
        _ => &[],
    };
    let mut groups = Vec::new();
    let (mut rest, mut sizes) = (chars.as_slice(), sizes.iter());
    while !rest.is_empty() {
        let (group, after) = rest.split_at(rest.len().min(*sizes.next().unwrap_or(&4)));
        groups.push(group.iter().collect::<String>());
        rest = after;
    }
    groups.join(" ")
}

/// Lines with aligned columns, two spaces apart, without trailing blanks.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width_of = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|t| width(t)).max();
    let widths: Vec<usize> = (0..columns).map(|column| width_of(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, column) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(column.saturating_sub(width(cell)) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Columns that a text takes on a terminal.
pub fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// `4 min 12 s`, `3 h`, `2 days`: at most two units.
pub fn duration(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let with_rest = |whole: String, rest: u64, unit: &str| {
        if rest == 0 { whole } else { format!("{whole} {rest} {unit}") }
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => with_rest(format!("{minutes} min"), seconds % 60, "s"),
        3600..172_800 => with_rest(format!("{hours} h"), minutes % 60, "min"),
        _ => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_grouped_so_that_they_read_well() {
        for (code, text) in [
            ("123456", "123 456"),
            ("1234567", "123 4567"),
            ("12345678", "1234 5678"),
            ("123456789", "123 456 789"),
            ("1234567890", "123 456 7890"),
            ("2TC8B", "2TC8B"),
            ("0123456789abcdef0123", "0123 4567 89ab cdef 0123"),
        ] {
            assert_eq!(grouped(code), text);
        }
    }

    #[test]
    fn columns_are_aligned_by_what_the_eye_sees() {
        let rows = vec![vec!["花子".into(), "1".into()], vec!["abc".into(), "2".into()], vec!["x".into()]];
        assert_eq!(table(&rows), "花子  1\nabc   2\nx\n");
    }

    #[test]
    fn durations_have_at_most_two_units() {
        let text = [0, 59, 60, 252, 3600, 7320, 172_800].map(duration);
        assert_eq!(text, ["0 s", "59 s", "1 min", "4 min 12 s", "1 h", "2 h 2 min", "2 days"]);
    }
}
