use axum::http::StatusCode;
use softtoken_core::activation::exchange::messages::{Answer, Hello, Refused};
use softtoken_core::activation::exchange::noise::Initiator;
use softtoken_core::activation::exchange::order::open_body;
use softtoken_core::activation::exchange::sealed::{self, Ask};
use softtoken_core::activation::exchange::{Exchange, OnlineOrder, Step, commitment};
use softtoken_core::random::Random;
use softtoken_core::secret::Key;
use softtoken_issuer::Error;
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::tokens::TokenState;

use crate::devices::{LINK, QR_CODE, World, begin, by_link, open_path, qr_payload, sealed_path};
use crate::pages::{ask, page, picture, send};

const FACE: OrderRequest = OrderRequest { verifications: Some(2), ..LINK };

async fn claimed(world: &World) -> Exchange {
    let mut device = begin(by_link(&world.order(FACE).await));
    assert!(matches!(world.step(&mut device).await, Step::Send));
    device
}

#[tokio::test]
async fn message_3_before_the_verdict_is_out_of_turn_and_uses_no_number_up() {
    let world = World::new().await;
    let mut device = claimed(&world).await;
    let early = |device: &Exchange, number: u32| {
        let keys = &device.agreement().unwrap().keys;
        let plain = Ask::Finish { nonce: Key::new([1; 32]) }.encode().unwrap();
        sealed::seal(&keys.to_issuer, &keys.session, number, plain.expose()).unwrap()
    };
    let body = early(&device, 1);
    assert_eq!(world.post(sealed_path(), body.clone()).await.0, StatusCode::CONFLICT);
    let (url, _) = page(ask(&world, &mut device).await);
    assert_eq!(world.post(sealed_path(), early(&device, 2)).await.0, StatusCode::CONFLICT);
    send(&world.router, &url, "send", &picture(100)).await;
    assert_eq!(world.post(sealed_path(), early(&device, 2)).await.0, StatusCode::CONFLICT, "a person looks");
    assert_eq!(world.state().await, TokenState::Activating);
    let review = world.issuer.waiting_reviews().await.unwrap().remove(0);
    world.issuer.decide_review("Ada", &review.id, true).await.unwrap();
    assert!(matches!(ask(&world, &mut device).await, Step::Send));
    assert!(matches!(world.step(&mut device).await, Step::Active));
    // And no question about verifications any more.
    let keys = &device.agreement().unwrap().keys;
    let plain = Ask::Verifications { again: 0 }.encode().unwrap();
    let late = sealed::seal(&keys.to_issuer, &keys.session, 4, plain.expose()).unwrap();
    assert_eq!(world.post(sealed_path(), late).await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_wrong_opening_after_the_verdict_ends_its_session() {
    let world = World::new().await;
    let mut device = claimed(&world).await;
    let (url, _) = page(ask(&world, &mut device).await);
    send(&world.router, &url, "send", &picture(100)).await;
    let review = world.issuer.waiting_reviews().await.unwrap().remove(0);
    world.issuer.decide_review("Ada", &review.id, true).await.unwrap();
    assert!(matches!(ask(&world, &mut device).await, Step::Send));
    let keys = &device.agreement().unwrap().keys;
    let plain = Ask::Finish { nonce: Key::new([1; 32]) }.encode().unwrap();
    for (number, status) in [(3, StatusCode::OK), (4, StatusCode::CONFLICT)] {
        let body = sealed::seal(&keys.to_issuer, &keys.session, number, plain.expose()).unwrap();
        assert_eq!(world.post(sealed_path(), body).await.0, status);
    }
    assert_eq!(world.state().await, TokenState::Activating);
}

#[tokio::test]
async fn a_device_that_cannot_do_it_is_told_so_and_claims_nothing() {
    let world = World::new().await;
    let made = world.order(FACE).await;
    for (capabilities, can) in [(0, false), (1, false), (2, true)] {
        let order: OnlineOrder = by_link(&made);
        let header = order.header().clone();
        let random = Random::system();
        let hello = Hello {
            random: Key::new([1; 32]),
            commitment: commitment(&Key::new([2; 32])),
            password: None,
            device: "old".to_owned(),
            capabilities,
        };
        let key = header.issuer_key.bytes();
        let payload = hello.encode().unwrap();
        let (mut noise, message) =
            Initiator::start(&header.prologue(), key, order.psk(), payload.expose(), &random).unwrap();
        let (status, reply) = world.post(open_path(), open_body(&header, &message)).await;
        assert_eq!(status, StatusCode::OK);
        let (payload, _) = noise.finish(&reply).unwrap();
        match Answer::decode(payload.expose()).unwrap() {
            Answer::Refused(Refused::Unsupported) => assert!(!can),
            Answer::Accepted(accepted) => assert!(can && accepted.verifications == 2),
            Answer::Refused(other) => panic!("{other:?}"),
        }
        assert_eq!(world.logged("order.claimed").await, i64::from(can));
    }
}

#[tokio::test]
async fn the_same_bytes_get_the_same_answer_also_between_questions() {
    let world = World::new().await;
    let mut device = begin(by_link(&world.order(FACE).await));
    let random = Random::system();
    let claim = device.request(&random).unwrap();
    let first = world.post(open_path(), claim.body.clone()).await;
    device.take(&first.1).unwrap();
    let question = device.request(&random).unwrap();
    let answer = world.post(sealed_path(), question.body.clone()).await;
    assert_eq!(world.post(sealed_path(), question.body).await, answer);
    assert_eq!(world.post(open_path(), claim.body).await, first, "a replay burns no claim");
    assert_eq!(world.logged("order.claimed").await, 1);
}

#[tokio::test]
async fn an_interrupted_device_claims_again_and_finds_its_verdict() {
    let world = World::new().await;
    let made = world.order(FACE).await;
    let mut device = begin(by_link(&made));
    let stored = device.encode().unwrap();
    world.step(&mut device).await;
    let (url, _) = page(ask(&world, &mut device).await);
    send(&world.router, &url, "send", &picture(100)).await;
    let review = world.issuer.waiting_reviews().await.unwrap().remove(0);
    world.issuer.decide_review("Ada", &review.id, true).await.unwrap();
    let mut again = Exchange::decode(stored.expose()).unwrap();
    assert!(matches!(world.step(&mut again).await, Step::Send));
    assert!(matches!(ask(&world, &mut again).await, Step::Send), "it had passed");
    assert!(matches!(world.step(&mut again).await, Step::Active));
}

#[tokio::test]
async fn an_order_with_a_verification_is_not_completed_without_network() {
    let world = World::with("[policy]\nverifications = ['face']").await;
    let order = world.order(OrderRequest { typed: true, offline: Some(true), ..QR_CODE }).await;
    assert!(!qr_payload(&order).flags.offline_allowed);
    let code = "1221149352";
    assert!(world.issuer.complete("help desk", &world.token.id, code, None).await.is_err());
    assert_eq!(world.state().await, TokenState::Activating);
}

#[tokio::test]
async fn an_order_for_what_nobody_here_can_check_is_not_made() {
    let world = World::new().await;
    for verifications in [1, 3, 4, u64::MAX] {
        let request = OrderRequest { verifications: Some(verifications), ..LINK };
        let made = world.issuer.create_order("test", &world.token.id, request).await;
        assert!(matches!(made, Err(Error::BadValue("verifications"))), "{verifications}");
    }
}

#[tokio::test]
async fn a_database_of_the_version_before_is_taken_over_with_its_activations_under_way() {
    let world = World::new().await;
    let (made, random) = (world.order(LINK).await, Random::system());
    let mut device = begin(by_link(&made));
    let claim = device.request(&random).unwrap();
    let first = world.issuer.open_handshake(&claim.body).await.unwrap();
    world
        .issuer
        .store
        .write(|tx| {
            Box::pin(async move {
                sqlx::raw_sql(BACK_TO_3).execute(tx).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let issuer = world.restarted().await;
    assert_eq!(issuer.open_handshake(&claim.body).await.unwrap(), first, "the handshake is known");
    device.take(&first).unwrap();
    let finish = device.request(&random).unwrap();
    device.take(&issuer.answer_sealed(&finish.body).await.unwrap()).unwrap();
    assert!(matches!(device.step(), Step::Active));
}

/// Takes away what version 4 has added.
const BACK_TO_3: &str = "DROP TABLE verifications; \
                         ALTER TABLE orders DROP COLUMN verifications; ALTER TABLE orders DROP COLUMN extended_until; \
                         ALTER TABLE orders DROP COLUMN refused_kind; ALTER TABLE orders DROP COLUMN refused_reason; \
                         ALTER TABLE sessions DROP COLUMN finished; ALTER TABLE sessions DROP COLUMN opening; \
                         ALTER TABLE sessions DROP COLUMN message; PRAGMA user_version = 3;";
