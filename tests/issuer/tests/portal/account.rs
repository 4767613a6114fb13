//! My account: password, questions, activity, sessions.

use axum::body::Body;
use axum::http::StatusCode;
use softtoken_issuer::mail::{MailKind, Notice};
use softtoken_issuer::portal::Role;

use crate::tokens::ANSWERS;
use crate::world::{PASSWORD, World};

const NEW: &str = "seven wet umbrellas";

#[tokio::test]
async fn a_new_password_ends_all_other_sessions_and_gives_this_one_another_cookie() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    let mut other = world.signed_in("anna").await;
    let before = browser.request("GET", "/portal/account").body(Body::empty()).unwrap();
    browser.open("/portal/account/password").await;
    let form = [("old", PASSWORD), ("new", NEW), ("again", NEW)];
    browser.send("/portal/account/password", &form).await;
    assert_eq!(browser.path, "/portal/account?done=password-changed");
    assert!(browser.says("Your password is changed.") && browser.says("The password was changed"));
    other.open("/portal/account").await;
    assert!(other.path.starts_with("/portal/sign-in"));
    let mut stolen = world.browser();
    stolen.raw(before).await;
    assert_eq!(stolen.status, StatusCode::SEE_OTHER, "the cookie of before is dead");
    let told = world.mail.take();
    assert!(matches!(told[0].kind, MailKind::Notice(Notice::PasswordChanged)));
    let mut old = world.signed_in("anna").await;
    assert!(old.says("User name or password is wrong."));
    old.send("/portal/sign-in", &[("name", "anna"), ("password", NEW)]).await;
    assert_eq!(old.path, "/portal/authenticators");
}

#[tokio::test]
async fn a_weak_password_and_a_wrong_old_one_are_refused_with_the_reason() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    browser.open("/portal/account/password").await;
    let long = "a good one ".repeat(12);
    for (old, new, again, reason) in [
        (PASSWORD, "tiny&bad", "tiny&bad", "Too short"),
        (PASSWORD, &*long, &*long, "Too long"),
        (PASSWORD, "hAnnah loves", "hAnnah loves", "Your user name is in it"),
        (PASSWORD, "my softtoken!", "my softtoken!", "The name of this product is in it"),
        (PASSWORD, "password1234", "password1234", "one of the passwords that are tried first"),
        (PASSWORD, NEW, "seven dry umbrellas", "The two are not the same"),
        ("not the old one", NEW, NEW, "This is not your old password"),
    ] {
        browser.send("/portal/account/password", &[("old", old), ("new", new), ("again", again)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{new}");
        assert!(browser.says(reason) && browser.html.matches("class=\"error\"").count() == 1, "{reason}");
        assert!(!browser.says(new), "a password is never shown again");
    }
    assert!(world.mail.take().is_empty());
    assert_eq!(world.signed_in("anna").await.path, "/portal/authenticators");
}

#[tokio::test]
async fn password_and_questions_want_a_fresh_proof() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    world.clock.pass(301);
    for page in ["password", "questions"] {
        let path = format!("/portal/account/{page}");
        browser.open(&path).await;
        assert!(browser.path.starts_with("/portal/prove?next="), "{page}");
        let form = [("old", PASSWORD), ("new", NEW), ("again", NEW)];
        let questions =
            [("question1", "question-pet"), ("question2", "question-toy"), ("question3", "question-dish")];
        browser.send(&path, &[&form[..], &questions, &ANSWERS].concat()).await;
        assert!(browser.path.starts_with("/portal/prove?next="), "{page}");
    }
    assert_eq!(world.logged("user.questions_set").await, 0);
    browser.send("/portal/prove", &[("password", PASSWORD), ("next", "/portal/account/password")]).await;
    assert_eq!(browser.path, "/portal/account/password");
}

#[tokio::test]
async fn questions_are_stored_replaced_and_their_answers_never_shown() {
    let world = World::new().await;
    let (user, mut browser) = world.with_questions("anna").await;
    assert_eq!(browser.path, "/portal/account?done=questions-set");
    assert!(matches!(world.mail.take()[0].kind, MailKind::Notice(Notice::QuestionsChanged)));
    browser.open("/portal/account/questions").await;
    assert!(browser.says("You have questions already."));
    assert!(ANSWERS.iter().all(|(_, answer)| !browser.says(answer)));
    let rows = "SELECT answer FROM questions WHERE user_id = ?";
    let rows: Vec<String> =
        sqlx::query_scalar(rows).bind(&user).fetch_all(world.issuer.store.read()).await.unwrap();
    assert!(rows.len() == 3 && rows.iter().all(|row| row.starts_with("$argon2id$")));
    browser
        .set_questions(&[("answer1", "one more"), ("answer2", "two more"), ("answer3", "three more")])
        .await;
    assert_eq!(world.logged("user.questions_set").await, 2);
    let count = sqlx::query_scalar("SELECT count(*) FROM questions");
    let count: i64 = count.fetch_one(world.issuer.store.read()).await.unwrap();
    assert_eq!(count, 3);
}

#[tokio::test]
async fn what_is_wrong_with_a_question_or_an_answer_is_said_beside_it() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    browser.open("/portal/account/questions").await;
    let good = [
        ("question1", "question-pet"),
        ("question2", "question-toy"),
        ("question3", "own"),
        ("own3", "Where is the key?"),
        ("answer1", "Bello"),
        ("answer2", "Teddy"),
        ("answer3", "On the shelf"),
    ];
    for (name, value, reason) in [
        ("question2", "question-pet", "This question is there already."),
        ("question1", "question-none", "Write your question with 8 to 120 characters."),
        ("own3", "Why?", "Write your question with 8 to 120 characters."),
        ("own3", "WHAT was the name  of your first pet?", "This question is there already."),
        ("answer2", "  bELLO ", "This answer is there already."),
        ("answer3", "where is the KEY?", "The answer must not be the question."),
        ("answer1", " a b ".trim_end_matches(" b "), "The answer needs 3 to 100 characters."),
    ] {
        let form = good.map(|(field, good)| if field == name { (field, value) } else { (field, good) });
        browser.send("/portal/account/questions", &form).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{reason}");
        assert!(browser.says(reason), "{reason}");
        assert!(!browser.says("Teddy"), "an answer is shown");
    }
    browser.send("/portal/account/questions", &good).await;
    assert_eq!(browser.path, "/portal/account?done=questions-set");
}

#[tokio::test]
async fn a_question_in_own_words_is_text_wherever_it_is_shown() {
    let world = World::new().await;
    let user = world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    browser.open("/portal/account/questions").await;
    let script = "<script>alert('x')</script>\"><img src=x>";
    let mut form = vec![("question1", "own"), ("own1", script), ("question2", "question-toy")];
    form.extend([("question3", "question-dish")].iter().chain(&ANSWERS));
    browser.send("/portal/account/questions", &form).await;
    assert_eq!(browser.path, "/portal/account?done=questions-set");
    browser.open("/portal/account/questions").await;
    assert!(
        browser.says("&lt;script&gt;alert") && !browser.says("<script>alert") && !browser.says("<img src=x")
    );
    world.active(&user).await;
    let mut half = world.half("anna").await;
    half.open("/portal/sign-in/misplaced").await;
    assert!(half.says("&lt;script&gt;alert") && !half.says("<script>alert") && !half.says("<img src=x"));
}

#[tokio::test]
async fn the_account_shows_who_where_and_what() {
    let world = World::new().await;
    let user = world.user("anna", Role::User).await;
    let other = world.user("ben", Role::User).await;
    let (token, of_ben) = (world.active(&user).await, world.active(&other).await);
    for token in [&token.id, &of_ben.id] {
        log(&world, token, "phone of <b>").await;
    }
    let mut browser = world.half("anna").await;
    browser.send("/portal/sign-in/code", &[("code", &world.code())]).await;
    browser.open("/portal/account").await;
    let number = format!("{}-{}", &token.serial[..5], &token.serial[5..]);
    for text in
        ["anna@example.com", "phone of &lt;b&gt;", &number, "Signed in", "A code was accepted", "Not set up"]
    {
        assert!(browser.says(text), "{text}");
    }
    assert!(!browser.says("ben@") && !browser.says(&of_ben.serial[5..]));
    for _ in 0..30 {
        log(&world, &token.id, "phone").await;
    }
    browser.open("/portal/account").await;
    let lines = crate::world::between(&browser.html, "Recent activity", "</table>").unwrap();
    assert_eq!(lines.matches("<tr>").count(), 21);
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_of_the_user_only() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    world.user("ben", Role::User).await;
    let (mut here, mut there, mut ben) =
        (world.signed_in("anna").await, world.signed_in("anna").await, world.signed_in("ben").await);
    here.open("/portal/account").await;
    here.send("/portal/account/sign-out", &[]).await;
    assert!(here.says("All your sessions have ended."));
    assert_eq!(world.logged("user.signed_out").await, 1);
    for browser in [&mut here, &mut there] {
        browser.open("/portal/account").await;
        assert!(browser.path.starts_with("/portal/sign-in"));
    }
    ben.open("/portal/account").await;
    assert_eq!(ben.path, "/portal/account");
}

async fn log(world: &World, token: &str, device: &'static str) {
    let token = token.to_owned();
    let insert = "INSERT INTO audit (at, event, actor, token_id, detail) VALUES (1800000000, 'token.activated', \
                  'device', ?, ?)";
    let written = world.issuer.store.write(move |tx| {
        Box::pin(async move {
            sqlx::query(insert).bind(token).bind(device).execute(tx).await?;
            Ok(())
        })
    });
    written.await.unwrap();
}
