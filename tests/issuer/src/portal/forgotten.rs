//! A forgotten password: a link by mail that is good once and for half an hour, and the form behind it.
//!
//! Invariant: page, work and limits are the same whether or not there is such a user with a mail address. The
//! link replaces the password only; the second step is asked afterwards as always.

use axum::extract::Path;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use maud::{Markup, html};
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::Pages;
use super::account::change;
use super::form::Form;
use super::look::{self, Tab};
use super::parts::{self, Field};
use super::visit::{Answer, Visit};
use super::{password, password_rules, signin};
use crate::audit::{self, Entry, seconds};
use crate::error::{Error, Result};
use crate::mail::{Mail, MailKind, Notice};

pub(super) const PAGES: Pages = &[
    ("/portal/forgotten", || get(page).post(send)),
    ("/portal/forgotten/{link}", || get(link_page).post(choose)),
];

/// Who has forgotten.
#[derive(Deserialize)]
pub struct Who {
    name: String,
}

/// The new password.
#[derive(Deserialize)]
pub struct New {
    new: Zeroizing<String>,
    again: Zeroizing<String>,
}

/// Asks for the name.
pub async fn page(visit: Visit) -> Answer {
    Ok(look::page(&visit, Tab::None, &visit.lang.t("forgotten"), form(&visit, "", None)))
}

/// Mails the link, when there is somebody to mail it to.
pub async fn send(visit: Visit, Form(mut who): Form<Who>) -> Answer {
    // What is longer is nobody's name, and must not fill the table of tries.
    who.name = who.name.chars().take(LONGEST_NAME).collect();
    let (subject, from) =
        (format!("password link {}", who.name), format!("password link from {}", visit.from));
    match signin::limit(&visit, [(subject, NAME_MAILS), (from, ADDRESS_MAILS)]).await {
        Ok(()) => {}
        Err(error @ Error::TooManyTries) => {
            let content = form(&visit, &who.name, Some(error.code()));
            return Ok(look::again(&visit, Tab::None, &visit.lang.t("forgotten"), content));
        }
        Err(error) => return Err(error.into()),
    }
    let link =
        Zeroizing::new(URL_SAFE_NO_PAD.encode(visit.issuer.ports.random.array::<32>().map_err(Error::from)?));
    if let Some((user, to)) = store(&visit, who.name, hash(&link)).await? {
        let address = &visit.issuer.settings.address;
        let scheme = if address.is_loopback() { "http" } else { "https" };
        let link = Zeroizing::new(format!("{scheme}://{}/portal/forgotten/{}", address.ascii(), *link));
        visit.issuer.ports.outbox.send(Mail { to, user, kind: MailKind::PasswordLink { link } });
    }
    Ok(look::go("/portal/sign-in", Some("link-sent")))
}

/// The form behind the link; looking at it uses nothing up.
pub async fn link_page(visit: Visit, Path(link): Path<String>) -> Answer {
    match owner(&visit, &link).await? {
        Some(_) => {
            let content = new_form(&visit, &link, None);
            Ok(look::page(&visit, Tab::None, &visit.lang.t("password-choose"), content))
        }
        None => Ok(dead(&visit)),
    }
}

/// Uses the link up and stores the password.
pub async fn choose(visit: Visit, Path(link): Path<String>, Form(typed): Form<New>) -> Answer {
    let Some((user, name)) = owner(&visit, &link).await? else { return Ok(dead(&visit)) };
    if let Some(reason) = password_rules::refused(&name, &typed.new, &typed.again) {
        let content = new_form(&visit, &link, Some(reason));
        return Ok(look::again(&visit, Tab::None, &visit.lang.t("password-choose"), content));
    }
    let new = visit.issuer.hash(typed.new).await?;
    let (used, now) = (hash(&link), visit.issuer.now());
    let query = "DELETE FROM password_links WHERE hash = ? AND expires_at > ? RETURNING user_id";
    let changed = visit.issuer.store.write(move |tx| {
        Box::pin(async move {
            let owner = sqlx::query_scalar(query).bind(used).bind(seconds(now));
            let owner: String = owner.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
            password::store(tx, now, &name, &owner, new).await
        })
    });
    match changed.await {
        Ok(()) => {}
        Err(Error::NotFound) => return Ok(dead(&visit)),
        Err(error) => return Err(error.into()),
    }
    visit.issuer.tell_user(&user, MailKind::Notice(Notice::PasswordChanged)).await;
    Ok(look::go("/portal/sign-in", Some("password-changed")))
}

/// Stores the link for the user of this name, in place of an earlier one: user name and mail address.
async fn store(visit: &Visit, name: String, hash: Vec<u8>) -> Result<Option<(String, String)>> {
    let now = visit.issuer.now();
    let sweep = "DELETE FROM password_links WHERE expires_at <= ? \
                 OR user_id IN (SELECT id FROM users WHERE name = ?)";
    let insert = "INSERT INTO password_links (hash, user_id, expires_at) \
                  SELECT ?, id, ? FROM users WHERE name = ? AND email IS NOT NULL";
    let find = "SELECT id, name, email FROM users WHERE name = ? AND email IS NOT NULL";
    visit
        .issuer
        .store
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query(sweep).bind(seconds(now)).bind(name.clone()).execute(&mut *tx).await?;
                let row = sqlx::query(insert).bind(hash).bind(seconds(now).saturating_add(LIFE));
                row.bind(name.clone()).execute(&mut *tx).await?;
                let found = sqlx::query_as::<_, (String, String, String)>(find).bind(name);
                let found = found.fetch_optional(&mut *tx).await?;
                let user = found.as_ref().map(|(user, _, _)| user.as_str());
                // A name that nobody has leaves a line, too: the same work, and a trace of whoever guesses.
                let entry =
                    Entry { event: "portal.password_link", actor: "portal", user, ..Entry::default() };
                audit::write(tx, now, entry).await?;
                Ok(found.map(|(_, name, email)| (name, email)))
            })
        })
        .await
}

/// Id and name of the user of a link that is alive.
async fn owner(visit: &Visit, link: &str) -> Result<Option<(String, String)>> {
    let query = "SELECT users.id, users.name FROM password_links JOIN users ON users.id = user_id \
                 WHERE hash = ? AND expires_at > ?";
    let query = sqlx::query_as(query).bind(hash(link)).bind(seconds(visit.issuer.now()));
    Ok(query.fetch_optional(visit.issuer.store.read()).await?)
}

fn hash(link: &str) -> Vec<u8> {
    digest(&SHA256, link.as_bytes()).as_ref().to_vec()
}

fn dead(visit: &Visit) -> axum::response::Response {
    let lang = visit.lang;
    let content = html! {
        section.card.narrow {
            h1 { (lang.t("link-dead")) }
            p { (lang.t("link-dead-way")) }
            (parts::link("/portal/forgotten", &lang.t("link-again"), ""))
        }
    };
    look::again(visit, Tab::None, &lang.t("link-dead"), content)
}

fn form(visit: &Visit, name: &str, wrong: Option<&str>) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.narrow {
            h1 { (lang.t("forgotten")) }
            @if let Some(code) = wrong { (parts::wrong_code(lang, code)) }
            p { (lang.t("forgotten-how")) }
            (parts::post(visit, "/portal/forgotten", html! {
                (Field { name: "name", label: lang.t("user-name"), value: name, autocomplete: "username", first: true, ..Field::default() })
                button { (lang.t("forgotten-send")) }
            }))
            p.small { (lang.t("forgotten-no-mail")) }
            p { a.button.plain href="/portal/sign-in" { (lang.t("back-to-sign-in")) } }
        }
    }
}

fn new_form(visit: &Visit, link: &str, wrong: Option<&str>) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.narrow {
            h1 { (lang.t("password-choose")) }
            p { (lang.t("password-choose-how")) }
            (parts::post(visit, &format!("/portal/forgotten/{}", signin::encoded(link)), html! {
                (change::new_fields(lang, wrong, true))
                button { (lang.t("password-change")) }
            }))
        }
    }
}

/// Seconds that a link is good for.
const LIFE: i64 = 30 * 60;
/// Characters of a user name.
const LONGEST_NAME: usize = 128;
/// Mails an hour for one name, known or not.
const NAME_MAILS: u64 = 3;
/// And from one address.
const ADDRESS_MAILS: u64 = 30;
