use axum::http::StatusCode;
use softtoken_core::activation::exchange::Step;
use softtoken_core::activation::exchange::messages::Refused;
use softtoken_core::random::Random;
use softtoken_issuer::tokens::TokenState;

use crate::devices::*;

/// Claims of one order at the same time.
const CLAIMS: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_claims_at_once_exactly_one_wins() {
    let world = World::new().await;
    let order = world.order(LINK).await;
    let mut tasks = Vec::with_capacity(CLAIMS);
    for _ in 0..CLAIMS {
        let (router, order) = (world.router.clone(), by_link(&order));
        tasks.push(tokio::spawn(async move {
            let mut device = begin(order);
            let request = device.request(&Random::system()).unwrap();
            let (status, body) = post(&router, open_path(), request.body).await;
            assert_eq!(status, StatusCode::OK);
            device.take(&body).unwrap();
            device
        }));
    }
    let mut winners = Vec::new();
    for task in tasks {
        let device = task.await.unwrap();
        match device.step() {
            Step::Send => winners.push(device),
            Step::Ended(Refused::AlreadyUsed) => {}
            _ => panic!("neither accepted nor already used"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert!(matches!(world.step(&mut winners[0]).await, Step::Active));
    assert_eq!(world.state().await, TokenState::Active);
    let told = world.mail.take().len();
    assert_eq!(told, 2, "one mail of other devices and one of the activation");
    let counts = world.issuer.store.counts();
    assert!(counts.commits() < counts.changes() / 2, "{} of {}", counts.commits(), counts.changes());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_message_3_a_hundred_times_at_once_activates_once_and_has_one_answer() {
    let world = World::new().await;
    let mut device = begin(by_link(&world.order(LINK).await));
    world.step(&mut device).await;
    let body = device.request(&Random::system()).unwrap().body;
    let send = |_| {
        let (router, body) = (world.router.clone(), body.clone());
        tokio::spawn(async move { post(&router, sealed_path(), body).await })
    };
    let tasks: Vec<_> = (0..100).map(send).collect();
    let mut answers = std::collections::HashSet::new();
    for task in tasks {
        let (status, answer) = task.await.unwrap();
        assert_eq!(status, StatusCode::OK);
        answers.insert(answer);
    }
    assert_eq!(answers.len(), 1);
    assert_eq!(world.logged("token.activated").await, 1);
}
