//! What people do at a browser again and again.

use softtoken_e2e::browser as http;
use softtoken_e2e::seeds::{OCRA_SERIAL, pskc};
use softtoken_e2e::text;
use softtoken_e2e::token::Token;
use softtoken_issuer::portal::Role;

use super::browser::{Browser, Setup};
use super::stage::{PASSWORD, Stage, code, error};

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
    let [picture, file] = qr_code(browser, phone);
    phone.run(["add", "--qr", &picture, "--password-file", &file, "--yes", "--name", name]).unwrap();
}

/// What the phone sees of the page, and what its user types: files with the picture and with the password.
pub fn qr_code(browser: &Browser, phone: &Token) -> [String; 2] {
    std::fs::write(phone.path("screen.png"), browser.picture("img.qr")).unwrap();
    let password = browser.value("output.password").replace(' ', "");
    let file = phone.secret_file("password", &password).unwrap();
    [phone.path("screen.png"), file].map(|path| path.display().to_string())
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

/// Gives a user a hardware token that answers challenges, as a phone that has its seed does: the phone, and its name there.
pub fn with_key_pad(stage: &Stage, user: &str) -> (Token, String) {
    stage.rest.import(&pskc()).unwrap();
    assert_eq!(stage.rest.assign(user, OCRA_SERIAL, None).unwrap().0, 204);
    let phone = stage.token("phone");
    std::fs::write(phone.path("tokens.pskc"), pskc()).unwrap();
    let seeds = phone.path("tokens.pskc").display().to_string();
    let added = phone.run(["import", &seeds, "--yes"]).unwrap();
    let ocra = added["added"].as_array().unwrap().iter().find(|one| one["kind"] == "ocra").unwrap();
    let name = text(ocra, "name").unwrap().to_owned();
    (phone, name)
}

/// A phone whose token of this user becomes active by a link.
pub fn with_token(stage: &Stage, user_id: &str, name: &str) -> (Token, String) {
    let id = stage.rest.soft_token(user_id).unwrap();
    let phone = stage.token(name);
    let order = stage.order(&id, "ONLINE");
    let link = text(&order, "activationOnlineHttpURL").unwrap();
    phone.run(["add", link, "--yes", "--name", "Work"]).unwrap();
    (phone, id)
}

/// A face that waits for somebody at the help desk: the page that the user saw, and the address at the desk.
pub fn waiting_face(stage: &Stage, user_id: &str, desk: &Browser) -> String {
    let phone = stage.token(&format!("phone of {user_id}"));
    let link = stage.face_link(&stage.rest.soft_token(user_id).unwrap());
    let add = ["add", &link, "--yes", "--name", "Work", "--no-browser", "--wait", "0"];
    let open = error(&phone.try_run(add, "").unwrap(), 8, "VerificationOpen");
    let sender = http::Browser::new(&http::Authority::new("nobody").unwrap().pem(), None).unwrap();
    let (origin, ticket) = http::split(text(&open, "url").unwrap()).unwrap();
    let fields = [("ticket", ticket), ("decision", "send")];
    let action = format!("{origin}/verify/face");
    assert_eq!(sender.send_picture(&action, Some(origin), &fields, &face()).unwrap().0, 200);
    desk.open("/desk/reviews");
    let link = "return document.querySelector('main a[href^=\"/desk/reviews/\"]').getAttribute('href')";
    desk.script(link).as_str().unwrap().to_owned()
}

/// A picture of nobody, PNG.
pub fn face() -> Vec<u8> {
    let within = |x: i64, y: i64, at: (i64, i64), r: (i64, i64)| {
        (x - at.0).pow(2) * r.1.pow(2) + (y - at.1).pow(2) * r.0.pow(2) <= (r.0 * r.1).pow(2)
    };
    let picture = image::RgbImage::from_fn(480, 480, |x, y| {
        let (x, y) = (i64::from(x), i64::from(y));
        let eye = within(x, y, (190, 210), (18, 22)) || within(x, y, (290, 210), (18, 22));
        let mouth = within(x, y, (240, 310), (60, 18));
        match () {
            () if eye || mouth => image::Rgb([60, 40, 40]),
            () if within(x, y, (240, 240), (120, 160)) => image::Rgb([232, 196, 170]),
            () if within(x, y, (240, 520), (220, 140)) => image::Rgb([70, 90, 130]),
            () => image::Rgb([196, 208, 222]),
        }
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}
