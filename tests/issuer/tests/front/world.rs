//! An issuer in a folder of its own, and a program that speaks with its router.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::Value;
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_issuer::clock::ManualClock;
use softtoken_issuer::mail::KeptMail;
use softtoken_issuer::rest::keys::Role;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::{Issuer, Ports, server};
use tower::ServiceExt;

pub(crate) struct World {
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) router: Router,
    pub(crate) mail: Arc<KeptMail>,
    pub(crate) admin: String,
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = "address = 'issuer.example'\nlisten = '127.0.0.1:8443'\ndatabase = 'a.db'\nkeys = 'k'\n";
        let settings = Settings::from_toml(text, folder.path()).unwrap();
        let mail = Arc::new(KeptMail::default());
        let clock = Arc::new(ManualClock::at(UnixTime(1_800_000_000)));
        let ports = Ports { clock, random: Random::seeded(5), outbox: mail.clone() };
        let issuer = Issuer::open(settings, ports).await.unwrap();
        let admin = issuer.create_api_key("test", "admin", Role::Admin).await.unwrap().to_string();
        let router = server::router(issuer.clone());
        Self { issuer, router, mail, admin, _folder: folder }
    }

    /// A request with a body of JSON, or none.
    pub(crate) async fn ask(
        &self,
        key: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(path).header("authorization", key);
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    /// The same with the administrator's key.
    pub(crate) async fn admin(&self, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        self.ask(&self.admin, method, path, body).await
    }

    /// Any request; a body that is not JSON comes back as null.
    pub(crate) async fn send(&self, request: Request<Body>) -> (StatusCode, Value) {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// A user with one new token: both ids.
    pub(crate) async fn user_with_token(&self) -> (String, String) {
        let user = serde_json::json!({ "userId": "anna", "email": "anna@example.com" });
        let (status, user) = self.admin("POST", "/api/web/v1/users", Some(user)).await;
        assert_eq!(status, StatusCode::OK, "{user}");
        let path = format!("/api/web/v1/users/{}/tokens/SOFT_TOKEN", user["id"].as_str().unwrap());
        let (status, token) = self.admin("POST", &path, None).await;
        assert_eq!(status, StatusCode::OK, "{token}");
        (user["id"].as_str().unwrap().to_owned(), token["id"].as_str().unwrap().to_owned())
    }
}
