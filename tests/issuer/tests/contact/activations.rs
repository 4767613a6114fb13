use softtoken_core::activation::contact::{Step, Wish};
use softtoken_core::activation::exchange::Refused;
use softtoken_core::activation::link::LinkPayload;
use softtoken_core::activation::offline::{OfflineInput, argon2id};
use softtoken_core::random::Random;
use softtoken_issuer::orders::{Completed, OrderRequest};

use crate::phone::{Pair, Phone};
use crate::world::*;

/// A phone that was activated without network: it knows nothing of the issuer.
async fn offline(world: &World) -> Phone {
    let order = world.order(OrderRequest { link: false, qr_code: true, ..LINK }).await;
    let payload = LinkPayload::parse(order.qr_text.as_deref().unwrap()).unwrap();
    let input = OfflineInput::from_link(&payload, order.password.as_deref().unwrap().as_bytes());
    let device = input.unwrap_or_else(|_| panic!("not allowed")).start(&Random::system(), &argon2id).unwrap();
    let (seed, recovery) = (device.seed.expose().to_vec(), device.recovery_key.expose().to_vec());
    let shown = Pair { seed, recovery, profile: payload.profile };
    let phone = Phone { shown, old: None, known: None, stored: None };
    let registration = device.registration_code.grouped();
    let first = phone.code(world);
    let done = world.issuer.complete("test", &world.token.id, &registration, Some(&first)).await.unwrap();
    assert_eq!(done, Completed::Active);
    world.clock.pass(60);
    phone
}

#[tokio::test]
async fn the_first_contact_after_an_activation_without_network_proves_group_and_renews_the_seed() {
    let world = World::new().await;
    let mut phone = offline(&world).await;
    assert!(world.takes(&phone.code(&world)).await);
    let before = phone.shown.clone();
    assert!(matches!(phone.contact(&world, Wish::Rekey).await, Step::Done(_)));
    let known = phone.known.unwrap();
    assert_eq!(known.issuer, world.card().await.proof.key);
    let holder: Vec<u8> =
        sqlx::query_scalar("SELECT holder FROM users").fetch_one(world.issuer.store.read()).await.unwrap();
    assert_eq!(known.holder.unwrap().to_vec(), holder);
    assert!(world.takes(&before.code(&world)).await);
    assert!(world.takes(&phone.code(&world)).await);
    assert!(!world.takes(&before.code(&world)).await);
}

#[tokio::test]
async fn after_a_reactivation_both_phones_work_until_the_new_one_has_proven_itself() {
    let (world, mut first) = World::active().await;
    assert!(world.takes(&first.code(&world)).await);
    let mut second = world.activate().await;
    assert!(world.takes(&first.code(&world)).await);
    let codes = (second.shown.unlock_code(&world), Some(first.shown.unlock_code(&world)));
    assert_eq!(world.unlock_codes().await, codes);
    // The phone that was replaced gets news, and no other seed.
    assert!(matches!(first.contact(&world, Wish::Refresh).await, Step::Done(report) if !report.alone));
    assert!(matches!(first.contact(&world, Wish::Rekey).await, Step::Refused(Refused::Declined)));
    assert!(world.takes(&second.code(&world)).await);
    assert!(!world.takes(&first.code(&world)).await);
    assert!(matches!(first.contact(&world, Wish::Refresh).await, Step::Refused(Refused::Superseded)));
    assert!(matches!(second.contact(&world, Wish::Refresh).await, Step::Done(report) if report.alone));
}

#[tokio::test]
async fn an_order_alone_changes_nothing_for_the_phone_that_has_the_token() {
    let (world, mut phone) = World::active().await;
    world.order(LINK).await;
    assert!(matches!(phone.contact(&world, Wish::Rekey).await, Step::Done(_)));
    assert!(world.takes(&phone.code(&world)).await);
}

#[tokio::test]
async fn a_reactivation_ends_a_pair_that_is_not_shown_and_keeps_the_one_that_is() {
    let (world, mut phone) = World::active().await;
    let mut contact = phone.begin(&world, Wish::Rekey).await;
    phone.turn(&world, &mut contact).await;
    world.post(&phone.request(&mut contact)).await;
    let second = world.activate().await;
    assert!(world.takes(&phone.code(&world)).await, "the phone has never got its new seed");
    assert!(world.takes(&second.code(&world)).await);

    let (world, mut phone) = World::active().await;
    phone.contact(&world, Wish::Rekey).await;
    let old = phone.old.clone().unwrap();
    let second = world.activate().await;
    assert!(!world.takes(&old.code(&world)).await);
    assert!(world.takes(&phone.code(&world)).await);
    assert!(world.takes(&second.code(&world)).await);
    assert!(!world.takes(&phone.code(&world)).await);
}

#[tokio::test]
async fn a_phone_that_was_replaced_without_a_word_is_told_a_day_later() {
    let (world, mut first) = World::active().await;
    let second = world.activate().await;
    world.clock.pass(86_400);
    assert!(!world.takes(&first.code(&world)).await);
    assert!(matches!(first.contact(&world, Wish::Refresh).await, Step::Refused(Refused::Superseded)));
    assert!(world.takes(&second.code(&world)).await);
}
