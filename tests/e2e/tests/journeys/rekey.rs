//! The wish for a new seed: by a portal and by the command line, done at the device's next contact.

use serde_json::Value;
use softtoken_e2e::process::Issuer;
use softtoken_e2e::rest::{Rest, well};
use softtoken_e2e::token::Token;
use softtoken_e2e::{program, text};

use super::lock::activate;
use super::stage::{Stage, code, listed};

#[test]
fn a_wished_rekey_replaces_the_seed_at_the_next_contact() {
    let stage = Stage::new();
    let id = stage.soft_token("anna");
    assert_eq!(stage.rest.rekey(&id).unwrap().0, 409, "no device has it yet");
    let phone = stage.token("phone");
    activate(&stage, &id, &phone, "Work");
    // A time of day at which both seeds are asked; that codes are equal by chance is one in 10^8.
    let at = (stage.now() + 3_000).to_string();
    let later = || phone.run(["codes", "Work", "--at", &at]).unwrap()["codes"][0]["code"].clone();
    let before = later();
    let (status, answer) = stage.rest.rekey(&id).unwrap();
    assert_eq!((status, answer), (204, Value::Null));
    assert_eq!(later(), before, "a wish alone changes nothing");

    assert_eq!(phone.run(["policy", "Work"]).unwrap()["issuer"], "active");
    assert_ne!(later(), before);
    assert_eq!(listed(&phone), [("Work".to_owned(), "active".to_owned())]);
    assert_eq!(events(&stage.rest, &id), ["token.rekey_wanted", "token.rekeyed"]);
    stage.signs_in("anna", &phone, "Work");

    // The wish is done with: the next contact changes nothing.
    let renewed = later();
    phone.run(["policy", "Work"]).unwrap();
    assert_eq!(later(), renewed);
    assert_eq!(events(&stage.rest, &id), ["token.rekey_wanted", "token.rekeyed"]);
}

#[test]
fn an_administrator_wishes_a_rekey_beside_the_running_issuer() {
    let folder = tempfile::tempdir().unwrap();
    let issuer =
        Issuer::start(&program("softtoken-issuer").unwrap(), &folder.path().join("issuer"), "").unwrap();
    let rest = issuer.rest();
    let id = rest.soft_token(&rest.user("anna").unwrap()).unwrap();
    let order = rest.order(&id, &serde_json::json!({ "type": "ONLINE" })).unwrap();
    let serial = text(&order, "serialNumber").unwrap();
    let grouped = format!("{}-{}", &serial[..5], &serial[5..]);
    let refused = issuer.say(&["token", "rekey", serial]).unwrap_err().to_string();
    assert!(refused.contains("Not possible in this state."), "{refused}");
    assert!(issuer.say(&["token", "rekey", "0000000000"]).unwrap_err().to_string().contains("Not found."));

    let phone = Token::open(&program("softtoken").unwrap(), &folder.path().join("phone")).unwrap();
    let link = text(&order, "activationOnlineHttpURL").unwrap();
    phone.run(["add", link, "--yes", "--name", "Work"]).unwrap();
    for (times, name) in [&id, serial, &grouped].into_iter().enumerate() {
        issuer.say(&["token", "rekey", name]).unwrap();
        phone.run(["policy", "Work"]).unwrap();
        let rekeyed = events(&rest, &id).iter().filter(|event| *event == "token.rekeyed").count();
        assert_eq!(rekeyed, times + 1, "{name}");
        // The first code of a new seed makes an end of the old one, which the device then hears.
        assert_eq!(rest.sign_in("anna", &code(&phone, "Work")).unwrap().0, 200, "{name}");
        phone.run(["policy", "Work"]).unwrap();
    }
}

/// Lines of the log about rekeys of a token, in their order.
fn events(rest: &Rest, token: &str) -> Vec<String> {
    let path = format!("/api/web/v1/reports/auditevents?tokenId={token}");
    let page = well(rest.get(&path).unwrap()).unwrap();
    let lines = page["results"].as_array().unwrap();
    let events = lines.iter().map(|line| text(line, "event").unwrap().to_owned());
    events.filter(|event| event.starts_with("token.rekey")).collect()
}
