use softtoken_core::activation::exchange::Step;
use softtoken_core::activation::exchange::messages::Refused;
use softtoken_issuer::secrets::Purpose;
use softtoken_issuer::tokens::TokenState;

use crate::devices::*;

#[tokio::test]
async fn a_qr_code_takes_four_wrong_passwords_and_then_the_right_one() {
    let world = World::new().await;
    let order = world.order(QR_CODE).await;
    let right = order.password.clone().unwrap();
    let mut device = begin(by_qr_code(&order, &wrong(&right)));
    for left in [4, 3, 2, 1] {
        let step = world.step(&mut device).await;
        assert!(matches!(step, Step::Password { tries_left } if tries_left == left));
        let next = if left == 1 { right.to_string() } else { wrong(&right) };
        device.supply_password(next.as_bytes()).unwrap();
    }
    assert!(matches!(world.step(&mut device).await, Step::Send));
    assert!(matches!(world.step(&mut device).await, Step::Active));
    assert!(world.secret(Purpose::Seed).await == device.agreement().unwrap().keys.seed.expose());
}

#[tokio::test]
async fn the_fifth_wrong_password_voids_the_order_whoever_typed_it() {
    let world = World::new().await;
    let order = world.order(QR_CODE).await;
    let right = order.password.clone().unwrap();
    for left in [4, 3, 2, 1] {
        // Another device each time: the order counts.
        let step = world.step(&mut begin(by_qr_code(&order, &wrong(&right)))).await;
        assert!(matches!(step, Step::Password { tries_left } if tries_left == left));
    }
    assert_eq!(world.refusal(by_qr_code(&order, &wrong(&right))).await, Refused::Void);
    assert_eq!(world.refusal(by_qr_code(&order, &right)).await, Refused::Void);
    assert_eq!(world.state().await, TokenState::Activating);
    assert_eq!(world.logged("order.wrong_password").await, 5);
}

#[tokio::test]
async fn confirmation_is_demanded_where_the_policy_says_so() {
    let world = World::with("[policy]\nconfirmInPortal = true\notpLength = 6\notpAlgorithm = 'SHA1'").await;
    let order = world.order(QR_CODE).await;
    let mut device = begin(by_qr_code(&order, &order.password.clone().unwrap()));
    world.step(&mut device).await;
    let Step::ShowCode(code) = world.step(&mut device).await else { panic!("no code is shown") };
    world.issuer.complete("test", &world.token.id, &code, None).await.unwrap();
    assert!(matches!(world.step(&mut device).await, Step::Active));
    let token = world.issuer.token(&world.token.id).await.unwrap();
    assert_eq!((token.digits, &*token.algorithm, token.period), (6, "SHA1", 30));
}
