//! Codes: `codes`, `next`, `respond`, `resync`.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};
use softtoken_core::TokenError;
use softtoken_core::error::Needed;
use softtoken_core::identity::CodeKind;
use softtoken_core::time::UnixTime;
use softtoken_core::token::{CodeSheet, CodeView, NumberedCode};

use super::contact;
use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::layout::{grouped, table};
use crate::texts::printable;
use crate::{json as views, stopped};

/// All codes, or one identity's; now, or at another time.
pub fn codes(context: &mut Context, name: Option<&str>, at: Option<u64>) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let wanted = name.map(|name| token.find(name)).transpose()?;
    if let Some(stopped) = wanted.as_ref().and_then(|view| view.stopped) {
        return Err(TokenError::from(stopped).into());
    }
    let identities = token.identities()?;
    let stopped = identities.iter().filter_map(|view| Some((view, view.stopped?)));
    let stopped = stopped
        .filter(|_| name.is_none())
        .map(|(view, why)| format!("! {}: {}\n", printable(&view.name), stopped::note(why)));
    let stopped: String = stopped.collect();
    let mut sheet = token.codes(at.map(UnixTime))?;
    if let Some(view) = wanted {
        sheet.codes.retain(|row| row.id == view.id);
        let end = sheet.codes.iter().filter_map(|row| row.valid_until).min();
        sheet.next_change = end.unwrap_or(sheet.next_change);
    }
    let mut text = String::new();
    if let Some(at) = at {
        text = format!("For Unix time {at}, not for now:\n");
    }
    text.push_str(&match sheet.codes.as_slice() {
        [] if !stopped.is_empty() => String::new(),
        [] => "No codes yet. `softtoken add -` adds an identity.".to_owned(),
        rows => {
            let kinds: HashMap<_, _> = identities.iter().map(|view| (view.id, view.kind)).collect();
            let kind = |row: &CodeView| kinds.get(&row.id).copied().flatten();
            table(&rows.iter().map(|row| code_row(row, kind(row), &sheet)).collect::<Vec<_>>())
        }
    });
    text.push_str(&stopped);
    Ok(Answer::new(views::sheet(&sheet), text))
}

/// The next code of an event-based identity.
pub fn next(context: &mut Context, name: &str) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let view = token.next_code(token.find(name)?.id)?;
    Ok(Answer::new(with(views::code(&view), "counter", json!(view.counter)), shown(&view)))
}

/// The response to a challenge.
pub fn respond(
    context: &mut Context,
    name: &str,
    challenge: &str,
    at: Option<u64>,
    otp_pin_file: Option<&Path>,
) -> Result<Answer, Failure> {
    let challenge = context.pasted(challenge, "Challenge")?;
    let otp_pin = otp_pin_file.map(|file| context.secrets.file(file)).transpose()?;
    let token = context.unlocked()?;
    let id = token.find(name)?.id;
    let answer = |pin: Option<&[u8]>| token.respond(id, &challenge, pin, at.map(UnixTime));
    let view = match answer(otp_pin.as_ref().map(|pin| pin.as_slice())) {
        Err(TokenError::InputNeeded { what: Needed::OtpPin }) if context.ask.is_person() => {
            let typed = context.ask.secret("PIN of this identity (not the PIN of the vault): ");
            answer(Some(typed.ok_or_else(|| Failure::needs(Needed::OtpPin))?.as_bytes()))?
        }
        other => other?,
    };
    Ok(Answer::new(with(views::code(&view), "challenge", json!(challenge.as_str())), shown(&view)))
}

/// The current and the following code with their numbers.
pub fn resync(context: &mut Context, name: &str) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let identity = token.find(name)?;
    // First, because the codes are good for seconds only.
    contact::tell_along(context, &token);
    let view = token.resync_codes(identity.id)?;
    let row = |label: &str, code: &NumberedCode| {
        vec![label.to_owned(), grouped(&code.code), format!("number {}", code.number)]
    };
    let text = format!(
        "Type both codes, in this order, on the portal's Resync page:\n{}",
        table(&[row("First", &view.current), row("Second", &view.following)])
    );
    let json = json!({
        "identity": views::identity(&identity),
        "current": views::numbered(&view.current),
        "following": views::numbered(&view.following),
    });
    Ok(Answer::new(json, text))
}

fn code_row(row: &CodeView, kind: Option<CodeKind>, sheet: &CodeSheet) -> Vec<String> {
    let name = printable(&row.name);
    match (&row.code, row.valid_until) {
        (Some(code), Some(until)) => vec![name, grouped(code), format!("{} s", until.since(sheet.at))],
        (Some(code), None) => vec![name, grouped(code)],
        (None, _) if kind == Some(CodeKind::Ocra) => vec![name, "softtoken respond".to_owned()],
        (None, _) => vec![name, "softtoken next".to_owned()],
    }
}

fn shown(view: &CodeView) -> String {
    view.code.as_ref().map(|code| grouped(code)).unwrap_or_default()
}

fn with(mut row: Value, field: &str, value: Value) -> Value {
    if let Value::Object(fields) = &mut row {
        fields.insert(field.to_owned(), value);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use softtoken_core::identity::IdentityId;
    use zeroize::Zeroizing;

    #[test]
    fn a_row_shows_the_grouped_code_and_the_seconds_that_are_left() {
        let view = CodeView {
            id: IdentityId([0; 16]),
            name: "Bank".into(),
            code: Some(Zeroizing::new("12345678".into())),
            valid_from: Some(UnixTime(30)),
            valid_until: Some(UnixTime(60)),
            next: None,
            counter: None,
        };
        let sheet = CodeSheet { at: UnixTime(43), next_change: UnixTime(60), codes: Vec::new() };
        assert_eq!(code_row(&view, None, &sheet), ["Bank", "1234 5678", "17 s"]);
    }
}
