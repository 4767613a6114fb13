//! A locked app, a misplaced token, a challenge, a face: what needs the portal, the help desk and the phone.

use softtoken_e2e::text;
use softtoken_e2e::token::Token;
use softtoken_issuer::portal::Role;

use super::browser::Setup;
use super::people::{activated, sign_in, sign_in_with, window, window_with, with_key_pad};
use super::stage::{Stage, error, listed};

#[test]
fn in_the_browser_a_locked_app_gets_its_unlock_code_after_questions_and_answers() {
    let stage = Stage::with("", true);
    let phone = stage.token("phone");
    let browser = activated(&stage, "anna", &phone, "Work");
    browser.press("Account");
    browser.press("Set up questions");
    for (number, question) in [(1, "question-pet"), (2, "question-toy"), (3, "question-dish")] {
        browser.select(&format!("question{number}"), question);
        browser.fill(&format!("answer{number}"), ANSWERS[number - 1]);
    }
    browser.press("Store questions and answers");
    browser.says("Your questions and answers are stored.");
    browser.press("Sign out");

    let reset_code = lock(&phone);
    sign_in(&browser, "anna");
    browser.press("I have misplaced my token");
    browser.fill("answer1", "another");
    browser.fill("answer2", ANSWERS[1]);
    browser.fill("answer3", ANSWERS[2]);
    browser.press("Continue");
    browser.says("That is not right.");
    for (number, answer) in (1..).zip(ANSWERS) {
        browser.fill(&format!("answer{number}"), &answer.to_uppercase());
    }
    browser.press("Continue");
    browser.says("What has happened?");
    browser.open("/portal/unlock/locked");
    browser.press("Yes");
    browser.fill("reset_code", "123456789");
    browser.press("Show the unlock code");
    browser.says("One digit is wrong");
    browser.fill("reset_code", &reset_code);
    browser.press("Show the unlock code");
    unlock(&phone, &browser.value("#shown-code"));
    browser.press("Sign out");
    sign_in_with(&browser, "anna", &phone, "Work");
}

#[test]
fn in_the_browser_the_help_desk_gives_an_unlock_code_and_says_why() {
    let stage = Stage::new();
    let phone = stage.token("phone");
    drop(activated(&stage, "anna", &phone, "Work"));
    let reset_code = lock(&phone);
    stage.person("dora", Role::HelpDesk);
    let desk = window(&stage);
    sign_in(&desk, "dora");
    desk.press("Help desk");
    desk.fill("q", "anna");
    // The Enter key of WebDriver; the room of the navigation is called Search, too.
    desk.next_page(|| desk.keys("\u{E007}"));
    desk.press("anna");
    let token =
        desk.script("return document.querySelector('main a[href^=\"/desk/tokens/\"]').getAttribute('href')");
    desk.open(&format!("{}/unlock", token.as_str().unwrap()));
    desk.fill("reset_code", &reset_code);
    desk.fill("reason", "Called from her desk, known by voice");
    desk.press("Show the unlock code");
    unlock(&phone, &desk.value("#unlock-code"));
}

#[test]
fn in_the_browser_a_challenge_of_the_portal_is_answered_by_the_app() {
    let stage = Stage::new();
    let anna = stage.person("anna", Role::User);
    let (phone, name) = with_key_pad(&stage, &anna);
    let browser = window(&stage);
    sign_in(&browser, "anna");
    browser.press("Use challenge and response");
    let challenge = browser.value("#shown-challenge").replace(' ', "");
    let response = phone.run(["respond", &name, &challenge]).unwrap();
    browser.fill("response", text(&response, "code").unwrap());
    browser.press("Sign in");
    browser.says("Sign out");
    browser.says("Authenticators");
}

#[test]
fn in_the_browser_a_face_is_sent_and_the_help_desk_approves_it() {
    let stage = Stage::with("[policy]\nverifications = ['face']\n", false);
    let id = stage.soft_token("anna");
    let order = stage.order(&id, "ONLINE");
    let link = text(&order, "activationOnlineHttpURL").unwrap();
    let phone = stage.token("phone");
    let add = ["add", link, "--yes", "--name", "Work", "--no-browser", "--wait", "0"];
    let open = error(&phone.try_run(add, "").unwrap(), 8, "VerificationOpen");
    let camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
    let setup = Setup { arguments: camera.map(str::to_owned).to_vec(), ..Setup::default() };
    let browser = window_with(&stage, setup);
    browser.open(text(&open, "url").unwrap());
    browser.says(text(&open, "number").unwrap());
    browser.tap("Use the camera");
    browser.when("document.querySelector('video').videoWidth > 0");
    browser.tap("Take picture");
    browser.when("document.getElementById('picture').files.length === 1");
    browser.press("Yes, my app shows this");
    browser.says("Picture received");

    stage.person("dora", Role::HelpDesk);
    let desk = window(&stage);
    sign_in(&desk, "dora");
    desk.press("Help desk");
    desk.press("Face checks");
    desk.press("Look");
    desk.says("Is this anna?");
    desk.press("Yes, approve");
    desk.says("Approved. The app goes on by itself.");
    phone.run(["resume", "Work", "--no-browser", "--wait", "0"]).unwrap();
    assert_eq!(listed(&phone), [("Work".to_owned(), "active".to_owned())]);
    stage.signs_in("anna", &phone, "Work");
}

/// Five wrong PINs: the PIN reset code.
pub fn lock(phone: &Token) -> String {
    let right = std::fs::read_to_string(phone.path("pin")).unwrap();
    phone.secret_file("pin", "9405").unwrap();
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(error(&phone.try_run(["list"], "").unwrap(), 6, "WrongPin")["attempts_left"], left);
    }
    phone.secret_file("pin", &right).unwrap();
    text(&phone.run(["status"]).unwrap()["ask"][0], "reset_code").unwrap().to_owned()
}

/// The unlock code, and a new PIN.
fn unlock(phone: &Token, code: &str) {
    let new = phone.secret_file("new-pin", "7264").unwrap().display().to_string();
    phone.run(["unlock", code, "--new-pin-file", &new]).unwrap();
    phone.secret_file("pin", "7264").unwrap();
}

const ANSWERS: [&str; 3] = ["Bello the dog", "a red tractor", "pancakes"];
