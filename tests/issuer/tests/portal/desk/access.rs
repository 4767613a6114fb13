//! Who may do what: every page and method of the desk, as nobody, user, help desk and administrator.

use axum::body::Body;
use axum::http::StatusCode;
use softtoken_issuer::portal::paths;

use super::stage::Desk;

/// What somebody gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gets {
    /// The way to the page of the sign-in.
    SignIn,
    /// A refusal.
    Forbidden,
    /// What was asked for, or a complaint about what was typed.
    In,
    /// There is no such method.
    NoMethod,
}
use Gets::{Forbidden, In, NoMethod, SignIn};

const STAFF: [Gets; 4] = [SignIn, Forbidden, In, In];
const ADMIN: [Gets; 4] = [SignIn, Forbidden, Forbidden, In];
const NONE: [Gets; 4] = [NoMethod; 4];

/// Path, then GET and POST as nobody, user, help desk, administrator. Ids are of a user without a role.
const TABLE: [(&str, [Gets; 4], [Gets; 4]); 30] = [
    ("/desk", STAFF, NONE),
    ("/desk/users", STAFF, NONE),
    ("/desk/users/add", ADMIN, ADMIN),
    ("/desk/users/{id}", STAFF, NONE),
    ("/desk/users/{id}/tokens", NONE, STAFF),
    ("/desk/users/{id}/hardware", NONE, STAFF),
    ("/desk/users/{id}/role", NONE, ADMIN),
    ("/desk/users/{id}/password", NONE, ADMIN),
    ("/desk/users/{id}/sign-out", NONE, ADMIN),
    ("/desk/users/{id}/delete", ADMIN, ADMIN),
    ("/desk/tokens/{id}", STAFF, NONE),
    ("/desk/tokens/{id}/activate", NONE, STAFF),
    ("/desk/tokens/{id}/complete", NONE, STAFF),
    ("/desk/tokens/{id}/reset", NONE, STAFF),
    ("/desk/tokens/{id}/state", NONE, STAFF),
    ("/desk/tokens/{id}/rekey", NONE, STAFF),
    ("/desk/tokens/{id}/unlock", STAFF, STAFF),
    ("/desk/tokens/{id}/assign", NONE, ADMIN),
    ("/desk/tokens/{id}/unassign", NONE, ADMIN),
    ("/desk/tokens/{id}/delete", ADMIN, ADMIN),
    ("/desk/reviews", STAFF, NONE),
    ("/desk/reviews/{id}", STAFF, STAFF),
    ("/desk/reviews/{id}/picture", STAFF, NONE),
    ("/desk/policy", STAFF, ADMIN),
    ("/desk/policy/reset", NONE, ADMIN),
    ("/desk/audit", STAFF, NONE),
    ("/desk/audit.csv", ADMIN, NONE),
    ("/desk/hardware", ADMIN, ADMIN),
    ("/desk/keys", ADMIN, ADMIN),
    ("/desk/keys/{id}/revoke", NONE, ADMIN),
];

#[tokio::test]
async fn every_path_and_method_is_for_those_of_the_table_only() {
    let listed: Vec<_> = TABLE.iter().map(|row| row.0).collect();
    let known: Vec<_> = paths().into_iter().filter(|path| path.starts_with("/desk")).collect();
    assert_eq!(listed, known, "a page without a line in the table");
    let desk = Desk::new().await;
    let nobody = "0".repeat(32);
    let mut browsers = vec![desk.world.browser()];
    browsers[0].open("/portal/sign-in").await;
    let forms = browsers[0].html.clone();
    for name in ["anna", "dora", "adam"] {
        browsers.push(desk.of(name).await);
    }
    // Made only now: with a token she would have been asked for a code.
    let (token, _) = desk.active(&desk.anna).await;
    for browser in &mut browsers[1..] {
        browser.open("/portal/authenticators").await;
    }
    let pages: Vec<_> =
        std::iter::once(forms).chain(browsers[1..].iter().map(|browser| browser.html.clone())).collect();
    for (path, get, post) in TABLE {
        // Nothing here really happens: the ids of users and keys are nobody's, and that is a page of its own.
        let path = path.replace("{id}", if path.contains("tokens/{id}") { &token.id } else { &nobody });
        for (who, browser) in browsers.iter_mut().enumerate() {
            let request = browser.request("GET", &path).body(Body::empty()).unwrap();
            let headers = browser.raw(request).await;
            assert_eq!(got(browser.status, &headers), get[who], "GET {path} as {who}: {}", browser.status);
            browser.html.clone_from(&pages[who]);
            let headers = if path == "/desk/hardware" {
                browser.upload(&path, &[], None).await;
                sign_in_headers(browser.status)
            } else {
                browser.post(&path, &[("name", "")]).await
            };
            assert_eq!(got(browser.status, &headers), post[who], "POST {path} as {who}: {}", browser.status);
        }
    }
}

/// An upload's answer without its headers: only the way to sign in is a redirect here.
fn sign_in_headers(status: StatusCode) -> axum::http::HeaderMap {
    let mut headers = axum::http::HeaderMap::new();
    if status.is_redirection() {
        headers.insert("location", "/portal/sign-in".parse().unwrap());
    }
    headers
}

fn got(status: StatusCode, headers: &axum::http::HeaderMap) -> Gets {
    let to = headers.get("location").map_or("", |to| to.to_str().unwrap());
    match status {
        StatusCode::FORBIDDEN => Forbidden,
        StatusCode::METHOD_NOT_ALLOWED => NoMethod,
        StatusCode::SEE_OTHER if to.starts_with("/portal/sign-in") => SignIn,
        _ => In,
    }
}

#[tokio::test]
async fn the_help_desk_changes_nothing_of_staff() {
    let desk = Desk::new().await;
    let eve = desk.world.user("eve", softtoken_issuer::portal::Role::HelpDesk).await;
    let mut browser = desk.of("dora").await;
    for holder in [&desk.adam, &eve, &desk.dora] {
        let (token, phone) = desk.active(holder).await;
        desk.lock(&token).await;
        let at = format!("/desk/tokens/{}", token.id);
        browser.open(&at).await;
        assert_eq!(browser.status, StatusCode::OK);
        assert!(browser.says("This is a member of staff") && !browser.says(&format!("action=\"{at}/")));
        let first = desk.code(&phone);
        let attempts: [(&str, &[(&str, &str)]); 9] = [
            ("reset", &[("way", "blank")]),
            ("reset", &[("way", "one"), ("first", &first)]),
            ("state", &[("to", "inactive")]),
            ("state", &[("to", "active")]),
            ("activate", &[]),
            ("complete", &[("registration_code", "0000000000")]),
            ("rekey", &[]),
            ("unlock", &[("reset_code", "123456789"), ("reason", "wants to climb")]),
            ("delete", &[]),
        ];
        for (path, fields) in attempts {
            browser.post(&format!("{at}/{path}"), fields).await;
            assert_eq!(browser.status, StatusCode::FORBIDDEN, "{path}");
            browser.open("/desk").await;
        }
        browser.post(&format!("/desk/users/{holder}/tokens"), &[]).await;
        assert_eq!(browser.status, StatusCode::FORBIDDEN);
        browser.open("/desk").await;
        browser.post(&format!("/desk/users/{holder}/hardware"), &[("serial", "1"), ("code", "1")]).await;
        assert_eq!(browser.status, StatusCode::FORBIDDEN);
        browser.open("/desk").await;
        let still = desk.world.issuer.token(&token.id).await.unwrap();
        assert!(still.locked && still.state == token.state);
    }
    assert!(
        desk.world
            .mail
            .take()
            .iter()
            .all(|mail| !matches!(mail.kind, softtoken_issuer::mail::MailKind::Activation(_)))
    );
}

#[tokio::test]
async fn ids_of_nobody_and_of_nothing_are_the_same_page() {
    let desk = Desk::new().await;
    let mut browser = desk.of("adam").await;
    let nobody = "f".repeat(32);
    for id in [&*nobody, "1", "..%2f", "%27%20OR%201=1", &desk.anna.to_uppercase()] {
        for path in [
            "/desk/users/ID",
            "/desk/users/ID/delete",
            "/desk/tokens/ID",
            "/desk/tokens/ID/unlock",
            "/desk/tokens/ID/delete",
        ] {
            browser.open(&path.replace("ID", id)).await;
            assert_eq!(browser.status, StatusCode::NOT_FOUND, "{path} {id}");
            assert!(browser.says("This page does not exist."));
        }
    }
    // A user's id is no token's.
    browser.open(&format!("/desk/tokens/{}", desk.anna)).await;
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
}
