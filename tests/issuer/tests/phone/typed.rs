use softtoken_core::activation::exchange::messages::Refused;
use softtoken_core::activation::exchange::{IssuerCard, Step};
use softtoken_core::codec::decimal::RegistrationCode;
use softtoken_issuer::Error;
use softtoken_issuer::orders::Completed;
use softtoken_issuer::secrets::Purpose;
use softtoken_issuer::tokens::TokenState;

use crate::devices::*;

/// A well-formed code with another value.
pub(crate) fn another(code: &str) -> String {
    let value = RegistrationCode::parse(code).unwrap().value();
    RegistrationCode::from_value((value + 1) % 1_000_000_000).unwrap().grouped().to_string()
}

#[tokio::test]
async fn typed_values_wait_for_their_registration_code() {
    let world = World::new().await;
    let order = world.order(TYPED).await;
    let mut device = begin(by_typed(&world, &order));
    world.step(&mut device).await;
    let Step::ShowCode(code) = world.step(&mut device).await else { panic!("no code is shown") };
    assert!(matches!(world.step(&mut device).await, Step::ShowCode(_)), "asking early changes nothing");
    assert_eq!(world.state().await, TokenState::Activating);
    let token = &world.token.id;
    let mistyped = code.replace(code.chars().next().unwrap(), "x");
    assert!(matches!(world.issuer.complete("test", token, &mistyped, None).await, Err(Error::BadValue(_))));
    for _ in 0..2 {
        let wrong = world.issuer.complete("test", token, &another(&code), None).await;
        assert!(matches!(wrong, Err(Error::RegistrationCode)));
    }
    assert_eq!(world.issuer.complete("test", token, &code, None).await.unwrap(), Completed::Active);
    assert!(matches!(world.step(&mut device).await, Step::Active));
    assert!(world.secret(Purpose::Seed).await == device.agreement().unwrap().keys.seed.expose());
    assert!(matches!(world.issuer.complete("test", token, &code, None).await, Err(Error::WrongState)));
}

#[tokio::test]
async fn the_third_wrong_registration_code_voids_the_order() {
    let world = World::new().await;
    let order = world.order(softtoken_issuer::orders::OrderRequest { confirm: Some(true), ..LINK }).await;
    let mut device = begin(by_link(&order));
    world.step(&mut device).await;
    let Step::ShowCode(code) = world.step(&mut device).await else { panic!("no code is shown") };
    for _ in 0..3 {
        let wrong = world.issuer.complete("test", &world.token.id, &another(&code), None).await;
        assert!(matches!(wrong, Err(Error::RegistrationCode)));
    }
    let late = world.issuer.complete("test", &world.token.id, &code, None).await;
    assert!(matches!(late, Err(Error::Void)));
    assert!(matches!(world.step(&mut device).await, Step::Ended(Refused::Void)));
}

#[tokio::test]
async fn an_older_activation_code_is_told_that_it_is_superseded() {
    let world = World::new().await;
    let first = world.order(TYPED).await;
    let second = world.order(TYPED).await;
    assert_eq!(world.refusal(by_typed(&world, &first)).await, Refused::Superseded);
    assert!(matches!(world.step(&mut begin(by_typed(&world, &second))).await, Step::Send));
}

#[tokio::test]
async fn the_card_names_the_key_and_proves_it() {
    let world = World::new().await;
    let card = IssuerCard::decode(&world.issuer.card().unwrap()).unwrap();
    card.proof.check(&world.issuer.settings.address, &card.handshake_key, None).unwrap();
    assert!(card.handshake_key == world.issuer.keys.public());
}
