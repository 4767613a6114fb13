//! Faces: a page that takes a picture, and who judges it.
//!
//! A picture is sealed in the database until a person has decided, and gone after that. A [`FaceProvider`] may decide
//! at once; without one a person does.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::multipart::{Field, Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use softtoken_core::error::{VerificationKind, VerificationRefusal};

use super::language::{self, Chosen};
use super::review::Picture;
use super::ticket::Found;
use super::{failed, gone, is_own, page, pages};
use crate::error::Result;
use crate::issuer::Issuer;
use crate::portal::{self, Lang};

/// What a provider is asked.
pub struct FaceCheck<'a> {
    /// Whose face it should be.
    pub user: &'a str,
    /// For which token.
    pub serial: &'a str,
    /// Its shape was checked, its content was not.
    pub picture: &'a Picture,
}

/// What a provider says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaceVerdict {
    /// It is the user's.
    Passed,
    /// It is not.
    Refused(VerificationRefusal),
    /// A person has to look.
    Review,
}

/// Judges pictures.
pub trait FaceProvider: Send + Sync {
    /// One picture. A provider that fails says `Review`.
    fn judge<'a>(&'a self, check: FaceCheck<'a>) -> Pin<Box<dyn Future<Output = FaceVerdict> + Send + 'a>>;
}

/// The provider of an issuer; without one, every picture waits for a person.
#[derive(Default)]
pub struct Faces(OnceLock<Arc<dyn FaceProvider>>);

/// What the form says.
#[derive(Default)]
struct Sent {
    ticket: String,
    decision: String,
    picture: Vec<u8>,
}

impl Faces {
    /// Takes a provider, once.
    pub fn set(&self, provider: Arc<dyn FaceProvider>) -> bool {
        self.0.set(provider).is_ok()
    }

    async fn judge(&self, check: FaceCheck<'_>) -> FaceVerdict {
        match self.0.get() {
            Some(provider) => provider.judge(check).await,
            None => FaceVerdict::Review,
        }
    }
}

/// The pages, beside those of the portal.
pub fn routes() -> Router<Arc<Issuer>> {
    let send = post(send).layer(DefaultBodyLimit::max(MAX_FORM));
    Router::new()
        .route("/verify/{ticket}", get(show))
        .route("/verify/language", post(choose))
        .route("/verify/face", send)
}

impl Issuer {
    /// Takes a picture with a living ticket, which is used up. Gives what became of it.
    pub async fn send_face(self: &Arc<Self>, found: Found, picture: Picture) -> Result<FaceVerdict> {
        let check = FaceCheck { user: &found.user, serial: &found.serial, picture: &picture };
        let verdict = self.faces.judge(check).await;
        match verdict {
            FaceVerdict::Review => self.keep_picture(found, picture).await?,
            FaceVerdict::Passed => self.judge_face(found, None).await?,
            FaceVerdict::Refused(reason) => self.judge_face(found, Some(reason)).await?,
        }
        Ok(verdict)
    }
}

async fn choose(State(issuer): State<Arc<Issuer>>, headers: HeaderMap, choice: Chosen) -> Response {
    language::choose(&issuer, VerificationKind::Face, &headers, choice)
}

async fn show(State(issuer): State<Arc<Issuer>>, headers: HeaderMap, Path(ticket): Path<String>) -> Response {
    let lang = portal::language(&headers);
    match issuer.ticket(VerificationKind::Face, &ticket).await {
        Ok(found) => ask(lang, StatusCode::OK, &found, &ticket, None),
        Err(error) => failed(lang, &error),
    }
}

async fn send(
    State(issuer): State<Arc<Issuer>>,
    headers: HeaderMap,
    form: std::result::Result<Multipart, MultipartRejection>,
) -> Response {
    let lang = portal::language(&headers);
    let Ok(form) = form else { return gone(lang) };
    if !is_own(&issuer.settings, VerificationKind::Face, &headers) {
        return gone(lang);
    }
    let Some(sent) = read(form).await else {
        return page(StatusCode::PAYLOAD_TOO_LARGE, pages::picture_too_large(lang));
    };
    let found = match issuer.ticket(VerificationKind::Face, &sent.ticket).await {
        Ok(found) => found,
        Err(error) => return failed(lang, &error),
    };
    let decided = match (sent.decision.as_str(), Picture::read(sent.picture)) {
        ("no", _) => issuer
            .judge_face(found, Some(VerificationRefusal::ByUser))
            .await
            .map(|()| FaceVerdict::Refused(VerificationRefusal::ByUser)),
        ("send", Ok(picture)) => issuer.send_face(found, picture).await,
        ("send", Err(problem)) => {
            return ask(lang, StatusCode::UNPROCESSABLE_ENTITY, &found, &sent.ticket, Some(problem));
        }
        _ => return gone(lang),
    };
    match decided {
        Ok(FaceVerdict::Passed) => page(StatusCode::OK, pages::passed(lang)),
        Ok(FaceVerdict::Review) => page(StatusCode::OK, pages::reviewed(lang)),
        Ok(FaceVerdict::Refused(reason)) => page(StatusCode::OK, pages::refused(lang, reason)),
        Err(error) => failed(lang, &error),
    }
}

fn ask(
    lang: Lang,
    status: StatusCode,
    found: &Found,
    ticket: &str,
    problem: Option<pages::PictureProblem>,
) -> Response {
    page(status, pages::face(lang, &pages::Facts::of(found), ticket, problem))
}

/// `None` when it is too long, or no form.
async fn read(mut form: Multipart) -> Option<Sent> {
    let mut sent = Sent::default();
    for _ in 0..MAX_FIELDS {
        let Some(field) = form.next_field().await.ok()? else { return Some(sent) };
        match field.name() {
            Some("ticket") => sent.ticket = text(field).await?,
            Some("decision") => sent.decision = text(field).await?,
            Some("picture") => sent.picture = field.bytes().await.ok()?.to_vec(),
            _ => {}
        }
    }
    None
}

async fn text(field: Field<'_>) -> Option<String> {
    String::from_utf8(field.bytes().await.ok()?.to_vec()).ok()
}

/// A picture of the largest size, and what a form puts around it.
const MAX_FORM: usize = super::review::MAX_PICTURE + 64 * 1024;
const MAX_FIELDS: usize = 8;
