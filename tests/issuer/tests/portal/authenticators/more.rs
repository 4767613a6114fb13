//! Details, labels, disable, enable, delete, give back.

use axum::http::StatusCode;
use softtoken_issuer::portal::Role;
use softtoken_issuer::tokens::TokenState;

use super::phone::{Ready, active, active_as, logged, path};
use crate::world::{Browser, World};

/// Anna, signed in, with two active soft tokens.
async fn with_two() -> (World, Browser, String, String) {
    let world = World::new().await;
    let user = world.user("anna", Role::User).await;
    let browser = world.signed_in("anna").await;
    let (first, second) = (active(&world, &user).await, active(&world, &user).await);
    (world, browser, first, second)
}

async fn state(world: &World, token: &str) -> TokenState {
    world.issuer.token(token).await.unwrap().state
}

#[tokio::test]
async fn a_label_is_tidied_kept_and_shown_everywhere() {
    let (world, mut browser, token, _) = with_two().await;
    browser.open(&path(&token, "more")).await;
    for text in ["telephone", "8 digits", "Serial number", "Right", "Soft token"] {
        assert!(browser.says(text), "{text}");
    }
    browser.send(&path(&token, "more"), &[("label", "  My   phone ")]).await;
    assert!(browser.says("The label is changed.") && browser.says("<h1>My phone</h1>"));
    for page in ["/portal/authenticators".to_owned(), path(&token, "reset"), path(&token, "delete")] {
        browser.open(&page).await;
        assert!(browser.says("My phone"), "{page}");
    }
    assert_eq!(logged(&world, "token.renamed", "anna").await, 1);
    browser.send(&path(&token, "more"), &[("label", "my phone")]).await;
    assert!(browser.says("<h1>my phone</h1>"), "it does not clash with itself");
}

#[tokio::test]
async fn labels_are_short_and_unlike_those_of_the_users_other_tokens() {
    let (world, mut browser, first, second) = with_two().await;
    browser.send(&path(&first, "more"), &[("label", "Phone")]).await;
    let number = world.issuer.token(&first).await.unwrap().serial;
    let long = "x".repeat(41);
    for wrong in ["", "  ", "a\u{0}b", "a\nb", "\u{200b}", &long] {
        browser.send(&path(&second, "more"), &[("label", wrong)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
        assert!(browser.says("Type a label of 1 to 40 characters") && browser.says("aria-invalid"));
    }
    for taken in ["Phone", " PHONE ", "Ph\u{43e}ne"] {
        browser.send(&path(&second, "more"), &[("label", taken)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{taken:?}");
        assert!(browser.says("Another authenticator of yours is called so."));
    }
    // A token without a label goes by its serial number.
    let grouped = format!("{}-{}", &number[..5], &number[5..]);
    browser.send(&path(&second, "more"), &[("label", &grouped)]).await;
    assert!(browser.says("The label is changed."), "the first one has a label now");
    browser.send(&path(&second, "more"), &[("label", &"\u{e4}".repeat(40))]).await;
    assert!(browser.says("The label is changed."));
    let ben = world.user("ben", Role::User).await;
    let other = active(&world, &ben).await;
    assert_eq!(logged(&world, "token.renamed", "anna").await, 3);
    assert!(world.issuer.token(&other).await.is_ok());
}

#[tokio::test]
async fn labels_and_device_names_are_texts_and_nothing_else() {
    let world = World::new().await;
    let user = world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    let evil = "<script>alert(1)</script>";
    let token = active_as(&world, &user, evil).await;
    browser.send(&path(&token, "more"), &[("label", "\"><img src=x onerror=a>")]).await;
    let pages = ["activate", "complete", "reset", "more", "disable", "delete"].map(|page| path(&token, page));
    for page in pages.iter().chain(&["/portal/authenticators".to_owned()]) {
        browser.open(page).await;
        assert_eq!(browser.status, StatusCode::OK, "{page}");
        assert!(!browser.says("<script>") && !browser.says("<img src=x"), "{page}");
        assert!(browser.says("&quot;&gt;&lt;img src=x onerror=a&gt;"), "{page}");
    }
    assert!(browser.says("&lt;script&gt;alert(1)&lt;/script&gt;"));
    browser.send(&path(&token, "more"), &[("label", &format!("{evil}{evil}"))]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!browser.says("<script>"));
}

#[tokio::test]
async fn disabling_asks_first_and_enabling_brings_it_back() {
    let (world, mut browser, token, _) = with_two().await;
    browser.open(&path(&token, "disable")).await;
    assert!(browser.says("Disable this authenticator?") && !browser.says("last active"));
    assert_eq!(state(&world, &token).await, TokenState::Active);
    browser.send(&path(&token, "disable"), &[]).await;
    assert_eq!(state(&world, &token).await, TokenState::Inactive);
    assert!(
        browser.says("The authenticator is disabled.")
            && browser.says(">Enable</a>")
            && !browser.says(">Disable</a>")
    );
    for (page, form) in [("activate", ("way", "email")), ("reset", ("how", "code")), ("disable", ("", ""))] {
        browser.open(&path(&token, page)).await;
        assert_eq!(browser.status, StatusCode::CONFLICT, "{page}");
        browser.send(&path(&token, page), &[form]).await;
        assert_eq!(browser.status, StatusCode::CONFLICT, "{page}");
    }
    browser.open(&path(&token, "complete")).await;
    assert!(browser.says("This authenticator is disabled."));
    browser.send(&path(&token, "enable"), &[]).await;
    assert!(browser.says("The authenticator is enabled."));
    assert_eq!(state(&world, &token).await, TokenState::Active);
    for event in ["token.disabled", "token.enabled"] {
        assert_eq!(logged(&world, event, "anna").await, 1);
    }
}

#[tokio::test]
async fn what_the_help_desk_has_disabled_stays_so() {
    let (world, mut browser, token, _) = with_two().await;
    let user = world.issuer.user_by_name("anna").await.unwrap().id;
    let ready = Ready { user: Some(&user), state: "ACTIVE", ..Ready::default() };
    let hardware = ready.put(&world).await;
    for (token, undo) in [(&token, "enable"), (&hardware, "return")] {
        world.issuer.disable("dora", token).await.unwrap();
        browser.open(&path(token, "more")).await;
        assert!(browser.says("The help desk has disabled this authenticator."));
        assert!(!browser.says(">Enable</a>") && !browser.says(">Give back</a>"));
        browser.send(&path(token, undo), &[]).await;
        assert_eq!(browser.status, StatusCode::CONFLICT);
        assert_eq!(state(&world, token).await, TokenState::Inactive);
    }
}

#[tokio::test]
async fn deleting_names_the_token_and_warns_of_the_last_one() {
    let (world, mut browser, first, second) = with_two().await;
    let serial = world.issuer.token(&first).await.unwrap().serial;
    let grouped = format!("{}-{}", &serial[..5], &serial[5..]);
    browser.open(&path(&first, "delete")).await;
    for text in ["Delete this authenticator?", &grouped, "The app is told at its next contact"] {
        assert!(browser.says(text), "{text}");
    }
    assert!(!browser.says("This is your last active authenticator."));
    browser.send(&path(&first, "delete"), &[]).await;
    assert_eq!(browser.path, "/portal/authenticators?done=deleted");
    assert!(browser.says("The authenticator is deleted.") && !browser.says(&grouped));
    assert!(world.issuer.token(&first).await.is_err());
    for page in ["delete", "disable"] {
        browser.open(&path(&second, page)).await;
        assert!(
            browser.says("This is your last active authenticator.")
                && browser.says("only with your password")
        );
    }
    assert_eq!(logged(&world, "token.deleted", "anna").await, 1);
}

#[tokio::test]
async fn a_hardware_token_is_given_back_and_not_deleted() {
    let (world, mut browser, _, _) = with_two().await;
    let user = world.issuer.user_by_name("anna").await.unwrap().id;
    let ready = Ready { user: Some(&user), state: "ACTIVE", ..Ready::default() };
    let token = ready.put(&world).await;
    browser.send(&path(&token, "delete"), &[]).await;
    assert_eq!(browser.status, StatusCode::CONFLICT);
    browser.open(&path(&token, "return")).await;
    assert!(browser.says("Give this authenticator back?"));
    browser.send(&path(&token, "return"), &[]).await;
    assert!(browser.says("The authenticator is given back.") && !browser.says("HW-1"));
    assert_eq!(state(&world, &token).await, TokenState::Unassigned);
    assert_eq!(logged(&world, "hardware.unassigned", "anna").await, 1);
}
