//! The sample of a protected application.

use axum::http::StatusCode;
use softtoken_issuer::portal::Role;

use crate::world::World;

#[tokio::test]
async fn a_payment_takes_a_fresh_code_and_names_the_token_that_made_it() {
    let world = World::new().await;
    let user = world.user("anna", Role::User).await;
    let token = world.active(&user).await;
    let mut browser = world.half("anna").await;
    browser.send("/portal/sign-in/code", &[("code", &world.code())]).await;
    browser.open("/portal/sample").await;
    assert!(browser.says("Payment"));
    for wrong in [world.code(), "00000000".to_owned()] {
        browser.send("/portal/sample", &[("code", &wrong)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "a used code and a wrong one");
        assert!(browser.says("Invalid Response.") && !browser.says("Accepted by"));
    }
    world.clock.pass(30);
    browser.send("/portal/sample", &[("code", &world.code())]).await;
    assert_eq!(browser.status, StatusCode::OK);
    let number = format!("{}-{}", &token.serial[..5], &token.serial[5..]);
    assert!(browser.says("Accepted by") && browser.says(&number));
}

#[tokio::test]
async fn without_a_token_the_page_says_what_to_do_and_without_a_session_there_is_none() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    browser.open("/portal/sample").await;
    assert!(browser.says("No active authenticator"));
    browser.send("/portal/sample", &[("code", "12345678")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut nobody = world.browser();
    nobody.open("/portal/sample").await;
    assert!(nobody.path.starts_with("/portal/sign-in"));
}
