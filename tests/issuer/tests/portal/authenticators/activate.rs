//! Adding, and the *Activate Token* dialog.

use axum::http::StatusCode;
use softtoken_core::activation::exchange::Step;
use softtoken_core::activation::exchange::messages::Refused;
use softtoken_issuer::portal::Role;
use softtoken_issuer::tokens::TokenState;

use super::phone::{Phone, active, logged, mailed, path, scanned, values};
use crate::world::{Browser, PASSWORD, World};

/// Anna, signed in, with a new soft token.
pub(super) async fn with_new_token() -> (World, Browser, String, String) {
    let world = World::new().await;
    let user = world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    browser.open("/portal/authenticators/add").await;
    browser.send("/portal/authenticators/add", &[("kind", "soft")]).await;
    let token = world.issuer.tokens_of(&user).await.unwrap().remove(0).id;
    (world, browser, user, token)
}

#[tokio::test]
async fn adding_a_soft_token_leads_to_its_dialog() {
    let (world, mut browser, _, token) = with_new_token().await;
    assert_eq!(browser.path, path(&token, "activate"));
    for text in ["<h1>Activate Token</h1>", "Mobile", "Desktop", "Send Email", "Show QR code"] {
        assert!(browser.says(text), "{text}");
    }
    assert_eq!(browser.html.matches("The app needs the network").count(), 1, "the link");
    assert_eq!(browser.html.matches("Works without network").count(), 2, "QR code and values");
    browser.open(&path(&token, "activate?on=desktop")).await;
    assert!(browser.says("Copy address, serial number and activation code") && !browser.says("Show QR code"));
    assert_eq!(world.issuer.token(&token).await.unwrap().state, TokenState::New, "looking orders nothing");
    assert_eq!(logged(&world, "token.created", "anna").await, 1);
}

#[tokio::test]
async fn the_other_choice_leads_to_hardware_and_a_third_is_refused() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    browser.open("/portal/authenticators/add").await;
    browser.send("/portal/authenticators/add", &[("kind", "hardware")]).await;
    assert_eq!(browser.path, "/portal/authenticators/hardware");
    browser.send("/portal/authenticators/add", &[("kind", "abacus")]).await;
    assert_eq!(browser.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_user_has_twenty_tokens_and_not_one_more() {
    let (world, mut browser, user, _) = with_new_token().await;
    for _ in 1..20 {
        browser.send("/portal/authenticators/add", &[("kind", "soft")]).await;
        assert_eq!(browser.status, StatusCode::OK);
    }
    for (page, form) in [("add", ("kind", "soft")), ("hardware", ("serial", "HW-1"))] {
        browser.send(&format!("/portal/authenticators/{page}"), &[form]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(browser.says("You have 20 authenticators, which is the most that you can have."));
    }
    assert_eq!(world.issuer.tokens_of(&user).await.unwrap().len(), 20);
}

#[tokio::test]
async fn an_email_goes_to_the_holder_replaces_the_older_one_and_its_link_activates() {
    let (world, mut browser, _, token) = with_new_token().await;
    browser.send(&path(&token, "activate"), &[("way", "email")]).await;
    let (to, first) = mailed(&world);
    assert_eq!(to, "anna@example.com");
    for text in [
        "The email is on its way.",
        "Waiting for the app",
        "The email went to anna@example.com.",
        "An older email no longer works.",
        "This activation ends at",
        "15 Jan 2027 08:05 UTC",
        "Check again",
        "Send Email",
    ] {
        assert!(browser.says(text), "{text}");
    }
    assert!(!browser.says("http-equiv"), "nothing reloads by itself");
    browser.send(&path(&token, "activate"), &[("way", "email")]).await;
    let (_, second) = mailed(&world);
    let link = |order: &softtoken_issuer::mail::Activation| order.link_https.clone().unwrap();
    let mut phone = Phone::by_link(&world, &link(&first));
    assert!(matches!(phone.step().await, Step::Ended(Refused::Superseded)));
    let mut phone = Phone::by_link(&world, &link(&second));
    phone.step().await;
    browser.open(&path(&token, "complete")).await;
    assert!(browser.says("The app has begun"));
    assert!(matches!(phone.step().await, Step::Active));
    browser.open(&path(&token, "complete")).await;
    assert!(browser.says("This authenticator is active."));
    assert_eq!(logged(&world, "order.made", "anna").await, 2);
}

#[tokio::test]
async fn an_email_that_could_not_be_sent_is_told_of() {
    let (world, mut browser, _, token) = with_new_token().await;
    browser.send(&path(&token, "activate"), &[("way", "email")]).await;
    let (id, insert) =
        (token.clone(), "INSERT INTO audit (at, event, token_id) VALUES (0, 'mail.failed', ?)");
    let failed = world.issuer.store.write(move |tx| {
        Box::pin(async move {
            sqlx::query(insert).bind(id).execute(tx).await?;
            Ok(())
        })
    });
    failed.await.unwrap();
    browser.open(&path(&token, "complete")).await;
    assert!(browser.says("The email to anna@example.com could not be sent.") && !browser.says("went to"));
    browser.send(&path(&token, "activate"), &[("way", "email")]).await;
    assert!(browser.says("The email went to anna@example.com."), "the next one may arrive");
    browser.send(&path(&token, "activate"), &[("way", "qr-code")]).await;
    browser.open(&path(&token, "complete")).await;
    assert!(!browser.says("went to"), "this order was not mailed");
}

#[tokio::test]
async fn a_user_without_an_address_is_told_what_to_do() {
    let (world, mut browser, user, token) = with_new_token().await;
    let clear = world.issuer.store.write(move |tx| {
        Box::pin(async move {
            sqlx::query("UPDATE users SET email = NULL WHERE id = ?").bind(user).execute(tx).await?;
            Ok(())
        })
    });
    clear.await.unwrap();
    browser.open(&path(&token, "activate")).await;
    assert!(browser.says("Your account has no email address.") && !browser.says("Send Email"));
    browser.send(&path(&token, "activate"), &[("way", "email")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.says("ask the help desk to enter your address"));
    assert_eq!(world.issuer.token(&token).await.unwrap().state, TokenState::New);
    assert!(world.mail.take().is_empty());
}

#[tokio::test]
async fn a_shown_code_is_in_one_small_answer_and_an_older_one_no_longer_works() {
    let (world, mut browser, _, token) = with_new_token().await;
    browser.send(&path(&token, "activate"), &[("way", "values")]).await;
    let older = values(&browser);
    assert!(browser.says("Enter Registration Code") && !browser.says(">Response<"));
    browser.send(&path(&token, "activate"), &[("way", "qr-code")]).await;
    let (payload, password) = scanned(&browser);
    assert!(browser.html.len() < 60 * 1024, "{}", browser.html.len());
    assert!(browser.says("15 Jan 2027 08:05 UTC") && browser.says(&path(&token, "complete")));
    assert!(world.mail.take().is_empty());
    let order =
        softtoken_core::activation::exchange::OnlineOrder::from_qr_code(&payload, password.as_bytes());
    let mut phone = Phone::begin(&world, order.unwrap(), "telephone");
    phone.step().await;
    assert!(matches!(phone.step().await, Step::Active));
    let ended = Phone::by_values(&world, &older).step().await;
    assert!(matches!(ended, Step::Ended(Refused::Superseded)));
    for page in ["activate", "complete", "more"] {
        browser.open(&path(&token, page)).await;
        assert!(!browser.says("data:image") && !browser.says(&password[..4]), "{page}");
    }
}

#[tokio::test]
async fn thirty_orders_an_hour_are_enough() {
    let (world, mut browser, _, token) = with_new_token().await;
    for _ in 0..30 {
        browser.send(&path(&token, "activate"), &[("way", "qr-code")]).await;
        assert_eq!(browser.status, StatusCode::OK);
    }
    browser.send(&path(&token, "activate"), &[("way", "email")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.says("Too many tries.") && world.mail.take().is_empty());
}

#[tokio::test]
async fn an_open_browser_enrols_no_phone_without_a_fresh_proof() {
    let (world, mut browser, user, token) = with_new_token().await;
    let old = active(&world, &user).await;
    let hardware = "/portal/authenticators/hardware";
    world.clock.pass(301);
    let pages = [
        path(&token, "activate"),
        path(&old, "activate"),
        "/portal/authenticators/add".into(),
        hardware.into(),
    ];
    for page in pages.iter().chain(&["disable", "delete"].map(|page| path(&old, page))) {
        browser.open(page).await;
        assert!(browser.path.starts_with("/portal/prove?next="), "{page}");
        for form in [("way", "qr-code"), ("kind", "soft"), ("serial", "HW-1")] {
            browser.send(page, &[form]).await;
            assert!(browser.path.starts_with("/portal/prove?next="), "{page}");
        }
    }
    assert_eq!(logged(&world, "order.made", "anna").await, 0);
    assert_eq!(world.issuer.tokens_of(&user).await.unwrap().len(), 2);
    assert_eq!(world.issuer.token(&old).await.unwrap().state, TokenState::Active);
    // The password alone is no proof for somebody with an active token.
    browser.open(&path(&token, "activate")).await;
    let form = [("password", PASSWORD), ("code", "00000000"), ("next", "/portal")];
    browser.send("/portal/prove", &form).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_fresh_proof_leads_back_to_where_it_was_asked_for() {
    let (world, mut browser, _, token) = with_new_token().await;
    world.clock.pass(301);
    browser.send(&path(&token, "activate"), &[("way", "qr-code")]).await;
    assert!(browser.path.starts_with("/portal/prove?next=") && browser.says("Is it still you?"));
    let next = path(&token, "activate");
    browser.send("/portal/prove", &[("password", PASSWORD), ("next", &next)]).await;
    assert_eq!(browser.path, next);
    browser.send(&next, &[("way", "qr-code")]).await;
    assert!(browser.says("data:image/png;base64,"));
}
