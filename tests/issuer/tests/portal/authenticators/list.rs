//! The list: states with the right actions.

use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::portal::Role;

use super::phone::{Ready, active, path};
use crate::world::World;

const ALL: [&str; 4] = ["activate", "complete", "reset", "more"];

#[tokio::test]
async fn each_state_has_its_badge_and_its_actions() {
    let world = World::new().await;
    let user = world.user("anna", Role::User).await;
    let mut browser = world.signed_in("anna").await;
    let link = OrderRequest { qr_code: false, typed: false, ..OrderRequest::default() };
    let new = world.issuer.create_token("test", &user).await.unwrap().id;
    let activating = world.issuer.create_token("test", &user).await.unwrap().id;
    world.issuer.create_order("test", &activating, link).await.unwrap();
    let active_one = active(&world, &user).await;
    let reactivated = active(&world, &user).await;
    world.issuer.create_order("test", &reactivated, link).await.unwrap();
    let disabled = active(&world, &user).await;
    world.issuer.disable("anna", &disabled).await.unwrap();
    let hardware = Ready { user: Some(&user), state: "ACTIVE", ..Ready::default() }.put(&world).await;
    browser.open("/portal/authenticators").await;
    for (token, badge, actions) in [
        (&new, "New", &["activate", "more"][..]),
        (&activating, "Activating", &["complete", "activate", "more"]),
        (&active_one, "Active", &["reset", "activate", "more"]),
        (&reactivated, "Active", &["complete", "reset", "activate", "more"]),
        (&disabled, "Disabled", &["more"]),
        (&hardware, "Active", &["reset", "more"]),
    ] {
        let card = browser.html.split("<article").find(|card| card.contains(token.as_str())).unwrap();
        assert!(card.contains(&format!(">{badge}</span>")), "{badge}");
        for action in ALL {
            let is_there = card.contains(&format!("href=\"{}\"", path(token, action)));
            assert_eq!(is_there, actions.contains(&action), "{badge} {action}");
        }
    }
    world.clock.pass(301);
    browser.open("/portal/authenticators").await;
    assert!(!browser.says(&path(&reactivated, "complete")), "the reactivation has expired");
    for _ in 0..10 {
        world.issuer.verify_code("test", &active_one, "00000000").await.unwrap_err();
    }
    browser.open(&path(&active_one, "more")).await;
    assert!(browser.says(">Locked</span>") && browser.says("locked after too many wrong codes"));
    browser.open(&path(&active_one, "reset")).await;
    assert!(browser.says("Reset token"), "a right code opens it again");
}
