//! *Complete Token Activation*, and the *Response* field of the desktop.

use axum::http::StatusCode;
use softtoken_core::activation::exchange::Step;
use softtoken_core::activation::offline::{OfflineInput, OfflineResult, argon2id};
use softtoken_core::otp::code_at;
use softtoken_core::random::Random;
use softtoken_issuer::tokens::TokenState;

use super::activate::with_new_token;
use super::phone::{Phone, another, logged, now, path, scanned, values};
use crate::world::World;

fn first_code(world: &World, device: &OfflineResult) -> String {
    code_at(&device.spec, device.seed.expose(), None, now(world)).unwrap().code.as_str().to_owned()
}

#[tokio::test]
async fn a_desktop_without_network_is_completed_by_its_response_and_its_first_code() {
    let (world, mut browser, _, token) = with_new_token().await;
    browser.send(&path(&token, "activate"), &[("way", "desktop")]).await;
    for text in
        [">Response<", "Address", "Serial number", "Activation code", "data-copies=\"activation-code\""]
    {
        assert!(browser.says(text), "{text}");
    }
    let device = OfflineInput::from_typed(&values(&browser)).start(&Random::system(), &argon2id).unwrap();
    let registration = device.registration_code.grouped();
    browser.send(&path(&token, "complete"), &[("registration", &registration)]).await;
    assert_eq!(browser.status, StatusCode::OK);
    assert!(browser.says("Now enter the code that the app shows") && browser.says(&registration));
    let form = [("registration", registration.as_str()), ("code", "00000000")];
    browser.send(&path(&token, "complete"), &form).await;
    assert!(browser.says("Registration code does not match") && browser.says(&registration));
    let first = first_code(&world, &device);
    let form = [("registration", registration.as_str()), ("code", &first)];
    browser.send(&path(&token, "complete"), &form).await;
    assert_eq!(browser.path, "/portal/authenticators?done=activated");
    assert!(browser.says("The authenticator is active."));
    assert_eq!(world.issuer.token(&token).await.unwrap().state, TokenState::Active);
}

#[tokio::test]
async fn a_qr_code_used_without_network_is_completed_on_a_page_opened_later() {
    let (world, mut browser, _, token) = with_new_token().await;
    browser.send(&path(&token, "activate"), &[("way", "qr-code")]).await;
    let (payload, password) = scanned(&browser);
    let input = OfflineInput::from_link(&payload, password.as_bytes());
    let device = input.unwrap_or_else(|_| panic!("not allowed")).start(&Random::system(), &argon2id).unwrap();
    let plain = device.registration_code.digits().to_owned();
    browser.open(&path(&token, "complete")).await;
    assert!(browser.says("Waiting for the app") && browser.says("Enter Registration Code"));
    browser.send(&path(&token, "complete"), &[("registration", &plain)]).await;
    browser.open(&path(&token, "complete")).await;
    assert!(browser.says("First code") && !browser.says(&plain), "it is shown to nobody else");
    let first = first_code(&world, &device);
    browser.send(&path(&token, "complete"), &[("registration", &plain), ("code", &first)]).await;
    assert_eq!(browser.path, "/portal/authenticators?done=activated");
}

#[tokio::test]
async fn values_claimed_over_the_network_need_the_registration_code_only() {
    let (world, mut browser, _, token) = with_new_token().await;
    browser.send(&path(&token, "activate"), &[("way", "values")]).await;
    let mut phone = Phone::by_values(&world, &values(&browser));
    phone.step().await;
    let any = another("00000-00000");
    browser.send(&path(&token, "complete"), &[("registration", &any)]).await;
    assert!(browser.says("The app is not ready for this yet."));
    let Step::ShowCode(code) = phone.step().await else { panic!("no code is shown") };
    browser.open(&path(&token, "complete")).await;
    assert!(browser.says("Waiting for the registration code") && !browser.says("First code"));
    browser.open("/portal/authenticators").await;
    assert!(browser.says(">Complete<span") && browser.says(">Reactivate<span"));
    browser.send(&path(&token, "complete"), &[("registration", &code)]).await;
    assert_eq!(browser.path, "/portal/authenticators?done=activated");
    assert!(matches!(phone.step().await, Step::Active));
    assert_eq!(logged(&world, "order.confirmed", "anna").await, 1);
    browser.send(&path(&token, "complete"), &[("registration", &code)]).await;
    assert!(browser.says("This authenticator is active."), "sent twice");
}

#[tokio::test]
async fn wrong_codes_are_told_apart_from_mistyped_ones_and_the_third_ends_the_activation() {
    let (world, mut browser, _, token) = with_new_token().await;
    browser.send(&path(&token, "activate"), &[("way", "values")]).await;
    let mut phone = Phone::by_values(&world, &values(&browser));
    phone.step().await;
    let Step::ShowCode(code) = phone.step().await else { panic!("no code is shown") };
    for mistyped in ["", "12345", "1234567890123", "<script>"] {
        browser.send(&path(&token, "complete"), &[("registration", mistyped)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(browser.says("This is not a registration code.") && !browser.says("<script>"));
    }
    let wrong = another(&code);
    for _ in 0..3 {
        browser.send(&path(&token, "complete"), &[("registration", &wrong)]).await;
        assert!(browser.says("Registration code does not match"));
    }
    assert!(browser.says("This activation is void.") && browser.says(">Reactivate</a>"));
    browser.send(&path(&token, "complete"), &[("registration", &code)]).await;
    assert_eq!(browser.html.matches("This activation is void.").count(), 1);
    assert_eq!(world.issuer.token(&token).await.unwrap().state, TokenState::Activating);
}

#[tokio::test]
async fn an_expired_activation_says_so_and_leads_to_a_new_one() {
    let (world, mut browser, _, token) = with_new_token().await;
    browser.send(&path(&token, "activate"), &[("way", "values")]).await;
    let device = OfflineInput::from_typed(&values(&browser)).start(&Random::system(), &argon2id).unwrap();
    world.clock.pass(301);
    let code = device.registration_code.grouped();
    browser.open(&path(&token, "complete")).await;
    assert!(browser.says("The activation code has expired."));
    browser.send(&path(&token, "complete"), &[("registration", &code)]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.html.matches("The activation code has expired.").count(), 1);
    assert!(browser.says(&format!("href=\"{}\"", path(&token, "activate"))));
    let forget = world.issuer.store.write(|tx| {
        Box::pin(async move {
            sqlx::query("DELETE FROM orders").execute(tx).await?;
            Ok(())
        })
    });
    forget.await.unwrap();
    for typed in [None, Some(code.as_str())] {
        browser.open(&path(&token, "complete")).await;
        if let Some(code) = typed {
            browser.send(&path(&token, "complete"), &[("registration", code)]).await;
        }
        assert_eq!(browser.html.matches("The activation code has expired.").count(), 1, "long ago");
    }
}

#[tokio::test]
async fn a_token_that_nothing_was_ordered_for_leads_to_its_dialog() {
    let (_world, mut browser, _, token) = with_new_token().await;
    browser.open(&path(&token, "complete")).await;
    assert_eq!(browser.path, path(&token, "activate"));
    browser.send(&path(&token, "complete"), &[("registration", "00000-00000")]).await;
    assert_eq!(browser.path, path(&token, "activate"));
}
