//! Nobody sees or changes the token of somebody else, whatever is asked in whatever way.

use axum::body::Body;
use axum::http::StatusCode;
use softtoken_issuer::portal::{Role, paths};
use softtoken_issuer::tokens::TokenState;

use super::phone::{Ready, active};
use crate::world::World;

/// The pages of one token, from the router's own list.
fn pages() -> Vec<&'static str> {
    let pages: Vec<_> =
        paths().into_iter().filter(|path| path.starts_with("/portal/authenticators/{id}/")).collect();
    assert!(pages.len() >= 8);
    pages
}

const FORM: [(&str, &str); 8] = [
    ("way", "email"),
    ("registration", "00000-00000"),
    ("how", "code"),
    ("code", "00000000"),
    ("label", "mine"),
    ("kind", "soft"),
    ("serial", "HW-1"),
    ("response", "00000000"),
];

#[tokio::test]
async fn a_token_of_somebody_else_is_the_page_of_no_token_for_staff_too() {
    let world = World::new().await;
    let anna = world.user("anna", Role::User).await;
    for (name, role) in [("ben", Role::User), ("dora", Role::HelpDesk), ("adam", Role::Admin)] {
        world.user(name, role).await;
    }
    let soft = active(&world, &anna).await;
    let new = world.issuer.create_token("test", &anna).await.unwrap().id;
    let hardware = Ready { user: Some(&anna), state: "ACTIVE", ..Ready::default() }.put(&world).await;
    let nobodys = Ready { serial: "HW-2", ..Ready::default() }.put(&world).await;
    let before = world.issuer.tokens_of(&anna).await.unwrap();
    for name in ["ben", "dora", "adam"] {
        let mut browser = world.signed_in(name).await;
        let missing = "0".repeat(32);
        for id in [&soft, &new, &hardware, &nobodys, &missing, "x", "%27", "..%2f.."] {
            for page in pages() {
                let path = page.replace("{id}", id);
                browser.open("/portal/authenticators").await;
                browser.send(&path, &FORM).await;
                assert_eq!(browser.status, StatusCode::NOT_FOUND, "POST {path}");
                assert!(browser.says("This page does not exist."));
                browser.open(&path).await;
                assert_eq!(browser.status, StatusCode::NOT_FOUND, "GET {path}");
                assert!(browser.says("This page does not exist."));
            }
        }
    }
    assert_eq!(world.issuer.tokens_of(&anna).await.unwrap(), before);
    assert_eq!(world.issuer.token(&nobodys).await.unwrap().state, TokenState::Unassigned);
    assert!(world.mail.take().is_empty());
}

#[tokio::test]
async fn nobody_is_let_in_without_the_second_step() {
    let world = World::new().await;
    let anna = world.user("anna", Role::User).await;
    let token = active(&world, &anna).await;
    let mut half = world.signed_in("anna").await;
    assert!(half.path.starts_with("/portal/sign-in/code"));
    let others = ["/portal/authenticators/add", "/portal/authenticators/hardware"];
    for browser in [&mut half, &mut world.browser()] {
        for page in pages().iter().chain(&others) {
            let path = page.replace("{id}", &token);
            for method in ["GET", "POST"] {
                let headers = browser.raw(browser.request(method, &path).body(Body::empty()).unwrap()).await;
                assert_eq!(browser.status, StatusCode::SEE_OTHER, "{method} {path}");
                assert!(
                    headers["location"].to_str().unwrap().starts_with("/portal/sign-in"),
                    "{method} {path}"
                );
            }
        }
    }
    assert_eq!(world.issuer.token(&token).await.unwrap().state, TokenState::Active);
}

#[tokio::test]
async fn looking_changes_nothing() {
    let world = World::new().await;
    let anna = world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    let soft = active(&world, &anna).await;
    let log = || async {
        let count = sqlx::query_scalar("SELECT count(*) FROM audit").fetch_one(world.issuer.store.read());
        let count: i64 = count.await.unwrap();
        count
    };
    let (before, lines) = (world.issuer.tokens_of(&anna).await.unwrap(), log().await);
    for page in pages() {
        browser.open(&page.replace("{id}", &soft)).await;
    }
    assert_eq!((world.issuer.tokens_of(&anna).await.unwrap(), log().await), (before, lines));
}

#[tokio::test]
async fn a_form_of_another_page_changes_nothing() {
    let world = World::new().await;
    let anna = world.user("anna", Role::User).await;
    let browser = &mut world.signed_in("anna").await;
    let soft = active(&world, &anna).await;
    for page in pages() {
        let path = page.replace("{id}", &soft);
        let request =
            browser.request("POST", &path).header("content-type", "application/x-www-form-urlencoded");
        browser.raw(request.body(Body::from("token=x&way=email&label=mine")).unwrap()).await;
        assert_eq!(browser.status, StatusCode::FORBIDDEN, "{path}");
        assert!(browser.says("This form was not sent from this page."));
    }
    assert_eq!(world.issuer.token(&soft).await.unwrap().state, TokenState::Active);
}
