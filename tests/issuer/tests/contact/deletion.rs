use axum::http::StatusCode;
use softtoken_core::activation::contact::{Caller, Contact, Step, Wish};
use softtoken_core::activation::exchange::Refused;
use softtoken_core::random::Random;
use softtoken_issuer::Error;

use crate::phone::Phone;
use crate::world::*;

#[tokio::test]
async fn a_deletion_ends_the_token_and_is_acknowledged_as_often_as_it_comes() {
    let (mut world, mut phone) = World::active().await;
    let mut contact = phone.begin(&world, Wish::Delete).await;
    phone.turn(&world, &mut contact).await;
    let request = phone.request(&mut contact);
    let (_, lost) = world.post(&request).await;
    assert!(matches!(world.issuer.token(&world.token.id).await, Err(Error::NotFound)));
    world.restart("").await;
    // The same request again, and another contact with what a queued deletion keeps.
    assert!(matches!(phone.finish(&world, &mut contact).await, Step::Deleted));
    assert!(world.post(&request).await.1 == lost);
    let address = world.issuer.settings.address.clone();
    let caller = Caller::new(address, world.serial(), &phone.shown.seed, phone.known).encode().unwrap();
    for _ in 0..2 {
        let caller = Caller::decode(caller.expose()).unwrap();
        let mut again = Contact::begin(caller, &world.card().await, Wish::Delete, "").unwrap();
        let (status, body) = world.post(&again.request(&Random::system()).unwrap()).await;
        assert_eq!(status, StatusCode::OK);
        again.take(&body).unwrap();
        assert!(matches!(again.step(), Step::Deleted));
    }
    assert_eq!(world.logged("token.deleted").await, 1);
    assert!(!world.takes(&phone.code(&world)).await);
}

#[tokio::test]
async fn what_the_desk_has_deleted_is_told_in_the_next_contact_and_in_one_that_runs() {
    for user in [false, true] {
        let (world, mut phone) = World::active().await;
        phone.contact(&world, Wish::Rekey).await;
        let old = Phone { shown: phone.old.clone().unwrap(), old: None, ..phone.clone() };
        let mut runs = phone.begin(&world, Wish::Refresh).await;
        phone.turn(&world, &mut runs).await;
        match user {
            false => world.issuer.delete_token("desk", &world.token.id).await.unwrap(),
            true => world.issuer.delete_user("desk", &world.user.id).await.unwrap(),
        }
        assert!(matches!(phone.finish(&world, &mut runs).await, Step::Deleted));
        for mut phone in [phone, old] {
            for wish in [Wish::Refresh, Wish::Rekey, Wish::Delete] {
                assert!(matches!(phone.contact(&world, wish).await, Step::Deleted));
            }
        }
    }
}

#[tokio::test]
async fn who_deletes_an_old_seed_takes_nothing_from_the_phone_that_has_the_new_one() {
    let (world, mut phone) = World::active().await;
    let mut old = phone.clone();
    phone.contact(&world, Wish::Rekey).await;
    assert!(matches!(old.contact(&world, Wish::Delete).await, Step::Deleted));
    assert!(matches!(old.contact(&world, Wish::Delete).await, Step::Deleted), "under a dead key");
    assert!(!world.takes(&old.code(&world)).await);
    assert!(world.takes(&phone.code(&world)).await);
    assert_eq!(world.logged("token.former_deleted").await, 1);
    assert!(matches!(phone.contact(&world, Wish::Delete).await, Step::Deleted));
    assert!(matches!(world.issuer.token(&world.token.id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_deletion_under_the_old_seed_is_the_tokens_when_nobody_shows_the_new_one() {
    let (world, mut phone) = World::active().await;
    let mut contact = phone.begin(&world, Wish::Rekey).await;
    phone.turn(&world, &mut contact).await;
    world.post(&phone.request(&mut contact)).await;
    assert!(matches!(phone.contact(&world, Wish::Delete).await, Step::Deleted));
    assert!(matches!(world.issuer.token(&world.token.id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_disabled_token_can_be_deleted_by_its_device() {
    let (world, mut phone) = World::active().await;
    world.issuer.disable("desk", &world.token.id).await.unwrap();
    assert!(matches!(phone.contact(&world, Wish::Delete).await, Step::Deleted));
    assert!(matches!(world.issuer.token(&world.token.id).await, Err(Error::NotFound)));
    assert!(!matches!(phone.contact(&world, Wish::Refresh).await, Step::Refused(Refused::Superseded)));
}
