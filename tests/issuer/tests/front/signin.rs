use axum::http::StatusCode;
use serde_json::json;
use softtoken_core::otp::OcraSuite;
use softtoken_core::otp::ocra::{Inputs, respond};
use softtoken_issuer::rest::keys::Role;

use crate::world::World;

const SIGN_IN: &str = "/api/v1/authentication/users/authenticate/TOKEN/complete";

const CHALLENGE: &str = "/api/v1/authentication/users/authenticate/TOKENCR";

/// RFC 4226 appendix D, the seed of the token in `hotp`.
const CODES: [&str; 5] = ["755224", "287082", "359152", "969429", "338314"];

fn hotp() -> serde_json::Value {
    let file = r#"<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">
<KeyPackage><DeviceInfo><Manufacturer>Maker</Manufacturer><SerialNo>987654321</SerialNo></DeviceInfo>
<Key Id="1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp"><Issuer>Maker</Issuer>
<AlgorithmParameters><ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters>
<Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret><Counter><PlainValue>0</PlainValue></Counter></Data>
</Key></KeyPackage></KeyContainer>"#;
    json!({ "file": file })
}

#[tokio::test]
async fn a_hardware_token_is_imported_assigned_by_its_holder_and_signs_in_once_with_each_code() {
    let world = World::new().await;
    let (user, _) = world.user_with_token().await;
    let (status, done) = world.admin("POST", "/api/web/v1/tokens/pskc", Some(hotp())).await;
    assert_eq!((status, done), (StatusCode::OK, json!({ "serialNumbers": ["987654321"], "leftOut": [] })));
    let (_, again) = world.admin("POST", "/api/web/v1/tokens/pskc", Some(hotp())).await;
    assert_eq!(again["leftOut"][0]["reason"], "the serial number exists already");
    let path = format!("/api/web/v1/users/{user}/tokens/assign");
    let assign = |serial: &str, code: &str| Some(json!({ "serialNumber": serial, "response": code }));
    let (status, wrong) = world.admin("PUT", &path, assign("000", CODES[0])).await;
    let text = "The Token Serial Number you have entered is invalid.";
    assert_eq!((status, &wrong["errorMessage"]), (StatusCode::BAD_REQUEST, &json!(text)));
    let (status, wrong) = world.admin("PUT", &path, assign("987654321", "000000")).await;
    assert_eq!((status, &wrong["errorMessage"]), (StatusCode::BAD_REQUEST, &json!("Invalid Response.")));
    let (status, done) = world.admin("PUT", &path, assign("987654321", CODES[0])).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{done}");
    let key = world.issuer.create_api_key("test", "portal", Role::Signin).await.unwrap();
    let sign_in = async |name: &str, code: &str| {
        let body = json!({ "userId": name, "response": code });
        world.ask(&key, "POST", SIGN_IN, Some(body)).await
    };
    let (status, done) = sign_in("anna", CODES[1]).await;
    assert_eq!(
        (status, &done["authenticationCompleted"], &done["userId"]),
        (StatusCode::OK, &json!(true), &json!("anna"))
    );
    for (name, code) in [("anna", CODES[1]), ("anna", "000000"), ("nobody", CODES[2])] {
        let (status, answer) = sign_in(name, code).await;
        assert_eq!(
            (status, &answer["errorMessage"]),
            (StatusCode::BAD_REQUEST, &json!("Invalid Response.")),
            "{name} {code}"
        );
    }
    let token = format!("/api/web/v1/tokens/{}", done["tokenId"].as_str().unwrap());
    let (status, offset) = world
        .admin(
            "PUT",
            &format!("{token}/reset"),
            Some(json!({ "response": CODES[3], "nextResponse": CODES[4] })),
        )
        .await;
    assert_eq!((status, offset), (StatusCode::OK, json!({ "offset": 0 })));
    assert_eq!(world.admin("PUT", &format!("{token}/reset"), None).await.0, StatusCode::OK);
    assert_eq!(
        world.admin("POST", &format!("{token}/challenge"), None).await.0,
        StatusCode::CONFLICT,
        "no OCRA token"
    );
    assert_eq!(world.admin("PUT", &format!("{token}/unassign"), None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.admin("GET", &token, None).await.1["state"], "UNASSIGNED");
}

#[tokio::test]
async fn a_challenge_is_answered_by_its_own_user_at_its_own_token() {
    let world = World::new().await;
    world.user_with_token().await;
    let suite = "OCRA-1:HOTP-SHA1-6:QN08";
    let file = hotp()["file"].as_str().unwrap().replace("pskc:hotp", &format!("pskc:ocra:{suite}"));
    let file = file.replace("<ResponseFormat", "<Suite>OCRA-1:HOTP-SHA1-6:QN08</Suite><ChallengeFormat Min=\"8\" Max=\"8\" Encoding=\"DECIMAL\"/><ResponseFormat");
    let (status, done) = world.admin("POST", "/api/web/v1/tokens/pskc", Some(json!({ "file": file }))).await;
    assert_eq!((status, &done["serialNumbers"]), (StatusCode::OK, &json!(["987654321"])), "{done}");
    let (_, anna) = world.admin("POST", "/api/web/v1/users/userid", Some(json!({ "userId": "anna" }))).await;
    let path = format!("/api/web/v1/users/{}/tokens/assign", anna["id"].as_str().unwrap());
    let (status, done) = world.admin("PUT", &path, Some(json!({ "serialNumber": "987654321" }))).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{done}");
    world.admin("POST", "/api/web/v1/users", Some(json!({ "userId": "ben" }))).await;
    for (name, wanted) in [("ben", StatusCode::BAD_REQUEST), ("anna", StatusCode::OK)] {
        let (status, challenge) = world.admin("POST", CHALLENGE, Some(json!({ "userId": "anna" }))).await;
        assert_eq!(status, StatusCode::OK, "{challenge}");
        let suite = OcraSuite::parse(suite).unwrap();
        let question = challenge["challenge"].as_str().unwrap();
        let inputs = Inputs { counter: None, question, pin: None, session: None, time: None };
        let response = respond(&suite, b"12345678901234567890", &inputs).unwrap().as_str().to_owned();
        let body = json!({ "userId": name, "response": response, "challengeId": challenge["challengeId"] });
        let path = format!("{CHALLENGE}/complete");
        let (status, answer) = world.admin("POST", &path, Some(body.clone())).await;
        assert_eq!(status, wanted, "{name} {answer}");
        assert_eq!(world.admin("POST", &path, Some(body)).await.0, StatusCode::BAD_REQUEST, "a second time");
    }
    let body = json!({ "userId": "anna", "response": "1" });
    for (authenticator, status) in [("TOKENCR", StatusCode::BAD_REQUEST), ("PASSWORD", StatusCode::NOT_FOUND)]
    {
        let path = format!("/api/v1/authentication/users/authenticate/{authenticator}/complete");
        assert_eq!(world.admin("POST", &path, Some(body.clone())).await.0, status, "{authenticator}");
    }
}
