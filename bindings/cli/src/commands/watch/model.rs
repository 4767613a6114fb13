//! What the live view knows: rows, the selected one, the search, a short note. No drawing, no core.

use std::collections::HashMap;

use softtoken_core::identity::{CodeKind, IdentityId, IdentityView};
use softtoken_core::token::{CodeSheet, CodeView};
use zeroize::Zeroizing;

use crate::stopped;
use crate::texts::printable;

/// One identity.
pub struct Row {
    pub id: IdentityId,
    pub name: String,
    pub code: Option<Zeroizing<String>>,
    pub next: Option<Zeroizing<String>>,
    /// From when until when the code is right, in milliseconds.
    pub window: Option<(u64, u64)>,
    pub counter: Option<u64>,
    /// Why there is no code, and the way out.
    pub note: Option<String>,
    kind: Option<CodeKind>,
}

impl Row {
    /// A code only on demand, by counter.
    pub fn is_event(&self) -> bool {
        self.note.is_none() && matches!(self.kind, Some(CodeKind::Hotp | CodeKind::MobilePass))
    }

    /// Milliseconds that are left, and the share of the window that they are.
    pub fn left(&self, now: u64) -> Option<(u64, f64)> {
        let (from, until) = self.window?;
        let (left, whole) = (until.saturating_sub(now), until.saturating_sub(from).max(1));
        Some((left, (left as f64 / whole as f64).min(1.0)))
    }
}

/// What keys mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Moving in the list.
    List,
    /// Typing a search.
    Search,
}

/// The live view.
pub struct Model {
    pub mode: Mode,
    pub search: String,
    pub help: bool,
    pub now: u64,
    rows: Vec<Row>,
    kinds: HashMap<IdentityId, CodeKind>,
    event_codes: HashMap<IdentityId, CodeView>,
    /// Of which their issuers take no codes: they come last.
    stopped: Vec<(IdentityId, String, String)>,
    selected: Option<IdentityId>,
    note: Option<(String, u64)>,
    read_at: u64,
    read_again: u64,
}

impl Model {
    /// Without codes yet, so stale.
    pub fn new(identities: &[IdentityView]) -> Self {
        Self {
            mode: Mode::List,
            search: String::new(),
            help: false,
            now: 0,
            rows: Vec::new(),
            kinds: identities.iter().filter_map(|view| Some((view.id, view.kind?))).collect(),
            event_codes: HashMap::new(),
            stopped: identities.iter().filter_map(stopped_row).collect(),
            selected: None,
            note: None,
            read_at: 0,
            read_again: 0,
        }
    }

    /// The time of the next drawing, in milliseconds.
    pub fn set_time(&mut self, now: u64) {
        self.now = now;
        if self.note.as_ref().is_some_and(|(_, until)| now >= *until) {
            self.note = None;
        }
    }

    /// A code has changed, or the clock was set back.
    pub fn is_stale(&self) -> bool {
        self.now >= self.read_again || self.now < self.read_at
    }

    /// New codes; selection and search stay.
    pub fn take(&mut self, sheet: CodeSheet) {
        self.read_at = sheet.at.0.saturating_mul(1000);
        // Never in a circle, whatever the sheet says.
        self.read_again = sheet.next_change.0.saturating_mul(1000).max(self.now + 1000);
        let (kinds, shown) = (&self.kinds, &self.event_codes);
        self.rows = sheet.codes.into_iter().map(|view| row(view, kinds, shown)).collect();
        self.rows.extend(self.stopped.iter().map(without_code));
        self.keep_selection();
    }

    /// Shows the code of an event-based identity until the next one.
    pub fn show_event_code(&mut self, view: CodeView) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == view.id) {
            row.code.clone_from(&view.code);
            row.counter = view.counter;
        }
        self.event_codes.insert(view.id, view);
    }

    /// The rows that fit the search, in the user's order.
    pub fn visible(&self) -> Vec<&Row> {
        let wanted = self.search.to_lowercase();
        self.rows.iter().filter(|row| row.name.to_lowercase().contains(&wanted)).collect()
    }

    /// How many there are without search.
    pub fn total(&self) -> usize {
        self.rows.len()
    }

    /// Where the selected row stands among the visible ones.
    pub fn selected_index(&self) -> Option<usize> {
        self.visible().iter().position(|row| Some(row.id) == self.selected)
    }

    /// The selected row.
    pub fn selected_row(&self) -> Option<&Row> {
        self.visible().into_iter().find(|row| Some(row.id) == self.selected)
    }

    /// Moves the selection by `steps`, stopping at both ends.
    pub fn select_by(&mut self, steps: isize) {
        let visible = self.visible();
        let last = visible.len().saturating_sub(1);
        let index = self.selected_index().unwrap_or(0).saturating_add_signed(steps).min(last);
        self.selected = visible.get(index).map(|row| row.id);
    }

    /// Replaces the search; the selection goes to the first row when its own no longer fits.
    pub fn set_search(&mut self, search: String) {
        self.search = search;
        self.keep_selection();
    }

    /// Shows a note for a moment.
    pub fn note(&mut self, text: String) {
        self.note = Some((text, self.now + NOTE_MILLIS));
    }

    /// The note, while it is fresh.
    pub fn current_note(&self) -> Option<&str> {
        self.note.as_ref().map(|(text, _)| text.as_str())
    }

    fn keep_selection(&mut self) {
        if self.selected_index().is_none() {
            self.selected = self.visible().first().map(|row| row.id);
        }
    }
}

fn row(view: CodeView, kinds: &HashMap<IdentityId, CodeKind>, shown: &HashMap<IdentityId, CodeView>) -> Row {
    let event = shown.get(&view.id);
    Row {
        id: view.id,
        name: printable(&view.name),
        code: view.code.or_else(|| event.and_then(|event| event.code.clone())),
        next: view.next,
        window: view.valid_from.zip(view.valid_until).map(|(from, until)| (from.0 * 1000, until.0 * 1000)),
        counter: event.and_then(|event| event.counter),
        note: None,
        kind: kinds.get(&view.id).copied(),
    }
}

fn stopped_row(view: &IdentityView) -> Option<(IdentityId, String, String)> {
    Some((view.id, printable(&view.name), stopped::note(view.stopped?)))
}

fn without_code((id, name, note): &(IdentityId, String, String)) -> Row {
    let (name, note) = (name.clone(), Some(note.clone()));
    Row { id: *id, name, code: None, next: None, window: None, counter: None, note, kind: None }
}

const NOTE_MILLIS: u64 = 2_500;
