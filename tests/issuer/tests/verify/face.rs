use std::pin::Pin;
use std::sync::Arc;

use axum::http::StatusCode;
use softtoken_core::activation::exchange::messages::Refused;
use softtoken_core::activation::exchange::{Exchange, Step, Verify};
use softtoken_core::error::{VerificationKind, VerificationRefusal};
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::tokens::TokenState;
use softtoken_issuer::verify::review::MAX_PICTURE;
use softtoken_issuer::verify::{FaceCheck, FaceProvider, FaceVerdict};

use crate::devices::{LINK, World, begin, by_link};
use crate::pages::{ask, open, page, picture, post, send};

const FACE: OrderRequest = OrderRequest { verifications: Some(2), ..LINK };

/// A device that has claimed an order with a face, and its page.
async fn claimed() -> (World, Exchange, String, String) {
    let world = World::new().await;
    let mut device = begin(by_link(&world.order(FACE).await));
    world.step(&mut device).await;
    let (url, number) = page(ask(&world, &mut device).await);
    (world, device, url, number)
}

/// What is left of pictures in the database.
async fn pictures(world: &World) -> i64 {
    let query = sqlx::query_scalar("SELECT count(*) FROM verifications WHERE picture IS NOT NULL");
    query.fetch_one(world.issuer.store.read()).await.unwrap()
}

#[tokio::test]
async fn a_face_that_a_person_approves_ends_in_an_active_token() {
    let (world, mut device, url, number) = claimed().await;
    let (status, html) = open(&world.router, &url).await;
    assert_eq!(status, StatusCode::OK);
    let serial = format!("{}-{}", &world.token.serial[..5], &world.token.serial[5..]);
    for part in [number.as_str(), "telephone", &serial, "capture=\"user\""] {
        assert!(html.contains(part), "{part}: {html}");
    }
    let (status, html) = send(&world.router, &url, "send", &picture(3000)).await;
    assert!(status == StatusCode::OK && html.contains("A person looks"), "{html}");
    let step = ask(&world, &mut device).await;
    assert!(matches!(step, Step::Verify(Verify::Review { retry_after: 1.., .. })));
    assert_eq!((world.state().await, pictures(&world).await), (TokenState::Activating, 1));

    let [review] = world.issuer.waiting_reviews().await.unwrap().try_into().unwrap();
    assert_eq!((review.user.as_str(), review.serial.as_str()), ("alex", world.token.serial.as_str()));
    let seen = world.issuer.review_picture("Ada", &review.id).await.unwrap();
    assert_eq!((seen.media_type, seen.bytes), ("image/png", picture(3000)));
    world.issuer.decide_review("Ada", &review.id, true).await.unwrap();
    assert!(world.issuer.decide_review("Eve", &review.id, false).await.is_err(), "it is decided");
    assert_eq!(pictures(&world).await, 0, "the picture is gone");
    assert!(world.issuer.waiting_reviews().await.unwrap().is_empty());
    for event in ["picture_sent", "picture_seen", "passed"] {
        assert_eq!(world.logged(&format!("verification.{event}")).await, 1, "{event}");
    }
    assert!(matches!(ask(&world, &mut device).await, Step::Send));
    assert!(matches!(world.step(&mut device).await, Step::Active));
    assert_eq!(world.state().await, TokenState::Active);
}

#[tokio::test]
async fn a_refused_face_may_be_sent_again_and_the_third_refusal_is_the_end() {
    let (world, mut device, mut url, _) = claimed().await;
    for turn in 1..=3 {
        send(&world.router, &url, "send", &picture(100)).await;
        let review = world.issuer.waiting_reviews().await.unwrap().remove(0);
        world.issuer.decide_review("Ada", &review.id, false).await.unwrap();
        let step = ask(&world, &mut device).await;
        let (kind, reason) = (VerificationKind::Face, VerificationRefusal::ByPerson);
        if turn == 3 {
            assert!(matches!(step, Step::Ended(why) if why == Refused::Verification { kind, reason }));
            break;
        }
        assert!(matches!(step, Step::Verify(Verify::Refused { reason: VerificationRefusal::ByPerson, .. })));
        let before = url;
        // The user wants to try again.
        url = page(ask(&world, &mut device).await).0;
        assert_ne!(url, before);
        assert_eq!(open(&world.router, &before).await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(world.logged("verification.refused").await, 3);
    let mut again = begin(by_link(&world.order(FACE).await));
    assert!(matches!(world.step(&mut again).await, Step::Send), "a new order is not void");
}

#[tokio::test]
async fn a_picture_of_another_kind_or_size_is_refused_and_the_ticket_lives() {
    let (world, mut device, url, _) = claimed().await;
    for (bytes, status) in [
        (Vec::new(), StatusCode::UNPROCESSABLE_ENTITY),
        (b"GIF89a".to_vec(), StatusCode::UNPROCESSABLE_ENTITY),
        (b"<svg onload=alert(1)>".to_vec(), StatusCode::UNPROCESSABLE_ENTITY),
        (picture(MAX_PICTURE + 1), StatusCode::UNPROCESSABLE_ENTITY),
        (picture(MAX_PICTURE + 100_000), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let (found, html) = send(&world.router, &url, "send", &bytes).await;
        assert_eq!(found, status, "{} bytes", bytes.len());
        assert!(html.contains("role=\"alert\""), "{html}");
    }
    assert_eq!(page(ask(&world, &mut device).await).0, url);
    assert_eq!(send(&world.router, &url, "send", &picture(MAX_PICTURE)).await.0, StatusCode::OK);
    assert_eq!(send(&world.router, &url, "send", &picture(9)).await.0, StatusCode::NOT_FOUND, "used");
}

#[tokio::test]
async fn a_form_without_ticket_or_from_elsewhere_decides_nothing() {
    let (world, mut device, url, _) = claimed().await;
    let ticket = url.rsplit('/').next().unwrap();
    let ours = Some("https://issuer.example");
    let other = "A".repeat(43);
    let gone = open(&world.router, "https://issuer.example/verify/nothing").await;
    assert_eq!(gone.0, StatusCode::NOT_FOUND);
    let sends = [("ticket", ticket), ("decision", "send")];
    for (origin, fields) in [
        (None, sends),
        (Some("https://evil.example"), sends),
        (Some("null"), sends),
        (Some("https://issuer.example.evil.example"), sends),
        (ours, [("ticket", ""), ("decision", "send")]),
        (ours, [("ticket", other.as_str()), ("decision", "send")]),
        (ours, [("ticket", ticket), ("decision", "perhaps")]),
        (ours, [("decision", "send"), ("decision", "send")]),
    ] {
        let found = post(&world.router, origin, &fields, &picture(100)).await;
        assert_eq!(found, gone, "{origin:?} {fields:?}: every fault has the same page");
    }
    assert_eq!(pictures(&world).await, 0);
    assert_eq!(page(ask(&world, &mut device).await).0, url, "nothing was decided");
}

#[tokio::test]
async fn a_ticket_expires_and_the_next_question_gets_another() {
    let (world, mut device, url, _) = claimed().await;
    world.clock.pass(600);
    assert_eq!(open(&world.router, &url).await.0, StatusCode::OK);
    assert_eq!(page(ask(&world, &mut device).await).0, url, "it lives, and is the same");
    world.clock.pass(1);
    let gone = open(&world.router, "https://issuer.example/verify/nothing").await;
    assert_eq!(open(&world.router, &url).await, gone);
    assert_eq!(send(&world.router, &url, "send", &picture(100)).await, gone);
    let (next, _) = page(ask(&world, &mut device).await);
    assert_ne!(next, url);
    assert_eq!(send(&world.router, &next, "send", &picture(100)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_users_no_stops_the_activation() {
    let (world, mut device, url, _) = claimed().await;
    assert_eq!(send(&world.router, &url, "no", b"").await.0, StatusCode::OK);
    let (kind, reason) = (VerificationKind::Face, VerificationRefusal::ByUser);
    let step = ask(&world, &mut device).await;
    assert!(matches!(step, Step::Ended(why) if why == Refused::Verification { kind, reason }));
    assert_eq!(world.state().await, TokenState::Activating);
}

#[tokio::test]
async fn an_order_lives_as_long_as_a_person_looks() {
    let (world, mut device, url, _) = claimed().await;
    send(&world.router, &url, "send", &picture(100)).await;
    world.clock.pass(6 * 86_400);
    assert!(matches!(ask(&world, &mut device).await, Step::Verify(Verify::Review { .. })));
    let review = world.issuer.waiting_reviews().await.unwrap().remove(0);
    world.issuer.decide_review("Ada", &review.id, true).await.unwrap();
    world.clock.pass(86_000);
    assert!(matches!(ask(&world, &mut device).await, Step::Send));
    assert!(matches!(world.step(&mut device).await, Step::Active));

    let (world, mut device, url, _) = claimed().await;
    send(&world.router, &url, "send", &picture(100)).await;
    world.clock.pass(7 * 86_400 + 1);
    assert!(world.issuer.waiting_reviews().await.unwrap().is_empty());
    assert!(matches!(ask(&world, &mut device).await, Step::Ended(Refused::Expired)));
}

/// Says the same of every face.
struct Says(FaceVerdict);

impl FaceProvider for Says {
    fn judge<'a>(&'a self, check: FaceCheck<'a>) -> Pin<Box<dyn Future<Output = FaceVerdict> + Send + 'a>> {
        assert_eq!((check.user, check.picture.media_type), ("alex", "image/png"));
        Box::pin(async { self.0 })
    }
}

#[tokio::test]
async fn a_provider_may_decide_at_once() {
    let refused = FaceVerdict::Refused(VerificationRefusal::Other);
    for verdict in [FaceVerdict::Passed, refused, FaceVerdict::Review] {
        let (world, mut device, url, _) = claimed().await;
        assert!(world.issuer.faces.set(Arc::new(Says(verdict))));
        send(&world.router, &url, "send", &picture(100)).await;
        let step = ask(&world, &mut device).await;
        let right = match verdict {
            FaceVerdict::Passed => matches!(step, Step::Send),
            FaceVerdict::Refused(_) => matches!(step, Step::Verify(Verify::Refused { .. })),
            FaceVerdict::Review => matches!(step, Step::Verify(Verify::Review { .. })),
        };
        assert!(right, "{verdict:?}");
        assert_eq!(pictures(&world).await, i64::from(verdict == FaceVerdict::Review));
    }
}
