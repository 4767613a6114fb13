//! Signing in and out; sessions and forms of somebody else.

use axum::body::Body;
use axum::http::StatusCode;
use softtoken_issuer::portal::Role;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn a_password_opens_the_portal_of_a_user_without_tokens() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let browser = world.signed_in("anna").await;
    assert_eq!((browser.status, browser.path.as_str()), (StatusCode::OK, "/portal/authenticators"));
    assert!(browser.says("No authenticators yet"));
}

#[tokio::test]
async fn unknown_names_and_wrong_passwords_get_the_same_page() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let mut pages = Vec::new();
    for name in ["anna", "nobody"] {
        let mut browser = world.browser();
        browser.open("/portal/sign-in").await;
        browser.send("/portal/sign-in", &[("name", name), ("password", "wrong password")]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(browser.says("User name or password is wrong."));
        let token = crate::world::between(&browser.html, "name=\"token\" value=\"", "\"").unwrap().to_owned();
        pages.push(browser.html.replace(name, "NAME").replace(&token, "TOKEN"));
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn ten_wrong_passwords_close_the_name_for_an_hour_known_or_not() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    for name in ["anna", "nobody"] {
        let mut browser = world.browser();
        browser.open("/portal/sign-in").await;
        for _ in 0..10 {
            browser.send("/portal/sign-in", &[("name", name), ("password", "wrong password")]).await;
        }
        browser.send("/portal/sign-in", &[("name", name), ("password", PASSWORD)]).await;
        assert!(browser.says("Too many tries."), "{name}");
    }
    world.clock.pass(3_601);
    let browser = world.signed_in("anna").await;
    assert_eq!(browser.path, "/portal/authenticators");
}

#[tokio::test]
async fn signing_in_gives_another_cookie_and_signing_out_kills_it() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let mut browser = world.browser();
    browser.open("/portal/sign-in").await;
    let before = browser.cookie("__Host-softtoken").unwrap();
    browser.send("/portal/sign-in", &[("name", "anna"), ("password", PASSWORD)]).await;
    let after = browser.cookie("__Host-softtoken").unwrap();
    assert_ne!(before, after);
    let stolen = browser.request("GET", "/portal/authenticators").body(Body::empty()).unwrap();
    browser.send("/portal/sign-out", &[]).await;
    assert!(browser.says("You are signed out."));
    let headers = browser.raw(stolen).await;
    assert_eq!(browser.status, StatusCode::SEE_OTHER);
    assert!(headers["location"].to_str().unwrap().starts_with("/portal/sign-in"));
}

#[tokio::test]
async fn a_form_of_another_page_or_another_browser_changes_nothing() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    let token = crate::world::between(&browser.html, "name=\"token\" value=\"", "\"").unwrap().to_owned();
    let attempts = [
        (format!("token={token}"), "https://evil.example", "same-origin"),
        (format!("token={token}"), "https://issuer.example", "cross-site"),
        (format!("token={}x", &token[1..]), "https://issuer.example", "same-origin"),
        (String::new(), "https://issuer.example", "same-origin"),
    ];
    for (body, origin, site) in attempts {
        let request = browser
            .request("POST", "/portal/sign-out")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", origin)
            .header("sec-fetch-site", site);
        browser.raw(request.body(Body::from(body)).unwrap()).await;
        assert!(browser.status.is_client_error(), "{origin} {site} {}", browser.status);
    }
    browser.open("/portal/authenticators").await;
    assert_eq!(browser.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_without_a_request() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    world.clock.pass(1_700);
    browser.open("/portal/authenticators").await;
    assert_eq!(browser.path, "/portal/authenticators");
    world.clock.pass(1_700);
    browser.open("/portal/authenticators").await;
    assert_eq!(browser.path, "/portal/authenticators");
    world.clock.pass(1_801);
    browser.open("/portal/authenticators").await;
    assert!(browser.path.starts_with("/portal/sign-in"));
}

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_strangers_out() {
    let world = World::new().await;
    let mut browser = world.browser();
    for path in ["/portal/sign-in", "/portal/authenticators"] {
        let request = browser.request("GET", path).body(Body::empty()).unwrap();
        let headers = browser.raw(request).await;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["x-content-type-options"], "nosniff");
    }
    let cookie = world.browser();
    let request = cookie.request("GET", "/portal/sign-in").body(Body::empty()).unwrap();
    let headers = world.browser().raw(request).await;
    let cookie = headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-") && cookie.contains("HttpOnly") && cookie.contains("Secure"),
        "{cookie}"
    );
    assert!(cookie.contains("SameSite=Lax") && !cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_of_somebody_else() {
    let world = World::new().await;
    world.user("anna", Role::User).await;
    for next in ["https://evil.example/", "//evil.example", "/portal\\..", "/a"] {
        let mut browser = world.browser();
        browser.open("/portal/sign-in").await;
        let form = [("name", "anna"), ("password", PASSWORD), ("next", next)];
        browser.send("/portal/sign-in", &form).await;
        assert_eq!(browser.path, "/portal/authenticators", "{next}");
    }
}

#[tokio::test]
async fn the_language_is_the_browsers_until_another_is_chosen() {
    let world = World::new().await;
    let mut browser = world.browser();
    let request =
        browser.request("GET", "/portal/sign-in").header("accept-language", "de-CH, de;q=0.9, en;q=0.8");
    browser.raw(request.body(Body::empty()).unwrap()).await;
    assert!(browser.says("Anmelden") && browser.says("lang=\"de\""));
    browser.send("/portal/language", &[("lang", "en"), ("next", "/portal/sign-in")]).await;
    let request = browser.request("GET", "/portal/sign-in").header("accept-language", "de");
    browser.raw(request.body(Body::empty()).unwrap()).await;
    assert!(browser.says("Sign in"));
}

#[tokio::test]
async fn a_code_is_asked_for_only_when_one_could_be_accepted() {
    let world = World::new().await;
    let (anna, ben) = (world.user("anna", Role::User).await, world.user("ben", Role::User).await);
    // Signed in while the password was enough; what has changed since is asked for before anything dangerous.
    let (mut annas, mut bens) = (world.signed_in("anna").await, world.signed_in("ben").await);
    world.ocra(&anna).await;
    let token = world.active(&ben).await;
    bens.open("/portal/prove").await;
    assert!(bens.says("name=\"code\"") && bens.says("name=\"password\""), "{}", bens.html);
    world.issuer.disable("test", &token.id).await.unwrap();
    for (browser, name, way) in [
        (&mut annas, "anna", "it answers a challenge"),
        (&mut bens, "ben", "None of your authenticators is enabled."),
    ] {
        browser.open("/portal/prove").await;
        assert!(browser.says(way) && !browser.says("name=\"code\""), "{}", browser.html);
        let half = world.half(name).await;
        assert!(half.says(way) && !half.says("name=\"code\""), "{}", half.html);
        for page in [&*browser, &half] {
            assert_eq!(page.says("Use challenge and response"), name == "anna");
            assert!(page.says("I have misplaced my token"));
        }
    }
}
