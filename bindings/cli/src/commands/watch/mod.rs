//! `watch`: all codes, live. The core is asked once for each change of any code; the countdown in
//! between is drawn from the same clock without it.

mod copy;
mod draw;
mod keys;
mod model;
mod plain;
#[cfg(test)]
mod tests;

use std::io::IsTerminal;
use std::time::Duration;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event};
use softtoken_core::SoftToken;

use crate::answer::Answer;
use crate::clock::SystemClock;
use crate::context::Context;
use crate::failure::Failure;
use crate::layout::grouped;
use draw::Palette;
use keys::Action;
use model::Model;

/// The live view, or lines for a screen reader.
pub fn watch(context: &mut Context, plain: bool) -> Result<Answer, Failure> {
    if context.json {
        return Err(Failure::usage("watch never ends, so it has no --json. Use `softtoken codes --json`."));
    }
    if !plain && !std::io::stdout().is_terminal() {
        return Err(Failure::usage("watch needs a terminal. Use `softtoken watch --plain` for lines."));
    }
    let token = context.unlocked()?;
    if plain {
        plain::watch(&token)?;
    } else {
        live(&token)?;
    }
    Ok(Answer::ok(""))
}

/// The terminal is put back on every way out, a panic included.
fn live(token: &SoftToken) -> Result<(), Failure> {
    let mut terminal =
        ratatui::try_init().map_err(|_| Failure::usage("This terminal cannot show the live view."))?;
    let result = run(&mut terminal, token);
    ratatui::restore();
    result
}

fn run(terminal: &mut DefaultTerminal, token: &SoftToken) -> Result<(), Failure> {
    let gone = |_| Failure::usage("The terminal went away.");
    let palette = Palette::of_environment();
    let mut model = Model::new(&token.identities()?);
    loop {
        model.set_time(SystemClock::millis().unwrap_or(0));
        if model.is_stale() {
            model.take(token.codes(None)?);
        }
        terminal.draw(|frame| draw::draw(frame, &model, palette)).map_err(gone)?;
        if !event::poll(FRAME).map_err(gone)? {
            continue;
        }
        // A resize needs nothing but the next drawing.
        let Event::Key(key) = event::read().map_err(gone)? else { continue };
        match keys::press(&mut model, key) {
            Action::Nothing => {}
            Action::Quit => return Ok(()),
            Action::Copy => copy_selected(&mut model),
            Action::NextCode => next_code(&mut model, token)?,
        }
    }
}

fn copy_selected(model: &mut Model) {
    let Some(row) = model.selected_row() else { return };
    let note = match &row.code {
        Some(code) if copy::to_clipboard(code).is_ok() => format!("copied {}", grouped(code)),
        Some(_) => "the terminal went away".to_owned(),
        None => "there is no code to copy".to_owned(),
    };
    model.note(note);
}

fn next_code(model: &mut Model, token: &SoftToken) -> Result<(), Failure> {
    let Some((id, event)) = model.selected_row().map(|row| (row.id, row.is_event())) else { return Ok(()) };
    if event {
        model.show_event_code(token.next_code(id)?);
    } else {
        model.note("this code changes by itself".to_owned());
    }
    Ok(())
}

/// A bar of 16 columns in eighths moves every quarter of a second at 30 s.
const FRAME: Duration = Duration::from_millis(200);
