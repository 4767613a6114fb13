//! Pictures of faces: who looks at one, who decides, and what the log has of it.

use axum::body::Body;
use axum::http::StatusCode;
use softtoken_core::activation::exchange::{Exchange, Step, Verify};
use softtoken_core::random::Random;
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::portal::Role;

use super::stage::Desk;
use crate::devices::{self, LINK, begin, by_link};
use crate::pictures::{page, picture, send};
use crate::world::Browser;

/// A phone whose user has sent a picture.
struct Waiting {
    device: Exchange,
    id: String,
}

impl Waiting {
    async fn new(desk: &Desk, user: &str) -> Self {
        let (issuer, token) = (&desk.world.issuer, desk.token(user).await);
        let request = OrderRequest { verifications: Some(2), ..LINK };
        let order = issuer.create_order("test", &token.id, request).await.unwrap();
        let mut waiting = Self { device: begin(by_link(&order)), id: String::new() };
        waiting.step(desk).await;
        waiting.send(desk).await;
        let mut all = issuer.waiting_reviews().await.unwrap();
        all.retain(|review| review.token_id == token.id);
        waiting.id = all.remove(0).id;
        waiting
    }

    /// Sends a picture, the first time or again.
    async fn send(&mut self, desk: &Desk) {
        let mut step = self.ask(desk).await;
        if matches!(step, Step::Verify(Verify::Refused { .. })) {
            step = self.ask(desk).await;
        }
        let (status, _) = send(&desk.world.router, &page(step).0, "send", &picture(3000)).await;
        assert_eq!(status, StatusCode::OK);
    }

    async fn ask(&mut self, desk: &Desk) -> Step {
        self.device.verify_again(softtoken_core::activation::exchange::Asked::Again);
        self.step(desk).await
    }

    async fn step(&mut self, desk: &Desk) -> Step {
        let request = self.device.request(&Random::system()).unwrap();
        let (_, body) = devices::post(&desk.world.router, request.kind.path(), request.body).await;
        self.device.take(&body).unwrap();
        self.device.step()
    }

    fn at(&self) -> String {
        format!("/desk/reviews/{}", self.id)
    }
}

/// The picture as this browser gets it.
async fn look(browser: &mut Browser, at: &str) -> axum::http::HeaderMap {
    let request = browser.request("GET", &format!("{at}/picture")).body(Body::empty()).unwrap();
    browser.raw(request).await
}

async fn pictures(desk: &Desk) -> i64 {
    let query = sqlx::query_scalar("SELECT count(*) FROM verifications WHERE picture IS NOT NULL");
    query.fetch_one(desk.world.issuer.store.read()).await.unwrap()
}

#[tokio::test]
async fn an_approved_face_gives_the_phone_its_token_and_the_log_names_who_has_looked() {
    let desk = Desk::new().await;
    let mut dora = desk.of("dora").await;
    dora.open("/desk/reviews").await;
    assert!(dora.status == StatusCode::OK && dora.says("No face check waits"));
    let mut waiting = Waiting::new(&desk, &desk.anna).await;
    dora.open("/desk").await;
    assert!(dora.says("<p class=\"number\">1</p><p><a href=\"/desk/reviews\">"), "{}", dora.html);
    dora.open("/desk/reviews").await;
    for part in [">anna<", ">telephone<", "15 Jan 2027 08:00 UTC", &waiting.at()] {
        assert!(dora.says(part), "{part}: {}", dora.html);
    }
    dora.open(&waiting.at()).await;
    assert!(
        dora.says("Is this anna?")
            && dora.says(&format!("<img class=\"face\" src=\"{}/picture\"", waiting.at()))
    );
    assert!(desk.logged("verification.picture_seen").await.is_empty(), "it was not loaded yet");
    let form = dora.html.clone();
    let headers = look(&mut dora, &waiting.at()).await;
    assert_eq!(headers["content-type"], "image/png");
    assert_eq!(
        (&headers["cache-control"], &headers["x-content-type-options"]),
        (&"no-store".parse().unwrap(), &"nosniff".parse().unwrap())
    );
    assert_eq!(dora.html, String::from_utf8_lossy(&picture(3000)));
    assert_eq!(pictures(&desk).await, 1, "looking decides nothing");
    dora.html = form;
    dora.send(&waiting.at(), &[("decision", "approve")]).await;
    assert!(dora.says("Approved.") && dora.says("No face check waits"), "{}", dora.html);
    assert_eq!(pictures(&desk).await, 0);
    for event in ["verification.picture_seen", "verification.passed"] {
        assert_eq!(desk.logged(event).await[0].0, "dora", "{event}");
    }
    dora.open(&waiting.at()).await;
    assert_eq!(dora.status, StatusCode::NOT_FOUND);
    look(&mut dora, &waiting.at()).await;
    assert_eq!(dora.status, StatusCode::NOT_FOUND);
    assert!(matches!(waiting.ask(&desk).await, Step::Send));
    assert!(matches!(waiting.step(&desk).await, Step::Active));
}

#[tokio::test]
async fn a_refused_face_may_come_again_and_is_decided_once() {
    let desk = Desk::new().await;
    let mut waiting = Waiting::new(&desk, &desk.anna).await;
    let (mut dora, mut adam) = (desk.of("dora").await, desk.of("adam").await);
    dora.open(&waiting.at()).await;
    adam.open(&waiting.at()).await;
    adam.send(&waiting.at(), &[("decision", "perhaps")]).await;
    assert_eq!(adam.status, StatusCode::BAD_REQUEST);
    adam.open(&waiting.at()).await;
    dora.send(&waiting.at(), &[("decision", "refuse")]).await;
    assert!(dora.says("Refused. The picture was deleted."));
    adam.send(&waiting.at(), &[("decision", "approve")]).await;
    assert_eq!(adam.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(adam.says("Nobody waits for this decision any more."));
    assert!(desk.logged("verification.passed").await.is_empty());
    waiting.send(&desk).await;
    adam.open("/desk/reviews").await;
    assert!(adam.says(&waiting.at()), "{}", adam.html);
}

#[tokio::test]
async fn nobody_judges_the_own_face_and_the_help_desk_none_of_staff() {
    let desk = Desk::new().await;
    let eve = desk.world.user("eve", Role::HelpDesk).await;
    let (mut anna, mut dora, mut adam) =
        (desk.of("anna").await, desk.of("dora").await, desk.of("adam").await);
    let own = "This is your own picture";
    let staff = "an administrator has to decide";
    let of_anna = Waiting::new(&desk, &desk.anna).await;
    let of_dora = Waiting::new(&desk, &desk.dora).await;
    let of_eve = Waiting::new(&desk, &eve).await;
    let of_adam = Waiting::new(&desk, &desk.adam).await;
    let refused = [(&mut dora, &of_dora, own), (&mut adam, &of_adam, own)];
    for (browser, waiting, why) in refused {
        hindered(browser, waiting, why).await;
    }
    hindered(&mut dora, &of_eve, staff).await;
    hindered(&mut dora, &of_adam, staff).await;
    // A user sees neither page nor picture, not even of the own face.
    anna.open(&of_anna.at()).await;
    assert_eq!(anna.status, StatusCode::FORBIDDEN);
    look(&mut anna, &of_anna.at()).await;
    assert_eq!(anna.status, StatusCode::FORBIDDEN);
    assert_eq!(pictures(&desk).await, 4);
    assert!(desk.logged("verification.picture_seen").await.is_empty());
    adam.open(&of_dora.at()).await;
    adam.send(&of_dora.at(), &[("decision", "approve")]).await;
    assert!(adam.says("Approved."));
}

async fn hindered(browser: &mut Browser, waiting: &Waiting, why: &str) {
    browser.open(&waiting.at()).await;
    assert!(browser.status == StatusCode::OK && browser.says(why), "{}", browser.html);
    assert!(!browser.says("<img class=\"face\"") && !browser.says("name=\"decision\""));
    let form = browser.html.clone();
    look(browser, &waiting.at()).await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    for decision in ["approve", "refuse"] {
        browser.html.clone_from(&form);
        browser.post(&waiting.at(), &[("decision", decision)]).await;
        assert_eq!(browser.status, StatusCode::FORBIDDEN, "{decision}");
    }
}

#[tokio::test]
async fn who_has_not_proven_oneself_lately_proves_it_before_a_face_is_judged() {
    let desk = Desk::new().await;
    let waiting = Waiting::new(&desk, &desk.anna).await;
    let mut dora = desk.of("dora").await;
    dora.open(&waiting.at()).await;
    desk.world.clock.pass(6 * 60);
    let headers = dora.post(&waiting.at(), &[("decision", "approve")]).await;
    assert!(headers["location"].to_str().unwrap().starts_with("/portal/prove?next=%2Fdesk%2Freviews%2F"));
    dora.open(&waiting.at()).await;
    assert!(dora.says("Is it still you?"));
    assert_eq!(pictures(&desk).await, 1);
}
