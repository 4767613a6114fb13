//! API keys.

use axum::body::Body;
use axum::http::StatusCode;

use super::stage::Desk;
use crate::world::between;

#[tokio::test]
async fn a_key_is_shown_once_works_and_stops_working_when_it_is_revoked() {
    let desk = Desk::new().await;
    let mut browser = desk.of("adam").await;
    browser.open("/desk/keys").await;
    browser.send("/desk/keys", &[("name", "<b>"), ("role", "ADMIN")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.says("value=\"&lt;b&gt;\""));
    browser.send("/desk/keys", &[("name", "shop"), ("role", "KING")]).await;
    assert_eq!(browser.status, StatusCode::BAD_REQUEST);
    browser.open("/desk/keys").await;
    browser.send("/desk/keys", &[("name", "shop"), ("role", "AUDITOR")]).await;
    let key = between(&browser.html, "aria-labelledby=\"key-label\">", "<").unwrap().to_owned();
    assert!(key.starts_with("stk_"));
    let ask = async || {
        let mut program = desk.world.browser();
        let request = program.request("GET", "/api/web/v1/settings/softtoken").header("authorization", &key);
        program.raw(request.body(Body::empty()).unwrap()).await;
        (program.status, program.html)
    };
    let (status, answer) = ask().await;
    assert!(status == StatusCode::OK && answer.contains("\"activationLifetime\":300"), "{answer}");
    browser.open("/desk/policy").await;
    browser.send("/desk/policy", &[("activationLifetime", "900")]).await;
    assert!(ask().await.1.contains("\"activationLifetime\":900"), "programs see what is in force");
    browser.open("/desk/keys").await;
    assert!(browser.says(">shop<") && !browser.says(&key));
    let id = between(&browser.html, "action=\"/desk/keys/", "/revoke\"").unwrap().to_owned();
    browser.send(&format!("/desk/keys/{id}/revoke"), &[]).await;
    assert!(browser.says("The key was revoked.") && browser.says(">Revoked<"));
    assert_eq!(ask().await.0, StatusCode::UNAUTHORIZED);
    browser.post(&format!("/desk/keys/{id}/revoke"), &[]).await;
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.logged("api_key.created").await, [("adam".to_owned(), "shop, AUDITOR".to_owned())]);
    assert_eq!(desk.logged("api_key.revoked").await, [("adam".to_owned(), "shop".to_owned())]);
}
