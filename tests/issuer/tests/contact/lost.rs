//! A rekey that is interrupted at each point, on either side, and goes on in each way: whatever the phone shows, the issuer
//! takes.

use softtoken_core::activation::contact::{Contact, Step, Wish};
use softtoken_core::activation::exchange::Request;

use crate::phone::Phone;
use crate::world::*;

/// What is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    Request,
    Answer,
}

/// How the phone goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goes {
    /// Its process has ended; it sends the same bytes again.
    Again,
    /// It gives up and begins with another handshake, for another seed.
    Anew,
    /// The same, for news.
    AnewForNews,
}

/// Requests of a rekey: handshake, rekey, refresh.
const REQUESTS: usize = 3;

#[tokio::test]
async fn a_rekey_survives_every_interruption_on_either_side() {
    let mut points = 0;
    let mut world = World::new().await;
    for request in 0..REQUESTS {
        for lost in [Lost::Request, Lost::Answer] {
            for goes in [Goes::Again, Goes::Anew, Goes::AnewForNews] {
                for typed in [false, true] {
                    let mut phone = world.activate().await;
                    interrupted(&mut world, &mut phone, request, (lost, goes, typed)).await;
                    points += 1;
                }
            }
        }
    }
    assert_eq!(points, 36);
}

async fn interrupted(
    world: &mut World,
    phone: &mut Phone,
    at: usize,
    (lost, goes, typed): (Lost, Goes, bool),
) {
    let name = format!("request {at}, {lost:?}, {goes:?}, {typed}");
    // The activation may have replaced another phone's seed.
    assert!(world.takes(&phone.code(world)).await, "{name}: before");
    let mut contact = phone.begin(world, Wish::Rekey).await;
    for _ in 0..at {
        phone.turn(world, &mut contact).await;
    }
    let request = phone.request(&mut contact);
    if lost == Lost::Answer {
        world.post(&request).await;
    }
    world.restart("").await;
    let (first, _) = world.unlock_codes().await;
    assert!(phone.opens(world).contains(&first), "{name}: unlock code in between");
    world.clock.pass(3600);
    if typed {
        assert!(world.takes(&phone.code(world)).await, "{name}: in between");
    }
    let mut contact = next(world, phone, goes).await;
    let step = phone.finish(world, &mut contact).await;
    assert!(matches!(step, Step::Done(_)), "{name}");
    assert!(world.takes(&phone.code(world)).await, "{name}: after");
    world.clock.pass(3600);
    let (first, _) = world.unlock_codes().await;
    assert_eq!(first, phone.shown.unlock_code(world), "{name}: unlock code after");
    // The next contact finds one seed on both sides, and another rekey goes as well as this one.
    assert!(
        matches!(phone.contact(world, Wish::Refresh).await, Step::Done(report) if report.alone),
        "{name}"
    );
    assert!(matches!(phone.contact(world, Wish::Rekey).await, Step::Done(_)), "{name}");
    assert!(world.takes(&phone.code(world)).await, "{name}: after another");
    world.clock.pass(3600);
}

async fn next(world: &World, phone: &mut Phone, goes: Goes) -> Contact {
    match goes {
        Goes::Again => phone.read(),
        // A phone that keeps an old pair does not ask for another one.
        Goes::Anew if phone.old.is_none() => phone.begin(world, Wish::Rekey).await,
        Goes::Anew | Goes::AnewForNews => phone.begin(world, Wish::Refresh).await,
    }
}

/// The phone takes each answer twice, and the issuer gets each request twice: nothing happens twice.
#[tokio::test]
async fn the_same_bytes_get_the_same_bytes() {
    let (mut world, mut phone) = World::active().await;
    let mut contact = phone.begin(&world, Wish::Rekey).await;
    let mut posted: Vec<(Request, Vec<u8>)> = Vec::new();
    while matches!(contact.step(), Step::Send | Step::Renewed(_)) {
        let request = phone.request(&mut contact);
        let (_, answer) = world.post(&request).await;
        world.restart("").await;
        assert!(world.post(&request).await.1 == answer);
        contact.take(&answer).unwrap();
        phone.store(&contact);
        posted.push((request, answer));
        assert!(world.post(&posted[0].0).await.1 == posted[0].1, "message 1 again, however late");
    }
    assert_eq!((posted.len(), world.logged("token.rekeyed").await), (3, 1));
    assert!(world.takes(&phone.code(&world)).await);
}
