//! Search, users, roles, passwords.

use axum::http::StatusCode;
use softtoken_issuer::Error;
use softtoken_issuer::portal::Role;
use softtoken_issuer::tokens::NewUser;

use super::stage::Desk;
use crate::world::{PASSWORD, between};

#[tokio::test]
async fn users_are_found_by_the_beginning_of_name_or_mail_and_tokens_by_their_serial_number() {
    let desk = Desk::new().await;
    let mail = Some("Zoe.Brown@example.com".to_owned());
    desk.world
        .issuer
        .create_user("test", NewUser { name: "brown".into(), email: mail, phone: None })
        .await
        .unwrap();
    let token = desk.token(&desk.anna).await;
    let mut browser = desk.of("dora").await;
    for (typed, found, other) in
        [("an", "anna", "brown"), ("zoe.", "brown", "anna"), ("ANNA", "anna", "brown")]
    {
        browser.open(&format!("/desk?q={typed}")).await;
        assert!(browser.says(&format!(">{found}</a>")) && !browser.says(&format!(">{other}</a>")), "{typed}");
    }
    for typed in ["%25", "_", "nna", "%5C"] {
        browser.open(&format!("/desk?q={typed}")).await;
        assert!(browser.says("Nobody was found."), "{typed}");
    }
    let (front, back) = token.serial.split_at(5);
    for typed in [token.serial.clone(), format!("{front}-{back}"), format!("{front}+{back}")] {
        browser.open(&format!("/desk?q={typed}")).await;
        assert_eq!(browser.path, format!("/desk/tokens/{}", token.id));
    }
}

#[tokio::test]
async fn the_front_counts_what_waits_and_leads_to_it() {
    let desk = Desk::new().await;
    let (token, _) = desk.active(&desk.anna).await;
    desk.lock(&token).await;
    let mut browser = desk.of("dora").await;
    browser.open("/desk?show=locked").await;
    assert!(browser.says("<p class=\"number\">1</p>") && browser.says(&format!("/desk/tokens/{}", token.id)));
    assert!(!browser.says("/desk/keys"));
    browser.open("/desk?show=waiting").await;
    assert!(browser.says("Nothing. Well done."));
    let mut browser = desk.of("adam").await;
    browser.open("/desk").await;
    assert!(browser.says("/desk/keys") && browser.says("/desk/users/add"));
}

#[tokio::test]
async fn the_list_has_pages() {
    let desk = Desk::new().await;
    for number in 0..60 {
        let name = format!("user{number:02}");
        desk.world.issuer.create_user("test", NewUser { name, ..NewUser::default() }).await.unwrap();
    }
    let mut browser = desk.of("dora").await;
    browser.open("/desk/users").await;
    assert!(browser.says(">adam</a>") && browser.says(">user46</a>") && !browser.says(">user47</a>"));
    let next = between(&browser.html, "href=\"/desk/users?after=", "\"").unwrap().to_owned();
    browser.open(&format!("/desk/users?after={next}")).await;
    assert!(browser.says(">user47</a>") && browser.says(">user59</a>") && !browser.says("Next page"));
}

#[tokio::test]
async fn a_new_user_gets_a_password_that_is_shown_once_and_opens_the_portal() {
    let desk = Desk::new().await;
    let mut browser = desk.of("adam").await;
    browser.open("/desk/users/add").await;
    for (name, mail, complaint) in [
        ("", "", "This name cannot be used."),
        ("a b", "", "This name cannot be used."),
        ("zoe", "no mail", "This is no mail address"),
        ("anna", "", "Somebody has this name already."),
    ] {
        browser.send("/desk/users/add", &[("name", name), ("email", mail)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(browser.says(complaint), "{complaint}");
    }
    browser.send("/desk/users/add", &[("name", "zoe"), ("email", "zoe@example.com")]).await;
    let password = between(&browser.html, "aria-labelledby=\"password-label\">", "<").unwrap().to_owned();
    assert_eq!(password.len(), 14);
    let zoe = desk.world.issuer.user_by_name("zoe").await.unwrap();
    browser.open(&format!("/desk/users/{}", zoe.id)).await;
    assert!(browser.says("zoe@example.com") && !browser.says(&password));
    let mut other = desk.world.browser();
    other.open("/portal/sign-in").await;
    other.send("/portal/sign-in", &[("name", "zoe"), ("password", &password)]).await;
    assert_eq!(other.path, "/portal/authenticators");
    let created = desk.logged("user.created").await;
    assert_eq!(created.last().unwrap().0, "adam");
}

#[tokio::test]
async fn a_new_password_and_signing_out_everywhere_end_all_sessions() {
    let desk = Desk::new().await;
    let mut anna = desk.of("anna").await;
    let mut browser = desk.of("adam").await;
    let at = format!("/desk/users/{}", desk.anna);
    browser.open(&at).await;
    browser.send(&format!("{at}/sign-out"), &[]).await;
    assert!(browser.says("All sessions of the user have ended."));
    anna.open("/portal/authenticators").await;
    assert!(anna.path.starts_with("/portal/sign-in"));
    let mut anna = desk.of("anna").await;
    browser.send(&format!("{at}/password"), &[]).await;
    assert_eq!(browser.status, StatusCode::OK);
    anna.open("/portal/authenticators").await;
    assert!(anna.path.starts_with("/portal/sign-in"));
    let mut anna = desk.world.browser();
    anna.open("/portal/sign-in").await;
    anna.send("/portal/sign-in", &[("name", "anna"), ("password", PASSWORD)]).await;
    assert!(anna.says("User name or password is wrong."));
    assert_eq!(desk.logged("user.signed_out").await, [("adam".to_owned(), String::new())]);
}

#[tokio::test]
async fn nobody_changes_the_own_role_or_deletes_oneself_and_the_last_administrator_stays() {
    let desk = Desk::new().await;
    let (issuer, mut browser) = (&desk.world.issuer, desk.of("adam").await);
    let own = format!("/desk/users/{}", desk.adam);
    for (path, fields) in
        [("role", &[("role", "USER")][..]), ("password", &[]), ("delete", &[("name", "adam")])]
    {
        browser.open("/desk").await;
        browser.post(&format!("{own}/{path}"), fields).await;
        assert_eq!(browser.status, StatusCode::FORBIDDEN, "{path}");
    }
    for refused in [
        issuer.set_role("test", &desk.adam, Role::HelpDesk).await,
        issuer.delete_user("test", &desk.adam).await,
    ] {
        assert!(matches!(refused, Err(Error::LastAdmin)));
    }
    // With a second one, each can go, but not both.
    let at = format!("/desk/users/{}", desk.dora);
    browser.open(&at).await;
    browser.send(&format!("{at}/role"), &[("role", "ADMIN")]).await;
    assert!(browser.says("The role was set."));
    issuer.set_role("test", &desk.adam, Role::User).await.unwrap();
    assert!(matches!(issuer.delete_user("test", &desk.dora).await, Err(Error::LastAdmin)));
    browser.open("/desk").await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN, "the session has the new role at once");
}

#[tokio::test]
async fn a_user_is_deleted_only_with_the_right_name_typed_again() {
    let desk = Desk::new().await;
    let token = desk.token(&desk.anna).await;
    let mut browser = desk.of("adam").await;
    let at = format!("/desk/users/{}/delete", desk.anna);
    browser.open(&at).await;
    browser.send(&at, &[("name", "adam")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.says("This is not the name of this user."));
    browser.send(&at, &[("name", "anna")]).await;
    assert!(browser.says("The user was deleted."));
    assert!(desk.world.issuer.token(&token.id).await.is_err());
}

#[tokio::test]
async fn what_is_dangerous_asks_for_a_fresh_proof() {
    let desk = Desk::new().await;
    let (token, _) = desk.active(&desk.anna).await;
    let mut browser = desk.of("adam").await;
    desk.world.clock.pass(301);
    let user = format!("/desk/users/{}", desk.anna);
    for path in [
        format!("{user}/role"),
        format!("{user}/password"),
        format!("{user}/delete"),
        format!("/desk/tokens/{}/unlock", token.id),
        format!("/desk/tokens/{}/delete", token.id),
        "/desk/keys".to_owned(),
        "/desk/policy/reset".to_owned(),
    ] {
        browser.open("/desk").await;
        let fields = [("role", "ADMIN"), ("name", "pinLength"), ("reset_code", "1"), ("reason", "because")];
        let headers = browser.post(&path, &fields).await;
        let to = headers["location"].to_str().unwrap();
        assert!(to.starts_with("/portal/prove?next=%2Fdesk"), "{path} {to}");
    }
    browser.open("/desk/keys").await;
    assert!(browser.says("Is it still you?"));
    browser.send("/portal/prove", &[("password", PASSWORD), ("next", "/desk/keys")]).await;
    assert!(browser.says("API keys") && browser.path == "/desk/keys");
}
