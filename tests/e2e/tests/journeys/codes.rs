//! Clocks that differ, resynchronisation, challenge and response.

use serde_json::json;
use softtoken_e2e::seeds::{OCRA_SERIAL, pskc};
use softtoken_e2e::text;

use super::lock::activate;
use super::stage::{Stage, code};

#[test]
fn a_phone_whose_clock_is_off_shows_codes_that_are_right_and_says_how_far() {
    let stage = Stage::new();
    // The issuer is right and the phone is seventeen minutes slow: only the difference matters.
    stage.pass(1_020);
    let id = stage.soft_token("anna");
    let phone = stage.token("phone");
    activate(&stage, &id, &phone, "Work");
    stage.signs_in("anna", &phone, "Work");
    let found = phone.run(["doctor", &stage.address]).unwrap();
    assert_eq!(found["issuer"]["is_issuer"], true, "{found}");
    let offset =
        found["clock"]["offsets"][0]["seconds"].as_i64().unwrap_or_else(|| panic!("none in {found}"));
    assert!((1_015..=1_025).contains(&offset), "{found}");
}

#[test]
fn a_token_out_of_step_is_resynchronised_by_one_code() {
    let stage = Stage::new();
    let id = stage.soft_token("anna");
    let phone = stage.token("phone");
    activate(&stage, &id, &phone, "Work");
    let reset = |document| stage.rest.put(&format!("/api/web/v1/tokens/{id}/reset"), &document).unwrap();

    stage.pass(1_800);
    assert_ne!(stage.sign_in("anna", &code(&phone, "Work")).0, 200);
    let codes = phone.run(["resync", "Work"]).unwrap();
    let [current, next] =
        ["current", "following"].map(|which| text(&codes[which], "code").unwrap().to_owned());
    let (status, answer) = reset(json!({ "response": "00000000" }));
    assert_eq!((status, &answer["errorMessage"]), (400, &json!("Invalid Response.")));
    assert!((200..300).contains(&reset(json!({ "response": current })).0));
    assert_eq!(stage.sign_in("anna", &next).0, 200, "the next code opens the door again");
}

#[test]
fn a_token_hours_out_of_step_is_resynchronised_by_two_consecutive_codes() {
    let stage = Stage::new();
    let id = stage.soft_token("anna");
    let phone = stage.token("phone");
    activate(&stage, &id, &phone, "Work");
    stage.pass(72_000);
    let codes = phone.run(["resync", "Work"]).unwrap();
    let [current, next] = ["current", "following"].map(|which| text(&codes[which], "code").unwrap());
    let reset = |document| stage.rest.put(&format!("/api/web/v1/tokens/{id}/reset"), &document).unwrap();
    assert_eq!(reset(json!({ "response": current })).0, 400, "too far for one code");
    let (status, answer) = reset(json!({ "response": current, "nextResponse": next }));
    assert_eq!(status, 200, "{answer}");
    let offset = answer["offset"].as_i64().unwrap();
    assert!((-72_060..=-71_970).contains(&offset), "{answer}");
}

#[test]
fn the_app_answers_a_challenge_of_the_portal() {
    let stage = Stage::new();
    let user = stage.rest.user("anna").unwrap();
    stage.rest.import(&pskc()).unwrap();
    assert_eq!(stage.rest.assign(&user, OCRA_SERIAL, None).unwrap().0, 204);
    let phone = stage.token("phone");
    let file = phone.path("tokens.pskc");
    std::fs::write(&file, pskc()).unwrap();
    let added = phone.run(["import", &file.display().to_string(), "--yes"]).unwrap();
    let name = added["added"].as_array().unwrap().iter().find(|one| one["kind"] == "ocra").unwrap();
    let name = text(name, "name").unwrap();

    let challenge = stage.rest.challenge("anna").unwrap();
    let response = phone.run(["respond", name, text(&challenge, "challenge").unwrap()]).unwrap();
    let right = text(&response, "code").unwrap();
    let (status, answer) = stage.rest.respond("anna", &challenge, right).unwrap();
    assert_eq!(status, 200, "{answer}");
    let (status, answer) = stage.rest.respond("anna", &challenge, right).unwrap();
    assert_eq!((status, &answer["errorMessage"]), (400, &json!("Invalid Response.")), "good for one try");
}
