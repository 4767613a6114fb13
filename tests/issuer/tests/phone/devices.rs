//! An issuer in a folder of its own, and devices that speak with its router.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request as HttpRequest, StatusCode};
use softtoken_core::activation::exchange::messages::Refused;
use softtoken_core::activation::exchange::{Exchange, OnlineOrder, RequestKind, Step};
use softtoken_core::activation::link::LinkPayload;
use softtoken_core::activation::manual::TypedDetails;
use softtoken_core::activation::offline::argon2id;
use softtoken_core::activation::state::TypedFields;
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_issuer::clock::ManualClock;
use softtoken_issuer::mail::{Activation, KeptMail};
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::secrets::Purpose;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::tokens::{NewUser, Token, TokenState, User};
use softtoken_issuer::{Issuer, Ports, server};
use tower::ServiceExt;

pub(crate) const START: UnixTime = UnixTime(1_800_000_000);
pub(crate) const LINK: OrderRequest = OrderRequest { link: true, ..OrderRequest::NOTHING };
pub(crate) const QR_CODE: OrderRequest = OrderRequest { link: false, qr_code: true, ..LINK };
pub(crate) const TYPED: OrderRequest = OrderRequest { link: false, typed: true, ..LINK };

/// An issuer with one user and one token.
pub(crate) struct World {
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) router: Router,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) mail: Arc<KeptMail>,
    pub(crate) user: User,
    pub(crate) token: Token,
    pub(crate) folder: tempfile::TempDir,
}

/// Settings in `folder`, with `more` lines.
pub(crate) fn settings(folder: &std::path::Path, more: &str) -> Settings {
    let text =
        format!("address = 'issuer.example'\nlisten = '127.0.0.1:0'\ndatabase = 'a.db'\nkeys = 'k'\n{more}");
    Settings::from_toml(&text, folder).unwrap()
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with("").await
    }

    pub(crate) async fn with(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let mail = Arc::new(KeptMail::default());
        let ports = Ports { clock: clock.clone(), random: Random::seeded(7), outbox: mail.clone() };
        let issuer = Issuer::open(settings(folder.path(), more), ports).await.unwrap();
        let email = Some("alex@example.com".to_owned());
        let new = NewUser { name: "alex".into(), email, phone: None };
        let user = issuer.create_user("test", new).await.unwrap();
        let token = issuer.create_token("test", &user.id).await.unwrap();
        let router = server::router(issuer.clone());
        Self { issuer, router, clock, mail, user, token, folder }
    }

    pub(crate) async fn order(&self, request: OrderRequest) -> Activation {
        self.issuer.create_order("test", &self.token.id, request).await.unwrap()
    }

    pub(crate) async fn state(&self) -> TokenState {
        self.issuer.token(&self.token.id).await.unwrap().state
    }

    /// The sealed values of the token, opened.
    pub(crate) async fn secret(&self, purpose: Purpose) -> Vec<u8> {
        let query = match purpose {
            Purpose::Seed => "SELECT seed FROM tokens WHERE id = ?",
            _ => "SELECT recovery FROM tokens WHERE id = ?",
        };
        let sealed: Vec<u8> =
            sqlx::query_scalar(query).bind(&self.token.id).fetch_one(self.issuer.store.read()).await.unwrap();
        self.issuer.secrets.open(purpose, self.token.id.as_bytes(), &sealed).unwrap().expose().to_vec()
    }

    /// How often the log has this event.
    pub(crate) async fn logged(&self, event: &str) -> i64 {
        let query = sqlx::query_scalar("SELECT count(*) FROM audit WHERE event = ?").bind(event.to_owned());
        query.fetch_one(self.issuer.store.read()).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
        post(&self.router, path, body).await
    }

    /// One request of a device and its answer.
    pub(crate) async fn step(&self, device: &mut Exchange) -> Step {
        let request = device.request(&Random::system()).unwrap();
        let (status, body) = self.post(request.kind.path(), request.body).await;
        assert_eq!(status, StatusCode::OK);
        device.take(&body).unwrap();
        device.step()
    }

    /// The issuer, stopped and started again with what is in its folder.
    pub(crate) async fn restarted(&self) -> Arc<Issuer> {
        self.issuer.store.close().await;
        let ports = Ports { clock: self.clock.clone(), random: Random::system(), outbox: self.mail.clone() };
        Issuer::open(settings(self.folder.path(), ""), ports).await.unwrap()
    }

    /// Message 1 of a fresh device; it must be refused.
    pub(crate) async fn refusal(&self, order: OnlineOrder) -> Refused {
        match self.step(&mut begin(order)).await {
            Step::Ended(refused) => refused,
            _ => panic!("it was not refused"),
        }
    }
}

pub(crate) async fn post(router: &Router, path: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
    let request = HttpRequest::post(path).body(Body::from(body)).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    (status, to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
}

pub(crate) fn begin(order: OnlineOrder) -> Exchange {
    Exchange::begin(order, "telephone", None, &Random::system()).unwrap()
}

pub(crate) fn by_link(order: &Activation) -> OnlineOrder {
    let payload = LinkPayload::parse(order.link_https.as_deref().unwrap()).unwrap();
    OnlineOrder::from_link(&payload).unwrap()
}

pub(crate) fn qr_payload(order: &Activation) -> LinkPayload {
    LinkPayload::parse(order.qr_text.as_deref().unwrap()).unwrap()
}

pub(crate) fn by_qr_code(order: &Activation, password: &str) -> OnlineOrder {
    OnlineOrder::from_qr_code(&qr_payload(order), password.as_bytes()).unwrap()
}

pub(crate) fn typed_details(order: &Activation) -> TypedDetails {
    let fields = TypedFields {
        address: order.activation_address.clone(),
        serial_number: order.serial_number.clone(),
        activation_code: order.activation_code.clone().unwrap(),
    };
    fields.check().unwrap_or_else(|_| panic!("the issuer made values that are not understood"))
}

pub(crate) fn by_typed(world: &World, order: &Activation) -> OnlineOrder {
    let key = world.issuer.keys.public();
    OnlineOrder::from_typed(&typed_details(order), key, &argon2id).unwrap()
}

/// A password that is not the right one.
pub(crate) fn wrong(password: &str) -> String {
    let number: u64 = password.parse().unwrap();
    format!("{:08}", (number + 1) % 100_000_000)
}

pub(crate) fn open_path() -> &'static str {
    RequestKind::Open.path()
}

pub(crate) fn sealed_path() -> &'static str {
    RequestKind::Sealed.path()
}
