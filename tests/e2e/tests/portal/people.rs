//! What people do at a browser again and again.

use softtoken_e2e::token::Token;

use super::browser::{Browser, Setup};
use super::stage::{PASSWORD, Stage, code};

/// A window on the stage's portal.
pub fn window(stage: &Stage) -> Browser {
    Browser::start(&format!("http://{}", stage.address), Setup::default())
}

/// Signs in somebody who has no token yet.
pub fn sign_in(browser: &Browser, user: &str) {
    browser.open("/portal/sign-in");
    browser.fill("name", user);
    browser.fill("password", PASSWORD);
    browser.press("Continue");
}

/// Signs in with the code that a token shows as second step; each code is good for one, so time passes.
pub fn sign_in_with(browser: &Browser, stage: &Stage, user: &str, phone: &Token, name: &str) {
    sign_in(browser, user);
    browser.fill("code", &code(phone, name));
    browser.press("Sign in");
    let _ = stage;
}
