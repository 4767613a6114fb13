//! Seed files and hardware tokens.

use axum::http::StatusCode;
use serde_json::Value;
use softtoken_issuer::tokens::TokenState;

use super::stage::Desk;

fn document(label: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/pskc.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let all = all["documents"].as_array().unwrap().clone();
    let found = all.iter().find(|document| document["label"] == label).unwrap();
    found["xml"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_seed_file_becomes_tokens_that_are_assigned_and_taken_away() {
    let desk = Desk::new().await;
    let mut browser = desk.of("adam").await;
    browser.open("/desk/hardware").await;
    let file = document("plain HOTP");
    browser.upload("/desk/hardware", &[("file", &file), ("secret", "")], None).await;
    assert!(browser.says("New tokens: 1. Left out: 0.") && browser.says("EX-000001"));
    browser.open("/desk/hardware").await;
    browser.upload("/desk/hardware", &[("file", &file), ("secret", "")], None).await;
    assert!(browser.says("New tokens: 0. Left out: 1.") && browser.says("The serial number exists already."));
    browser.open("/desk/hardware").await;
    assert!(browser.says(">EX-000001</a>"));
    let token = desk.world.issuer.token_by_serial("EX-000001").await.unwrap();
    let at = format!("/desk/tokens/{}", token.id);
    browser.open(&at).await;
    browser.send(&format!("{at}/assign"), &[("user", "nobody")]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.send(&format!("{at}/assign"), &[("user", "anna")]).await;
    assert!(browser.says("The token was assigned.") && browser.says(">anna</a>"));
    browser.send(&format!("{at}/unassign"), &[]).await;
    assert!(browser.says("Nobody has the token now."));
    assert_eq!(desk.world.issuer.token(&token.id).await.unwrap().state, TokenState::Unassigned);
    assert_eq!(desk.logged("hardware.assigned").await, [("adam".to_owned(), String::new())]);
}

#[tokio::test]
async fn the_help_desk_assigns_only_with_the_code_that_the_token_shows() {
    let desk = Desk::new().await;
    desk.world.issuer.import_hardware("test", document("plain HOTP").into(), None).await.unwrap();
    let mut browser = desk.of("dora").await;
    let at = format!("/desk/users/{}", desk.anna);
    browser.open(&at).await;
    let assign = format!("{at}/hardware");
    for (serial, code, complaint) in [
        ("EX-000001", "", "Invalid Response."),
        ("EX-000001", "000000", "Invalid Response."),
        ("EX-999999", "162583", "The Token Serial Number you have entered is invalid."),
    ] {
        browser.send(&assign, &[("serial", serial), ("code", code)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(browser.says(complaint), "{serial} {code}");
    }
    browser.send(&assign, &[("serial", "EX-000001"), ("code", "162583")]).await;
    assert!(browser.says("The token was assigned.") && browser.says("EX-000001"));
    assert_eq!(desk.logged("hardware.assigned_by_desk").await, [("dora".to_owned(), String::new())]);
}

#[tokio::test]
async fn files_that_are_none_of_ours_are_refused_with_a_way_out() {
    let desk = Desk::new().await;
    let mut browser = desk.of("adam").await;
    let good = document("plain HOTP");
    let cut = &good[..good.len() / 2];
    browser.open("/desk/hardware").await;
    for (file, complaint) in [
        ("", "Choose a file first."),
        ("\u{0}\u{1}\u{2}", "This is no PSKC file"),
        (cut, "This is no PSKC file"),
        ("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "This is no PSKC file"),
    ] {
        browser.upload("/desk/hardware", &[("file", file), ("secret", "geheim")], None).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{complaint}");
        assert!(browser.says(complaint) && !browser.says("geheim"));
    }
    let large = "x".repeat(1024 * 1024);
    browser.upload("/desk/hardware", &[("file", &large)], None).await;
    assert_eq!(browser.status, StatusCode::PAYLOAD_TOO_LARGE);
    browser.upload("/desk/hardware", &[("file", &good)], Some("forged")).await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    browser.open("/desk/hardware").await;
    browser.post("/desk/hardware", &[("file", &good)]).await;
    assert_eq!(browser.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(desk.logged("hardware.imported").await.is_empty());
}
