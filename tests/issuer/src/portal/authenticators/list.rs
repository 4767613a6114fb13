//! The list.

use maud::{Markup, html};

use super::{Own, all_of, serial};
use crate::portal::look::{self, Tab};
use crate::portal::parts;
use crate::portal::texts::Lang;
use crate::portal::visit::{Answer, Holder};
use crate::tokens::{TokenClass, TokenState};

/// All tokens of the visitor.
pub async fn page(Holder(visit, session): Holder) -> Answer {
    let (lang, tokens) = (visit.lang, all_of(&visit, &session.user).await?);
    let add = parts::link("/portal/authenticators/add", &lang.t("authenticator-add"), "");
    let content = html! {
        div.head {
            h1 { (lang.t("authenticators")) }
            @if !tokens.is_empty() { (add) }
        }
        @if tokens.is_empty() {
            (parts::empty(&lang.t("authenticators-none"), &lang.t("authenticators-none-way"), add))
        } @else {
            div.columns.wide { @for own in &tokens { (card(lang, own)) } }
        }
    };
    Ok(look::page(&visit, Tab::Authenticators, &lang.t("authenticators"), content))
}

fn card(lang: Lang, own: &Own) -> Markup {
    let token = &own.token;
    html! {
        article.card {
            div.head { h2 { (own.name()) } (state(lang, own)) }
            dl.facts {
                dt { (lang.t("serial-number")) } dd.code { (serial(&token.serial)) }
                dt { (lang.t("kind")) } dd { (lang.t(kind(token.class))) }
                @if let Some(device) = &token.device { dt { (lang.t("device")) } dd { (device) } }
                @if let Some(at) = token.activated_at { dt { (lang.t("activated-at")) } dd { (parts::time(at)) } }
            }
            div.row { @for (path, key, class) in actions(own) {
                a class={"button " (class)} href={"/portal/authenticators/" (token.id) "/" (path)} {
                    (lang.t(key)) span.hidden { ": " (own.name()) }
                }
            } }
        }
    }
}

/// The state as a badge.
pub(in crate::portal) fn state(lang: Lang, own: &Own) -> Markup {
    if own.token.locked {
        return parts::badge("bad", &lang.t("state-locked"));
    }
    let (kind, key) = match own.token.state {
        TokenState::Unassigned => ("", "state-unassigned"),
        TokenState::New => ("", "state-new"),
        TokenState::Activating => ("warn", "state-activating"),
        TokenState::Active => ("good", "state-active"),
        TokenState::Inactive => ("bad", "state-inactive"),
    };
    parts::badge(kind, &lang.t(key))
}

fn kind(class: TokenClass) -> &'static str {
    match class {
        TokenClass::Soft => "kind-soft",
        TokenClass::Hardware => "kind-hardware",
    }
}

/// What can be done in this state, the likeliest first.
fn actions(own: &Own) -> Vec<(&'static str, &'static str, &'static str)> {
    let soft = own.token.class == TokenClass::Soft;
    let mut actions = match own.token.state {
        TokenState::New => vec![("activate", "action-activate", "")],
        TokenState::Activating => {
            vec![("complete", "action-complete", ""), ("activate", "action-reactivate", "second")]
        }
        TokenState::Active if soft => {
            let mut actions =
                vec![("reset", "action-reset", "second"), ("activate", "action-reactivate", "second")];
            if own.awaited {
                actions.insert(0, ("complete", "action-complete", ""));
            }
            actions
        }
        TokenState::Active => vec![("reset", "action-reset", "second")],
        TokenState::Unassigned | TokenState::Inactive => Vec::new(),
    };
    actions.push(("more", "action-more", "plain"));
    actions
}
