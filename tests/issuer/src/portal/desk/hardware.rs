//! Hardware tokens: seed files, and who has which.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::help::{button, done, seen};
use super::token::{self, Seen};
use super::{Room, again, fresh_for, show};
use crate::error::{Error, Result};
use crate::hardware::{Imported, NotImported};
use crate::portal::form::{Form, Upload};
use crate::portal::parts::{self, Field};
use crate::portal::session::Session;
use crate::portal::signin::Nothing;
use crate::portal::texts::Lang;
use crate::portal::visit::{Administrator, Answer, Visit};

/// Upload, and tokens that nobody has.
pub async fn page(Administrator(visit, _): Administrator) -> Answer {
    let content = content(&visit, None).await?;
    Ok(show(&visit, Room::Hardware, &visit.lang.t("desk-hardware"), content))
}

/// Takes a seed file in, and says what was left out and why.
pub async fn upload(Administrator(visit, session): Administrator, upload: Upload) -> Answer {
    if let Err(way) = fresh_for(&visit, &session, "/desk/hardware") {
        return Ok(way);
    }
    let lang = visit.lang;
    let file = upload.text("file").filter(|text| !text.trim().is_empty());
    let secret = upload.text("secret").filter(|secret| !secret.is_empty());
    let secret = secret.map(|secret| Zeroizing::new(secret.as_bytes().to_vec()));
    let Some(file) = file else { return Ok(refused(&visit, "desk-file-missing").await?) };
    match visit.issuer.import_hardware(&session.name, file, secret).await {
        Ok(imported) => Ok(show(&visit, Room::Hardware, &lang.t("desk-imported"), result(lang, &imported))),
        Err(Error::BadValue("The password of the seed file")) => {
            Ok(refused(&visit, "desk-file-password").await?)
        }
        Err(Error::BadValue(_)) => Ok(refused(&visit, "desk-file-wrong").await?),
        Err(error) => Err(error.into()),
    }
}

async fn refused(visit: &Visit, wrong: &str) -> Result<Response> {
    let content = content(visit, Some(wrong)).await?;
    Ok(again(visit, Room::Hardware, &visit.lang.t("desk-hardware"), content))
}

async fn content(visit: &Visit, wrong: Option<&str>) -> Result<Markup> {
    let lang = visit.lang;
    let free =
        "SELECT id, serial, vendor, kind FROM tokens WHERE state = 'UNASSIGNED' ORDER BY serial LIMIT ?";
    let free: Vec<(String, String, Option<String>, String)> =
        sqlx::query_as(free).bind(MOST).fetch_all(visit.issuer.store.read()).await?;
    let password = wrong.filter(|key| *key == "desk-file-password");
    let file = wrong.filter(|_| password.is_none()).map(|key| lang.t(key));
    Ok(html! {
        h1 { (lang.t("desk-hardware")) }
        section.card {
            h2 { (lang.t("desk-upload")) }
            form method="post" action="/desk/hardware" enctype="multipart/form-data" {
                input type="hidden" name="token" value=(visit.form_token());
                div.field {
                    label for="file" { (lang.t("desk-file")) }
                    p.hint id="file-hint" { (lang.t("desk-file-hint")) }
                    input id="file" name="file" type="file" accept=".pskc,.xml,application/pskc+xml,text/xml" required
                        aria-describedby=(if file.is_some() { "file-hint file-error" } else { "file-hint" })
                        aria-invalid=[file.is_some().then_some("true")];
                    @if let Some(text) = file { p.error id="file-error" { (text) } }
                }
                (Field { name: "secret", label: lang.t("desk-file-secret"), hint: Some(lang.t("desk-file-secret-hint")), error: password.map(|key| lang.t(key)), kind: "password", optional: true, ..Field::default() })
                button { (lang.t("desk-upload-do")) }
            }
        }
        section.card {
            h2 { (lang.t("desk-free")) }
            @if free.is_empty() { p { (lang.t("desk-free-none")) } } @else {
                table.stack {
                    thead { tr {
                        th scope="col" { (lang.t("serial-number")) }
                        th scope="col" { (lang.t("kind")) }
                        th scope="col" { (lang.t("desk-vendor")) }
                    } }
                    tbody { @for (id, serial, vendor, kind) in &free { tr {
                        td { a href={"/desk/tokens/" (id)} { (serial) } }
                        td data-label=(lang.t("kind")) { (kind) }
                        td data-label=(lang.t("desk-vendor")) { (vendor.as_deref().unwrap_or("–")) }
                    } } }
                }
            }
        }
    })
}

fn result(lang: Lang, imported: &Imported) -> Markup {
    let new = imported.serials.len();
    html! {
        h1 { (lang.t("desk-imported")) }
        p.lead { (lang.with("desk-imported-count", [("count", new.into()), ("left", imported.left_out.len().into())])) }
        @if new > 0 {
            section.card {
                h2 { (lang.t("desk-imported-new")) }
                p.code { (imported.serials.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ")) @if new > SHOWN { " …" } }
            }
        }
        @if !imported.left_out.is_empty() {
            section.card {
                h2 { (lang.t("desk-left-out")) }
                table {
                    thead { tr { th scope="col" { (lang.t("desk-entry")) } th scope="col" { (lang.t("desk-why")) } } }
                    tbody { @for (entry, why) in imported.left_out.iter().take(SHOWN) {
                        tr { td { (entry) } td { (reason(lang, *why)) } }
                    } }
                }
            }
        }
        (parts::link("/desk/hardware", &lang.t("desk-to-hardware"), ""))
    }
}

fn reason(lang: Lang, why: NotImported) -> String {
    lang.t(match why {
        NotImported::NotUnderstood => "desk-left-malformed",
        NotImported::NoSerial => "desk-left-no-serial",
        NotImported::Exists => "desk-left-exists",
        NotImported::Unsupported => "desk-left-unsupported",
    })
}

/// Who gets the token.
#[derive(Deserialize)]
pub struct Holder {
    user: String,
}

/// Gives a token that nobody has to a user.
pub async fn assign(
    Administrator(visit, session): Administrator,
    Path(id): Path<String>,
    Form(typed): Form<Holder>,
) -> Answer {
    let seen = seen(&visit, &session, &id).await?;
    match give(&visit, &session, &seen, typed.user.trim()).await {
        Ok(()) => Ok(done(&seen, "desk-assigned")),
        Err(Error::NotFound) => {
            let code = Error::BadValue("user").code();
            Ok(token::wrong(&visit, &session, &seen, code).await?)
        }
        Err(error) => Err(error.into()),
    }
}

async fn give(visit: &Visit, session: &Session, seen: &Seen, name: &str) -> Result<()> {
    let user = visit.issuer.user_by_name(name).await?;
    visit.issuer.assign_hardware(&session.name, &seen.token.id, &user.id).await
}

/// Takes a token from its holder.
pub async fn unassign(
    Administrator(visit, session): Administrator,
    Path(id): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let seen = seen(&visit, &session, &id).await?;
    match visit.issuer.unassign_hardware(&session.name, &seen.token.id).await {
        Err(Error::NotFound) => Err(Error::WrongState.into()),
        other => other.map(|()| done(&seen, "desk-unassigned")).map_err(Into::into),
    }
}

/// Assign or take away.
pub(super) fn forms(visit: &Visit, at: &str, is_free: bool) -> Markup {
    let lang = visit.lang;
    html! {
        @if is_free {
            (parts::post(visit, &format!("{at}/assign"), html! {
                (Field { name: "user", label: lang.t("user-name"), hint: Some(lang.t("desk-assign-user-hint")), ..Field::default() })
                p { button.second { (lang.t("desk-assign-do")) } }
            }))
        } @else {
            p { (lang.t("desk-unassign-effect")) }
            (button(visit, at, "unassign", None, "desk-unassign"))
        }
    }
}

/// Rows of the list of tokens that nobody has, and of a result.
const MOST: i64 = 100;
const SHOWN: usize = 200;
