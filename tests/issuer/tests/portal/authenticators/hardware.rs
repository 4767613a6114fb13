//! Taking a hardware token by its serial number and its code.

use axum::http::StatusCode;
use softtoken_issuer::portal::Role;

use super::phone::{Ready, STEP, code, path};
use crate::world::{Browser, World};

const PAGE: &str = "/portal/authenticators/hardware";

async fn with_token_of_nobody() -> (World, Browser, String) {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let token = Ready::default().put(&world).await;
    let browser = world.signed_in("anna").await;
    (world, browser, token)
}

#[tokio::test]
async fn the_token_with_this_serial_number_that_shows_this_code_is_taken() {
    let (_world, mut browser, token) = with_token_of_nobody().await;
    browser.open(PAGE).await;
    assert!(browser.says("Token Serial Number") && browser.says(">Response<"));
    let shown = code(STEP);
    browser.send(PAGE, &[("serial", " HW-1 "), ("response", &shown)]).await;
    assert_eq!(browser.path, "/portal/authenticators?done=hardware-added");
    assert!(browser.says("HW-1") && browser.says("Hardware token") && browser.says(&path(&token, "reset")));
    assert!(!browser.says(&path(&token, "activate")), "only apps are activated");
}

#[tokio::test]
async fn an_unknown_serial_number_and_one_that_somebody_has_are_invalid() {
    let (world, mut browser, _) = with_token_of_nobody().await;
    let ben = world.user("ben", Role::User).await;
    Ready { serial: "HW-2", user: Some(&ben), state: "ACTIVE", ..Ready::default() }.put(&world).await;
    let shown = code(STEP);
    for serial in ["HW-9", "HW-2", "", "<script>"] {
        browser.open(PAGE).await;
        browser.send(PAGE, &[("serial", serial), ("response", &shown)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(browser.says("<strong>The Token Serial Number you have entered is invalid.</strong>"));
        assert!(!browser.says("<script>") && !browser.says(&shown));
    }
}

#[tokio::test]
async fn a_wrong_code_is_an_invalid_response_and_five_tries_are_all() {
    let (_world, mut browser, _) = with_token_of_nobody().await;
    for _ in 0..5 {
        browser.open(PAGE).await;
        browser.send(PAGE, &[("serial", "HW-1"), ("response", "00000000")]).await;
        assert!(browser.says("<strong>Invalid Response.</strong>") && browser.says("value=\"HW-1\""));
    }
    let shown = code(STEP);
    browser.send(PAGE, &[("serial", "HW-1"), ("response", &shown)]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.says("Too many tries."));
}
