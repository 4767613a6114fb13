use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use softtoken_issuer::mail::MailKind;
use softtoken_issuer::rest::keys::Role;

use crate::world::World;

#[tokio::test]
async fn an_order_has_the_values_of_its_way_and_is_mailed_when_asked() {
    let world = World::new().await;
    let (_, token) = world.user_with_token().await;
    let path = format!("/api/web/v1/tokens/{token}/activation");
    let has = |answer: &serde_json::Value| {
        let names = [
            "activationCode",
            "activationURL",
            "activationOnlineURL",
            "activationOnlineHttpURL",
            "activationPassword",
        ];
        names.map(|name| answer.get(name).is_some())
    };
    let (status, all) = world.admin("POST", &path, None).await;
    assert_eq!((status, has(&all)), (StatusCode::OK, [true, true, false, true, true]));
    assert_eq!(all["activationAddress"], "issuer.example");
    assert_eq!(all["serialNumber"].as_str().unwrap().len(), 10);
    assert_eq!(all["activationCode"].as_str().unwrap().len(), 16);
    assert_eq!(all["expiresAt"], 1_800_000_300);
    let picture = STANDARD.decode(all["activationQRCode"].as_str().unwrap()).unwrap();
    assert!(picture.starts_with(b"\x89PNG"));
    let ways = [
        ("CLASSIC", [true, false, false, false, false]),
        ("ONLINE", [false, false, false, true, false]),
        ("OFFLINE", [false, true, false, false, true]),
    ];
    for (way, values) in ways {
        let (status, answer) = world.admin("POST", &path, Some(json!({ "type": way }))).await;
        assert_eq!((status, has(&answer)), (StatusCode::OK, values), "{way}");
    }
    assert!(world.mail.take().is_empty());
    let parms = json!({ "type": "ONLINE", "deliverActivationEmail": true, "confirmInPortal": true });
    let (_, mailed) = world.admin("POST", &path, Some(parms)).await;
    assert!(mailed["activationOnlineURL"].as_str().unwrap().starts_with("softtoken://a#2."));
    let mails = world.mail.take();
    let [mail] = &mails[..] else { panic!("{} mails", mails.len()) };
    let MailKind::Activation(order) = &mail.kind else { panic!() };
    assert_eq!(
        (mail.to.as_str(), order.link_https.as_ref().unwrap().as_str()),
        ("anna@example.com", mailed["activationOnlineHttpURL"].as_str().unwrap())
    );
    let (_, view) = world.admin("GET", &format!("/api/web/v1/tokens/{token}"), None).await;
    assert_eq!(view["state"], "ACTIVATING");
}

#[tokio::test]
async fn verifications_are_chosen_for_one_order_in_place_of_the_policys() {
    let world = World::new().await;
    let (_, token) = world.user_with_token().await;
    let path = format!("/api/web/v1/tokens/{token}/activation");
    let demanded = async |parms: serde_json::Value| {
        let (status, answer) = world.admin("POST", &path, Some(parms)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let newest = "SELECT verifications FROM orders WHERE state = 'OPEN'";
        sqlx::query_scalar::<_, i64>(newest).fetch_one(world.issuer.store.read()).await.unwrap()
    };
    assert_eq!(demanded(json!({})).await, 0);
    assert_eq!(demanded(json!({ "verifications": ["face"] })).await, 2);
    let policy = vec![("verifications", Some(json!(["face"])))];
    world.issuer.set_policy("test", policy).await.unwrap();
    let (_, rules) = world.admin("GET", "/api/web/v1/settings/softtoken", None).await;
    assert_eq!(rules["verifications"], json!(["face"]));
    assert_eq!(demanded(json!({ "type": "ONLINE" })).await, 2);
    assert_eq!(demanded(json!({ "verifications": [] })).await, 0);
    // Without its listener nobody could prove a certificate; the order before stays.
    for wrong in [json!(["certificate"]), json!(["voice"]), json!("face")] {
        let (status, _) = world.admin("POST", &path, Some(json!({ "verifications": wrong }))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn completion_and_unlock_refuse_what_does_not_fit_and_say_so() {
    let world = World::new().await;
    let (_, token) = world.user_with_token().await;
    let token = format!("/api/web/v1/tokens/{token}");
    let complete = |code: &str| json!({ "registrationCode": code });
    let path = format!("{token}/activation");
    let (status, _) = world.admin("PUT", &path, Some(complete("1234567897"))).await;
    assert!(status.is_client_error(), "no order: {status}");
    world.admin("POST", &path, None).await;
    let (status, answer) = world.admin("PUT", &path, Some(complete("1234567890"))).await;
    assert_eq!((status, &answer["errorCode"]), (StatusCode::BAD_REQUEST, &json!("bad_value")), "check digit");
    let (status, answer) =
        world.admin("PUT", &format!("{token}/unlock"), Some(json!({ "unlockChallenge": "123456782" }))).await;
    assert_eq!((status, &answer["errorCode"]), (StatusCode::CONFLICT, &json!("wrong_state")));
    let state = |state: &str| Some(json!({ "state": state }));
    let path = format!("{token}/changestate");
    assert_eq!(world.admin("PUT", &path, state("ACTIVE")).await.0, StatusCode::CONFLICT);
    assert_eq!(world.admin("PUT", &path, state("INACTIVE")).await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.admin("PUT", &path, state("NEW")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(world.admin("DELETE", &token, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.admin("DELETE", &token, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn each_role_may_do_its_own_work_only() {
    let world = World::new().await;
    let (user, token) = world.user_with_token().await;
    let new_user = json!({ "userId": "eve" });
    let requests = [
        ("POST", "/api/web/v1/users".to_owned(), Some(new_user)),
        ("GET", format!("/api/web/v1/users/{user}"), None),
        ("POST", format!("/api/web/v1/tokens/{token}/activation"), Some(json!({ "type": "ONLINE" }))),
        ("GET", "/api/web/v1/reports/auditevents".to_owned(), None),
        ("GET", "/api/web/v1/settings/softtoken".to_owned(), None),
    ];
    let allowed = [
        (Role::Admin, [true, true, true, true, true]),
        (Role::Helpdesk, [false, true, true, false, true]),
        (Role::Auditor, [false, true, false, true, true]),
        (Role::Signin, [false, false, false, false, false]),
    ];
    for (role, allowed) in allowed {
        let key = world.issuer.create_api_key("test", "program", role).await.unwrap();
        for ((method, path, body), allowed) in requests.iter().zip(allowed) {
            let (status, answer) = world.ask(&key, method, path, body.clone()).await;
            let wanted = if allowed { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(status, wanted, "{role:?} {method} {path} {answer}");
        }
    }
}
