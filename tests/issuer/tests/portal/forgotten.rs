//! A forgotten password.

use axum::http::StatusCode;
use softtoken_issuer::mail::{Mail, MailKind, Notice};
use softtoken_issuer::portal::Role;
use softtoken_issuer::tokens::NewUser;

use crate::world::{World, between};

const NEW: &str = "seven wet umbrellas";
const FORM: [(&str, &str); 2] = [("new", NEW), ("again", NEW)];

#[tokio::test]
async fn a_link_gives_another_password_once_and_the_second_step_is_still_asked() {
    let world = World::new().await;
    let user = world.user("anna", Role::User).await;
    let mut session = world.signed_in("anna").await;
    world.active(&user).await;
    let link = link(&world, "anna").await;
    let mut browser = world.browser();
    for _ in 0..2 {
        browser.open(&link).await;
        assert!(browser.says("Choose a new password"), "looking uses nothing up");
    }
    browser.send(&link, &[("new", "password1234"), ("again", "password1234")]).await;
    assert!(browser.says("one of the passwords that are tried first"));
    browser.send(&link, &FORM).await;
    assert_eq!(browser.path, "/portal/sign-in?done=password-changed");
    assert!(matches!(world.mail.take()[0].kind, MailKind::Notice(Notice::PasswordChanged)));
    session.open("/portal/account").await;
    assert!(session.path.starts_with("/portal/sign-in"), "sessions of before have ended");
    browser.send("/portal/sign-in", &[("name", "anna"), ("password", NEW)]).await;
    assert!(browser.path.starts_with("/portal/sign-in/code"));
    for _ in 0..2 {
        browser.send(&link, &FORM).await;
        assert!(browser.says("This link is no longer valid."));
        browser.open(&link).await;
        assert!(browser.says("This link is no longer valid."));
    }
    assert_eq!(world.logged("user.password_set").await, 2);
}

#[tokio::test]
async fn nobody_learns_whether_there_is_such_a_user() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let new = NewUser { name: "mute".into(), email: None, phone: None };
    world.issuer.create_user("test", new).await.unwrap();
    let mut seen = Vec::new();
    let work = || world.issuer.store.counts().changes();
    for name in ["anna", "mute", "nobody", "<b>", ""] {
        let mut browser = world.browser();
        browser.open("/portal/forgotten").await;
        let before = work();
        browser.send("/portal/forgotten", &[("name", name)]).await;
        seen.push((browser.path.clone(), browser.status, browser.bare(), work() - before));
        assert!(browser.says("If there is an account of this name"));
    }
    assert!(seen.iter().all(|one| *one == seen[0]));
    let mails = world.mail.take();
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["anna@example.com"]);
}

#[tokio::test]
async fn a_link_ends_after_half_an_hour_with_a_later_one_and_with_a_new_password() {
    let world = World::new().await;
    let user = world.user("anna", Role::User).await;
    let mut browser = world.browser();
    let old = link(&world, "anna").await;
    world.clock.pass(1_799);
    browser.open(&old).await;
    assert!(browser.says("Choose a new password"));
    world.clock.pass(1);
    browser.send(&old, &FORM).await;
    assert!(browser.says("This link is no longer valid."));
    let first = link(&world, "anna").await;
    let second = link(&world, "anna").await;
    browser.open(&first).await;
    assert!(browser.says("This link is no longer valid."));
    browser.open(&second).await;
    assert!(browser.says("Choose a new password"));
    world.issuer.set_password("desk", &user, zeroize::Zeroizing::new(NEW.into())).await.unwrap();
    browser.send(&second, &FORM).await;
    assert!(browser.says("This link is no longer valid."));
    for guess in ["x", "%00", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        browser.open(&format!("/portal/forgotten/{guess}")).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_name_is_sent_three_mails_an_hour_known_or_not() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    for name in ["anna", "nobody"] {
        let mut browser = world.browser();
        browser.open("/portal/forgotten").await;
        for _ in 0..3 {
            browser.send("/portal/forgotten", &[("name", name)]).await;
            assert!(browser.path.ends_with("done=link-sent"));
        }
        browser.send("/portal/forgotten", &[("name", name)]).await;
        assert!(browser.says("Too many tries."), "{name}");
    }
    assert_eq!(world.mail.take().len(), 3);
    world.clock.pass(3_600);
    link(&world, "anna").await;
}

/// The path of the link that a user is mailed.
async fn link(world: &World, name: &str) -> String {
    let mut browser = world.browser();
    browser.open("/portal/sign-in").await;
    let way = between(&browser.html, "href=\"/portal/forgotten\"", "</a>").unwrap();
    assert!(way.contains("forgotten my password"));
    browser.open("/portal/forgotten").await;
    browser.send("/portal/forgotten", &[("name", name)]).await;
    let mails = world.mail.take();
    let [Mail { kind: MailKind::PasswordLink { link }, .. }] = &mails[..] else { panic!("no link") };
    link.strip_prefix("https://issuer.example").unwrap().to_owned()
}
