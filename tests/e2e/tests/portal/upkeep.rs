//! Resetting, renaming, disabling, deleting; hardware tokens; without scripts, and with the keyboard alone.

use softtoken_e2e::seeds::{HOTP_SERIAL, pskc};
use softtoken_e2e::text;
use softtoken_issuer::portal::Role;

use super::browser::{Browser, Setup};
use super::people::{activated, sign_in, sign_in_with, two_codes, window, window_with, with_key_pad};
use super::stage::{PASSWORD, Stage, code};

#[test]
fn in_the_browser_a_token_is_reset_by_its_code_and_never_by_a_wrong_one() {
    let stage = Stage::new();
    let phone = stage.token("phone");
    let browser = activated(&stage, "anna", &phone, "Work");
    browser.open("/portal/authenticators");
    browser.press("Reset");
    browser.fill("code", "00000000");
    browser.press("Reset");
    browser.says("Invalid Response.");
    // Twenty minutes: the session lives, the phone's codes are refused.
    stage.pass(1_200);
    let [current, _] = two_codes(&phone, "Work");
    browser.fill("code", &current);
    browser.press("Reset");
    browser.says("The authenticator is reset.");
    browser.says("behind");
}

#[test]
fn in_the_browser_a_token_that_is_hours_off_is_reset_by_two_codes() {
    let stage = Stage::new();
    let phone = stage.token("phone");
    let browser = activated(&stage, "anna", &phone, "Work");
    browser.open("/portal/authenticators");
    browser.press("Reset");
    // More than three hours, too far for one code; a session lives half an hour without being used.
    for _ in 0..8 {
        stage.pass(25 * 60);
        browser.open(&browser.path());
    }
    browser.fill("code", &code(&phone, "Work"));
    browser.send("how", "code");
    browser.says("Invalid Response.");
    let [current, following] = two_codes(&phone, "Work");
    browser.fill("first", &following);
    browser.fill("second", &current);
    browser.send("how", "codes");
    browser.says("Invalid Response.");
    browser.fill("first", &current);
    browser.fill("second", &following);
    browser.send("how", "codes");
    browser.says("The authenticator is reset.");
    browser.says("behind");
}

#[test]
fn in_the_browser_a_token_with_a_key_pad_is_reset_by_a_challenge() {
    let stage = Stage::new();
    let anna = stage.person("anna", Role::User);
    let browser = window(&stage);
    sign_in(&browser, "anna");
    let (phone, name) = with_key_pad(&stage, &anna);
    browser.open("/portal/authenticators");
    browser.press("Reset");
    browser.send("how", "challenge");
    browser.fill("response", "00000000");
    browser.send("how", "response");
    browser.says("Invalid Response.");
    let challenge = browser.value("#question").replace(' ', "");
    let response = phone.run(["respond", &name, &challenge]).unwrap();
    browser.fill("response", text(&response, "code").unwrap());
    browser.send("how", "response");
    browser.says("The authenticator is reset.");
}

#[test]
fn in_the_browser_a_token_gets_a_label_is_disabled_enabled_and_deleted() {
    let stage = Stage::new();
    let phone = stage.token("phone");
    let browser = activated(&stage, "anna", &phone, "Work");
    browser.open("/portal/authenticators");
    browser.press("More");
    browser.fill("label", "My <b>phone</b>");
    browser.press("Rename");
    browser.says("My <b>phone</b>");
    browser.press("Disable");
    browser.says("Disable this authenticator?");
    browser.press("Disable");
    browser.says("Disabled");
    assert_ne!(stage.sign_in("anna", &code(&phone, "Work")).0, 200);
    browser.press("Enable");
    browser.press("Enable");
    browser.says("Active");
    browser.press("Delete");
    browser.says("This is your last active authenticator.");
    browser.press("Delete");
    browser.says("No authenticators yet");
}

#[test]
fn in_the_browser_a_hardware_token_is_taken_by_serial_number_and_response() {
    let stage = Stage::new();
    stage.person("anna", Role::User);
    stage.rest.import(&pskc()).unwrap();
    let browser = window(&stage);
    sign_in(&browser, "anna");
    browser.press("Add an authenticator");
    browser.choose("kind", "hardware");
    browser.press("Continue");
    browser.fill("serial", "HW-9999");
    browser.fill("response", "755224");
    browser.press("Add");
    browser.says("The Token Serial Number you have entered is invalid.");
    browser.fill("serial", HOTP_SERIAL);
    browser.fill("response", "755224");
    browser.press("Add");
    browser.says("The hardware token is yours and active.");
    assert_eq!(stage.sign_in("anna", "287082").0, 200);
}

#[test]
fn in_the_browser_everything_works_without_scripts() {
    let stage = Stage::new();
    stage.person("anna", Role::User);
    let setup = Setup { without_scripts: true, ..Setup::default() };
    let browser = window_with(&stage, setup);
    sign_in(&browser, "anna");
    browser.press("Add an authenticator");
    browser.choose("kind", "soft");
    browser.press("Continue");
    browser.press("Show QR code");
    let phone = stage.token("phone");
    super::people::scan(&browser, &phone, "Work");
    browser.press("Complete");
    browser.says("This authenticator is active.");
    browser.press("Sign out");
    sign_in_with(&browser, "anna", &phone, "Work");
    browser.press("Deutsch");
    browser.says("Authentifikatoren");
}

#[test]
fn in_the_browser_a_keyboard_is_enough() {
    let stage = Stage::new();
    stage.person("anna", Role::User);
    let browser = window(&stage);
    browser.open("/portal/sign-in");
    // The first field has the focus.
    browser.keys("anna");
    tab(&browser, 1);
    browser.keys(PASSWORD);
    browser.next_page(|| browser.keys(ENTER));
    browser.says("No authenticators yet");
    // Past the link that skips the navigation, straight to the content.
    tab(&browser, 1);
    browser.keys(ENTER);
    tab(&browser, 1);
    browser.next_page(|| browser.keys(ENTER));
    browser.says("Which kind?");
    let focus = browser.script("return getComputedStyle(document.activeElement).outlineStyle");
    assert!(focus.is_string());
}

fn tab(browser: &Browser, times: usize) {
    for _ in 0..times {
        browser.keys(TAB);
    }
}

/// The key codes of WebDriver.
const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
