//! Tokens that their issuer disables, enables, deletes; deletions of a user that wait for the network.

use serde_json::{Value, json};
use softtoken_e2e::process::Issuer;
use softtoken_e2e::rest::well;
use softtoken_e2e::token::Token;
use softtoken_e2e::{program, text};

use super::lock::{activate, block, reset_code};
use super::stage::{Stage, code, error, listed, typed};

/// What the issuer says when the command asks it.
fn asked(phone: &Token, name: &str) -> String {
    text(&phone.run(["policy", name]).unwrap(), "issuer").unwrap().to_owned()
}

/// No command shows a code of it, and each says why.
fn assert_shows_no_code(phone: &Token, name: &str, why: &str) {
    for command in
        [["codes", name].as_slice(), &["resync", name], &["next", name], &["respond", name, "1234"]]
    {
        let refused = error(&phone.try_run(command.iter().copied(), "").unwrap(), 8, "Stopped");
        assert_eq!(refused["why"], why, "{command:?}");
        assert!(refused["since"].as_u64().is_some_and(|since| since > 0));
    }
    assert_eq!(phone.run(["codes"]).unwrap()["codes"], json!([]));
}

#[test]
fn a_disabled_token_shows_no_code_until_it_is_enabled_and_the_phone_has_heard_of_it() {
    let stage = Stage::new();
    let id = stage.soft_token("anna");
    let phone = stage.token("phone");
    activate(&stage, &id, &phone, "Work");
    let change = |state: &str| {
        let path = format!("/api/web/v1/tokens/{id}/changestate");
        well(stage.rest.put(&path, &json!({ "state": state })).unwrap()).unwrap()
    };
    change("INACTIVE");
    assert_eq!(code(&phone, "Work").len(), 8, "it has not heard of it");
    assert_eq!(asked(&phone, "Work"), "disabled");
    assert_shows_no_code(&phone, "Work", "disabled");
    assert_eq!(asked(&phone, "Work"), "disabled", "it may be asked again");
    change("ACTIVE");
    assert_shows_no_code(&phone, "Work", "disabled");
    assert_eq!(asked(&phone, "Work"), "active");
    stage.signs_in("anna", &phone, "Work");
}

#[test]
fn a_deleted_token_shows_no_code_any_more_and_a_new_one_takes_its_name_once_it_is_removed() {
    let stage = Stage::new();
    let id = stage.soft_token("anna");
    let phone = stage.token("phone");
    activate(&stage, &id, &phone, "Work");
    well(stage.rest.delete(&format!("/api/web/v1/tokens/{id}")).unwrap()).unwrap();
    assert_eq!(asked(&phone, "Work"), "deleted");
    assert_shows_no_code(&phone, "Work", "deleted");
    assert_eq!(asked(&phone, "Work"), "deleted", "it stays so");
    let removed = phone.run(["remove", "Work", "--yes"]).unwrap();
    assert_eq!(removed["untold"], Value::Null, "its issuer knows");
    assert!(listed(&phone).is_empty());
    let id = stage.soft_token("otto");
    activate(&stage, &id, &phone, "Work");
    stage.signs_in("otto", &phone, "Work");
}

#[test]
fn a_deletion_that_waits_is_told_beside_add_resume_and_resync() {
    for command in ["add", "resume", "resync"] {
        let stage = Stage::new();
        let phone = stage.token("phone");
        activate(&stage, &stage.soft_token("anna"), &phone, "Stays");
        let folder = stage.path("away");
        let mut away = Issuer::start(&program("softtoken-issuer").unwrap(), &folder, "").unwrap();
        let id = away.rest().soft_token(&away.rest().user("anna").unwrap()).unwrap();
        let order = away.rest().order(&id, &json!({ "type": "ONLINE" })).unwrap();
        let link = text(&order, "activationOnlineHttpURL").unwrap();
        phone.run(["add", link, "--yes", "--name", "Gone"]).unwrap();
        let order = stage.order(&stage.soft_token("otto"), "CLASSIC");
        let values = typed(&order);
        if command == "resume" {
            phone.add_typed("Pending", values, &[]).unwrap();
        }
        away.kill();
        assert_eq!(phone.run(["remove", "Gone", "--yes"]).unwrap()["untold"], 1);
        away.resume().unwrap();
        match command {
            "add" => drop(phone.add_typed("Pending", values, &[]).unwrap()),
            "resume" => drop(phone.run(["resume", "Pending"]).unwrap()),
            _ => drop(phone.run(["resync", "Stays"]).unwrap()),
        }
        let (status, _) = away.rest().get(&format!("/api/web/v1/tokens/{id}")).unwrap();
        assert_eq!(status, 404, "{command}: its issuer has deleted it");
    }
}

#[test]
fn the_status_names_the_reset_codes_of_groups_that_still_wait() {
    let (first, second) = (Stage::new(), Stage::new());
    let ids = [first.soft_token("anna"), second.soft_token("anna")];
    let phone = first.token("phone");
    activate(&first, &ids[0], &phone, "First");
    activate(&second, &ids[1], &phone, "Second");
    assert_eq!(phone.run(["status"]).unwrap()["ask"], json!([]), "the PIN opens all");
    block(&phone);
    let status = phone.run(["status"]).unwrap();
    assert_eq!(status["ask"].as_array().unwrap().len(), 2);
    let new = phone.secret_file("new-pin", "7264").unwrap().display().to_string();
    let unlock = first.rest.unlock(&ids[0], reset_code(&status, &first.address)).unwrap();
    phone.run(["unlock", &unlock, "--new-pin-file", &new]).unwrap();
    phone.secret_file("pin", "7264").unwrap();
    let status = phone.run(["status"]).unwrap();
    assert_eq!((&status["state"], status["ask"].as_array().unwrap().len()), (&json!("locked"), 1));
    let unlock = second.rest.unlock(&ids[1], reset_code(&status, &second.address)).unwrap();
    phone.run(["unlock", &unlock]).unwrap();
    assert_eq!(phone.run(["status"]).unwrap()["ask"], json!([]));
    second.signs_in("anna", &phone, "Second");
}
