//! What an order says when it cannot be used any more, or cannot be used by this app.

use serde_json::json;
use softtoken_e2e::process::Issuer;
use softtoken_e2e::token::Token;
use softtoken_e2e::{program, text};

use super::stage::{Stage, added, code, error, listed};

#[test]
fn an_expired_order_says_so_and_a_new_mail_activates() {
    let stage = Stage::with("", true);
    let id = stage.soft_token("anna");
    let wishes = json!({ "deliverActivationEmail": true });
    stage.rest.order(&id, &wishes).unwrap();
    let old = stage.mails().next_activation().unwrap();
    stage.pass(301);
    let phone = stage.token("phone");
    let link = |mail: &softtoken_e2e::mail::Mail| mail.links().unwrap()[0].to_owned();
    let ended = phone.try_run(["add", "-", "--yes", "--name", "Work"], &link(&old)).unwrap();
    let refused = error(&ended, 5, "Expired");
    assert_eq!(
        refused["message"],
        "The soft token could not be activated because the activation code has expired. Return to your \
         identity provider and attempt the action again."
    );
    assert_eq!(listed(&phone), [], "the failed identity cleans itself up");

    stage.rest.order(&id, &wishes).unwrap();
    let new = stage.mails().next_activation().unwrap();
    assert_ne!(old.value("Password").unwrap(), new.value("Password").unwrap());
    assert_ne!(old.picture().unwrap(), new.picture().unwrap());
    phone.run(["add", &link(&new), "--yes", "--name", "Work"]).unwrap();
    assert_eq!(listed(&phone), [("Work".to_owned(), "active".to_owned())]);
}

#[test]
fn a_second_mail_voids_the_first_and_says_so() {
    let stage = Stage::with("", true);
    let id = stage.soft_token("anna");
    let mut links = Vec::new();
    for _ in 0..2 {
        stage.rest.order(&id, &json!({ "type": "ONLINE", "deliverActivationEmail": true })).unwrap();
        links.push(stage.mails().next_activation().unwrap().links().unwrap()[0].to_owned());
    }
    let phone = stage.token("phone");
    let ended = phone.try_run(["add", "-", "--yes", "--name", "Work"], &links[0]).unwrap();
    error(&ended, 5, "Superseded");
    phone.run(["add", &links[1], "--yes", "--name", "Work"]).unwrap();
    assert_eq!(listed(&phone), [("Work".to_owned(), "active".to_owned())]);
}

#[test]
fn a_second_device_is_refused_and_the_holder_is_told_by_mail() {
    let stage = Stage::with("", true);
    let id = stage.soft_token("anna");
    stage.rest.order(&id, &json!({ "type": "ONLINE", "deliverActivationEmail": true })).unwrap();
    let link = stage.mails().next_activation().unwrap().links().unwrap()[0].to_owned();
    let (first, second) = (stage.token("first"), stage.token("second"));
    first.run(["add", &link, "--yes", "--name", "Work"]).unwrap();
    let ended = second.try_run(["add", "-", "--yes", "--name", "Work"], &link).unwrap();
    error(&ended, 5, "AlreadyUsed");
    assert_eq!(listed(&second), []);
    let told: Vec<_> = (0..2).map(|_| stage.mails().next().unwrap().subject().unwrap().to_owned()).collect();
    assert!(told.iter().any(|subject| subject.contains("tried") || subject.contains("used")), "{told:?}");
    stage.signs_in("anna", &first, "Work");
}

#[test]
fn an_activation_type_of_tomorrow_is_named_and_nothing_is_kept() {
    let stage = Stage::new();
    let order = stage.order(&stage.soft_token("anna"), "ONLINE");
    let phone = stage.token("phone");
    let tomorrow = text(&order, "activationOnlineHttpURL").unwrap().replace("/a#2.", "/a#3.");
    let ended = phone.try_run(["add", "-", "--yes", "--name", "Work"], &tomorrow).unwrap();
    error(&ended, 8, "Unsupported");
    assert_eq!(listed(&phone), []);
}

#[test]
fn without_network_nothing_is_lost_and_the_same_text_goes_on_later() {
    let folder = tempfile::tempdir().unwrap();
    let mut issuer =
        Issuer::start(&program("softtoken-issuer").unwrap(), &folder.path().join("issuer"), "").unwrap();
    let rest = issuer.rest();
    let id = rest.soft_token(&rest.user("anna").unwrap()).unwrap();
    let order = rest.order(&id, &json!({ "type": "ONLINE" })).unwrap();
    let link = text(&order, "activationOnlineHttpURL").unwrap();
    let phone = Token::open(&program("softtoken").unwrap(), &folder.path().join("phone")).unwrap();
    issuer.kill();
    let ended = phone.try_run(["add", "-", "--yes", "--name", "Work"], link).unwrap();
    error(&ended, 9, "NoNetwork");
    assert_eq!(listed(&phone), [("Work".to_owned(), "pending".to_owned())]);
    issuer.resume().unwrap();
    let document = phone.run(["add", link, "--yes"]).unwrap();
    assert_eq!(added(&document)["name"], "Work");
    assert_eq!(rest.state(&id).unwrap(), "ACTIVE");
    assert_eq!(rest.sign_in("anna", &code(&phone, "Work")).unwrap().0, 200);
}
