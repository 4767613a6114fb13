//! Adding an authenticator: a soft token, or a hardware token that the user has in hand.

use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::MOST_TOKENS;
use crate::error::Error;
use crate::portal::form::Form;
use crate::portal::look::{self, Tab};
use crate::portal::parts;
use crate::portal::prove;
use crate::portal::visit::{Answer, Holder, Visit};

/// What is to be added.
#[derive(Deserialize)]
pub struct Choice {
    #[serde(default)]
    kind: String,
}

/// Asks what.
pub async fn page(Holder(visit, session): Holder) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    Ok(look::page(&visit, Tab::Authenticators, &visit.lang.t("add"), form(&visit)))
}

/// Makes a soft token and leads to its dialog, or leads to the page of hardware tokens.
pub async fn add(Holder(visit, session): Holder, Form(choice): Form<Choice>) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    match choice.kind.as_str() {
        "soft" => {
            let made = visit.issuer.create_token_below(visit.actor(), &session.user, MOST_TOKENS).await?;
            let Some(token) = made else { return Ok(too_many(&visit, form(&visit))) };
            Ok(look::go(&format!("/portal/authenticators/{}/activate", token.id), None))
        }
        "hardware" => Ok(look::go("/portal/authenticators/hardware", None)),
        _ => Err(Error::BadValue("kind").into()),
    }
}

/// The refusal of one token more, above what was asked for.
pub(super) fn too_many(visit: &Visit, asked: Markup) -> Response {
    let lang = visit.lang;
    let content = html! {
        (parts::wrong(&lang.with("too-many-tokens", [("most", MOST_TOKENS.into())]), &lang.t("too-many-tokens-way")))
        (asked)
    };
    look::again(visit, Tab::Authenticators, &lang.t("add"), content)
}

fn form(visit: &Visit) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.narrow {
            h1 { (lang.t("add")) }
            (parts::post(visit, "/portal/authenticators/add", html! {
                fieldset {
                    legend { (lang.t("add-which")) }
                    label.choice {
                        input type="radio" name="kind" value="soft" checked;
                        span { strong { (lang.t("kind-soft")) } (lang.t("add-soft")) }
                    }
                    label.choice {
                        input type="radio" name="kind" value="hardware";
                        span { strong { (lang.t("kind-hardware")) } (lang.t("add-hardware")) }
                    }
                }
                div.row {
                    button { (lang.t("continue")) }
                    (parts::link("/portal/authenticators", &lang.t("cancel"), "plain"))
                }
            }))
        }
    }
}
