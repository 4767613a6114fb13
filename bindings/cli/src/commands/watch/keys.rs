//! What keys do. Everything that needs the core or the terminal is an [`Action`] for the caller.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::model::{Mode, Model};

/// What a key asks for, beyond the model.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing more.
    Nothing,
    /// The end.
    Quit,
    /// Copy the selected code.
    Copy,
    /// The next code of the selected event-based identity.
    NextCode,
}

/// One key.
pub fn press(model: &mut Model, key: KeyEvent) -> Action {
    if key.kind == KeyEventKind::Release {
        return Action::Nothing;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return if key.code == KeyCode::Char('c') { Action::Quit } else { Action::Nothing };
    }
    match key.code {
        KeyCode::Up => model.select_by(-1),
        KeyCode::Down => model.select_by(1),
        KeyCode::PageUp => model.select_by(-PAGE),
        KeyCode::PageDown => model.select_by(PAGE),
        KeyCode::Home => model.select_by(isize::MIN),
        KeyCode::End => model.select_by(isize::MAX),
        code => {
            return match model.mode {
                Mode::List => in_list(model, code),
                Mode::Search => in_search(model, code),
            };
        }
    }
    Action::Nothing
}

fn in_list(model: &mut Model, code: KeyCode) -> Action {
    match code {
        KeyCode::Esc if !model.search.is_empty() => model.set_search(String::new()),
        KeyCode::Char('q') | KeyCode::Esc => return Action::Quit,
        KeyCode::Enter | KeyCode::Char('c') => return Action::Copy,
        KeyCode::Char('n') => return Action::NextCode,
        KeyCode::Char('k') => model.select_by(-1),
        KeyCode::Char('j') => model.select_by(1),
        KeyCode::Char('/') => model.mode = Mode::Search,
        KeyCode::Char('?') => model.help = !model.help,
        _ => {}
    }
    Action::Nothing
}

fn in_search(model: &mut Model, code: KeyCode) -> Action {
    match code {
        KeyCode::Enter => model.mode = Mode::List,
        KeyCode::Esc => {
            model.mode = Mode::List;
            model.set_search(String::new());
        }
        KeyCode::Backspace => {
            let mut search = model.search.clone();
            search.pop();
            model.set_search(search);
        }
        KeyCode::Char(c) => model.set_search(format!("{}{c}", model.search)),
        _ => {}
    }
    Action::Nothing
}

const PAGE: isize = 10;
