use softtoken_core::codec::decimal::ResetCode;
use softtoken_core::lock::UnlockCode;
use softtoken_core::secret::Key;
use softtoken_issuer::Error;

use crate::devices::*;

/// What a device derives when it arms its vault, which this code must open.
fn armed(world: &World, recovery: &Key<32>, reset_code: &str) -> String {
    let reset_code = ResetCode::parse(reset_code).unwrap();
    let address = world.issuer.settings.address.ascii();
    UnlockCode::answer(recovery, &reset_code, address, &world.token.serial).unwrap().shown().to_string()
}

#[tokio::test]
async fn the_unlock_code_is_the_one_that_the_device_has_armed() {
    let world = World::new().await;
    let reset_code = ResetCode::from_value(12_345_678).unwrap().grouped();
    let unlock = || world.issuer.unlock("desk", &world.token.id, &reset_code);
    assert!(matches!(unlock().await, Err(Error::WrongState)), "nothing is active yet");
    let mut first = begin(by_link(&world.order(LINK).await));
    world.step(&mut first).await;
    world.step(&mut first).await;
    let codes = unlock().await.unwrap();
    let right = armed(&world, &first.agreement().unwrap().keys.recovery, &reset_code);
    assert_eq!((codes.code.as_str(), codes.former.is_none()), (&*right, true));
    assert!(UnlockCode::parse(&codes.code).is_ok());

    // After a reactivation the device may still hold the former identity.
    let mut second = begin(by_link(&world.order(LINK).await));
    world.step(&mut second).await;
    world.step(&mut second).await;
    let codes = unlock().await.unwrap();
    assert_eq!(codes.former.unwrap().as_str(), right);
    assert_eq!(codes.code.as_str(), armed(&world, &second.agreement().unwrap().keys.recovery, &reset_code));
    world.clock.pass(86_401);
    assert!(unlock().await.unwrap().former.is_none());
    assert_eq!(world.logged("token.unlock_code").await, 3);
}

#[tokio::test]
async fn a_mistyped_reset_code_and_a_disabled_token_get_none() {
    let world = World::new().await;
    let mut device = begin(by_link(&world.order(LINK).await));
    world.step(&mut device).await;
    world.step(&mut device).await;
    for mistyped in ["", "123456789", "12345678x"] {
        let answer = world.issuer.unlock("desk", &world.token.id, mistyped).await;
        assert!(matches!(answer, Err(Error::BadValue("unlockChallenge"))), "{mistyped}");
    }
    world.issuer.disable("desk", &world.token.id).await.unwrap();
    let reset_code = ResetCode::from_value(1).unwrap().grouped();
    let answer = world.issuer.unlock("desk", &world.token.id, &reset_code).await;
    assert!(matches!(answer, Err(Error::WrongState)));
}

#[tokio::test]
async fn a_token_gets_five_unlock_codes_in_an_hour() {
    let world = World::new().await;
    let mut device = begin(by_link(&world.order(LINK).await));
    world.step(&mut device).await;
    world.step(&mut device).await;
    let reset_code = ResetCode::from_value(1).unwrap().grouped();
    let unlock = || world.issuer.unlock("desk", &world.token.id, &reset_code);
    for _ in 0..5 {
        unlock().await.unwrap();
    }
    assert!(matches!(unlock().await, Err(Error::TooManyTries)));
    world.clock.pass(3600);
    unlock().await.unwrap();
}
