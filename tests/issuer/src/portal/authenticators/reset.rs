//! *Reset*: the issuer learns the token's clock or counter again, from one code, two codes or a response.
//!
//! "Invalid Response." whatever is wrong; the holder is told, too, when an hour's tries are used up.

use axum::extract::Path;
use maud::{Markup, html};
use serde::Deserialize;

use super::activate::head;
use super::{Own, of_visitor};
use crate::audit::seconds;
use crate::codes;
use crate::error::{Error, Result};
use crate::portal::form::Form;
use crate::portal::look::{self, Tab};
use crate::portal::parts::{self, Field};
use crate::portal::texts::Lang;
use crate::portal::visit::{Answer, Holder, Visit};

/// What is typed: one code, two, or the response to a challenge; all empty asks for a challenge.
#[derive(Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    how: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    first: String,
    #[serde(default)]
    second: String,
    #[serde(default)]
    challenge: String,
    #[serde(default)]
    response: String,
}

/// A challenge on its way to the user.
struct Asked {
    id: String,
    question: String,
}

/// Asks for codes, or offers a challenge.
pub async fn page(Holder(visit, session): Holder, Path(id): Path<String>) -> Answer {
    let own = of_visitor(&visit, &session, &id).await?;
    can_be_reset(&own)?;
    let content = content(&visit, &own, None, None);
    Ok(look::page(&visit, Tab::Authenticators, &visit.lang.t("reset-token"), content))
}

/// Shows a challenge, or takes what was typed.
pub async fn reset(
    Holder(visit, session): Holder,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Answer {
    let own = of_visitor(&visit, &session, &id).await?;
    can_be_reset(&own)?;
    let (lang, token, actor) = (visit.lang, own.token.id.as_str(), visit.actor());
    if typed.how == "challenge" {
        let content = content(&visit, &own, None, Some(ask(&visit, &own).await?));
        return Ok(look::page(&visit, Tab::Authenticators, &lang.t("reset-token"), content));
    }
    if is_used_up(&visit, token).await? {
        let wrong = parts::wrong_code(lang, Error::TooManyTries.code());
        let content = content(&visit, &own, Some(wrong), None);
        return Ok(look::again(&visit, Tab::Authenticators, &lang.t("reset-token"), content));
    }
    let done = match typed.how.as_str() {
        "code" => visit.issuer.resync_by_code(actor, token, &typed.code).await,
        "codes" => visit.issuer.resync_by_two_codes(actor, token, [&typed.first, &typed.second]).await,
        "response" if is_of(&visit, &typed.challenge, token).await? => {
            visit.issuer.resync_by_response(actor, &typed.challenge, &typed.response).await
        }
        "response" => Err(Error::InvalidResponse),
        _ => return Err(Error::BadValue("how").into()),
    };
    match done {
        Ok(learned) => {
            let done = match learned.offset {
                0 => "reset",
                1.. => "reset-ahead",
                _ => "reset-behind",
            };
            Ok(look::go(&own.page("more"), Some(done)))
        }
        Err(Error::InvalidResponse) => {
            let wrong = parts::wrong_code(lang, Error::InvalidResponse.code());
            // A challenge is good for one try, so the next try has a new one.
            let asked = if typed.how == "response" { Some(ask(&visit, &own).await?) } else { None };
            let content = content(&visit, &own, Some(wrong), asked);
            Ok(look::again(&visit, Tab::Authenticators, &lang.t("reset-token"), content))
        }
        Err(error) => Err(error.into()),
    }
}

/// How far a clock is off, in words.
pub(super) fn offset(lang: Lang, seconds: i64) -> String {
    let off = seconds.unsigned_abs();
    let (hours, minutes, rest) = (off / 3_600, off / 60 % 60, off % 60);
    let mut amount = Vec::new();
    if hours > 0 {
        amount.push(lang.with("hours", [("count", hours.into())]));
    }
    if minutes > 0 {
        amount.push(lang.with("minutes", [("count", minutes.into())]));
    }
    if rest > 0 {
        amount.push(lang.with("seconds", [("count", rest.into())]));
    }
    let amount = amount.join(" ");
    match seconds {
        0 => lang.t("clock-right"),
        1.. => lang.with("clock-ahead", [("amount", amount.into())]),
        _ => lang.with("clock-behind", [("amount", amount.into())]),
    }
}

fn can_be_reset(own: &Own) -> Result<()> {
    if own.is_active() { Ok(()) } else { Err(Error::WrongState) }
}

async fn ask(visit: &Visit, own: &Own) -> Result<Asked> {
    let challenge = visit.issuer.create_challenge(visit.actor(), &own.token.id).await?;
    Ok(Asked { id: challenge.id, question: challenge.question })
}

/// Whether a challenge was drawn for this token: another one's is nobody's business here.
async fn is_of(visit: &Visit, challenge: &str, token: &str) -> Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM challenges WHERE id = ? AND token_id = ?)";
    let query = sqlx::query_scalar(query).bind(challenge).bind(token);
    Ok(query.fetch_one(visit.issuer.store.read()).await?)
}

/// Whether the token has had its tries of the last hour.
async fn is_used_up(visit: &Visit, token: &str) -> Result<bool> {
    let had = sqlx::query_scalar("SELECT count(*) FROM tries WHERE subject = ? AND at > ?");
    let had = had.bind(codes::subject(token)).bind(seconds(visit.issuer.now()).saturating_sub(HOUR));
    let had: i64 = had.fetch_one(visit.issuer.store.read()).await?;
    Ok(u64::try_from(had).unwrap_or(0) >= visit.issuer.policy().max_resets_per_hour)
}

fn content(visit: &Visit, own: &Own, wrong: Option<Markup>, asked: Option<Asked>) -> Markup {
    let lang = visit.lang;
    html! {
        (head(lang, own, "reset-token"))
        @if let Some(wrong) = wrong { (wrong) }
        p { (lang.t("reset-why")) }
        div.columns {
            @if own.token.kind == "OCRA" {
                (by_response(visit, own, asked))
            } @else {
                @if own.token.kind == "TOTP" { (by_code(visit, own)) }
                (by_two_codes(visit, own))
            }
        }
        p { (parts::link("/portal/authenticators", &lang.t("back-to-list"), "plain")) }
    }
}

fn by_code(visit: &Visit, own: &Own) -> Markup {
    let lang = visit.lang;
    html! {
        section.card {
            h2 { (lang.t("reset-one")) }
            p { (lang.t("reset-one-when")) }
            (parts::post(visit, &own.page("reset"), html! {
                (code(lang, "code", "reset-now"))
                button name="how" value="code" { (lang.t("action-reset")) }
            }))
        }
    }
}

fn by_two_codes(visit: &Visit, own: &Own) -> Markup {
    let lang = visit.lang;
    html! {
        section.card {
            h2 { (lang.t("reset-two")) }
            p { (lang.t("reset-two-when")) }
            (parts::post(visit, &own.page("reset"), html! {
                (code(lang, "first", "reset-first"))
                (code(lang, "second", "reset-second"))
                button name="how" value="codes" { (lang.t("action-reset")) }
            }))
        }
    }
}

fn by_response(visit: &Visit, own: &Own, asked: Option<Asked>) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.middle {
            h2 { (lang.t("reset-response")) }
            @if let Some(asked) = asked {
                p { (lang.t("reset-response-how")) }
                (parts::copyable(lang, "question", &lang.t("challenge"), &asked.question))
                (parts::post(visit, &own.page("reset"), html! {
                    input type="hidden" name="challenge" value=(asked.id);
                    (code(lang, "response", "response"))
                    button name="how" value="response" { (lang.t("action-reset")) }
                }))
            } @else {
                p { (lang.t("reset-response-when")) }
                (parts::post(visit, &own.page("reset"), html! {
                    button name="how" value="challenge" { (lang.t("show-challenge")) }
                }))
            }
        }
    }
}

fn code(lang: Lang, name: &'static str, label: &str) -> Field<'static> {
    Field { name, label: lang.t(label), digits: true, code: true, ..Field::default() }
}

/// Seconds in which tries are counted.
const HOUR: i64 = 3_600;
