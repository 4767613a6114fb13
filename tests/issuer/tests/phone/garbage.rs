use axum::http::StatusCode;
use softtoken_core::activation::exchange::sealed::{self, Ask};
use softtoken_core::activation::exchange::{Exchange, Step};
use softtoken_core::random::Random;
use softtoken_core::secret::Key;
use softtoken_issuer::tokens::TokenState;

use crate::devices::*;

/// Changed in each of its bytes and cut at each length, a message is answered with 4xx and changes nothing.
#[tokio::test]
async fn damaged_messages_are_the_senders_fault_and_change_nothing() {
    let world = World::new().await;
    let mut device = begin(by_link(&world.order(LINK).await));
    let claim = device.request(&Random::system()).unwrap().body;
    damaged(&world, open_path(), &claim).await;
    let (status, _) = world.post(open_path(), claim.clone()).await;
    assert_eq!(status, StatusCode::OK, "the right one is still good");
    assert!(matches!(world.step(&mut device).await, Step::Send));
    let finish = device.request(&Random::system()).unwrap().body;
    damaged(&world, sealed_path(), &finish).await;
    assert_eq!(world.state().await, TokenState::Activating);
    assert!(matches!(world.step(&mut device).await, Step::Active));
}

async fn damaged(world: &World, path: &str, body: &[u8]) {
    for at in 0..body.len() {
        let mut changed = body.to_vec();
        changed[at] ^= 0x41;
        refused(world, path, changed).await;
        refused(world, path, body[..at].to_vec()).await;
    }
    refused(world, path, [body, &[0]].concat()).await;
    refused(world, path, vec![0xff; 4096]).await;
    assert_eq!(world.logged("order.claimed").await, i64::from(path == sealed_path()) * 2);
}

async fn refused(world: &World, path: &str, body: Vec<u8>) {
    let (status, answer) = world.post(path, body).await;
    assert!(status.is_client_error() && answer.is_empty(), "{status}");
}

#[tokio::test]
async fn a_body_longer_than_any_message_is_refused_before_it_is_read() {
    let world = World::new().await;
    for path in [open_path(), sealed_path()] {
        assert_eq!(world.post(path, vec![0; 5000]).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    }
}

#[tokio::test]
async fn requests_out_of_turn_are_refused() {
    let world = World::new().await;
    let order = world.order(LINK).await;
    let mut device = begin(by_link(&order));
    // A replayed claim has the same answer, however often, and is not counted.
    let claim = device.request(&Random::system()).unwrap().body;
    let (_, answer) = world.post(open_path(), claim.clone()).await;
    for _ in 0..10 {
        assert!(world.post(open_path(), claim.clone()).await == (StatusCode::OK, answer.clone()));
    }
    assert_eq!(world.logged("order.claimed").await, 1);
    device.take(&answer).unwrap();

    // A sealed request of another session or another number.
    let agreement = device.agreement().unwrap();
    let keys = &agreement.keys;
    let seal = |number, ask: Ask| {
        let plain = ask.encode().unwrap();
        sealed::seal(&keys.to_issuer, &keys.session, number, plain.expose()).unwrap()
    };
    let wrong = || Ask::Finish { nonce: Key::new([1; 32]) };
    for number in [0, 2, u32::MAX] {
        assert_eq!(world.post(sealed_path(), seal(number, wrong())).await.0, StatusCode::CONFLICT);
    }
    assert_eq!(
        world.post(sealed_path(), seal(1, Ask::Status)).await.0,
        StatusCode::CONFLICT,
        "before message 3"
    );
    assert_eq!(world.post(sealed_path(), seal(1, wrong())).await.0, StatusCode::OK);
    assert_eq!(world.state().await, TokenState::Activating, "a wrong opening is declined");
    // The device's own message 3 has a number that was used for other bytes.
    let finish = device.request(&Random::system()).unwrap().body;
    assert_eq!(world.post(sealed_path(), finish).await.0, StatusCode::CONFLICT);
    assert_eq!(world.state().await, TokenState::Activating);
}

#[tokio::test]
async fn a_header_of_no_order_and_an_unknown_session_are_not_found() {
    let world = World::new().await;
    let other = World::with("").await;
    let order = world.order(LINK).await;
    let claim = begin(by_link(&order)).request(&Random::system()).unwrap().body;
    world.issuer.delete_token("test", &world.token.id).await.unwrap();
    assert_eq!(world.post(open_path(), claim).await.0, StatusCode::NOT_FOUND);
    assert_eq!(other.post(sealed_path(), vec![7; 64]).await.0, StatusCode::NOT_FOUND);
}

/// Two runs of one device with the same pair, as after a lost answer: both have a session until one of them
/// opens the commitment.
#[tokio::test]
async fn the_first_message_3_ends_the_other_sessions() {
    let world = World::new().await;
    let order = world.order(LINK).await;
    let begin = || Exchange::begin(by_link(&order), "telephone", None, &Random::seeded(3)).unwrap();
    let (mut first, mut second) = (begin(), begin());
    assert!(matches!(world.step(&mut first).await, Step::Send));
    assert!(matches!(world.step(&mut second).await, Step::Send));
    assert!(matches!(world.step(&mut first).await, Step::Active));
    let late = second.request(&Random::system()).unwrap().body;
    assert_eq!(world.post(sealed_path(), late).await.0, StatusCode::NOT_FOUND);
    assert_eq!(world.logged("token.activated").await, 1);
}
