//! Keys of the issuer that change, and rows that were written before there were contacts.

use axum::http::StatusCode;
use softtoken_core::activation::contact::{Step, Wish};
use softtoken_core::activation::exchange::Refused;
use softtoken_core::random::Random;
use softtoken_issuer::keys::Keys;

use crate::world::*;

#[tokio::test]
async fn a_contact_learns_the_issuers_new_name_and_one_under_the_former_key_goes_on() {
    let (mut world, mut phone) = World::active().await;
    let before = phone.known.unwrap();
    let mut contact = phone.begin(&world, Wish::Refresh).await;
    let opening = phone.request(&mut contact);
    Keys::rotate(&world.folder.path().join("k"), &Random::system()).unwrap();
    world.restart("").await;
    let (status, body) = world.post(&opening).await;
    assert_eq!(status, StatusCode::OK);
    contact.take(&body).unwrap();
    assert!(matches!(phone.finish(&world, &mut contact).await, Step::Done(_)));
    assert!(matches!(phone.contact(&world, Wish::Rekey).await, Step::Done(_)));
    let after = phone.known.unwrap();
    assert_eq!((after.issuer, after.holder), (world.card().await.proof.key, before.holder));
    assert_ne!(after.issuer, before.issuer);
}

#[tokio::test]
async fn tokens_from_before_there_were_contacts_get_theirs_when_the_issuer_starts() {
    let (mut world, mut phone) = World::active().await;
    let mut first = phone.clone();
    phone.contact(&world, Wish::Rekey).await;
    world.sql("UPDATE tokens SET contact_id = NULL, psk = NULL, former_psk = NULL").await;
    assert_eq!(phone.opening(&world).await, (StatusCode::NOT_FOUND, Vec::new()));
    world.restart("").await;
    assert!(matches!(phone.contact(&world, Wish::Refresh).await, Step::Done(report) if !report.alone));
    assert!(matches!(first.contact(&world, Wish::Refresh).await, Step::Done(_)));
    assert!(world.takes(&phone.code(&world)).await);
    assert!(matches!(first.contact(&world, Wish::Refresh).await, Step::Refused(Refused::Superseded)));
}

#[tokio::test]
async fn a_database_of_the_first_version_is_taken_over() {
    let (mut world, mut phone) = World::active().await;
    for back in [BACK_TO_3, BACK_TO_2, BACK] {
        world.sql(back).await;
    }
    world.restart("").await;
    assert!(matches!(phone.contact(&world, Wish::Rekey).await, Step::Done(_)));
    assert!(world.takes(&phone.code(&world)).await);
}

#[tokio::test]
async fn with_another_key_file_nobody_is_known_and_nothing_is_said() {
    let (mut world, mut phone) = World::active().await;
    std::fs::write(world.folder.path().join("k/seeds.key"), [9; 32]).unwrap();
    world.restart("").await;
    assert_eq!(phone.opening(&world).await, (StatusCode::NOT_FOUND, Vec::new()));
    assert_eq!(world.issuer.unreadable_tokens().await.unwrap(), [world.token.serial.clone()]);
}

/// Takes away what version 4 has added.
const BACK_TO_3: &str = "DROP TABLE verifications; \
                         ALTER TABLE orders DROP COLUMN verifications; ALTER TABLE orders DROP COLUMN extended_until; \
                         ALTER TABLE orders DROP COLUMN refused_kind; ALTER TABLE orders DROP COLUMN refused_reason; \
                         ALTER TABLE sessions DROP COLUMN finished; ALTER TABLE sessions DROP COLUMN opening; \
                         ALTER TABLE sessions DROP COLUMN message; PRAGMA user_version = 3;";

/// Takes away what version 3 has added.
const BACK_TO_2: &str = "DROP TABLE portal_sessions; CREATE TABLE portal_sessions (hash BLOB PRIMARY KEY); \
                         DROP TABLE questions; DROP TABLE policy; DROP TABLE password_links; \
                         DROP INDEX audit_by_user; DROP INDEX audit_by_event; \
                         ALTER TABLE users DROP COLUMN role; ALTER TABLE tokens DROP COLUMN label; \
                         PRAGMA user_version = 2;";

/// Takes away what version 2 has added.
const BACK: &str = "DROP TABLE contacts; DROP TABLE dead_seeds; \
                    ALTER TABLE tokens DROP COLUMN generation; ALTER TABLE tokens DROP COLUMN former_generation; \
                    ALTER TABLE tokens DROP COLUMN last_generation; ALTER TABLE tokens DROP COLUMN psk; \
                    ALTER TABLE tokens DROP COLUMN former_psk; ALTER TABLE tokens DROP COLUMN rekey_up_to; \
                    UPDATE tokens SET contact_id = NULL; PRAGMA user_version = 1;";
