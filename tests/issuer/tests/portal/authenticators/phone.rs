//! Devices: apps that speak with the issuer's router, and tokens put straight into its database.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use softtoken_core::activation::exchange::{Exchange, OnlineOrder, Step};
use softtoken_core::activation::link::LinkPayload;
use softtoken_core::activation::manual::TypedDetails;
use softtoken_core::activation::offline::argon2id;
use softtoken_core::activation::state::TypedFields;
use softtoken_core::codec::decimal::RegistrationCode;
use softtoken_core::otp::{Algorithm, Digits, hotp};
use softtoken_core::qr::LumaFrame;
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_issuer::mail::{Activation, MailKind};
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::secrets::Purpose;
use softtoken_issuer::server;
use zeroize::Zeroizing;

use crate::world::{Browser, World, between};

/// 1,800,000,000 seconds are the start of this step.
pub(crate) const STEP: u64 = 1_800_000_000 / 30;
pub(crate) const SEED: &[u8] = b"12345678901234567890";

/// An app during an activation over the network.
pub(crate) struct Phone {
    router: Router,
    pub(crate) exchange: Exchange,
}

impl Phone {
    pub(crate) fn by_link(world: &World, link: &str) -> Self {
        let payload = LinkPayload::parse(link).unwrap();
        Self::begin(world, OnlineOrder::from_link(&payload).unwrap(), "telephone")
    }

    pub(crate) fn by_values(world: &World, values: &TypedDetails) -> Self {
        let key = world.issuer.keys.public();
        Self::begin(world, OnlineOrder::from_typed(values, key, &argon2id).unwrap(), "laptop")
    }

    pub(crate) fn begin(world: &World, order: OnlineOrder, device: &str) -> Self {
        let exchange = Exchange::begin(order, device, None, &Random::system()).unwrap();
        Self { router: server::router(world.issuer.clone()), exchange }
    }

    /// One request and its answer.
    pub(crate) async fn step(&mut self) -> Step {
        let request = self.exchange.request(&Random::system()).unwrap();
        let ask = Request::post(request.kind.path()).body(Body::from(request.body)).unwrap();
        let answer = tower::ServiceExt::oneshot(self.router.clone(), ask).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        self.exchange.take(&body).unwrap();
        self.exchange.step()
    }
}

/// A new token of a user that an app of this name has activated by link.
pub(crate) async fn active_as(world: &World, user: &str, device: &str) -> String {
    let token = world.issuer.create_token("test", user).await.unwrap();
    let request = OrderRequest { qr_code: false, typed: false, ..OrderRequest::default() };
    let order = world.issuer.create_order("test", &token.id, request).await.unwrap();
    let payload = LinkPayload::parse(order.link_https.as_deref().unwrap()).unwrap();
    let mut phone = Phone::begin(world, OnlineOrder::from_link(&payload).unwrap(), device);
    phone.step().await;
    assert!(matches!(phone.step().await, Step::Active));
    world.mail.take();
    token.id
}

pub(crate) async fn active(world: &World, user: &str) -> String {
    active_as(world, user, "telephone").await
}

/// Kind, class and state of a token whose seed is [`SEED`]: SHA-1, 8 digits.
pub(crate) struct Ready<'a> {
    pub(crate) serial: &'a str,
    pub(crate) user: Option<&'a str>,
    pub(crate) class: &'a str,
    pub(crate) state: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) suite: Option<&'a str>,
}

impl Ready<'_> {
    pub(crate) async fn put(self, world: &World) -> String {
        let id = world.issuer.new_id().unwrap();
        let random = &world.issuer.ports.random;
        let seed = world.issuer.secrets.seal(Purpose::Seed, id.as_bytes(), SEED, random).unwrap();
        let (serial, user) = (self.serial.to_owned(), self.user.map(str::to_owned));
        let words = [self.class, self.state, self.kind].map(str::to_owned);
        let (suite, period, row) =
            (self.suite.map(str::to_owned), if self.kind == "TOTP" { 30 } else { 0 }, id.clone());
        let insert = "INSERT INTO tokens (id, user_id, serial, class, state, kind, suite, algorithm, digits, period, \
                      seed, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'SHA1', 8, ?, ?, 0)";
        let [class, state, kind] = words;
        let put = world.issuer.store.write(move |tx| {
            Box::pin(async move {
                let insert = sqlx::query(insert).bind(row).bind(user).bind(serial).bind(class).bind(state);
                insert.bind(kind).bind(suite).bind(period).bind(seed).execute(tx).await?;
                Ok(())
            })
        });
        put.await.unwrap();
        id
    }
}

impl Default for Ready<'_> {
    fn default() -> Self {
        Self { serial: "HW-1", user: None, class: "HARDWARE", state: "UNASSIGNED", kind: "TOTP", suite: None }
    }
}

/// The code of a step or counter of a token whose seed is [`SEED`].
pub(crate) fn code(factor: u64) -> String {
    hotp(SEED, factor, Algorithm::Sha1, Digits::EIGHT).as_str().to_owned()
}

/// The order that the last mail holds.
pub(crate) fn mailed(world: &World) -> (String, Box<Activation>) {
    let mail = world.mail.take().pop().unwrap();
    let MailKind::Activation(order) = mail.kind else { panic!("another mail") };
    (mail.to, order)
}

/// What the page's picture says, and the password below it.
pub(crate) fn scanned(browser: &Browser) -> (LinkPayload, String) {
    let picture = between(&browser.html, "src=\"data:image/png;base64,", "\"").unwrap();
    let mut reader =
        png::Decoder::new(std::io::Cursor::new(STANDARD.decode(picture).unwrap())).read_info().unwrap();
    let mut luma = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut luma).unwrap();
    let frame = LumaFrame::new(info.width, info.height, info.width, &luma).unwrap();
    let texts = softtoken_core::qr::read(&frame).unwrap();
    let shown = between(&browser.html, "aria-labelledby=\"password-label\">", "<").unwrap();
    let password: String = shown.chars().filter(|c| *c != ' ').collect();
    assert_eq!((shown.len(), password.len()), (9, 8), "two groups of four");
    (LinkPayload::parse(texts[0].as_str()).unwrap(), password)
}

/// What the page says to type.
pub(crate) fn values(browser: &Browser) -> TypedDetails {
    let shown = |id: &str| {
        let before = format!("id=\"{id}\" aria-labelledby=\"{id}-label\">");
        between(&browser.html, &before, "<").unwrap().to_owned()
    };
    let fields = TypedFields {
        address: shown("address"),
        serial_number: shown("serial"),
        activation_code: Zeroizing::new(shown("activation-code")),
    };
    fields.check().unwrap_or_else(|_| panic!("the page shows values that are not understood"))
}

/// A well-formed registration code with another value.
pub(crate) fn another(code: &str) -> String {
    let value = RegistrationCode::parse(code).unwrap().value();
    RegistrationCode::from_value((value + 1) % 1_000_000_000).unwrap().grouped().to_string()
}

/// How often the log has this event of this actor.
pub(crate) async fn logged(world: &World, event: &str, actor: &str) -> i64 {
    let query = "SELECT count(*) FROM audit WHERE event = ? AND actor = ?";
    let query = sqlx::query_scalar(query).bind(event.to_owned()).bind(actor.to_owned());
    query.fetch_one(world.issuer.store.read()).await.unwrap()
}

pub(crate) fn path(token: &str, page: &str) -> String {
    format!("/portal/authenticators/{token}/{page}")
}

pub(crate) fn now(world: &World) -> UnixTime {
    world.issuer.now()
}
