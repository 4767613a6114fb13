use axum::http::StatusCode;
use softtoken_core::activation::address::Address;
use softtoken_core::activation::contact::messages::Call;
use softtoken_core::activation::contact::{Caller, Contact, Step, Wish, contact_psk};
use softtoken_core::activation::exchange::noise::Initiator;
use softtoken_core::activation::exchange::order::open_body;
use softtoken_core::activation::exchange::{Header, Request, RequestKind};
use softtoken_core::codec::decimal::SerialNumber;
use softtoken_core::random::Random;
use softtoken_core::secret::Key;

use crate::phone::Phone;
use crate::world::*;

async fn call(world: &World, serial: SerialNumber, seed: &[u8]) -> (StatusCode, Vec<u8>) {
    let caller = Caller::new(world.issuer.settings.address.clone(), serial, seed, None);
    let mut contact = Contact::begin(caller, &world.card().await, Wish::Refresh, "stranger").unwrap();
    world.post(&contact.request(&Random::system()).unwrap()).await
}

#[tokio::test]
async fn an_unknown_serial_number_and_a_wrong_seed_are_told_apart_by_nobody() {
    let (world, phone) = World::active().await;
    let nobody = (StatusCode::NOT_FOUND, Vec::new());
    let unknown = SerialNumber::from_value(7).unwrap();
    assert_eq!(call(&world, unknown.clone(), &phone.shown.seed).await, nobody);
    assert_eq!(call(&world, unknown, &[0; 32]).await, nobody);
    assert_eq!(call(&world, world.serial(), &[0; 32]).await, nobody);
    assert_eq!(call(&world, world.serial(), &[]).await, nobody);
    // One that was never active.
    let token = world.issuer.create_token("test", &world.user.id).await.unwrap();
    let serial = SerialNumber::parse(&token.serial).unwrap();
    assert_eq!(call(&world, serial, &phone.shown.seed).await, nobody);
    // Another address, another key, by a device that has the seed.
    let (key, address) = (world.issuer.keys.public(), world.issuer.settings.address.clone());
    let other = Address::from_canonical("other.example").unwrap();
    let stranger = World::new().await.card().await.handshake_key;
    let headers = [
        (Header::contact(other, world.serial(), key), nobody.0),
        (Header::contact(address.clone(), world.serial(), stranger), nobody.0),
        (Header::contact(address, world.serial(), key), StatusCode::OK),
    ];
    for (header, expected) in headers {
        let call = Call { random: Key::new([5; 32]), device: String::new(), capabilities: 0 };
        let (psk, public) = (contact_psk(&phone.shown.seed, &world.serial()), *header.issuer_key.bytes());
        let payload = call.encode().unwrap();
        let random = Random::system();
        let started = Initiator::start(&header.prologue(), &public, &psk, payload.expose(), &random);
        let (_, message) = started.unwrap();
        let body = open_body(&header, &message);
        let (status, said) = world.post(&Request { kind: RequestKind::Open, body }).await;
        assert_eq!(status, expected);
        assert!(status == StatusCode::OK || said.is_empty());
    }
}

#[tokio::test]
async fn garbage_and_what_is_out_of_turn_change_nothing() {
    let (world, mut phone) = World::active().await;
    let mut contact = phone.begin(&world, Wish::Refresh).await;
    let opening = phone.request(&mut contact);
    for at in 0..opening.body.len() {
        let mut damaged = opening.clone();
        damaged.body[at] ^= 1;
        assert!(world.post(&damaged).await.0.is_client_error(), "byte {at}");
        damaged.body.truncate(at);
        assert!(world.post(&damaged).await.0.is_client_error(), "length {at}");
    }
    let mut long = opening.clone();
    long.body.resize(1 + 128 + 4096, 0);
    assert!(world.post(&long).await.0.is_client_error());
    phone.turn(&world, &mut contact).await;
    let request = phone.request(&mut contact);
    for at in 0..request.body.len() {
        let mut damaged = request.clone();
        damaged.body[at] ^= 1;
        assert!(world.post(&damaged).await.0.is_client_error(), "byte {at}");
        damaged.body.truncate(at);
        assert!(world.post(&damaged).await.0.is_client_error(), "length {at}");
    }
    assert!(matches!(phone.finish(&world, &mut contact).await, Step::Done(_)));
    // A sealed request where a handshake belongs, and the other way round.
    let body = request.body.clone();
    assert!(world.post(&Request { kind: RequestKind::Open, body }).await.0.is_client_error());
    let body = opening.body.clone();
    assert!(world.post(&Request { kind: RequestKind::Sealed, body }).await.0.is_client_error());
}

#[tokio::test]
async fn a_number_is_neither_skipped_nor_taken_back() {
    let (world, mut phone) = World::active().await;
    let mut contact = phone.begin(&world, Wish::Rekey).await;
    phone.turn(&world, &mut contact).await;
    let rekey = phone.request(&mut contact);
    let mut early = phone.read();
    let (_, answer) = world.post(&rekey).await;
    early.take(&answer).unwrap();
    let refresh = early.request(&Random::system()).unwrap();
    phone.turn(&world, &mut contact).await;
    assert_eq!(world.post(&refresh).await.0, StatusCode::OK);
    assert_eq!(world.post(&rekey).await.0, StatusCode::CONFLICT);
    assert_eq!(world.logged("token.rekeyed").await, 1);
}

#[tokio::test]
async fn the_first_sealed_request_ends_all_other_sessions_of_the_token() {
    let (world, mut phone) = World::active().await;
    let mut others = Vec::new();
    for _ in 0..8 {
        let mut other = phone.clone();
        let mut contact = other.begin(&world, Wish::Refresh).await;
        other.turn(&world, &mut contact).await;
        others.push((other, contact));
    }
    // The newest six are kept.
    let (mut oldest, mut forgotten) = others.remove(0);
    assert_eq!(world.post(&oldest.request(&mut forgotten)).await.0, StatusCode::NOT_FOUND);
    let (mut last, mut contact) = others.pop().unwrap();
    assert!(matches!(last.finish(&world, &mut contact).await, Step::Done(_)));
    for (mut other, mut contact) in others {
        assert_eq!(world.post(&other.request(&mut contact)).await.0, StatusCode::NOT_FOUND);
    }
    assert!(matches!(phone.contact(&world, Wish::Refresh).await, Step::Done(_)));
}

#[tokio::test]
async fn a_session_is_forgotten_a_day_later() {
    let (world, mut phone) = World::active().await;
    let mut contact = phone.begin(&world, Wish::Refresh).await;
    phone.turn(&world, &mut contact).await;
    world.clock.pass(86_400);
    let mut other: Phone = phone.clone();
    let mut later = other.begin(&world, Wish::Refresh).await;
    other.turn(&world, &mut later).await;
    assert_eq!(world.post(&phone.request(&mut contact)).await.0, StatusCode::NOT_FOUND);
}
