//! Verifications inside an activation (`core/PROTOCOL.md` section 8): the user proves a certificate or a face in a browser.
//!
//! | Part | What it is |
//! |---|---|
//! | `answer` | what a device is told under its session |
//! | [`ticket`] | the secret in a page's address, and what it stands for |
//! | [`certificate`], [`listener`] | TLS with a client certificate on a listener of its own, and whose certificate it is |
//! | [`face`] | a picture, and who judges it |
//! | [`review`] | pictures that wait for a person |
//! | [`pages`] | all HTML, and nothing else |
//! | `language` | the choice of its language |
//!
//! Invariants: loading a page decides nothing; a ticket is good for one decision, in the transaction that uses it; an
//! unknown, expired or used ticket and one of another kind get the same page; a verdict is durable before it is told.

mod answer;
pub mod certificate;
pub mod face;
mod language;
pub mod listener;
pub mod pages;
pub mod review;
pub mod ticket;
mod verdict;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use softtoken_core::activation::address::Address;
use softtoken_core::error::VerificationKind;

pub use face::{FaceCheck, FaceProvider, FaceVerdict, Faces};
pub use listener::serve;
pub use review::{Picture, Review};

use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::portal::Lang;
use crate::settings::Settings;

/// The pages that need no certificate.
pub use face::routes;

impl Issuer {
    /// Refuses verifications that nobody here can make.
    pub(crate) fn can_verify(&self, bits: u64) -> Result<()> {
        let known = VerificationKind::of(bits).fold(0, |bits, kind| bits | kind.bit());
        let certificates = self.settings.certificates.is_some();
        let lacks = !certificates && bits & VerificationKind::Certificate.bit() != 0;
        if known != bits || lacks { Err(Error::BadValue("verifications")) } else { Ok(()) }
    }
}

/// The origin of the pages of a kind, as a browser names it.
fn origin(settings: &Settings, kind: VerificationKind) -> Option<String> {
    match kind {
        VerificationKind::Certificate => {
            settings.certificates.as_ref().map(|own| format!("https://{}", own.address.ascii()))
        }
        VerificationKind::Face => Some(main_origin(&settings.address)),
    }
}

/// Plain http is for this machine, as devices have it too.
fn main_origin(address: &Address) -> String {
    let scheme = if address.is_loopback() && address.port() != 443 { "http" } else { "https" };
    format!("{scheme}://{}", address.ascii())
}

/// True when a form was sent by a page of ours: browsers say where from with every POST.
fn is_own(settings: &Settings, kind: VerificationKind, headers: &HeaderMap) -> bool {
    let mut said = headers.get_all(ORIGIN).iter();
    let ours = origin(settings, kind);
    match (said.next(), said.next(), ours) {
        (Some(one), None, Some(ours)) => one.as_bytes() == ours.as_bytes(),
        _ => false,
    }
}

/// A page. The address of a ticket is never told to another site, and no page is kept or framed.
fn page(status: StatusCode, html: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        // Not `no-referrer`: with that, forms would be sent without an origin.
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=()"),
    ];
    (status, headers, html).into_response()
}

/// What every ticket gets that is good for nothing.
fn gone(lang: Lang) -> Response {
    page(StatusCode::NOT_FOUND, pages::gone(lang))
}

/// A fault of ours, or a ticket that is good for nothing.
fn failed(lang: Lang, error: &Error) -> Response {
    match error {
        Error::NotFound => gone(lang),
        error => {
            error.report();
            page(StatusCode::SERVICE_UNAVAILABLE, pages::unavailable(lang))
        }
    }
}

/// Nothing from elsewhere and nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
