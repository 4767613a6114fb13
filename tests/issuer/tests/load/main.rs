//! Many devices at once over a network that loses answers: activations, then sign-ins, with requests that are
//! repeated, sent twice at once, cut off and replayed. Then the issuer is started again and its database compared
//! with what the devices know.
//!
//! | Rule | Checked in the database |
//! |---|---|
//! | nothing is lost | every token is active with its device's seed and recovery key |
//! | one order, one device | every order is done and names its device; it has one activation in the log |
//! | no replay is accepted, every accepted step once | one accepted code in the log for each that was made, no failure counted |
//!
//! The orders are made beforehand, links and QR codes by turns. Nothing ever answers with an error of its own (5xx).

mod activations;
mod signins;
mod wire;
mod world;

use std::sync::Arc;

use softtoken_figures::Effort;

use wire::Wire;
use world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_with_lost_doubled_and_replayed_requests_nothing_is_lost_and_no_replay_accepted() {
    let effort = Effort::start("issuer-load", 2_000, 5_002);
    let mut world = World::new().await;
    let wire = Arc::new(Wire::new(world.router(), &world.key));
    let mut done = 0;
    while effort.goes_on(done) {
        let orders = world.orders(BATCH, effort.seed()).await;
        let devices = activations::all(&wire, orders).await;
        let devices = signins::all(&wire, &world.clock, devices, SIGN_INS).await;
        done += devices.len() as u64;
        world.devices.extend(devices);
    }
    drop(wire.router());
    world.restart().await;
    world.check(SIGN_INS).await;
    let counts = wire.counts();
    assert_eq!(counts.errors, 0, "an error of the issuer's own");
    for (count, what) in [(counts.lost, "lost"), (counts.cut, "cut off"), (counts.doubled, "doubled")] {
        assert!(count * 200 > counts.requests, "not covered: {count} of {} {what}", counts.requests);
    }
    assert!(counts.replayed * 20 > counts.requests, "not covered: {} replayed", counts.replayed);
    effort.end(
        done,
        "activations",
        &[
            ("sign-ins", done * SIGN_INS),
            ("requests in all", counts.requests),
            ("answers lost", counts.lost),
            ("requests cut off", counts.cut),
            ("requests twice at once", counts.doubled),
            ("replays", counts.replayed),
        ],
    );
}

/// Devices whose orders are made together.
const BATCH: u64 = 500;
/// Steps in which each device signs in.
const SIGN_INS: u64 = 10;
