use softtoken_core::activation::exchange::Step;
use softtoken_core::activation::exchange::messages::Refused;
use softtoken_core::activation::offline::{OfflineInput, OfflineResult, argon2id};
use softtoken_core::otp::code_at;
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_issuer::Error;
use softtoken_issuer::orders::{Completed, OrderRequest};
use softtoken_issuer::secrets::Purpose;
use softtoken_issuer::tokens::TokenState;

use crate::devices::*;

fn code(device: &OfflineResult, at: UnixTime) -> String {
    code_at(&device.spec, device.seed.expose(), None, at).unwrap().code.as_str().to_owned()
}

fn by_password(order: &softtoken_issuer::mail::Activation, password: &str) -> OfflineResult {
    let input = OfflineInput::from_link(&qr_payload(order), password.as_bytes());
    input.unwrap_or_else(|_| panic!("not allowed")).start(&Random::system(), &argon2id).unwrap()
}

#[tokio::test]
async fn a_qr_code_is_completed_with_registration_code_and_first_code_and_the_drift_is_learned() {
    let world = World::new().await;
    let order = world.order(OrderRequest { typed: true, ..QR_CODE }).await;
    let right = order.password.clone().unwrap();
    let device = by_password(&order, &right);
    let (token, registration) = (&world.token.id, device.registration_code.grouped());
    let taken = world.issuer.complete("test", token, &registration, None).await.unwrap();
    assert_eq!((taken, world.state().await), (Completed::Activating, TokenState::Activating));
    assert_eq!(world.refusal(by_qr_code(&order, &right)).await, Refused::AlreadyUsed);
    // The device is an hour ahead: 120 steps, the last that are searched.
    let too_far = code(&device, START.plus(121 * 30));
    let wrong = world.issuer.complete("test", token, &registration, Some(&too_far)).await;
    assert!(matches!(wrong, Err(Error::RegistrationCode)));
    let first = code(&device, START.plus(120 * 30));
    let done = world.issuer.complete("test", token, &registration, Some(&first)).await.unwrap();
    assert_eq!((done, world.state().await), (Completed::Active, TokenState::Active));
    assert!(world.secret(Purpose::Seed).await == device.seed.expose());
    assert!(world.secret(Purpose::Recovery).await == device.recovery_key.expose());
    let query = "SELECT drift, last_step FROM tokens WHERE id = ?";
    let learned: (i64, i64) =
        sqlx::query_as(query).bind(token).fetch_one(world.issuer.store.read()).await.unwrap();
    assert_eq!(learned, (120, i64::try_from(START.0 / 30).unwrap() + 120));
}

#[tokio::test]
async fn typed_values_are_completed_in_one_call() {
    let world = World::new().await;
    let order = world.order(TYPED).await;
    let device =
        OfflineInput::from_typed(&typed_details(&order)).start(&Random::system(), &argon2id).unwrap();
    let (registration, first) = (device.registration_code.grouped(), code(&device, START));
    let done = world.issuer.complete("test", &world.token.id, &registration, Some(&first)).await.unwrap();
    assert_eq!(done, Completed::Active);
    assert!(world.secret(Purpose::Seed).await == device.seed.expose());
}

#[tokio::test]
async fn a_wrong_password_ends_in_five_first_codes_that_do_not_match() {
    let world = World::new().await;
    let order = world.order(QR_CODE).await;
    let device = by_password(&order, &wrong(&order.password.clone().unwrap()));
    let (registration, first) = (device.registration_code.grouped(), code(&device, START));
    for _ in 0..5 {
        let wrong = world.issuer.complete("test", &world.token.id, &registration, Some(&first)).await;
        assert_eq!(wrong.unwrap_err().to_string(), "Registration code does not match");
    }
    let late = world.issuer.complete("test", &world.token.id, &registration, Some(&first)).await;
    assert!(matches!(late, Err(Error::Void)));
    assert_eq!(world.state().await, TokenState::Activating);
}

#[tokio::test]
async fn an_order_that_forbids_it_or_was_claimed_online_is_not_completed_offline() {
    let world = World::new().await;
    let registration = by_password(&world.order(QR_CODE).await, "00000000").registration_code.grouped();
    let complete = || world.issuer.complete("test", &world.token.id, &registration, Some("12345678"));
    world.order(OrderRequest { offline: Some(false), ..QR_CODE }).await;
    assert!(matches!(complete().await, Err(Error::WrongState)));
    let order = world.order(QR_CODE).await;
    let mut device = begin(by_qr_code(&order, &order.password.clone().unwrap()));
    world.step(&mut device).await;
    assert!(matches!(complete().await, Err(Error::WrongState)));
    assert!(matches!(world.step(&mut device).await, Step::Active));
    world.order(QR_CODE).await;
    world.clock.pass(301);
    assert!(matches!(complete().await, Err(Error::Expired)));
}

#[tokio::test]
async fn with_another_key_file_a_right_code_does_not_match_and_the_log_says_why() {
    let world = World::new().await;
    let order = world.order(QR_CODE).await;
    let device = by_password(&order, &order.password.clone().unwrap());
    let (registration, first) = (device.registration_code.grouped(), code(&device, START));
    world.issuer.complete("test", &world.token.id, &registration, None).await.unwrap();
    world.issuer.store.close().await;
    for file in ["recovery.key", "seeds.key"] {
        let path = world.folder.path().join("k").join(file);
        let kept = std::fs::read(&path).unwrap();
        std::fs::write(&path, [9; 32]).unwrap();
        let issuer = world.restarted().await;
        let answer = issuer.complete("test", &world.token.id, &registration, Some(&first)).await;
        assert_eq!(answer.unwrap_err().to_string(), "Registration code does not match", "{file}");
        let logged = sqlx::query_scalar("SELECT count(*) FROM audit WHERE event = 'key.mismatch'");
        let logged: i64 = logged.fetch_one(issuer.store.read()).await.unwrap();
        assert_eq!(logged, if file == "recovery.key" { 1 } else { 2 });
        issuer.store.close().await;
        std::fs::write(&path, kept).unwrap();
    }
    let issuer = world.restarted().await;
    let done = issuer.complete("test", &world.token.id, &registration, Some(&first)).await.unwrap();
    assert_eq!(done, Completed::Active, "nothing was counted");
}
