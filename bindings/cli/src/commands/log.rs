//! `log`: what happened to the vault.

use serde_json::{Map, Value, json};
use softtoken_core::time::UnixTime;
use softtoken_core::token::EventView;
use softtoken_core::vault::Event;
use time::OffsetDateTime;

use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::layout::table;
use crate::texts::printable;

/// All events, oldest first.
pub fn log(context: &mut Context) -> Result<Answer, Failure> {
    let events = context.unlocked()?.event_log()?;
    let rows: Vec<_> = events.iter().map(|one| vec![moment(one.at), sentence(one)]).collect();
    let text = format!("{}Times are UTC.", table(&rows));
    Ok(Answer::new(json!({"events": events.iter().map(view).collect::<Vec<_>>()}), text))
}

fn view(one: &EventView) -> Value {
    let mut fields = Map::new();
    fields.insert("at".to_owned(), json!(one.at.map(|at| at.0)));
    fields.insert("event".to_owned(), json!(one.event.name()));
    if let Some(number) = one.event.number() {
        let what = match one.event {
            Event::BackupMade(_) => "identities",
            Event::AutoLockChanged(_) => "seconds",
            _ => "left",
        };
        fields.insert(what.to_owned(), json!(number));
    }
    if let Some(id) = one.event.identity() {
        fields.insert("id".to_owned(), json!(id.to_hex()));
        fields.insert("name".to_owned(), json!(one.name));
    }
    Value::Object(fields)
}

fn moment(at: Option<UnixTime>) -> String {
    let seconds = at.and_then(|at| i64::try_from(at.0).ok());
    match seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok()) {
        Some(t) => format!(
            "{}-{:02}-{:02} {:02}:{:02}:{:02}",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        ),
        None => "at an unknown time".to_owned(),
    }
}

fn sentence(one: &EventView) -> String {
    let name = one.name.as_deref().map_or_else(|| "an identity that is gone".to_owned(), printable);
    match one.event {
        Event::Created => "The vault was made.".to_owned(),
        Event::Unlocked => "Unlocked with the PIN.".to_owned(),
        Event::UnlockedByBiometrics => "Unlocked by fingerprint or face.".to_owned(),
        Event::WrongPin(left) => format!("! Wrong PIN, {left} left."),
        Event::Locked => "Locked.".to_owned(),
        Event::Blocked => "! Blocked: the fifth wrong PIN.".to_owned(),
        Event::PinForgotten => "! Blocked: the PIN was given up.".to_owned(),
        Event::OlderFile => "! Blocked: the file was older than this device, or edited.".to_owned(),
        Event::PinChanged => "The PIN was changed.".to_owned(),
        Event::CodeRedeemed => "An unlock code or the recovery code was used.".to_owned(),
        Event::WrongCode(left) => format!("! Wrong unlock code, {left} left."),
        Event::RecoveryCodeRead => "The recovery code was shown and confirmed.".to_owned(),
        Event::IdentityAdded(_) => format!("Added: {name}"),
        Event::IdentityRenamed(_) => format!("Renamed: {name}"),
        Event::IdentityRemoved(_) => "An identity was removed.".to_owned(),
        Event::BackupMade(identities) => format!("! A backup of {identities} identities was made."),
        Event::BiometricsOn => "Biometric unlock was switched on.".to_owned(),
        Event::BiometricsOff => "Biometric unlock was switched off.".to_owned(),
        Event::SeedReplaced(_) => format!("{name} has a new secret, agreed on with its issuer."),
        Event::DeletedByIssuer(_) => format!("! The issuer has deleted {name}."),
        Event::ReplacedElsewhere(_) => {
            format!("! The issuer takes no more codes of {name}: it was activated again elsewhere.")
        }
        Event::DisabledByIssuer(_) => format!("! The issuer has disabled {name}: it shows no codes."),
        Event::EnabledByIssuer(_) => format!("The issuer takes the codes of {name} again."),
        Event::AutoLockChanged(seconds) => format!("Apps lock after {seconds} seconds from here on."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_to_the_second() {
        assert_eq!(moment(Some(UnixTime(1_893_456_789))), "2030-01-01 00:13:09");
        assert_eq!(moment(Some(UnixTime(0))), "1970-01-01 00:00:00");
        assert_eq!([moment(None), moment(Some(UnixTime(u64::MAX)))], ["at an unknown time"; 2]);
    }
}
