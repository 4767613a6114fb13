//! The runner for Rust: plays every journey of this folder's parent, and checks that the files keep their rules.

mod arguments;
mod compare;
mod coverage;
mod device;
mod journey;
mod language;
mod network;
mod verbs;
mod views;

use journey::Journey;
use network::Stand;

#[test]
fn journeys() {
    let filter = std::env::var("SOFTTOKEN_JOURNEY").unwrap_or_default();
    let mut stand = Stand::start();
    let (mut passed, mut failed) = (0, Vec::new());
    for (name, journey) in Journey::all() {
        if !name.contains(&filter) {
            continue;
        }
        match journey.play(&mut stand) {
            Ok(()) => passed += 1,
            Err(why) => failed.push(format!("{name}: {}\n{why}", journey.sentence)),
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {} failed\n\n{}",
        failed.len(),
        failed.len() + passed,
        failed.join("\n\n")
    );
    assert!(passed > 0, "no journey is called {filter}");
    println!("journeys: rust {passed} passed");
}
