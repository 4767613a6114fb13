//! An issuer in a folder of its own that can be started again, with one user and one token.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request as HttpRequest, StatusCode};
use softtoken_core::activation::exchange::{Exchange, IssuerCard, OnlineOrder, Request, Step};
use softtoken_core::activation::link::LinkPayload;
use softtoken_core::codec::decimal::{ResetCode, SerialNumber};
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_issuer::clock::ManualClock;
use softtoken_issuer::mail::{Activation, NoMail};
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::secrets::Purpose;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::tokens::{NewUser, Token, User};
use softtoken_issuer::{Issuer, Ports, server};
use tower::ServiceExt;

use crate::phone::Phone;

pub const START: UnixTime = UnixTime(1_800_000_000);
pub const LINK: OrderRequest = OrderRequest { link: true, ..OrderRequest::NOTHING };

pub struct World {
    pub issuer: Arc<Issuer>,
    pub router: Router,
    pub clock: Arc<ManualClock>,
    pub user: User,
    pub token: Token,
    pub folder: tempfile::TempDir,
}

async fn open(folder: &std::path::Path, clock: &Arc<ManualClock>, policy: &str) -> Arc<Issuer> {
    let text = format!(
        "address = 'issuer.example'\nlisten = '127.0.0.1:0'\ndatabase = 'a.db'\nkeys = 'k'\n[policy]\n{policy}"
    );
    let settings = Settings::from_toml(&text, folder).unwrap();
    let ports = Ports { clock: clock.clone(), random: Random::system(), outbox: Arc::new(NoMail) };
    Issuer::open(settings, ports).await.unwrap()
}

impl World {
    /// With a token that no device has yet.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let issuer = open(folder.path(), &clock, "").await;
        let new = NewUser { name: "alex".into(), email: None, phone: None };
        let user = issuer.create_user("test", new).await.unwrap();
        let token = issuer.create_token("test", &user.id).await.unwrap();
        let router = server::router(issuer.clone());
        Self { issuer, router, clock, user, token, folder }
    }

    /// With a token that a phone has.
    pub async fn active() -> (Self, Phone) {
        let world = Self::new().await;
        let phone = world.activate().await;
        (world, phone)
    }

    /// Stops the issuer and starts it again, with these lines of policy.
    pub async fn restart(&mut self, policy: &str) {
        self.issuer.store.close().await;
        self.issuer = open(self.folder.path(), &self.clock, policy).await;
        self.router = server::router(self.issuer.clone());
    }

    pub async fn order(&self, request: OrderRequest) -> Activation {
        self.issuer.create_order("test", &self.token.id, request).await.unwrap()
    }

    /// A phone that has just been activated by a link.
    pub async fn activate(&self) -> Phone {
        let order = self.order(LINK).await;
        let payload = LinkPayload::parse(order.link_https.as_deref().unwrap()).unwrap();
        let order = OnlineOrder::from_link(&payload).unwrap();
        let mut device = Exchange::begin(order, "telephone", None, &Random::system()).unwrap();
        while !matches!(device.step(), Step::Active) {
            let request = device.request(&Random::system()).unwrap();
            let (status, body) = self.post(&request).await;
            assert_eq!(status, StatusCode::OK);
            device.take(&body).unwrap();
        }
        Phone::activated(self, device.agreement().unwrap(), payload.profile)
    }

    pub async fn post(&self, request: &Request) -> (StatusCode, Vec<u8>) {
        self.send(HttpRequest::post(request.kind.path()).body(Body::from(request.body.clone())).unwrap())
            .await
    }

    pub async fn card(&self) -> IssuerCard {
        let (_, body) = self.send(HttpRequest::get(IssuerCard::PATH).body(Body::empty()).unwrap()).await;
        IssuerCard::decode(&body).unwrap()
    }

    async fn send(&self, request: HttpRequest<Body>) -> (StatusCode, Vec<u8>) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        (status, to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
    }

    pub fn serial(&self) -> SerialNumber {
        SerialNumber::parse(&self.token.serial).unwrap()
    }

    /// Is this code taken? A step later the next one can be asked for.
    pub async fn takes(&self, code: &str) -> bool {
        let taken = self.issuer.verify_code("test", &self.token.id, code).await.is_ok();
        self.clock.pass(60);
        taken
    }

    pub fn reset_code(&self) -> ResetCode {
        ResetCode::from_value(12_345_678).unwrap()
    }

    /// The unlock codes that the desk gives: the first and the other one.
    pub async fn unlock_codes(&self) -> (String, Option<String>) {
        let codes = self.issuer.unlock("desk", &self.token.id, &self.reset_code().grouped()).await.unwrap();
        (codes.code.to_string(), codes.former.map(|code| code.to_string()))
    }

    /// How often the log has this event.
    pub async fn logged(&self, event: &str) -> i64 {
        let query = sqlx::query_scalar("SELECT count(*) FROM audit WHERE event = ?").bind(event.to_owned());
        query.fetch_one(self.issuer.store.read()).await.unwrap()
    }

    /// A number of the token.
    pub async fn number(&self, column: &str) -> Option<i64> {
        let query = sqlx::AssertSqlSafe(format!("SELECT {column} FROM tokens WHERE id = ?"));
        sqlx::query_scalar(query).bind(&self.token.id).fetch_one(self.issuer.store.read()).await.unwrap()
    }

    /// Seeds whose codes are taken.
    pub async fn living_seeds(&self) -> Vec<Vec<u8>> {
        let query = "SELECT seed, former_seed, former_until FROM tokens WHERE id = ?";
        let row: (Vec<u8>, Option<Vec<u8>>, Option<i64>) =
            sqlx::query_as(query).bind(&self.token.id).fetch_one(self.issuer.store.read()).await.unwrap();
        let now = i64::try_from(self.issuer.now().0).unwrap();
        let former = row.1.filter(|_| row.2.is_none_or(|until| until >= now));
        let id = self.token.id.as_bytes();
        let open =
            |sealed: Vec<u8>| self.issuer.secrets.open(Purpose::Seed, id, &sealed).unwrap().expose().to_vec();
        former.into_iter().chain([row.0]).map(open).collect()
    }

    /// Runs a statement of the test's own.
    pub async fn sql(&self, statement: &str) {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        let done = self.issuer.store.write(move |tx| {
            Box::pin(async move {
                sqlx::raw_sql(statement).execute(tx).await?;
                Ok(())
            })
        });
        done.await.unwrap();
    }
}
