//! What people do at a browser again and again.

use softtoken_e2e::text;
use softtoken_e2e::token::Token;
use softtoken_issuer::portal::Role;

use super::browser::{Browser, Setup};
use super::stage::{PASSWORD, Stage, code};

/// A window on the stage's portal.
pub fn window(stage: &Stage) -> Browser {
    window_with(stage, Setup::default())
}

/// An unusual window on it.
pub fn window_with(stage: &Stage, setup: Setup) -> Browser {
    Browser::start(&format!("http://{}", stage.address), setup)
}

/// Gives name and password.
pub fn sign_in(browser: &Browser, user: &str) {
    browser.open("/portal/sign-in");
    browser.fill("name", user);
    browser.fill("password", PASSWORD);
    browser.press("Continue");
}

/// Signs in with the code that a token shows as second step.
pub fn sign_in_with(browser: &Browser, user: &str, phone: &Token, name: &str) {
    sign_in(browser, user);
    browser.fill("code", &code(phone, name));
    browser.press("Sign in");
    browser.says("Sign out");
}

/// A new user who has signed in and stands before the *Activate Token* dialog of a new soft token.
pub fn before_activation(stage: &Stage, user: &str) -> Browser {
    stage.person(user, Role::User);
    let browser = window(stage);
    sign_in(&browser, user);
    browser.press("Add an authenticator");
    browser.choose("kind", "soft");
    browser.press("Continue");
    browser.says("Activate Token");
    browser
}

/// A user whose token was activated by the QR code on the page; the browser shows that it is active.
pub fn activated(stage: &Stage, user: &str, phone: &Token, name: &str) -> Browser {
    let browser = before_activation(stage, user);
    browser.press("Show QR code");
    scan(&browser, phone, name);
    browser.press("Complete");
    browser.says("This authenticator is active.");
    browser
}

/// The phone scans the QR code that the page shows, and its user types the password.
pub fn scan(browser: &Browser, phone: &Token, name: &str) {
    std::fs::write(phone.path("screen.png"), browser.picture("img.qr")).unwrap();
    let password = browser.value("output.password").replace(' ', "");
    let file = phone.secret_file("password", &password).unwrap().display().to_string();
    let picture = phone.path("screen.png").display().to_string();
    phone.run(["add", "--qr", &picture, "--password-file", &file, "--yes", "--name", name]).unwrap();
}

/// The values that the page shows: address, serial number, activation code.
pub fn shown_values(browser: &Browser) -> [String; 3] {
    ["#address", "#serial", "#activation-code"].map(|value| browser.value(value))
}

/// The current code of a token and the one after it.
pub fn two_codes(phone: &Token, name: &str) -> [String; 2] {
    let codes = phone.run(["resync", name]).unwrap();
    ["current", "following"].map(|which| text(&codes[which], "code").unwrap().to_owned())
}
