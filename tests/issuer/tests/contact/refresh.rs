use softtoken_core::activation::contact::{Step, TokenState, Wish};
use softtoken_core::time::UnixTime;

use crate::world::*;

#[tokio::test]
async fn a_refresh_tells_how_the_token_stands() {
    let (world, mut phone) = World::active().await;
    world.clock.pass(500);
    let Step::Done(report) = phone.contact(&world, Wish::Refresh).await else { panic!("not done") };
    assert_eq!((report.state, report.time), (TokenState::Active, UnixTime(START.0 + 500)));
    assert_eq!((report.rekey_wanted, report.alone), (false, true));
    assert_eq!(report.policy, world.issuer.settings.policy.for_devices());
    let token = world.issuer.token(&world.token.id).await.unwrap();
    assert_eq!(token.device.as_deref(), Some("new telephone"));
    assert!(world.takes(&phone.code(&world)).await);
}

#[tokio::test]
async fn another_policy_arrives_with_the_next_contact() {
    let (mut world, mut phone) = World::active().await;
    let Step::Done(before) = phone.contact(&world, Wish::Refresh).await else { panic!("not done") };
    world.restart("pinLength = 9\nforbidBiometric = true").await;
    let Step::Done(after) = phone.contact(&world, Wish::Refresh).await else { panic!("not done") };
    assert_ne!(before.policy, after.policy);
    assert_eq!((after.policy.pin.min_digits, after.policy.forbid_biometric), (9, true));
}

#[tokio::test]
async fn a_disabled_token_is_told_so_gets_no_other_seed_and_works_on_once_it_is_enabled() {
    let (world, mut phone) = World::active().await;
    world.issuer.disable("test", &world.token.id).await.unwrap();
    let Step::Done(report) = phone.contact(&world, Wish::Refresh).await else { panic!("not done") };
    assert_eq!(report.state, TokenState::Disabled);
    assert!(matches!(phone.contact(&world, Wish::Rekey).await, Step::Refused(_)));
    assert_eq!(world.logged("token.rekeyed").await, 0);
    world.issuer.enable("test", &world.token.id).await.unwrap();
    let Step::Done(report) = phone.contact(&world, Wish::Refresh).await else { panic!("not done") };
    assert_eq!(report.state, TokenState::Active);
    assert!(world.takes(&phone.code(&world)).await);
}

#[tokio::test]
async fn a_wish_for_another_seed_stays_until_there_is_one() {
    let (world, mut phone) = World::active().await;
    world.issuer.want_rekey("test", &world.token.id).await.unwrap();
    let wanted = async |phone: &mut crate::phone::Phone| match phone.contact(&world, Wish::Refresh).await {
        Step::Done(report) => report.rekey_wanted,
        _ => panic!("not done"),
    };
    assert!(wanted(&mut phone).await);
    // The answer to this rekey is lost, and the phone begins again: the new pair dies, the wish does not.
    let mut contact = phone.begin(&world, Wish::Rekey).await;
    phone.turn(&world, &mut contact).await;
    world.post(&phone.request(&mut contact)).await;
    assert!(wanted(&mut phone).await);
    assert!(matches!(phone.contact(&world, Wish::Rekey).await, Step::Done(report) if !report.rekey_wanted));
    assert!(!wanted(&mut phone).await);
    assert!(world.issuer.want_rekey("test", "nobody").await.is_err());
    assert_eq!(world.logged("token.rekey_wanted").await, 1);
}
