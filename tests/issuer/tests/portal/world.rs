//! An issuer with users, and browsers that keep cookies and fill in forms.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_issuer::clock::ManualClock;
use softtoken_issuer::mail::KeptMail;
use softtoken_issuer::portal::Role;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::tokens::NewUser;
use softtoken_issuer::{Issuer, Ports, server};
use tower::ServiceExt;
use zeroize::Zeroizing;

/// The password of every user here.
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct World {
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) clock: Arc<ManualClock>,
    #[allow(dead_code)]
    pub(crate) mail: Arc<KeptMail>,
    pub(crate) router: Router,
    _folder: tempfile::TempDir,
}

/// One browser: its cookies, and the page that it shows.
pub(crate) struct Browser {
    router: Router,
    cookies: Vec<(String, String)>,
    pub(crate) path: String,
    pub(crate) status: StatusCode,
    pub(crate) html: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = "address = 'issuer.example'\nlisten = '127.0.0.1:8443'\ndatabase = 'a.db'\nkeys = 'k'\n";
        let settings = Settings::from_toml(text, folder.path()).unwrap();
        let mail = Arc::new(KeptMail::default());
        let clock = Arc::new(ManualClock::at(UnixTime(1_800_000_000)));
        let ports = Ports { clock: clock.clone(), random: Random::seeded(6), outbox: mail.clone() };
        let issuer = Issuer::open(settings, ports).await.unwrap();
        let router = server::router(issuer.clone());
        Self { issuer, clock, mail, router, _folder: folder }
    }

    /// A user with the password of this file: its id.
    pub(crate) async fn user(&self, name: &str, role: Role) -> String {
        let email = Some(format!("{name}@example.com"));
        let new = NewUser { name: name.into(), email, phone: None };
        let user = self.issuer.create_user("test", new).await.unwrap();
        self.issuer.set_role("test", &user.id, role).await.unwrap();
        self.issuer.set_password("test", &user.id, Zeroizing::new(PASSWORD.into())).await.unwrap();
        user.id
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookies: Vec::new(),
            path: String::new(),
            status: StatusCode::OK,
            html: String::new(),
        }
    }

    /// A browser in which a user without tokens has signed in.
    pub(crate) async fn signed_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        browser.open("/portal/sign-in").await;
        browser.send("/portal/sign-in", &[("name", name), ("password", PASSWORD)]).await;
        browser
    }
}

impl Browser {
    /// Opens a page and follows where it leads.
    pub(crate) async fn open(&mut self, path: &str) {
        self.ask(self.request("GET", path).body(Body::empty()).unwrap(), path).await;
    }

    /// Sends the form of the page that is shown, with its token, and follows where it leads.
    pub(crate) async fn send(&mut self, to: &str, fields: &[(&str, &str)]) {
        self.ask(self.form(to, fields), to).await;
    }

    /// The form of the page that is shown, with its token, as the browser sends it.
    pub(crate) fn form(&self, to: &str, fields: &[(&str, &str)]) -> Request<Body> {
        let token = between(&self.html, "name=\"token\" value=\"", "\"").unwrap_or_default().to_owned();
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("token", &token).extend_pairs(fields);
        let request = self
            .request("POST", to)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", "https://issuer.example")
            .header("sec-fetch-site", "same-origin");
        request.body(Body::from(form.finish())).unwrap()
    }

    /// One request as it is, without following anything.
    pub(crate) async fn raw(&mut self, request: Request<Body>) -> axum::http::HeaderMap {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        self.status = answer.status();
        let headers = answer.headers().clone();
        for cookie in headers.get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.into(), value.into()));
        }
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        // A picture is no text, and is compared as it reads.
        self.html = String::from_utf8_lossy(&body).into_owned();
        headers
    }

    /// A request with this browser's cookies.
    pub(crate) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "issuer.example")
            .header("cookie", cookies.join("; "))
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// Whether the page says something, as it is written in HTML.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    async fn ask(&mut self, request: Request<Body>, path: &str) {
        self.path = path.to_owned();
        let mut headers = self.raw(request).await;
        for _ in 0..5 {
            let Some(to) = headers.get("location").filter(|_| self.status.is_redirection()) else { return };
            self.path = to.to_str().unwrap().to_owned();
            let next = self.request("GET", &self.path).body(Body::empty()).unwrap();
            headers = self.raw(next).await;
        }
        panic!("redirected for ever: {}", self.path);
    }
}

/// The text between two others.
pub(crate) fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let start = text.find(before)? + before.len();
    let length = text.get(start..)?.find(after)?;
    text.get(start..start + length)
}
