use axum::http::StatusCode;
use softtoken_core::activation::exchange::{Exchange, Step};
use softtoken_core::random::Random;
use softtoken_issuer::keys::Keys;
use softtoken_issuer::server;

use crate::devices::*;

/// An order that was made before a rotation is good after it, for a device that knows the issuer by its
/// former key.
#[tokio::test]
async fn open_orders_and_known_devices_live_on_after_new_keys() {
    let world = World::new().await;
    let (key, known) = (world.issuer.keys.public(), world.issuer.keys.card().proof.key);
    let order = world.order(LINK).await;
    Keys::rotate(&world.folder.path().join("k"), &Random::system()).unwrap();
    let issuer = world.restarted().await;
    assert!(issuer.keys.public() != key);
    let router = server::router(issuer.clone());
    let mut device = Exchange::begin(by_link(&order), "telephone", Some(known), &Random::system()).unwrap();
    for _ in 0..2 {
        let request = device.request(&Random::system()).unwrap();
        let (status, body) = post(&router, request.kind.path(), request.body).await;
        assert_eq!(status, StatusCode::OK);
        device.take(&body).unwrap();
    }
    assert!(matches!(device.step(), Step::Active));
    assert!(device.agreement().unwrap().issuer == issuer.keys.card().proof.key);
}

/// A device in the middle of an activation does not notice that the issuer was started again.
#[tokio::test]
async fn a_session_outlives_the_process() {
    let world = World::new().await;
    let mut device = begin(by_link(&world.order(LINK).await));
    world.step(&mut device).await;
    let router = server::router(world.restarted().await);
    let request = device.request(&Random::system()).unwrap();
    let (first, second) = (request.body.clone(), request.body);
    let (_, answer) = post(&router, sealed_path(), first).await;
    assert!(post(&router, sealed_path(), second).await.1 == answer);
    device.take(&answer).unwrap();
    assert!(matches!(device.step(), Step::Active));
}

#[tokio::test]
async fn a_key_file_of_another_issuer_is_noticed() {
    let world = World::new().await;
    let mut device = begin(by_link(&world.order(LINK).await));
    world.step(&mut device).await;
    world.step(&mut device).await;
    assert!(world.issuer.unreadable_tokens().await.unwrap().is_empty());
    std::fs::write(world.folder.path().join("k/recovery.key"), [9; 32]).unwrap();
    let issuer = world.restarted().await;
    assert_eq!(issuer.unreadable_tokens().await.unwrap(), [world.token.serial]);
}
