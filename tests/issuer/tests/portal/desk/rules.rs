//! The rules: who sets them, when they hold, and what they outlive.

use axum::http::StatusCode;
use softtoken_core::error::VerificationKind;
use softtoken_core::random::Random;
use softtoken_issuer::mail::NoMail;
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::settings::TokenPolicy;
use softtoken_issuer::{Issuer, Ports};

use super::stage::Desk;

#[tokio::test]
async fn a_rule_holds_for_the_next_order_and_outlives_a_restart() {
    let desk = Desk::new().await;
    let (issuer, token) = (&desk.world.issuer, desk.token(&desk.anna).await);
    let mut browser = desk.of("adam").await;
    browser.open("/desk/policy").await;
    let fields = [("activationLifetime", "777"), ("otpLength", "6"), ("confirmInPortal", "true")];
    browser.send("/desk/policy", &fields).await;
    assert!(browser.says("The rules are in force.") && browser.says("value=\"777\""));
    let order = issuer.create_order("test", &token.id, OrderRequest::default()).await.unwrap();
    assert_eq!(order.expires_at, issuer.now().0 + 777);
    assert!(order.link_app.is_some(), "only orders that are confirmed have one");
    assert_eq!(issuer.settings.policy.activation_lifetime, 300);
    let mut changed = desk.logged("policy.changed").await;
    changed.sort();
    assert_eq!(changed[0], ("adam".to_owned(), "activationLifetime: 300 → 777".to_owned()));
    assert_eq!(changed.len(), 3, "{changed:?}");

    let ports = Ports {
        clock: desk.world.clock.clone(),
        random: Random::seeded(7),
        outbox: std::sync::Arc::new(NoMail),
    };
    let again = Issuer::open(issuer.settings.clone(), ports).await.unwrap();
    assert_eq!((again.policy().activation_lifetime, again.policy().otp_length), (777, 6));
    again.store.close().await;

    browser.send("/desk/policy/reset", &[("name", "activationLifetime")]).await;
    assert!(browser.says("The value of the settings file is in force."));
    let policy = issuer.policy();
    assert_eq!((policy.activation_lifetime, policy.otp_length), (300, 6));
    let last = desk.logged("policy.changed").await.pop().unwrap().1;
    assert_eq!(last, "activationLifetime: 777 → 300, as in the file");
}

#[tokio::test]
async fn one_value_out_of_range_changes_nothing_and_what_was_typed_stays() {
    let desk = Desk::new().await;
    let mut browser = desk.of("adam").await;
    let before = desk.world.issuer.policy().values().unwrap();
    browser.open("/desk/policy").await;
    let wrong = [
        ("activationLifetime", "0"),
        ("otpLength", "5"),
        ("otpLength", "eight"),
        ("otpAlgorithm", "MD5"),
        ("otpPeriod", "0"),
        ("maxFailures", "-1"),
        ("pinLength", "13"),
        ("verifyUser", "maybe"),
        ("otpWindow", "99999999999999999999999"),
    ];
    for (name, value) in wrong {
        browser.send("/desk/policy", &[("maxResetsPerHour", "4"), (name, value)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {value}");
        assert!(browser.says("value=\"4\""), "{name}");
    }
    browser.send("/desk/policy/reset", &[("name", "colour")]).await;
    assert_eq!(browser.status, StatusCode::BAD_REQUEST);
    assert_eq!(desk.world.issuer.policy().values().unwrap(), before);
    assert!(desk.logged("policy.changed").await.is_empty());
}

#[tokio::test]
async fn the_form_as_it_is_changes_nothing_and_every_setting_is_in_it() {
    let desk = Desk::new().await;
    let mut browser = desk.of("adam").await;
    browser.open("/desk/policy").await;
    let values = desk.world.issuer.policy().values().unwrap();
    let fields: Vec<(String, String)> = TokenPolicy::SETTINGS
        .iter()
        .map(|(name, _)| {
            assert!(browser.says(&format!("name=\"{name}\"")), "{name}");
            // No verification at all is an empty choice.
            let value = values[*name].to_string().replace("[]", "");
            ((*name).to_owned(), value.trim_matches('"').to_owned())
        })
        .collect();
    // `pinRequired` is a fact of the soft token, no choice.
    assert_eq!(values.len(), fields.len() + 1);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.send("/desk/policy", &fields).await;
    assert!(browser.says("The rules are in force."));
    assert!(desk.logged("policy.changed").await.is_empty());
    assert!(desk.world.issuer.policy_set_here().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_help_desk_reads_the_rules_without_a_form() {
    let desk = Desk::new().await;
    let mut browser = desk.of("dora").await;
    browser.open("/desk/policy").await;
    assert!(browser.says("Wrong codes until a token is locked: 10"));
    assert!(!browser.says("action=\"/desk/policy\""));
}

#[tokio::test]
async fn a_verification_is_demanded_from_the_next_order_on_if_it_can_be_made_here() {
    let desk = Desk::new().await;
    let (issuer, token) = (&desk.world.issuer, desk.token(&desk.anna).await);
    let mut browser = desk.of("adam").await;
    browser.open("/desk/policy").await;
    assert!(browser.says("value=\"face\"") && !browser.says("value=\"certificate\""), "there is no listener");
    for wrong in ["certificate", "face certificate", "face face", "voice"] {
        browser.send("/desk/policy", &[("verifications", wrong)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    browser.send("/desk/policy", &[("verifications", "face")]).await;
    assert!(browser.says("The rules are in force."));
    assert_eq!(desk.logged("policy.changed").await[0].1, "verifications: [] → [\"face\"]");
    let order = issuer.create_order("test", &token.id, OrderRequest::default()).await.unwrap();
    let query = sqlx::query_scalar::<_, i64>("SELECT verifications FROM orders WHERE id = ?");
    let demanded = query.bind(&order.order).fetch_one(issuer.store.read()).await.unwrap();
    assert_eq!(demanded, i64::try_from(VerificationKind::Face.bit()).unwrap());
    browser.send("/desk/policy", &[("verifications", "")]).await;
    assert_eq!(issuer.policy().verification_bits(), 0);
}
