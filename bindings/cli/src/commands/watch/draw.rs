//! Draws the live view. One line for an identity: mark, name, code, bar, seconds, and in the last
//! seconds the following code, dimmed. Narrow terminals lose the bar first, then the ends of names.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::model::{Mode, Model, Row};
use crate::layout::{duration, grouped, width};

/// Colours, or none.
#[derive(Clone, Copy)]
pub struct Palette {
    colours: bool,
}

impl Palette {
    /// None where `NO_COLOR` is set (to anything but an empty text).
    pub fn of_environment() -> Self {
        Self { colours: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) }
    }

    #[cfg(test)]
    pub fn without_colours() -> Self {
        Self { colours: false }
    }

    fn of(self, colour: Color) -> Style {
        if self.colours { Style::new().fg(colour) } else { Style::new() }
    }

    fn urgency(self, left: u64) -> Style {
        match left {
            0..=5_000 => self.of(Color::Red),
            5_001..=10_000 => self.of(Color::Yellow),
            _ => self.of(Color::Green),
        }
    }
}

/// Everything.
pub fn draw(frame: &mut Frame, model: &Model, palette: Palette) {
    let footer = footer(model);
    let footer_height = u16::try_from(footer.len()).unwrap_or(u16::MAX);
    let [head, list, foot] =
        Layout::vertical([Constraint::Length(2), Constraint::Min(1), Constraint::Length(footer_height)])
            .areas(frame.area());
    frame.render_widget(Paragraph::new(header(model)), head);
    frame.render_widget(Paragraph::new(rows(model, palette, list)), list);
    frame.render_widget(Paragraph::new(footer), foot);
}

fn header(model: &Model) -> Line<'static> {
    let (shown, total) = (model.visible().len(), model.total());
    let count = match total {
        1 => "1 identity".to_owned(),
        _ if shown < total => format!("{shown} of {total} identities"),
        _ => format!("{total} identities"),
    };
    Line::from(vec![
        Span::styled(" softtoken ", Style::new().add_modifier(Modifier::BOLD)),
        Span::styled(count, DIM),
    ])
}

fn rows(model: &Model, palette: Palette, area: Rect) -> Vec<Line<'static>> {
    let visible = model.visible();
    if visible.is_empty() {
        let text = if model.total() == 0 { "  No codes yet: `softtoken add -`" } else { "  Nothing fits." };
        return vec![Line::styled(text, DIM)];
    }
    let height = usize::from(area.height).max(1);
    let selected = model.selected_index().unwrap_or(0);
    let first = selected.saturating_sub(height / 2).min(visible.len().saturating_sub(height));
    let columns = Columns::fitting(&visible, usize::from(area.width));
    let shown = visible.iter().enumerate().skip(first).take(height);
    shown.map(|(index, row)| line(row, index == selected, model.now, palette, &columns)).collect()
}

struct Columns {
    name: usize,
    code: usize,
    bar: usize,
}

impl Columns {
    /// Names get 20 columns before there is a bar, and the bar and the following code before the rest.
    fn fitting(rows: &[&Row], total: usize) -> Self {
        let widest = |text: fn(&Row) -> usize| rows.iter().map(|row| text(row)).max().unwrap_or(0);
        let code = widest(|row| row.code.as_ref().map_or(0, |code| width(&grouped(code)))).max(7);
        let wanted = widest(|row| width(&row.name));
        let mut rest = total.saturating_sub(MARK + GAP + code + GAP + SECONDS);
        let mut take = |columns: usize| {
            let fits = rest >= columns + wanted.min(20);
            rest -= if fits { columns } else { 0 };
            fits
        };
        let bar = if take(GAP + BAR) { BAR } else { 0 };
        take(width(THEN) + code);
        Self { name: wanted.min(rest).max(4), code, bar }
    }
}

fn line(row: &Row, selected: bool, now: u64, palette: Palette, columns: &Columns) -> Line<'static> {
    let strong = if selected { Modifier::BOLD } else { Modifier::empty() };
    let mark = if selected { "▶ " } else { "  " };
    let mut spans = vec![
        Span::styled(mark, palette.of(Color::Cyan)),
        Span::styled(fitted(&row.name, columns.name), Style::new().add_modifier(strong)),
        Span::raw(" ".repeat(GAP)),
    ];
    let Some(code) = &row.code else {
        let hint = if row.is_event() { "press n for the next code" } else { "softtoken respond" };
        spans.push(Span::styled(row.note.clone().unwrap_or_else(|| hint.to_owned()), DIM));
        return Line::from(spans);
    };
    let shown = Style::new().add_modifier(Modifier::BOLD);
    spans.push(Span::styled(fitted(&grouped(code), columns.code), shown));
    if let Some((left, share)) = row.left(now) {
        let urgency = palette.urgency(left);
        if columns.bar > 0 {
            spans.push(Span::raw(" ".repeat(GAP)));
            spans.push(Span::styled(bar(share, columns.bar), urgency));
        }
        spans
            .push(Span::styled(format!("{:>w$}", duration(left.div_ceil(1000)), w = SECONDS + GAP), urgency));
        if let Some(next) = row.next.as_ref().filter(|_| left <= NEXT_SHOWN) {
            spans.push(Span::styled(format!("{THEN}{}", grouped(next)), DIM));
        }
    } else if let Some(counter) = row.counter {
        spans.push(Span::styled(format!("  number {counter}, n for the next"), DIM));
    }
    Line::from(spans)
}

fn footer(model: &Model) -> Vec<Line<'static>> {
    let mut lines = vec![Line::raw("")];
    if model.mode == Mode::Search || !model.search.is_empty() {
        let cursor = if model.mode == Mode::Search { "▏" } else { "" };
        lines.push(Line::raw(format!(" /{}{cursor}", model.search)));
    }
    if model.help {
        lines.extend(HELP.iter().map(|text| Line::styled(*text, DIM)));
    }
    lines.push(match model.current_note() {
        Some(note) => Line::raw(format!(" {note}")),
        None if model.mode == Mode::Search => {
            Line::styled(" type a part of the name   Enter keep   Esc clear", DIM)
        }
        None => Line::styled(" ↑↓ select   Enter copy   / search   ? help   q quit", DIM),
    });
    lines
}

/// Exactly `columns` wide: filled up, or cut with an ellipsis.
fn fitted(text: &str, columns: usize) -> String {
    let mut fitting = String::new();
    let whole = width(text) <= columns;
    for c in text.chars() {
        if width(&fitting) + width(c.encode_utf8(&mut [0; 4])) + usize::from(!whole) > columns {
            break;
        }
        fitting.push(c);
    }
    if !whole {
        fitting.push('…');
    }
    let fill = columns.saturating_sub(width(&fitting));
    fitting + &" ".repeat(fill)
}

/// A bar in eighths of a column.
fn bar(share: f64, columns: usize) -> String {
    let eighths = (share * columns as f64 * 8.0).round() as usize;
    let (full, rest) = (eighths / 8, eighths % 8);
    let mut text = "█".repeat(full.min(columns));
    if full < columns {
        text.push_str(["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].get(rest).copied().unwrap_or_default());
    }
    let fill = columns.saturating_sub(width(&text));
    text + &" ".repeat(fill)
}

const DIM: Style = Style::new().add_modifier(Modifier::DIM);
const HELP: [&str; 4] = [
    " ↑ ↓ j k PgUp PgDn Home End   select",
    " Enter c                      copy the code (the terminal must allow OSC 52)",
    " n                            next code of an event-based identity (uses up a number)",
    " / then text                  search; Esc clears",
];
const THEN: &str = "  then ";
const MARK: usize = 2;
const GAP: usize = 2;
const SECONDS: usize = 5;
const BAR: usize = 16;
/// In the last seconds the following code is shown too, in milliseconds.
const NEXT_SHOWN: u64 = 5_000;
