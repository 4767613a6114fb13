//! The list of identities: `list`, `rename`, `move`, `remove`, `policy`.

use serde_json::json;
use softtoken_core::TokenError;
use softtoken_core::error::Needed;
use softtoken_core::identity::{Badge, CodeKind, IdentityState, IdentityView, Policy};
use softtoken_core::token::{ContactEnd, ContactNews, ContactState, PolicyView};

use super::contact;
use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::layout::table;
use crate::stopped::WAY_OUT;
use crate::texts::printable;
use crate::{json as views, stopped, texts};

/// All identities, pending ones too.
pub fn list(context: &mut Context) -> Result<Answer, Failure> {
    let all = context.unlocked()?.identities()?;
    let text = match all.as_slice() {
        [] => "No identities yet. `softtoken add -` adds one.".to_owned(),
        all => table(&all.iter().map(row).collect::<Vec<_>>()),
    };
    Ok(Answer::new(json!({"identities": views::identities(&all)}), text))
}

/// Gives another name; a person may choose again after a clash.
pub fn rename(context: &mut Context, name: &str, new: String) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let id = token.find(name)?.id;
    let mut new = new;
    let view = loop {
        match token.rename(id, &new) {
            Err(TokenError::NameTaken { suggestion }) if context.ask.is_person() => {
                new = another_name(context, &suggestion)?;
            }
            other => break other?,
        }
    };
    let text = format!("It is called {} now.", printable(&view.name));
    Ok(Answer::new(json!({"identity": views::identity(&view)}), text))
}

/// Moves to a place counted from 1.
pub fn move_to(context: &mut Context, name: &str, position: u32) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let view = token.reorder(token.find(name)?.id, position.saturating_sub(1))?;
    let order = table(&token.identities()?.iter().map(row).collect::<Vec<_>>());
    Ok(Answer::new(json!({"identity": views::identity(&view)}), order))
}

/// Removes for good, after a yes.
pub fn remove(context: &mut Context, name: &str, yes: bool) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let view = token.find(name)?;
    let shown = printable(&view.name);
    if !yes {
        let question =
            format!("Remove {shown}? Its codes are gone for good, and the issuer still expects them.");
        if !context.ask.is_person() || !context.ask.agrees(&question) {
            let kept = format!("{shown} was kept: agree on a terminal, or with --yes.");
            return Err(Failure::from(TokenError::ConsentNeeded).saying(kept));
        }
    }
    token.remove(view.id)?;
    let mut json = json!({"ok": true, "identity": views::identity(&view)});
    let mut text = format!("{shown} is removed.");
    // It is removed, whatever its issuer says to it.
    let queued = token.pending_deletions().map_or(0, |queued| queued.len());
    if queued > 0 {
        let left = contact::tell_queued(context, &token).unwrap_or(queued);
        json["untold"] = left.into();
        if left > 0 {
            text.push_str(" Its issuer will hear of it with the next command that speaks with an issuer.");
        }
    }
    Ok(Answer::new(json, text))
}

/// What each issuer demands.
pub fn policy(context: &mut Context, name: Option<&str>) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let id = name.map(|name| token.find(name)).transpose()?.map(|view| view.id);
    let asked = id.map(|id| contact::refresh(context, &token, id)).transpose()?.flatten();
    let policies = token.policy_view(id)?;
    let rows: Vec<Vec<String>> = policies.iter().map(policy_row).collect();
    let strictest = Policy::strictest(policies.iter().map(|view| view.policy));
    let together = format!("Together: a PIN of {} digits or more.\n", strictest.pin.min_digits);
    let text = match rows.len() {
        0 => "No identities yet, so nobody demands anything.\n".to_owned(),
        1 => table(&rows),
        _ => table(&rows) + &together,
    };
    let policies = policies.iter().map(views::policy).collect::<Vec<_>>();
    let mut json = json!({"ok": true, "policies": policies});
    let Some(asked) = asked else { return Ok(Answer::new(json, text)) };
    let (said, words) = said(&asked);
    json["issuer"] = said.into();
    Ok(Answer::new(json, format!("{text}{words}\n")))
}

/// What came of asking the issuer: for scripts, and for people.
fn said(asked: &ContactState) -> (&'static str, String) {
    match asked {
        ContactState::Done { news: ContactNews { active: false, .. } } => {
            ("disabled", "! The issuer has disabled it. It shows no codes until this command hears that it is enabled again.".to_owned())
        }
        ContactState::Done { news: ContactNews { needs_pin: Some(rules), .. } } => {
            let digits = rules.min_digits;
            (
                "active",
                format!("! The PIN is too short now: `softtoken change-pin`, at least {digits} digits."),
            )
        }
        ContactState::Done { .. } => ("active", "The issuer was asked just now.".to_owned()),
        ContactState::Ended { end: ContactEnd::ReplacedElsewhere } => (
            "replaced",
            format!("! The issuer takes no more codes of it, because it was activated elsewhere: {WAY_OUT}."),
        ),
        ContactState::Ended { .. } => ("deleted", format!("! The issuer has deleted it: {WAY_OUT}.")),
        ContactState::Failed { .. } | ContactState::Exchange { .. } => {
            ("unknown", "The issuer did not answer: as of the last time that it did.".to_owned())
        }
    }
}

/// After a clash: says so and asks for another name, with a free one as default.
fn another_name(context: &mut Context, suggestion: &str) -> Result<String, Failure> {
    context.ask.say(texts::NAME_TAKEN);
    let prompt = format!("Another name [{}]: ", printable(suggestion));
    let line = context.ask.line(&prompt).ok_or_else(|| Failure::needs(Needed::Name))?;
    Ok(if line.trim().is_empty() { suggestion.to_owned() } else { line.trim().to_owned() })
}

/// One line of the list.
pub fn row(view: &IdentityView) -> Vec<String> {
    let mut notes = Vec::new();
    match view.state {
        IdentityState::Active => {}
        IdentityState::Pending => match &view.registration_code {
            Some(code) => notes.push(format!("pending, registration code {code}")),
            None => notes.push("pending".to_owned()),
        },
        IdentityState::NeedsUnlockCode => notes.push("needs its unlock code".to_owned()),
    }
    notes.extend(view.stopped.map(stopped::note));
    notes.extend(view.badge.map(|badge| badge_words(badge).to_owned()));
    vec![
        printable(&view.name),
        view.kind.map_or_else(String::new, |kind| kind_words(kind, view.digits.unwrap_or(0), view.period)),
        notes.join(", "),
    ]
}

/// `TOTP, 6 digits, 30 s`.
pub fn kind_words(kind: CodeKind, digits: u8, period: Option<u32>) -> String {
    let mut words = kind_name(kind).to_owned();
    if digits > 0 {
        words.push_str(&format!(", {digits} digits"));
    }
    if let Some(seconds) = period {
        words.push_str(&format!(", {}", crate::layout::duration(u64::from(seconds))));
    }
    words
}

fn kind_name(kind: CodeKind) -> &'static str {
    match kind {
        CodeKind::Totp => "TOTP",
        CodeKind::Hotp => "HOTP",
        CodeKind::Ocra => "OCRA",
        CodeKind::Steam => "Steam",
        CodeKind::Motp => "mOTP",
        CodeKind::Yandex => "Yandex",
        CodeKind::MobilePass => "MobilePASS",
    }
}

/// A badge for people.
pub fn badge_words(badge: Badge) -> &'static str {
    match badge {
        Badge::Legacy => "legacy",
        Badge::Weak => "weak key",
    }
}

fn policy_row(view: &PolicyView) -> Vec<String> {
    let Policy { pin, forbid_biometric, forbid_backup, verify_user } = view.policy;
    let mut demands = vec![format!("PIN of {} digits or more", pin.min_digits)];
    let further = [
        (forbid_biometric, "no biometric unlock"),
        (forbid_backup, "no backup"),
        (verify_user, "the user is verified before a code is shown"),
    ];
    demands.extend(further.iter().filter(|(demanded, _)| *demanded).map(|(_, words)| (*words).to_owned()));
    vec![printable(&view.name), demands.join(", ")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use softtoken_core::identity::IdentityId;

    #[test]
    fn a_pending_legacy_identity_says_so_in_the_list() {
        let view = IdentityView {
            id: IdentityId([0; 16]),
            name: "Bank\u{1b}[31m".into(),
            issuer: String::new(),
            account: String::new(),
            serial: None,
            kind: Some(CodeKind::Totp),
            algorithm: None,
            digits: Some(6),
            period: Some(30),
            state: IdentityState::Pending,
            stopped: None,
            badge: Some(Badge::Legacy),
            registration_code: Some("12211-49352".into()),
        };
        let expected =
            ["Bank\u{fffd}[31m", "TOTP, 6 digits, 30 s", "pending, registration code 12211-49352, legacy"];
        assert_eq!(row(&view), expected);
    }
}
