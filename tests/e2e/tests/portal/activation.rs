//! Every way of an activation, beginning and ending in the portal.

use softtoken_e2e::text;

use super::people::{activated, before_activation, scan, shown_values, sign_in_with};
use super::stage::{PASSWORD, Stage, added, code, error, listed};

#[test]
fn in_the_browser_a_mailed_link_activates_and_the_code_signs_in() {
    let stage = Stage::with("", true);
    let browser = before_activation(&stage, "anna");
    browser.press("Send Email");
    browser.says("anna@example.test");
    browser.says("Waiting for the app");
    let mail = stage.mails().next_activation().unwrap();
    let phone = stage.token("phone");
    phone.run(["add", mail.links().unwrap()[0], "--yes", "--name", "Work"]).unwrap();
    browser.press("Check again");
    browser.says("This authenticator is active.");
    browser.press("Sign out");
    sign_in_with(&browser, "anna", &phone, "Work");
    assert!(browser.path().starts_with("/portal/authenticators"));
    browser.says("Active");
}

#[test]
fn in_the_browser_a_qr_code_is_scanned_from_the_page() {
    let stage = Stage::new();
    let phone = stage.token("phone");
    let browser = activated(&stage, "anna", &phone, "Work");
    browser.press("Sign out");
    sign_in_with(&browser, "anna", &phone, "Work");
}

#[test]
fn in_the_browser_typed_values_are_completed_with_registration_code_and_first_code() {
    let stage = Stage::new();
    let browser = before_activation(&stage, "anna");
    browser.press("Show the values");
    let [address, serial, activation] = shown_values(&browser);
    let phone = stage.token("phone");
    let document = phone.add_typed("Work", [&address, &serial, &activation], &["--offline"]).unwrap();
    let registration = text(added(&document), "registration_code").unwrap().to_owned();
    browser.fill("registration", &registration);
    browser.press("Complete");
    browser.says("Now enter the code that the app shows");
    browser.fill("registration", &registration);
    browser.fill("code", &code(&phone, "Work"));
    browser.press("Complete");
    browser.says("The authenticator is active.");
    phone.run(["complete", "Work"]).unwrap();
    assert_eq!(listed(&phone), [("Work".to_owned(), "active".to_owned())]);
}

#[test]
fn in_the_browser_the_desktop_token_is_completed_in_the_response_field() {
    let stage = Stage::new();
    let browser = before_activation(&stage, "anna");
    browser.press("Desktop");
    browser.press("Show the values");
    let [address, serial, activation] = shown_values(&browser);
    let desktop = stage.token("desktop");
    let document = desktop.add_typed("Desktop", [&address, &serial, &activation], &[]).unwrap();
    browser.says("Response");
    browser.fill("registration", text(added(&document), "registration_code").unwrap());
    browser.press("Complete");
    browser.says("The authenticator is active.");
    desktop.run(["complete", "Desktop"]).unwrap();
    assert_eq!(listed(&desktop), [("Desktop".to_owned(), "active".to_owned())]);
}

#[test]
fn in_the_browser_a_wrong_registration_code_is_told_on_the_spot() {
    let stage = Stage::new();
    let browser = before_activation(&stage, "anna");
    browser.press("Show the values");
    let [address, serial, activation] = shown_values(&browser);
    let desktop = stage.token("desktop");
    let document = desktop.add_typed("Desktop", [&address, &serial, &activation], &[]).unwrap();
    let right = text(added(&document), "registration_code").unwrap();
    let wrong = if right.starts_with("00000") { "11111-11116" } else { "00000-00000" };
    browser.fill("registration", wrong);
    browser.press("Complete");
    browser.says("Registration code does not match");
    browser.fill("registration", right);
    browser.press("Complete");
    browser.says("The authenticator is active.");
}

#[test]
fn in_the_browser_an_expired_activation_is_sent_again() {
    let stage = Stage::with("", true);
    let browser = before_activation(&stage, "anna");
    browser.press("Send Email");
    let old = stage.mails().next_activation().unwrap();
    stage.pass(301);
    let phone = stage.token("phone");
    let ended = phone.try_run(["add", old.links().unwrap()[0], "--yes", "--name", "Work"], "").unwrap();
    error(&ended, 5, "Expired");
    browser.press("Check again");
    browser.says("The activation code has expired.");
    browser.press("Reactivate");
    browser.says("Is it still you?");
    browser.fill("password", PASSWORD);
    browser.press("Continue");
    browser.press("Send Email");
    let new = stage.mails().next_activation().unwrap();
    phone.run(["add", new.links().unwrap()[0], "--yes", "--name", "Work"]).unwrap();
    browser.press("Check again");
    browser.says("This authenticator is active.");
}

#[test]
fn in_the_browser_a_second_mail_voids_the_first() {
    let stage = Stage::with("", true);
    let browser = before_activation(&stage, "anna");
    browser.press("Send Email");
    let first = stage.mails().next_activation().unwrap();
    browser.press("Send Email");
    browser.says("An older email no longer works.");
    let second = stage.mails().next_activation().unwrap();
    let phone = stage.token("phone");
    let ended = phone.try_run(["add", first.links().unwrap()[0], "--yes", "--name", "Work"], "").unwrap();
    error(&ended, 5, "Superseded");
    phone.run(["add", second.links().unwrap()[0], "--yes", "--name", "Work"]).unwrap();
    browser.press("Check again");
    browser.says("This authenticator is active.");
}

#[test]
fn in_the_browser_the_ways_of_an_activation_say_what_the_app_needs() {
    let stage = Stage::with("[policy]\nofflineAllowed = false\n", false);
    let browser = before_activation(&stage, "anna");
    browser.says("Your app may not support all of them.");
    assert_eq!(browser.text().matches("The app needs the network").count(), 3);
    browser.press("Show QR code");
    let phone = stage.token("phone");
    // The link's version is one that this app does not know yet.
    let payload = "https://127.0.0.1/a#3.AwEA";
    let ended = phone.try_run(["add", payload, "--yes", "--name", "Work"], "").unwrap();
    assert_eq!(ended.json["error"]["kind"], "Unsupported", "{}", ended.json);
    scan(&browser, &phone, "Work");
    browser.press("Complete");
    browser.says("This authenticator is active.");
}
