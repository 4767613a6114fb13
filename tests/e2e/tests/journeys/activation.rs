//! Activation by link, by QR code, by typed values, with and without network.

use softtoken_e2e::text;

use super::stage::{Stage, added, code, error, listed, typed};
use serde_json::json;

#[test]
fn a_link_in_a_mail_becomes_an_identity_whose_code_signs_in() {
    let stage = Stage::with("", true);
    let id = stage.soft_token("anna");
    stage.rest.order(&id, &json!({ "type": "ONLINE", "deliverActivationEmail": true })).unwrap();
    let mail = stage.mails().next_activation().unwrap();
    assert!(mail.is_signed_in() && mail.to().unwrap() == "anna@example.test");
    assert_eq!(stage.rest.state(&id).unwrap(), "ACTIVATING");

    let phone = stage.token("phone");
    let ended = phone.try_run(["add", "-", "--yes", "--name", "Work"], mail.text().unwrap()).unwrap();
    assert_eq!(ended.code, 0, "{}", ended.json);
    assert_eq!((&added(&ended.json)["state"], &added(&ended.json)["digits"]), (&json!("active"), &json!(8)));
    assert_eq!(stage.rest.state(&id).unwrap(), "ACTIVE");
    stage.signs_in("anna", &phone, "Work");
}

#[test]
fn the_alternative_link_of_a_mail_and_the_whole_mail_as_a_file_work_too() {
    let stage = Stage::with("", true);
    for (user, whole) in [("anna", false), ("ben", true)] {
        let id = stage.soft_token(user);
        stage.rest.order(&id, &json!({ "type": "ONLINE", "deliverActivationEmail": true })).unwrap();
        let mail = stage.mails().next_activation().unwrap();
        let links = mail.links().unwrap();
        assert!(links.len() == 2 && links.iter().all(|link| link.starts_with("http")), "{}", links.len());
        let phone = stage.token(user);
        let input = if whole { mail.raw().unwrap() } else { links[1] };
        let ended = phone.try_run(["add", "-", "--yes", "--name", "Work"], input).unwrap();
        assert_eq!(ended.code, 0, "{}", ended.json);
        stage.signs_in(user, &phone, "Work");
    }
}

#[test]
fn a_qr_code_and_its_password_from_a_mail_become_an_identity() {
    let stage = Stage::with("", true);
    let id = stage.soft_token("anna");
    stage.rest.order(&id, &json!({ "type": "OFFLINE", "deliverActivationEmail": true })).unwrap();
    let mail = stage.mails().next_activation().unwrap();
    let phone = stage.token("phone");
    std::fs::write(phone.path("code.png"), mail.picture().unwrap()).unwrap();
    let picture = phone.path("code.png").display().to_string();
    let right = mail.value("Password").unwrap();
    let wrong = if right.starts_with('0') { "10000000" } else { "00000000" };
    let add = |password: &str| {
        let file = phone.secret_file("password", password).unwrap().display().to_string();
        let arguments = ["add", "--qr", &picture, "--password-file", &file, "--yes", "--name", "Work"];
        phone.try_run(arguments, "").unwrap()
    };
    let refused = error(&add(wrong), 6, "WrongPassword");
    assert_eq!(refused["tries_left"], 4);
    assert_eq!(stage.rest.state(&id).unwrap(), "ACTIVATING");
    let ended = add(right);
    assert_eq!(ended.code, 0, "{}", ended.json);
    assert_eq!(listed(&phone), [("Work".to_owned(), "active".to_owned())]);
    stage.signs_in("anna", &phone, "Work");
}

#[test]
fn five_wrong_passwords_void_the_order_at_the_issuer() {
    let stage = Stage::new();
    let id = stage.soft_token("anna");
    let order = stage.order(&id, "OFFLINE");
    let right = text(&order, "activationPassword").unwrap();
    let wrong = if right.starts_with('0') { "10000000" } else { "00000000" };
    let phone = stage.token("phone");
    let add = |password: &str| {
        let file = phone.secret_file("password", password).unwrap().display().to_string();
        let arguments = ["add", "-", "--password-file", &file, "--yes", "--name", "Work"];
        phone.try_run(arguments, text(&order, "activationURL").unwrap()).unwrap()
    };
    for tries_left in [4, 3, 2, 1] {
        assert_eq!(error(&add(wrong), 6, "WrongPassword")["tries_left"], tries_left);
    }
    assert_ne!(add(wrong).code, 0);
    assert_ne!(add(right).code, 0, "the right one comes too late");
    assert_eq!(listed(&phone), []);
}

#[test]
fn typed_values_and_a_registration_code_activate_without_network() {
    let stage = Stage::new();
    let id = stage.soft_token("anna");
    let order = stage.order(&id, "CLASSIC");
    let phone = stage.token("phone");
    let document = phone.add_typed("Work", typed(&order), &["--offline"]).unwrap();
    let identity = added(&document);
    assert_eq!(identity["state"], "pending");
    let registration = text(identity, "registration_code").unwrap();

    // The portal's Complete page: first the registration code, then the code that the app shows.
    let (status, answer) = stage.rest.complete(&id, registration, None).unwrap();
    assert_eq!((status, &answer["state"]), (200, &json!("ACTIVATING")));
    let (status, answer) = stage.rest.complete(&id, registration, Some(&code(&phone, "Work"))).unwrap();
    assert_eq!((status, &answer["state"]), (200, &json!("ACTIVE")), "{answer}");
    phone.run(["complete", "Work"]).unwrap();
    assert_eq!(listed(&phone), [("Work".to_owned(), "active".to_owned())]);
    stage.pass(60);
    let next = phone.run(["codes", "Work", "--at", &stage.now().to_string()]).unwrap();
    assert_eq!(stage.sign_in("anna", text(&next["codes"][0], "code").unwrap()).0, 200);
}

#[test]
fn a_wrong_digit_in_the_registration_code_is_told_on_the_spot() {
    let stage = Stage::new();
    let id = stage.soft_token("anna");
    let order = stage.order(&id, "CLASSIC");
    let phone = stage.token("phone");
    let document = phone.add_typed("Work", typed(&order), &["--offline"]).unwrap();
    let code = code(&phone, "Work");
    // Another registration code with a check digit that fits.
    let other = ["00000-00000", "11111-11116", "22222-22222"].into_iter().find(|other| {
        *other != text(added(&document), "registration_code").unwrap()
            && stage.rest.complete(&id, other, None).unwrap().0 == 200
    });
    let (status, answer) = stage.rest.complete(&id, other.unwrap(), Some(&code)).unwrap();
    assert_eq!(status, 400);
    assert_eq!(answer["errorMessage"], "Registration code does not match");
    assert_ne!(stage.rest.state(&id).unwrap(), "ACTIVE");
}

#[test]
fn typed_values_over_the_network_wait_for_the_registration_code() {
    let stage = Stage::new();
    let id = stage.soft_token("anna");
    let order = stage.order(&id, "CLASSIC");
    let desktop = stage.token("desktop");
    let document = desktop.add_typed("Desktop", typed(&order), &[]).unwrap();
    let identity = added(&document);
    assert_eq!(identity["state"], "pending");
    let registration = text(identity, "registration_code").unwrap().to_owned();
    let waiting = desktop.try_run(["complete", "Desktop"], "").unwrap();
    assert_eq!(waiting.code, 8, "{}", waiting.json);
    assert_eq!(stage.rest.state(&id).unwrap(), "ACTIVATING");
    let (status, answer) = stage.rest.complete(&id, &registration, None).unwrap();
    assert_eq!((status, &answer["state"]), (200, &json!("ACTIVE")), "{answer}");
    let done = desktop.run(["complete", "Desktop"]).unwrap();
    assert_eq!(done["identity"]["state"], "active");
    stage.signs_in("anna", &desktop, "Desktop");
}
