//! The *Activate Token* dialog, also for *Reactivate*: on which device, and in which way.
//!
//! | Way | Doors of the order | Shown |
//! |---|---|---|
//! | mail | link, QR code with password, values | nothing here: it goes to the holder's address |
//! | QR code | QR code with password | on the page |
//! | values, desktop | values | on the page |
//!
//! Each way is an order of its own and supersedes the one before.

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::{Own, of_visitor, values};
use crate::error::{Error, Result};
use crate::mail::MailKind;
use crate::orders::OrderRequest;
use crate::portal::form::Form;
use crate::portal::look::{self, Tab};
use crate::portal::parts;
use crate::portal::prove;
use crate::portal::session::Session;
use crate::portal::signin;
use crate::portal::texts::Lang;
use crate::portal::visit::{Answer, Holder, Visit};
use crate::tokens::{TokenClass, TokenState};

/// On which device; a phone when nothing is said.
#[derive(Deserialize)]
pub struct On {
    #[serde(default)]
    on: String,
}

/// In which way.
#[derive(Deserialize)]
pub struct Ordered {
    #[serde(default)]
    way: String,
}

/// Shows the ways.
pub async fn page(Holder(visit, session): Holder, Path(id): Path<String>, Query(on): Query<On>) -> Answer {
    let own = of_visitor(&visit, &session, &id).await?;
    can_be_activated(&own)?;
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let content = dialog(&visit, &session, &own, on.on == "desktop", None).await?;
    Ok(look::page(&visit, Tab::Authenticators, &visit.lang.t("activate-token"), content))
}

/// Makes the order, and mails or shows it.
pub async fn order(
    Holder(visit, session): Holder,
    Path(id): Path<String>,
    Form(ordered): Form<Ordered>,
) -> Answer {
    let own = of_visitor(&visit, &session, &id).await?;
    can_be_activated(&own)?;
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let request = match ordered.way.as_str() {
        "email" => OrderRequest { mailed: true, ..OrderRequest::default() },
        "qr-code" => OrderRequest { qr_code: true, ..OrderRequest::NOTHING },
        "values" | "desktop" => OrderRequest { typed: true, ..OrderRequest::NOTHING },
        _ => return Err(Error::BadValue("way").into()),
    };
    let mail = ordered.way == "email";
    if mail && email(&visit, &session).await?.is_none() {
        return again(
            &visit,
            &session,
            &own,
            parts::wrong(&visit.lang.t("no-email"), &visit.lang.t("no-email-way")),
        )
        .await;
    }
    match signin::limit(&visit, [(format!("order {}", session.user), ORDERS_AN_HOUR)]).await {
        Err(Error::TooManyTries) => {
            let wrong = parts::wrong_code(visit.lang, Error::TooManyTries.code());
            return again(&visit, &session, &own, wrong).await;
        }
        limited => limited?,
    }
    let made = visit.issuer.create_order(visit.actor(), &own.token.id, request).await?;
    if mail {
        visit.issuer.tell(&own.token.id, MailKind::Activation(Box::new(made))).await;
        return Ok(look::go(&own.page("complete"), Some("email-sent")));
    }
    let content = match ordered.way.as_str() {
        "qr-code" => values::qr_code(&visit, &own, &made)?,
        way => values::typed(&visit, &own, &made, way == "desktop"),
    };
    Ok(look::page(&visit, Tab::Authenticators, &visit.lang.t("activate-token"), content))
}

/// A button that mails an order.
pub(super) fn send_email(visit: &Visit, own: &Own, class: &str) -> Markup {
    way(visit, own, "email", "send-email", class)
}

/// Where mails of the visitor go.
pub(super) async fn email(visit: &Visit, session: &Session) -> Result<Option<String>> {
    Ok(visit.issuer.user(&session.user).await?.email)
}

/// Activations can be finished without network.
pub(super) fn is_offline_allowed(visit: &Visit) -> bool {
    let policy = visit.issuer.policy();
    policy.offline_allowed && !policy.verify_user
}

fn can_be_activated(own: &Own) -> Result<()> {
    let state = matches!(own.token.state, TokenState::New | TokenState::Activating | TokenState::Active);
    if state && own.token.class == TokenClass::Soft { Ok(()) } else { Err(Error::WrongState) }
}

async fn again(visit: &Visit, session: &Session, own: &Own, wrong: Markup) -> Answer {
    let content = dialog(visit, session, own, false, Some(wrong)).await?;
    let page: Response = look::again(visit, Tab::Authenticators, &visit.lang.t("activate-token"), content);
    Ok(page)
}

async fn dialog(
    visit: &Visit,
    session: &Session,
    own: &Own,
    desktop: bool,
    wrong: Option<Markup>,
) -> Result<Markup> {
    let (lang, email) = (visit.lang, email(visit, session).await?);
    let path = own.page("activate");
    let current = |is: bool| is.then_some("true");
    Ok(html! {
        (head(lang, own, "activate-token"))
        @if let Some(wrong) = wrong { (wrong) }
        @if own.is_active() { (parts::info(lang.t("reactivate-old-works"))) }
        @else if own.awaited { (parts::info(lang.t("reactivate-replaces"))) }
        nav.choices aria-label=(lang.t("activate-on")) {
            a.button.second href={(path) "?on=mobile"} aria-current=[current(!desktop)] { (lang.t("on-mobile")) }
            a.button.second href={(path) "?on=desktop"} aria-current=[current(desktop)] { (lang.t("on-desktop")) }
        }
        @if desktop { (on_desktop(visit, own)) } @else { (on_mobile(visit, own, email.as_deref())) }
        p { (parts::link("/portal/authenticators", &lang.t("back-to-list"), "plain")) }
    })
}

fn on_mobile(visit: &Visit, own: &Own, email: Option<&str>) -> Markup {
    let (lang, offline) = (visit.lang, is_offline_allowed(visit));
    html! {
        p.lead { (lang.t("install-mobile")) }
        div.columns {
            article.card {
                h2 { (lang.t("type-link")) }
                p { (network(lang, true)) }
                @if let Some(email) = email {
                    p { (lang.with("type-link-how", [("email", email.into())])) }
                    (send_email(visit, own, ""))
                } @else {
                    (parts::info(html! { strong { (lang.t("no-email")) } p { (lang.t("no-email-way")) } }))
                }
            }
            article.card {
                h2 { (lang.t("type-qr")) }
                p { (network(lang, !offline)) }
                p { (lang.t("type-qr-how")) }
                (way(visit, own, "qr-code", "show-qr", "second"))
            }
            article.card {
                h2 { (lang.t("type-values")) }
                p { (network(lang, !offline)) }
                p { (lang.t("type-values-how")) }
                (way(visit, own, "values", "show-values", "second"))
            }
        }
    }
}

fn on_desktop(visit: &Visit, own: &Own) -> Markup {
    let lang = visit.lang;
    html! {
        p.lead { (lang.t("install-desktop")) }
        article.card.middle {
            h2 { (lang.t("type-values")) }
            p { (network(lang, !is_offline_allowed(visit))) }
            p { (lang.t("type-desktop-how")) }
            (way(visit, own, "desktop", "show-values", ""))
        }
    }
}

/// Whether the app needs the network, as a badge.
fn network(lang: Lang, needed: bool) -> Markup {
    if needed {
        parts::badge("", &lang.t("network-needed"))
    } else {
        parts::badge("good", &lang.t("network-not-needed"))
    }
}

fn way(visit: &Visit, own: &Own, way: &str, key: &str, class: &str) -> Markup {
    parts::post(
        visit,
        &own.page("activate"),
        html! {
            button class=[(!class.is_empty()).then_some(class)] name="way" value=(way) { (visit.lang.t(key)) }
        },
    )
}

/// Title, and which token it is about.
pub(super) fn head(lang: Lang, own: &Own, title: &str) -> Markup {
    let number = super::serial(&own.token.serial);
    html! {
        h1 { (lang.t(title)) }
        p.lead {
            strong { (own.name()) }
            @if own.label.is_some() { " · " (lang.t("serial-number")) " " span.code { (number) } }
        }
    }
}

/// Each order with values to type costs a run of the slow function, and each mail is somebody's mail.
const ORDERS_AN_HOUR: u64 = 30;
