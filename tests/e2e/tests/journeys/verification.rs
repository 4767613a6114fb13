//! Verifications inside an activation: a certificate by mutual TLS, a face by a picture that a person looks at.

use std::os::unix::fs::PermissionsExt;
use std::process::Child;

use serde_json::{Value, json};
use softtoken_e2e::browser::{Authority, Browser, split};
use softtoken_e2e::text;
use softtoken_e2e::token::Token;

use super::certificates::{Desk, shown};
use super::stage::{Stage, added, error, listed};

/// The link of a new order.
fn link(stage: &Stage, user: &str) -> (String, String) {
    let id = stage.soft_token(user);
    let order = stage.order(&id, "ONLINE");
    (id, text(&order, "activationOnlineHttpURL").unwrap().to_owned())
}

fn document(child: Child) -> Value {
    let ended = Token::ended(&child.wait_with_output().unwrap()).unwrap();
    assert_eq!(ended.code, 0, "{}", ended.json);
    ended.json
}

#[test]
fn a_certificate_is_proven_in_the_browser_and_the_command_goes_on() {
    let desk = Desk::new("localhost", "Employees");
    let (id, link) = link(&desk.stage, "anna");
    let phone = desk.stage.token("phone");
    let mut add = phone.spawn(["add", &link, "--yes", "--name", "Work", "--no-browser"]).unwrap();
    let (url, said) = shown(&mut add);
    assert!(url.starts_with("https://localhost:"), "{url}");

    let without = desk.browser(None).open(&url).unwrap();
    assert!(without.0 == 403 && without.1.contains("no certificate"), "{}", without.1);
    let stranger = Authority::new("Employees").unwrap().person("anna", None).unwrap();
    assert!(desk.browser(Some(&stranger)).open(&url).is_err(), "the handshake fails");
    let own = desk.authority.person("anna", None).unwrap();
    let browser = desk.browser(Some(&own));
    let (status, page) = browser.open(&url).unwrap();
    assert_eq!(status, 200, "{page}");
    let number = said.split("the number ").nth(1).and_then(|rest| rest.get(..2)).unwrap();
    assert!(page.contains(&format!(">{number}<")), "{number}: {page}");
    assert_eq!(desk.stage.rest.state(&id).unwrap(), "ACTIVATING", "loading a page decides nothing");
    let (status, page) = browser.prove(&url, "yes").unwrap();
    assert_eq!(status, 200, "{page}");

    assert_eq!(added(&document(add))["state"], "active");
    assert_eq!(desk.stage.rest.state(&id).unwrap(), "ACTIVE");
    desk.stage.signs_in("anna", &phone, "Work");
}

#[test]
fn somebody_elses_certificate_is_named_and_the_activation_stays_pending() {
    let desk = Desk::new("localhost", "Employees");
    let (id, link) = link(&desk.stage, "anna");
    let phone = desk.stage.token("phone");
    let add = ["add", &link, "--yes", "--name", "Work", "--no-browser", "--wait", "0"];
    let open = error(&phone.try_run(add, "").unwrap(), 8, "VerificationOpen");
    assert_eq!((&open["verification"], &open["review"]), (&json!("certificate"), &json!(false)));
    let sam = desk.authority.person("sam", None).unwrap();
    let (status, page) = desk.browser(Some(&sam)).prove(text(&open, "url").unwrap(), "yes").unwrap();
    assert!(status == 200 && page.contains("somebody else"), "{page}");
    let add = ["add", &link, "--yes", "--no-browser", "--wait", "0"];
    let refused = error(&phone.try_run(add, "").unwrap(), 8, "VerificationRefused");
    assert_eq!(refused["reason"], "another_holder");
    assert_eq!(listed(&phone), [("Work".to_owned(), "pending".to_owned())]);

    let resume = ["resume", "Work", "--no-browser", "--wait", "0"];
    let again = error(&phone.try_run(resume, "").unwrap(), 8, "VerificationOpen");
    let anna = desk.authority.person("Anna B.", Some("anna@example.test")).unwrap();
    let (status, page) = desk.browser(Some(&anna)).prove(text(&again, "url").unwrap(), "yes").unwrap();
    assert_eq!(status, 200, "{page}");
    assert_eq!(phone.run(["resume", "Work"]).unwrap()["identity"]["state"], "active");
    assert_eq!(desk.stage.rest.state(&id).unwrap(), "ACTIVE");
    desk.stage.signs_in("anna", &phone, "Work");
}

#[test]
fn a_face_is_sent_a_person_approves_it_and_the_activation_goes_on() {
    let stage = Stage::with("[policy]\nverifications = ['face']\n", false);
    let (id, link) = link(&stage, "anna");
    let phone = stage.token("phone");
    let add = ["add", &link, "--yes", "--name", "Work", "--no-browser", "--wait", "0"];
    let open = error(&phone.try_run(add, "").unwrap(), 8, "VerificationOpen");
    send_face(&stage, &open);
    let resume = ["resume", "Work", "--no-browser", "--wait", "0"];
    let waits = error(&phone.try_run(resume, "").unwrap(), 8, "VerificationOpen");
    assert_eq!((&waits["verification"], &waits["review"]), (&json!("face"), &json!(true)));

    // The person says no, then yes to another picture.
    stage.review(false);
    let again = error(&phone.try_run(resume, "").unwrap(), 8, "VerificationOpen");
    assert_ne!(again["url"], open["url"]);
    send_face(&stage, &again);
    stage.review(true);
    assert_eq!(stage.rest.state(&id).unwrap(), "ACTIVATING");
    assert_eq!(phone.run(resume).unwrap()["identity"]["state"], "active");
    assert_eq!(stage.rest.state(&id).unwrap(), "ACTIVE");
    stage.signs_in("anna", &phone, "Work");
}

#[test]
fn the_page_is_opened_in_the_browser_of_the_desktop() {
    let stage = Stage::with("[policy]\nverifications = ['face']\n", false);
    let (_, link) = link(&stage, "anna");
    let phone = stage.token("phone");
    let (script, kept) = (phone.path("browser.sh"), phone.path("opened"));
    std::fs::write(
        &script,
        format!("#!/bin/sh\necho \"$1\" > '{0}.new'\nmv '{0}.new' '{0}'\n", kept.display()),
    )
    .unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let script = script.display().to_string();
    let environment = [("DISPLAY", ":99"), ("BROWSER", script.as_str())];
    let add = ["add", &link, "--yes", "--name", "Work", "--wait", "2"];
    let ended = phone.spawn_with(add, &environment).unwrap().wait_with_output().unwrap();
    let open = error(&Token::ended(&ended).unwrap(), 8, "VerificationOpen");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains(text(&open, "url").unwrap()) && said.contains("being opened"), "{said}");
    assert_eq!(std::fs::read_to_string(kept).unwrap().trim(), text(&open, "url").unwrap());
}

/// A picture is sent from the page that an error document names.
fn send_face(stage: &Stage, open: &Value) {
    let url = text(open, "url").unwrap();
    assert!(url.starts_with(&format!("http://{}/verify/", stage.address)), "{url}");
    let browser = Browser::new(&Authority::new("nobody").unwrap().pem(), None).unwrap();
    let (status, page) = browser.open(url).unwrap();
    assert!(status == 200 && page.contains(&format!(">{}<", text(open, "number").unwrap())), "{page}");
    let (origin, ticket) = split(url).unwrap();
    let fields = [("ticket", ticket), ("decision", "send")];
    let action = format!("{origin}/verify/face");
    let picture = b"\x89PNG\r\n\x1a\n and a face";
    let (status, page) = browser.send_picture(&action, Some(origin), &fields, picture).unwrap();
    assert!(status == 200 && page.contains("A person looks"), "{page}");
}
