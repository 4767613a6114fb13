//! Staff at work, and a phone that they help.

use axum::body::Body;
use axum::http::HeaderMap;
use softtoken_core::activation::link::LinkPayload;
use softtoken_core::activation::offline::{OfflineInput, OfflineResult, argon2id};
use softtoken_core::otp::code_at;
use softtoken_core::random::Random;
use softtoken_issuer::Error;
use softtoken_issuer::clock::Clock;
use softtoken_issuer::mail::{Activation, Mail, MailKind, Notice};
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::portal::Role;
use softtoken_issuer::tokens::Token;

use crate::world::{Browser, World, between};

/// A world with anna (a user), dora (help desk) and adam (administrator).
pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) anna: String,
    pub(crate) dora: String,
    pub(crate) adam: String,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let anna = world.user("anna", Role::User).await;
        let dora = world.user("dora", Role::HelpDesk).await;
        let adam = world.user("adam", Role::Admin).await;
        Self { world, anna, dora, adam }
    }

    /// A browser of one of the three.
    pub(crate) async fn of(&self, name: &str) -> Browser {
        self.world.signed_in(name).await
    }

    /// A new soft token of a user, for which nothing was ordered.
    pub(crate) async fn token(&self, user: &str) -> Token {
        self.world.issuer.create_token("test", user).await.unwrap()
    }

    /// An active soft token of a user, and its phone.
    pub(crate) async fn active(&self, user: &str) -> (Token, OfflineResult) {
        let token = self.token(user).await;
        let request = OrderRequest { link: false, typed: false, ..OrderRequest::default() };
        let order = self.world.issuer.create_order("test", &token.id, request).await.unwrap();
        let phone = phone(&order);
        let (registration, first) = (phone.registration_code.grouped(), self.code(&phone));
        self.world.issuer.complete("test", &token.id, &registration, Some(&first)).await.unwrap();
        self.world.clock.pass(30);
        (self.world.issuer.token(&token.id).await.unwrap(), phone)
    }

    /// What the phone shows now.
    pub(crate) fn code(&self, phone: &OfflineResult) -> String {
        let now = self.world.clock.now();
        code_at(&phone.spec, phone.seed.expose(), None, now).unwrap().code.as_str().to_owned()
    }

    /// Locks a token by wrong codes.
    pub(crate) async fn lock(&self, token: &Token) {
        for _ in 0..10 {
            let wrong = self.world.issuer.verify_code("test", &token.id, "00000000").await;
            assert!(matches!(wrong, Err(Error::InvalidResponse)));
        }
        assert!(self.world.issuer.token(&token.id).await.unwrap().locked);
    }

    /// The notices that were mailed to anna.
    pub(crate) fn noticed(&self) -> Vec<Notice> {
        let mails = self.world.mail.take().into_iter().filter(|mail| mail.to == "anna@example.com");
        let notice = |mail: Mail| match mail.kind {
            MailKind::Notice(notice) => Some(notice),
            _ => None,
        };
        mails.filter_map(notice).collect()
    }

    /// The last activation that was mailed.
    pub(crate) fn mailed(&self) -> Activation {
        let mails = self.world.mail.take();
        let mut orders = mails.into_iter().rev().filter_map(|mail| match mail.kind {
            MailKind::Activation(order) => Some(*order),
            _ => None,
        });
        orders.next().unwrap()
    }

    /// Actor and detail of every line of an event, the oldest first.
    pub(crate) async fn logged(&self, event: &str) -> Vec<(String, String)> {
        sqlx::query_as("SELECT actor, COALESCE(detail, '') FROM audit WHERE event = ? ORDER BY number")
            .bind(event)
            .fetch_all(self.world.issuer.store.read())
            .await
            .unwrap()
    }
}

/// A phone without network that takes the QR code of an order.
pub(crate) fn phone(order: &Activation) -> OfflineResult {
    let payload = LinkPayload::parse(order.qr_text.as_ref().unwrap()).unwrap();
    let password = order.password.clone().unwrap();
    let input = OfflineInput::from_link(&payload, password.as_bytes());
    input.unwrap_or_else(|_| panic!("not allowed")).start(&Random::seeded(9), &argon2id).unwrap()
}

impl Browser {
    /// One form as it is, with the token of the page, without following where it leads.
    pub(crate) async fn post(&mut self, to: &str, fields: &[(&str, &str)]) -> HeaderMap {
        self.raw(self.form(to, fields)).await
    }

    /// A form with a file, with the token of the page or another one.
    pub(crate) async fn upload(&mut self, to: &str, fields: &[(&str, &str)], token: Option<&str>) {
        let own = between(&self.html, "name=\"token\" value=\"", "\"").unwrap_or_default().to_owned();
        let token = token.unwrap_or(&own);
        let mut body = String::new();
        for (name, value) in [("token", token)].iter().chain(fields) {
            body.push_str("--BOUNDARY\r\nContent-Disposition: form-data; name=\"");
            body.push_str(name);
            body.push_str(if *name == "file" { "\"; filename=\"a.xml\"\r\n\r\n" } else { "\"\r\n\r\n" });
            body.push_str(value);
            body.push_str("\r\n");
        }
        body.push_str("--BOUNDARY--\r\n");
        let request = self
            .request("POST", to)
            .header("content-type", "multipart/form-data; boundary=BOUNDARY")
            .header("origin", "https://issuer.example")
            .header("sec-fetch-site", "same-origin");
        self.raw(request.body(Body::from(body)).unwrap()).await;
    }
}
