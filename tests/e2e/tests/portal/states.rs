//! Pages in states that the tour of the router does not reach: values shown once, what was typed wrong, orders that
//! ended, tokens that are locked, and nothing there yet. Each is looked at in every view.

use softtoken_e2e::text;
use softtoken_issuer::portal::Role;

use super::browser::{Browser, Setup};
use super::looks::Looks;
use super::people::{
    before_activation, shown_values, sign_in, sign_in_with, waiting_face, window, window_with, with_key_pad,
    with_token,
};
use super::recovery::lock;
use super::stage::{Stage, code, error};

#[test]
fn every_state_of_an_activation_is_one_that_everybody_can_use() {
    let stage = Stage::with("", true);
    let mut looks = Looks::new();
    let browser = before_activation(&stage, "anna");
    looks.at(&browser, "activate-dialog");
    browser.press("Send Email");
    looks.at(&browser, "activate-mail-sent");
    stage.pass(301);
    browser.press("Check again");
    browser.says("The activation code has expired.");
    looks.at(&browser, "activate-expired");
    browser.press("Reactivate");
    looks.at(&browser, "prove-password");
    browser.fill("password", "not the password");
    browser.press("Continue");
    looks.at(&browser, "prove-password-wrong");
    browser.fill("password", super::stage::PASSWORD);
    browser.press("Continue");
    browser.press("Show QR code");
    looks.at(&browser, "activate-qr-code");
    browser.open(&browser.path().replace("/complete", "/activate"));
    browser.press("Desktop");
    looks.at(&browser, "activate-desktop");
    browser.press("Show the values");
    looks.at(&browser, "activate-values");
    let [address, serial, activation] = shown_values(&browser);
    let phone = stage.token("phone");
    let document = phone.add_typed("Work", [&address, &serial, &activation], &["--offline"]).unwrap();
    let right = text(&document["added"][0], "registration_code").unwrap().to_owned();
    browser.fill("registration", "12345");
    browser.press("Complete");
    looks.at(&browser, "complete-mistyped");
    browser.fill("registration", &right);
    browser.press("Complete");
    browser.says("Now enter the code that the app shows");
    looks.at(&browser, "complete-first-code");
    browser.press("Deutsch");
    looks.at(&browser, "complete-de");
    browser.press("English");
    browser.press("Reactivate");
    browser.press("Show the values");
    let [address, serial, activation] = shown_values(&browser);
    let other = stage.token("other");
    let document = other.add_typed("Work", [&address, &serial, &activation], &[]).unwrap();
    let right = text(&document["added"][0], "registration_code").unwrap();
    for _ in 0..3 {
        browser.fill("registration", if right.starts_with("00000") { "11111-11116" } else { "00000-00000" });
        browser.submit("/complete");
    }
    browser.open(&browser.path());
    browser.says("This activation is void.");
    looks.at(&browser, "activate-void");
    browser.open("/portal/authenticators");
    looks.at(&browser, "authenticators-void");
    looks.end();
}

#[test]
fn every_state_of_a_users_pages_is_one_that_everybody_can_use() {
    let stage = Stage::with("", true);
    let mut looks = Looks::new();
    let anna = stage.person("anna", Role::User);
    let browser = window(&stage);
    sign_in(&browser, "anna");
    looks.at(&browser, "authenticators-empty");
    browser.open("/portal/sample");
    looks.at(&browser, "sample-none");
    browser.open("/portal/account/questions");
    looks.at(&browser, "questions");
    for number in 1..=3 {
        browser.fill(&format!("answer{number}"), "same");
    }
    browser.submit("/questions");
    looks.at(&browser, "questions-wrong");
    browser.open("/portal/account/password");
    for (name, typed) in [("old", "wrong"), ("new", "short"), ("again", "shorter")] {
        browser.fill(name, typed);
    }
    browser.submit("/password");
    looks.at(&browser, "password-wrong");

    let (phone, id) = with_token(&stage, &anna, "phone");
    let at = |page: &str| format!("/portal/authenticators/{id}/{page}");
    browser.open("/portal/sample");
    browser.fill("code", "00000000");
    browser.submit("/sample");
    looks.at(&browser, "sample-wrong");
    browser.fill("code", &code(&phone, "Work"));
    browser.submit("/sample");
    looks.at(&browser, "sample-done");
    browser.open(&at("reset"));
    browser.fill("code", "00000000");
    browser.send("how", "code");
    looks.at(&browser, "reset-wrong");
    let reset_code = lock(&phone);
    browser.open("/portal/unlock/code");
    browser.fill("reset_code", "123456789");
    browser.press("Show the unlock code");
    looks.at(&browser, "unlock-code-wrong");
    browser.fill("reset_code", &reset_code);
    browser.press("Show the unlock code");
    looks.at(&browser, "unlock-code-shown");
    for _ in 0..12 {
        stage.sign_in("anna", "00000000");
    }
    browser.open("/portal/authenticators");
    looks.at(&browser, "authenticators-locked");
    let other = window(&stage);
    sign_in(&other, "anna");
    other.fill("code", "00000000");
    other.press("Sign in");
    looks.at(&other, "sign-in-code-locked");
    browser.open(&at("disable"));
    browser.press("Disable");
    stage.pass(301);
    browser.open("/portal/account/password");
    browser.says("None of your authenticators is enabled.");
    looks.at(&browser, "prove-disabled");
    looks.end();
}

#[test]
fn every_state_of_challenges_and_forgotten_passwords_is_one_that_everybody_can_use() {
    let stage = Stage::with("", true);
    let mut looks = Looks::new();
    let anna = stage.person("anna", Role::User);
    let (phone, name) = with_key_pad(&stage, &anna);
    let browser = window(&stage);
    sign_in(&browser, "anna");
    looks.at(&browser, "sign-in-challenge-only");
    browser.press("Use challenge and response");
    looks.at(&browser, "sign-in-challenge");
    browser.fill("response", "000000");
    browser.press("Sign in");
    looks.at(&browser, "sign-in-challenge-wrong");
    let challenge = browser.value("#shown-challenge").replace(' ', "");
    let response = phone.run(["respond", &name, &challenge]).unwrap();
    browser.fill("response", text(&response, "code").unwrap());
    browser.press("Sign in");
    looks.at(&browser, "authenticators-hardware");
    browser.press("Reset");
    browser.send("how", "challenge");
    looks.at(&browser, "reset-challenge");
    browser.open("/portal/authenticators/hardware");
    browser.fill("serial", "HW-9999");
    browser.fill("response", "755224");
    browser.press("Add");
    looks.at(&browser, "hardware-wrong");

    let forgetful = window(&stage);
    forgetful.open("/portal/forgotten");
    forgetful.fill("name", "anna");
    forgetful.submit("/forgotten");
    looks.at(&forgetful, "forgotten-sent");
    let link = loop {
        let mail = stage.mails().next().unwrap();
        let said = mail.text().unwrap().to_owned();
        if let Some(at) = said.split_whitespace().find_map(|word| word.split_once("/portal/forgotten/")) {
            break format!("/portal/forgotten/{}", at.1);
        }
    };
    forgetful.open(&link);
    looks.at(&forgetful, "forgotten-link");
    forgetful.fill("new", "short");
    forgetful.fill("again", "shorter");
    forgetful.next_page(|| forgetful.keys("\u{E007}"));
    looks.at(&forgetful, "forgotten-link-wrong");
    looks.end();
}

#[test]
fn every_state_of_a_face_is_one_that_everybody_can_use() {
    let stage = Stage::new();
    let mut looks = Looks::new();
    let anna = stage.person("anna", Role::User);
    let page = |name: &str| {
        let link = stage.face_link(&stage.rest.soft_token(&anna).unwrap());
        let add = ["add", &link, "--yes", "--name", "Work", "--no-browser", "--wait", "0"];
        let open = error(&stage.token(name).try_run(add, "").unwrap(), 8, "VerificationOpen");
        text(&open, "url").unwrap().to_owned()
    };
    let camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
    let setup = Setup { arguments: camera.map(str::to_owned).to_vec(), ..Setup::default() };
    let browser = window_with(&stage, setup);
    let url = page("one");
    browser.open(&url);
    looks.at(&browser, "verify-face");
    browser.press("Deutsch");
    browser.says("Ja, das zeigt meine App");
    looks.at(&browser, "verify-face-de");
    browser.press("English");
    browser.says("Yes, my app shows this");
    browser.tap("Use the camera");
    browser.when("document.querySelector('video').videoWidth > 0");
    browser.tap("Take picture");
    browser.when("document.getElementById('picture').files.length === 1");
    looks.at(&browser, "verify-face-taken");
    browser.press("Yes, my app shows this");
    looks.at(&browser, "verify-face-sent");
    browser.open(&url);
    looks.at(&browser, "verify-face-used");
    let url = page("two");
    browser.open(&url);
    unusable(&browser);
    browser.press("Yes, my app shows this");
    browser.says("This is no picture that can be used.");
    looks.at(&browser, "verify-face-wrong-file");
    browser.press("No");
    looks.at(&browser, "verify-face-stopped");
    let url = page("three");
    stage.pass(601);
    browser.open(&url);
    looks.at(&browser, "verify-face-expired");
    let desk = window(&stage);
    stage.person("dora", Role::HelpDesk);
    sign_in(&desk, "dora");
    let ben = stage.person("ben", Role::User);
    let review = waiting_face(&stage, &ben, &desk);
    looks.at(&desk, "desk-reviews-waiting");
    for picture in ["", "-de"] {
        desk.open(&review);
        desk.when("document.querySelector('img.face').naturalWidth > 0");
        looks.at(&desk, &format!("desk-review{picture}"));
        desk.press(if picture.is_empty() { "Deutsch" } else { "English" });
    }
    desk.open(&review);
    desk.send("decision", "refuse");
    looks.at(&desk, "desk-review-decided");
    looks.end();
}

/// A file of text where a picture should be.
fn unusable(browser: &Browser) {
    browser.script(
        "const files = new DataTransfer(); files.items.add(new File(['text'], 'a.png', { type: 'image/png' })); \
         document.getElementById('picture').files = files.files",
    );
}

#[test]
fn every_page_after_signing_in_with_a_code_is_one_that_everybody_can_use() {
    let stage = Stage::new();
    let mut looks = Looks::new();
    let anna = stage.person("anna", Role::User);
    let (phone, _) = with_token(&stage, &anna, "phone");
    let browser = window(&stage);
    sign_in(&browser, "anna");
    browser.fill("code", "00000000");
    browser.press("Sign in");
    looks.at(&browser, "sign-in-code-wrong");
    sign_in_with(&browser, "anna", &phone, "Work");
    looks.at(&browser, "authenticators-active");
    browser.press("Sign out");
    looks.at(&browser, "signed-out");
    looks.end();
}
