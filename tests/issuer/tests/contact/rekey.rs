use axum::http::StatusCode;
use softtoken_core::activation::contact::messages::{Answer, Ask};
use softtoken_core::activation::contact::{Step, Wish};
use softtoken_core::activation::exchange::{Refused, Request, RequestKind, sealed};
use softtoken_core::otp::Algorithm;

use crate::phone::Phone;
use crate::world::*;

/// A phone whose new codes the issuer knows to be shown, with both pairs.
async fn renewed(world: &World, phone: &mut Phone) {
    let step = phone.contact(world, Wish::Rekey).await;
    assert!(matches!(step, Step::Done(report) if !report.alone));
    assert!(phone.old.is_some());
}

#[tokio::test]
async fn codes_of_both_seeds_are_taken_until_the_first_new_one() {
    let (world, mut phone) = World::active().await;
    renewed(&world, &mut phone).await;
    let old = phone.old.clone().unwrap();
    assert!(world.takes(&old.code(&world)).await);
    assert!(world.takes(&old.code(&world)).await);
    assert!(world.takes(&phone.code(&world)).await);
    assert!(!world.takes(&old.code(&world)).await);
    assert!(world.takes(&phone.code(&world)).await);
    assert!(matches!(phone.contact(&world, Wish::Refresh).await, Step::Done(report) if report.alone));
    assert!(phone.old.is_none());
}

#[tokio::test]
async fn the_old_seed_dies_a_day_after_the_new_one_was_shown() {
    let (world, mut phone) = World::active().await;
    renewed(&world, &mut phone).await;
    let old = phone.old.clone().unwrap();
    world.clock.pass(86_399);
    assert!(world.takes(&old.code(&world)).await);
    assert!(!world.takes(&old.code(&world)).await);
    let mut late = Phone { shown: old, old: None, ..phone.clone() };
    let step = late.contact(&world, Wish::Refresh).await;
    assert!(matches!(step, Step::Refused(Refused::Superseded)));
    assert!(world.takes(&phone.code(&world)).await);
    // The key of the old seed is kept where it is dead.
    let step = late.contact(&world, Wish::Refresh).await;
    assert!(matches!(step, Step::Refused(Refused::Superseded)));
}

#[tokio::test]
async fn an_old_seed_lives_for_ever_while_nobody_knows_that_the_new_one_is_shown() {
    let (world, mut phone) = World::active().await;
    let mut contact = phone.begin(&world, Wish::Rekey).await;
    phone.turn(&world, &mut contact).await;
    assert!(matches!(phone.turn(&world, &mut contact).await, Step::Renewed(_)));
    let old = phone.old.clone().unwrap();
    for _ in 0..3 {
        world.clock.pass(100_000);
        assert!(world.takes(&old.code(&world)).await);
    }
    assert!(world.takes(&phone.code(&world)).await);
    assert!(!world.takes(&old.code(&world)).await);
}

#[tokio::test]
async fn unlock_codes_are_of_the_old_pair_until_the_new_one_is_shown_and_then_of_both() {
    let (world, mut phone) = World::active().await;
    let before = phone.shown.unlock_code(&world);
    assert_eq!(world.unlock_codes().await, (before.clone(), None));
    let mut contact = phone.begin(&world, Wish::Rekey).await;
    phone.turn(&world, &mut contact).await;
    phone.turn(&world, &mut contact).await;
    assert_eq!(world.unlock_codes().await, (before.clone(), None));
    assert!(phone.opens(&world).contains(&before));
    phone.turn(&world, &mut contact).await;
    let after = phone.shown.unlock_code(&world);
    assert_eq!(world.unlock_codes().await, (after.clone(), Some(before)));
    assert!(world.takes(&phone.code(&world)).await);
    assert_eq!(world.unlock_codes().await, (after, None));
}

#[tokio::test]
async fn a_new_seed_has_the_profile_of_the_day_and_the_clock_of_the_device() {
    let (mut world, mut phone) = World::active().await;
    let id = &world.token.id;
    world.sql(&format!("UPDATE tokens SET drift = 10, reset_drift = 10 WHERE id = '{id}'")).await;
    world.restart("otpAlgorithm = 'SHA512'\notpLength = 6\notpPeriod = 60").await;
    let before = phone.clone();
    renewed(&world, &mut phone).await;
    assert_eq!((phone.shown.profile.algorithm, phone.shown.profile.period.get()), (Algorithm::Sha512, 60));
    assert_eq!((world.number("drift").await, world.number("reset_drift").await), (Some(5), Some(5)));
    assert_eq!((world.number("former_drift").await, world.number("period").await), (Some(10), Some(60)));
    world.clock.pass(300);
    let code = phone.code(&world);
    world.clock.set(softtoken_core::time::UnixTime(world.issuer.now().0 - 300));
    assert!(code.len() == 6 && world.takes(&code).await);
    assert_ne!(before.shown.profile, phone.shown.profile);
}

#[tokio::test]
async fn a_rekey_under_an_old_seed_is_declined_while_the_new_one_is_shown() {
    let (world, mut phone) = World::active().await;
    let before = phone.clone();
    renewed(&world, &mut phone).await;
    let mut old = before.clone();
    let step = old.contact(&world, Wish::Rekey).await;
    assert!(matches!(step, Step::Refused(Refused::Declined)));
    assert!(world.takes(&phone.code(&world)).await);
    // Under the new seed it is another one.
    renewed(&world, &mut phone).await;
    assert_eq!(world.logged("token.rekeyed").await, 2);
    assert!(world.takes(&phone.code(&world)).await);
}

#[tokio::test]
async fn a_rekey_before_the_first_new_code_buries_the_old_seed() {
    let (world, mut phone) = World::active().await;
    let mut first = phone.clone();
    renewed(&world, &mut phone).await;
    let second = phone.clone();
    phone.old = None;
    renewed(&world, &mut phone).await;
    assert!(matches!(first.contact(&world, Wish::Refresh).await, Step::Refused(Refused::Superseded)));
    assert!(!world.takes(&first.code(&world)).await);
    assert!(world.takes(&second.code(&world)).await);
    assert!(world.takes(&phone.code(&world)).await);
}

#[tokio::test]
async fn a_second_rekey_in_its_session_is_declined_and_tells_that_the_new_seed_is_shown() {
    let (world, mut phone) = World::active().await;
    let mut contact = phone.begin(&world, Wish::Rekey).await;
    phone.turn(&world, &mut contact).await;
    phone.turn(&world, &mut contact).await;
    assert_eq!(world.number("former_until").await, None);
    let keys = &contact.agreement().unwrap().keys;
    let plain = Ask::Rekey.encode().unwrap();
    let body = sealed::seal(&keys.to_issuer, &keys.session, 2, plain.expose()).unwrap();
    let (status, answer) = world.post(&Request { kind: RequestKind::Sealed, body }).await;
    assert_eq!(status, StatusCode::OK);
    let answer = sealed::open(&keys.to_device, &keys.session, 2, &answer).unwrap();
    assert_eq!(Answer::decode(answer.expose()).unwrap(), Answer::Refused(Refused::Declined));
    assert!(world.number("former_until").await.is_some());
    assert_eq!(world.logged("token.rekeyed").await, 1);
    assert!(world.takes(&phone.code(&world)).await);
}
