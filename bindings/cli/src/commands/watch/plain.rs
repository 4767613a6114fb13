//! Lines for a screen reader: one for each change, digits apart so that they are read one by one.

use std::collections::HashMap;
use std::io::Write;
use std::time::Duration;

use softtoken_core::SoftToken;
use softtoken_core::identity::IdentityId;
use softtoken_core::token::CodeSheet;
use zeroize::Zeroizing;

use crate::clock::SystemClock;
use crate::failure::Failure;
use crate::stopped;
use crate::texts::printable;

/// Until nobody reads any more.
pub fn watch(token: &SoftToken) -> Result<(), Failure> {
    let mut last = Spoken::default();
    for view in token.identities()? {
        let Some(why) = view.stopped else { continue };
        let line = format!("{}: {}.", printable(&view.name), stopped::note(why));
        if writeln!(std::io::stdout(), "{line}").is_err() {
            return Ok(());
        }
    }
    loop {
        let sheet = token.codes(None)?;
        let mut out = std::io::stdout().lock();
        for line in last.changes(&sheet) {
            if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                return Ok(());
            }
        }
        drop(out);
        wait_until(sheet.next_change.0.saturating_mul(1000), sheet.at.0.saturating_mul(1000));
    }
}

/// In short naps, so that a clock that is set or a computer that slept is noticed.
fn wait_until(change: u64, read_at: u64) {
    loop {
        std::thread::sleep(NAP);
        let now = SystemClock::millis().unwrap_or(0);
        if now >= change || now < read_at {
            return;
        }
    }
}

/// What was said last of each identity.
#[derive(Default)]
struct Spoken(HashMap<IdentityId, Option<Zeroizing<String>>>);

impl Spoken {
    /// One line for each identity whose code is another than before.
    fn changes(&mut self, sheet: &CodeSheet) -> Vec<String> {
        let mut lines = Vec::new();
        for row in &sheet.codes {
            if self.0.get(&row.id) == Some(&row.code) {
                continue;
            }
            let name = printable(&row.name);
            lines.push(match (&row.code, row.valid_until) {
                (Some(code), Some(until)) => {
                    format!("{name}: {}. Good for {} seconds.", apart(code), until.since(sheet.at))
                }
                (Some(code), None) => format!("{name}: {}.", apart(code)),
                (None, _) => format!("{name}: on demand."),
            });
            self.0.insert(row.id, row.code.clone());
        }
        lines
    }
}

fn apart(code: &str) -> String {
    let digits: Vec<String> = code.chars().map(String::from).collect();
    digits.join(" ")
}

const NAP: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;
    use softtoken_core::time::UnixTime;
    use softtoken_core::token::CodeView;

    fn sheet(at: u64, code: &str) -> CodeSheet {
        let row = CodeView {
            id: IdentityId([1; 16]),
            name: "Bank".into(),
            code: Some(Zeroizing::new(code.into())),
            valid_from: Some(UnixTime(0)),
            valid_until: Some(UnixTime(30)),
            next: None,
            counter: None,
        };
        CodeSheet { at: UnixTime(at), next_change: UnixTime(30), codes: vec![row] }
    }

    #[test]
    fn a_code_is_said_once_digit_by_digit() {
        let mut spoken = Spoken::default();
        assert_eq!(spoken.changes(&sheet(18, "123456")), ["Bank: 1 2 3 4 5 6. Good for 12 seconds."]);
        assert!(spoken.changes(&sheet(19, "123456")).is_empty());
        assert_eq!(spoken.changes(&sheet(29, "654321")).len(), 1);
    }
}
