//! *Reset*: one code, two codes, challenge and response.

use axum::http::StatusCode;
use softtoken_core::otp::OcraSuite;
use softtoken_core::otp::ocra::{Inputs, respond};
use softtoken_issuer::portal::Role;

use super::phone::{Ready, SEED, STEP, code, logged, path};
use crate::world::{Browser, World, between};

const SUITE: &str = "OCRA-1:HOTP-SHA1-8:C-QN08";

/// Anna, signed in, with an active token of this kind.
async fn with(kind: &str, suite: Option<&str>) -> (World, Browser, String) {
    let world = World::new().await;
    let user = world.user("anna", Role::User).await;
    let browser = world.signed_in("anna").await;
    let ready = Ready { user: Some(&user), state: "ACTIVE", kind, suite, ..Ready::default() };
    let token = ready.put(&world).await;
    (world, browser, token)
}

fn answer(question: &str, counter: u64) -> String {
    let inputs = Inputs { counter: Some(counter), question, pin: None, session: None, time: None };
    respond(&OcraSuite::parse(SUITE).unwrap(), SEED, &inputs).unwrap().as_str().to_owned()
}

#[tokio::test]
async fn one_code_teaches_the_offset_and_the_page_says_it_in_words() {
    for (steps, said) in
        [(0, "Right"), (119, "59 minutes 30 seconds ahead"), (-120, "1 hour behind"), (2, "1 minute ahead")]
    {
        let (world, mut browser, token) = with("TOTP", None).await;
        browser.open(&path(&token, "reset")).await;
        assert!(browser.says("<h1>Reset token</h1>"));
        let typed = code(STEP.saturating_add_signed(steps));
        browser.send(&path(&token, "reset"), &[("how", "code"), ("code", &typed)]).await;
        assert!(browser.path.starts_with(&format!("{}?done=reset", path(&token, "more"))));
        assert!(
            browser.says("The authenticator is reset.") && browser.says(&format!("<dd>{said}</dd>")),
            "{said}"
        );
        assert_eq!(logged(&world, "code.resynced", "anna").await, 1);
    }
}

#[tokio::test]
async fn two_codes_find_a_clock_that_is_hours_off() {
    let (_world, mut browser, token) = with("TOTP", None).await;
    let (first, second) = (code(STEP - 700), code(STEP - 699));
    let form = [("how", "codes"), ("first", first.as_str()), ("second", &second)];
    browser.send(&path(&token, "reset"), &form).await;
    assert!(
        browser.says("behind; how much, is shown below")
            && browser.says("5 hours 49 minutes 30 seconds behind")
    );
}

#[tokio::test]
async fn a_token_with_a_button_is_asked_for_two_codes_only() {
    let (_world, mut browser, token) = with("HOTP", None).await;
    browser.open(&path(&token, "reset")).await;
    assert!(browser.says("With two codes") && !browser.says("With one code"));
    let (first, second) = (code(40), code(41));
    let form = [("how", "codes"), ("first", first.as_str()), ("second", &second)];
    browser.send(&path(&token, "reset"), &form).await;
    assert_eq!(browser.path, format!("{}?done=reset", path(&token, "more")));
}

#[tokio::test]
async fn a_wrong_code_is_an_invalid_response_and_the_sixth_is_one_too_many() {
    let (world, mut browser, token) = with("TOTP", None).await;
    let forms: [&[(&str, &str)]; 5] = [
        &[("how", "code"), ("code", "00000000")],
        &[("how", "code"), ("code", "")],
        &[("how", "code"), ("code", "<script>")],
        &[("how", "codes"), ("first", "00000000"), ("second", "11111111")],
        &[("how", "codes")],
    ];
    for form in forms {
        browser.send(&path(&token, "reset"), form).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(browser.says("<strong>Invalid Response.</strong>") && !browser.says("<script>"));
    }
    let right = code(STEP);
    browser.send(&path(&token, "reset"), &[("how", "code"), ("code", &right)]).await;
    assert!(browser.says("Too many tries.") && !browser.says("Invalid Response."));
    world.clock.pass(3_601);
    let mut browser = world.browser();
    browser.open("/portal/sign-in").await;
    let form = [("name", "anna"), ("password", crate::world::PASSWORD)];
    browser.send("/portal/sign-in", &form).await;
    let now = code(STEP + 3_601 / 30);
    browser.send("/portal/sign-in/code", &[("code", now.as_str()), ("next", &path(&token, "reset"))]).await;
    let next = code(STEP + 3_601 / 30 + 1);
    browser.send(&path(&token, "reset"), &[("how", "code"), ("code", &next)]).await;
    assert!(browser.says("The authenticator is reset."));
}

#[tokio::test]
async fn a_token_with_a_key_pad_answers_a_challenge_and_a_wrong_answer_gets_another() {
    let (world, mut browser, token) = with("OCRA", Some(SUITE)).await;
    browser.open(&path(&token, "reset")).await;
    assert!(browser.says("Show a challenge") && !browser.says("With one code"));
    browser.send(&path(&token, "reset"), &[("how", "challenge")]).await;
    let (first, question) = shown(&browser);
    browser
        .send(&path(&token, "reset"), &[("how", "response"), ("challenge", &first), ("response", "00000000")])
        .await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.says("<strong>Invalid Response.</strong>"));
    let (second, other) = shown(&browser);
    assert_ne!((&first, &question), (&second, &other));
    let right = answer(&other, 7);
    browser
        .send(&path(&token, "reset"), &[("how", "response"), ("challenge", &second), ("response", &right)])
        .await;
    assert_eq!(browser.path, format!("{}?done=reset", path(&token, "more")));
    assert_eq!(logged(&world, "code.resynced", "anna").await, 1);
}

#[tokio::test]
async fn the_challenge_of_another_token_is_an_invalid_response_and_stays_open() {
    let (world, mut browser, token) = with("OCRA", Some(SUITE)).await;
    let ben = world.user("ben", Role::User).await;
    let ready = Ready {
        serial: "HW-2",
        user: Some(&ben),
        state: "ACTIVE",
        kind: "OCRA",
        suite: Some(SUITE),
        ..Ready::default()
    };
    let other = ready.put(&world).await;
    let challenge = world.issuer.create_challenge("test", &other).await.unwrap();
    let right = answer(&challenge.question, 0);
    let form = [("how", "response"), ("challenge", challenge.id.as_str()), ("response", &right)];
    browser.send(&path(&token, "reset"), &form).await;
    assert!(browser.says("<strong>Invalid Response.</strong>"));
    assert!(world.issuer.resync_by_response("test", &challenge.id, &right).await.is_ok());
}

fn shown(browser: &Browser) -> (String, String) {
    let id = between(&browser.html, "name=\"challenge\" value=\"", "\"").unwrap();
    let question =
        between(&browser.html, "id=\"question\" aria-labelledby=\"question-label\">", "<").unwrap();
    (id.to_owned(), question.to_owned())
}
