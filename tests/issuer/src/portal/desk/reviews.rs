//! Pictures of faces that wait for a person, who looks at one and says yes or no.
//!
//! Whose picture is approved gets a token. So the help desk proves itself again, nobody judges the own face, and only
//! those see a picture who may judge it. Loading one leaves a line in the log, and changes nothing else.

use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use maud::{Markup, html};
use serde::Deserialize;

use super::people::{may_help, person};
use super::{Room, again, fresh_for, show};
use crate::audit::seconds;
use crate::error::{Error, Result};
use crate::patterns;
use crate::portal::form::Form;
use crate::portal::session::Session;
use crate::portal::visit::{Answer, Staff, Visit};
use crate::portal::{look, parts, serial};
use crate::verify::Review;

/// Everything that waits, the oldest first.
pub async fn list(Staff(visit, _): Staff) -> Answer {
    let content = all(&visit, None).await?;
    Ok(show(&visit, Room::Reviews, &visit.lang.t("desk-reviews"), content))
}

/// One of them, with the picture and the question.
pub async fn page(Staff(visit, session): Staff, Path(id): Path<String>) -> Answer {
    let (lang, review) = (visit.lang, waiting(&visit, &id).await?);
    let hindered = hindrance(&visit, &session, &review).await?;
    if hindered.is_none()
        && let Err(way) = fresh_for(&visit, &session, &visit.path)
    {
        return Ok(way);
    }
    let (title, at) = (lang.with("desk-review-title", [("user", (&*review.user).into())]), address(&id));
    let content = html! {
        section.card.middle {
            h1 { (title) }
            dl.facts {
                dt { (lang.t("user-name")) } dd { a href={"/desk/users/" (review.user_id)} { (review.user) } }
                dt { (lang.t("serial-number")) }
                dd.code { a href={"/desk/tokens/" (review.token_id)} { (serial(&review.serial)) } }
                dt { (lang.t("desk-review-device")) } dd { (review.device) }
                dt { (lang.t("desk-review-sent")) } dd { (parts::time(seconds(review.sent_at))) }
            }
            @if let Some(why) = hindered {
                (parts::info(lang.t(why)))
            } @else {
                img.face src={(at) "/picture"} alt=(lang.t("desk-review-alt"));
                p { (lang.t("desk-review-how")) }
                (parts::post(&visit, &at, html! {
                    div.row {
                        button name="decision" value="approve" { (lang.t("desk-review-approve")) }
                        button.danger name="decision" value="refuse" { (lang.t("desk-review-refuse")) }
                    }
                }))
                p.small { (lang.t("desk-review-refuse-effect")) " " (lang.t("desk-review-logged")) }
            }
            (parts::link("/desk/reviews", &lang.t("desk-review-back"), "second"))
        }
    };
    Ok(show(&visit, Room::Reviews, &title, content))
}

/// The picture itself.
pub async fn picture(Staff(visit, session): Staff, Path(id): Path<String>) -> Answer {
    let review = waiting(&visit, &id).await?;
    must_judge(&visit, &session, &review).await?;
    let picture = visit.issuer.review_picture(&session.name, &review.id).await?;
    Ok(([(CONTENT_TYPE, picture.media_type)], picture.bytes).into_response())
}

/// Yes or no.
#[derive(Deserialize)]
pub struct Decision {
    decision: String,
}

/// Decides.
pub async fn decide(
    Staff(visit, session): Staff,
    Path(id): Path<String>,
    Form(typed): Form<Decision>,
) -> Answer {
    let (approve, done) = match typed.decision.as_str() {
        "approve" => (true, "desk-review-approved"),
        "refuse" => (false, "desk-review-refused"),
        _ => return Err(Error::BadValue("decision").into()),
    };
    match decided(&visit, &session, &id, approve).await {
        Ok(Some(way)) => Ok(way),
        Ok(None) => Ok(look::go("/desk/reviews", Some(done))),
        Err(Error::NotFound) => {
            let lang = visit.lang;
            let gone = parts::wrong(&lang.t("desk-review-gone"), &lang.t("desk-review-gone-way"));
            Ok(again(&visit, Room::Reviews, &lang.t("desk-reviews"), all(&visit, Some(gone)).await?))
        }
        Err(error) => Err(error.into()),
    }
}

/// `Some` is the way to prove oneself first.
async fn decided(
    visit: &Visit,
    session: &Session,
    id: &str,
    approve: bool,
) -> Result<Option<axum::response::Response>> {
    let review = waiting(visit, id).await?;
    must_judge(visit, session, &review).await?;
    if let Err(way) = fresh_for(visit, session, &address(id)) {
        return Ok(Some(way));
    }
    visit.issuer.decide_review(&session.name, &review.id, approve).await?;
    Ok(None)
}

async fn waiting(visit: &Visit, id: &str) -> Result<Review> {
    if !patterns::is_id(id) {
        return Err(Error::NotFound);
    }
    let all = visit.issuer.waiting_reviews().await?;
    all.into_iter().find(|review| review.id == id).ok_or(Error::NotFound)
}

/// Why this member of staff may not judge a face.
async fn hindrance(visit: &Visit, session: &Session, review: &Review) -> Result<Option<&'static str>> {
    if session.user == review.user_id {
        return Ok(Some("desk-review-own"));
    }
    let holder = person(visit, &review.user_id).await?;
    Ok((!may_help(session, Some(&holder))).then_some("desk-review-staff"))
}

async fn must_judge(visit: &Visit, session: &Session, review: &Review) -> Result<()> {
    match hindrance(visit, session, review).await? {
        None => Ok(()),
        Some(_) => Err(Error::Forbidden),
    }
}

async fn all(visit: &Visit, above: Option<Markup>) -> Result<Markup> {
    let (lang, waiting) = (visit.lang, visit.issuer.waiting_reviews().await?);
    Ok(html! {
        h1 { (lang.t("desk-reviews")) }
        @if let Some(above) = above { (above) }
        @if waiting.is_empty() {
            (parts::empty(&lang.t("desk-reviews-none"), &lang.t("desk-reviews-none-way"), ""))
        } @else {
            p.lead { (lang.t("desk-reviews-lead")) }
            section.card { table.stack {
                thead { tr {
                    th scope="col" { (lang.t("user-name")) }
                    th scope="col" { (lang.t("desk-review-device")) }
                    th scope="col" { (lang.t("serial-number")) }
                    th scope="col" { (lang.t("desk-review-sent")) }
                    th scope="col" { span.hidden { (lang.t("desk-review-look")) } }
                } }
                tbody { @for review in &waiting { tr {
                    td { a href={"/desk/users/" (review.user_id)} { (review.user) } }
                    td data-label=(lang.t("desk-review-device")) { (review.device) }
                    td data-label=(lang.t("serial-number")) {
                        a href={"/desk/tokens/" (review.token_id)} { (serial(&review.serial)) }
                    }
                    td data-label=(lang.t("desk-review-sent")) { (parts::time(seconds(review.sent_at))) }
                    td { a.button.second href=(address(&review.id)) {
                        (lang.t("desk-review-look")) span.hidden { ": " (review.user) }
                    } }
                } } }
            } }
        }
    })
}

fn address(id: &str) -> String {
    format!("/desk/reviews/{id}")
}
