use axum::http::StatusCode;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn users_are_made_found_listed_and_deleted_with_their_tokens() {
    let world = World::new().await;
    let (user, token) = world.user_with_token().await;
    let (status, again) = world.admin("POST", "/api/web/v1/users", Some(json!({ "userId": "anna" }))).await;
    assert_eq!((status, &again["errorCode"]), (StatusCode::CONFLICT, &json!("exists")));
    let (_, found) = world.admin("POST", "/api/web/v1/users/userid", Some(json!({ "userId": "anna" }))).await;
    assert_eq!(found, json!({ "id": user, "userId": "anna", "email": "anna@example.com" }));
    for name in ["ben", "chris"] {
        world.admin("POST", "/api/web/v1/users", Some(json!({ "userId": name }))).await;
    }
    let (_, page) = world.admin("GET", "/api/web/v1/users?limit=1&after=anna", None).await;
    assert_eq!(
        (page["results"].as_array().unwrap().len(), &page["results"][0]["userId"]),
        (1, &json!("ben"))
    );
    let (_, tokens) = world.admin("GET", &format!("/api/web/v1/users/{user}/tokens"), None).await;
    assert_eq!((&tokens[0]["id"], &tokens[0]["state"]), (&json!(token), &json!("NEW")));
    let (status, _) = world.admin("DELETE", &format!("/api/web/v1/users/{user}"), None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    for path in [format!("/api/web/v1/users/{user}"), format!("/api/web/v1/tokens/{token}")] {
        assert_eq!(world.admin("GET", &path, None).await.0, StatusCode::NOT_FOUND);
    }
    let (_, log) = world.admin("GET", "/api/web/v1/reports/auditevents?limit=1000", None).await;
    let events: Vec<_> =
        log["results"].as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap()).collect();
    let made = ["user.created", "token.created", "user.created", "user.created", "user.deleted"];
    assert_eq!((events[0], &events[1..]), ("api_key.created", &made[..]));
    assert!(log["results"].as_array().unwrap().iter().skip(1).all(|line| line["actor"] == "admin"));
}

#[tokio::test]
async fn names_and_addresses_that_could_break_a_mail_are_refused() {
    let world = World::new().await;
    for body in [
        json!({ "userId": "" }),
        json!({ "userId": "a b" }),
        json!({ "userId": "a", "email": "a@b\r\nBcc: c@d.e" }),
        json!({ "userId": "a", "email": "a" }),
        json!({ "userId": "a", "colour": "red" }),
        json!(["a"]),
    ] {
        let (status, answer) = world.admin("POST", "/api/web/v1/users", Some(body.clone())).await;
        assert_eq!((status, &answer["errorCode"]), (StatusCode::BAD_REQUEST, &json!("bad_value")), "{body}");
    }
}
