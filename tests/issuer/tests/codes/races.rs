//! Codes that are submitted twice at once.

use std::sync::Arc;

use crate::world::{STEP, World, code};

/// Codes that are submitted, each twice.
const CODES: usize = 10_000;
const TOKENS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_codes_submitted_twice_at_once_are_accepted_once_each() {
    let world = World::new().await;
    let mut tokens = Vec::new();
    for _ in 0..TOKENS {
        tokens.push(world.totp().await);
    }
    let mut accepted = 0;
    for step in (STEP..).take(CODES / TOKENS) {
        let code: Arc<str> = code(step).into();
        let submit = |token: &String| {
            let (issuer, token, code) = (Arc::clone(&world.issuer), token.clone(), Arc::clone(&code));
            tokio::spawn(async move { issuer.verify_code("test", &token, &code).await.is_ok() })
        };
        let pairs: Vec<_> = tokens.iter().map(|token| [submit(token), submit(token)]).collect();
        for [first, second] in pairs {
            let (first, second) = (first.await.unwrap(), second.await.unwrap());
            assert!(first != second, "both were answered {first}");
            accepted += 1;
        }
        world.clock.pass(30);
    }
    assert_eq!(accepted, CODES);
    assert_eq!(world.events("code.accepted").await, CODES as i64);
    let counts = world.issuer.store.counts();
    eprintln!(
        "double submissions: {CODES} codes, {} changes in {} commits",
        counts.changes(),
        counts.commits()
    );
}
