//! Activations over the network: the command against the core's issuer on this machine.

#[path = "support/issuer.rs"]
mod issuer;
mod support;

use issuer::Portal;
use softtoken_core::activation::exchange::messages::Refused;
use softtoken_core::activation::exchange::sealed::Standing;
use softtoken_core::activation::state::TypedFields;
use support::Place;

const OPEN: &str = "/softtoken/2/open";
const SEALED: &str = "/softtoken/2/sealed";

fn paths(portal: &Portal) -> Vec<String> {
    portal.lock().requests.iter().map(|(path, _)| path.clone()).collect()
}

fn add<'a>(text: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["add", text, "--yes", "--name", "Bank"], more].concat()
}

#[test]
fn a_link_becomes_an_active_identity_with_two_requests() {
    let (place, portal) = (Place::with_vault(), Portal::open());
    let added = place.ok(&add(&portal.link(false), &[]))["added"][0].clone();
    assert_eq!((&added["name"], &added["state"]), (&"Bank".into(), &"active".into()));
    assert!(added["registration_code"].is_null());
    assert_eq!(portal.lock().issuer.orders[0].standing, Some(Standing::Active));
    assert_eq!(paths(&portal), [OPEN, SEALED]);
    assert_eq!(place.ok(&["codes"])["codes"][0]["code"].as_str().unwrap().len(), 8);
}

#[test]
fn a_pasted_mail_will_do() {
    let (place, portal) = (Place::with_vault(), Portal::open());
    let mail = format!("Subject: Your token\r\n\r\n<a href=\"{}\">Activate</a>\r\n", portal.link(false));
    let ended = place.run_with_input(&["add", "-", "--yes", "--name", "Bank"], mail.as_bytes());
    assert_eq!(ended.json()["added"][0]["state"], "active");
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_bytes() {
    let (place, portal) = (Place::with_vault(), Portal::open());
    let link = portal.link(false);
    portal.lock().lose = 1;
    assert_eq!(place.ok(&add(&link, &[]))["added"][0]["state"], "active");
    assert_eq!(paths(&portal), [OPEN, OPEN, SEALED]);
    let inner = portal.lock();
    assert_eq!(inner.requests[0].1, inner.requests[1].1);
}

#[test]
fn a_wrong_password_is_counted_by_the_issuer_and_the_same_text_goes_on() {
    let (place, portal) = (Place::with_vault(), Portal::open());
    let text = portal.qr_code("54998317");
    let wrong = place.secret("wrong", "11111111");
    let error = place.fails(&add(&text, &["--password-file", &wrong]), 6, "WrongPassword");
    assert_eq!(error["tries_left"], 4);
    let right = place.secret("right", "54998317");
    let answer = place.ok(&["add", &text, "--yes", "--password-file", &right]);
    assert_eq!(
        (&answer["added"][0]["state"], &answer["added"][0]["name"]),
        (&"active".into(), &"Bank".into())
    );
}

#[test]
fn a_registration_code_is_confirmed_at_the_portal_and_then_by_complete() {
    let (place, portal) = (Place::with_vault(), Portal::open());
    let added = place.ok(&add(&portal.link(true), &[]))["added"][0].clone();
    let code = added["registration_code"].as_str().unwrap().to_owned();
    assert_eq!(added["state"], "pending");
    let error = place.fails(&["complete", "Bank"], 8, "ActivationPending");
    assert_eq!((error["registration_code"].as_str(), &error["id"]), (Some(code.as_str()), &added["id"]));
    assert_eq!(place.ok(&["resume", "Bank"])["identity"]["registration_code"], code.as_str());
    assert_eq!(portal.lock().issuer.confirm(0, &code), Some(Standing::Active));
    assert_eq!(place.ok(&["complete", "Bank"])["identity"]["state"], "active");
    let asked = paths(&portal).len();
    place.ok(&["complete", "Bank"]);
    assert_eq!(paths(&portal).len(), asked, "an active identity asks nobody");
}

#[test]
fn typed_values_ask_for_the_card_first_and_end_with_a_registration_code() {
    let (place, portal) = (Place::with_vault(), Portal::open());
    let (address, serial, code) = (portal.address(), "48244-13456", "1745-7712-6942-8698");
    let typed = TypedFields {
        address: address.clone(),
        serial_number: serial.into(),
        activation_code: code.to_owned().into(),
    };
    portal.typed(&typed.check().unwrap());
    let manual =
        ["add", "--manual", "--address", &address, "--serial-number", serial, "--activation-code", code];
    let added = place.ok(&[&manual[..], &["--yes", "--name", "Bank"]].concat())["added"][0].clone();
    assert_eq!(paths(&portal), ["/.well-known/softtoken", OPEN, SEALED]);
    let code = added["registration_code"].as_str().unwrap();
    portal.lock().issuer.confirm(0, code);
    assert_eq!(place.ok(&["complete", "Bank"])["identity"]["state"], "active");
}

#[test]
fn every_refusal_ends_with_its_exit_code_and_keeps_nothing() {
    let place = Place::with_vault();
    for (refused, code, kind) in [
        (Refused::Expired, 5, "Expired"),
        (Refused::AlreadyUsed, 5, "AlreadyUsed"),
        (Refused::Superseded, 5, "Superseded"),
        (Refused::Void, 5, "Void"),
        (Refused::Declined, 8, "Declined"),
        (Refused::Unsupported, 8, "Unsupported"),
    ] {
        let portal = Portal::open();
        let link = portal.link(false);
        portal.lock().issuer.orders[0].closed = Some(refused);
        place.fails(&add(&link, &[]), code, kind);
        assert!(place.names().is_empty(), "{refused:?}");
    }
}

#[test]
fn an_answer_of_somebody_else_takes_nothing_away_and_resume_goes_on() {
    for (strange, kind) in
        [((404, ""), "ServerRefused"), ((200, "<h1>Sign in to the Wi-Fi</h1>"), "Untrusted")]
    {
        let (place, portal) = (Place::with_vault(), Portal::open());
        let link = portal.link(false);
        portal.lock().strange = vec![strange];
        place.fails(&add(&link, &[]), 8, kind);
        assert_eq!(place.ok(&["list"])["identities"][0]["state"], "pending");
        assert_eq!(paths(&portal).len(), 1, "an answer is not asked for again");
        assert_eq!(place.ok(&["resume", "Bank"])["identity"]["state"], "active");
    }
}

#[test]
fn a_pending_activation_is_given_up_without_asking_anybody() {
    let (place, portal) = (Place::with_vault(), Portal::open());
    let link = portal.link(true);
    place.ok(&add(&link, &[]));
    let asked = paths(&portal).len();
    place.ok(&["abandon", "Bank"]);
    assert!(place.names().is_empty());
    assert_eq!(paths(&portal).len(), asked);
}

#[test]
fn an_expired_activation_says_the_promised_words() {
    let (place, portal) = (Place::with_vault(), Portal::open());
    let link = portal.link(false);
    portal.lock().issuer.orders[0].expires_at = softtoken_core::time::UnixTime(1);
    let error = place.fails(&add(&link, &[]), 5, "Expired");
    assert_eq!(
        error["message"],
        "The soft token could not be activated because the activation code has expired. Return to your identity \
         provider and attempt the action again."
    );
}

#[test]
fn offline_sends_nothing_although_the_issuer_is_there() {
    let (place, portal) = (Place::with_vault(), Portal::open());
    let (text, password) = (portal.qr_code("54998317"), place.secret("password", "54998317"));
    let added = place.ok(&add(&text, &["--password-file", &password, "--offline"]))["added"][0].clone();
    assert_eq!(added["state"], "pending");
    assert!(paths(&portal).is_empty());
}

#[test]
fn policy_asks_the_issuer_what_is_new_and_shows_what_is_known_when_nobody_answers() {
    let (place, portal) = (Place::with_vault(), Portal::open());
    place.ok(&add(&portal.link(false), &[]));
    portal.take_contacts();
    portal.lock().issuer.policy.forbid_backup = true;
    let shown = place.ok(&["policy", "Bank"]);
    assert_eq!(shown["issuer"], "active");
    assert_eq!(shown["policies"][0]["forbid_backup"], true);
    portal.lock().issuer.policy.forbid_backup = false;
    portal.lock().strange = vec![(503, "busy")];
    let shown = place.ok(&["policy", "Bank"]);
    assert_eq!(shown["issuer"], "unknown");
    assert_eq!(shown["policies"][0]["forbid_backup"], true, "as of the last time");
    assert!(place.ok(&["policy"])["issuer"].is_null(), "nobody is asked for all of them");
}

#[test]
fn a_removed_identity_is_gone_at_the_issuer_now_or_with_the_next_command_that_speaks_with_it() {
    for reachable in [true, false] {
        let (place, portal) = (Place::with_vault(), Portal::open());
        place.ok(&add(&portal.link(false), &[]));
        portal.take_contacts();
        if !reachable {
            portal.lock().strange = vec![(503, "busy")];
        }
        let removed = place.ok(&["remove", "Bank", "--yes"]);
        assert_eq!(removed["untold"], u8::from(!reachable));
        assert!(place.names().is_empty());
        if !reachable {
            place.add_rfc6238("Other");
            assert_eq!(place.ok(&["remove", "Other", "--yes"])["untold"], 0);
        }
        assert!(portal.lock().token.as_ref().unwrap().seeds.is_none());
    }
}
