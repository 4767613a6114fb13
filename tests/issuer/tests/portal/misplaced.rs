//! I have misplaced my token: answers as second step; and challenge and response.

use axum::http::StatusCode;
use softtoken_issuer::mail::{MailKind, Notice};
use softtoken_issuer::portal::Role;

use crate::tokens::{ANSWERS, response};
use crate::world::{PASSWORD, World, between};

const WRONG: [(&str, &str); 3] = [("answer1", "Bello"), ("answer2", "Frau Kern"), ("answer3", "Am Anger 8")];

#[tokio::test]
async fn three_right_answers_open_the_way_to_unlock_and_nothing_else() {
    let world = World::new().await;
    let (user, _) = world.with_questions("anna").await;
    world.active(&user).await;
    world.mail.take();
    let mut browser = world.half("anna").await;
    assert!(browser.says("I have misplaced my token"));
    browser.open("/portal/sign-in/misplaced").await;
    assert!(browser.says("What was the name of your first pet?"));
    let before = browser.cookie("__Host-softtoken").unwrap();
    let answers = [("answer1", " BELLO"), ("answer2", "frau  kern "), ("answer3", "am ａnger 7")];
    browser.send("/portal/sign-in/misplaced", &answers).await;
    assert_eq!(browser.path, "/portal/unlock");
    assert_ne!(browser.cookie("__Host-softtoken").unwrap(), before);
    assert!(matches!(world.mail.take()[0].kind, MailKind::Notice(Notice::SignedInByAnswers)));
    for path in [
        "/portal/authenticators",
        "/portal/account",
        "/portal/account/password",
        "/portal/account/questions",
        "/portal/sample",
        "/portal/prove",
    ] {
        browser.open(path).await;
        assert!(browser.path.starts_with("/portal/sign-in?next="), "{path} {}", browser.path);
    }
    browser.open("/desk").await;
    assert!(browser.status == StatusCode::NOT_FOUND || browser.path.starts_with("/portal/sign-in"));
    for path in [
        "/portal/account/password",
        "/portal/account/questions",
        "/portal/account/sign-out",
        "/portal/sample",
    ] {
        browser.open("/portal/unlock").await;
        browser.send(path, &[("code", "1"), ("old", PASSWORD), ("new", "x"), ("again", "x")]).await;
        assert!(browser.path.starts_with("/portal/sign-in?next="), "{path} {}", browser.path);
    }
}

#[tokio::test]
async fn one_wrong_answer_and_no_questions_at_all_are_refused_alike() {
    let world = World::new().await;
    let (anna, _) = world.with_questions("anna").await;
    let ben = world.user("ben", Role::User).await;
    world.active(&anna).await;
    world.active(&ben).await;
    let all = [
        [("answer1", "x"), ("answer2", "y"), ("answer3", "z")],
        WRONG,
        [("answer1", "Frau Kern"), ("answer2", "Bello"), ("answer3", "Am Anger 7")],
        [("answer1", ""), ("answer2", ""), ("answer3", "")],
    ];
    let mut pages = Vec::new();
    for answers in all {
        let mut browser = world.half("anna").await;
        browser.send("/portal/sign-in/misplaced", &answers).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(browser.says("That is not right."));
        pages.push(browser.bare());
    }
    assert!(pages.iter().all(|page| *page == pages[0]), "the page says which answer is wrong");
    assert_eq!(world.logged("portal.answers_wrong").await, 4);
    let mut without = world.half("ben").await;
    without.open("/portal/sign-in/misplaced").await;
    assert!(without.says("Call the help desk"));
    without.send("/portal/sign-in/misplaced", &all[3]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(without.says("That is not right.") && without.says("Call the help desk"));
    assert_eq!(world.logged("portal.signed_in").await, 1, "only the one that has set the questions up");
}

#[tokio::test]
async fn five_wrong_sets_of_answers_close_the_way_for_an_hour() {
    let world = World::new().await;
    let (user, _) = world.with_questions("anna").await;
    world.active(&user).await;
    let mut browser = world.half("anna").await;
    for _ in 0..5 {
        browser.send("/portal/sign-in/misplaced", &WRONG).await;
        assert!(browser.says("That is not right."));
    }
    // Another session of the user does not help, nor do right answers.
    let mut browser = world.half("anna").await;
    browser.send("/portal/sign-in/misplaced", &ANSWERS).await;
    assert!(browser.says("Too many tries."));
    world.clock.pass(3_599);
    let mut browser = world.half("anna").await;
    browser.send("/portal/sign-in/misplaced", &ANSWERS).await;
    assert!(browser.says("Too many tries."));
    world.clock.pass(1);
    let browser = world.answered("anna").await;
    assert_eq!(browser.path, "/portal/unlock");
}

#[tokio::test]
async fn thirty_tries_of_any_users_close_the_way_for_their_address() {
    let world = World::new().await;
    for name in ["u1", "u2", "u3", "u4", "u5", "u6"] {
        let user = world.user(name, Role::User).await;
        world.active(&user).await;
        let mut browser = world.half(name).await;
        for _ in 0..5 {
            browser.send("/portal/sign-in/misplaced", &WRONG).await;
            assert!(browser.says("That is not right."), "{name}");
        }
    }
    let (user, _) = world.with_questions("anna").await;
    world.active(&user).await;
    let mut browser = world.half("anna").await;
    browser.send("/portal/sign-in/misplaced", &ANSWERS).await;
    assert!(browser.says("Too many tries."));
}

#[tokio::test]
async fn a_session_that_is_not_new_gives_the_password_again() {
    let world = World::new().await;
    let (_, mut browser) = world.with_questions("anna").await;
    browser.open("/portal/sign-in/misplaced").await;
    assert!(browser.says("name=\"password\""));
    for password in ["", "wrong password"] {
        let form = [("password", password), ANSWERS[0], ANSWERS[1], ANSWERS[2]];
        browser.send("/portal/sign-in/misplaced", &form).await;
        assert!(browser.says("That is not right."), "{password}");
    }
    let form = [("password", PASSWORD), ANSWERS[0], ANSWERS[1], ANSWERS[2]];
    browser.send("/portal/sign-in/misplaced", &form).await;
    assert_eq!(browser.path, "/portal/unlock");
    browser.open("/portal/account").await;
    assert!(browser.path.starts_with("/portal/sign-in"), "answers do not keep a session full");
}

#[tokio::test]
async fn a_challenge_signs_in_and_a_wrong_response_draws_another() {
    let world = World::new().await;
    let (anna, ben) = (world.user("anna", Role::User).await, world.user("ben", Role::User).await);
    world.ocra(&anna).await;
    world.active(&ben).await;
    assert!(!world.half("ben").await.says("Use challenge and response"));
    let mut browser = world.half("anna").await;
    assert!(browser.says("Use challenge and response"));
    browser.send("/portal/sign-in/challenge", &[("next", "/portal/account")]).await;
    let shown = |html: &str| {
        let question = between(html, "aria-labelledby=\"shown-challenge-label\">", "<").unwrap().to_owned();
        (question, between(html, "name=\"challenge\" value=\"", "\"").unwrap().to_owned())
    };
    let (first, id) = shown(&browser.html);
    browser.send("/portal/sign-in/response", &[("challenge", &id), ("response", "00000000")]).await;
    assert!(browser.says("Invalid Response."));
    let (second, other) = shown(&browser.html);
    assert!(first != second && id != other);
    let used = [("challenge", &*id), ("response", &*response(&first))];
    browser.send("/portal/sign-in/response", &used).await;
    assert!(browser.says("Invalid Response."), "a challenge is good for one try");
    // Somebody else's session cannot use it, and does not use it up.
    let right = [("challenge", &*other), ("response", &*response(&second)), ("next", "/portal/account")];
    let mut stranger = world.half("ben").await;
    stranger.send("/portal/sign-in/response", &right).await;
    assert_ne!(stranger.path, "/portal/account");
    browser.send("/portal/sign-in/response", &right).await;
    assert_eq!(browser.path, "/portal/account");
    // Proven again the same way, with the password.
    world.clock.pass(301);
    browser.open("/portal/account/password").await;
    assert!(browser.says("Use challenge and response"));
    browser.send("/portal/sign-in/challenge", &[("next", "/portal/account/password")]).await;
    let (question, id) = shown(&browser.html);
    let answer = response(&question);
    let form = [("challenge", &*id), ("response", &*answer), ("next", "/portal/account/password")];
    browser.send("/portal/sign-in/response", &form).await;
    assert!(browser.says("User name or password is wrong."));
    let (question, id) = shown(&browser.html);
    let answer = response(&question);
    let form = [
        ("challenge", &*id),
        ("response", &*answer),
        ("password", PASSWORD),
        ("next", "/portal/account/password"),
    ];
    browser.send("/portal/sign-in/response", &form).await;
    assert_eq!(browser.path, "/portal/account/password");
}
