use axum::http::StatusCode;
use softtoken_core::activation::exchange::messages::Refused;
use softtoken_core::activation::exchange::{Exchange, Step};
use softtoken_core::random::Random;
use softtoken_issuer::mail::MailKind;
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::secrets::Purpose;
use softtoken_issuer::tokens::TokenState;

use crate::devices::*;

#[tokio::test]
async fn a_link_makes_an_active_token_with_the_same_secrets_on_both_sides() {
    let world = World::new().await;
    assert_eq!(world.state().await, TokenState::New);
    let order = world.order(LINK).await;
    assert_eq!(world.state().await, TokenState::Activating);
    let mut device = begin(by_link(&order));
    assert!(matches!(world.step(&mut device).await, Step::Send));
    assert_eq!(world.state().await, TokenState::Activating, "message 2 makes nothing active");
    assert!(matches!(world.step(&mut device).await, Step::Active));
    let agreement = device.agreement().unwrap();
    assert_eq!(world.state().await, TokenState::Active);
    assert!(world.secret(Purpose::Seed).await == agreement.keys.seed.expose());
    assert!(world.secret(Purpose::Recovery).await == agreement.keys.recovery.expose());
    assert_eq!(agreement.holder[..], world.user.holder);
    assert_eq!(agreement.time, START);
    let mails = world.mail.take();
    assert!(
        matches!(&mails[..], [mail] if matches!(&mail.kind, MailKind::Activated { device, .. } if device == "telephone"))
    );
}

#[tokio::test]
async fn the_session_keeps_no_seed_once_the_token_has_it() {
    let world = World::new().await;
    let mut device = begin(by_link(&world.order(LINK).await));
    world.step(&mut device).await;
    world.step(&mut device).await;
    let query = "SELECT count(*) FROM sessions WHERE seed IS NULL AND recovery IS NULL AND sas IS NULL";
    let empty: i64 = sqlx::query_scalar(query).fetch_one(world.issuer.store.read()).await.unwrap();
    assert_eq!(empty, 1);
}

#[tokio::test]
async fn a_second_device_is_refused_and_the_holder_is_told_once() {
    let world = World::new().await;
    let order = world.order(LINK).await;
    let mut first = begin(by_link(&order));
    world.step(&mut first).await;
    assert_eq!(world.refusal(by_link(&order)).await, Refused::AlreadyUsed);
    assert_eq!(world.refusal(by_link(&order)).await, Refused::AlreadyUsed);
    let told = world.mail.take();
    assert!(matches!(&told[..], [mail] if matches!(mail.kind, MailKind::AlreadyUsed { .. })));
    assert!(matches!(world.step(&mut first).await, Step::Active), "the first goes on");
    assert_eq!(world.refusal(by_link(&order)).await, Refused::AlreadyUsed);
}

#[tokio::test]
async fn the_first_claim_closes_the_other_doors() {
    let world = World::new().await;
    let order = world.order(OrderRequest { link: true, ..QR_CODE }).await;
    let password = order.password.clone().unwrap();
    world.step(&mut begin(by_link(&order))).await;
    assert_eq!(world.refusal(by_qr_code(&order, &password)).await, Refused::AlreadyUsed);
}

#[tokio::test]
async fn the_same_pair_at_another_door_is_another_device() {
    let world = World::new().await;
    let order = world.order(OrderRequest { link: true, ..QR_CODE }).await;
    let begin = |door| Exchange::begin(door, "telephone", None, &Random::seeded(3)).unwrap();
    world.step(&mut begin(by_link(&order))).await;
    let mut other = begin(by_qr_code(&order, &order.password.clone().unwrap()));
    assert!(matches!(world.step(&mut other).await, Step::Ended(Refused::AlreadyUsed)));
}

#[tokio::test]
async fn a_device_may_claim_six_times_and_goes_on_with_its_last_session() {
    let world = World::new().await;
    let order = world.order(LINK).await;
    let mut device = begin(by_link(&order));
    for _ in 0..5 {
        let request = device.request(&Random::system()).unwrap();
        assert_eq!(world.post(open_path(), request.body).await.0, StatusCode::OK);
    }
    assert!(matches!(world.step(&mut device).await, Step::Send), "the sixth claim");
    assert!(matches!(world.step(&mut device).await, Step::Active));

    let order = world.order(LINK).await;
    let mut device = begin(by_link(&order));
    for _ in 0..6 {
        let request = device.request(&Random::system()).unwrap();
        world.post(open_path(), request.body).await;
    }
    assert!(matches!(world.step(&mut device).await, Step::Ended(Refused::AlreadyUsed)));
}

#[tokio::test]
async fn a_newer_order_supersedes_the_older_at_every_point() {
    let world = World::new().await;
    let first = world.order(LINK).await;
    let second = world.order(LINK).await;
    assert_eq!(world.refusal(by_link(&first)).await, Refused::Superseded);
    let mut device = begin(by_link(&second));
    world.step(&mut device).await;
    let third = world.order(LINK).await;
    assert!(matches!(world.step(&mut device).await, Step::Ended(Refused::Superseded)));
    assert_eq!(world.state().await, TokenState::Activating);
    let mut device = begin(by_link(&third));
    world.step(&mut device).await;
    assert!(matches!(world.step(&mut device).await, Step::Active));
}

#[tokio::test]
async fn an_open_order_expires_and_a_claimed_one_outlives_it_by_a_day() {
    let world = World::new().await;
    let order = world.order(LINK).await;
    world.clock.pass(300);
    let mut device = begin(by_link(&order));
    assert!(matches!(world.step(&mut device).await, Step::Send), "the last second counts");
    world.clock.pass(86_400);
    assert!(matches!(world.step(&mut device).await, Step::Active));

    let order = world.order(LINK).await;
    world.clock.pass(301);
    assert_eq!(world.refusal(by_link(&order)).await, Refused::Expired);

    let order = world.order(LINK).await;
    let mut device = begin(by_link(&order));
    world.step(&mut device).await;
    world.clock.pass(86_401);
    assert!(matches!(world.step(&mut device).await, Step::Ended(Refused::Expired)));
}

#[tokio::test]
async fn disabling_a_token_voids_its_order_and_enabling_brings_it_back() {
    let world = World::new().await;
    let order = world.order(LINK).await;
    world.issuer.disable("test", &world.token.id).await.unwrap();
    assert_eq!(world.refusal(by_link(&order)).await, Refused::Void);
    assert!(world.issuer.create_order("test", &world.token.id, LINK).await.is_err());
    world.issuer.enable("test", &world.token.id).await.unwrap();
    assert_eq!(world.state().await, TokenState::New);
    let mut device = begin(by_link(&world.order(LINK).await));
    world.step(&mut device).await;
    world.step(&mut device).await;
    world.issuer.disable("test", &world.token.id).await.unwrap();
    assert_eq!(world.state().await, TokenState::Inactive);
    world.issuer.enable("test", &world.token.id).await.unwrap();
    assert_eq!(world.state().await, TokenState::Active);
    world.issuer.delete_token("test", &world.token.id).await.unwrap();
    assert!(world.issuer.token(&world.token.id).await.is_err());
    assert_eq!(world.logged("token.deleted").await, 1);
}

#[tokio::test]
async fn a_reactivated_token_stays_active_and_keeps_its_former_secrets_for_a_day() {
    let world = World::new().await;
    let mut first = begin(by_link(&world.order(LINK).await));
    world.step(&mut first).await;
    world.step(&mut first).await;
    let order = world.order(LINK).await;
    assert_eq!(world.state().await, TokenState::Active);
    let mut second = begin(by_link(&order));
    world.step(&mut second).await;
    world.step(&mut second).await;
    assert!(world.secret(Purpose::Seed).await == second.agreement().unwrap().keys.seed.expose());
    let query = "SELECT former_seed, former_until FROM tokens WHERE id = ?";
    let (former, until): (Vec<u8>, i64) =
        sqlx::query_as(query).bind(&world.token.id).fetch_one(world.issuer.store.read()).await.unwrap();
    let former = world.issuer.secrets.open(Purpose::Seed, world.token.id.as_bytes(), &former).unwrap();
    assert!(former.ct_eq(first.agreement().unwrap().keys.seed.expose()));
    assert_eq!(until, i64::try_from(START.0).unwrap() + 86_399, "the last second of a day");
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_and_other_bytes_are_refused() {
    let world = World::new().await;
    let mut device = begin(by_link(&world.order(LINK).await));
    world.step(&mut device).await;
    let request = device.request(&Random::system()).unwrap();
    let first = world.post(sealed_path(), request.body.clone()).await;
    let again = world.post(sealed_path(), request.body).await;
    assert_eq!((first.0, &first), (StatusCode::OK, &again));
    assert_eq!(world.logged("token.activated").await, 1);
    device.take(&again.1).unwrap();
    assert!(matches!(device.step(), Step::Active));
}
