//! The layer around every page: who visits, in which language, and the headers of every answer.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use softtoken_core::random::Random;
use zeroize::Zeroizing;

use super::look;
use super::session::{Level, Role, Session};
use super::texts::Lang;
use crate::error::{Error, Result};
use crate::issuer::Issuer;

/// What a page knows of its visitor.
#[derive(Clone)]
pub struct Visit {
    /// The issuer.
    pub issuer: Arc<Issuer>,
    /// In which language.
    pub lang: Lang,
    /// From where, for limits.
    pub from: IpAddr,
    /// Who it is, when somebody is signed in.
    pub session: Option<Session>,
    /// Of the browser; not yet sent when it is fresh.
    pub(super) cookie: Cookie,
    /// Where it wanted to go.
    pub path: String,
}

/// A visitor who is signed in with everything.
pub struct Holder(pub Visit, pub Session);

/// A visitor who is signed in by answers at least.
pub struct Recovering(pub Visit, pub Session);

/// The help desk or an administrator.
pub struct Staff(pub Visit, pub Session);

/// An administrator.
pub struct Administrator(pub Visit, pub Session);

/// The random bytes of a browser. No `Debug`: whoever has them is the user.
#[derive(Clone)]
pub struct Cookie(Zeroizing<String>);

/// What a page answers.
pub type Answer = std::result::Result<Response, Refusal>;

/// An error that the layer shows as a page.
pub struct Refusal(Error);

/// Marks an answer whose cookie is another one than the visitor's.
#[derive(Clone)]
struct NewCookie(Cookie);

/// Marks an answer that is to be made a page.
#[derive(Clone)]
struct Refused {
    status: StatusCode,
    code: &'static str,
}

/// Finds out who visits, runs the page, and puts on its answer what every answer has.
pub(super) async fn around(State(issuer): State<Arc<Issuer>>, mut request: Request, next: Next) -> Response {
    let (cookie, fresh) = match Cookie::read(request.headers()) {
        Some(cookie) => (cookie, false),
        None => match Cookie::new(&issuer.ports.random) {
            Ok(cookie) => (cookie, true),
            Err(error) => return error.into_response(),
        },
    };
    let session = if fresh { Ok(None) } else { issuer.session(&cookie).await };
    let session = match session {
        Ok(session) => session,
        Err(error) => return error.into_response(),
    };
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|from| from.0.ip());
    let visit = Visit {
        lang: language(request.headers()),
        from: from.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        session,
        cookie,
        path: own_path(request.uri()),
        issuer,
    };
    request.extensions_mut().insert(visit.clone());
    let mut response = next.run(request).await;
    if let Some(refused) = response.extensions_mut().remove::<Refused>() {
        response = look::refusal(&visit, refused.status, refused.code);
    }
    let new = response.extensions_mut().remove::<NewCookie>().map(|new| new.0);
    if let Some(value) = new.or(fresh.then(|| visit.cookie.clone())).and_then(|new| new.header(&visit.issuer))
    {
        response.headers_mut().append(SET_COOKIE, value);
    }
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// An answer that gives the browser another cookie.
pub(super) fn with_cookie(mut response: Response, cookie: Cookie) -> Response {
    response.extensions_mut().insert(NewCookie(cookie));
    response
}

/// The language that the visitor has chosen, or the browser's.
pub(crate) fn language(headers: &HeaderMap) -> Lang {
    let accepted = || Lang::accepted(headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?);
    cookies(headers)
        .find(|(name, _)| *name == LANGUAGE)
        .and_then(|(_, tag)| Lang::read(tag))
        .or_else(accepted)
        .unwrap_or(Lang::En)
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

/// The address as a place to come back to.
fn own_path(uri: &Uri) -> String {
    uri.path_and_query().map_or("/portal", axum::http::uri::PathAndQuery::as_str).to_owned()
}

impl Cookie {
    /// A new one.
    pub(super) fn new(random: &Random) -> Result<Self> {
        Ok(Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(random.array::<32>()?))))
    }

    /// The browser's.
    fn read(headers: &HeaderMap) -> Option<Self> {
        let value = cookies(headers).find(|(name, _)| [SAFE, PLAIN].contains(name))?.1;
        let is_ours = URL_SAFE_NO_PAD.decode(value).is_ok_and(|bytes| bytes.len() == 32);
        is_ours.then(|| Self(Zeroizing::new(value.to_owned())))
    }

    /// What the database knows it by.
    pub(super) fn hash(&self) -> Vec<u8> {
        digest(&SHA256, self.0.as_bytes()).as_ref().to_vec()
    }

    /// What every form of this browser carries.
    pub(super) fn form_token(&self) -> String {
        let text = [FORM_LABEL, self.0.as_bytes()].concat();
        URL_SAFE_NO_PAD.encode(digest(&SHA256, &text))
    }

    /// Plain http is for loopback only, where a browser may not send a `Secure` cookie back.
    fn header(&self, issuer: &Issuer) -> Option<HeaderValue> {
        let value = &*self.0;
        let text = if issuer.settings.address.is_loopback() {
            format!("{PLAIN}={value}; Path=/; HttpOnly; SameSite=Lax")
        } else {
            format!("{SAFE}={value}; Path=/; HttpOnly; SameSite=Lax; Secure")
        };
        HeaderValue::from_str(&text).ok()
    }
}

impl Visit {
    /// Whoever is signed in, as `actor` of the log.
    pub fn actor(&self) -> &str {
        self.session.as_ref().map_or("", |session| &session.name)
    }

    /// What every form of this browser carries.
    pub fn form_token(&self) -> String {
        self.cookie.form_token()
    }

    /// The key of what was just done, from the address; only keys that are meant for it have a text.
    pub(super) fn done(&self) -> Option<String> {
        let query = self.path.split_once('?')?.1;
        let done = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "done")?.1;
        let key = format!("done-{done}");
        self.lang.has(&key).then_some(key)
    }

    fn signed_in(&self, least: Level) -> Result<&Session> {
        self.session.as_ref().filter(|session| session.level >= least).ok_or(Error::Unauthorized)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.0.report();
        let refused = Refused { status: self.0.status(), code: self.0.code() };
        let mut response = refused.status.into_response();
        response.extensions_mut().insert(refused);
        response
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Refusal> {
        Ok(parts.extensions.get::<Self>().cloned().ok_or(Error::Internal("a page without its layer"))?)
    }
}

/// Who may see a page: everything that takes one of these refuses the others.
macro_rules! gate {
    ($name:ident, $level:expr, $role:expr) => {
        impl<S: Sync> FromRequestParts<S> for $name {
            type Rejection = Response;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> std::result::Result<Self, Response> {
                let visit =
                    Visit::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
                let session = match visit.signed_in($level) {
                    Ok(session) => session.clone(),
                    Err(_) => return Err(look::to_sign_in(&visit)),
                };
                if session.role < $role {
                    return Err(Refusal(Error::Forbidden).into_response());
                }
                Ok(Self(visit, session))
            }
        }
    };
}

gate!(Holder, Level::Full, Role::User);
gate!(Recovering, Level::Answers, Role::User);
gate!(Staff, Level::Full, Role::HelpDesk);
gate!(Administrator, Level::Full, Role::Admin);

const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (REFERRER_POLICY, "same-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=()"),
];
/// Nothing from elsewhere, nothing inline but pictures, in nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Browsers take a cookie of this name only over https, for this host alone.
const SAFE: &str = "__Host-softtoken";
const PLAIN: &str = "softtoken";
/// The cookie of the language; no secret.
pub(super) const LANGUAGE: &str = "softtoken-language";
const FORM_LABEL: &[u8] = b"softtoken portal form ";
