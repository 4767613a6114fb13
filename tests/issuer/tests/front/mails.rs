//! What is told of mails that a crash has lost.

use std::sync::Arc;

use serde_json::json;
use softtoken_core::time::UnixTime;
use softtoken_issuer::clock::ManualClock;
use softtoken_issuer::doctor::{Level, examine};
use softtoken_issuer::mail::Outbox;
use softtoken_issuer::mail::carrier::Carrier;
use softtoken_issuer::mail::post::{PostOffice, Postman};

use crate::world::World;

/// Orders a mail, which stays in the world's own outbox.
async fn ordered(world: &World, token: &str) {
    let parms = json!({ "type": "ONLINE", "deliverActivationEmail": true });
    let (status, _) =
        world.admin("POST", &format!("/api/web/v1/tokens/{token}/activation"), Some(parms)).await;
    assert_eq!(status, 200);
}

async fn logged(world: &World) -> Vec<String> {
    let lines = "SELECT event FROM audit WHERE event LIKE 'mail.%' ORDER BY number";
    sqlx::query_scalar(lines).fetch_all(world.issuer.store.read()).await.unwrap()
}

/// What the check-up says of mails so many seconds later.
async fn found(world: &World, later: u64) -> Option<(Level, String)> {
    let (settings, now) = (&world.issuer.settings, world.issuer.now().0 + later);
    let findings = examine(settings, std::path::Path::new("no settings"), now, None).await;
    let mails = findings.into_iter().find(|finding| finding.check == "mails");
    mails.map(|finding| (finding.level, finding.found))
}

#[tokio::test]
async fn a_mail_that_was_promised_and_not_handed_over_is_told_at_the_next_start_and_by_the_check_up() {
    let world = World::new().await;
    let (_, token) = world.user_with_token().await;
    let order = format!("/api/web/v1/tokens/{token}/activation");
    world.admin("POST", &order, Some(json!({ "type": "ONLINE" }))).await;
    assert_eq!(logged(&world).await, [""; 0], "nobody has asked for a mail");
    ordered(&world, &token).await;
    assert_eq!(logged(&world).await, ["mail.due"]);
    assert_eq!(found(&world, 60).await, None, "it may be on its way");

    // Here the issuer dies and is started again.
    assert_eq!(world.issuer.note_lost_mails().await.unwrap(), 1);
    assert_eq!(world.issuer.note_lost_mails().await.unwrap(), 0, "told once");
    assert_eq!(logged(&world).await, ["mail.due", "mail.lost"]);
    let (level, text) = found(&world, 601).await.unwrap();
    let serial = world.issuer.token(&token).await.unwrap().serial;
    assert!(level == Level::Warning && text.contains(&serial), "{text}");
    ordered(&world, &token).await;
    assert_eq!(found(&world, 60).await, None, "the newer order counts");
}

#[tokio::test]
async fn a_mail_that_was_handed_over_is_not_told_and_without_a_server_none_was() {
    for (folder, end) in [(true, "mail.sent"), (false, "mail.failed")] {
        let world = World::new().await;
        let (_, token) = world.user_with_token().await;
        ordered(&world, &token).await;
        let mails = tempfile::tempdir().unwrap();
        let (office, backroom) = PostOffice::new(4);
        let working = backroom.work(Postman {
            carrier: if folder { Carrier::Folder(mails.path().to_owned()) } else { Carrier::Nowhere },
            sender: "desk@issuer.example".parse().unwrap(),
            delays: &[],
            store: world.issuer.store.clone(),
            clock: Arc::new(ManualClock::at(UnixTime(1_800_000_000))),
        });
        world.mail.take().into_iter().for_each(|mail| office.send(mail));
        drop(office);
        working.await.unwrap();
        assert_eq!(logged(&world).await, ["mail.due", end]);
        assert_eq!(world.issuer.note_lost_mails().await.unwrap(), 0);
        assert_eq!(found(&world, 601).await.is_some(), !folder);
    }
}
