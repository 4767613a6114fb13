//! Unlocking a locked app, and putting a lost token out of use.

use axum::http::StatusCode;
use softtoken_core::lock::UnlockCode;
use softtoken_issuer::mail::{MailKind, Notice};
use softtoken_issuer::portal::Role;
use softtoken_issuer::tokens::TokenState;

use crate::tokens::{ANSWERS, reset_code, unlock_code};
use crate::world::{PASSWORD, World, between};

#[tokio::test]
async fn the_code_on_the_page_is_the_one_that_opens_the_app() {
    let world = World::new().await;
    let (user, _) = world.with_questions("anna").await;
    let token = world.active(&user).await;
    let mut browser = world.answered("anna").await;
    world.mail.take();
    browser.open("/portal/unlock/locked").await;
    assert!(browser.says("href=\"/portal/unlock/code\""));
    browser.open("/portal/unlock/code").await;
    let plain = reset_code(12_345_678);
    let typed = format!("{} {}-{}", &plain[..3], &plain[3..6], &plain[6..]);
    browser.send("/portal/unlock/code", &[("authenticator", &token.id), ("reset_code", &typed)]).await;
    assert_eq!(browser.status, StatusCode::OK);
    let shown = between(&browser.html, "aria-labelledby=\"shown-code-label\">", "<").unwrap();
    assert_eq!(shown, unlock_code(&token, &plain));
    assert_eq!(shown, *world.issuer.unlock("desk", &token.id, &plain).await.unwrap().code);
    assert!(UnlockCode::parse(shown).is_ok() && !browser.says("shown-former"));
    let told = world.mail.take();
    assert!(matches!(&told[0].kind, MailKind::Notice(Notice::UnlockCode(serial)) if *serial == token.serial));
    assert_eq!(world.logged("token.unlock_code").await, 2);
}

#[tokio::test]
async fn a_reactivated_token_has_the_former_code_too() {
    let world = World::new().await;
    let (user, _) = world.with_questions("anna").await;
    let token = world.active(&user).await;
    sql(&world, "UPDATE tokens SET former_recovery = recovery, former_until = 1800001000").await;
    let mut browser = world.answered("anna").await;
    let form = [("authenticator", &*token.id), ("reset_code", &*reset_code(5))];
    browser.send("/portal/unlock/code", &form).await;
    let former = between(&browser.html, "aria-labelledby=\"shown-former-label\">", "<").unwrap();
    assert_eq!(former, unlock_code(&token, &reset_code(5)));
}

#[tokio::test]
async fn a_mistyped_reset_code_is_told_at_once_and_costs_nothing() {
    let world = World::new().await;
    let (user, _) = world.with_questions("anna").await;
    let token = world.active(&user).await;
    let mut browser = world.answered("anna").await;
    for (typed, reason) in [
        ("", "has 9 digits"),
        ("12345678", "has 9 digits"),
        ("1234567890", "has 9 digits"),
        ("12345678x", "has digits only"),
        ("123456789", "One digit is wrong, or two have changed places."),
    ] {
        browser.send("/portal/unlock/code", &[("authenticator", &token.id), ("reset_code", typed)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(browser.says(reason) && browser.says(&format!("value=\"{typed}\"")), "{typed}");
    }
    assert_eq!(world.logged("token.unlock_code").await, 0);
    browser
        .send("/portal/unlock/code", &[("authenticator", &token.id), ("reset_code", &reset_code(1))])
        .await;
    assert_eq!(browser.status, StatusCode::OK);
}

#[tokio::test]
async fn a_user_is_given_three_unlock_codes_in_24_hours_for_all_tokens_together() {
    let world = World::new().await;
    let (user, _) = world.with_questions("anna").await;
    let tokens = [world.active(&user).await, world.active(&user).await];
    let mut browser = world.answered("anna").await;
    for at in 0..3 {
        browser
            .send(
                "/portal/unlock/code",
                &[("authenticator", &tokens[at % 2].id), ("reset_code", &reset_code(7))],
            )
            .await;
        assert_eq!(browser.status, StatusCode::OK);
    }
    for wait in [0, 86_399] {
        world.clock.pass(wait);
        let mut browser = world.answered("anna").await;
        browser
            .send("/portal/unlock/code", &[("authenticator", &tokens[1].id), ("reset_code", &reset_code(7))])
            .await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(browser.says("That was the last unlock code for today.") && !browser.says("shown-code"));
    }
    assert_eq!(world.logged("token.unlock_code").await, 3);
    world.clock.pass(1);
    browser = world.answered("anna").await;
    browser
        .send("/portal/unlock/code", &[("authenticator", &tokens[1].id), ("reset_code", &reset_code(7))])
        .await;
    assert_eq!(browser.status, StatusCode::OK);
}

#[tokio::test]
async fn a_stale_session_answers_or_proves_again_before_any_of_it() {
    let world = World::new().await;
    let (user, _) = world.with_questions("anna").await;
    let token = world.active(&user).await;
    let mut answered = world.answered("anna").await;
    let mut full = world.half("anna").await;
    full.send("/portal/sign-in/code", &[("code", &world.code())]).await;
    let form = [("authenticator", &*token.id), ("reset_code", &*reset_code(7))];
    world.clock.pass(301);
    for (browser, way) in
        [(&mut answered, "/portal/sign-in/misplaced?next="), (&mut full, "/portal/prove?next=")]
    {
        for path in ["/portal/unlock/code", "/portal/unlock/lost"] {
            browser.open(path).await;
            assert!(browser.path.starts_with(way), "{path} {}", browser.path);
        }
        for path in ["/portal/unlock/code", "/portal/unlock/lost", "/portal/unlock/anew"] {
            browser.send(path, &form).await;
            assert!(browser.path.starts_with(way), "{path} {}", browser.path);
        }
    }
    assert_eq!(world.issuer.token(&token.id).await.unwrap().state, TokenState::Active);
    assert_eq!(world.logged("token.unlock_code").await, 0);
    let next = ("next", "/portal/unlock/code");
    answered
        .send(
            "/portal/sign-in/misplaced",
            &[("password", PASSWORD), ANSWERS[0], ANSWERS[1], ANSWERS[2], next],
        )
        .await;
    assert_eq!(answered.path, "/portal/unlock/code");
    full.send("/portal/prove", &[("password", PASSWORD), ("code", &world.code()), next]).await;
    assert_eq!(full.path, "/portal/unlock/code");
}

#[tokio::test]
async fn somebody_elses_token_is_no_token() {
    let world = World::new().await;
    let (user, _) = world.with_questions("anna").await;
    let ben = world.user("ben", Role::User).await;
    world.active(&user).await;
    let other = world.active(&ben).await;
    let mut browser = world.answered("anna").await;
    let mut pages = Vec::new();
    for id in [&*other.id, "00000000000000000000000000000000", "'"] {
        for path in ["/portal/unlock/code", "/portal/unlock/lost"] {
            browser.open("/portal/unlock").await;
            browser.send(path, &[("authenticator", id), ("reset_code", &reset_code(7))]).await;
            assert_eq!(browser.status, StatusCode::NOT_FOUND, "{path} {id}");
            pages.push(browser.bare().replace(path, "PATH"));
        }
    }
    assert!(pages.iter().all(|page| *page == pages[0]));
    assert_eq!(world.issuer.token(&other.id).await.unwrap().state, TokenState::Active);
}

#[tokio::test]
async fn a_lost_token_is_disabled_and_a_new_one_comes_by_mail() {
    let world = World::new().await;
    let (user, _) = world.with_questions("anna").await;
    let token = world.active(&user).await;
    let mut browser = world.answered("anna").await;
    browser.open("/portal/unlock/lost").await;
    assert!(browser.says("Yes, disable it") && !browser.says("Send it by mail"));
    world.mail.take();
    browser.send("/portal/unlock/lost", &[("authenticator", &token.id)]).await;
    assert!(browser.says("The token is disabled.") && browser.says("Send it by mail"));
    assert_eq!(world.issuer.token(&token.id).await.unwrap().state, TokenState::Inactive);
    assert!(matches!(world.mail.take()[0].kind, MailKind::Notice(Notice::AuthenticatorDisabled(_))));
    world.clock.pass(1);
    for _ in 0..3 {
        browser.send("/portal/unlock/anew", &[]).await;
        assert!(browser.says("The mail is on its way."));
    }
    browser.send("/portal/unlock/anew", &[]).await;
    assert!(browser.says("That was the last mail for today."));
    let tokens = world.issuer.tokens_of(&user).await.unwrap();
    assert_eq!(
        tokens.iter().map(|token| token.state).collect::<Vec<_>>(),
        [TokenState::Inactive, TokenState::Activating]
    );
    let told = world.mail.take();
    let orders = told.iter().filter(|mail| matches!(mail.kind, MailKind::Activation(_))).count();
    assert_eq!((orders, told.len()), (3, 4), "three activations of one token, and one notice of it");
    assert!(!browser.says("softtoken://"), "what activates goes by mail alone");
}

#[tokio::test]
async fn disabling_the_last_token_does_not_make_the_password_enough() {
    let world = World::new().await;
    let (user, _) = world.with_questions("anna").await;
    let token = world.active(&user).await;
    let mut browser = world.answered("anna").await;
    browser.send("/portal/unlock/lost", &[("authenticator", &token.id)]).await;
    let mut again = world.half("anna").await;
    again.open("/portal/authenticators").await;
    assert!(again.path.starts_with("/portal/sign-in/code"));
}

#[tokio::test]
async fn without_password_or_second_step_there_is_nothing_to_see() {
    let world = World::new().await;
    let user = world.user("anna", Role::User).await;
    world.active(&user).await;
    let (mut nobody, mut half) = (world.browser(), world.half("anna").await);
    for path in ["/portal/unlock", "/portal/unlock/locked", "/portal/unlock/code", "/portal/unlock/lost"] {
        nobody.open(path).await;
        assert!(nobody.path.starts_with("/portal/sign-in?next="), "{path}");
        half.open(path).await;
        assert!(half.path.starts_with("/portal/sign-in/code?next="), "{path}");
    }
}

async fn sql(world: &World, statement: &'static str) {
    let done = world.issuer.store.write(move |tx| {
        Box::pin(async move {
            sqlx::raw_sql(statement).execute(tx).await?;
            Ok(())
        })
    });
    done.await.unwrap();
}
