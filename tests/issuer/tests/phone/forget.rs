use axum::http::StatusCode;
use softtoken_core::activation::exchange::Step;
use softtoken_core::activation::exchange::messages::Refused;
use softtoken_core::random::Random;
use softtoken_issuer::Issuer;
use softtoken_issuer::orders::KEPT;
use softtoken_issuer::tokens::TokenState;

use crate::devices::*;

async fn rows(issuer: &Issuer) -> [i64; 3] {
    let mut counts = [0; 3];
    for (count, query) in counts.iter_mut().zip([
        "SELECT count(*) FROM orders",
        "SELECT count(*) FROM doors",
        "SELECT count(*) FROM sessions",
    ]) {
        *count = sqlx::query_scalar(query).fetch_one(issuer.store.read()).await.unwrap();
    }
    counts
}

#[tokio::test]
async fn orders_that_are_over_are_told_for_a_month_and_then_forgotten_with_what_belongs_to_them() {
    let world = World::new().await;
    let superseded = world.order(LINK).await;
    let used = world.order(LINK).await;
    let mut device = begin(by_link(&used));
    while !matches!(world.step(&mut device).await, Step::Active) {}
    let month = u64::try_from(KEPT).unwrap();

    // The last moment at which both are told: an order that is made now forgets nothing of theirs.
    world.clock.pass(month);
    let expired = world.order(LINK).await;
    assert_eq!(world.refusal(by_link(&superseded)).await, Refused::Superseded);
    assert_eq!(world.refusal(by_link(&used)).await, Refused::AlreadyUsed);
    assert_eq!(rows(&world.issuer).await, [3, 3, 1]);

    // An order that was claimed lives a day longer than one that was not.
    world.clock.pass(86_400);
    assert_eq!(world.refusal(by_link(&expired)).await, Refused::Expired);
    world.order(LINK).await;
    assert_eq!(world.refusal(by_link(&used)).await, Refused::AlreadyUsed);
    assert_eq!(rows(&world.issuer).await, [3, 3, 1]);
    world.clock.pass(3_600);
    world.order(LINK).await;
    assert_eq!(rows(&world.issuer).await, [3, 3, 0]);
    for gone in [&superseded, &used] {
        let request = begin(by_link(gone)).request(&Random::system()).unwrap();
        let (status, body) = world.post(request.kind.path(), request.body).await;
        assert_eq!((status, body.as_slice()), (StatusCode::NOT_FOUND, &[][..]));
    }
    assert_eq!(world.refusal(by_link(&expired)).await, Refused::Superseded);
    assert_eq!(world.state().await, TokenState::Active);
    assert_eq!(world.logged("token.activated").await, 1);
}

#[tokio::test]
async fn an_issuer_that_starts_forgets_too() {
    let world = World::new().await;
    world.order(LINK).await;
    world.clock.pass(u64::try_from(KEPT).unwrap() + 301);
    let issuer = world.restarted().await;
    assert_eq!(rows(&issuer).await, [0; 3]);
}
