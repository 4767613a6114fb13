//! What users do for themselves when they have no code: unlock a locked app, put a lost token out of use.
//!
//! | File | Holds |
//! |---|---|
//! | `locked` | my application is locked: PIN reset code in, unlock code out |
//! | `lost` | I have misplaced my token: disable it, and begin anew by mail |
//!
//! Invariant: everything here asks for a fresh proof, by code or by answers.

mod locked;
mod lost;

use axum::routing::get;
use maud::{Markup, html};

use super::Pages;
use super::authenticators::{self, Own, serial};
use super::look::{self, Tab};
use super::visit::{Answer, Recovering, Visit};
use crate::codes::tries;
use crate::error::{Error, Result};
use crate::tokens::{TokenClass, TokenState};

pub(super) const PAGES: Pages = &[
    ("/portal/unlock", || get(page)),
    ("/portal/unlock/locked", || get(locked::explain)),
    ("/portal/unlock/code", || get(locked::page).post(locked::unlock)),
    ("/portal/unlock/lost", || get(lost::page).post(lost::disable)),
    ("/portal/unlock/anew", || get(lost::page).post(lost::anew)),
];

/// The choice.
pub async fn page(Recovering(visit, _): Recovering) -> Answer {
    let lang = visit.lang;
    let content = html! {
        h1 { (lang.t("unlock-title")) }
        p.lead { (lang.t("unlock-lead")) }
        div.columns { @for (path, key, text) in [
            ("/portal/unlock/locked", "locked", "locked-what"),
            ("/portal/unlock/lost", "misplaced", "lost-what"),
        ] {
            article.card {
                h2 { (lang.t(key)) }
                p { (lang.t(text)) }
                a.button href=(path) { (lang.t("choose")) span.hidden { ": " (lang.t(key)) } }
            }
        } }
    };
    Ok(look::page(&visit, Tab::Unlock, &lang.t("unlock-title"), content))
}

/// The visitor's soft tokens in one of these states.
async fn soft(visit: &Visit, user: &str, states: &[TokenState]) -> Result<Vec<Own>> {
    let mut all = authenticators::all_of(visit, user).await?;
    all.retain(|own| own.token.class == TokenClass::Soft && states.contains(&own.token.state));
    Ok(all)
}

/// The field `authenticator`: a choice of several, or the only one.
fn which(visit: &Visit, own: &[Own], chosen: &str) -> Markup {
    let only = own.len() == 1;
    html! {
        fieldset {
            legend { (visit.lang.t("unlock-which")) }
            @for own in own {
                label.choice {
                    input type="radio" name="authenticator" value=(own.token.id) required checked[only || own.token.id == chosen];
                    span {
                        strong { (own.name()) }
                        span.small {
                            (visit.lang.t("serial-number")) " " (serial(&own.token.serial))
                            @if let Some(device) = &own.token.device { " · " (device) }
                        }
                    }
                }
            }
        }
    }
}

/// Takes one of so many a day of a subject.
async fn daily(visit: &Visit, subject: String, most: u64) -> Result<()> {
    let now = visit.issuer.now();
    let taken = visit.issuer.store.write(move |tx| {
        Box::pin(async move { tries::take_within(tx, now, &subject, most, tries::DAY).await })
    });
    if taken.await? { Ok(()) } else { Err(Error::TooManyTries) }
}
