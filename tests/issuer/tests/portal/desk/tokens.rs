//! Helping a holder: activation, completion, unlock, reset, states.

use axum::http::StatusCode;
use softtoken_core::codec::decimal::ResetCode;
use softtoken_core::lock::UnlockCode;
use softtoken_issuer::Error;
use softtoken_issuer::mail::Notice;
use softtoken_issuer::tokens::TokenState;

use super::stage::{Desk, phone};
use crate::world::between;

#[tokio::test]
async fn a_token_is_added_mailed_and_completed_by_phone_and_the_help_desk_sees_no_secret() {
    let desk = Desk::new().await;
    let mut browser = desk.of("dora").await;
    let user = format!("/desk/users/{}", desk.anna);
    browser.open(&user).await;
    browser.send(&format!("{user}/tokens"), &[]).await;
    assert!(browser.says("The token was added."));
    let at = browser.path.split('?').next().unwrap().to_owned();
    let token = desk.world.issuer.tokens_of(&desk.anna).await.unwrap().remove(0);
    browser.send(&format!("{at}/activate"), &[]).await;
    assert!(browser.says("The activation was mailed to the holder.") && browser.says(">Open<"));
    let order = desk.mailed();
    assert_eq!(order.token, token.id);
    let phone = phone(&order);
    for secret in [
        order.password.as_ref(),
        order.qr_text.as_ref(),
        order.link_https.as_ref(),
        order.activation_code.as_ref(),
    ] {
        assert!(!browser.says(secret.unwrap()));
    }
    let registration = phone.registration_code.grouped();
    browser.send(&format!("{at}/complete"), &[("registration_code", "12")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.send(&format!("{at}/complete"), &[("registration_code", &registration), ("response", "")]).await;
    assert!(browser.says("The registration code was taken."));
    browser.open("/desk?show=waiting").await;
    assert!(browser.says(&token.id));
    browser.open(&at).await;
    let wrong = [("registration_code", registration.as_str()), ("response", "00000000")];
    browser.send(&format!("{at}/complete"), &wrong).await;
    assert!(browser.says("Registration code does not match"));
    let code = desk.code(&phone);
    browser
        .send(&format!("{at}/complete"), &[("registration_code", &registration), ("response", &code)])
        .await;
    assert!(browser.says("The token is active.") && browser.says(">Done<"));
    assert_eq!(desk.world.issuer.token(&token.id).await.unwrap().state, TokenState::Active);
    assert_eq!(desk.logged("order.made").await.last().unwrap().0, "dora");
}

#[tokio::test]
async fn a_holder_without_mail_address_gets_no_activation() {
    let desk = Desk::new().await;
    let new = softtoken_issuer::tokens::NewUser { name: "zoe".into(), ..Default::default() };
    let zoe = desk.world.issuer.create_user("test", new).await.unwrap();
    let token = desk.token(&zoe.id).await;
    let mut browser = desk.of("dora").await;
    browser.open(&format!("/desk/tokens/{}", token.id)).await;
    assert!(browser.says("The holder has no mail address."));
    browser.post(&format!("/desk/tokens/{}/activate", token.id), &[]).await;
    assert_eq!(browser.status, StatusCode::CONFLICT);
    assert!(desk.logged("order.made").await.is_empty());
}

#[tokio::test]
async fn an_unlock_code_needs_a_reason_is_right_is_logged_and_limited() {
    let desk = Desk::new().await;
    let (token, phone) = desk.active(&desk.anna).await;
    let mut browser = desk.of("dora").await;
    let at = format!("/desk/tokens/{}/unlock", token.id);
    let reset_code = ResetCode::from_value(12_345_678).unwrap();
    let grouped = reset_code.grouped();
    browser.open(&at).await;
    for reason in ["", "  me ", &"x".repeat(201)] {
        browser.send(&at, &[("reset_code", &grouped), ("reason", reason)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(browser.says("Type a reason of 5 to 200 characters.") && browser.says(&grouped));
    }
    browser.send(&at, &[("reset_code", "123"), ("reason", "called back")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(desk.logged("token.unlock_code").await.is_empty());
    let address = desk.world.issuer.settings.address.ascii();
    let right = UnlockCode::answer(&phone.recovery_key, &reset_code, address, &token.serial).unwrap();
    for _ in 0..5 {
        browser.open(&at).await;
        browser.send(&at, &[("reset_code", &grouped), ("reason", "called <b>back</b>")]).await;
        assert_eq!(
            between(&browser.html, "aria-labelledby=\"unlock-code-label\">", "<").unwrap(),
            &*right.shown()
        );
    }
    browser.open(&at).await;
    browser.send(&at, &[("reset_code", &grouped), ("reason", "once more")]).await;
    assert!(browser.says("Too many tries."));
    let logged = desk.logged("token.unlock_code").await;
    assert_eq!((logged.len(), logged[0].0.as_str(), logged[0].1.as_str()), (5, "dora", "called <b>back</b>"));
    // The holder hears of each code that was given out, and of no refusal.
    assert_eq!(desk.noticed(), vec![Notice::UnlockCodeByDesk(token.serial); 5]);
}

#[tokio::test]
async fn a_token_is_reset_by_one_code_two_codes_and_none() {
    let desk = Desk::new().await;
    let (token, phone) = desk.active(&desk.anna).await;
    let mut browser = desk.of("dora").await;
    let at = format!("/desk/tokens/{}", token.id);
    let locked = async || desk.world.issuer.token(&token.id).await.unwrap().locked;
    browser.open(&at).await;
    desk.lock(&token).await;
    browser.send(&format!("{at}/reset"), &[("way", "one"), ("first", "00000000")]).await;
    assert!(browser.says("Invalid Response.") && locked().await);
    browser.send(&format!("{at}/reset"), &[("way", "one"), ("first", &desk.code(&phone))]).await;
    assert!(browser.says("The token was reset.") && !locked().await);
    desk.world.clock.pass(60);
    desk.lock(&token).await;
    let first = desk.code(&phone);
    desk.world.clock.pass(30);
    let codes = [("way", "two"), ("first", first.as_str()), ("second", &desk.code(&phone))];
    browser.send(&format!("{at}/reset"), &codes).await;
    assert!(browser.says("The token was reset.") && !locked().await);
    desk.lock(&token).await;
    browser.send(&format!("{at}/reset"), &[("way", "blank")]).await;
    assert!(browser.says("The token was reset.") && !locked().await);
    assert_eq!(desk.logged("code.reset").await, [("dora".to_owned(), String::new())]);
    browser.send(&format!("{at}/reset"), &[("way", "")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(desk.noticed(), vec![Notice::ResetByDesk(token.serial); 3], "of each that worked");
}

#[tokio::test]
async fn a_token_is_disabled_enabled_wished_anew_and_deleted_by_an_administrator() {
    let desk = Desk::new().await;
    let (token, phone) = desk.active(&desk.anna).await;
    let issuer = &desk.world.issuer;
    let at = format!("/desk/tokens/{}", token.id);
    let mut browser = desk.of("dora").await;
    browser.open(&at).await;
    browser.send(&format!("{at}/state"), &[("to", "inactive")]).await;
    assert!(browser.says("The token is disabled.") && !browser.says(&format!("action=\"{at}/activate\"")));
    let refused = issuer.verify_code("test", &token.id, &desk.code(&phone)).await;
    assert!(matches!(refused, Err(Error::InvalidResponse)));
    browser.send(&format!("{at}/rekey"), &[]).await;
    browser.open(&at).await;
    browser.send(&format!("{at}/state"), &[("to", "active")]).await;
    assert!(browser.says("The token is enabled.") && browser.says("wished; the app gets it"));
    assert_eq!(desk.logged("token.rekey_wanted").await, [("dora".to_owned(), String::new())]);
    assert!(!browser.says(&format!("{at}/delete")));
    let mut browser = desk.of("adam").await;
    browser.open(&format!("{at}/delete")).await;
    browser.send(&format!("{at}/delete"), &[]).await;
    assert!(browser.says("The token was deleted."));
    assert!(issuer.token(&token.id).await.is_err());
}

#[tokio::test]
async fn what_a_device_calls_itself_is_text() {
    let desk = Desk::new().await;
    let (token, _) = desk.active(&desk.anna).await;
    let evil = "<script>alert(1)</script>\"'>";
    let (id, text) = (token.id.clone(), evil.to_owned());
    desk.world
        .issuer
        .store
        .write(move |tx| {
            Box::pin(async move {
                let set =
                    sqlx::query("UPDATE tokens SET device = ?, label = ?, vendor = ?").bind(text.clone());
                set.bind(text.clone()).bind(text.clone()).execute(&mut *tx).await?;
                sqlx::query("UPDATE orders SET device = ?").bind(text.clone()).execute(&mut *tx).await?;
                sqlx::query("UPDATE users SET email = ?").bind(text.clone()).execute(&mut *tx).await?;
                let insert = "INSERT INTO audit (at, event, actor, token_id, detail) VALUES (1, ?, ?, ?, ?)";
                let insert = sqlx::query(insert).bind(text.clone()).bind(text.clone()).bind(id).bind(text);
                insert.execute(tx).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let mut browser = desk.of("adam").await;
    let pages = [
        "/desk?q=%3Cscript%3E".to_owned(),
        "/desk/users".to_owned(),
        format!("/desk/users/{}", desk.anna),
        format!("/desk/tokens/{}", token.id),
        "/desk/audit".to_owned(),
        "/desk/audit?actor=%3Cscript%3E%22&from=%22%3E%3Cscript%3E".to_owned(),
    ];
    for page in pages {
        browser.open(&page).await;
        assert!(browser.says("&lt;script&gt;"), "{page}");
        assert!(!browser.says("<script>") && !browser.says("\"'>"), "{page}");
        assert!(browser.html.len() < 60_000);
    }
}
