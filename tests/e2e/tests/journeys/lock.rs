//! Five wrong PINs, the way back, and issuers side by side.

use serde_json::{Value, json};
use softtoken_e2e::text;
use softtoken_e2e::token::Token;

use super::stage::{Stage, code, error, listed};

#[test]
fn five_wrong_pins_an_unlock_code_and_a_new_pin() {
    let stage = Stage::new();
    let id = stage.soft_token("anna");
    let phone = stage.token("phone");
    activate(&stage, &id, &phone, "Work");
    block(&phone);
    let status = phone.run(["status"]).unwrap();
    assert_eq!(status["state"], "blocked");
    let unlock = stage.rest.unlock(&id, reset_code(&status, &stage.address)).unwrap();
    let new = phone.secret_file("new-pin", "7264").unwrap().display().to_string();
    phone.run(["unlock", &unlock, "--new-pin-file", &new]).unwrap();
    phone.secret_file("pin", "7264").unwrap();
    stage.signs_in("anna", &phone, "Work");

    // The same code a second time opens nothing: the app shows another PIN reset code now.
    block(&phone);
    let again = phone.try_run(["unlock", &unlock, "--new-pin-file", &new], "").unwrap();
    error(&again, 6, "WrongUnlockCode");
    let status = phone.run(["status"]).unwrap();
    let unlock = stage.rest.unlock(&id, reset_code(&status, &stage.address)).unwrap();
    phone.run(["unlock", &unlock, "--new-pin-file", &new]).unwrap();
}

#[test]
fn issuers_side_by_side_the_strictest_pin_rules_and_nobody_opens_the_other() {
    let (easy, strict) = (Stage::new(), Stage::with("[policy]\npinLength = 6\n", false));
    let ids = [easy.soft_token("anna"), strict.soft_token("anna")];
    let phone = easy.token("phone");
    activate(&easy, &ids[0], &phone, "Easy");
    let order = strict.order(&ids[1], "ONLINE");
    let link = text(&order, "activationOnlineHttpURL").unwrap();
    let ended = phone.try_run(["add", "-", "--yes", "--name", "Strict"], link).unwrap();
    assert_ne!(ended.code, 0, "a PIN of four digits is too short for it: {}", ended.json);
    let new = phone.secret_file("new-pin", "726491").unwrap().display().to_string();
    phone.run(["change-pin", "--new-pin-file", &new]).unwrap();
    phone.secret_file("pin", "726491").unwrap();
    phone.run(["add", link, "--yes", "--name", "Strict"]).unwrap();

    block(&phone);
    let status = phone.run(["status"]).unwrap();
    let unlock = easy.rest.unlock(&ids[0], reset_code(&status, &easy.address)).unwrap();
    let waiting = phone.run(["unlock", &unlock, "--new-pin-file", &new]).unwrap();
    let states = listed(&phone);
    let state = |name: &str| states.iter().find(|(one, _)| one == name).map(|(_, state)| state.as_str());
    assert_eq!((state("Easy"), state("Strict")), (Some("active"), Some("needs_unlock_code")));
    assert!(phone.try_run(["codes", "Strict"], "").unwrap().json["codes"][0]["code"].is_null());
    let unlock = strict.rest.unlock(&ids[1], reset_code(&waiting, &strict.address)).unwrap();
    phone.run(["unlock", &unlock]).unwrap();
    strict.signs_in("anna", &phone, "Strict");
    easy.signs_in("anna", &phone, "Easy");
}

/// Activates by link.
pub fn activate(stage: &Stage, id: &str, phone: &Token, name: &str) {
    let order = stage.order(id, "ONLINE");
    phone.run(["add", text(&order, "activationOnlineHttpURL").unwrap(), "--yes", "--name", name]).unwrap();
    assert_eq!(code(phone, name).len(), 8);
}

pub fn block(phone: &Token) {
    let right = std::fs::read_to_string(phone.path("pin")).unwrap();
    phone.secret_file("pin", if right.len() == 4 { "9405" } else { "940517" }).unwrap();
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(error(&phone.try_run(["list"], "").unwrap(), 6, "WrongPin")["attempts_left"], left);
    }
    phone.secret_file("pin", &right).unwrap();
}

pub fn reset_code<'a>(status: &'a Value, issuer: &str) -> &'a str {
    let asks = status["ask"].as_array().unwrap();
    let ask = asks.iter().find(|ask| ask["issuer"] == json!(issuer)).unwrap();
    text(ask, "reset_code").unwrap()
}
