//! The rules for tokens: what each does, what it may be, and which was set here over the settings file.

use std::collections::BTreeMap;

use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Room, again, fresh_for, is_admin, show};
use crate::error::{Error, Result};
use crate::policy::Range;
use crate::portal::form::Form;
use crate::portal::look;
use crate::portal::parts::{self, Field};
use crate::portal::session::Session;
use crate::portal::texts::Lang;
use crate::portal::visit::{Administrator, Answer, Staff, Visit};
use crate::settings::TokenPolicy;

/// What was typed, by the names of the settings.
type Typed = BTreeMap<String, String>;

/// The rules, as a form for administrators.
pub async fn page(Staff(visit, session): Staff) -> Answer {
    let content = content(&visit, &session, None).await?;
    Ok(show(&visit, Room::Policy, &visit.lang.t("desk-policy"), content))
}

/// Sets what is not as it was: all of it, or nothing when one value is wrong.
pub async fn set(Administrator(visit, session): Administrator, Form(typed): Form<Typed>) -> Answer {
    if let Err(way) = fresh_for(&visit, &session, "/desk/policy") {
        return Ok(way);
    }
    let mut changes = Vec::new();
    for (name, range) in TokenPolicy::SETTINGS {
        let Some(text) = typed.get(name) else { continue };
        match range.read(text) {
            Some(value) => changes.push((name, Some(value))),
            None => return Ok(wrong(&visit, &session, &typed).await?),
        }
    }
    match visit.issuer.set_policy(&session.name, changes).await {
        Ok(()) => Ok(look::go("/desk/policy", Some("desk-policy-set"))),
        Err(Error::BadValue(_)) => Ok(wrong(&visit, &session, &typed).await?),
        Err(error) => Err(error.into()),
    }
}

/// Which rule.
#[derive(Deserialize)]
pub struct Which {
    name: String,
}

/// Goes back to the file's value.
pub async fn reset(Administrator(visit, session): Administrator, Form(which): Form<Which>) -> Answer {
    if let Err(way) = fresh_for(&visit, &session, "/desk/policy") {
        return Ok(way);
    }
    let (name, _) = TokenPolicy::SETTINGS
        .into_iter()
        .find(|(name, _)| *name == which.name)
        .ok_or(Error::BadValue("The setting"))?;
    visit.issuer.set_policy(&session.name, vec![(name, None)]).await?;
    Ok(look::go("/desk/policy", Some("desk-policy-reset")))
}

async fn wrong(visit: &Visit, session: &Session, typed: &Typed) -> Result<Response> {
    let content = content(visit, session, Some(typed)).await?;
    Ok(again(visit, Room::Policy, &visit.lang.t("desk-policy"), content))
}

async fn content(visit: &Visit, session: &Session, typed: Option<&Typed>) -> Result<Markup> {
    let (lang, admin) = (visit.lang, is_admin(session));
    let (now, file) = (visit.issuer.policy().values()?, visit.issuer.settings.policy.values()?);
    let defaults = TokenPolicy::default().values()?;
    let set = visit.issuer.policy_set_here().await?;
    Ok(html! {
        h1 { (lang.t("desk-policy")) }
        p.lead { (lang.t("desk-policy-lead")) }
        @if typed.is_some() { (parts::wrong_code(lang, "bad_value")) }
        @if !set.is_empty() { (overrides(visit, admin, &set, &file)) }
        @if admin {
            (parts::post(visit, "/desk/policy", html! {
                @for group in GROUPS { section.card {
                    h2 { (lang.t(group.title)) }
                    @for (name, label, effect) in group.settings {
                        (setting(visit, (name, label, effect), &now, &defaults, typed))
                    }
                } }
                button { (lang.t("desk-policy-save")) }
            }))
        } @else {
            @for group in GROUPS { section.card {
                h2 { (lang.t(group.title)) }
                @for (name, label, effect) in group.settings {
                    h3 { (lang.t(label)) ": " (word(lang, now.get(*name))) }
                    p { (lang.t(effect)) }
                }
            } }
        }
    })
}

fn setting(
    visit: &Visit,
    (name, label, effect): (&str, &str, &str),
    now: &Map<String, Value>,
    defaults: &Map<String, Value>,
    typed: Option<&Typed>,
) -> Markup {
    let lang = visit.lang;
    let range = TokenPolicy::SETTINGS.iter().find(|(known, _)| *known == name).map(|(_, range)| *range);
    let default = word(lang, defaults.get(name));
    let plain = plain(now.get(name));
    let value = typed.and_then(|typed| typed.get(name)).map_or(plain.as_str(), String::as_str);
    let wrong = range.is_some_and(|range| range.read(value).is_none());
    let options: &[&str] = match range {
        Some(Range::Words(words)) => words,
        Some(Range::Switch) => &["true", "false"],
        // Certificates are proven at a listener that only the settings file can have.
        Some(Range::Several(_)) if visit.issuer.settings.certificates.is_none() => &["", "face"],
        Some(Range::Several(_)) => &["", "certificate", "face", "certificate face"],
        Some(Range::Number(least, most)) => {
            let allowed = lang.with(
                "desk-policy-allowed",
                [
                    ("least", least.to_string().into()),
                    ("most", most.to_string().into()),
                    ("default", default.into()),
                ],
            );
            return html! {
                (Field { name, label: lang.t(label), value, hint: Some(format!("{} {allowed}", lang.t(effect))), error: wrong.then(|| allowed.clone()), digits: true, ..Field::default() })
            };
        }
        None => &[],
    };
    html! {
        div.field {
            label for=(name) { (lang.t(label)) }
            p.hint id={(name) "-hint"} { (lang.t(effect)) " " (lang.with("desk-policy-default", [("default", default.into())])) }
            select id=(name) name=(name) aria-describedby={(name) "-hint"} {
                @for option in options { option value=(option) selected[*option == value] { (shown(lang, option)) } }
            }
        }
    }
}

fn overrides(visit: &Visit, admin: bool, set: &[(String, Value)], file: &Map<String, Value>) -> Markup {
    let lang = visit.lang;
    html! {
        section.card {
            h2 { (lang.t("desk-policy-here")) }
            p { (lang.t("desk-policy-here-why")) }
            table.stack {
                thead { tr {
                    th scope="col" { (lang.t("desk-policy-rule")) }
                    th scope="col" { (lang.t("desk-policy-value")) }
                    th scope="col" { (lang.t("desk-policy-file")) }
                    @if admin { th scope="col" { span.hidden { (lang.t("desk-policy-back")) } } }
                } }
                tbody { @for (name, value) in set { tr {
                    td { (label(lang, name)) }
                    td data-label=(lang.t("desk-policy-value")) { (word(lang, Some(value))) }
                    td data-label=(lang.t("desk-policy-file")) { (word(lang, file.get(name))) }
                    @if admin { td { (parts::post(visit, "/desk/policy/reset", html! {
                        button.plain name="name" value=(name) { (lang.t("desk-policy-back")) span.hidden { ": " (label(lang, name)) } }
                    })) } }
                } } }
            }
        }
    }
}

fn label(lang: Lang, name: &str) -> String {
    let mut all = GROUPS.iter().flat_map(|group| group.settings);
    all.find(|(known, _, _)| *known == name).map_or_else(|| name.to_owned(), |(_, label, _)| lang.t(label))
}

fn plain(value: Option<&Value>) -> String {
    match value {
        // In the order of the choice, whatever the file's.
        Some(Value::Array(several)) => {
            let mut words: Vec<&str> = several.iter().filter_map(Value::as_str).collect();
            words.sort_unstable();
            words.join(" ")
        }
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn word(lang: Lang, value: Option<&Value>) -> String {
    shown(lang, &plain(value))
}

fn shown(lang: Lang, text: &str) -> String {
    match text {
        "true" => lang.t("desk-yes"),
        "false" => lang.t("desk-no"),
        "" => lang.t("desk-verify-none"),
        "certificate" => lang.t("desk-verify-certificate"),
        "face" => lang.t("desk-verify-face"),
        "certificate face" => lang.t("desk-verify-both"),
        other => other.to_owned(),
    }
}

/// Settings that belong together: name, label, effect.
struct Group {
    title: &'static str,
    settings: &'static [(&'static str, &'static str, &'static str)],
}

const GROUPS: &[Group] = &[
    Group {
        title: "desk-rules-activation",
        settings: &[
            ("activationLifetime", "rule-activation-lifetime", "rule-activation-lifetime-effect"),
            ("offlineAllowed", "rule-offline", "rule-offline-effect"),
            ("confirmInPortal", "rule-confirm", "rule-confirm-effect"),
            ("verifications", "rule-verifications", "rule-verifications-effect"),
            ("allowUnsecureDevice", "rule-unsecure", "rule-unsecure-effect"),
        ],
    },
    Group {
        title: "desk-rules-codes",
        settings: &[
            ("otpLength", "rule-length", "rule-length-effect"),
            ("otpAlgorithm", "rule-algorithm", "rule-algorithm-effect"),
            ("otpPeriod", "rule-period", "rule-period-effect"),
            ("otpWindow", "rule-window", "rule-window-effect"),
            ("maxTimeSteps", "rule-drift", "rule-drift-effect"),
            ("hotpLookAhead", "rule-look-ahead", "rule-look-ahead-effect"),
        ],
    },
    Group {
        title: "desk-rules-limits",
        settings: &[
            ("maxFailures", "rule-failures", "rule-failures-effect"),
            ("maxResetTimeSteps", "rule-reset-steps", "rule-reset-steps-effect"),
            ("maxResetCounters", "rule-reset-counters", "rule-reset-counters-effect"),
            ("maxResetsPerHour", "rule-resets", "rule-resets-effect"),
            ("maxUnlocksPerHour", "rule-unlocks", "rule-unlocks-effect"),
        ],
    },
    Group {
        title: "desk-rules-apps",
        settings: &[
            ("pinLength", "rule-pin", "rule-pin-effect"),
            ("forbidBiometric", "rule-biometric", "rule-biometric-effect"),
            ("forbidBackup", "rule-backup", "rule-backup-effect"),
            ("verifyUser", "rule-verify", "rule-verify-effect"),
        ],
    },
];
